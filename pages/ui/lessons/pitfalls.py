"""What the page of pitfalls is made of: a belief, what one expects, and what torch does, measured on the spot."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components.chart import Picture
from pages.ui.session import state
from pages.ui.session.fields import Counts
from pages.ui.session.link import Look
from pages.ui.session.views import PitfallsView
from pages.ui.widgets import choice, said, source
from pages.ui.words.i18n import _
from pages.ui.words.misconceptions import FIRST, MISCONCEPTIONS
from rnn_core.analysis.pitfalls import EXPERIMENTS, Experiment, Tried, run_experiment
from rnn_core.figures.pitfalls import cell_panels, labelled_lines

BREAK = "  \n"  # of a line, in Markdown


def choose() -> str:
    """Draw the list of beliefs, with the next one beside it, and return the one that is open."""
    opened = state.view(PitfallsView).pitfall
    if st.session_state.get("pitfall") != opened:
        st.session_state["pitfall"] = opened
    names = {name: _(misconception.short) for name, misconception in MISCONCEPTIONS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label, known = _("What do you believe?"), list(names)
        now = known.index(opened)
        st.selectbox(label, known, now, format_func=names.__getitem__, key="pitfall", on_change=_open)
        following = known[(now + 1) % len(known)]
        label = _("Next: {belief}", belief=names[following])
        st.button(label, on_click=_show, args=(following,), icon=":material/arrow_forward:", key="next_pitfall")
    return opened


def belief(name: str) -> bool:
    """Say what is believed and ask what is to be expected; return whether the result may be shown."""
    misconception = MISCONCEPTIONS[name]
    st.header(_(misconception.belief))
    st.markdown(_(misconception.question))
    answers, key = [_(answer) for answer in misconception.answers], f"answer_{name}"
    answered = state.view(PitfallsView, {"answer": range(len(answers))}).answer
    if st.session_state.get(key) != answered:
        st.session_state[key] = answered
    st.pills(
        _("What do you expect?"),
        list(range(len(answers))),
        format_func=answers.__getitem__,
        default=answered,
        key=key,
        on_change=_take_answer,
        args=(key, len(answers)),
    )
    if answered is None and name != FIRST:
        st.info(_("Choose what you expect; then torch is asked."), icon=":material/help:")
        return False
    if answered == misconception.right:
        st.success(_("That is what happens."), icon=":material/check:")
    elif answered is None:
        st.caption(_("The first one is open as an example; for all others torch is asked once you have chosen."))
    else:
        st.warning(
            _("What happens instead: {answer}.", answer=answers[misconception.right]), icon=":material/lightbulb:"
        )
    return True


def result(name: str) -> None:
    """Run the experiment and show what torch did; a picture that follows its slider where there is one."""
    misconception, experiment = MISCONCEPTIONS[name], EXPERIMENTS[name]
    st.markdown("**" + _("What torch does, measured just now") + "**")
    label, span = _(misconception.number), _span(experiment)
    choice.number(PitfallsView, "number", label, span, usual=experiment.start)
    state.write_address("pitfalls")
    live.show(pitfall)


def attempts(name: str) -> None:
    """Show what else was tried, and the line that is right."""
    tried = run_experiment(name).tried
    for attempt in tried:
        _show_attempt(attempt)
    st.markdown("**" + _("The correct line") + "**")
    st.code(MISCONCEPTIONS[name].fix, language="python", wrap_lines=True)


def code(name: str) -> None:
    """Show the experiment's own code."""
    experiment = EXPERIMENTS[name]
    number = "" if experiment.is_fixed else f", {_number(state.look(), experiment)}"
    script = (
        "import torch\n\nfrom rnn_core.analysis.pitfalls import run_experiment\n\n"
        "torch.set_num_threads(1)  # as the app does\n"
        f'found = run_experiment("{name}"{number})\nfor sentence in found.sentences:\n    print(sentence)\n'
        "for tried in found.tried:\n    print(tried.code, '->', tried.error or '', tried.result)\n"
    )
    caption = _("The experiment without the app: it prints the same numbers and the same errors.")
    source.show_code(lambda: script, [experiment.run], caption=caption)


@stage("pitfalls.pitfall", ["number"])
def pitfall(look: Look) -> Iterator[Picture]:
    """What torch did in the experiment that is open."""
    name, _ = look.view(PitfallsView).pitfall, look.words
    found = run_experiment(name, _number(look, EXPERIMENTS[name]))
    alt = " ".join(_.told(sentence).replace("`", "") for sentence in found.sentences)
    note = BREAK.join(map(_.say, found.sentences))
    if found.panels:
        yield Picture("pitfall_cells", cell_panels(found.panels, _.told), alt, note)
    if found.curves:
        figure = labelled_lines(found.curves, found.axes, _.told)
        yield Picture("pitfall_lines", figure, alt, "" if found.panels else note)


def _show_attempt(tried: Tried) -> None:
    """Show code and what came of it: a shape, or torch's own words."""
    result = f"{tried.error}: {tried.result}" if tried.error else tried.result
    sign = "✕" if tried.error else "→"
    st.code(f"{tried.code}\n{sign} {result}", language=None, wrap_lines=True)


def _open() -> None:
    name = said.one_of("pitfall", MISCONCEPTIONS)
    if name is not None:
        _show(name)


def _show(name: str) -> None:
    state.show_view(PitfallsView(pitfall=name))


def _take_answer(key: str, count: int) -> None:
    answer = said.one_of(key, range(count))
    if answer is not None or st.session_state[key] is None:  # it may be taken back
        state.note(PitfallsView, answer=answer)


def _span(experiment: Experiment) -> Counts:
    return {"value": range(experiment.low, experiment.high + 1)}


def _number(look: Look, experiment: Experiment) -> int:
    number = look.view(PitfallsView, _span(experiment)).number
    return experiment.start if number is None else number

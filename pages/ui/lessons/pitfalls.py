"""What the page of pitfalls is made of: a belief, what one expects, and what torch does, measured on the spot."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components import slider
from pages.ui.components.chart import Picture
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.widgets import said, source
from pages.ui.words.i18n import _
from pages.ui.words.misconceptions import FIRST, MISCONCEPTIONS, Misconception
from rnn_core.analysis.pitfalls import EXPERIMENTS, Experiment, Tried, run_experiment
from rnn_core.figures.pitfalls import cell_panels, labelled_lines

BREAK = "  \n"  # of a line, in Markdown


def choose() -> str:
    """Draw the list of beliefs and return the one that is open."""
    is_new = state.is_new_view("pitfalls")
    for key in [key for key in st.session_state if is_new and str(key).startswith(("number_", "answer_"))]:
        del st.session_state[key]  # of what was on the screen before the viewer went back
    opened = _opened()
    if st.session_state.get("pitfall") != opened:
        st.session_state["pitfall"] = opened
    names = {name: _(misconception.short) for name, misconception in MISCONCEPTIONS.items()}
    st.pills(
        _("What do you believe?"),
        list(names),
        format_func=names.__getitem__,
        default=opened,
        required=True,
        key="pitfall",
        on_change=_open,
    )
    return opened


def belief(name: str) -> bool:
    """Say what is believed and ask what is to be expected; return whether the result may be shown."""
    misconception = MISCONCEPTIONS[name]
    st.subheader(_(misconception.belief))
    st.markdown(_(misconception.question))
    answered = _answer(misconception)
    answers, key = [_(answer) for answer in misconception.answers], f"answer_{name}"
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
        st.caption(_("The first one is open as an example; at all others torch is asked once you have chosen."))
    else:
        st.warning(
            _("What happens instead: {answer}.", answer=answers[misconception.right]), icon=":material/lightbulb:"
        )
    return True


def result(name: str) -> None:
    """Run the experiment and show what torch did; a picture that follows its slider where there is one."""
    misconception, experiment = MISCONCEPTIONS[name], EXPERIMENTS[name]
    st.markdown("**" + _("What torch does, measured just now") + "**")
    key = f"number_{name}"
    if not experiment.is_fixed:
        number = _number(key, experiment)
        state.write_address("pitfalls")
        scale = slider.Scale(experiment.low, experiment.high, reset=(experiment.start,))
        slider.show(key, _(misconception.number), number, scale)
    live.show(pitfall)
    tried = run_experiment(name).tried
    for attempt in tried:
        _show_attempt(attempt)
    st.markdown("**" + _("The line that is right") + "**")
    st.code(misconception.fix, language="python", wrap_lines=True)


def next_one(name: str) -> None:
    """Draw the button that opens the next belief."""
    names = list(MISCONCEPTIONS)
    following = names[(names.index(name) + 1) % len(names)]
    label = _("Next: {belief}", belief=_(MISCONCEPTIONS[following].short))
    st.button(label, on_click=_show, args=(following,), icon=":material/arrow_forward:", key="next_pitfall")


def code(name: str) -> None:
    """Show the experiment's own code."""
    experiment = EXPERIMENTS[name]
    number = "" if experiment.is_fixed else f", {_number(f'number_{name}', experiment)}"
    script = (
        "import torch\n\nfrom rnn_core.analysis.pitfalls import run_experiment\n\n"
        "torch.set_num_threads(1)  # as the app does\n"
        f'found = run_experiment("{name}"{number})\nfor sentence in found.sentences:\n    print(sentence)\n'
        "for tried in found.tried:\n    print(tried.code, '->', tried.error or '', tried.result)\n"
    )
    caption = _("The experiment without the app: it prints the same numbers and the same errors.")
    source.show_code(lambda: script, [experiment.run], caption=caption)


@stage("pitfalls.pitfall", [f"number_{name}" for name, experiment in EXPERIMENTS.items() if not experiment.is_fixed])
def pitfall(look: Look) -> Iterator[Picture]:
    """What torch did in the experiment that is open."""
    name, _ = look.view("pitfalls").get("pitfall", FIRST), look.words
    experiment, key = EXPERIMENTS[name], f"number_{name}"
    number = look.amount("pitfalls", "number", experiment.start, experiment.low, experiment.high, slider=key)
    found = run_experiment(name, int(number))
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


def _opened() -> str:
    return state.view("pitfalls").get("pitfall", FIRST)


def _open() -> None:
    name = said.one_of("pitfall", MISCONCEPTIONS)
    if name is not None:
        _show(name)


def _show(name: str) -> None:
    view = state.view("pitfalls")
    view.clear()
    if name != FIRST:
        view["pitfall"] = name
    for key in (f"number_{name}", f"answer_{name}"):
        st.session_state.pop(key, None)


def _answer(misconception: Misconception) -> int | None:
    word = state.view("pitfalls").get("answer")
    return int(word) if word is not None and int(word) < len(misconception.answers) else None


def _take_answer(key: str, count: int) -> None:
    answer = said.one_of(key, range(count))
    if answer is not None or st.session_state[key] is None:  # it may be taken back
        state.note("pitfalls", "answer", None if answer is None else str(answer))


def _number(key: str, experiment: Experiment) -> int:
    """Return the experiment's number: what its slider was set to, or what the link says."""
    if slider.is_plain():
        _set_number(st.session_state.get(key), experiment)
    else:
        with state.hear(key) as message:
            _set_number(message.get("value") if message else None, experiment)
    return _within(int(state.view("pitfalls").get("number", experiment.start)), experiment)


def _set_number(asked: object, experiment: Experiment) -> None:
    if state.is_number(asked):
        number = _within(int(asked), experiment)
        state.note("pitfalls", "number", None if number == experiment.start else str(number))


def _within(number: int, experiment: Experiment) -> int:
    return max(experiment.low, min(number, experiment.high))

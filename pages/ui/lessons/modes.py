"""What the page of input and output is made of: a word, four wirings that turn it round, and how well they can."""

from __future__ import annotations

import re
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.channel import live
from pages.ui.channel.stages import Picture as AnyPicture
from pages.ui.channel.stages import stage
from pages.ui.components import chart
from pages.ui.components.chart import Picture
from pages.ui.components.status import Status
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import ModesView
from pages.ui.widgets import said, source
from pages.ui.widgets.halting import stop_or_go_on
from pages.ui.words.i18n import Words, _, mark, plain
from pages.ui.work.rewirer import Rewirer, stored
from pages.ui.work.sweeper import MAX_AT_ONCE
from rnn_core.figures.overlay import Curve, overlaid_losses
from rnn_core.figures.wirings import WiredStep, accuracy_by_place, wiring_diagram
from rnn_core.wirings.network import WIRINGS
from rnn_core.wirings.training import EVERY, TESTED, Trained, answer, is_usual, right_answer
from rnn_core.wirings.words import LONGEST, SHORTEST, best_while_reading

STOP = "■"
NAMES = {
    "many_to_many": (
        mark("many to many"),
        mark("A letter in, a letter out. The first letter has to be written before the second one is read."),
    ),
    "many_to_one": (
        mark("many to one"),
        mark("The whole word in, one letter out: the one with which the reversed word ends."),
    ),
    "one_to_many": (
        mark("one to many"),
        mark("The word in at once, as one vector with room for six letters; then letter after letter out."),
    ),
    "encoder_decoder": (
        mark("encoder and decoder"),
        mark("One network reads the whole word, and only then another one writes, from what the first one remembers."),
    ),
}


def ask() -> str:
    """Let the viewer type a word and return it; what cannot be used is said, and the last one stays."""
    now = state.view(ModesView).word
    state.show("typed_word", now)
    st.text_input(
        _("A word to be written backwards (1 to 10 letters, a to z)"),
        now,
        max_chars=10,
        key="typed_word",
        on_change=_take_word,
    )
    bad = st.session_state.pop("_bad_word", None)
    if bad is not None:
        st.warning(
            _("“{word}” cannot be used: only the letters a to z work.", word=plain(bad)), icon=":material/block:"
        )
    if not is_usual(now):
        st.caption(
            _(
                "The networks have learnt from words of {low} to {high} letters only. What they make of another "
                "length is a guess.",
                low=SHORTEST,
                high=LONGEST,
            )
        )
    state.write_address("modes")
    return now


def _take_word() -> None:
    typed = (said.text("typed_word", 10) or "").strip().lower()
    if re.fullmatch(r"[a-z]{1,10}", typed, re.ASCII):
        state.note(ModesView, word=typed)
    elif typed:
        st.session_state["_bad_word"] = typed


def wirings(word: str) -> None:
    """Draw the four wirings with what each reads and writes."""
    shown = list(NAMES)
    for row in (shown[:2], shown[2:]):
        for column, name in zip(st.columns([1, 1] if row == shown[:2] else [2, 3]), row, strict=True):
            with column:
                _show_wiring(trained()[name], word)


def _show_wiring(wiring: Trained, word: str) -> None:
    st.markdown(f"**{_called(wiring.name)}**")
    st.caption(_(NAMES[wiring.name][1]))
    written, wanted = answer(wiring.model, word), right_answer(wiring.name, word)
    steps = wired_steps(wiring.name, word, written)
    note = _(
        "`{word}` → `{written}`, target: `{wanted}`. Of {count} words that it has never seen, {share:.1%} are right.",
        word=word,
        written=written or STOP,
        wanted=wanted,
        count=TESTED,
        share=wiring.tested.whole,
    )
    chart.show(wiring_diagram(steps, translate=_), key=wiring.name, alt=note, note=note)


def wired_steps(name: str, word: str, written: str) -> list[WiredStep]:
    """Return the time steps of a wiring: what goes in and comes out at each.

    Args:
        name: of the wiring.
        word: what is read.
        written: what it writes about it, without its end.
    """
    wanted = right_answer(name, word)
    if name == "many_to_many":
        return [WiredStep(i, o, o == w) for i, o, w in zip(word, written, wanted, strict=True)]
    if name == "many_to_one":
        return [*(WiredStep(letter) for letter in word[:-1]), WiredStep(word[-1], written, written == wanted)]
    ended, right = written + STOP, wanted + STOP
    writes = [WiredStep("", o, right[t : t + 1] == o, is_decoder=True) for t, o in enumerate(ended)]
    if name == "encoder_decoder":
        return [*(WiredStep(letter) for letter in word), *writes]
    return [WiredStep(word[:LONGEST], writes[0].output, writes[0].is_right, is_decoder=True), *writes[1:]]


def _called(name: str) -> str:
    title, _words = NAMES[name]
    return _(title)


def places() -> None:
    """Draw how often each letter is right, and say why the first wiring cannot do better."""
    st.header(_("Why one letter in, one letter out cannot reverse a word"))
    found, best = trained(), best_while_reading()
    together, apart = found["many_to_many"].tested, found["encoder_decoder"].tested
    measured = {
        _called("many_to_many"): together.by_place.tolist(),
        _called("encoder_decoder"): apart.by_place[: len(best)].tolist(),
    }
    note = _(
        "The first letter of the answer is the last one of the word, not read yet: **{first:.1%}** right, where "
        "blind guessing gives {guess:.1%}. Later letters have been read, but nobody knows yet where the word ends, "
        "so nothing above the dashed line is possible. The encoder reads to the end first: **{apart:.1%}**.",
        first=together.by_place[0],
        guess=best[0],
        apart=apart.by_place[0],
    )
    chart.show(accuracy_by_place(measured, best.tolist(), translate=_), key="places", alt=note, note=note)


def trained() -> dict[str, Trained]:
    """Return the wirings of this session: those that the viewer has trained, or those that come with the app."""
    rewirer = state.kept(Rewirer)
    return rewirer.trained if rewirer is not None and rewirer.trained else stored()


def training() -> None:
    """Draw how the wirings have learnt, and train them again where the viewer wants to."""
    st.header(_("How they have learnt it"))
    rewirer = state.kept(Rewirer)
    live.show(course, rewirer, plays=True, places={"modes_status": _buttons(rewirer)})


def _buttons(rewirer: Rewirer | None) -> DeltaGenerator:
    """Let the viewer train them again, and stop that; return where it says how far it is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.container()
        if rewirer is None or rewirer.trained:
            st.button(_("Train them again live"), on_click=_again, icon=":material/replay:", key="again_modes")
            if rewirer is not None:
                gap = max(abs(trained()[name].tested.whole - wiring.tested.whole) for name, wiring in stored().items())
                words = _("Trained again just now: the shares of words differ by at most {gap:.1%}.", gap=gap)
                st.markdown(words + " " + _("The pictures above show these networks."))
        else:
            stop_or_go_on(rewirer, "modes")
    return place


def _again() -> None:
    state.keep(Rewirer())


@stage("modes.course", of=Rewirer, newest=None)
def course(look: Look, rewirer: Rewirer | None) -> list[AnyPicture]:
    """How far training is, if they are trained again, and their losses."""
    _, losses = look.words, {name: wiring.losses for name, wiring in stored().items()}
    if rewirer is not None:
        with rewirer.still:
            losses = {trainer.name: tuple(trainer.losses) for trainer in rewirer.trainers}
    curves = [
        Curve(_(NAMES[name][0]), [EVERY * (i + 1) for i in range(len(values))], values)
        for name, values in losses.items()
    ]
    ends = "; ".join(f"{curve.name}: {curve.losses[-1]:.3g}" for curve in curves if len(curve.losses))
    alt = _("Loss in nats per letter, the mean of {every} updates. {ends}", every=EVERY, ends=ends)
    picture = Picture("wiring_losses", overlaid_losses(curves, is_log=True, height=320, translate=_), alt.strip())
    return [picture] if rewirer is None or rewirer.trained else [_progress(rewirer, _), picture]


def _progress(rewirer: Rewirer, _: Words) -> Status:
    words = _("update {step}", step=rewirer.trainers[0].step)
    if rewirer.is_stopped:
        words = _("stopped")
    elif rewirer.waiting:
        words = _(
            "{count} ahead of you: this server trains {most} comparisons at a time",
            count=rewirer.waiting,
            most=MAX_AT_ONCE,
        )
    return Status("modes_status", rewirer.share, words)


def code(word: str) -> None:
    """Show how to train a wiring without the app, and the networks themselves."""
    from rnn_core.wirings.network import Decoder
    from rnn_core.wirings.training import WiringTrainer

    functions: list[Callable[..., object] | type] = [*WIRINGS.values(), Decoder, WiringTrainer]
    source.show_code(
        lambda: script(word), functions, caption=_("The same networks with the core alone; they write the same.")
    )


def script(word: str) -> str:
    """Write a script that trains the wirings with the core alone."""
    return "\n".join(
        (
            "import torch",
            "",
            "from rnn_core.wirings.network import WIRINGS",
            "from rnn_core.wirings.training import WiringTrainer, answer",
            "",
            "torch.set_num_threads(1)  # as the app does",
            "for name in WIRINGS:",
            "    trainer = WiringTrainer(name)",
            "    while not trainer.is_done:",
            "        trainer.advance()",
            f"    print(name, answer(trainer.model, {word!r}))",
            "",
        )
    )

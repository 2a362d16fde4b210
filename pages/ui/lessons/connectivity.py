"""What the connectivity page is made of: three networks trained alike, and what each has its predictions from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import newest_place, stage
from pages.ui.components import slider, tinted
from pages.ui.components.chart import Picture
from pages.ui.components.tinted import Tint, Tinted
from pages.ui.run import pictures, player, reading
from pages.ui.run.reading import Place
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import ConnectivityView, ReadingView, counts
from pages.ui.widgets import choice, source
from pages.ui.words.i18n import _, say
from pages.ui.work.engine import Engine
from rnn_core.analysis.connectivity import Connectivity, connectivity
from rnn_core.analysis.gradients import saliency_map
from rnn_core.analysis.reach import CELLS
from rnn_core.cells.equations import Weights
from rnn_core.data.vocab import visible
from rnn_core.figures.gradient import influence_map
from rnn_core.sentence import ConfigError
from rnn_core.training.experiment import Experiment


def engines(engine: Engine) -> dict[str, Engine]:
    """Return a run of each cell with everything else as in the session's, which is one of them.

    A cell whose run would be too much for this server is left out, with a message.
    """
    kept: dict[str, Engine] = st.session_state.setdefault("_cells", {})
    found: dict[str, Engine] = {}
    for cell in CELLS:
        if cell == engine.asked.cell:
            found[cell] = engine
            kept.pop(cell, None)
            continue
        config = engine.asked.model_copy(update={"cell": cell})
        try:
            if cell in kept:
                kept[cell].adopt(config)
            else:
                kept[cell] = Engine(config)
        except ConfigError as error:
            kept.pop(cell, None)
            st.warning(f"{cell}: {say(error.sentence)}", icon=":material/block:")
            continue
        kept[cell].slice()
        found[cell] = kept[cell]
    return found


def controls(engine: Engine) -> None:
    """Draw the step on the screen, the window, and which character's score is explained."""
    with tinted.moved("tinted") as at:
        if at is not None:
            state.note(ConnectivityView, at=at)
    player.scrub(engine)
    with st.container(horizontal=True):
        usual = engine.at(pictures.shown_step(state.look(), engine)).record.windows[0]
        choice.number(ReadingView, "window", _("Window"), counts(engine), usual=usual)
        scores = {"predicted": _("of the most likely character"), "right": _("of the right character")}
        choice.choose(ConnectivityView, "explained", _("The score that is explained"), scores)
    if slider.is_plain():
        last = engine.dataset.input.shape[1] - 1
        choice.number(ConnectivityView, "at", _("Chosen character"), counts(engine), usual=last)
    if engine.config.has_swapped_axes:
        st.warning(
            _(
                "In this run the axes are swapped: to the network no character of a window follows another, and of "
                "the window only the character itself can move what is predicted after it."
            ),
            icon=":material/swap_horiz:",
        )


def keep_training(runs: dict[str, Engine], engine: Engine) -> None:
    """Let the other cells' runs go on, twice a second, until they are done; then the page is drawn with them."""
    others = {cell: run for cell, run in runs.items() if run is not engine}
    place = st.container()  # also of nothing: what follows would be torn down, and what it says in that moment be lost
    if not any(run.is_playing for run in others.values()):
        return

    @st.fragment(run_every=player.TICK_S)
    def body() -> None:
        for run in others.values():
            run.slice()
        if not any(run.is_playing for run in others.values()):
            st.rerun()
        for cell, run in others.items():
            words = _("{cell}: step {step} of {total}", cell=cell, step=run.step, total=run.config.steps)
            st.progress(run.step / max(1, run.config.steps), words)

    with place:
        body()


def show_texts(runs: Mapping[str, Engine], engine: Engine) -> None:
    """Draw the text once for each cell."""
    live.show(texts, engine, runs=runs)
    st.caption(
        _(
            "The stronger the colour of a character, the more the score would change with it: |d logit / d x_s| by "
            "autograd on the network of this step, strongest for the largest of each text. Point at a character or "
            "use the arrow keys: the framed one is where the prediction is made. Below each character stands what the "
            "network expects next, underlined where it is wrong."
        )
    )


def show_whole(engine: Engine) -> None:
    """Draw the whole matrix of the session's own network."""
    st.subheader(_("All of them at once, as a matrix"))
    live.show(whole, engine)
    st.caption(_("Of the network of the Training page, on a logarithmic scale. A row is what a click above colours."))


def code(engine: Engine) -> None:
    """Show the script that repeats the run, and the functions that made the picture."""
    from rnn_core.training.export import to_script

    source.show_code(
        lambda: to_script(engine.config),
        [connectivity, saliency_map],
        caption=_("Plain PyTorch: prints the losses and predictions of this run, step by step."),
    )


@stage("connectivity.texts", ("step",), has_place=True)
def texts(look: Look, engine: Engine, runs: Mapping[str, Engine] | None = None) -> Iterator[Tinted]:
    """The text once for each cell, tinted by what moves the prediction after the chosen character."""
    place = reading.place_of(look, engine)
    at = look.view(ConnectivityView, counts(engine)).at
    chosen = len(place.indices) - 1 if at is None else at
    tints = [_tint(cell, run, look, engine, place) for cell, run in (runs or _newest(look, engine)).items()]
    yield Tinted("tinted", place.characters, place.target, tints, chosen, look.words)


def _newest(look: Look, engine: Engine) -> dict[str, Engine]:
    """Return a run of each cell as far as anybody has come, without those that would be too much for this server."""
    found: dict[str, Engine] = {}
    for cell in CELLS:
        other = Experiment(engine.asked.model_copy(update={"cell": cell}))
        with suppress(ConfigError):
            found[cell] = engine if cell == engine.asked.cell else newest_place(replace(look, shown=other, hand=None))
    return found


def _tint(cell: str, run: Engine, look: Look, engine: Engine, place: Place) -> Tint:
    _, moment = look.words, run.at(min(pictures.shown_step(look, engine), run.step))
    found = _connectivity(look, run, place, moment.weights)
    known = run.dataset.characters
    top = [
        [(visible(known[k]), float(share)) for k, share in zip(row, shares, strict=True)]
        for row, shares in zip(found.best.tolist(), found.probability.tolist(), strict=True)
    ]
    record = moment.record
    about = _("step {step} · loss {loss:.3f}", step=record.step, loss=record.loss)
    return Tint(cell, about, found.strength, top)


def _connectivity(look: Look, run: Engine, place: Place, weights: Weights) -> Connectivity:
    is_right = look.view(ConnectivityView).explained == "right"
    target = run.dataset.target[place.window] if is_right else None
    return connectivity(run.config, weights, place.indices, target)


@stage("connectivity.whole", ("step",), has_place=True)
def whole(look: Look, engine: Engine) -> Iterator[Picture]:
    """What every prediction of the session's own network was made from."""
    place, _ = reading.place_of(look, engine), look.words
    found = _connectivity(look, engine, place, place.moment.weights)
    figure = influence_map(found.strength, place.characters, name="|∂logit_t / ∂x_s|", translate=_)
    alt = _("|∂logit / ∂x_s| of your network at step {step}, t down and s across.", step=place.moment.record.step)
    yield Picture("connections", figure, alt)

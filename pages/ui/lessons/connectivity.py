"""What the connectivity page is made of: three networks trained alike, and what each has its predictions from."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import newest_place, stage
from pages.ui.components import slider, tinted
from pages.ui.components.chart import Picture
from pages.ui.components.status import Status
from pages.ui.components.tinted import Tint, Tinted
from pages.ui.run import pictures, player, reading
from pages.ui.run.reading import Place
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import ConnectivityView, ReadingView, counts
from pages.ui.widgets import choice, source
from pages.ui.words.i18n import _, say
from pages.ui.work.engine import Engine
from pages.ui.work.trio import Trio
from rnn_core.analysis.connectivity import Connectivity, connectivity
from rnn_core.analysis.gradients import saliency_map
from rnn_core.data.vocab import visible
from rnn_core.figures.gradient import influence_map


def trio(engine: Engine) -> Trio:
    """Return a run of each cell with everything else as in the session's, which is one of them.

    A cell whose run would be too much for this server is left out, with a message.
    """
    kept = state.kept(Trio)
    found = Trio(engine, kept)
    if kept is not None and kept.runs == found.runs:
        found = kept  # a tab that shows it goes on with it
    state.keep(found)
    for cell, why in found.left_out.items():
        st.warning(f"{cell}: {say(why)}", icon=":material/block:")
    for run in found.others.values():
        run.slice()
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
                "In this run the axes are swapped: to the network, no character of a window follows another, "
                "and of the window only the character itself can move what is predicted after it."
            ),
            icon=":material/swap_horiz:",
        )


def show_texts(runs: Trio) -> None:
    """Draw the text once for each cell, and while other cells' runs go on, how far they are."""
    with st.container():  # also of nothing: what follows would be torn down, and what it says in that moment be lost
        if any(run.is_playing for run in runs.others.values()):
            live.show(others, runs, plays=True)
    live.show(texts, runs, plays=True)
    st.caption(
        _(
            "The stronger the colour of a character, the more the score would change with it: |d logit / d x_s| by "
            "autograd on the network of this step, strongest for the largest of each text. Point at a character or "
            "use the arrow keys: the framed one is where the prediction is made. Below each character stands what the "
            "network expects next, underlined where it is wrong."
        )
    )


def show_whole(runs: Trio) -> None:
    """Draw the whole matrix of the session's own network."""
    st.header(_("All of them at once, as a matrix"))
    live.show(whole, runs, plays=True)
    st.caption(
        _(
            "The network of the Training page, on a logarithmic scale. Choose a character above, and its row "
            "appears there as colours."
        )
    )


def code(engine: Engine) -> None:
    """Show the script that repeats the run, and the functions that made the picture."""
    from rnn_core.training.export import to_script

    source.show_code(
        lambda: to_script(engine.config),
        [connectivity, saliency_map],
        caption=_("Plain PyTorch: prints the losses and predictions of this run, step by step."),
    )


def newest_trio(look: Look) -> Trio:
    """Return a run of each cell as far as anybody has come.

    Raises:
        ConfigError: if the experiment cannot be trained or costs too much.
    """
    found = Trio(newest_place(look))
    for run in found.others.values():
        run.goal = min(found.own.goal, run.goal)
        run.slice()
    return found


@stage("connectivity.others", of=Trio)
def others(look: Look, runs: Trio) -> Iterator[Status]:
    """How far the other cells' runs are."""
    _ = look.words
    for cell, run in runs.others.items():
        words = _("{cell}: step {step} of {total}", cell=cell, step=run.step, total=run.config.steps)
        yield Status(f"other_{cell}", run.step / max(1, run.config.steps), words)


@stage("connectivity.texts", pictures.FOLLOWED, of=Trio, newest=newest_trio)
def texts(look: Look, runs: Trio) -> Iterator[Tinted]:
    """The text once for each cell, tinted by what moves the prediction after the chosen character."""
    here = reading.place_in_run(look, runs.own)
    step = here.moment.record.step
    beside = {
        cell: reading.under_hand(look, reading.place_at(look, run, run.at(min(step, run.step)), here.window))
        for cell, run in runs.runs.items()
    }
    place = next(iter(beside.values()))  # they read the same text
    at = look.view(ConnectivityView, counts(place.run)).at
    chosen = len(place.indices) - 1 if at is None else at
    tints = [_tint(cell, there, look) for cell, there in beside.items()]
    yield Tinted("tinted", place.characters, place.target, tints, chosen, look.words)


def _tint(cell: str, place: Place, look: Look) -> Tint:
    _, found, known = look.words, _connectivity(look, place), place.run.dataset.characters
    top = [
        [(visible(known[k]), float(share)) for k, share in zip(row, shares, strict=True)]
        for row, shares in zip(found.best.tolist(), found.probability.tolist(), strict=True)
    ]
    record = place.moment.record
    about = _("step {step} · loss {loss:.3f}", step=record.step, loss=record.loss)
    about = _("preview") if place.note else about
    return Tint(cell, about, found.strength, top)


def _connectivity(look: Look, place: Place) -> Connectivity:
    is_right = look.view(ConnectivityView).explained == "right"
    target = place.run.dataset.target[place.window] if is_right else None
    return connectivity(place.run.config, place.moment.weights, place.indices, target)


@stage("connectivity.whole", pictures.FOLLOWED, of=Trio, newest=newest_trio)
def whole(look: Look, runs: Trio) -> Iterator[Picture]:
    """What every prediction of the session's own network was made from."""
    place, _ = reading.place_of(look, runs.own), look.words
    found = _connectivity(look, place)
    figure = influence_map(found.strength, place.characters, name="|∂logit_t / ∂x_s|", translate=_)
    alt = _("|∂logit / ∂x_s| of your network at step {step}, t down and s across.", step=place.moment.record.step)
    yield Picture("connections", figure, alt, place.note)

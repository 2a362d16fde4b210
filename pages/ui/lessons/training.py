"""What the training page is made of: the run while it is trained, and any step of it."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import Picture, stage
from pages.ui.run import pictures, player
from pages.ui.session.link import Look
from pages.ui.work.engine import Engine

SHOWN_PREDICTIONS = 5
SIDE_BY_SIDE = 16  # characters of a window that can still be read in half the page's width


@stage("training.states", pictures.FOLLOWED, has_place=True)
def states(look: Look, engine: Engine) -> Iterator[Picture]:
    """What the network holds in mind and what it has predicted lately."""
    yield pictures.states(look, engine, predictions=SHOWN_PREDICTIONS)


@stage("training.glance", pictures.FOLLOWED, has_place=True)
def glance(look: Look, engine: Engine) -> Iterator[Picture]:
    """The same at first sight, for the home page."""
    yield pictures.states(look, engine, predictions=1)


@stage("training.course", (), has_place=True)
def course(look: Look, engine: Engine) -> Iterator[Picture]:
    """How far the run is, and its curves."""
    yield pictures.status(look, engine)
    yield pictures.curves(look, engine)


def show(engine: Engine) -> None:
    """Draw the run. While it plays the channel goes on with it, or without a channel the page does, twice a second."""
    has_drawn = False
    player.settle(engine, "training")  # before the work: a viewer who moves on does not leave the address behind
    engine.dash()
    has_clock = engine.is_playing and not live.is_open()

    @st.fragment(run_every=player.TICK_S if has_clock else None)
    def body() -> None:
        nonlocal has_drawn
        was_playing, is_tick, has_drawn = engine.is_playing, has_drawn, True
        if is_tick and not live.is_open():
            engine.slice()
        _draw(engine)
        player.settle(engine, "training")
        if was_playing and not engine.is_playing:
            st.rerun()  # the buttons and the clock of this fragment belong to the whole script

    body()


def _draw(engine: Engine) -> None:
    status, scrubber = st.container(), st.container()
    is_short = engine.dataset.input.shape[1] <= SIDE_BY_SIDE
    left, right = st.columns(2) if is_short else (st.container(), st.container())
    with scrubber:
        player.scrub(engine)
    with right:
        live.show(states, engine, plays=True)
    with left:
        live.show(course, engine, plays=True, places={"status": status})

"""What the training page is made of: the run while it is trained, and any step of it."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import Picture, stage
from pages.ui.components.status import Status
from pages.ui.run import ghost, pictures, player
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import CurvesView
from pages.ui.widgets import choice
from pages.ui.words.i18n import _
from pages.ui.work.engine import Engine

SHOWN_PREDICTIONS = 5
SIDE_BY_SIDE = 16  # characters of a window that can still be read in half the page's width


@stage("training.states", pictures.RUN_FOLLOWED, of=Engine)
def states(look: Look, engine: Engine) -> Iterator[Picture]:
    """What the network holds in mind and what it has predicted lately."""
    yield pictures.states(look, engine, predictions=SHOWN_PREDICTIONS)


@stage("training.course", of=Engine)
def course(look: Look, engine: Engine) -> Iterator[Picture]:
    """How far the run is, and its curves."""
    yield pictures.status(look, engine)
    yield pictures.curves(look, engine)


@stage("training.beside", of=Engine)
def progress(look: Look, engine: Engine) -> Iterator[Picture]:
    """How far the run is, beside another page."""
    _ = look.words
    yield Status("beside", engine.step / engine.goal, _("Training: step {step}", step=engine.step))


def show(engine: Engine) -> None:
    """Draw the run."""
    player.settle(engine, "training")  # before the work: a viewer who moves on does not leave the address behind
    engine.dash()
    ghost.follow(engine)
    status, scrubber = st.container(), st.container()
    is_short = engine.dataset.input.shape[1] <= SIDE_BY_SIDE
    left, right = st.columns(2) if is_short else (st.container(), st.container())
    with scrubber:
        player.scrub(engine)
    with left:  # first: a browser draws in this order, and how the states will be a hand on a slider has seen before
        with st.container(horizontal=True, horizontal_alignment="right"):
            scales = {"auto": _("automatic"), "linear": _("linear"), "log": _("logarithmic")}
            choice.choose(CurvesView, "scale", _("Scale of the loss"), scales, is_bare=True)
        live.show(course, engine, plays=True, places={"status": status})
    with right:
        live.show(states, engine, plays=True)
    player.settle(engine, "training")


def beside() -> None:
    """Let the run go on beside another page."""
    engine = state.kept(Engine)
    if engine and engine.is_playing:
        with st.sidebar:
            live.show(progress, engine, plays=True)

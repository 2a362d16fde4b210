"""The training run on the screen: buttons, progress, curves, states and predictions."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.components import chart, keys, slider
from pages.ui.run import ghost, pictures, shelf
from pages.ui.session import state
from pages.ui.session.views import TrainingView, counts
from pages.ui.widgets import said, source
from pages.ui.words.i18n import _, say
from pages.ui.work.engine import SPEEDS, Engine
from rnn_core.config import bounds
from rnn_core.sentence import ConfigError

MOST_LOSS = 10.0  # in nats, of what a run can be told to pause at
WATCHED_S = 3.0  # that a run takes at least where somebody has pressed Play: a short one would be over in half a second


def current_engine() -> Engine | None:
    """Return the session's engine, following the controls; None with a message if the config cannot be trained."""
    try:
        engine = state.kept(Engine)
        has_left = False
        if engine is None:
            engine = state.keep(Engine(state.look().experiment))
        else:
            left = engine.config, engine.step
            has_left = engine.adopt(state.look().experiment).outcome == "restarted"
        if state.session().is_new_run:
            _restore_view(engine)
            has_left = False  # the link says what was before
        state.put(earlier=engine.asked.earlier)
        if has_left:
            ghost.leave(*left)
        _follow_settings(engine)
        return engine
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
        return None


def caught_up(page: str) -> Engine | None:
    """Return the session's engine for a page that shows its run: a short one is trained before anything is drawn."""
    engine = current_engine()
    if engine is None:
        state.write_address(page)
        return None
    engine.catch_up()
    return engine


def buttons(engine: Engine) -> None:
    """Draw play, pause, step, run to end, reset, new seed; they act before the next run of the script."""
    is_over = engine.is_over
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(key="play_or_pause", width="content"):  # it shows one: no other button moves under the mouse
            _play_or_pause(engine)
        st.button(_("One step"), on_click=engine.step_once, icon=":material/skip_next:", key="one", disabled=is_over)
        icon = ":material/last_page:"
        st.button(_("To the end"), on_click=_to_end, args=(engine,), icon=icon, key="to_end", disabled=is_over)
        icon, words = ":material/first_page:", _("Back to the same initial weights.")
        st.button(_("Reset"), on_click=_reset, args=(engine,), icon=icon, key="reset", help=words)
        st.button(_("New seed"), on_click=_new_seed, icon=":material/casino:", key="new_seed")
        shelf.keep_button(lambda: shelf.of_engine(engine))
        with st.popover(_("Speed and stop"), icon=":material/speed:", key="speed_and_stop"):
            _settings()
    keys.show()


def _play_or_pause(engine: Engine) -> None:
    if engine.is_playing:
        st.button(_("Pause"), on_click=engine.pause, icon=":material/pause:", type="primary", key="pause")
        return
    label, icon = (_("Play again"), ":material/replay:") if engine.is_over else (_("Play"), ":material/play_arrow:")
    st.button(label, on_click=_play, args=(engine,), icon=icon, type="primary", key="play")


def _follow_settings(engine: Engine) -> None:
    """Take over what is set; Streamlit forgets it while another page is shown, and is told again."""
    engine.speed = said.kept("speed", said.one_of("speed", SPEEDS), engine.speed)
    engine.stop_step = said.kept("stop_step", said.number("stop_step", 0, bounds("steps")[1]), engine.stop_step)
    engine.loss_goal = said.kept("stop_loss", said.number("stop_loss", 0.0, MOST_LOSS), engine.loss_goal)


def _settings() -> None:
    labels = {speed: _("as fast as possible") if math.isinf(speed) else f"{speed:g}/s" for speed in SPEEDS}
    # Values are given as defaults too, for the reason said in `controls`.
    now = {key: st.session_state[key] for key in ("speed", "stop_step", "stop_loss")}
    at = SPEEDS.index(now["speed"])
    words = _(
        "Play takes {seconds:g} seconds at least, so that there is something to see; To the end does not.",
        seconds=WATCHED_S,
    )
    st.selectbox(_("Updates per second"), SPEEDS, at, format_func=labels.__getitem__, key="speed", help=words)
    st.number_input(_("Pause at step (0: never)"), 0, bounds("steps")[1], now["stop_step"], key="stop_step")
    st.number_input(_("Pause below loss (0: never)"), 0.0, MOST_LOSS, now["stop_loss"], step=0.05, key="stop_loss")


def _restore_view(engine: Engine) -> None:
    """Bring the engine to where the link says that the run was."""
    view = state.view(TrainingView, counts(engine))
    if view.trained is not None:
        if view.trained < engine.step:
            engine.restart(engine.asked, is_playing=False)
        engine.goal, engine.is_playing = view.trained, view.trained > engine.step
    engine.pinned = view.step
    state.session().is_new_run = False


def settle(engine: Engine, page: str) -> None:
    """Make the address of a page that shows the run say so; of a run that plays to its end, only what leads to it.

    One that is still on its way to where its link says keeps that: else Back would come to an address of the way there.
    """
    is_paused = not engine.is_playing and not engine.is_over
    goal = engine.goal if engine.is_playing and engine.goal < engine.config.steps else None
    is_pinned = engine.pinned is not None and engine.pinned < engine.step
    shown = pictures.shown_step(state.look(), engine) if is_pinned else None
    state.note(TrainingView, trained=engine.step if is_paused else goal, step=shown)
    state.write_address(page)


def _play(engine: Engine) -> None:
    if engine.is_over:
        _reset(engine)
    engine.play(WATCHED_S)


def _to_end(engine: Engine) -> None:
    engine.play()
    engine.speed = st.session_state["speed"] = math.inf
    st.session_state["stop_step"], st.session_state["stop_loss"] = 0, 0.0


def _reset(engine: Engine) -> None:
    config = engine.asked.model_copy(update={"earlier": ()})
    engine.restart(config, is_playing=False)
    state.put(earlier=())


def _new_seed() -> None:
    state.put(seed=(state.value("seed") + 1) % 2**31)


def scrub(engine: Engine) -> None:
    """Draw the slider over the steps; Streamlit's own is locked on the newest one while the run plays."""
    newest, last = engine.step, engine.config.steps
    kept = tuple(sorted({*range(0, last, engine.stride), last})) if engine.stride > 1 else ()
    scale = slider.Scale(0, last, stops=kept, reset=(last,))
    label = _("Step on the screen")
    if engine.is_playing and slider.is_plain():
        # Another key: what a browser still reports of the locked slider is not taken for a wish of the viewer.
        slider.show("step_locked", label, newest, scale, locked=_("Training: step {step}", step=newest))
        return
    with chart.pointed("curves") as point, slider.moved("step") as moved:
        asked = moved if moved is not None or point is None else point.x
        if state.is_number(asked):
            engine.pinned = None if asked >= newest else max(0, int(asked))
    count = engine.stride
    note = _("All weights of so long a run would take too much memory: one step in {count} is kept.", count=count)
    shown = pictures.shown_step(state.look(), engine)
    slider.show("step", label, shown, scale, note=note if kept else "")


def code(engine: Engine, functions: list[Callable[..., Any] | type] | None = None) -> None:
    """Show the script that repeats this run, and the functions that made what is shown: at first the run itself."""
    from rnn_core.training.export import to_script
    from rnn_core.training.trainer import Trainer

    source.show_code(
        lambda: to_script(engine.config),
        functions or [Trainer._measure, Trainer._update],
        caption=_("Plain PyTorch: prints the losses and predictions of this run, step by step."),
    )

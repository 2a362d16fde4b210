"""The training run on the screen: buttons, progress, curves, states and predictions."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.components import chart, drag, slider
from pages.ui.run import shelf
from pages.ui.session import cache, state, views
from pages.ui.widgets import controls, said, source
from pages.ui.words.i18n import _, plain, say
from pages.ui.work.engine import SPEEDS, Engine
from rnn_core.analysis.baselines import reference_losses
from rnn_core.config import bounds, format_value
from rnn_core.data.tasks import build_dataset, check_trainable
from rnn_core.data.vocab import visible
from rnn_core.figures.curves import Line, training_curves
from rnn_core.figures.matrices import states_and_predictions
from rnn_core.sentence import ConfigError
from rnn_core.training.history import Moment

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

TICK_S = 0.5
SHOWN_PREDICTIONS = 5
MOST_LOSS = 10.0  # in nats, of what a run can be told to pause at
# What the states follow while it is dragged; of the config, what gives another network or another tensor.
DATA_FIELDS = ("seq_len", "batch_size", "val_share")  # the present weights fit whatever these are
DRAGGED = ("step", "hidden_size", "num_layers", "input_size", *DATA_FIELDS)
SIDE_BY_SIDE = 16  # characters of a window that can still be read in half the page's width


def current_engine() -> Engine | None:
    """Return the session's engine, following the controls; None with a message if the config cannot be trained."""
    try:
        engine = st.session_state.get("_engine")
        if engine is None:
            engine = st.session_state["_engine"] = Engine(state.config())
        else:
            engine.adopt(state.config())
        if state.is_new_view("training"):
            _restore_view(engine)
        state.put(earlier=engine.asked.earlier)
        _follow_settings(engine)
        return engine
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
        return None


def go_on(page: str) -> None:
    """Let the run go on once everything is drawn: at once after the training page, twice a second after another."""
    engine: Engine = st.session_state["_engine"]
    if not engine.is_playing:
        return
    if page == "training":  # its own fragment goes on from here
        engine.slice()
        if not engine.is_playing:
            st.rerun()  # a short run is over before the fragment's clock has ticked
        return

    @st.fragment(run_every=TICK_S)
    def background() -> None:
        engine.slice()
        if not engine.is_playing and page in views.RUN_PAGES:
            st.rerun()  # the page shows the run
        if engine.is_playing:
            st.progress(engine.step / engine.goal, _("Training: step {step}", step=engine.step))

    with st.sidebar:
        background()


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
        st.button(_("To the end"), on_click=_to_end, icon=":material/last_page:", key="to_end", disabled=is_over)
        help_text = _("To the same first weights.")
        st.button(_("Reset"), on_click=_reset, icon=":material/restart_alt:", key="reset", help=help_text)
        st.button(_("New seed"), on_click=_new_seed, icon=":material/casino:", key="new_seed")
        shelf.keep_button(lambda: shelf.of_engine(engine))
        with st.popover(_("Speed and stop"), icon=":material/tune:"):
            _settings()


def _play_or_pause(engine: Engine) -> None:
    if engine.is_playing:
        st.button(_("Pause"), on_click=engine.pause, icon=":material/pause:", type="primary", key="pause")
        return
    label, icon = (_("Play again"), ":material/replay:") if engine.is_over else (_("Play"), ":material/play_arrow:")
    st.button(label, on_click=_play, icon=icon, type="primary", key="play")


def _follow_settings(engine: Engine) -> None:
    """Take over what is set; Streamlit forgets it while another page is shown, and is told again."""
    engine.speed = said.kept("speed", said.one_of("speed", SPEEDS), engine.speed)
    engine.stop_step = said.kept("stop_step", said.number("stop_step", 0, bounds("steps")[1]), engine.stop_step)
    engine.loss_goal = said.kept("stop_loss", said.number("stop_loss", 0.0, MOST_LOSS), engine.loss_goal)
    said.kept("log_loss", said.switch("log_loss"), state.view("training").get("scale") == "log")


def _is_log() -> bool:
    """Tell the scale of the loss; its switch may have been forgotten by a run that was stopped before it drew it."""
    return bool(st.session_state.get("log_loss", state.view("training").get("scale") == "log"))


def _settings() -> None:
    labels = {speed: _("as fast as possible") if math.isinf(speed) else f"{speed:g}/s" for speed in SPEEDS}
    # Values are given as defaults too, for the reason said in `controls`.
    now = {key: st.session_state[key] for key in ("speed", "stop_step", "stop_loss", "log_loss")}
    at = SPEEDS.index(now["speed"])
    st.selectbox(_("Updates a second"), SPEEDS, at, format_func=labels.__getitem__, key="speed")
    st.number_input(_("Pause at step (0: never)"), 0, bounds("steps")[1], now["stop_step"], key="stop_step")
    st.number_input(_("Pause below loss (0: never)"), 0.0, MOST_LOSS, now["stop_loss"], step=0.05, key="stop_loss")
    st.toggle(_("Logarithmic loss"), now["log_loss"], key="log_loss")


def live(engine: Engine) -> None:
    """Draw the run, and while it plays, train a slice and draw it again, twice a second."""
    st.session_state["_is_tick"] = False
    settle(engine, "training")  # before the work: a viewer who moves on does not leave the address behind
    engine.dash()

    @st.fragment(run_every=TICK_S if engine.is_playing else None)
    def body() -> None:
        status, scrubber = st.empty(), st.container()
        is_short = engine.dataset.input.shape[1] <= SIDE_BY_SIDE
        curves, states = st.columns(2) if is_short else (st.container(), st.container())
        was_playing, is_tick = engine.is_playing, st.session_state["_is_tick"]
        st.session_state["_is_tick"] = True
        if is_tick:
            engine.slice()
        with scrubber:
            scrub(engine)
        with status.container():
            _progress(engine)
        with states:
            drag.stage("states", DRAGGED, lambda: show_states(engine))
        with curves:
            show_curves(engine)
        settle(engine, "training")
        if was_playing and not engine.is_playing:
            st.rerun()  # the buttons and the clock of this fragment belong to the whole script

    body()


def _restore_view(engine: Engine) -> None:
    """Bring the engine to where the link says that the run was, and the widgets to what it says was seen."""
    view = state.view("training")
    steps = engine.config.steps
    if "trained" in view:
        goal = min(int(view["trained"]), steps)
        if goal < engine.step:
            engine.restart(engine.asked, is_playing=False)
        engine.goal, engine.is_playing = goal, goal > engine.step
    engine.pinned = min(int(view["step"]), steps) if "step" in view else None
    st.session_state.pop("_step_drawn", None)
    st.session_state["log_loss"] = view.get("scale") == "log"


def settle(engine: Engine, page: str) -> None:
    """Make the address of a page that shows the run say so; of a run that still plays, only what leads to it."""
    view, is_log = state.view("training"), _is_log()
    view.clear()
    if not engine.is_playing and not engine.is_over:
        view["trained"] = str(engine.step)
    if engine.pinned is not None and engine.pinned < engine.step:
        view["step"] = str(engine.pinned)
    if is_log:
        view["scale"] = "log"
    state.write_address(page)


def _play() -> None:
    engine = st.session_state["_engine"]
    if engine.is_over:
        _reset()
    engine.play()


def _to_end() -> None:
    engine = st.session_state["_engine"]
    engine.play()
    engine.speed = st.session_state["speed"] = math.inf
    st.session_state["stop_step"], st.session_state["stop_loss"] = 0, 0.0


def _reset() -> None:
    engine = st.session_state["_engine"]
    config = engine.asked.model_copy(update={"earlier": ()})
    engine.restart(config, is_playing=False)
    state.put(earlier=())


def _new_seed() -> None:
    state.put(seed=(state.value("seed") + 1) % 2**31)


def shown_step(engine: Engine) -> int:
    """Return the step on the screen: the one that is being dragged, or that the viewer chose, or the newest."""
    newest, dragged = engine.step, drag.current()
    if dragged and dragged.field == "step":
        return max(0, min(int(dragged.value), newest))
    is_locked = engine.is_playing and slider.is_plain()
    return newest if engine.pinned is None or is_locked else min(engine.pinned, newest)


def scrub(engine: Engine) -> None:
    """Draw the slider over the steps."""
    newest, steps = engine.step, engine.config.steps
    label = _("Step on the screen")
    if slider.is_plain():
        _scrub_plainly(engine, label)
        return
    with chart.pointed("curves") as point, state.hear("step") as message:
        asked = message.get("value") if message else point.x if point else None
        if state.is_number(asked):
            engine.pinned = None if asked >= newest else max(0, int(asked))
    slider.show("step", label, shown_step(engine), slider.Scale(0, steps, reset=(steps,)))


def _scrub_plainly(engine: Engine, label: str) -> None:
    """Draw Streamlit's own slider over the steps; it is locked on the newest one while the run plays."""
    newest, steps = engine.step, engine.config.steps
    if engine.is_playing:
        # Another key: what a browser still reports of the locked slider is not taken for a wish of the viewer.
        st.session_state.pop("_step_drawn", None)
        st.session_state["step_locked"] = newest
        st.slider(label, 0, steps, newest, disabled=True, key="step_locked")
        return
    drawn, now = st.session_state.get("_step_drawn"), st.session_state.get("step")
    if drawn is not None and now is not None and now != drawn:
        engine.pinned = None if now >= newest else now
    shown = shown_step(engine)
    if now != shown:
        st.session_state["step"] = shown
    st.session_state["_step_drawn"] = shown
    st.slider(label, 0, steps, shown, key="step")


def show_states(engine: Engine, predictions: int = SHOWN_PREDICTIONS) -> None:
    """Draw what the network holds in mind and last predicted, or what it would with the value that is dragged."""
    dragged = drag.current()
    if dragged and dragged.field != "step":
        try:
            _preview(engine, dragged)
            return
        except ConfigError as error:
            st.markdown(say(error.sentence))
    shown = shown_step(engine)
    moment = engine.at(shown)
    note = _numbers(moment, shown)
    chart.show(_states(engine, moment, predictions), key="states", alt=_state_words(moment), note=note)


def _preview(engine: Engine, dragged: drag.Drag) -> None:
    """Draw what costs nothing: no training, but the present weights if they fit, or else the first ones.

    Raises:
        ConfigError: if nothing can be trained with the value.
    """
    from rnn_core.training.trainer import first_look

    config = drag.config()
    check_trainable(config)
    dataset = build_dataset(config)
    moment = engine.at(shown_step(engine))
    fits = dragged.field in DATA_FIELDS
    trace = first_look(config, moment.weights) if fits else cache.forward(config, cache.key_of(config))
    words = preview_words(dragged, moment.record.step if fits else None)
    names = [visible(c) for c in dataset.characters]
    figure = states_and_predictions(
        trace.states_of(0),
        [names[i] for i in dataset.input[0]],
        [names[i] for i in dataset.target[0]],
        [(_("preview"), [names[i] for i in trace.predicted_of(0)])],
        translate=_,
    )
    label, value = _(controls.FIELDS[dragged.field][0]), format_value(dragged.value)
    alt = _("Hidden states before training with {field} = {value}.", field=label, value=value)
    chart.show(figure, key="states", alt=alt, note=words)


def preview_words(dragged: drag.Drag, step: int | None) -> str:
    """Say whose weights a preview shows: those of a step on other data, or first ones (None)."""
    label, value = _(controls.FIELDS[dragged.field][0]), format_value(dragged.value)
    what = {"field": plain(label), "value": value}
    if step is None:
        return _("**Preview, {field} = {value}**: first weights, untrained. Let go to train them.", **what)
    return _(
        "**Preview, {field} = {value}**: the weights of step {step} on the other data. Let go to train anew.",
        step=step,
        **what,
    )


def show_curves(engine: Engine) -> None:
    """Draw loss, gradient norm and accuracy; a click chooses the step on the screen."""
    figure = _curves(engine, shown_step(engine))
    chart.show(figure, key="curves", alt=_curve_words(engine), note=_held_out(engine), events="click")


def _held_out(engine: Engine) -> str:
    """Say how many windows are held out: a share is rounded to whole ones."""
    dataset = engine.dataset
    held_out = len(dataset.val_input)
    if not held_out:
        return ""
    return _(
        "The dotted line is the loss on {held_out} of {count} windows: the end of the text, never trained on.",
        held_out=held_out,
        count=held_out + len(dataset.input),
    )


def _progress(engine: Engine) -> None:
    total = engine.config.steps
    words = _("step {step} of {total}", step=engine.step, total=total)
    if engine.is_playing:
        pace = _("{rate:.0f} updates/s, about {left:.0f} s left", rate=engine.rate, left=engine.seconds_left)
        words += f" · {pace}" if engine.rate else ""
    elif engine.is_over:
        words += " · " + (_("exploded") if engine.has_exploded else _("done"))
    else:
        words += " · " + _("paused")
    outlook = engine.outlook
    if outlook.outcome == "continued":
        words += " · " + _(
            "{fields} changed at step {step}; the run goes on", fields=", ".join(outlook.fields), step=outlook.step
        )
    elif outlook.outcome == "restarted":
        words += " · " + _("started over because {fields} changed", fields=", ".join(outlook.fields))
    st.progress(min(engine.step / total, 1.0), words)


def _numbers(moment: Moment, shown: int) -> str:
    record = moment.record
    words = _(
        "At step **{step}**: loss **{loss:.4f}** nats per character · accuracy **{accuracy:.0%}** · "
        "gradient norm **{norm:.4g}**",
        step=record.step,
        loss=record.loss,
        accuracy=record.accuracy,
        norm=record.grad_norm,
    )
    if record.step != shown:
        words += " · " + _("the nearest step that is kept")
    return words


def _curves(engine: Engine, shown: int) -> Figure:
    lines = [Line(r.value, _line_name(r.name)) for r in reference_losses(engine.config, engine.dataset)]
    is_log = _is_log()
    last = engine.config.steps
    return training_curves(engine.course, lines, last_step=last, shown_step=shown, is_log=is_log, translate=_)


def _line_name(name: str) -> str:
    names = {
        "uniform": _("guessing: ln V"),
        "unigram": _("frequencies only"),
        "bigram": _("present character only"),
        "floor": _("floor of tanh scores"),
    }
    return names[name]


def _states(engine: Engine, moment: Moment, predictions: int) -> Figure:
    record, dataset = moment.record, engine.dataset
    window = dataset.input[record.windows[0]]  # the first window of this step's batch
    length = len(window)
    rows = []
    for step in range(record.step, max(-1, record.step - predictions), -1):
        other = engine.at(step).record
        if other.step == step and other.windows[0] == record.windows[0]:
            rows.append((_("step {step}", step=step), [visible(c) for c in other.predicted[:length]]))
    return states_and_predictions(
        engine.trace(moment).states_of(0),
        [visible(dataset.characters[i]) for i in window],
        [visible(c) for c in record.target[:length]],
        rows,
        translate=_,
    )


def _curve_words(engine: Engine) -> str:
    course = engine.course
    return _(
        "Loss from {first:.3f} at step 0 to {last:.3f} at step {step}.",
        first=course.loss[0],
        last=course.loss[-1],
        step=course.steps[-1],
    )


def _state_words(moment: Moment) -> str:
    record = moment.record
    return _(
        "Hidden states at step {step}. Target {target}, predicted {predicted}.",
        step=record.step,
        target="".join(record.target[:64]),
        predicted=record.prediction[:64],
    )


def code(engine: Engine) -> None:
    """Show the script that repeats this run, and the functions that made it."""
    from rnn_core.training.export import to_script
    from rnn_core.training.trainer import Trainer

    source.show_code(
        lambda: to_script(engine.config),
        [Trainer._measure, Trainer._update],
        caption=_("Plain PyTorch: prints the losses and predictions of this run, step by step."),
    )

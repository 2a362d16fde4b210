"""Pictures of a run, each a function of a look and of a place in the run. No streamlit here."""

from __future__ import annotations

from collections.abc import Iterator

from pages.ui.components.chart import Picture
from pages.ui.components.status import Status
from pages.ui.run.ghost import ghost_of
from pages.ui.session import cache
from pages.ui.session.fields import Hand
from pages.ui.session.link import Look
from pages.ui.session.views import CurvesView, TrainingView, counts
from pages.ui.widgets.controls import FIELDS
from pages.ui.words.i18n import Words, plain
from pages.ui.work.engine import Engine
from rnn_core.analysis.baselines import reference_losses
from rnn_core.config import format_value
from rnn_core.data.vocab import visible
from rnn_core.figures.curves import Line, has_fallen, has_zeros, training_curves
from rnn_core.figures.unrolled import unrolled
from rnn_core.records.tensors import ForwardTrace
from rnn_core.training.history import Moment
from rnn_core.training.trainer import first_look

# Of the config, what gives another tensor, and what gives another network besides.
DATA_FIELDS = ("seq_len", "batch_size", "val_share")  # the present weights fit whatever these are
NETWORK_FIELDS = ("hidden_size", "num_layers", "input_size", *DATA_FIELDS)
FOLLOWED = ("step", *NETWORK_FIELDS)
RUN_FOLLOWED = (*FOLLOWED, "learning_rate")  # where it is said that the rate shows only once a network is trained


def shown_step(look: Look, engine: Engine) -> int:
    """Return the step on the screen: the one under the hand, or that the viewer chose, or the newest.

    Of a run whose steps are not all kept, it is the nearest before that is.

    Raises:
        ConfigError: if it is held where no step can be.
    """
    is_held = look.held("step") is not None
    chosen = look.view(TrainingView, counts(engine)).step if is_held else engine.pinned
    return engine.at(engine.step if chosen is None else chosen).record.step


def states(look: Look, engine: Engine, *, predictions: int) -> Picture:
    """Picture what the network holds in mind and last predicted, or what it would with the value under the hand.

    Raises:
        ConfigError: if nothing can be trained with that value.
    """
    _, hand = look.words, look.hand
    if hand and hand.name in NETWORK_FIELDS:
        return _preview(look, engine, hand)
    moment = engine.at(shown_step(look, engine))
    alt = _(
        "Hidden states at step {step}. Target {target}, predicted {predicted}.",
        step=moment.record.step,
        target="".join(moment.record.target[:64]),
        predicted=moment.record.prediction[:64],
    )
    window = engine.dataset.input[moment.record.windows[0]]  # the first window of this step's batch
    figure = unrolled(
        engine.trace(moment).states_of(0),
        [visible(engine.dataset.characters[i]) for i in window],
        target=[visible(c) for c in moment.record.target[: len(window)]],
        rows=_predicted(engine, moment, predictions, _),
        span=1.0,
        translate=_,
    )
    return Picture("states", figure, alt, moment_words(look, moment))


def _predicted(engine: Engine, moment: Moment, count: int, _: Words) -> list[tuple[str, list[str]]]:
    """Return what the newest steps before a moment predicted for its window, as far as they are kept."""
    record, rows = moment.record, []
    length = engine.dataset.input.shape[1]
    for step in range(record.step, max(-1, record.step - count), -1):
        other = engine.at(step).record
        if other.step == step and other.windows[0] == record.windows[0]:
            rows.append((_("step {step}", step=step), [visible(c) for c in other.predicted[:length]]))
    return rows


def numbers(moment: Moment, _: Words) -> str:
    """Say which step is on the screen, and its numbers."""
    record = moment.record
    return _(
        "At step **{step}**: loss **{loss:.4g}** nats per character · accuracy **{accuracy:.0%}** · "
        "gradient norm **{norm:.4g}**",
        step=record.step,
        loss=record.loss,
        accuracy=record.accuracy,
        norm=record.grad_norm,
    )


def _preview(look: Look, engine: Engine, hand: Hand) -> Picture:
    """Picture what costs nothing."""
    trace, note = preview(look, hand, engine.at(shown_step(look, engine)))
    dataset, _ = look.experiment.dataset, look.words
    names = [visible(c) for c in dataset.characters]
    figure = unrolled(
        trace.states_of(0),
        [names[i] for i in dataset.input[0]],
        target=[names[i] for i in dataset.target[0]],
        rows=[(_("preview"), [names[i] for i in trace.predicted_of(0)])],
        span=1.0,
        translate=_,
    )
    label, value = _(FIELDS[hand.name][0]), format_value(hand.value)
    alt = _("Hidden states before training with {field} = {value}.", field=label, value=value)
    return Picture("states", figure, alt, note)


def preview(look: Look, hand: Hand, moment: Moment) -> tuple[ForwardTrace, str]:
    """Return what costs no training, the present weights if they fit, or else the first ones; and whose these are.

    Raises:
        ConfigError: if nothing can be trained with the value that is held.
    """
    experiment = look.experiment
    experiment.check()
    fits = hand.name in DATA_FIELDS
    trace = first_look(experiment, moment.weights) if fits else cache.forward(experiment, cache.key_of(look.config))
    return trace, preview_words(hand, moment.record.step if fits else None, look.words)


def moment_words(look: Look, moment: Moment) -> str:
    """Say which step is on the screen, with its numbers, or under a hand on the learning rate what that waits for.

    Raises:
        ConfigError: if it is held where it cannot be.
    """
    _, hand = look.words, look.hand
    if hand is None or hand.name != "learning_rate":
        return numbers(moment, _)
    return _(
        "**{field} = {value}**: the weights are still those of step {step}. Release the slider to train with it.",
        field=plain(_(FIELDS[hand.name][0])),
        value=format_value(look.config.learning_rate),
        step=moment.record.step,
    )


def preview_words(hand: Hand, step: int | None, _: Words) -> str:
    """Say whose weights a preview shows: those of a step on other data, or first ones (None)."""
    what = {"field": plain(_(FIELDS[hand.name][0])), "value": format_value(hand.value)}
    if step is None:
        return _("**Preview, {field} = {value}**: initial, untrained weights. Release the slider to train.", **what)
    return _(
        "**Preview, {field} = {value}**: weights from step {step} on the new data. Release the slider to retrain.",
        step=step,
        **what,
    )


def curves(look: Look, engine: Engine) -> Picture:
    """Picture loss, gradient norm and accuracy; a click chooses the step on the screen."""
    _, course = look.words, engine.course
    names = {
        "uniform": _("guessing: ln V"),
        "unigram": _("frequencies only"),
        "bigram": _("present character only"),
        "floor": _("floor of tanh scores"),
    }
    lines = [Line(r.value, names[r.name]) for r in reference_losses(engine.config, engine.dataset)]
    scale = look.view(CurvesView).scale
    is_log = has_fallen(course) if scale == "auto" else scale == "log"
    figure = training_curves(
        course,
        lines,
        last_step=engine.config.steps,
        shown_step=shown_step(look, engine),
        is_log=is_log,
        ghost=ghost_of(look),
        translate=_,
    )
    alt = _(
        "Loss from {first:.4g} at step 0 to {last:.4g} at step {step}.",
        first=course.loss[0],
        last=course.loss[-1],
        step=course.steps[-1],
    )
    return Picture("curves", figure, alt, "\n".join(_said_of_curves(engine, _, is_log=is_log)), events="click")


def _said_of_curves(engine: Engine, _: Words, *, is_log: bool) -> Iterator[str]:
    """Say how many windows are held out, as a share is rounded to whole ones, and what the axis cannot show."""
    held_out = len(engine.dataset.val_input)
    if held_out:
        yield _(
            "The dotted line is the loss on {held_out} of {count} windows: the end of the text, never trained on.",
            held_out=held_out,
            count=held_out + len(engine.dataset.input),
        )
    if is_log and has_zeros(engine.course):
        yield _("A loss of exactly 0 cannot be drawn on a logarithmic axis; the linear one shows it.")


def status(look: Look, engine: Engine) -> Status:
    """Say how far the run is, and what the last change did to it."""
    _, total = look.words, engine.config.steps
    words = [_("step {step} of {total}", step=engine.step, total=total)]
    if engine.is_playing:
        if rate := engine.pace:
            left = engine.seconds_left
            words.append(_("{rate:.0f} updates/s, about {left:.0f} s left", rate=rate, left=left))
    elif engine.is_over:
        words.append(_("exploded") if engine.has_exploded else _("done"))
    else:
        words.append(_("paused"))
    outlook = engine.outlook
    fields = ", ".join(_(FIELDS[name][0]) if name in FIELDS else name for name in outlook.fields)
    if outlook.outcome == "continued":
        words.append(_("changed at step {step}: {fields}; the run goes on", fields=fields, step=outlook.step))
    elif outlook.outcome == "restarted":
        words.append(_("started over; changed: {fields}", fields=fields))
    said = " · ".join(words)
    return Status("status", min(engine.step / total, 1.0), said, told=_("Playing.") if engine.is_playing else said)

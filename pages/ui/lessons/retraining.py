"""What the network would hold in mind with the value under the hand: untrained at once, or trained for a moment."""

from __future__ import annotations

from pages.ui.run.pictures import DATA_FIELDS, FOLLOWED, preview_words
from pages.ui.run.reading import Place
from pages.ui.session.fields import Hand
from pages.ui.session.link import Look
from pages.ui.widgets.controls import FIELDS
from pages.ui.words.i18n import Words, plain
from pages.ui.work.engine import Engine
from rnn_core.config import Config, format_value, number_fields
from rnn_core.records.runs import StepRecord
from rnn_core.training.history import History, Moment, Run

UPDATES = 100  # of a live retrain; a large network has fewer, as many as fit a slice, and the page says how many
PREVIEWED = tuple(field for field in FOLLOWED if field != "step")  # what another look costs no training for
RETRAINED = tuple(field for field in number_fields() if field not in ("seed", "steps"))


def preview(look: Look, hand: Hand, now: Place, *, is_live: bool) -> tuple[Place, str]:
    """Return what is looked at while a field is held, and which weights that are.

    Args:
        look: what is looked at, the field under the hand.
        hand: the field and its value.
        now: the place in the run that is on the screen.
        is_live: whether to train the network with the value under the hand, or only to show it.

    Raises:
        ConfigError: if nothing can be trained with the value.
    """
    config = look.config.model_copy(update={"earlier": ()})
    if is_live:
        trained = Engine(config)
        trained.goal = min(UPDATES, config.steps)
        trained.slice()
        return _there(trained, trained.at(trained.step), now), _words(hand, trained.last, look.words)
    untrained = Run(config)
    fits = hand.name in DATA_FIELDS
    moment = Moment(untrained.last, now.moment.weights) if fits else untrained.at(0)
    words = preview_words(hand, now.moment.record.step if fits else None, look.words)
    return _there(untrained, moment, now), words


def _there(run: History, moment: Moment, now: Place) -> Place:
    """Return the same place in another network, or the nearest that it has."""
    config: Config = run.config
    return Place(
        run=run,
        moment=moment,
        window=min(now.window, len(run.dataset.input) - 1),
        layer=min(now.layer, config.num_layers - 1),
        is_reverse=now.is_reverse and config.bidirectional,
    )


def _words(hand: Hand, record: StepRecord, _: Words) -> str:
    return _(
        "**Live, {field} = {value}**: trained from the initial weights to step {steps}, loss **{loss:.4f}**, "
        "accuracy **{accuracy:.0%}**. Release the slider to train the whole run.",
        field=plain(_(FIELDS[hand.name][0])),
        value=format_value(hand.value),
        steps=record.step,
        loss=record.loss,
        accuracy=record.accuracy,
    )

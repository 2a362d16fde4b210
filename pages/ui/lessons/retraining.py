"""What the network would hold in mind with the value under the hand, trained for a moment."""

from __future__ import annotations

from dataclasses import replace

from pages.ui.run.reading import Place, place_at
from pages.ui.session.fields import Hand
from pages.ui.session.link import Look
from pages.ui.widgets.controls import FIELDS
from pages.ui.words.i18n import Words, plain
from pages.ui.work.engine import Engine
from rnn_core.config import format_value, number_fields
from rnn_core.records.runs import StepRecord

UPDATES = 100  # of a live retrain; a large network has fewer, as many as fit a slice, and the page says how many
RETRAINED = tuple(field for field in number_fields() if field not in ("seed", "steps"))


def retrained(look: Look, hand: Hand, now: Place) -> Place:
    """Return what is looked at while a field is held, the network trained for a moment with its value.

    Args:
        look: what is looked at, the field under the hand.
        hand: the field and its value.
        now: the place in the run that is on the screen.

    Raises:
        ConfigError: if nothing can be trained with the value.
    """
    trained = Engine(look.config.model_copy(update={"earlier": ()}))
    trained.goal = min(UPDATES, trained.config.steps)
    trained.slice()
    there = place_at(look, trained, trained.at(trained.step), now.window)
    return replace(there, note=_words(hand, trained.last, look.words))


def _words(hand: Hand, record: StepRecord, _: Words) -> str:
    return _(
        "**Live, {field} = {value}**: trained from the initial weights to step {steps}, loss **{loss:.4g}**, "
        "accuracy **{accuracy:.0%}**. Release the slider to train the whole run.",
        field=plain(_(FIELDS[hand.name][0])),
        value=format_value(hand.value),
        steps=record.step,
        loss=record.loss,
        accuracy=record.accuracy,
    )

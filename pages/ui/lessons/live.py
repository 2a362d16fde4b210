"""What the network would hold in mind with the value under the hand: untrained at once, or trained for a moment."""

from __future__ import annotations

from pages.ui.components import drag
from pages.ui.run import reading
from pages.ui.run.pictures import DATA_FIELDS, FOLLOWED, preview_words
from pages.ui.run.reading import Place
from pages.ui.session.link import Hand
from pages.ui.widgets.controls import FIELDS
from pages.ui.words.i18n import Words, _, language, plain
from pages.ui.work.engine import Engine
from rnn_core.config import Config, format_value, number_fields
from rnn_core.records.runs import StepRecord
from rnn_core.training.history import History, Moment, Run

UPDATES = 100  # of a live retrain
LONGEST_S = 0.6  # that it may take: a large network then has fewer updates, and the page says how many
PREVIEWED = tuple(field for field in FOLLOWED if field != "step")  # what another look costs no training for
RETRAINED = tuple(field for field in number_fields() if field not in ("seed", "steps"))


def preview(engine: Engine, *, is_live: bool) -> tuple[Place, str]:
    """Return what is looked at while a field is dragged, and which weights that are.

    Args:
        engine: whose run is on the screen.
        is_live: whether to train the network with the value under the hand, or only to show it.

    Raises:
        ConfigError: if nothing can be trained with the value.
    """
    dragged, now = drag.current(), reading.place(engine)
    assert dragged is not None
    config = drag.config().model_copy(update={"earlier": ()})
    if is_live:
        trained = Engine(config)
        trained.goal = min(UPDATES, config.steps)
        trained.slice(LONGEST_S)
        return _there(trained, trained.at(trained.step), now), _words(dragged, trained.last)
    untrained = Run(config)
    fits = dragged.field in DATA_FIELDS
    moment = Moment(untrained.last, now.moment.weights) if fits else untrained.at(0)
    hand, step = Hand(dragged.field, dragged.value), now.moment.record.step if fits else None
    words = preview_words(hand, step, Words(language()))
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


def _words(dragged: drag.Drag, record: StepRecord) -> str:
    return _(
        "**Live, {field} = {value}**: {steps} updates from the first weights, loss **{loss:.4f}**, accuracy "
        "**{accuracy:.0%}**. Let go to train the whole run.",
        field=plain(_(FIELDS[dragged.field][0])),
        value=format_value(dragged.value),
        steps=record.step,
        loss=record.loss,
        accuracy=record.accuracy,
    )

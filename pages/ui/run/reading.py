"""Which window of the text, layer and direction a page looks at, in which state of the run, or of what a hand holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pages.ui.run import pictures, player
from pages.ui.run.pictures import DATA_FIELDS, NETWORK_FIELDS, preview_words
from pages.ui.session import cache, state
from pages.ui.session.link import Look
from pages.ui.session.views import ReadingView, counts
from pages.ui.widgets import choice
from pages.ui.words.i18n import _
from pages.ui.work.engine import Engine
from rnn_core.analysis.trajectories import states_at
from rnn_core.data.vocab import visible
from rnn_core.training.history import History, Moment, Run


@dataclass(frozen=True)
class Place:
    """What is looked at.

    Attributes:
        run: the run of the Training page.
        moment: its weights at the step on the screen, or the nearest before that is kept.
        window: place among the windows that are trained on.
        layer: counted from 0.
        is_reverse: the direction that reads from the end.
        note: whose weights these are, where a hand holds what gives another network or other data.
        origin: what a cache may call the run that its weights were trained in, if that is another.
    """

    run: History
    moment: Moment
    window: int
    layer: int
    is_reverse: bool
    note: str = ""
    origin: str = ""

    @property
    def name(self) -> str:
        """What a cache may call its weights and its window."""
        return f"{cache.key_of(self.run.config)} {self.moment.record.step} {self.window} {self.origin}"

    @property
    def before(self) -> Place:
        """The same place before any training."""
        return replace(self, moment=self.run.at(0), note="", origin="")

    @property
    def indices(self) -> np.ndarray:
        """The window's characters as indices."""
        row: np.ndarray = self.run.dataset.input[self.window]
        return row

    @property
    def characters(self) -> list[str]:
        """What goes in, as it is shown."""
        return [visible(self.run.dataset.characters[i]) for i in self.indices]

    @property
    def target(self) -> list[str]:
        """What should come out."""
        dataset = self.run.dataset
        return [visible(dataset.characters[i]) for i in dataset.target[self.window]]

    @property
    def columns(self) -> slice:
        """Which of the layer's outputs are this direction's."""
        size = self.run.config.hidden_size
        return slice(size, 2 * size) if self.is_reverse else slice(0, size)

    def states(self, moment: Moment) -> np.ndarray:
        """Return the states by torch, (L, H_out), at a moment, which may hold edited weights."""
        found: np.ndarray = states_at(self.run, moment, window=self.window, layer=self.layer)[:, self.columns]
        return found


def choose(engine: Engine) -> None:
    """Draw the step on the screen and, where there is a choice, the window, the layer and the direction.

    A page draws them in a row, together with what else is chosen first: the picture is to be near.
    """
    config = engine.config
    player.scrub(engine)
    usual = engine.at(pictures.shown_step(state.look(), engine)).record.windows[0]
    help_text = _("Without a choice it is the first window of the batch at this step, as on the Training page.")
    choice.number(ReadingView, "window", _("Window"), counts(engine), usual=usual, help_text=help_text)
    if config.num_layers > 1:
        layers = {i: _("layer {number}", number=i) for i in reversed(range(config.num_layers))}
        choice.choose(ReadingView, "layer", _("Layer"), layers)
    if config.bidirectional:
        directions = {"forward": _("forward"), "reverse": _("reverse")}
        choice.choose(ReadingView, "direction", _("Direction"), directions)


def place_of(look: Look, engine: Engine) -> Place:
    """Return what is looked at in a run, with what is under the hand.

    Where that gives another network or other data it is a preview, which costs no training: the present weights if they
    fit, or else the first ones.

    Raises:
        ConfigError: if nothing can be trained with the value that is held.
    """
    return under_hand(look, place_in_run(look, engine))


def place_in_run(look: Look, engine: Engine) -> Place:
    """Return what is looked at in the run as it is, whatever of the experiment a hand holds."""
    return place_at(look, engine, engine.at(pictures.shown_step(look, engine)))


def place_at(look: Look, run: History, moment: Moment, usual: int | None = None) -> Place:
    """Return what is looked at in any run at a moment.

    Args:
        look: what is looked at.
        run: where.
        moment: with which weights.
        usual: the window, or the nearest that there is, where the viewer chose none; the first of the moment's batch if
            it is not given.
    """
    view, config = look.view(ReadingView, counts(run)), run.config
    window = moment.record.windows[0] if usual is None else min(usual, len(run.dataset.input) - 1)
    return Place(
        run=run,
        moment=moment,
        window=window if view.window is None else view.window,
        layer=config.num_layers - 1 if view.layer is None else view.layer,
        is_reverse=config.bidirectional and view.direction == "reverse",
    )


def under_hand(look: Look, here: Place) -> Place:
    """Return a place of a run as it would be with what is held; of the run's own cell, which may be another.

    Raises:
        ConfigError: as `place_of`.
    """
    hand = look.hand
    if hand is None or hand.name not in NETWORK_FIELDS:
        return here
    untrained = Run(look.config.model_copy(update={"earlier": (), "cell": here.run.config.cell}))
    fits = hand.name in DATA_FIELDS
    return replace(
        place_at(look, untrained, here.moment if fits else untrained.at(0), here.window),
        note=preview_words(hand, here.moment.record.step if fits else None, look.words),
        origin=cache.key_of(here.run.config) if fits else "",
    )


def place(engine: Engine) -> Place:
    """Return what is looked at on the screen."""
    return place_of(state.look(), engine)

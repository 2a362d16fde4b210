"""Which window of the text, layer and direction a page looks at, in which state of the run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pages.ui.run import pictures, player
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import ReadingView, counts
from pages.ui.widgets import choice
from pages.ui.words.i18n import _
from pages.ui.work.engine import Engine
from rnn_core.analysis.trajectories import states_at
from rnn_core.data.vocab import visible
from rnn_core.training.history import History, Moment


@dataclass(frozen=True)
class Place:
    """What is looked at.

    Attributes:
        run: the run of the Training page.
        moment: its weights at the step on the screen, or the nearest before that is kept.
        window: place among the windows that are trained on.
        layer: counted from 0.
        is_reverse: the direction that reads from the end.
    """

    run: History
    moment: Moment
    window: int
    layer: int
    is_reverse: bool

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
    """Return what is looked at in a run, with what is under the hand."""
    moment, view = engine.at(pictures.shown_step(look, engine)), look.view(ReadingView, counts(engine))
    return Place(
        run=engine,
        moment=moment,
        window=moment.record.windows[0] if view.window is None else view.window,
        layer=engine.config.num_layers - 1 if view.layer is None else view.layer,
        is_reverse=engine.config.bidirectional and view.direction == "reverse",
    )


def place(engine: Engine) -> Place:
    """Return what is looked at on the screen."""
    return place_of(state.look(), engine)

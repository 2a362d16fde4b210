"""The four wirings, trained anew in slices when it is their turn. No streamlit here."""

from __future__ import annotations

from functools import cache

from pages.ui.work.sweeper import Turns
from rnn_core.wirings.network import WIRINGS
from rnn_core.wirings.training import UPDATES, Trained, WiringTrainer, finish, stored_wirings


class Rewirer(Turns):
    """Trains the wirings side by side from their first weights.

    Attributes:
        trainers: one for each, in order.
        trained: what has become of them, at the end.
    """

    def __init__(self) -> None:
        super().__init__()
        self.trainers = [WiringTrainer(name) for name in WIRINGS]
        self.trained: dict[str, Trained] = {}

    @property
    def is_playing(self) -> bool:
        """Whether more slices are wanted."""
        return not (self.is_stopped or self.trained)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return sum(trainer.step for trainer in self.trainers) / (len(self.trainers) * UPDATES)

    def _train(self, budget_s: float) -> None:
        self._spend(budget_s, self._advance)

    def _advance(self) -> bool:
        """Make one update of each; return whether there is more to do."""
        going = [trainer for trainer in self.trainers if not trainer.is_done]
        for trainer in going:
            trainer.advance()
        if not going:
            self.trained = {trainer.name: finish(trainer) for trainer in self.trainers}
        return bool(going)


@cache
def stored() -> dict[str, Trained]:
    """Return the wirings that come with the app, read once; nobody changes them."""
    return stored_wirings()

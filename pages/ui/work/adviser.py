"""What would have held an exploded run, tried in slices when it is their turn. No streamlit here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from pages.ui.work.sweeper import Turns
from rnn_core.analysis.divergence import Remedy, try_remedy
from rnn_core.config import Config

FIELDS = ("grad_clip", "learning_rate")  # what a viewer may change during a run
MAX_TRIED_S = 8.0  # of computing for one field, whatever the network costs
MAX_SHARED = 16  # explosions whose trials viewers of the same link share


class Adviser(Turns):
    """Tries one field after the other, each to the run's own end or until enough has been spent on it.

    Args:
        config: of the run that exploded.
        exploded_at: the record at which it did.

    Attributes:
        config: as above.
        remedies: what has come out, of the last one so far.
    """

    def __init__(self, config: Config, exploded_at: int) -> None:
        super().__init__()
        self.config = config
        self.remedies: dict[str, Remedy] = {}
        self._trials: list[tuple[str, Iterator[Remedy]]] = [
            (field, try_remedy(config, field, exploded_at=exploded_at)) for field in FIELDS
        ]
        self._begun_s = 0.0

    @property
    def is_playing(self) -> bool:
        """Whether more slices are wanted."""
        return bool(self._trials) and not self.is_stopped

    @property
    def share(self) -> float:
        """How much is done, 0 to 1, counted in fields."""
        return 1 - len(self._trials) / len(FIELDS)

    def _train(self, budget_s: float) -> None:
        self._spend(budget_s, self._advance)
        if self._trials and self.busy_s - self._begun_s >= MAX_TRIED_S:
            self._turn_to_next()

    def _advance(self) -> bool:
        """Make one update; return whether there is more to do."""
        if not self._trials:
            return False
        field, trial = self._trials[0]
        remedy = next(trial, None)
        if remedy is None:
            self._turn_to_next()
        else:
            self.remedies[field] = remedy
        return bool(self._trials)

    def _turn_to_next(self) -> None:
        self._trials.pop(0)  # and with it the network that was trained
        self._begun_s = self.busy_s


@lru_cache(MAX_SHARED)
def adviser_of(config: Config, exploded_at: int) -> Adviser:
    """Return who tries it, one for all viewers of the same run; a session keeps the one that it has asked for."""
    return Adviser(config, exploded_at)

"""A comparison of cells on a memory task, trained in slices when it is its turn. No streamlit here."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from pages.ui.work.sweeper import Turns
from rnn_core.memory.comparison import ComparisonRun, Key, Outcome, stored_comparison
from rnn_core.memory.plan import Comparison

MAX_KEPT = 24  # finished comparisons that the server remembers, some 100 kB each


class Comparer(Turns):
    """Trains a comparison, unless this server has trained it before.

    Args:
        comparison: what to train.
        is_again: train it even if the result is known, to see whether the same comes out.

    Attributes:
        run: what has come out.
        known: what came out the last time, where it is trained again.
    """

    def __init__(self, comparison: Comparison, *, is_again: bool = False) -> None:
        super().__init__()
        found = finished.get(comparison)
        self.known: Mapping[Key, Outcome] | None = found.outcomes if found and is_again else None
        self.run = found if found and not is_again else ComparisonRun(comparison)

    @property
    def is_playing(self) -> bool:
        """Whether more slices are wanted."""
        return not (self.is_stopped or self.run.is_complete)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self.run.share

    def _train(self, budget_s: float) -> None:
        self._spend(budget_s, self.run.advance)
        if self.run.is_complete:
            finished.keep(self.run)


class FinishedComparisons:
    """What this server has trained before, for all viewers, and what comes with the app."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Comparison, ComparisonRun] = OrderedDict()

    def get(self, comparison: Comparison) -> ComparisonRun | None:
        """Return a comparison that is complete, if there is one."""
        with self._lock:
            if comparison not in self._kept and comparison == Comparison():
                self._kept[comparison] = stored_comparison()
            return self._kept.get(comparison)

    def keep(self, run: ComparisonRun) -> None:
        """Remember a comparison that is complete, unless it is known, and forget the oldest where there are many."""
        with self._lock:
            self._kept.setdefault(run.comparison, run)
            while len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)


finished = FinishedComparisons()

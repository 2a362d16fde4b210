"""Many runs at once: the cells of a grid and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from rnn_core.sentence import Sentence


@dataclass(frozen=True, slots=True, eq=False)
class SweepCell:
    """A finished cell of a sweep. One that exploded is a result too: `step` says when, and `loss` may be NaN.

    Attributes:
        index: its place in the sweep.
        values: the values that set it apart, by field.
        step, loss, grad_norm, accuracy, prediction: its last record, as in StepRecord.
        has_exploded: whether it ended because the loss or its gradient exploded.
        losses: its loss at every step, in nats per character.
        val_loss: the newest loss on held-out windows, if there are any.
        hangs_on_rounding: whether a copy whose weights began about 1e-7 of them away took another course; the same run
            by itself, or on another processor, then gives another result.
    """

    index: int
    values: Mapping[str, Any]
    step: int
    loss: float
    grad_norm: float
    accuracy: float
    prediction: str
    has_exploded: bool
    losses: Float[np.ndarray, " S"]
    val_loss: float | None = None
    hangs_on_rounding: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SweepProgress:
    """A sweep on its way.

    Attributes:
        finished, total: how many cells are done, and how many there are.
        step: updates made so far by the cells that are being trained here; None where they are trained elsewhere.
        cells: the places of these cells in the sweep.
        loss, accuracy: of each of them.
    """

    finished: int
    total: int
    step: int | None
    cells: Int[np.ndarray, " P"]
    loss: Float[np.ndarray, " P"]
    accuracy: Float[np.ndarray, " P"]


@dataclass(frozen=True, slots=True, eq=False)
class SweepTable:
    """A sweep as a table, as far as it has come: C combinations of the axes' values, S runs of each.

    Attributes:
        fields: what the axes change.
        values: of each axis, in words; combinations are counted with the last axis changing fastest.
        loss: newest loss of each run in nats per character; infinite where it exploded, NaN where it has not begun.
        accuracy: newest accuracy of each run, NaN where it has not begun.
        has_finished, has_exploded, hangs_on_rounding: of each run.
    """

    fields: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    loss: Float[np.ndarray, "C S"]
    accuracy: Float[np.ndarray, "C S"]
    has_finished: Bool[np.ndarray, "C S"]
    has_exploded: Bool[np.ndarray, "C S"]
    hangs_on_rounding: Bool[np.ndarray, "C S"]

    def middle(self, shown: str) -> Int[np.ndarray, " C"]:
        """Return which run of each combination is the median one; -1 where none has begun.

        Of an even number it is the better of the two in the middle: a run that was made, not a mean of two.

        Args:
            shown: by `loss` or by `accuracy`, in which runs that exploded come last.
        """
        order = np.argsort(self._rank(shown), axis=1, kind="stable")  # NaN comes last
        begun = (~np.isnan(self.loss)).sum(axis=1)
        middle: np.ndarray = order[np.arange(len(order)), np.maximum(begun - 1, 0) // 2]
        return np.where(begun > 0, middle, -1)

    def median(self, shown: str) -> Float[np.ndarray, " C"]:
        """Return the loss or the accuracy of the median run of each combination; NaN where none has begun."""
        values = self.loss if shown == "loss" else self.accuracy
        median: np.ndarray = values[np.arange(len(values)), self.middle(shown)]
        return median

    def best(self, shown: str) -> int | None:
        """Return the finished combination whose median run is best; None if there is none, or all exploded."""
        rank, loss = self._rank(shown), self._rank("loss")
        middle = self.middle(shown)
        places = [
            place
            for place in np.flatnonzero(self.has_finished.all(axis=1)).tolist()
            if np.isfinite(rank[place, middle[place]])
        ]
        key = [(rank[place, middle[place]], loss[place, middle[place]]) for place in places]
        return places[key.index(min(key))] if places else None

    def squares(self, shown: str) -> Int[np.ndarray, "Y X"]:
        """Return which combination stands for each pair of the first two axes: the best of those that share it.

        The first axis runs across, the second upwards; with one axis there is one row.
        """
        sizes = [len(values) for values in self.values] + [1, 1]
        rank = self._rank(shown)[np.arange(len(self.loss)), self.middle(shown)]
        ranks = np.where(np.isnan(rank), np.inf, rank).reshape(sizes[0], sizes[1], -1)
        places = np.arange(len(self.loss)).reshape(ranks.shape)
        best = np.take_along_axis(places, ranks.argmin(axis=2)[:, :, None], axis=2)[:, :, 0]
        squares: np.ndarray = best.T
        return squares

    def words(self, place: int) -> tuple[str, ...]:
        """Return the value of each axis at a combination."""
        where = np.unravel_index(place, [len(values) for values in self.values])
        return tuple(values[int(i)] for values, i in zip(self.values, where, strict=True))

    def _rank(self, shown: str) -> Float[np.ndarray, "C S"]:
        """Return numbers that are the smaller the better: infinite for an explosion, NaN where nothing has begun."""
        rank = self.loss if shown == "loss" else np.where(np.isnan(self.accuracy), np.nan, -self.accuracy)
        return np.where(self.has_exploded, np.inf, rank)


@dataclass(frozen=True, slots=True, eq=False)
class NamedCurve:
    """A line: y over x, with its name; `at` is the x that the viewer chose, if any."""

    name: Sentence
    x: Float[np.ndarray, " P"]
    y: Float[np.ndarray, " P"]
    at: float | None = None

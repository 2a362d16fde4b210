"""A run and what it has been: every number of its curve, and as many weights and predictions as memory allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from rnn_core.cells.equations import Weights
from rnn_core.config import Config
from rnn_core.records.runs import Course, StepRecord
from rnn_core.records.tensors import ForwardTrace
from rnn_core.training.trainer import Trainer

MAX_KEPT_BYTES = 6_000_000  # sixty moments of an RNN of 128 units; thirty viewers of such networks keep 180 MB
BLOCK = 250_000  # weights that lie together, 1 MB
_BLANK = np.empty((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class Moment:
    """A record together with the weights that it was measured with."""

    record: StepRecord
    weights: Weights


class _Row(Mapping[str, np.ndarray]):
    """Weights that lie one after the other, each taken out only when it is asked for.

    Args:
        numbers: all of them.
        places: where each begins and ends, and its shape; one table for all rows.
    """

    __slots__ = ("_numbers", "_places")

    def __init__(self, numbers: np.ndarray, places: Mapping[str, tuple[slice, tuple[int, ...]]]) -> None:
        self._numbers, self._places = numbers, places

    def __getitem__(self, name: str) -> np.ndarray:
        place, shape = self._places[name]
        return self._numbers[place].reshape(shape)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class Run:
    """A trainer that remembers. Record 0 is there from the start.

    Raises:
        ConfigError: if the config cannot be trained or costs too much.
    """

    def __init__(self, config: Config) -> None:
        self.trainer = Trainer(config)
        self.course = Course()
        self.moments: dict[int, Moment] = {}
        self._stride = 1
        self._places = _places(self.trainer.weights())
        self._free = _BLANK
        self.is_over = False
        self.advance()

    @property
    def config(self) -> Config:
        """What reproduces the run, changes made on the way included."""
        return self.trainer.config

    @property
    def step(self) -> int:
        """Updates made so far."""
        return self.last.step

    @property
    def has_exploded(self) -> bool:
        """Whether the run ended because the loss exploded."""
        return self.trainer.has_exploded

    def advance(self) -> bool:
        """Make one update and take its record; False if the run is over."""
        record = next(self.trainer, None)
        if record is None:
            self.is_over = True
            return False
        self.last = record
        self.course.append(record)
        if record.step % self._stride == 0:
            self._keep(record)
        self.is_over = self.trainer.has_ended
        return True

    def extend(self, steps: int) -> None:
        """Let the run end at another step, not before the present one."""
        self.trainer.extend(steps)
        self.is_over = self.trainer.has_ended

    def at(self, step: int) -> Moment:
        """Return the kept moment at a step, or the nearest one before it; the newest is always kept."""
        if step >= self.step:
            return Moment(self.last, self.trainer.weights())
        return self.moments[max(kept for kept in self.moments if kept <= step)]

    def trace(self, moment: Moment) -> ForwardTrace:
        """Run the batch of a moment through the network as it was then."""
        return self.trainer.trace(moment.record.windows, moment.weights)

    def _keep(self, record: StepRecord) -> None:
        """Keep a record and its weights, and forget every other moment when they take too much memory."""
        weights = self.trainer.weights()
        size = sum(array.nbytes for array in weights.values()) + 16 * len(record.predicted) + 500
        if len(self.moments) >= max(2, MAX_KEPT_BYTES // size):
            self._thin_out()
        if record.step % self._stride == 0:
            self.moments[record.step] = self._stored(record, weights)

    def _thin_out(self) -> None:
        kept, self.moments = self.moments, {}
        self._stride *= 2
        self._free = _BLANK  # who still looks at a moment keeps its block as it is
        for step, moment in kept.items():
            if step % self._stride == 0:
                self.moments[step] = self._stored(moment.record, moment.weights)

    def _stored(self, record: StepRecord, weights: Weights) -> Moment:
        """Put weights into the next row of a block, which goes back to the system as one when the run is forgotten.

        In arrays of their own they would be strewn over the heap, and keep what lies between them.
        """
        if not len(self._free):
            count = sum(array.size for array in weights.values())
            self._free = np.empty((max(1, BLOCK // count), count), np.float32)
        row, self._free = self._free[0], self._free[1:]
        np.concatenate([array.ravel() for array in weights.values()], out=row)
        row.setflags(write=False)
        return Moment(record, _Row(row, self._places))


def _places(weights: Weights) -> dict[str, tuple[slice, tuple[int, ...]]]:
    """Say where in a row each of the weights is, and its shape."""
    ends = np.cumsum([array.size for array in weights.values()]).tolist()
    parts = zip(weights.items(), [0, *ends], ends, strict=False)
    return {name: (slice(begin, end), array.shape) for (name, array), begin, end in parts}

"""A run and what it has been: every number of its curve, and as many weights and predictions as memory allows."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from rnn_core.cells.equations import Weights
from rnn_core.config import Config
from rnn_core.records.runs import Course, Dataset, StepRecord
from rnn_core.records.tensors import ForwardTrace
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import Trainer

MAX_KEPT_BYTES = 6_000_000  # sixty moments of an RNN of 128 units; thirty viewers of such networks keep 180 MB
TRAINER_BYTES = 100_000  # of the objects around the numbers of a network that is trained
BLOCK = 250_000  # weights that lie together, 1 MB
_BLANK = np.empty((0, 0), np.float32)


@dataclass(frozen=True, slots=True)
class Moment:
    """A record together with the weights that it was measured with."""

    record: StepRecord
    weights: Weights


@runtime_checkable
class History(Protocol):
    """What has been of a run, as far as somebody looks."""

    @property
    def config(self) -> Config:
        """What reproduces the run, changes made on the way included."""

    @property
    def dataset(self) -> Dataset:
        """What it is trained on."""

    @property
    def step(self) -> int:
        """The newest step that is seen."""

    @property
    def moments(self) -> Mapping[int, Moment]:
        """What is kept of it, by step."""

    def at(self, step: int) -> Moment:
        """Return the moment at a step, or the nearest one before it that is kept."""


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

    One thread at a time may advance a run; others may meanwhile read the course and the kept moments up to `last`,
    which is set when all the rest of a step is there.

    Attributes:
        stride: of so many steps one is kept; of a long run of a large network not each.

    Raises:
        ConfigError: if the config cannot be trained or costs too much.
    """

    def __init__(self, config: Config | Experiment) -> None:
        self.trainer = Trainer(config)
        self.course = Course()
        self.moments: dict[int, Moment] = {}
        self.stride = 1
        self._places = _places(self.trainer.present_weights)
        self._count = sum(array.size for array in self.trainer.present_weights.values())
        self._free = _BLANK
        self._begun: Moment | None = None
        self.is_over = False
        self.advance()

    @property
    def config(self) -> Config:
        """What reproduces the run, changes made on the way included."""
        return self.trainer.config

    @property
    def dataset(self) -> Dataset:
        """What it is trained on."""
        return self.trainer.dataset

    @property
    def step(self) -> int:
        """Updates made so far."""
        return self.last.step

    @property
    def has_exploded(self) -> bool:
        """Whether the run ended because the loss exploded."""
        return self.trainer.has_exploded

    @property
    def is_whole(self) -> bool:
        """Whether each of its moments is kept."""
        return self.stride == 1

    @property
    def nbytes(self) -> int:
        """Memory that it holds, roughly: what is kept, its course, the network with gradients and optimiser."""
        size = self._size(self.last)
        return len(self.moments) * size + 200 * len(self.course.steps) + 4 * size + TRAINER_BYTES

    def advance(self) -> bool:
        """Make one update and take its record; False if the run is over.

        A fork from an earlier step first repeats the updates up to there: then nothing new is recorded.
        """
        record = None if self.is_over else next(self.trainer, None)
        if record is None:
            self.is_over = True
            return False
        if record.step == len(self.course.steps):
            self.course.append(record)
            if record.step % self.stride == 0:
                self._keep(record)
            self.is_over = self.trainer.has_ended
            self.last = record
        return True

    def fork(self, config: Config, moment: Moment | None = None) -> Run:
        """Return a run that shares what has been up to a moment and goes on by a config of its own.

        Args:
            config: this run's with other `steps`, or with a change at the moment, as `Config.changed` gives it.
            moment: the newest one if not given. From an earlier one the updates are made again before it goes on.
        """
        begun = moment or self.at(self.step)
        if not begun.record.step:
            return Run(config)
        is_newest = begun.record.step == self.step == self.trainer.step
        twin = copy.copy(self)
        twin.trainer = self.trainer.fork(config) if is_newest else Trainer(config)
        twin.course, twin.last, twin._begun = self.course.until(begun.record.step), begun.record, begun
        twin.moments = {step: kept for step, kept in self.moments.copy().items() if step <= begun.record.step}
        twin._free = _BLANK  # a block belongs to one run
        twin.is_over = twin.trainer.has_exploded or begun.record.step >= config.steps
        return twin

    def at(self, step: int) -> Moment:
        """Return the moment at a step, or the nearest one before it that is kept; the newest always is."""
        if step < self.step:
            return self.kept(step)
        if self.trainer.step == self.step:
            return self.moments.get(self.step) or Moment(self.last, self.trainer.weights())
        assert self._begun is not None  # of a fork that repeats what has been
        return self._begun

    def kept(self, step: int) -> Moment:
        """Return the kept moment at a step, or the nearest one before it; safe while another thread advances."""
        moments = self.moments
        return moments.get(step) or moments[max(kept for kept in moments.copy() if kept <= step)]

    def trace(self, moment: Moment) -> ForwardTrace:
        """Run the batch of a moment through the network as it was then."""
        return self.trainer.trace(moment.record.windows, moment.weights)

    def _keep(self, record: StepRecord) -> None:
        """Keep a record and its weights, and forget every other moment when they take too much memory."""
        if len(self.moments) >= max(2, MAX_KEPT_BYTES // self._size(record)):
            self.thin_out()
        if record.step % self.stride == 0:
            self.moments[record.step] = self._stored(record, self.trainer.present_weights)

    def thin_out(self) -> None:
        """Forget every other moment."""
        self.stride *= 2
        self._free = _BLANK  # who still looks at a moment keeps its block as it is
        self.moments = {
            step: self._stored(moment.record, moment.weights)
            for step, moment in self.moments.items()
            if step % self.stride == 0
        }

    def _stored(self, record: StepRecord, weights: Weights) -> Moment:
        """Put weights into the next row of a block, which goes back to the system as one when the run is forgotten.

        In arrays of their own they would be strewn over the heap, and keep what lies between them.
        """
        if not len(self._free):
            self._free = np.empty((max(1, BLOCK // self._count), self._count), np.float32)
        row, self._free = self._free[0], self._free[1:]
        np.concatenate([array.ravel() for array in weights.values()], out=row)
        row.setflags(write=False)
        return Moment(record, _Row(row, self._places))

    def _size(self, record: StepRecord) -> int:
        """Count the bytes of a moment, roughly."""
        return 4 * self._count + 16 * len(record.predicted) + 500


def _places(weights: Weights) -> dict[str, tuple[slice, tuple[int, ...]]]:
    """Say where in a row each of the weights is, and its shape."""
    ends = np.cumsum([array.size for array in weights.values()]).tolist()
    parts = zip(weights.items(), [0, *ends], ends, strict=False)
    return {name: (slice(begin, end), array.shape) for (name, array), begin, end in parts}

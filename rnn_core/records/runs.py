"""What a run leaves behind: its data, a record an update, its course."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32, Int


@dataclass(frozen=True, slots=True, eq=False)
class StepRecord:
    """The network after `step` updates, measured on the batch that the next update would use.

    Attributes:
        step: updates made so far; 0 is the untrained network.
        loss: cross-entropy in nats per character.
        grad_norm: L2 norm of the loss's gradient over all parameters, before clipping.
        accuracy: share of characters predicted right, 0 to 1.
        predicted: the most likely characters, windows one after the other.
        target: what they should have been.
        windows: which windows of the text the batch holds.
        val_loss: loss on the held-out windows in nats per character, where it was measured.
    """

    step: int
    loss: float
    grad_norm: float
    accuracy: float
    predicted: tuple[str, ...]
    target: tuple[str, ...]
    windows: tuple[int, ...]
    val_loss: float | None = None

    @property
    def prediction(self) -> str:
        """The predicted characters as one string."""
        return "".join(self.predicted)

    @property
    def is_finite(self) -> bool:
        """True while neither the loss nor the gradient has overflowed."""
        return math.isfinite(self.loss) and math.isfinite(self.grad_norm)

    def _bits(self) -> tuple[object, ...]:
        # repr tells every float apart and, unlike ==, calls two NaNs equal: a diverged run equals its repetition.
        floats = (repr(self.loss), repr(self.grad_norm), repr(self.accuracy), repr(self.val_loss))
        return self.step, floats, self.predicted, self.target, self.windows

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StepRecord) and self._bits() == other._bits()

    def __hash__(self) -> int:
        return hash(self._bits())


@dataclass(frozen=True, slots=True, eq=False)
class SeriesRecord(StepRecord):
    """A record of a network that reads a series: its losses are mean squared errors in standard units.

    There are no characters: `predicted` and `target` are empty, and `accuracy` is NaN.

    Attributes:
        answers: the network's at each position, windows one after the other, in standard units.
        wanted: what they should have been.
    """

    answers: Float32[np.ndarray, "M C"] = field(default_factory=lambda: np.zeros((0, 1), np.float32))
    wanted: Float32[np.ndarray, "M C"] = field(default_factory=lambda: np.zeros((0, 1), np.float32))

    def _bits(self) -> tuple[object, ...]:
        return *StepRecord._bits(self), self.answers.tobytes(), self.wanted.tobytes()


@dataclass
class Course:
    """The numbers of a run by step; lists that only ever grow."""

    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    grad_norm: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    val_steps: list[int] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)

    def append(self, record: StepRecord) -> None:
        """Add one record's numbers."""
        self.steps.append(record.step)
        self.loss.append(record.loss)
        self.grad_norm.append(record.grad_norm)
        self.accuracy.append(record.accuracy)
        if record.val_loss is not None:
            self.val_steps.append(record.step)
            self.val_loss.append(record.val_loss)

    def until(self, step: int) -> Course:
        """Return a copy of the numbers up to a step."""
        count, measured = bisect_right(self.steps, step), bisect_right(self.val_steps, step)
        return Course(
            steps=self.steps[:count],
            loss=self.loss[:count],
            grad_norm=self.grad_norm[:count],
            accuracy=self.accuracy[:count],
            val_steps=self.val_steps[:measured],
            val_loss=self.val_loss[:measured],
        )


@dataclass(frozen=True, slots=True)
class Dataset:
    """The text as windows of indices: W windows of L characters, held-out windows apart.

    Attributes:
        characters: the vocabulary; a character's place is its index.
        input: indices that go in.
        target: indices that should come out.
        starts: where in the text each window begins.
        val_input, val_target: the same for held-out windows, which may be none.
    """

    characters: tuple[str, ...]
    input: Int[np.ndarray, "W L"]
    target: Int[np.ndarray, "W L"]
    starts: tuple[int, ...]
    val_input: Int[np.ndarray, "W_val L"]
    val_target: Int[np.ndarray, "W_val L"]

    @property
    def vocab_size(self) -> int:
        """V: how many different characters there are."""
        return len(self.characters)

    @property
    def outputs(self) -> int:
        """What the network answers with at each time step: a score for each character."""
        return self.vocab_size


@dataclass(frozen=True, slots=True, eq=False)
class SeriesDataset:
    """A series as windows of numbers in standard units: W windows of L time steps, held-out windows apart.

    Attributes:
        input: I features at each time step.
        target: the values of all channels one step later.
        starts: the time step at which each window begins.
        val_input, val_target: the same for held-out windows, which may be none.
    """

    input: Float32[np.ndarray, "W L I"]
    target: Float32[np.ndarray, "W L C"]
    starts: tuple[int, ...]
    val_input: Float32[np.ndarray, "W_val L I"]
    val_target: Float32[np.ndarray, "W_val L C"]

    @property
    def outputs(self) -> int:
        """What the network answers with at each time step: a number for each channel."""
        outputs: int = self.target.shape[-1]
        return outputs

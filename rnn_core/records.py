"""The result types that cross from mathematics to screen: numpy, copied, frozen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Complex, Float, Int


class Sentence:
    """A message with named gaps: English by itself, translatable by its template.

    Args:
        template: the English text with `{name}` gaps.
        params: what goes into the gaps.
    """

    def __init__(self, template: str, **params: Any) -> None:
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return self.template.format(**self.params)

    def __repr__(self) -> str:
        return f"Sentence({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and (self.template, self.params) == (other.template, other.params)

    def __hash__(self) -> int:
        return hash(str(self))


class ConfigError(ValueError):
    """A value that cannot be used; `sentence` says which and what would work."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def frozen(array: np.ndarray) -> np.ndarray:
    """Return a copy of an array that cannot be written to."""
    copy = np.array(array)
    copy.setflags(write=False)
    return copy


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


@dataclass(frozen=True, slots=True)
class GateBlock:
    """The rows start to stop - 1 of a weight or bias that belong to one gate, named as PyTorch names it."""

    name: str
    start: int
    stop: int
    meaning: Sentence


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor of a recurrent call: its name in PyTorch, its axes in order, and what it is for.

    Attributes:
        role: what goes in, what is learned, what comes out, what the loss is made of.
        gates: the blocks of rows of a weight or bias, in PyTorch's order; none for other tensors.
        dtype: as PyTorch spells it, without `torch.`.
    """

    name: str
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    meaning: Sentence
    role: Literal["input", "parameter", "result", "loss"]
    gates: tuple[GateBlock, ...] = ()
    dtype: Literal["float32", "int64"] = "float32"

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """What its numbers take: 4 bytes each, indices 8."""
        return self.elements * (8 if self.dtype == "int64" else 4)


@dataclass(frozen=True, slots=True)
class ForwardTrace:
    """What went into the network and what came out, exactly as torch saw it.

    Attributes:
        axes: how torch reads the first axes of input, output and logits: (N, L), (L, N) or (L,).
        text_axis: which of them the text of a window runs along; with axes swapped by mistake it is the one that
            torch reads as the batch.
        input, output, logits: (*axes, H_in), (*axes, D*H_out), (*axes, V).
        h_n, c_n: (D*num_layers, N, H_out); c_n for an LSTM only.
    """

    axes: tuple[str, ...]
    text_axis: int
    input: Float[np.ndarray, "*batch H_in"]
    output: Float[np.ndarray, "*batch H_out"]
    logits: Float[np.ndarray, "*batch V"]
    h_n: Float[np.ndarray, "*layers H_out2"]
    c_n: Float[np.ndarray, "*layers H_out2"] | None

    def states_of(self, window: int) -> Float[np.ndarray, "L H_out"]:
        """Return the output for each character of one window of the batch."""
        return self._of(self.output, window)

    def predicted_of(self, window: int) -> Int[np.ndarray, " L"]:
        """Return the index of the most likely character at each place of one window of the batch."""
        predicted: np.ndarray = self._of(self.logits, window).argmax(axis=-1)
        return predicted

    def _of(self, array: np.ndarray, window: int) -> np.ndarray:
        part: np.ndarray = array if len(self.axes) == 1 else np.take(array, window, axis=1 - self.text_axis)
        return part


@dataclass(frozen=True, slots=True, eq=False)
class VectorField:
    """Which way states move on a grid of a plane; entry (row, column) belongs to (y[row], x[column]).

    Attributes:
        x, y: the grid's coordinates.
        dx, dy: one step's motion along the plane.
        speed: length of the whole motion.
        off_plane: length of the part of it that leaves the plane.
        is_exact: whether the plane is the whole space of states, so that nothing leaves it.
    """

    x: Float[np.ndarray, " X"]
    y: Float[np.ndarray, " Y"]
    dx: Float[np.ndarray, "Y X"]
    dy: Float[np.ndarray, "Y X"]
    speed: Float[np.ndarray, "Y X"]
    off_plane: Float[np.ndarray, "Y X"]
    is_exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class FixedPoint:
    """A state that stays where it is under a constant input.

    Attributes:
        state: h, or (h, c) for an LSTM, layer by layer.
        speed: |F(h) - h|: rounding errors, and so not exactly zero.
        eigenvalues: of the Jacobian dF/dh there, complex in general.
        stability: `stable`, `saddle`, `unstable`, or `marginal` where the eigenvalues do not tell: one is 1 in
            size and none larger, or a relu is at its bend.
        is_isolated: False for a sample of a curve or a surface of fixed points.
    """

    state: Float[np.ndarray, " S"]
    speed: float
    eigenvalues: Complex[np.ndarray, " S"]
    stability: str
    is_isolated: bool = True

    @property
    def kind(self) -> str:
        """Its stability: what tells it from other fixed points and from slow ones."""
        return self.stability


@dataclass(frozen=True, slots=True, eq=False)
class SlowPoint:
    """A state that hardly moves under a constant input and yet is not fixed; attributes as a FixedPoint's."""

    state: Float[np.ndarray, " S"]
    speed: float
    eigenvalues: Complex[np.ndarray, " S"]

    @property
    def kind(self) -> str:
        """`slow`: it has no stability, for it does not stay."""
        return "slow"


@dataclass(frozen=True, slots=True, eq=False)
class Stillness:
    """What a search for states that stand still has found.

    Attributes:
        fixed: those that do.
        slow: those that nearly do.
        starts: from how many states it began.
        nearest: the smallest |F(h) - h| at which minimising it came to its end; inf if there was none.
    """

    fixed: tuple[FixedPoint, ...]
    slow: tuple[SlowPoint, ...]
    starts: int
    nearest: float


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """A training in which gradients may be clipped, update by update.

    Attributes:
        grad_clip: the norm to which gradients were cut; 0 if they were not.
        loss: before each update and after the last, in nats per character.
        grad_norm: L2 norm of all gradients together, as they came.
        clipped_norm: as the optimiser got them.
        has_exploded: whether it ended because the loss or a gradient did.
    """

    grad_clip: float
    loss: Float[np.ndarray, " S"]
    grad_norm: Float[np.ndarray, " S"]
    clipped_norm: Float[np.ndarray, " S"]
    has_exploded: bool


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
class CellPanel:
    """A small table of numbers to be drawn as coloured cells.

    Attributes:
        title: what it shows.
        values: the numbers.
        axes: the names of the axes that rows and columns run along, as in AXIS_COLORS; empty where there is none.
        rows, columns: labels; their numbers if not given.
        marked: cells that matter, as (row, column).
    """

    title: Sentence
    values: Float[np.ndarray, "R C"]
    axes: tuple[str, str] = ("", "")
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    marked: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NamedCurve:
    """A line: y over x, with its name; `at` is the x that the viewer chose, if any."""

    name: Sentence
    x: Float[np.ndarray, " P"]
    y: Float[np.ndarray, " P"]
    at: float | None = None


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

"""Where each tensor of a call is drawn: blocks to scale, time to the right, layers upwards, the batch set back.

Every axis has one scale wherever it is met: all features have the same height, all time steps the same width, all
columns of weights the same width. Of a large tensor a sample of its cells is drawn; each knows its full index.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from rnn_core.records.tensors import TensorSpec

WIDTH = 1000.0  # of a drawing; its heights are pixels
SCREEN_PX = 600.0  # what is to be seen at once
BAND_PX = 32.0  # for the features of a band: less is too little to see
LINE_PX, AIR_PX = 26.0, 8.0  # a line of words, and above it: it stands nearer to what it names
DEPTH_PX = 20.0  # how far the last sequence of a batch is set back
LEAST_PX = 10.0  # the height of a block that would be too thin to see
TIME_LEFT, RESULTS_LEFT, STEP_WIDTH = 225.0, 120.0, 60.0  # where time begins: behind h_0, or without it
SIZES = 90.0  # the room behind a sequence in which its L and its N stand
RESULT = 150.0  # the least room for h_n or c_n with its name, where all of it is drawn
SLOT, GAP = 360.0, 30.0  # the least room for a weight with its name, and the least between two blocks
Parts = Literal["all", "layers", "results"]
PARTS: tuple[Parts, ...] = ("all", "layers", "results")  # with weights; without; input, output, h_n and c_n alone
LEAST_CELL = (2.0, 3.0)  # height and width; of smaller cells a sample is drawn


@dataclass(frozen=True, eq=False)
class Face:
    """A matrix of cells out of a tensor, each with its full index there.

    Attributes:
        values: what the cells hold.
        index: index[r, c] is where in the tensor cell (r, c) is.
        whole: how many rows and columns there are, of which these may be a sample.
    """

    values: Float[np.ndarray, "rows columns"]
    index: Int[np.ndarray, "rows columns axes"]
    whole: tuple[int, int]

    @property
    def is_sample(self) -> bool:
        """Whether some cells are left out."""
        return self.values.shape != self.whole


@dataclass(frozen=True, eq=False)
class Source:
    """Which cells of which tensor a block shows.

    Attributes:
        spec: the tensor, or what is like one.
        values: its numbers.
        rows, columns: the axes of the cells' rows and columns; a vector has no columns.
        at: where on the other axes; 0 if not given.
        span: which of the rows' axis, from and to; all if not given.
    """

    spec: TensorSpec
    values: np.ndarray
    rows: int
    columns: int | None = None
    at: Mapping[int, int] | None = None
    span: tuple[int, int] | None = None

    @property
    def whole(self) -> tuple[int, int]:
        """How many rows and columns there are."""
        start, stop = self.span or (0, self.values.shape[self.rows])
        return stop - start, 1 if self.columns is None else self.values.shape[self.columns]

    def face(self, most: tuple[int, int]) -> Face:
        """Return the cells, or a sample of at most so many rows and columns."""
        places = [np.full((1, 1), (self.at or {}).get(axis, 0)) for axis in range(self.values.ndim)]
        first = self.span[0] if self.span else 0
        places[self.rows] = first + sample(self.whole[0], most[0])[:, None]
        if self.columns is not None:
            places[self.columns] = sample(self.whole[1], most[1])[None, :]
        index = np.stack(np.broadcast_arrays(*places), axis=-1)
        return Face(self.values[tuple(np.moveaxis(index, -1, 0))], index, self.whole)


@dataclass(frozen=True, eq=False)
class Block:
    """A tensor, or a part of one, at its place in the drawing.

    Attributes:
        source: what it shows.
        title: its name with what part of the tensor it is.
        place: where the title stands.
        left, width: out of WIDTH.
        bottom, height: in pixels.
        depth: how many sequences stand one behind the other.
    """

    source: Source
    title: str
    place: Literal["above", "below"]
    left: float
    width: float
    depth: int = 1
    bottom: float = 0.0
    height: float = 0.0

    @cached_property
    def face(self) -> Face:
        """The cells that are drawn."""
        return self.source.face((math.ceil(self.height / LEAST_CELL[0]), math.ceil(self.width / LEAST_CELL[1])))

    @property
    def name(self) -> str:
        """The tensor's name."""
        return self.source.spec.name


@dataclass(frozen=True, eq=False)
class Band:
    """Blocks side by side."""

    blocks: tuple[Block, ...]
    lines_above: int = 1
    lines_below: int = 0

    @property
    def rows(self) -> int:
        """The rows of its tallest block."""
        return max(block.source.whole[0] for block in self.blocks)


@dataclass(frozen=True, eq=False)
class Drawing:
    """All blocks from the input, below, to the scores, above.

    Attributes:
        blocks: in the order of the bands, from below.
        height: of the whole, in pixels.
        is_sample: whether some block shows a sample of its cells.
        depth_px: how far each further sequence is set back.
    """

    blocks: tuple[Block, ...]
    height: float
    is_sample: bool
    depth_px: float
    parts: Parts = "all"


def arrange(
    specs: Sequence[TensorSpec],
    tensors: Mapping[str, np.ndarray],
    layers: Sequence[str],
    *,
    parts: Parts | None = None,
    sequence: int = 0,
) -> Drawing:
    """Give every tensor of a call, or some of them, its place.

    Args:
        specs: the tensors.
        tensors: their values.
        layers: names of what the layers give, each in the shape of `output`, which is the last of them.
        parts: which tensors; as many as a screen can show if not given.
        sequence: which sequence of the batch stands in front.
    """
    call = _Call({spec.name: spec for spec in specs}, tensors, layers, sequence)
    for shown in (parts,) if parts else PARTS:
        bands = tuple(call.bands(shown))
        depth = max(block.depth for band in bands for block in band.blocks)
        depth_px = min(4.0, DEPTH_PX / (depth - 1)) if depth > 1 else 0.0
        words_px = sum((band.lines_above + band.lines_below) * LINE_PX + AIR_PX for band in bands)
        room = SCREEN_PX - words_px - depth_px * (depth - 1) * len(bands)
        if room >= BAND_PX * len(bands):
            break
    unit = min(16.0, max(room, BAND_PX * len(bands)) / sum(band.rows for band in bands))
    blocks: list[Block] = []
    y = 0.0
    for band in bands:
        y += band.lines_below * LINE_PX
        top = y + max(LEAST_PX, band.rows * unit)
        for block in band.blocks:
            height = max(LEAST_PX, block.source.whole[0] * unit)
            blocks.append(replace(block, bottom=top - height, height=height))
        y = top + depth_px * (depth - 1) + band.lines_above * LINE_PX + AIR_PX
    return Drawing(tuple(blocks), y - AIR_PX, any(block.face.is_sample for block in blocks), depth_px, shown)


def sample(count: int, most: int) -> Int[np.ndarray, " shown"]:
    """Return all of 0 to count - 1, or as many as are allowed, evenly spread with both ends."""
    return np.arange(count) if count <= most else np.linspace(0, count - 1, max(most, 2)).round().astype(int)


@dataclass(frozen=True, eq=False)
class _Call:
    """Builds the bands of a call from below."""

    specs: Mapping[str, TensorSpec]
    tensors: Mapping[str, np.ndarray]
    layers: Sequence[str]
    sequence: int

    def bands(self, parts: Parts) -> Iterator[Band]:
        """Yield input, then weights and states of every layer and direction, then head and scores."""
        if parts == "results":
            yield from self._results()
            return
        step = self._step(TIME_LEFT, width=LEAST_PX, count=len(self._last))
        directions = len(self.tensors["h_n"]) // len(self.layers)
        names = [(layer, d) for layer in range(len(self.layers)) for d in reversed(range(directions))]
        weights = [self._weights(f"l{layer}{'_reverse' * d}") for layer, d in names]
        head = self._parameters(("head.weight", "head.bias"))
        unit = min(_column_width(band) for band in (*weights, head) if band)
        has_weights = parts == "all"
        yield Band((self._sequence("input", step),), lines_below=1)
        for (layer, d), band in zip(names, weights, strict=True):  # the forward direction's rows are on top
            if has_weights:
                yield Band(tuple(_side_by_side(band, unit)))
            yield Band(tuple(self._layer(layer, d, directions, step)), lines_below=1)
        if head and has_weights:
            yield Band(tuple(_side_by_side(head, unit)))
        if head:
            yield Band((self._sequence("logits", step),))

    def _results(self) -> Iterator[Band]:
        """Yield the input, and above it what torch returns: output, and all rows of h_n and c_n."""
        rows = len(self.tensors["h_n"])
        step = self._step(RESULTS_LEFT, width=RESULT, count=len(self._last))
        yield Band((self._sequence("input", step, left=RESULTS_LEFT),), lines_below=1)
        output = self._sequence(self.layers[-1], step, left=RESULTS_LEFT)
        blocks, left = [output], output.left + output.width + self._gap()
        for name in self._last:
            values, width = self.tensors[name], min(rows * STEP_WIDTH / 2, RESULT - DEPTH_PX)
            source = Source(
                self.specs[name], values, values.ndim - 1, 0, {1: self.sequence} if values.ndim == 3 else {}
            )
            place: Literal["above", "below"] = "below" if name == "h_n" else "above"
            blocks.append(Block(source, name, place, left, width, self._depth()))
            left += RESULT
        yield Band(tuple(blocks), lines_below=1)

    @property
    def _last(self) -> list[str]:
        return [name for name in ("h_n", "c_n") if name in self.specs]

    def _step(self, left: float, *, width: float, count: int) -> float:
        """Return how wide a time step is where so many states stand behind the sequence, each at least so wide."""
        depth = DEPTH_PX if self._depth() > 1 else 0.0
        room, length = WIDTH - left - self._gap() - depth - (count - 1) * LEAST_PX, self._size("L")
        step = room / (length + count)
        step = step if step >= width else (room - count * width) / length
        return min(STEP_WIDTH, step, (WIDTH - left - depth - SIZES) / length)

    def _weights(self, name: str) -> list[Source]:
        kinds = ("weight_ih", "weight_hh", "weight_hr", "bias_ih", "bias_hh")
        return self._parameters([f"{kind}_{name}" for kind in kinds])

    def _parameters(self, names: Sequence[str]) -> list[Source]:
        found = [name for name in names if name in self.specs]
        return [
            Source(self.specs[name], self.tensors[name], 0, 1 if self.tensors[name].ndim == 2 else None)
            for name in found
        ]

    def _sequence(self, name: str, step: float, span: tuple[int, int] | None = None, left: float = TIME_LEFT) -> Block:
        """Place a tensor that runs along time."""
        spec, values = self.specs[name], self.tensors[name]
        at = {spec.axes.index("N"): self.sequence} if "N" in spec.axes else {}
        source = Source(spec, values, values.ndim - 1, spec.axes.index("L"), at, span)
        return Block(source, name, "above", left, step * source.whole[1], self._depth())

    def _layer(self, layer: int, direction: int, directions: int, step: float) -> Iterator[Block]:
        """Yield the states of all steps, h_0 and c_0, h_n and c_n; the backward direction starts on the right."""
        size = self.tensors["h_n"].shape[-1]
        states = self._sequence(self.layers[layer], step, (direction * size, (direction + 1) * size))
        half = ("", "") if directions == 1 else (f"[..., :{size}]", f"[..., {size}:]")
        yield replace(states, title=states.name + half[direction])
        row, width = layer * directions + direction, max(step, LEAST_PX)
        left, right = TIME_LEFT - self._gap() - width, TIME_LEFT + states.width + self._gap()
        yield from self._states("0", row, right if direction else left, width)
        yield from self._states("n", row, left if direction else right, width)

    def _states(self, when: str, row: int, near: float, width: float) -> Iterator[Block]:
        """Yield a row of h_0 or h_n, nearest to the states, and beside it that of c_0 or c_n."""
        names = [name for name in (f"h_{when}", f"c_{when}") if name in self.specs]
        place = "" if len(self.tensors["h_n"]) == 1 else f"[{row}]"
        title = ", ".join(name + place for name in names)
        away = width + LEAST_PX if near > TIME_LEFT else -width - LEAST_PX
        for k, name in enumerate(names):
            values = self.tensors[name]
            source = Source(self.specs[name], values, values.ndim - 1, None, {0: row, 1: self.sequence})
            yield Block(source, "" if k else title, "below", near + k * away, width, self._depth())

    def _gap(self) -> float:
        return GAP + (DEPTH_PX if self._depth() > 1 else 0.0)

    def _depth(self) -> int:
        return self._size("N") if "N" in self.specs["input"].axes else 1

    def _size(self, axis: str) -> int:
        spec = self.specs["input"]
        return spec.shape[spec.axes.index(axis)]


def _column_width(sources: Sequence[Source]) -> float:
    """Return the width of a column of weights with which matrices and their biases fit side by side."""
    matrices = [source.whole[1] for source in sources if source.columns is not None]
    room = WIDTH - (len(sources) - len(matrices)) * (STEP_WIDTH + 8)
    widths = [STEP_WIDTH / 2]
    for slots in range(2 ** len(matrices)):  # each matrix takes either its columns or the room of its name
        wide = [count for bit, count in enumerate(matrices) if not slots >> bit & 1]
        left = room - GAP * len(wide) - SLOT * (len(matrices) - len(wide))
        if wide and left > 0:
            widths.append(left / sum(wide))
    return min(widths)


def _side_by_side(sources: Sequence[Source], unit: float) -> Iterator[Block]:
    """Place weights and then biases from the left, each matrix with room for its name."""
    left, vectors = 0.0, [source for source in sources if source.columns is None]
    for source in sources:
        width = max(source.whole[1] * unit, LEAST_PX)
        title = source.spec.name
        if source.columns is None and len(vectors) == 2:
            title = "2 × bias" if source is vectors[0] else ""
        yield Block(source, title, "above", left, width)
        left += width + 8 if source.columns is None else max(width + GAP, SLOT)

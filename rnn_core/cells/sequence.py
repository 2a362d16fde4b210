"""A whole sequence through a whole network in numpy, every intermediate of every step kept, with any weights.

It gives what torch gives, to within torch's own rounding, and also what no module computes: a network with one weight
edited, a GRU by another of the CONVENTIONS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from jaxtyping import Float, Int

from rnn_core.cells.equations import CONVENTIONS, Values, Weights, cell_step, cell_weights
from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.tensors import ForwardTrace
from rnn_core.shapes.specs import sequence_axes


@dataclass(frozen=True, slots=True, eq=False)
class CellStep:
    """One time step of one layer in one direction.

    Attributes:
        layer: 0 is the one that reads the input.
        is_reverse: whether it reads from the last time step to the first.
        t: the time step, counted along the sequence in either direction.
        values: every intermediate by its formula, in the order of the equations, from x_t to h_t; weights times
            vectors are (*batch, H_out), biases (H_out,).
    """

    layer: int
    is_reverse: bool
    t: int
    values: Mapping[str, np.ndarray]

    @property
    def h_t(self) -> Float[np.ndarray, "*batch H_out"]:
        """The hidden state after this step."""
        return self.values["h_t"]

    @property
    def c_t(self) -> Float[np.ndarray, "*batch H_out"] | None:
        """The cell state after this step; of an LSTM only."""
        return self.values.get("c_t")


@dataclass(frozen=True, slots=True, eq=False)
class CellTrace:
    """A whole sequence, step by step.

    Attributes:
        steps: steps[layer * D + direction][t], t counted along the sequence in either direction.
        output, h_n, c_n: as nn.RNN, nn.LSTM or nn.GRU returns them; c_n for an LSTM only.
    """

    steps: tuple[tuple[CellStep, ...], ...]
    output: Float[np.ndarray, "*batch D_H_out"]
    h_n: Float[np.ndarray, "*layers H_out"]
    c_n: Float[np.ndarray, "*layers H_out"] | None


def trace_cells(
    config: Config,
    weights: Weights,
    input: Float[np.ndarray, "*batch H_in"],
    *,
    h_0: Float[np.ndarray, "*layers H_out"] | None = None,
    c_0: Float[np.ndarray, "*layers H_out"] | None = None,
    convention: str = "torch",
) -> CellTrace:
    """Run a sequence through all layers and directions as torch does, keeping every intermediate of every step.

    Args:
        config: cell, layers, directions, and which axis of the input is time.
        weights: by parameter name; all of the network's, or those of nn.RNN alone.
        input: what torch would be given: (N, L, H_in), (L, N, H_in) or (L, H_in). Some 30 numbers are kept for each
            unit and time step, so hand over a window rather than a whole text.
        h_0: hidden states before the first step, as torch takes them; zeros if not given.
        c_0: the same for the cell states of an LSTM.
        convention: one of CONVENTIONS; it makes a difference to a GRU only.
    """
    axis = sequence_axes(config, "H_in").index("L")
    below = np.moveaxis(input.astype(np.float64), axis, 0)  # (L, *N, H_in)
    zeros = np.zeros((config.num_layers * config.num_directions, *below.shape[1:-1], config.hidden_size))
    h_0, c_0 = (zeros if state is None else state.astype(np.float64) for state in (h_0, c_0))
    steps: list[tuple[CellStep, ...]] = []
    for layer in range(config.num_layers):
        first = len(steps)
        for is_reverse in (False, True)[: config.num_directions]:
            start = h_0[len(steps)], c_0[len(steps)], convention
            steps.append(_run_direction(config, weights, (layer, is_reverse), below, *start))
        below = np.concatenate([[step.values["h_t"] for step in line] for line in steps[first:]], axis=-1)
    last = [line[0 if line[0].is_reverse else -1].values for line in steps]
    return CellTrace(
        steps=tuple(steps),
        output=frozen(np.moveaxis(below, 0, axis)),
        h_n=frozen(np.stack([values["h_t"] for values in last])),
        c_n=frozen(np.stack([values["c_t"] for values in last])) if config.cell == "lstm" else None,
    )


def recompute(
    config: Config, weights: Weights, windows: Int[np.ndarray, "N L"], *, convention: str = "torch"
) -> ForwardTrace:
    """Run windows of indices through the whole network in numpy: states, logits, everything as torch would give it.

    It is for weights that no module holds: one entry edited, W_hh doubled, a GRU by another formula.
    """
    input = encode(config, weights, arrange(config, windows))
    trace = trace_cells(config, weights, input, convention=convention)
    return ForwardTrace(
        axes=sequence_axes(config, "H_in")[:-1],
        text_axis=text_axis(config),
        input=frozen(input),
        output=trace.output,
        logits=frozen(score(config, weights, trace.output)),
        h_n=trace.h_n,
        c_n=trace.c_n,
    )


def arrange(config: Config, windows: Int[np.ndarray, "N L"]) -> Int[np.ndarray, "*batch"]:
    """Put windows of indices into the axis order in which the network is given them."""
    if not config.batched:
        alone: np.ndarray = windows[0]
        return alone
    return windows.T if text_axis(config) == 0 else windows


def text_axis(config: Config) -> int:
    """Return which axis of what the network is given the text of a window runs along."""
    return 1 if config.batched and (config.batch_first or config.layout == "batch_major") else 0


def score(config: Config, weights: Weights, output: Float[np.ndarray, "*batch H_out"]) -> Float[np.ndarray, "*batch V"]:
    """Turn the top layer's states into scores: by the linear head, or as they are without one."""
    if config.head == "none":
        return output
    with np.errstate(over="ignore", invalid="ignore"):
        scores: np.ndarray = output @ weights["head.weight"].astype(np.float64).T + weights["head.bias"]
    return scores


def encode(config: Config, weights: Weights, indices: Int[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch H_in"]:
    """Turn indices into the feature vectors that the network reads: one-hot rows, or rows of its embedding."""
    if config.encoding == "embedding":
        table = weights["embedding.weight"]
    else:
        table = np.eye(cell_weights(weights, 0).weight_ih.shape[1], dtype=np.float32)
    rows: np.ndarray = table[indices]
    return rows


def predictions_of(trace: ForwardTrace, window: int = 0) -> Int[np.ndarray, " L"]:
    """Return the index of the most likely character after each character of one window."""
    best = trace.logits.argmax(axis=-1)
    chosen: np.ndarray = best if best.ndim == 1 else np.take(best, window, axis=1 - trace.text_axis)
    return chosen


def set_entry(weights: Weights, name: str, index: tuple[int, ...], value: float) -> dict[str, np.ndarray]:
    """Return a copy of the weights with one entry at another value, such as `rnn.weight_hh_l0`, (2, 3)."""
    edited = weights[name].copy()
    edited[index] = value
    return {**weights, name: frozen(edited)}


def scale(weights: Weights, name: str, factor: float) -> dict[str, np.ndarray]:
    """Return a copy of the weights with one of them multiplied, such as `rnn.weight_hh_l0` doubled."""
    return {**weights, name: frozen(weights[name] * factor)}


def compare_conventions(config: Config, weights: Weights, input: Float[np.ndarray, "*batch H_in"]) -> dict[str, float]:
    """Say by how much each of the CONVENTIONS changes the same GRU: the largest |output − torch's output|.

    Zero for every other cell: only the GRU is written in more than one way.
    """
    outputs = {name: trace_cells(config, weights, input, convention=name).output for name in CONVENTIONS}
    return {name: float(np.abs(output - outputs["torch"]).max()) for name, output in outputs.items()}


def _run_direction(
    config: Config,
    weights: Weights,
    place: tuple[int, bool],
    below: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    convention: str,
) -> tuple[CellStep, ...]:
    """Run one layer in one direction over (L, *N, H_in); the steps come in the order of the sequence."""
    layer, is_reverse = place
    w = cell_weights(weights, layer, is_reverse=is_reverse)
    order = range(len(below))[:: -1 if is_reverse else 1]
    steps = []
    for t in order:
        values = cell_step(config, w, below[t], h, c, convention)
        h, c = values["h_t"], values.get("c_t", c)
        steps.append(CellStep(layer, is_reverse, t, _sealed(values)))
    return tuple(steps[:: -1 if is_reverse else 1])


def _sealed(values: Values) -> Mapping[str, np.ndarray]:
    return MappingProxyType({name: frozen(value) for name, value in values.items()})

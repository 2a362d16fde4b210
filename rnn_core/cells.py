"""What a cell does in one time step, every intermediate by name and in the order of the equations; numpy alone.

The equations are those on https://pytorch.org/docs/stable/generated/torch.nn.RNN.html (LSTM.html, GRU.html), the names
of the intermediates are their terms. Everything is computed in float64 from the weights as they are: what then differs
from torch is torch's own rounding to float32, less than 1e-6 over a hundred steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from rnn_core.config import Config
from rnn_core.records import ForwardTrace, frozen
from rnn_core.shapes import sequence_axes

Weights = Mapping[str, np.ndarray]  # by parameter name, as Trainer.weights gives them
Values = dict[str, np.ndarray]
GATE_NAMES: Mapping[str, str] = {"rnn": "h", "lstm": "ifgo", "gru": "rzn"}  # in the order of their rows


class Convention(NamedTuple):
    """How a GRU is meant; the weights are the same, the numbers are not.

    Attributes:
        resets_before: the reset gate acts on h_prev, not on its product with W_hn.
        z_keeps: z is the share of the old state, not that of the new one.
    """

    resets_before: bool
    z_keeps: bool


# Cho et al. 2014, https://arxiv.org/abs/1406.1078: version 1 resets after the product as torch and cuDNN do (Keras:
# reset_after=True), version 3 before it (reset_after=False). Chung et al. 2014, https://arxiv.org/abs/1412.3555,
# resets before the product and lets z bring in the new state.
CONVENTIONS: Mapping[str, Convention] = {
    "torch": Convention(resets_before=False, z_keeps=True),
    "reset_before": Convention(resets_before=True, z_keeps=True),
    "z_swapped": Convention(resets_before=False, z_keeps=False),
    "reset_before_z_swapped": Convention(resets_before=True, z_keeps=False),
}


@dataclass(frozen=True, slots=True)
class CellWeights:
    """The four parameters of one layer and direction, the rows of its gates one below the other."""

    weight_ih: Float[np.ndarray, "rows H_in"]
    weight_hh: Float[np.ndarray, "rows H_out"]
    bias_ih: Float[np.ndarray, " rows"]
    bias_hh: Float[np.ndarray, " rows"]

    @property
    def hidden_size(self) -> int:
        """H_out."""
        return len(self.weight_hh.T)

    def rows(self, place: int) -> slice:
        """Return which rows belong to one gate: the first H_out for place 0, the next for place 1, ..."""
        return slice(place * self.hidden_size, (place + 1) * self.hidden_size)


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


def cell_weights(weights: Weights, layer: int, *, is_reverse: bool = False) -> CellWeights:
    """Pick one layer and direction out of all weights, in float64.

    Args:
        weights: by the names of nn.RNN's parameters or of the whole network's (`rnn.weight_ih_l0`).
        layer: 0 is the one that reads the input.
        is_reverse: the direction that reads from the end; there is one if the network is bidirectional.
    """
    prefix = "rnn." if "rnn.weight_ih_l0" in weights else ""
    suffix = f"_l{layer}_reverse" if is_reverse else f"_l{layer}"
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    return CellWeights(*(weights[prefix + name + suffix].astype(np.float64) for name in names))


def rnn_step(w: CellWeights, x_t: np.ndarray, h_prev: np.ndarray, nonlinearity: str = "tanh") -> Values:
    """Advance an Elman cell: h_t = tanh(x_t W_ih^T + b_ih + h_prev W_hh^T + b_hh), or relu of the same."""
    v: Values = {"x_t": x_t, "h_prev": h_prev}
    v["x_t W_ih^T"] = x_t @ w.weight_ih.T
    v["b_ih"] = w.bias_ih
    v["h_prev W_hh^T"] = h_prev @ w.weight_hh.T
    v["b_hh"] = w.bias_hh
    v["a_t"] = v["x_t W_ih^T"] + v["b_ih"] + v["h_prev W_hh^T"] + v["b_hh"]
    v["h_t"] = np.tanh(v["a_t"]) if nonlinearity == "tanh" else np.maximum(v["a_t"], 0)
    return v


def lstm_step(w: CellWeights, x_t: np.ndarray, h_prev: np.ndarray, c_prev: np.ndarray) -> Values:
    """Advance an LSTM cell.

    i, f, o = σ(x_t W_i*^T + b_i* + h_prev W_h*^T + b_h*), g = tanh(the same with its own weights),
    c_t = f * c_prev + i * g, h_t = o * tanh(c_t).
    """
    v: Values = {"x_t": x_t, "h_prev": h_prev, "c_prev": c_prev}
    for place, gate in enumerate(GATE_NAMES["lstm"]):
        _add_gate(v, w, gate, w.rows(place))
        v[f"{gate}_t"] = np.tanh(v[f"a_{gate}"]) if gate == "g" else sigmoid(v[f"a_{gate}"])
    v["f_t * c_prev"] = v["f_t"] * c_prev
    v["i_t * g_t"] = v["i_t"] * v["g_t"]
    v["c_t"] = v["f_t * c_prev"] + v["i_t * g_t"]
    v["tanh(c_t)"] = np.tanh(v["c_t"])
    v["h_t"] = v["o_t"] * v["tanh(c_t)"]
    return v


def gru_step(w: CellWeights, x_t: np.ndarray, h_prev: np.ndarray, convention: str = "torch") -> Values:
    """Advance a GRU cell; in torch r acts after the product and z keeps the old state.

    r, z = σ(x_t W_i*^T + b_i* + h_prev W_h*^T + b_h*), n = tanh(x_t W_in^T + b_in + r * (h_prev W_hn^T + b_hn)),
    h_t = (1 − z) * n + z * h_prev. With another of the CONVENTIONS n is tanh(x_t W_in^T + b_in +
    (r * h_prev) W_hn^T + b_hn), or z and 1 − z change places, or both.
    """
    resets_before, z_keeps = CONVENTIONS[convention]
    v: Values = {"x_t": x_t, "h_prev": h_prev}
    for place, gate in enumerate("rz"):
        _add_gate(v, w, gate, w.rows(place))
        v[f"{gate}_t"] = sigmoid(v[f"a_{gate}"])
    _add_candidate(v, w, w.rows(2), resets_before=resets_before)
    new, old = ("(1 − z_t)", "z_t") if z_keeps else ("z_t", "(1 − z_t)")
    kept = v["z_t"] if z_keeps else 1 - v["z_t"]
    v[f"{new} * n_t"] = (1 - kept) * v["n_t"]
    v[f"{old} * h_prev"] = kept * h_prev
    v["h_t"] = v[f"{new} * n_t"] + v[f"{old} * h_prev"]
    return v


def sigmoid(a: np.ndarray) -> np.ndarray:
    """Return σ(a) = 1 / (1 + exp(−a)), by a form that never overflows."""
    result: np.ndarray = 0.5 + 0.5 * np.tanh(0.5 * a)
    return result


def cell_step(
    config: Config,
    w: CellWeights,
    x_t: Float[np.ndarray, "*batch H_in"],
    h_prev: Float[np.ndarray, "*batch H_out"],
    c_prev: Float[np.ndarray, "*batch H_out"] | None = None,
    convention: str = "torch",
) -> Values:
    """Advance the config's cell by one time step, keeping every intermediate; `c_prev` is zero if not given."""
    with np.errstate(over="ignore", invalid="ignore"):  # weights of an exploded run are shown as they are
        if config.cell == "lstm":
            return lstm_step(w, x_t, h_prev, np.zeros_like(h_prev) if c_prev is None else c_prev)
        if config.cell == "gru":
            return gru_step(w, x_t, h_prev, convention)
        return rnn_step(w, x_t, h_prev, config.nonlinearity)


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
    is_transposed = config.batched and not config.batch_first and config.layout == "auto"
    indices = windows[0] if not config.batched else windows.T if is_transposed else windows
    input = encode(config, weights, indices)
    trace = trace_cells(config, weights, input, convention=convention)
    logits = trace.output
    if config.head == "linear":
        with np.errstate(over="ignore", invalid="ignore"):
            logits = logits @ weights["head.weight"].astype(np.float64).T + weights["head.bias"]
    return ForwardTrace(
        axes=sequence_axes(config, "H_in")[:-1],
        text_axis=0 if is_transposed or not config.batched else 1,
        input=frozen(input),
        output=trace.output,
        logits=frozen(logits),
        h_n=trace.h_n,
        c_n=trace.c_n,
    )


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


def _add_gate(v: Values, w: CellWeights, gate: str, rows: slice) -> None:
    """Add a gate's four terms and their sum a, what its σ or tanh is taken of."""
    v[f"x_t W_i{gate}^T"] = v["x_t"] @ w.weight_ih[rows].T
    v[f"b_i{gate}"] = w.bias_ih[rows]
    v[f"h_prev W_h{gate}^T"] = v["h_prev"] @ w.weight_hh[rows].T
    v[f"b_h{gate}"] = w.bias_hh[rows]
    v[f"a_{gate}"] = v[f"x_t W_i{gate}^T"] + v[f"b_i{gate}"] + v[f"h_prev W_h{gate}^T"] + v[f"b_h{gate}"]


def _add_candidate(v: Values, w: CellWeights, rows: slice, *, resets_before: bool) -> None:
    """Add the terms of n, the state that a GRU would move to."""
    v["x_t W_in^T"] = v["x_t"] @ w.weight_ih[rows].T
    v["b_in"] = w.bias_ih[rows]
    if resets_before:
        v["r_t * h_prev"] = v["r_t"] * v["h_prev"]
        v["(r_t * h_prev) W_hn^T"] = v["r_t * h_prev"] @ w.weight_hh[rows].T
        v["b_hn"] = w.bias_hh[rows]
        v["a_n"] = v["x_t W_in^T"] + v["b_in"] + v["(r_t * h_prev) W_hn^T"] + v["b_hn"]
    else:
        v["h_prev W_hn^T"] = v["h_prev"] @ w.weight_hh[rows].T
        v["b_hn"] = w.bias_hh[rows]
        v["h_prev W_hn^T + b_hn"] = v["h_prev W_hn^T"] + v["b_hn"]
        v["r_t * (h_prev W_hn^T + b_hn)"] = v["r_t"] * v["h_prev W_hn^T + b_hn"]
        v["a_n"] = v["x_t W_in^T"] + v["b_in"] + v["r_t * (h_prev W_hn^T + b_hn)"]
    v["n_t"] = np.tanh(v["a_n"])


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

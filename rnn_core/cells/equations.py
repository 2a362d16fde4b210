"""What a cell does in one time step, every intermediate by name and in the order of the equations; numpy alone.

The equations are those on https://pytorch.org/docs/stable/generated/torch.nn.RNN.html (LSTM.html, GRU.html), the names
of the intermediates are their terms. Everything is computed in float64 from the weights as they are: what then differs
from torch is torch's own rounding to float32, less than 1e-6 over a hundred steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from rnn_core.config import Config

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

"""Where a cell stands still, however slowly its gates let it move.

A GRU moves by F(h) - h = (1 − z) * (n − h). Where z is nearly 1 every state seems to stand still, and yet nothing is
fixed there but h = n. So a fixed point is looked for in n − h, which has the same zeros and none of those plateaus.
Likewise for an LSTM: c − c_prev = i * g − (1 − f) * c_prev is divided by its pace, i + (1 − f).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from rnn_core.cells.equations import CellWeights, Values
from rnn_core.cells.jacobians import step_jacobian, weighted
from rnn_core.config import Config


class Balance(NamedTuple):
    """What is zero where a layer stands still, and how it answers to the layer's state and input.

    Attributes:
        residual: F(h) - h, divided by the pace that the gates allow.
        slope: its derivative with respect to the state, h or (h, c).
        to_input: with respect to x_t.
    """

    residual: Float[np.ndarray, "B S"]
    slope: Float[np.ndarray, "B S S"]
    to_input: Float[np.ndarray, "B S H_in"]


def balance(config: Config, w: CellWeights, v: Values) -> Balance:
    """Return the balance of a layer at the intermediates of its step, as `cells.cell_step` gives them."""
    with np.errstate(over="ignore", invalid="ignore"):
        if config.cell == "lstm":
            return _lstm(w, v)
        if config.cell == "gru":  # with z = 0 its next state is n
            v = v | {"z_t": np.zeros_like(v["z_t"]), "h_t": v["n_t"]}
        step = step_jacobian(config, w, v)
        return Balance(v["h_t"] - v["h_prev"], step.h_h - np.eye(w.hidden_size), step.h_x)


def _lstm(w: CellWeights, v: Values) -> Balance:
    """Balance o * tanh(c) with h, and (1 − s) * g with s * c, where s = (1 − f) / (i + (1 − f)).

    s = σ(d) with d = ln(1 − f) − ln i, so that it keeps all its digits where gates are shut.
    """
    c, g, o, tanh_c = v["c_prev"], v["g_t"], v["o_t"], np.tanh(v["c_prev"])
    d = np.logaddexp(0, -v["a_i"]) - np.logaddexp(0, v["a_f"])
    s, rest = 1 / (1 + np.exp(-d)), 1 / (1 + np.exp(d))
    by_d = -s * rest * (g + c)
    to_h = {"o": tanh_c * o * (1 - o)}
    to_c = {"i": -by_d * (1 - v["i_t"]), "f": -by_d * v["f_t"], "g": rest * (1 - g**2)}
    unit = np.eye(w.hidden_size)
    top = [weighted(w, w.weight_hh, "lstm", to_h) - unit, (o * (1 - tanh_c**2))[..., None] * unit]
    bottom = [weighted(w, w.weight_hh, "lstm", to_c), -s[..., None] * unit]
    inputs = [weighted(w, w.weight_ih, "lstm", slopes) for slopes in (to_h, to_c)]
    return Balance(
        residual=np.concatenate([o * tanh_c - v["h_prev"], rest * g - s * c], axis=-1),
        slope=np.concatenate([np.concatenate(row, axis=-1) for row in (top, bottom)], axis=-2),
        to_input=np.concatenate(inputs, axis=-2),
    )

"""How a cell's next state answers to its last state and to its input: derivatives of one time step in closed form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from rnn_core.cells.equations import GATE_NAMES, CellWeights
from rnn_core.cells.sequence import CellStep
from rnn_core.config import Config


@dataclass(frozen=True, slots=True, eq=False)
class StepJacobian:
    """The derivatives of one time step, or of many at once.

    Attributes:
        h_h: d h_t / d h_prev; entry (j, k) says how unit j answers to unit k.
        h_x: d h_t / d x_t.
        c_h: d c_t / d h_prev of an LSTM: the way through the gates.
        c_x: d c_t / d x_t of an LSTM.
        h_c: d h_t / d c_prev of an LSTM, of which only the diagonal is not zero.
        c_c: d c_t / d c_prev of an LSTM with the gates held: the forget gates, on the diagonal.
    """

    h_h: Float[np.ndarray, "*batch H H"]
    h_x: Float[np.ndarray, "*batch H H_in"]
    c_h: Float[np.ndarray, "*batch H H"] | None = None
    c_x: Float[np.ndarray, "*batch H H_in"] | None = None
    h_c: Float[np.ndarray, "*batch H"] | None = None
    c_c: Float[np.ndarray, "*batch H"] | None = None

    @property
    def whole(self) -> Float[np.ndarray, "*batch S S"]:
        """Return the derivative of the whole state: h alone, or (h, c) one after the other for an LSTM."""
        if self.c_h is None or self.h_c is None or self.c_c is None:
            return self.h_h
        unit = np.eye(self.h_h.shape[-1])
        top = np.concatenate([self.h_h, self.h_c[..., None] * unit], axis=-1)
        bottom = np.concatenate([self.c_h, self.c_c[..., None] * unit], axis=-1)
        return np.concatenate([top, bottom], axis=-2)

    @property
    def from_start(self) -> StepJacobian:
        """Return the same for a step that begins a sequence of its own: nothing of a state before it comes through."""
        c_h, h_c, c_c = (None if part is None else np.zeros_like(part) for part in (self.c_h, self.h_c, self.c_c))
        return replace(self, h_h=np.zeros_like(self.h_h), c_h=c_h, h_c=h_c, c_c=c_c)


def step_jacobian(config: Config, w: CellWeights, values: Mapping[str, np.ndarray]) -> StepJacobian:
    """Differentiate one time step, or a stack of them, at its intermediates.

    Args:
        config: says which cell it is.
        w: the weights that the step was made with.
        values: the intermediates by name, as `cells.cell_step` gives them (torch's convention), (*batch, H_out) each.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        if config.cell == "lstm":
            return _lstm(w, values)
        if config.cell == "gru":
            return _gru(w, values)
        h_t = values["h_t"]
        slope = 1 - h_t**2 if config.nonlinearity == "tanh" else (values["a_t"] > 0).astype(np.float64)
        return StepJacobian(h_h=slope[..., None] * w.weight_hh, h_x=slope[..., None] * w.weight_ih)


def stack_steps(steps: tuple[CellStep, ...]) -> dict[str, np.ndarray]:
    """Return every intermediate of a sequence with time as its first axis."""
    return {name: np.stack([step.values[name] for step in steps]) for name in steps[0].values}


def _lstm(w: CellWeights, v: Mapping[str, np.ndarray]) -> StepJacobian:
    """Differentiate c = f * c_prev + i * g and h = o * tanh(c), gate by gate."""
    i, f, g, o, tanh_c = (v[name] for name in ("i_t", "f_t", "g_t", "o_t", "tanh(c_t)"))
    to_c = {"i": g * i * (1 - i), "f": v["c_prev"] * f * (1 - f), "g": i * (1 - g**2)}
    through_c = o * (1 - tanh_c**2)  # d h / d c
    to_h = {**{gate: through_c * slope for gate, slope in to_c.items()}, "o": tanh_c * o * (1 - o)}
    return StepJacobian(
        h_h=weighted(w, w.weight_hh, "lstm", to_h),
        h_x=weighted(w, w.weight_ih, "lstm", to_h),
        c_h=weighted(w, w.weight_hh, "lstm", to_c),
        c_x=weighted(w, w.weight_ih, "lstm", to_c),
        h_c=through_c * f,
        c_c=f,
    )


def _gru(w: CellWeights, v: Mapping[str, np.ndarray]) -> StepJacobian:
    """Differentiate h = (1 - z) * n + z * h_prev with n = tanh(... + r * (h_prev W_hn^T + b_hn))."""
    r, z, n, h_prev, product = (v[name] for name in ("r_t", "z_t", "n_t", "h_prev", "h_prev W_hn^T + b_hn"))
    to_n = (1 - z) * (1 - n**2)
    gates = {"r": to_n * product * r * (1 - r), "z": (h_prev - n) * z * (1 - z)}
    direct = z[..., None] * np.eye(w.hidden_size)
    return StepJacobian(
        h_h=direct + weighted(w, w.weight_hh, "gru", {**gates, "n": to_n * r}),
        h_x=weighted(w, w.weight_ih, "gru", {**gates, "n": to_n}),
    )


def weighted(w: CellWeights, weight: np.ndarray, cell: str, slopes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Sum over gates: diag(slope) times the gate's rows of a weight."""
    places = {name: w.rows(place) for place, name in enumerate(GATE_NAMES[cell])}
    total: np.ndarray = sum((slope[..., None] * weight[places[gate]] for gate, slope in slopes.items()), np.zeros(()))
    return total

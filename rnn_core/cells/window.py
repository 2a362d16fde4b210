"""One window of text as one layer reads it: every intermediate at every character, and the sums written out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from rnn_core.cells.equations import GATE_NAMES, CellWeights, Weights, cell_weights
from rnn_core.cells.sequence import CellStep, arrange, encode, predictions_of, score, text_axis, trace_cells
from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.tensors import ForwardTrace
from rnn_core.shapes.specs import sequence_axes

MOST_PRODUCTS = 24  # of one sum are written out, the largest; the rest as one number


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the calculation: what is computed, from which numbers, and the result."""

    name: str
    numbers: str
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one layer does in one direction at each character of one window.

    Attributes:
        config: the network.
        weights: those of the layer and direction.
        values: every intermediate by its formula, in the order of the equations, (L, H_out); x_t is (L, H_in).
        predicted: index of the most likely character after each character, by the whole network.
    """

    config: Config
    weights: CellWeights
    values: Mapping[str, np.ndarray]
    predicted: Int[np.ndarray, " L"]

    @property
    def states(self) -> Float[np.ndarray, "L H_out"]:
        """The hidden state after each character."""
        return self.values["h_t"]

    def products(self, gate: str, unit: int) -> tuple[Float[np.ndarray, "L H_in"], Float[np.ndarray, "L H_out"]]:
        """Return each product of the two sums that a unit's gate is made of: inputs with W_ih, states with W_hh.

        Args:
            gate: a letter of GATE_NAMES; h is the only one of a plain RNN.
            unit: its place in the hidden state.
        """
        row = GATE_NAMES[self.config.cell].index(gate) * self.weights.hidden_size + unit
        is_reset = gate == "n" and "r_t * h_prev" in self.values
        before = self.values["r_t * h_prev" if is_reset else "h_prev"]
        return self.values["x_t"] * self.weights.weight_ih[row], before * self.weights.weight_hh[row]

    def lines(self, unit: int) -> list[list[Line]]:
        """Write out for each character the equations of one unit with the numbers put in, in their order."""
        scalars = {name: values[:, unit] for name, values in self.values.items() if name != "x_t"}
        sides = right_sides(self.config, tuple(self.values))
        known = re.compile("|".join(re.escape(name) for name in sorted(scalars, key=len, reverse=True)))
        sums = {name: self._sum(name, unit) for name in scalars if name.endswith("^T")}
        written = []
        for t in range(len(self.predicted)):
            lines = []
            for name, column in scalars.items():
                if name in ("h_prev", "c_prev"):
                    continue
                numbers = sums[name][t] if name in sums else _filled(sides[name], name, known, scalars, t)
                lines.append(Line(name, numbers, float(column[t])))
            written.append(lines)
        return written

    def _sum(self, name: str, unit: int) -> list[str]:
        """Write out a row of a matrix times a vector at each character, product by product."""
        gate = name[-3]  # W_ih^T, W_hi^T: the letter before ^T is the gate's
        vector = self.values[name.rsplit(" W", 1)[0].strip("()")]
        weight = self.weights.weight_ih if name.startswith("x_t") else self.weights.weight_hh
        row = weight[GATE_NAMES[self.config.cell].index(gate) * self.weights.hidden_size + unit]
        return [_products(values, row) for values in vector]


def read_window(
    config: Config,
    weights: Weights,
    window: Int[np.ndarray, " L"],
    *,
    layer: int = 0,
    is_reverse: bool = False,
    convention: str = "torch",
) -> Reading:
    """Run one window through the network in numpy and keep what one layer does in one direction at each character.

    Where the axes of the data are swapped each character is a sequence of its own, and none has a past.

    Args:
        config: the network and how it is given its data.
        weights: by parameter name, as Trainer gives them, edited or not.
        window: indices of characters.
        layer: counted from 0.
        is_reverse: the direction that reads from the end.
        convention: one of CONVENTIONS; it makes a difference to a GRU only.
    """
    input = encode(config, weights, arrange(config, window[None]))
    trace = trace_cells(config, weights, input, convention=convention)
    steps = trace.steps[layer * config.num_directions + is_reverse]
    whole = ForwardTrace(
        axes=sequence_axes(config, "H_in")[:-1],
        text_axis=text_axis(config),
        input=input,
        output=trace.output,
        logits=score(config, weights, trace.output),
        h_n=trace.h_n,
        c_n=trace.c_n,
    )
    return Reading(
        config=config,
        weights=cell_weights(weights, layer, is_reverse=is_reverse),
        values={name: _along_text(name, steps, len(window)) for name in steps[0].values},
        predicted=frozen(predictions_of(whole)),
    )


def right_sides(config: Config, names: tuple[str, ...]) -> dict[str, str]:
    """Return the right side of each intermediate's equation by its name; a term of another one is its own.

    Args:
        config: the cell.
        names: of the intermediates, in the order in which the cell's step gives them.
    """
    sides = {name: name for name in names}
    for gate in GATE_NAMES[config.cell]:
        total, result = ("a_t", "h_t") if config.cell == "rnn" else (f"a_{gate}", f"{gate}_t")
        before = [f"h_prev W_h{gate}^T", f"(r_t * h_prev) W_h{gate}^T", f"b_h{gate}"]
        if gate == "n" and before[0] in names:
            before = ["r_t * (h_prev W_hn^T + b_hn)"]
        sides[total] = " + ".join([f"x_t W_i{gate}^T", f"b_i{gate}", *(name for name in before if name in names)])
        sides[result] = f"{_bend(config, gate)}({total})"
    if config.cell == "lstm":
        sides |= {"c_t": "f_t * c_prev + i_t * g_t", "h_t": "o_t * tanh(c_t)"}
    if config.cell == "gru":
        sides["h_t"] = " + ".join(names[-3:-1])
    return sides


def _bend(config: Config, gate: str) -> str:
    if gate == "h":
        return config.nonlinearity
    return "tanh" if gate in "gn" else "σ"


def _along_text(name: str, steps: tuple[CellStep, ...], length: int) -> np.ndarray:
    """Return one intermediate at each character: over time steps, or over the batch where the axes are swapped."""
    arrays = [step.values[name] for step in steps]
    if arrays[0].ndim == 1 and steps[0].values["x_t"].ndim == 2:  # a bias, shared by the batch
        return frozen(np.broadcast_to(arrays[0], (length, len(arrays[0]))))
    rows = np.concatenate(arrays) if arrays[0].ndim == 2 else np.stack(arrays)
    return frozen(rows)


def _filled(side: str, name: str, known: re.Pattern[str], scalars: Mapping[str, np.ndarray], t: int) -> str:
    """Put the numbers into a right side; a term that is its own formula is opened up by one level."""
    if side == name and not re.search(r"[ (]", name):
        return ""  # a bias is what it is
    names = sorted((other for other in scalars if other != name), key=len, reverse=True)
    pattern = known if side != name else re.compile("|".join(re.escape(other) for other in names))
    filled = pattern.sub(lambda found: _number(float(scalars[found.group()][t])), side)
    return filled.replace(" * ", " · ").replace("+ −", "− ")


def _products(values: np.ndarray, row: np.ndarray) -> str:
    """Write a sum of products; factors of zero are left out, and of many products only the largest are written."""
    product = values * row
    there = np.flatnonzero(values)
    largest = there
    if len(there) > MOST_PRODUCTS:
        largest = np.sort(there[np.argsort(-np.abs(product[there]), kind="stable")[:MOST_PRODUCTS]])
    words = [f"{_number(values[i])}·{_number(row[i])}" for i in largest]
    if len(largest) < len(there):
        words.append(f"Σ({len(there) - len(largest)}) {_number(product[there].sum() - product[largest].sum())}")
    return " + ".join(words) or "0"


def _number(value: float) -> str:
    """Write a number with four decimals and a real minus sign; a factor of exactly 1, as of one-hot rows, as 1."""
    return "1" if value == 1 else f"{value:.4f}".replace("-", "−")

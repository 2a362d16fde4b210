"""How inputs and outputs are wired to the time steps of a recurrent network, with what went in and what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from rnn_core.figures.overlay import legend
from rnn_core.figures.theme import MUTED, RIGHT, SERIES, WRONG, Translate, axis, base_layout, compose

INPUT, CELL, OUTPUT = 0, 1, 2  # the rows, from below
GAP = 0.3  # between a box and the end of an arrow
READS, WRITES = SERIES[0], SERIES[3]
WIDE = 250  # pixels that all boxes of a row may take together, so that a phone has room for them


@dataclass(frozen=True)
class WiredStep:
    """One time step: what goes in below and comes out above, if anything.

    Attributes:
        input: what is read; empty for nothing.
        output: what is written; empty for nothing.
        is_right: whether that is what should be written.
        is_decoder: whether it is a step of the network that writes, which reads the output before.
    """

    input: str = ""
    output: str = ""
    is_right: bool = False
    is_decoder: bool = False


def wiring_diagram(steps: Sequence[WiredStep], *, translate: Translate = str) -> go.Figure:
    """Draw a network unrolled in time: inputs below, the state passed on in the middle, outputs above.

    Args:
        steps: from left to right.
        translate: turns an English label into the viewer's language.
    """
    size = min(28.0, WIDE / max(1, len(steps)))
    data = [*_arrows(steps), _cells(steps, size)]
    for row, label, words, colors in (
        (INPUT, translate("input"), [step.input for step in steps], [MUTED] * len(steps)),
        (
            OUTPUT,
            translate("output"),
            [step.output for step in steps],
            [RIGHT if step.is_right else WRONG for step in steps],
        ),
    ):
        places = [t for t, word in enumerate(words) if word]
        data.append(_boxes(places, row, [words[t] for t in places], [colors[t] for t in places], size, label))
    marks = [t for t, step in enumerate(steps) if step.output and not step.is_right]
    data.append(_crosses(marks))
    layout = base_layout(
        210,
        xaxis={"visible": False, "range": [-0.9, len(steps) - 0.1]},
        yaxis={"visible": False, "range": [-0.45, 2.75]},
    )
    return compose(data, layout)


def _cells(steps: Sequence[WiredStep], size: float) -> dict[str, Any]:
    """Return a circle for each time step, of another colour where the decoder works."""
    return {
        "type": "scatter",
        "x": list(range(len(steps))),
        "y": [CELL] * len(steps),
        "text": [f"h<sub>{t + 1}</sub>" for t in range(len(steps))],
        "mode": "markers",
        "marker": {
            "symbol": "circle",
            "size": size,
            "color": [WRITES if step.is_decoder else READS for step in steps],
        },
        "cliponaxis": False,
        "hovertemplate": "%{text}<extra></extra>",
    }


def _boxes(
    places: Sequence[int], row: int, words: Sequence[str], colors: Sequence[str], size: float, label: str
) -> dict[str, Any]:
    """Return squares with a word in each; a word that is longer than a letter stands beside its square."""
    is_long = any(len(word) > 1 for word in words)
    return {
        "type": "scatter",
        "x": list(places),
        "y": [row] * len(places),
        "text": list(words),
        "mode": "markers+text",
        "textposition": "middle right" if is_long else "middle center",
        "textfont": {"size": max(9, round(0.55 * size)), **({} if is_long else {"color": "white"})},
        "marker": {"symbol": "square", "size": size, "color": list(colors)},
        "cliponaxis": False,
        "hovertemplate": f"{label}: %{{text}}<extra></extra>",
    }


def _crosses(places: Sequence[int]) -> dict[str, Any]:
    """Mark what is wrong by more than its colour."""
    return {
        "type": "scatter",
        "x": list(places),
        "y": [OUTPUT + 0.55] * len(places),
        "mode": "markers",
        "marker": {"symbol": "x", "size": 8, "color": WRONG},
        "hoverinfo": "skip",
    }


def _arrows(steps: Sequence[WiredStep]) -> list[dict[str, Any]]:
    """Return lines and heads: input to cell, cell to cell, cell to output; dotted from an output to the next cell."""
    up = [(t, INPUT) for t, step in enumerate(steps) if step.input]
    up += [(t, CELL) for t, step in enumerate(steps) if step.output]
    across = range(len(steps) - 1)
    again = [t for t in across if steps[t].is_decoder and steps[t].output and steps[t + 1].is_decoder]
    straight: list[tuple[float, float, float, float]] = [(t, row + GAP, t, row + 1 - GAP) for t, row in up]
    straight += [(t + GAP, CELL, t + 1 - GAP, CELL) for t in across]
    back: list[tuple[float, float, float, float]] = [(t + GAP, OUTPUT - 0.2, t + 1 - GAP, CELL + GAP) for t in again]
    heads = [*((x, y, "triangle-up") for _, _, x, y in straight[: len(up)])]
    heads += [(x, y, "triangle-right") for _, _, x, y in straight[len(up) :]]
    return [_lines(straight, "solid"), _lines(back, "dot"), _heads(heads)]


def _lines(ends: Sequence[tuple[float, float, float, float]], dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [x for x_0, _, x_1, _ in ends for x in (x_0, x_1, None)],
        "y": [y for _, y_0, _, y_1 in ends for y in (y_0, y_1, None)],
        "mode": "lines",
        "line": {"color": MUTED, "width": 1.5, "dash": dash},
        "hoverinfo": "skip",
    }


def _heads(heads: Sequence[tuple[float, float, str]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [x for x, _, _ in heads],
        "y": [y for _, y, _ in heads],
        "mode": "markers",
        "marker": {"symbol": [symbol for _, _, symbol in heads], "size": 7, "color": MUTED},
        "hoverinfo": "skip",
    }


def accuracy_by_place(
    measured: Mapping[str, Sequence[float]], best: Sequence[float], *, translate: Translate = str
) -> go.Figure:
    """Draw how often each letter of an answer is right, a line a wiring, and the most that can be reached on the way.

    Args:
        measured: by the wiring's name.
        best: possible accuracy of whoever writes while reading.
        translate: turns an English label into the viewer's language.
    """
    place, accuracy = translate("letter of the reversed word"), translate("accuracy")
    bound = translate("best possible")
    data: list[dict[str, Any]] = []
    lines = [*((name, values, SERIES[i], "solid") for i, (name, values) in enumerate(measured.items()))]
    for name, values, color, dash in (*lines, (bound, best, MUTED, "dash")):
        data.append(
            {
                "type": "scatter",
                "x": list(range(1, len(values) + 1)),
                "y": [float(f"{value:.4g}") for value in values],
                "mode": "lines+markers",
                "name": name,
                "line": {"color": color, "width": 2.5, "dash": dash},
                "marker": {"size": 8},
                "cliponaxis": False,
                "hovertemplate": f"{name}<br>{place} %{{x}}<br>{accuracy} %{{y:.1%}}<extra></extra>",
            }
        )
    layout = base_layout(
        320,
        xaxis=axis(place, dtick=1),
        yaxis=axis(accuracy, range=[-0.03, 1.08], tickformat=".0%"),
        annotations=[legend([(color, name) for name, _, color, _ in lines] + [(MUTED, bound)])],
    )
    layout["margin"]["t"] = 46
    return compose(data, layout)

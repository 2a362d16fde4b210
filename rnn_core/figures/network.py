"""The network unrolled over a text: what goes in, what it holds in mind, what it says; and what its sizes are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float, Int

from rnn_core.figures.blocks import sample
from rnn_core.figures.theme import (
    AXIS_COLORS,
    DIVERGING,
    MUTED,
    RIGHT,
    WRONG,
    Translate,
    base_layout,
    compose,
    value_scale,
)

MOST_STEPS, MOST_UNITS = 16, 24  # drawn of a text and of a vector; whoever draws says that there are more
HEIGHT = 330
NAME_PX = 15  # of the names of the rows
WIDE = 0.22  # half a column's width; two columns are 1 apart
INPUT, STATE, SAID = (0.0, 0.62), (1.12, 2.12), 2.62  # where the rows are
# What lights up, in the order of the figure's first traces, and in which colour.
COLORS = {**{name: AXIS_COLORS[name] for name in ("H_in", "H_out", "L", "N")}, "lr": "#CC79A7"}

Line = tuple[list[float | None], list[float | None]]


def unrolled_network(
    inputs: Float[np.ndarray, "L H_in"],
    states: Float[np.ndarray, "L H_out"],
    characters: Sequence[str],
    said: Sequence[str],
    target: Sequence[str],
    *,
    sequences: int = 1,
    directions: int = 1,
    translate: Translate = str,
) -> go.Figure:
    """Draw one sequence, a column for each time step: the vector that goes in, the hidden state, the prediction.

    The first five traces are what each of `COLORS` names in it, one a trace; a page lights them up.

    Args:
        inputs: what goes in.
        states: after each time step, of the top layer; unit 0 on top.
        characters: the same as it is read.
        said: the most likely character after each time step.
        target: what should have been said.
        sequences: how many go in side by side; of those behind this one two are hinted at.
        directions: in how many the text is read; arrows go both ways if there are two.
        translate: turns an English label into the viewer's language.
    """
    length = min(len(characters), MOST_STEPS)
    span = float(np.abs(states[np.isfinite(states)]).max(initial=0.0)) or 1.0
    columns = list(range(length))
    arrows = _arrows(length, len(characters) > length)
    meant = {
        "H_in": _boxes(columns, INPUT),
        "H_out": _boxes(columns, STATE),
        "L": _along(length),
        "N": _sheets(length, sequences),
        "lr": arrows,
    }
    data = [
        *(_edge(meant[name], color, 3) for name, color in COLORS.items()),
        _edge(arrows, MUTED, 1.5),
        _vectors(inputs[:length], INPUT, "x", 1.0, translate("input"), characters),
        _vectors(states[:length], STATE, "h", span, translate("unit"), characters),
        _written([*columns], [INPUT[0] - 0.22] * length, characters[:length], None),
        _written(
            [*columns], [SAID] * length, said[:length], [_verdict(*pair) for pair in zip(said, target, strict=False)]
        ),
    ]
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True}
    rows = _rows(translate)
    layout = base_layout(
        HEIGHT,
        xaxis={**hidden, "range": [-0.9, max(length, 8) - 0.3]},
        yaxis={**hidden, "range": [-0.75, SAID + 0.3]},
        margin={"l": 8 + max(map(_width, rows)), "r": 44, "t": 4, "b": 4},
        annotations=[*_names(rows), *_heads(length, directions), value_scale(span, "h")],
    )
    return compose(data, layout)


def _edge(line: Line, color: str, width: float) -> dict[str, Any]:
    x, y = line
    shared = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "cliponaxis": False}
    return {**shared, "x": x, "y": y, "line": {"color": color, "width": width}}


def _boxes(columns: Sequence[int], row: tuple[float, float], out: float = 0.05) -> Line:
    """Return the outlines of the vectors in a row."""
    low, high = row[0] - out, row[1] + out
    x: list[float | None] = []
    y: list[float | None] = []
    for t in columns:
        left, right = t - WIDE - out, t + WIDE + out
        x += [left, right, right, left, left, None]
        y += [low, low, high, high, low, None]
    return x, y


def _along(length: int) -> Line:
    """Return the way of time: a bracket below the text, from its first time step to its last."""
    left, right, low = -WIDE, length - 1 + WIDE, INPUT[0] - 0.52
    return [left, left, right, right], [low + 0.14, low, low, low + 0.14]


def _sheets(length: int, sequences: int) -> Line:
    """Return the corner of each sequence: of the one that is drawn, and of up to two behind it."""
    x: list[float | None] = []
    y: list[float | None] = []
    for k in range(min(sequences, 3)):
        left, right = -0.42 + 0.09 * k, length - 0.58 + 0.09 * k
        low, high = INPUT[0] - 0.12 + 0.07 * k, STATE[1] + 0.14 + 0.07 * k
        x += [left, left, right, right, *([left] if k == 0 else []), None]
        y += [low if k == 0 else high - 0.07, high, high, low, *([low] if k == 0 else []), None]
    return x, y


def _arrows(length: int, goes_on: bool) -> Line:
    """Return the weights' way: into each state from its input and from the state before, and out of it."""
    middle = sum(STATE) / 2
    x: list[float | None] = []
    y: list[float | None] = []
    for t in range(length):
        x += [t, t, None, t, t, None, t - 1 + WIDE, t - WIDE, None]
        y += [INPUT[1], STATE[0], None, STATE[1], SAID - 0.2, None, middle, middle, None]
    if goes_on:
        x += [length - 1 + WIDE, length - 0.4]
        y += [middle, middle]
    return x, y


def _heads(length: int, directions: int) -> list[dict[str, Any]]:
    """Return the heads of the arrows."""
    middle = sum(STATE) / 2
    sideways = "▶" if directions == 1 else "◆"
    places = [
        *((t, STATE[0] - 0.06, "▲") for t in range(length)),
        *((t, SAID - 0.2, "▲") for t in range(length)),
        *((t - WIDE - 0.07, middle, sideways) for t in range(length)),
    ]
    return [
        {"x": x, "y": y, "text": head, "showarrow": False, "font": {"size": 9, "color": MUTED}} for x, y, head in places
    ]


def _vectors(
    values: Float[np.ndarray, "L H"],
    row: tuple[float, float],
    name: str,
    span: float,
    what: str,
    characters: Sequence[str],
) -> dict[str, Any]:
    """Return the vectors of a row as cells, number 0 on top; of many numbers as many as can be told apart."""
    length, shown = len(values), _told_apart(values)
    cells = np.full((len(shown), 2 * length - 1), np.nan, dtype=np.float32)
    cells[:, ::2] = values[:, shown[::-1]].T
    edges = [edge for t in range(length) for edge in (t - WIDE, t + WIDE)]
    text = [
        [f"{what} {unit} · t = {i // 2} «{characters[i // 2]}»" for i in range(2 * length - 1)] for unit in shown[::-1]
    ]
    return {
        "type": "heatmap",
        "z": cells,
        "x": edges,
        "y": np.linspace(*row, len(shown) + 1).tolist(),
        "text": text,
        "colorscale": DIVERGING,
        "zmin": -span,
        "zmax": span,
        "showscale": False,
        "hoverongaps": False,
        "hovertemplate": f"%{{text}}<br>{name} = <b>%{{z:.4f}}</b><extra></extra>",
    }


def _told_apart(values: Float[np.ndarray, "L H"]) -> Int[np.ndarray, " shown"]:
    """Choose the numbers to draw, evenly spaced; if only a few are ever other than 0, all of those and some others.

    Without its 1 a one-hot vector would look like a vector of zeros.
    """
    held, empty = np.flatnonzero(values.any(axis=0)), np.flatnonzero(~values.any(axis=0))
    left = MOST_UNITS - len(held)
    if left < 0 or len(empty) <= left:
        return sample(values.shape[1], MOST_UNITS)
    return np.sort(np.concatenate([held, empty[sample(len(empty), left)[:left]]]))


def _verdict(said: str, target: str) -> str:
    return RIGHT if said == target else WRONG


def _written(
    x: Sequence[float], y: Sequence[float], text: Sequence[str], colors: Sequence[str] | None
) -> dict[str, Any]:
    font = {"family": "monospace", "size": 18} | ({"color": list(colors)} if colors else {})
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(x),
        "y": list(y),
        "text": list(text),
        "textfont": font,
        "hoverinfo": "skip",
    }


def _rows(translate: Translate) -> dict[str, float]:
    """Return what the rows are called, and their heights."""
    return {
        translate("says"): SAID,
        "h<sub>t</sub>": sum(STATE) / 2,
        "x<sub>t</sub>": sum(INPUT) / 2,
        translate("reads"): INPUT[0] - 0.22,
    }


def _width(name: str) -> int:
    """Return about how many pixels a row's name takes: of a word with markup one letter and its index."""
    letters = 2 if "<" in name else sum(1 if letter.isascii() else 2 for letter in name)
    return round(0.6 * NAME_PX * letters)


def _names(rows: Mapping[str, float]) -> list[dict[str, Any]]:
    """Return what stands before the rows: beside the drawing, where no letter of the text is however narrow it is."""
    place = {"x": 0, "xref": "paper", "xanchor": "right", "xshift": -4, "showarrow": False}
    return [{**place, "y": y, "text": text, "font": {"size": NAME_PX, "color": MUTED}} for text, y in rows.items()]

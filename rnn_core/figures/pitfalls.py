"""Pictures of small experiments: tables of coloured cells one above the other, and a few labelled lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.theme import AXIS_COLORS, DIVERGING, MUTED, SERIES, WRONG, axis, base_layout, compose
from rnn_core.records.cells import CellPanel
from rnn_core.records.sweeps import NamedCurve
from rnn_core.sentence import Sentence

Say = Callable[[Sentence], str]

MAX_WRITTEN = 130  # cells of a panel whose value is written into them
WIDEST = 10  # columns that fill the width; fewer leave room on the right, so that cells are never broad
MAX_TICKS = 14  # numbers that find room below a panel on a telephone
NARROW = 300  # pixels: of a picture on a telephone
ROW, ABOVE, BELOW = 34, 36, 48  # pixels: of a row, of a title above and of an axis below
FONT, TITLE = 16, 15  # of numbers, to be read from the back of a room; a title has to fit on a telephone


def cell_panels(panels: Sequence[CellPanel], say: Say = str) -> go.Figure:
    """Draw tables of numbers one above the other, on one scale of colours, so that they can be compared.

    Args:
        panels: what to draw, from the top.
        say: turns a sentence into the viewer's language.
    """
    heights = [ROW * len(panel.values) + ABOVE + BELOW for panel in panels]
    columns = max(WIDEST, *(panel.values.shape[1] for panel in panels))
    scale = max(float(np.abs(panel.values).max(initial=0)) for panel in panels) or 1.0
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"annotations": [], "shapes": []}
    total = sum(heights)
    top = total
    for number, (panel, height) in enumerate(zip(panels, heights, strict=True), 1):
        name = "" if number == 1 else str(number)
        high, low = (top - ABOVE) / total, (top - height + BELOW) / total
        data.append({**_cells(panel, scale), "xaxis": f"x{name}", "yaxis": f"y{name}"})
        width = panel.values.shape[1] / columns
        layout[f"xaxis{name}"] = _side(panel, 1, domain=[0, width], anchor=f"y{name}")
        layout[f"yaxis{name}"] = _side(panel, 0, domain=[low, high], anchor=f"x{name}", autorange="reversed")
        layout["annotations"] += [_title(say(panel.title), high), _row_axis(panel, width, (low + high) / 2)]
        layout["shapes"] += [_frame(*cell, f"x{name}", f"y{name}") for cell in panel.marked]
        top -= height
    margin = {"l": 8, "r": max(_room(panel, columns) for panel in panels), "t": 0, "b": 0}
    return compose(data, base_layout(total, margin=margin, font={"size": FONT}, **layout))


def _room(panel: CellPanel, columns: int) -> int:
    """Return the pixels that the name of the rows' axis needs beyond the width of a picture on a telephone."""
    beside: int = NARROW * (columns - panel.values.shape[1]) // columns
    return max(8, 12 + int(0.6 * FONT * len(panel.axes[0])) - beside)


def _cells(panel: CellPanel, scale: float) -> dict[str, Any]:
    rows, columns = panel.values.shape
    drawn: dict[str, Any] = {
        "type": "heatmap",
        "z": panel.values,
        "colorscale": DIVERGING,
        "zmin": -scale,
        "zmax": scale,
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "hovertemplate": f"{panel.axes[0]} %{{y}}, {panel.axes[1]} %{{x}}: %{{z:.4g}}<extra></extra>",
    }
    if rows * columns <= MAX_WRITTEN:
        is_long = rows == 1 and columns > WIDEST  # Plotly fits numbers into their cells where there are several rows
        form = ".2f" if is_long else ".2g"
        written = [[f"{value:{form}}" if value else "0" for value in row] for row in panel.values]
        drawn |= {"text": written, "texttemplate": "%{text}"}
        drawn |= {"textfont": {"size": 13}} if is_long else {}
    return drawn


def _side(panel: CellPanel, side: int, **more: Any) -> dict[str, Any]:
    name, labels = panel.axes[side], (panel.rows, panel.columns)[side]
    size = panel.values.shape[side]
    places = range(0, size, 1 if labels or size <= MAX_TICKS else 5)
    shown = [labels[i] if labels else str(i) for i in places]
    quiet = {"showgrid": False, "zeroline": False, "fixedrange": True, "tickangle": 0, "ticks": ""}
    made = axis("", tickvals=list(places), ticktext=shown, **quiet, **more)
    words = name if side else ""  # of the rows without words: the room for them keeps the numbers off the edge
    made["title"] = {"text": words, "standoff": 4, "font": {"color": AXIS_COLORS.get(name, MUTED), "size": FONT}}
    return made


def _row_axis(panel: CellPanel, width: float, height: float) -> dict[str, Any]:
    """Name the axis of the rows at their right: left of them a turned name would lie on the numbers."""
    name = panel.axes[0]
    place = {"x": width, "xref": "paper", "xanchor": "left", "xshift": 6, "y": height, "yref": "paper"}
    return {
        **place,
        "yanchor": "middle",
        "text": name,
        "showarrow": False,
        "font": {"color": AXIS_COLORS.get(name, MUTED), "size": FONT},
    }


def _title(text: str, height: float) -> dict[str, Any]:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": height, "yref": "paper", "yanchor": "bottom", "yshift": 4}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "align": "left", "font": {"size": TITLE}}


def _frame(row: int, column: int, x: str, y: str) -> dict[str, Any]:
    place = {"x0": column - 0.5, "x1": column + 0.5, "y0": row - 0.5, "y1": row + 0.5}
    return {"type": "rect", "xref": x, "yref": y, **place, "line": {"color": WRONG, "width": 3}}


def labelled_lines(curves: Sequence[NamedCurve], titles: Sequence[Sentence], say: Say = str) -> go.Figure:
    """Draw lines with their names at their ends, and a point on each where the viewer stands.

    Args:
        curves: what to draw.
        titles: of the x and the y axis.
        say: turns a sentence into the viewer's language.
    """
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    top = max(float(curve.y.max()) for curve in curves) or 1.0
    for curve, color in zip(curves, SERIES, strict=False):
        name = say(curve.name)
        line = {"type": "scatter", "mode": "lines", "x": curve.x, "y": curve.y, "line": {"color": color, "width": 2.5}}
        data.append({**line, "name": name, "hovertemplate": f"{name}<br>%{{x:.3g}}: %{{y:.4g}}<extra></extra>"})
        if curve.at is not None:
            y = float(np.interp(curve.at, curve.x, curve.y))
            point = {"type": "scatter", "mode": "markers", "x": [curve.at], "y": [y], "hoverinfo": "skip"}
            data.append({**point, "marker": {"color": color, "size": 11}})
        notes.append({"x": 1, "xref": "paper", "xanchor": "right", "y": float(curve.y[-1]), "yanchor": "bottom"})
        notes[-1]["yshift"] = 4
        notes[-1] |= {"text": f"{name}: {float(curve.y[-1]):.4g}", "showarrow": False, "font": {"color": color}}
    layout = base_layout(
        320,
        font={"size": FONT},
        annotations=notes,
        xaxis=axis(say(titles[0]), fixedrange=True),
        yaxis=axis(say(titles[1]), range=[-0.03 * top, 1.18 * top], fixedrange=True),
    )
    return compose(data, layout)

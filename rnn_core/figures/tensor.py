"""A three-axis tensor as slabs drawn one behind the other, every edge named, measured and in its axis's colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.theme import AXIS_COLORS, BINARY, DIVERGING, MUTED, Translate, base_layout, compose

MAX_SLABS, MAX_ROWS, MAX_COLUMNS = 6, 32, 40
DEPTH = 0.8  # how far each slab is set back, in cells
GREYS = ("#E9EDF2", "#D5DCE5")  # zeros of every other slab, so that neighbours can be told apart


def tensor_slabs(
    tensor: Float[np.ndarray, "A B C"],
    axes: Sequence[str],
    *,
    labels: Sequence[Sequence[str]] = (),
    is_one_hot: bool = False,
    translate: Translate = str,
) -> go.Figure:
    """Draw a tensor to scale: axis 0 goes back, axis 1 down, axis 2 right.

    A large tensor is cut to its first 6 slabs, 32 rows and 40 columns; the edges still tell the whole sizes.

    Args:
        tensor: the values.
        axes: name of each axis, which is also its colour.
        labels: labels[a][b] names what row b of slab a stands for, if anything.
        is_one_hot: values are 0 or 1 rather than signed.
        translate: turns an English label into the viewer's language.
    """
    sizes = tensor.shape
    shown = tensor[:MAX_SLABS, :MAX_ROWS, :MAX_COLUMNS]
    slabs, rows, columns = shown.shape
    scale = float(np.abs(shown).max(initial=1e-9))
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "z": shown[a],
            "x": np.arange(columns) + a * DEPTH,
            "y": -np.arange(rows) + a * DEPTH,
            "customdata": _hover(shown[a], a, axes, labels),
            "hovertemplate": "%{customdata}<br>" + translate("value") + " %{z:.4g}<extra></extra>",
            "colorscale": [[0.0, GREYS[a % 2]], [1.0, BINARY[1][1]]] if is_one_hot else DIVERGING,
            "zmin": 0 if is_one_hot else -scale,
            "zmax": 1 if is_one_hot else scale,
            "showscale": False,
        }
        for a in reversed(range(slabs))  # the front slab is drawn last
    ]
    data.append(_grid(rows, columns))
    back = (slabs - 1) * DEPTH
    left, right, top, bottom = -0.9, columns - 0.5, 0.9, -rows + 0.5
    far = max(back, DEPTH)
    edges = (
        Edge(axes[0], sizes[0], (left, top), (left + far, top + far), "bottom", "right"),
        Edge(axes[1], sizes[1], (left, 0.5), (left, bottom), "middle", "right"),
        Edge(axes[2], sizes[2], (-0.5, bottom - 0.5), (right, bottom - 0.5), "top", "center"),
    )
    named = [edge for edge in edges if edge.name]
    annotations = [edge.label() for edge in named]
    if shown.size < tensor.size:
        note = translate("the first {shown} of {whole} are drawn").format(
            shown=" × ".join(map(str, shown.shape)), whole=" × ".join(map(str, sizes))
        )
        corner = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right"}
        annotations.append({"text": note, **corner, "showarrow": False, "font": {"color": MUTED}})
    hidden = {"visible": False, "fixedrange": True}
    width = max(columns * 0.25, 3.2)
    layout = base_layout(
        int(min(560, 130 + 22 * (rows + back))),
        annotations=annotations,
        xaxis={**hidden, "range": [left - width, max(right + back + 1.0, left + 8)]},
        yaxis={**hidden, "range": [bottom - 2.2, top + back + 1.4]},
    )
    return compose([*data, *(edge.line() for edge in named)], layout)


@dataclass(frozen=True)
class Edge:
    """One edge of the drawing: an axis's name and size in the axis's colour; no name, no edge."""

    name: str
    size: int
    start: tuple[float, float]
    end: tuple[float, float]
    vertical: str
    horizontal: str

    @property
    def color(self) -> str:
        """The axis's own colour."""
        return AXIS_COLORS.get(self.name, MUTED)

    def line(self) -> dict[str, Any]:
        """Return the edge as a trace."""
        return {
            "type": "scatter",
            "x": [self.start[0], self.end[0]],
            "y": [self.start[1], self.end[1]],
            "mode": "lines",
            "line": {"color": self.color, "width": 3},
            "hoverinfo": "skip",
        }

    def label(self) -> dict[str, Any]:
        """Return what is written beside the edge."""
        return {
            "x": (self.start[0] + self.end[0]) / 2 - (0.35 if self.horizontal == "right" else 0),
            "y": (self.start[1] + self.end[1]) / 2 - (0.3 if self.vertical == "top" else 0),
            "text": f"<b>{self.name} = {self.size}</b>",
            "font": {"color": self.color, "size": 16},
            "showarrow": False,
            "xanchor": self.horizontal,
            "yanchor": self.vertical,
        }


def _grid(rows: int, columns: int) -> dict[str, Any]:
    """Draw the borders between the front slab's cells."""
    x: list[float | None] = []
    y: list[float | None] = []
    for b in range(rows + 1):
        x += [-0.5, columns - 0.5, None]
        y += [0.5 - b, 0.5 - b, None]
    for c in range(columns + 1):
        x += [c - 0.5, c - 0.5, None]
        y += [0.5, 0.5 - rows, None]
    style = {"color": "rgba(255, 255, 255, 0.9)", "width": 1}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": style, "hoverinfo": "skip"}


def _hover(slab: np.ndarray, a: int, axes: Sequence[str], labels: Sequence[Sequence[str]]) -> list[list[str]]:
    rows, columns = slab.shape
    names = [f" «{labels[a][b]}»" if a < len(labels) and b < len(labels[a]) else "" for b in range(rows)]
    return [[f"[{axes[0]}={a}, {axes[1]}={b}, {axes[2]}={c}]{names[b]}" for c in range(columns)] for b in range(rows)]

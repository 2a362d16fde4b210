"""A three-axis tensor as slabs drawn one behind the other, every edge named, measured and in its axis's colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.theme import AXIS_COLORS, BINARY, DIVERGING, MUTED, Translate, base_layout

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
    figure = go.Figure()
    for a in reversed(range(slabs)):  # the front slab is drawn last
        figure.add_trace(
            go.Heatmap(
                z=shown[a],
                x=np.arange(columns) + a * DEPTH,
                y=-np.arange(rows) + a * DEPTH,
                customdata=_hover(shown[a], a, axes, labels),
                hovertemplate="%{customdata}<br>" + translate("value") + " %{z:.4g}<extra></extra>",
                colorscale=[[0.0, GREYS[a % 2]], [1.0, BINARY[1][1]]] if is_one_hot else DIVERGING,
                zmin=0 if is_one_hot else -scale,
                zmax=1 if is_one_hot else scale,
                showscale=False,
            )
        )
    figure.add_trace(_grid(rows, columns))
    back = (slabs - 1) * DEPTH
    left, right, top, bottom = -0.9, columns - 0.5, 0.9, -rows + 0.5
    edges = (
        (axes[0], sizes[0], (left, top), (left + max(back, DEPTH), top + max(back, DEPTH)), "bottom", "right"),
        (axes[1], sizes[1], (left, 0.5), (left, bottom), "middle", "right"),
        (axes[2], sizes[2], (-0.5, bottom - 0.5), (right, bottom - 0.5), "top", "center"),
    )
    for name, size, start, end, vertical, horizontal in edges:
        _add_edge(figure, f"{name} = {size}", AXIS_COLORS.get(name, MUTED), start, end, vertical, horizontal)
    if shown.size < tensor.size:
        note = translate("the first {shown} of {whole} are drawn").format(
            shown=" × ".join(map(str, shown.shape)), whole=" × ".join(map(str, sizes))
        )
        figure.add_annotation(
            text=note, x=1, y=1, xref="paper", yref="paper", xanchor="right", showarrow=False, font={"color": MUTED}
        )
    hidden = {"visible": False, "fixedrange": True}
    width = max(columns * 0.25, 3.2)
    figure.update_layout(
        **base_layout(
            int(min(560, 130 + 26 * (rows + back))),
            xaxis={**hidden, "range": [left - width, max(right + back + 1.0, left + 8)]},
            yaxis={**hidden, "range": [bottom - 2.2, top + back + 1.4]},
        )
    )
    return figure


def _grid(rows: int, columns: int) -> go.Scatter:
    """Draw the borders between the front slab's cells."""
    x: list[float | None] = []
    y: list[float | None] = []
    for b in range(rows + 1):
        x += [-0.5, columns - 0.5, None]
        y += [0.5 - b, 0.5 - b, None]
    for c in range(columns + 1):
        x += [c - 0.5, c - 0.5, None]
        y += [0.5, 0.5 - rows, None]
    return go.Scatter(x=x, y=y, mode="lines", line={"color": "rgba(255, 255, 255, 0.9)", "width": 1}, hoverinfo="skip")


def _hover(slab: np.ndarray, a: int, axes: Sequence[str], labels: Sequence[Sequence[str]]) -> list[list[str]]:
    rows, columns = slab.shape
    names = [f" «{labels[a][b]}»" if a < len(labels) and b < len(labels[a]) else "" for b in range(rows)]
    return [[f"[{axes[0]}={a}, {axes[1]}={b}, {axes[2]}={c}]{names[b]}" for c in range(columns)] for b in range(rows)]


def _add_edge(
    figure: go.Figure,
    text: str,
    color: str,
    start: tuple[float, float],
    end: tuple[float, float],
    vertical: str,
    horizontal: str,
) -> None:
    figure.add_trace(
        go.Scatter(
            x=[start[0], end[0]],
            y=[start[1], end[1]],
            mode="lines+markers",
            line={"color": color, "width": 3},
            marker={"color": color, "size": 7, "symbol": ["circle", "arrow"], "angleref": "previous"},
            hoverinfo="skip",
        )
    )
    figure.add_annotation(
        x=(start[0] + end[0]) / 2 - (0.35 if horizontal == "right" else 0),
        y=(start[1] + end[1]) / 2 - (0.3 if vertical == "top" else 0),
        text=f"<b>{text}</b>",
        font={"color": color, "size": 16},
        showarrow=False,
        xanchor=horizontal,
        yanchor=vertical,
    )

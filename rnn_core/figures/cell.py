"""Inside one unit at each time step: the sum that it is made of, or its gates, as films through time; its weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.theme import (
    DIVERGING,
    GRID,
    MUTED,
    SERIES,
    Translate,
    axis,
    base_layout,
    compose,
    value_scale,
)
from rnn_core.figures.unrolled import film_words, framed

POSITIVE, NEGATIVE, TOTAL = "#D9691E", "#2F74BD", MUTED
MAX_NAMED = 24  # bars, rows or columns with a name of their own
MAX_FRAMED = 1024  # entries of a matrix with a gap between them


def sum_film(
    terms: Mapping[str, Float[np.ndarray, " L"]],
    total: Float[np.ndarray, " L"],
    result: Float[np.ndarray, " L"],
    characters: Sequence[str],
    *,
    t: int,
    bend: str = "tanh",
    translate: Translate = str,
) -> go.Figure:
    """Draw how the terms of a unit's sum add up at each time step, and what tanh or relu makes of the sum.

    Each bar begins where the one before it ended; the last one is the sum.

    Args:
        terms: what is added, by name, at each time step.
        total: the sum a_t.
        result: the hidden state h_t.
        characters: that went in.
        t: the time step of the first frame.
        bend: tanh or relu.
        translate: turns an English label into the viewer's language.
    """
    names, values = [*terms, "a_t"], np.stack([*terms.values(), total])  # (terms + 1, L)
    ends = np.cumsum(values[:-1], axis=0)
    starts = np.concatenate([np.zeros_like(total)[None], ends[:-1], np.zeros_like(total)[None]])
    stride = -(-len(names) // MAX_NAMED)
    reach = _reach(ends, total)
    curve = np.linspace(reach[0], reach[1], 101)
    bent = np.tanh(curve) if bend == "tanh" else np.maximum(curve, 0)

    def bars(t: int) -> dict[str, Any]:
        colors = [POSITIVE if value >= 0 else NEGATIVE for value in values[:-1, t]]
        return {
            "type": "bar",
            "x": values[:, t],
            "base": starts[:, t],
            "marker": {"color": [*colors, TOTAL], "line": {"width": 0}},
        }

    def point(t: int) -> dict[str, Any]:
        return {"x": [total[t], total[t], None, total[t]], "y": [0.0, result[t], None, result[t]]}

    style = {"color": SERIES[0], "width": 2}
    data: list[dict[str, Any]] = [
        {
            "orientation": "h",
            "y": list(range(len(names))),
            **bars(t),
            "customdata": names,
            "hovertemplate": "%{customdata}: %{x:.4f}<extra></extra>",
        },
        {"type": "scatter", "x": curve, "y": bent, "mode": "lines", "yaxis": "y2", "line": style, "hoverinfo": "skip"},
        {
            "type": "scatter",
            **point(t),
            "mode": "lines+markers",
            "yaxis": "y2",
            "line": {"color": MUTED, "width": 1.5, "dash": "dot"},
            "marker": {"color": SERIES[1], "size": [0, 0, 0, 12]},
            "hovertemplate": "a_t = %{x:.4f}<br>h_t = %{y:.4f}<extra></extra>",
        },
    ]
    frames = [
        {"name": f"t = {place} «{character}»", "traces": [0, 2], "data": [bars(place), point(place)]}
        for place, character in enumerate(characters)
    ]
    shown = list(range(0, len(names), stride))
    height = 130 + 18 * min(len(names), MAX_NAMED)
    layout = base_layout(
        height + 170,
        meta={"film": film_words(t, translate, follows=True)},
        barmode="overlay",
        bargap=0.25,
        xaxis=axis(translate("sum so far"), range=reach, anchor="y"),
        yaxis=axis(
            domain=[170 / (height + 170) + 0.06, 1],
            range=[len(names) - 0.4, -0.6],
            tickvals=shown if shown[-1] == len(names) - 1 else [*shown[:-1], len(names) - 1],
            ticktext=[names[i] for i in shown[:-1]] + ["a_t"],
            tickfont={"family": "monospace", "size": 12},
            showgrid=False,
        ),
        yaxis2=axis(f"{bend}(a_t)", domain=[0, 170 / (height + 170) - 0.08], nticks=4),
    )
    return compose(data, layout, frames)


def gate_film(
    gates: Mapping[str, Float[np.ndarray, " L"]],
    flow: Mapping[str, tuple[Float[np.ndarray, " L"], Float[np.ndarray, " L"]]],
    characters: Sequence[str],
    *,
    t: int,
    translate: Translate = str,
) -> go.Figure:
    """Draw the gates of one unit between closed and open, and below them what they let happen to its state.

    Args:
        gates: 0 to 1 at each time step, by name.
        flow: bars by name, each from where to where at each time step: what was there, what is forgotten, ...
        characters: that went in.
        t: the time step of the first frame.
        translate: turns an English label into the viewer's language.
    """
    opened = np.stack(list(gates.values()))  # (gates, L)
    start = np.stack([a for a, _ in flow.values()])  # (bars, L)
    length = np.stack([b for _, b in flow.values()]) - start
    reach = _reach(start, start + length)

    def gate_bars(t: int) -> dict[str, Any]:
        return {"type": "bar", "x": opened[:, t], "text": [f"{value:.3f}" for value in opened[:, t]]}

    def flow_bars(t: int) -> dict[str, Any]:
        colors = [POSITIVE if value >= 0 else NEGATIVE for value in length[:, t]]
        return {
            "type": "bar",
            "x": length[:, t],
            "base": start[:, t],
            "text": [f"{value:+.3f}".replace("-", "−") for value in length[:, t]],
            "marker": {"color": colors, "line": {"width": 0}},
        }

    bar = {"type": "bar", "orientation": "h", "textposition": "auto", "textangle": 0, "cliponaxis": False}
    whole = {**bar, "y": list(gates), "x": [1.0] * len(gates), "marker": {"color": GRID}, "hoverinfo": "skip"}
    green = {"color": SERIES[2], "line": {"width": 0}}
    data: list[dict[str, Any]] = [
        whole,
        {**bar, "y": list(gates), **gate_bars(t), "marker": green, "hovertemplate": "%{y}: %{x:.4f}<extra></extra>"},
        {
            **bar,
            "y": list(flow),
            **flow_bars(t),
            "xaxis": "x2",
            "yaxis": "y2",
            "hovertemplate": "%{y}: %{x:.4f}<extra></extra>",
        },
    ]
    frames = [
        {"name": f"t = {place} «{character}»", "traces": [1, 2], "data": [gate_bars(place), flow_bars(place)]}
        for place, character in enumerate(characters)
    ]
    ends = [translate("closed"), translate("open")]
    share = (len(gates) + 1.2) / (len(gates) + len(flow) + 2.4)
    layout = base_layout(
        100 + 34 * (len(gates) + len(flow)),
        meta={"film": film_words(t, translate, follows=True)},
        barmode="overlay",
        bargap=0.3,
        xaxis=axis(range=[0, 1.06], tickvals=[0, 1], ticktext=ends, anchor="y"),
        yaxis=axis(domain=[1 - share + 0.09, 1], autorange="reversed", showgrid=False),
        xaxis2=axis(range=reach, anchor="y2", nticks=5),
        yaxis2=axis(domain=[0, 1 - share - 0.02], autorange="reversed", showgrid=False),
    )
    return compose(data, layout, frames)


def weight_map(
    matrix: Float[np.ndarray, "R C"],
    rows: Sequence[str],
    columns: Sequence[str],
    chosen: tuple[int, int],
    *,
    translate: Translate = str,
) -> go.Figure:
    """Draw a matrix of weights as it is written, row 0 on top, one entry framed.

    Args:
        matrix: the weights.
        rows: what each row is called.
        columns: what each column is called.
        chosen: row and column of the framed entry.
        translate: turns an English label into the viewer's language.
    """
    (count, width), (row, column) = matrix.shape, chosen
    limit = float(np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)) or 1.0
    is_small = matrix.size <= MAX_FRAMED
    names = f"{translate('row')} %{{y}} · {translate('column')} %{{x}}"
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "z": matrix.astype(np.float32),
            "colorscale": DIVERGING,
            "zmin": -limit,
            "zmax": limit,
            "xgap": is_small,
            "ygap": is_small,
            "showscale": False,
            "hovertemplate": f"{names}<br>%{{z:.4f}}<extra></extra>",
        },
        *framed(
            [column - 0.5, column + 0.5, column + 0.5, column - 0.5, column - 0.5],
            [row - 0.5, row - 0.5, row + 0.5, row + 0.5, row - 0.5],
        ),
    ]
    quiet: dict[str, Any] = {"showgrid": False, "zeroline": False, "fixedrange": True}
    layout = base_layout(
        50 + max(60, min(420, 22 * count)),
        xaxis=axis(side="top", range=[-0.5, width - 0.5], tickangle=0, **_ticks(columns), **quiet),
        yaxis=axis(range=[count - 0.5, -0.5], **_ticks(rows), **quiet),
        annotations=[value_scale(limit)],
        margin={"l": 8, "r": 56, "t": 8, "b": 8},
    )
    return compose(data, layout)


def _ticks(names: Sequence[str]) -> dict[str, Any]:
    stride = -(-len(names) // MAX_NAMED)
    return {"tickvals": list(range(0, len(names), stride)), "ticktext": list(names[::stride])}


def _reach(*arrays: np.ndarray) -> list[float]:
    """Return a range that holds 0 and all numbers of all frames, so that nothing jumps."""
    finite = np.concatenate([array[np.isfinite(array)].ravel() for array in arrays])
    low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    low, high = max(low, -1e6), min(high, 1e6)
    margin = 0.06 * max(high - low, 1e-6)
    return [low - margin, high + margin]

"""The network unrolled in time: hidden states as a heat map whose columns are characters, one of them under the eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.predictions import ROW_PX, prediction_axis, prediction_rows
from rnn_core.figures.theme import DIVERGING, MUTED, SERIES, Translate, axis, base_layout, compose, value_scale

MAP_PX = 256  # the height of every map: a pixel at least for each unit of the widest layer, both directions of it
MAX_TICKS = 64  # characters written below lines; beyond that only every second, third, ...
MOST_UNITS = 16  # numbers of units beside their rows
MAX_APART = 24  # rows with a gap between their cells: gaps cost a browser a third of the picture's time
FRAME_S = 0.45  # how long a time step stays on the screen while the film plays
CHOSEN, RING = "#111111", "#FFFFFF"  # of the frame around what is chosen


def unrolled(
    states: Float[np.ndarray, "L H"],
    characters: Sequence[str],
    *,
    name: str = "h",
    order: Sequence[int] = (),
    units: Sequence[int] = (),
    t: int | None = None,
    target: Sequence[str] = (),
    rows: Sequence[tuple[str, Sequence[str]]] = (),
    span: float = 0.0,
    translate: Translate = str,
) -> go.Figure:
    """Draw the states of one layer, a column for each character, a row for each unit, unit 0 on top.

    All of them are drawn, at a height that is the same however many there are.

    Args:
        states: after each time step.
        characters: that went in.
        name: of what is shown, h or c.
        order: the units from the top row down; as they are numbered if not given.
        units: those framed, by their numbers.
        t: the time step framed; with it the figure is a film through the text that begins there.
        target: the characters that should come out, where predictions are shown.
        rows: predictions to compare with them, each with its label, the newest first.
        span: end of the colour scale; the largest |value| if that is larger, or if none is given.
        translate: turns an English label into the viewer's language.
    """
    length, count = states.shape
    order = list(order) or list(range(count))
    text_height = ROW_PX * (len(rows) + 1) if target else 0
    split = text_height / (MAP_PX + text_height)
    scale = max(span, float(np.abs(states[np.isfinite(states)]).max(initial=0.0))) or 1.0
    data = [_heat_map(states[:, order], name, scale, translate)]
    if units:
        data += framed(*_rows([order.index(unit) for unit in units], length))
    frames: list[dict[str, Any]] = []
    meta: dict[str, Any] = {"cursor": {"x": "t"}}
    if t is not None:
        column = framed(_across(t), [-0.5, -0.5, count - 0.5, count - 0.5, -0.5])
        moving = list(range(len(data), len(data) + len(column)))
        data += column
        frames = [
            {"name": f"t = {place} «{character}»", "traces": moving, "data": [{"x": _across(place)}] * len(moving)}
            for place, character in enumerate(characters)
        ]
        meta["film"] = film_words(t, translate)
    quiet: dict[str, Any] = {"showgrid": False, "zeroline": False, "fixedrange": True}
    is_numbered = order == list(range(count))
    down = -(-count // MOST_UNITS) if is_numbered else 1  # a row without a label is called by its place
    layout = base_layout(
        36 + MAP_PX + text_height,
        meta=meta,
        margin={"l": 8, "r": 52, "t": 8, "b": 8},
        annotations=[value_scale(scale, name)],
        xaxis=axis(
            tickvals=list(range(length)),
            ticktext=list(characters),
            tickfont={"family": "monospace", "size": 14},
            tickangle=0,
            side="top",
            range=[-0.5, length - 0.5],
            **quiet,
        ),
        yaxis=axis(
            translate("unit"),
            domain=[split + 0.02 if split else 0, 1],
            tickvals=list(range(0, count, down)),
            ticktext=[str(unit) for unit in order[::down]],
            range=[count - 0.5, -0.5],
            **quiet,
        ),
    )
    if target:
        data += prediction_rows(target, rows, translate)
        layout["yaxis2"] = axis(domain=[0, split - 0.02], **prediction_axis(rows, translate), **quiet)
    return compose(data, layout, frames)


def film_words(t: int, translate: Translate, *, follows: bool = False) -> dict[str, Any]:
    """Return what `layout.meta` says of a film through the text; one that follows leaves the controls to another."""
    return {
        "label": translate("time step"),
        "play": "▶ " + translate("Play through the text"),
        "pause": "❚❚ " + translate("Pause"),
        "back": translate("One step back"),
        "next": translate("One step on"),
        "quantity": "t",
        "duration": int(1000 * FRAME_S),
        "first": t,
        "follows": follows,
    }


def _heat_map(states: np.ndarray, name: str, scale: float, translate: Translate) -> dict[str, Any]:
    """Return the cells; x and y are written as their labels: the character, and the number of the unit."""
    length, count = states.shape
    gap = int(length * count <= 1024 and count <= MAX_APART)  # of many cells the gaps are not worth their cost
    return {
        "type": "heatmap",
        "name": name,
        "z": states.T.astype(np.float32),
        "customdata": np.tile(np.arange(length, dtype=np.uint8), (count, 1)),
        "colorscale": DIVERGING,
        "zmid": 0,
        "zmin": -scale,
        "zmax": scale,
        "xgap": gap,
        "ygap": gap,
        "hovertemplate": "t = %{customdata} «%{x}»<br>"
        + f"{translate('unit')} %{{y}}<br>{name} = %{{z:.4f}}<extra></extra>",
        "showscale": False,
    }


def _rows(places: Sequence[int], length: int) -> tuple[list[float | None], list[float | None]]:
    """Return the outlines of whole rows, a gap between two."""
    x: list[float | None] = []
    y: list[float | None] = []
    for place in places:
        x += [-0.5, length - 0.5, length - 0.5, -0.5, -0.5, None]
        y += [place - 0.5, place - 0.5, place + 0.5, place + 0.5, place - 0.5, None]
    return x, y


def _across(t: int) -> list[float | None]:
    return [t - 0.5, t + 0.5, t + 0.5, t - 0.5, t - 0.5]


def framed(x: Sequence[float | None], y: Sequence[float | None]) -> list[dict[str, Any]]:
    """Return an outline that stands out from every colour and from both themes: dark, ringed with white."""
    shared = {"type": "scatter", "x": list(x), "y": list(y), "mode": "lines", "cliponaxis": False, "hoverinfo": "skip"}
    return [{**shared, "line": {"color": color, "width": width}} for color, width in ((RING, 5), (CHOSEN, 2.5))]


def unit_traces(
    states: Float[np.ndarray, "L H"],
    units: Sequence[int],
    characters: Sequence[str],
    *,
    cell_states: Float[np.ndarray, "L H"] | None = None,
    threshold: float = 0.0,
    translate: Translate = str,
) -> go.Figure:
    """Draw chosen units over the text, one line a unit; of an LSTM its cell state beside it, dotted.

    Args:
        states: hidden states after each time step.
        units: which.
        characters: that went in.
        cell_states: c after each time step.
        threshold: from where on a unit counts as on; drawn at both signs if it is not 0.
        translate: turns an English label into the viewer's language.
    """
    length, kinds = len(states), [("h", states, "solid")]
    if cell_states is not None:
        kinds.append(("c", cell_states, "dot"))
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for i, unit in enumerate(units):
        color = SERIES[i % len(SERIES)]
        for name, values, dash in kinds:
            y = [float(value) if np.isfinite(value) else None for value in values[:, unit]]
            label = f"{translate('unit')} {unit}: {name}"
            data.append(
                {
                    "type": "scatter",
                    "x": list(range(length)),
                    "y": y,
                    "mode": "lines+markers" if length <= MAX_TICKS else "lines",
                    "name": label,
                    "line": {"color": color, "width": 2, "dash": dash},
                    "marker": {"size": 6},
                    "hovertemplate": f"{label} = %{{y:.4f}}<br>t = %{{x}}<extra></extra>",
                }
            )
        text = f"▬ {translate('unit')} {unit}"
        above = {"x": i / max(4, len(units)), "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left"}
        notes.append({"text": text, **above, "yanchor": "bottom", "showarrow": False, "font": {"color": color}})
    for level in (threshold, -threshold) if threshold else ():
        style = {"color": MUTED, "width": 1, "dash": "dash"}
        ends = {"x": [-0.5, length - 0.5], "y": [level, level], "mode": "lines", "line": style, "hoverinfo": "skip"}
        data.append({"type": "scatter", **ends})
    across = -(-length // MAX_TICKS)
    along = axis(
        range=[-0.5, length - 0.5],
        tickvals=list(range(0, length, across)),
        ticktext=list(characters[::across]),
        tickfont={"family": "monospace"},
        tickangle=0,
        showgrid=False,
    )
    name = "h, c" if cell_states is not None else "h"
    layout = base_layout(320, meta={"cursor": {"x": "t"}}, annotations=notes, xaxis=along, yaxis=axis(name))
    return compose(data, {**layout, "margin": {"l": 8, "r": 36, "t": 44, "b": 8}})

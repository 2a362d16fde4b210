"""The network unrolled in time: hidden states as a heat map whose columns are characters, one of them under the eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.matrices import MAX_APART, prediction_rows
from rnn_core.figures.theme import DIVERGING, MUTED, SERIES, Translate, axis, base_layout, compose, value_scale

MAX_TICKS = 64  # characters written along the text; beyond that only every second, third, ...
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
    """Draw the states of one layer, a column for each character, a row for each unit.

    Args:
        states: after each time step.
        characters: that went in.
        name: of what is shown, h or c.
        order: the units from the lowest row up; as they are numbered if not given.
        units: those framed, by their numbers.
        t: the time step framed; with it the figure is a film through the text that begins there.
        target: the characters that should come out, where predictions are shown.
        rows: predictions to compare with them, each with its label.
        span: end of the colour scale; the largest |value| if that is larger, or if none is given.
        translate: turns an English label into the viewer's language.
    """
    length, count = states.shape
    order = list(order) or list(range(count))
    has_text = bool(target) and length <= MAX_TICKS
    map_height, text_height = max(180, min(520, 14 * count)), 30 * (len(rows) + 1) if has_text else 0
    split = text_height / (map_height + text_height)
    scale = max(span, float(np.abs(states[np.isfinite(states)]).max(initial=0.0))) or 1.0
    data = [_heat_map(states[:, order], order, characters, name, scale, translate)]
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
    across, up = -(-length // MAX_TICKS), max(1, -(-count // 16))
    layout = base_layout(
        36 + map_height + text_height,
        meta=meta,
        margin={"l": 8, "r": 44, "t": 8, "b": 8},
        annotations=[value_scale(scale, name)],
        xaxis=axis(
            tickvals=list(range(0, length, across)),
            ticktext=list(characters[::across]),
            tickfont={"family": "monospace", "size": 14 if length <= 32 else 11},
            tickangle=0,
            side="top",
            range=[-0.5, length - 0.5],
            **quiet,
        ),
        yaxis=axis(
            translate("unit"),
            domain=[split + 0.02 if split else 0, 1],
            tickvals=list(range(0, count, up)),
            ticktext=[str(unit) for unit in order[::up]],
            range=[-0.5, count - 0.5],
            **quiet,
        ),
    )
    if has_text:
        data += prediction_rows(target, rows, translate)
        labels = [translate("target"), *(label for label, _ in rows)]
        below = [-i for i in range(len(labels))]
        ends = [-len(labels) + 0.4, 0.6]
        layout["yaxis2"] = axis(domain=[0, split - 0.02], range=ends, tickvals=below, ticktext=labels, **quiet)
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


def _heat_map(
    states: np.ndarray, order: Sequence[int], characters: Sequence[str], name: str, scale: float, translate: Translate
) -> dict[str, Any]:
    length, count = states.shape
    is_small = length * count <= 1024  # of many cells neither the gaps nor the characters are worth their cost
    gap = int(is_small and count <= MAX_APART)
    read = [f"{t} «{character}»" for t, character in enumerate(characters)]
    return {
        "type": "heatmap",
        "z": states.T.astype(np.float32),
        "x": list(range(length)),
        "y": list(range(count)),
        "text": [[f"{unit} · {place}" for place in read] for unit in order] if is_small else None,
        "colorscale": DIVERGING,
        "zmid": 0,
        "zmin": -scale,
        "zmax": scale,
        "xgap": gap,
        "ygap": gap,
        "hovertemplate": (
            translate("unit") + " · t: %{text}<br>" if is_small else "t = %{x}<br>" + translate("row") + " %{y}<br>"
        )
        + f"{name} = %{{z:.4f}}<extra></extra>",
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
    return compose(data, {**layout, "margin": {"l": 8, "r": 8, "t": 44, "b": 8}})

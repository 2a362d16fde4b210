"""Hidden states of all layers over time, with what of them is `output` and what is `h_n`; and one batch read twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.blocks import sample
from rnn_core.figures.theme import AXIS_COLORS, DIVERGING, Translate, base_layout, compose

MOST_UNITS, MOST_STEPS = 16, 48
GAP = 0.35  # between two rows of the grid, in rows
OUTPUT, LAST = AXIS_COLORS["L"], AXIS_COLORS["D*num_layers"]
MOST_FIRST, MOST_SECOND = 8, 12  # of a batch read twice


def layers_by_time(
    hidden: Float[np.ndarray, "num_layers D L H_out"], *, chosen: int | None = None, translate: Translate = str
) -> go.Figure:
    """Draw the hidden states of one sequence: a row for each layer and direction, the top layer on top.

    A frame shows `output`, the top layer at every step; a frame in each row shows its part of `h_n`: the last step of
    the forward direction, t = 0 of the backward one. Long sequences and wide layers are sampled.

    Args:
        hidden: the states.
        chosen: the row of h_n that is pointed out; the others fade.
        translate: turns an English label into the viewer's language.
    """
    layers, directions, length, size = hidden.shape
    steps, units = sample(length, MOST_STEPS), sample(size, MOST_UNITS)
    limit = float(np.abs(hidden[np.isfinite(hidden)]).max(initial=1e-9))
    data: list[dict[str, Any]] = []
    for row in range(layers * directions):
        layer, direction = divmod(row, directions)
        values = hidden[layer, direction][np.ix_(steps, units)].T
        base = _base(row, directions)
        data.append(
            {
                "type": "heatmap",
                "name": f"h_n[{row}]",
                "z": values,
                "x0": 0,
                "dx": 1,
                "y0": base + 1 - 0.5 / len(units),
                "dy": -1 / len(units),
                "customdata": np.stack(np.broadcast_arrays(steps[None, :], units[:, None]), axis=-1).astype(np.int32),
                "hovertemplate": translate("layer")
                + f" {layer}{' ←' if direction else ' →'}<br>t = %{{customdata[0]}}, "
                + translate("unit")
                + " %{customdata[1]}<br>h = <b>%{z:.4f}</b><extra></extra>",
                "colorscale": DIVERGING,
                "zmin": -limit,
                "zmax": limit,
                "showscale": False,
                "opacity": 1.0 if chosen in (None, row) else 0.4,
            }
        )
    count = layers * directions
    data += _frames(layers, directions, len(steps), chosen)
    top = _base(count - 1, directions) + 1 if directions == 1 else _base(count - 2, directions) + 1
    quiet = {"showgrid": False, "zeroline": False, "fixedrange": True, "tickfont": {"size": 14}}
    shown = sample(len(steps), 12)
    layout = base_layout(
        int(90 + 62 * count),
        margin={"l": 8, "r": 8, "t": 30, "b": 8},
        xaxis={
            **quiet,
            "range": [-0.7, len(steps) - 0.3],
            "tickvals": shown.tolist(),
            "ticktext": [str(steps[place]) for place in shown],
            "title": {"text": translate("time step t"), "font": {"color": OUTPUT}},
            "automargin": True,
        },
        yaxis={
            **quiet,
            "range": [-0.15, top + 0.15],
            "tickvals": [_base(row, directions) + 0.5 for row in range(count)],
            "ticktext": [_row_name(row, directions, translate) for row in range(count)],
            "automargin": True,
        },
        annotations=[
            _legend(0, OUTPUT, "output"),
            _legend(1, LAST, "h_n"),
        ],
    )
    return compose(data, layout)


def two_readings(
    output: Sequence[Float[np.ndarray, "A B H_out"]],
    shapes: Sequence[Sequence[str]],
    characters: Sequence[Sequence[str]],
    *,
    translate: Translate = str,
) -> go.Figure:
    """Draw one batch as it lies in memory, read in both ways: time down the first axis, or along the second.

    Each cell is one character with the units of its hidden state below; arrows go the way of time, and frames at
    their ends are h_n.

    Args:
        output: of batch_first=False and of True, axes as they are stored.
        shapes: what stands above each half, in lines.
        characters: characters[a][b] is what goes in at place (a, b).
        translate: turns an English label into the viewer's language.
    """
    first, second = (min(size, most) for size, most in zip(output[0].shape, (MOST_FIRST, MOST_SECOND), strict=False))
    shift = second + 1.2
    limit = float(max(np.abs(values[np.isfinite(values)]).max(initial=1e-9) for values in output))
    data: list[dict[str, Any]] = []
    for half, values in enumerate(output):
        data += _reading(values[:first, :second], half, shift, limit, translate)
    columns = [half * shift + b for half in (0, 1) for _ in range(first) for b in range(second)]
    rows = [-a + 0.27 for _ in (0, 1) for a in range(first) for _ in range(second)]
    text = [f"<b>{characters[a][b]}</b>" for _ in (0, 1) for a in range(first) for b in range(second)]
    size = {"size": 18}
    data.append({"type": "scatter", "mode": "text", "x": columns, "y": rows, "text": text, "textfont": size})
    data[-1]["hoverinfo"] = "skip"
    titles = [
        {"x": half * shift + (second - 1) / 2, "y": 0.75, "yanchor": "bottom", "text": "<br>".join(lines)}
        | {"showarrow": False, "font": {"size": 16}}
        for half, lines in enumerate(shapes)
    ]
    hidden = {"visible": False, "fixedrange": True}
    layout = base_layout(
        int(130 + 84 * first),
        xaxis={**hidden, "range": [-0.8, shift + second - 0.2]},
        yaxis={**hidden, "range": [-first + 0.35, 0.8]},
        margin={"l": 4, "r": 4, "t": 96, "b": 4},
        annotations=titles,
    )
    return compose(data, layout)


def _reading(
    values: Float[np.ndarray, "A B H_out"], half: int, shift: float, limit: float, translate: Translate
) -> list[dict[str, Any]]:
    """Draw one half: its states, arrows along time, and frames around h_n."""
    first, second, size = values.shape
    units = sample(size, 4)
    cells = np.moveaxis(values[..., units], 2, 1)  # (A, units, B)
    y = [-a - 0.05 - 0.4 * (k + 0.5) / len(units) for a in range(first) for k in range(len(units))]
    spaced_z, spaced_y = _with_gaps(cells.reshape(first * len(units), second), y, len(units))
    names = ("L", "N") if half == 0 else ("N", "L")
    where = [[(a, b, int(u)) for b in range(second)] for a in range(first) for u in units]
    spaced_where = [row for a in range(first) for row in (*where[a * len(units) : (a + 1) * len(units)], where[0])]
    x = np.arange(second) + half * shift
    arrows: list[dict[str, Any]] = []
    color = AXIS_COLORS["L"]
    lines = [((float(b), 0.45), (float(b), 0.45 - first)) for b in range(second)]
    if half == 1:
        lines = [((-0.5, -a - 0.49), (second - 0.5, -a - 0.49)) for a in range(first)]
    ends_x: list[float | None] = []
    ends_y: list[float | None] = []
    for (x0, y0), (x1, y1) in lines:
        ends_x += [x0 + half * shift - (0.44 if half == 0 else 0), x1 + half * shift - (0.44 if half == 0 else 0), None]
        ends_y += [y0, y1, None]
    arrows.append(_scatter(ends_x, ends_y, color, 3))
    marker = {"symbol": "triangle-down" if half == 0 else "triangle-right", "size": 14, "color": color}
    arrows.append(
        {"type": "scatter", "mode": "markers", "x": ends_x[1::3], "y": ends_y[1::3], "marker": marker}
        | {"hoverinfo": "skip"}
    )
    last = [(first - 1, b) for b in range(second)] if half == 0 else [(a, second - 1) for a in range(first)]
    frame_x: list[float | None] = []
    frame_y: list[float | None] = []
    for a, b in last:
        left, right, top, bottom = b + half * shift - 0.4, b + half * shift + 0.4, -a - 0.03, -a - 0.47
        frame_x += [left, right, right, left, left, None]
        frame_y += [bottom, bottom, top, top, bottom, None]
    heat_map = {
        "type": "heatmap",
        "x": x,
        "y": spaced_y,
        "z": spaced_z,
        "customdata": spaced_where,
        "xgap": 12,
        "hoverongaps": False,
        "colorscale": DIVERGING,
        "zmin": -limit,
        "zmax": limit,
        "showscale": False,
        "hovertemplate": f"<b>output</b>[{names[0]}=%{{customdata[0]}}, {names[1]}=%{{customdata[1]}}, "
        "H_out=%{customdata[2]}]<br>" + translate("value") + " <b>%{z:.4f}</b><extra></extra>",
    }
    return [heat_map, *arrows, _scatter(frame_x, frame_y, LAST, 4)]


def _with_gaps(values: Float[np.ndarray, "R B"], y: Sequence[float], group: int) -> tuple[np.ndarray, list[float]]:
    """Put an empty row below each group of rows."""
    rows, places = [], []
    for start in range(0, len(values), group):
        rows += [*values[start : start + group], np.full(values.shape[1], np.nan)]
        places += [*y[start : start + group], y[start] - 0.65]
    return np.array(rows), places


def _base(row: int, directions: int) -> float:
    """Return where a row of h_n stands in the grid; of a layer's directions the forward one is on top."""
    layer, direction = divmod(row, directions)
    return (layer * directions + (directions - 1 - direction)) * (1 + GAP)


def _row_name(row: int, directions: int, translate: Translate) -> str:
    layer, direction = divmod(row, directions)
    way = "" if directions == 1 else " ←" if direction else " →"
    return f"{translate('layer')} {layer}{way}  <b>h_n[{row}]</b>"


def _frames(layers: int, directions: int, steps: int, chosen: int | None) -> list[dict[str, Any]]:
    """Frame output, each row of h_n, and once more the chosen one."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row in range(layers * directions):
        t = 0 if row % directions else steps - 1
        box = _box(t - 0.5, t + 0.5, _base(row, directions), _base(row, directions) + 1)
        x, y = [*x, *box[0]], [*y, *box[1]]
    bottom = min(_base((layers - 1) * directions + d, directions) for d in range(directions))
    top = max(_base((layers - 1) * directions + d, directions) for d in range(directions)) + 1
    frames = [
        _scatter(*_box(-0.58, steps - 0.42, bottom - 0.09, top + 0.09), OUTPUT, 3),
        _scatter(x, y, LAST, 3),
    ]
    if chosen is not None:
        t, base = 0 if chosen % directions else steps - 1, _base(chosen, directions)
        frames.append(_scatter(*_box(t - 0.5, t + 0.5, base, base + 1), LAST, 8))
    return frames


def _box(left: float, right: float, bottom: float, top: float) -> tuple[list[float | None], list[float | None]]:
    return [left, right, right, left, left, None], [bottom, bottom, top, top, bottom, None]


def _scatter(x: Sequence[float | None], y: Sequence[float | None], color: str, width: float) -> dict[str, Any]:
    style = {"color": color, "width": width}
    return {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), "line": style, "hoverinfo": "skip"}


def _legend(place: int, color: str, name: str) -> dict[str, Any]:
    return {
        "text": f'<span style="color:{color}">▢ <b>{name}</b></span>',
        "x": 0 if place == 0 else 1,
        "xanchor": "left" if place == 0 else "right",
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 17},
    }

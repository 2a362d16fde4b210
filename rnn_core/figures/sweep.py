"""A sweep in pictures: a map of its results, the loss curves behind them, and every axis side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.overlay import APART, Curve, end_mark, legend, loss_range, points
from rnn_core.figures.theme import MUTED, SEQUENTIAL, WRONG, Translate, axis, base_layout, compose
from rnn_core.records.sweeps import SweepTable

# From the first value of an axis to its last: five hues that are told apart on white and on black.
RAMP = ((122, 81, 149), (46, 134, 209), (0, 158, 115), (230, 159, 0), (213, 94, 0))
_AT, _COLORS = (0.0, 0.35, 0.7, 1.0), [color for _, color in SEQUENTIAL]
LEAST_LOSS = 1e-6  # what is smaller is drawn as this
CURVE_POINTS = 3000  # of all small curves together
ROW = 44  # pixels of a row of the map
GAP = 0.06  # between two panels, of the width
PANEL = 190  # and of a row of panels


def sweep_map(
    table: SweepTable, shown: str, names: Mapping[str, str], *, picked: int | None = None, translate: Translate = str
) -> go.Figure:
    """Draw the result of each pair of the first two axes as a coloured square.

    The colour is the median over the seeds; orange with a cross means that the median run exploded, a small cross that
    some runs did, a ring that it is still being trained, a star the best, a frame the one that was picked; ≈ in a
    corner means that the result of some runs hangs on rounding.

    Args:
        table: the sweep so far.
        shown: `loss` (by its logarithm) or `accuracy`.
        names: how the axes are called.
        picked: a combination.
        translate: turns an English label into the viewer's language.
    """
    squares = table.squares(shown)
    median = table.median(shown)[squares]
    exploded = np.isinf(table.median("loss")[squares])
    across, up = table.values[0], table.values[1] if len(table.values) > 1 else ("",)
    colors = np.where(exploded, np.nan, np.log10(np.maximum(median, LEAST_LOSS)) if shown == "loss" else median)
    low, high = _color_range(colors, shown)
    scale = list(zip(_AT, reversed(_COLORS) if shown == "loss" else _COLORS, strict=True))  # the better, the bluer
    shared = {"type": "heatmap", "x": across, "y": up, "showscale": False, "xgap": 2, "ygap": 2}
    hover = [[_square_words(table, int(place), names, translate) for place in row] for row in squares]
    data: list[dict[str, Any]] = [
        {
            **shared,
            "z": _or_gap(colors),
            "zmin": low,
            "zmax": high,
            "colorscale": scale,
            "text": hover,
            "hovertemplate": "%{text}<extra></extra>",
            "hoverongaps": True,
        },
        {
            **shared,
            "z": _or_gap(np.where(exploded, 1.0, np.nan)),
            "colorscale": [[0, WRONG], [1, WRONG]],
            "hoverinfo": "skip",
        },
        *_signs(table, shown, squares, exploded, picked),
    ]
    layout = base_layout(
        max(170, 96 + ROW * len(up)),
        annotations=[_color_words(low, high, shown, scale)],
        xaxis=axis(names[table.fields[0]], type="category", categoryarray=across, showgrid=False),
        yaxis=axis(
            names[table.fields[1]] if len(table.fields) > 1 else "",
            type="category",
            categoryarray=up,
            showgrid=False,
            showticklabels=len(table.fields) > 1,
        ),
    )
    layout["margin"] = {**layout["margin"], "r": 64, "t": 8}
    return compose(data, layout)


def sweep_curves(
    table: SweepTable,
    curves: Mapping[int, Curve],
    shown: str,
    names: Mapping[str, str],
    *,
    last_step: int,
    translate: Translate = str,
) -> go.Figure:
    """Draw the loss curves behind the map: a panel for each value of the second axis, a line for each of the first.

    Args:
        table: the sweep so far.
        curves: of each combination, that of its median run.
        shown: by which result a combination stands for its pair of values.
        names: how the axes are called.
        last_step: where the longest run ends.
        translate: turns an English label into the viewer's language.
    """
    squares = table.squares(shown)
    across = table.values[0]
    columns = 1 if len(squares) == 1 else 2 if len(squares) <= 4 else 3
    rows = -(-len(squares) // columns)
    most = max(12, CURVE_POINTS // squares.size)
    data: list[dict[str, Any]] = []
    layout = base_layout(70 + max(PANEL * rows, 260))
    layout["margin"] = {**layout["margin"], "t": 64}
    shared = loss_range([curve for curve in curves.values() if len(curve.steps)], is_log=True)
    notes = [_ramp_words(names[table.fields[0]], across)]
    for panel, row in enumerate(squares):
        number = str(panel + 1) if panel else ""
        column, line = panel % columns, panel // columns
        for place, combination in enumerate(row.tolist()):
            curve = curves[combination]
            said = f"{curve.name}<br>{translate('step')} %{{x}}<br>{translate('loss')} %{{y:.4g}}<extra></extra>"
            line_look = {"color": ramp(place, len(across)), "width": 1.5}
            look = {"xaxis": f"x{number}", "yaxis": f"y{number}", "line": line_look}
            data.append({**points(curve, most), **look, "mode": "lines", "name": curve.name, "hovertemplate": said})
            if curve.has_exploded:
                data.append({**end_mark(curve, shared), "xaxis": f"x{number}", "yaxis": f"y{number}"})
        left, right = column / columns, (column + 1) / columns
        top, bottom = 1 - line / rows, 1 - (line + 1) / rows
        is_lowest = panel + columns >= len(squares)  # of its column
        layout[f"xaxis{number}"] = axis(
            translate("step") if is_lowest else "",
            domain=[left + GAP / 2 * bool(column), right - GAP / 2 * (column < columns - 1)],
            anchor=f"y{number}",
            range=[0, max(last_step, 1)],
            showticklabels=is_lowest,
            tickvals=[0, last_step // 2, *([last_step] if column == columns - 1 else [])],
        )
        layout[f"yaxis{number}"] = axis(
            translate("loss (nats)") if column == 0 else "",
            domain=[bottom + 0.03, top - 0.1 / rows],
            anchor=f"x{number}",
            showticklabels=column == 0,
            **shared,
        )
        if len(table.fields) > 1:
            notes.append(_panel_title(f"{names[table.fields[1]]} = {table.values[1][panel]}", number))
    return compose(data, {**layout, "annotations": notes})


def sweep_axes(table: SweepTable, shown: str, names: Mapping[str, str], *, translate: Translate = str) -> go.Figure:
    """Draw every combination as a line through its value on each axis and its results: parallel coordinates.

    A. Inselberg, The Plane with Parallel Coordinates, The Visual Computer 1 (1985). Dragging along an axis keeps only
    the lines that pass there.
    """
    losses, accuracy = table.median("loss"), table.median("accuracy")
    is_known = ~np.isnan(losses)
    height = np.log10(np.clip(losses, LEAST_LOSS, None))
    finite = height[np.isfinite(height)]
    low, high = (math.floor(finite.min()), math.ceil(finite.max() + 1e-9)) if finite.size else (-1, 1)
    aloft = high + 0.12 * (high - low)  # an explosion has a place of its own, above all numbers
    height = np.where(np.isposinf(height), aloft, height)
    where = np.unravel_index(np.arange(len(losses)), [len(values) for values in table.values])
    dimensions = [
        {
            "label": names[field],
            "values": place[is_known].tolist(),
            "tickvals": list(range(len(values))),
            "ticktext": list(values),
            "range": [0, max(1, len(values) - 1)],
        }
        for field, values, place in zip(table.fields, table.values, where, strict=True)
    ]
    ticks = list(range(low, high + 1))
    dimensions.append(
        {
            "label": translate("final loss"),
            "values": height[is_known].tolist(),
            "range": [low, aloft],
            "tickvals": [*ticks, aloft],
            "ticktext": [*(f"{10.0**tick:g}" for tick in ticks), translate("diverged")],
        }
    )
    dimensions.append({"label": translate("accuracy"), "values": accuracy[is_known].tolist(), "range": [0, 1]})
    dimensions[-1] |= {"tickvals": [0, 0.5, 1], "ticktext": ["0%", "50%", "100%"]}
    color = dimensions[-2 if shown == "loss" else -1]
    scale = [[place / 4, ramp(place, 5)] for place in range(5)]
    line = {"color": color["values"], "colorscale": scale, "cmin": color["range"][0], "cmax": color["range"][1]}
    line["reversescale"] = shown != "loss"
    trace = {"type": "parcoords", "dimensions": dimensions, "line": line, "labelfont": {"size": 13}}
    return compose([trace], {**base_layout(380), "margin": {"l": 60, "r": 60, "t": 56, "b": 24}})


def ramp(place: int, count: int) -> str:
    """Return the colour of a value by its place among `count` of them."""
    at = 0.0 if count < 2 else place / (count - 1) * (len(RAMP) - 1)
    left = min(int(at), len(RAMP) - 2)
    mixed = [round(a + (b - a) * (at - left)) for a, b in zip(RAMP[left], RAMP[left + 1], strict=True)]
    return f"rgb({mixed[0]}, {mixed[1]}, {mixed[2]})"


def _signs(
    table: SweepTable, shown: str, squares: np.ndarray, exploded: np.ndarray, picked: int | None
) -> list[dict[str, Any]]:
    """Return what is said by shape: crosses, rings, the star, the frame, and the corner."""
    is_done = np.array(table.has_finished.all(axis=1))
    has_begun = np.array(~np.isnan(table.loss).all(axis=1))
    has_some = np.array(table.has_exploded.any(axis=1))
    is_rounded = np.array(table.hangs_on_rounding.any(axis=1))
    best = table.best(shown)
    dark = "#1B2430"
    rim = {"color": "white", "width": 1}
    return [
        _sign(table, exploded, {"symbol": "x", "size": 11, "color": "white"}),
        _sign(
            table, has_some[squares] & ~exploded, {"symbol": "x-thin", "size": 7, "line": {"color": dark, "width": 2}}
        ),
        _sign(table, (has_begun & ~is_done)[squares], {"symbol": "circle-open", "size": 7, "color": MUTED}),
        _sign(table, squares == best, {"symbol": "star", "size": 16, "color": dark, "line": rim}),
        _sign(table, squares == picked, {"symbol": "square-open", "size": 26, "color": dark, "line": {"width": 3}}),
        {
            **_sign(table, is_rounded[squares], {}),
            "mode": "text",
            "text": "≈",
            "textposition": "top right",
            "textfont": {"size": 20, "color": dark, "shadow": "0 0 3px white"},
        },
    ]


def _sign(table: SweepTable, where: np.ndarray, marker: dict[str, Any]) -> dict[str, Any]:
    rows, columns = np.nonzero(where)
    up = table.values[1] if len(table.values) > 1 else ("",)
    return {
        "type": "scatter",
        "x": [table.values[0][column] for column in columns],
        "y": [up[row] for row in rows],
        "mode": "markers",
        "marker": marker,
        "hoverinfo": "skip",
    }


def _square_words(table: SweepTable, place: int, names: Mapping[str, str], translate: Translate) -> str:
    """Write what a square stands for: its values, the median and the spread of its runs."""
    pairs = zip(table.fields, table.words(place), strict=True)
    head = "<br>".join(f"{names[field]} = {word}" for field, word in pairs)
    runs = len(table.loss[place])
    losses, accuracy = np.sort(table.loss[place]), table.accuracy[place]
    if np.isnan(losses).all():
        return head + "<br>" + translate("not begun")
    middle = table.median("loss")[place]
    lines = [head, f"{translate('final loss')} {_number(middle, translate)}"]
    known = losses[~np.isnan(losses)]
    if runs > 1:
        lines.append(f"{_number(known[0], translate)} – {_number(known[-1], translate)} ({len(known)})")
    shares = dict.fromkeys(f"{share:.0%}" for share in (np.nanmin(accuracy), np.nanmax(accuracy)))
    lines.append(f"{translate('accuracy')} {' – '.join(shares)}")
    count = int(table.has_exploded[place].sum())
    if count:
        lines.append(translate("{count} of {total} diverged").format(count=count, total=runs))
    count = int(table.hangs_on_rounding[place].sum())
    if count:
        lines.append(translate("{count} of {total} depend on rounding").format(count=count, total=runs))
    if not table.has_finished[place].all():
        lines.append(translate("still being trained"))
    return "<br>".join(lines)


def _number(loss: float, translate: Translate) -> str:
    return f"{loss:.4g}" if math.isfinite(loss) else translate("diverged")


def _color_range(colors: np.ndarray, shown: str) -> tuple[float, float]:
    """Return the ends of the colours: whole halves of a decade for a loss, so that they move rarely."""
    known = colors[np.isfinite(colors)]
    if shown == "accuracy":
        return 0.0, 1.0
    if not known.size:
        return -1.0, 1.0
    low, high = math.floor(2 * known.min()) / 2, math.ceil(2 * known.max()) / 2
    return low, max(high, low + 0.5)


def _color_words(low: float, high: float, shown: str, scale: Sequence[tuple[float, Any]]) -> dict[str, Any]:
    """Return the legend of the colours, right of the map, as one annotation."""
    squares = [f'<span style="color:{color};font-size:18px">■</span>' for _, color in reversed(scale)]
    top, bottom = (f"{10**high:.2g}", f"{10**low:.2g}") if shown == "loss" else ("100%", "0%")
    place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "y": 1, "yref": "paper", "yanchor": "top"}
    return {**place, "text": "<br>".join((top, *squares, bottom)), "showarrow": False, "font": {"size": 12}}


def _ramp_words(name: str, values: Sequence[str]) -> dict[str, Any]:
    """Return the legend of the lines' colours: all values if there are few, else some."""
    count = len(values)
    stride = 1 if count <= 6 else -(-(count - 1) // 5)
    kept = sorted({*range(0, count, stride), count - 1})
    squares = APART.join(
        f'<span style="color:{ramp(place, count)};font-size:16px">■</span> {values[place]}' for place in kept
    )
    return legend([], text=f"{name}<br>{squares}", yshift=20)


def _panel_title(text: str, number: str) -> dict[str, Any]:
    place = {"x": 0, "xref": f"x{number} domain", "xanchor": "left", "y": 1, "yref": f"y{number} domain"}
    return {**place, "yanchor": "bottom", "text": text, "showarrow": False, "font": {"size": 12, "color": MUTED}}


def _or_gap(array: np.ndarray) -> list[list[float | None]]:
    return [[value if math.isfinite(value) else None for value in row] for row in array.round(4).tolist()]

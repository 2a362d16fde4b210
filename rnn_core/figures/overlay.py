"""Loss curves of several runs in one picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.theme import MUTED, SERIES, WRONG, Translate, axis, base_layout, compose, log_axis

MAX_POINTS = 400  # of one curve
ROOM = 3.0  # how far above the highest first loss the axis goes: an explosion would flatten everything else
DASHES = ("solid", "dash", "dot", "dashdot")  # a second mark beside the colour


@dataclass(frozen=True)
class Curve:
    """The loss of one run in nats per character, by step.

    Attributes:
        name: how it is called in the legend and when pointed at.
        steps, losses: what is drawn; a loss that is no number is left out.
        has_exploded: whether it ends with a cross.
        is_quiet: whether it stays behind the others: thin and grey.
    """

    name: str
    steps: Sequence[int] | np.ndarray
    losses: Sequence[float] | np.ndarray
    has_exploded: bool = False
    is_quiet: bool = False


def overlaid_losses(
    curves: Sequence[Curve], *, is_log: bool = False, height: int = 380, translate: Translate = str
) -> go.Figure:
    """Draw the losses of several runs over the optimiser's steps, the names beneath."""
    data: list[dict[str, Any]] = []
    step, loss = translate("step"), translate("loss")
    loud = [curve for curve in curves if not curve.is_quiet]
    heights = loss_range(curves, is_log=is_log)
    for curve in curves:
        place = loud.index(curve) if curve in loud else 0
        color = MUTED if curve.is_quiet else SERIES[place % len(SERIES)]
        dash = "solid" if curve.is_quiet else DASHES[place // len(SERIES) % len(DASHES)]
        data += [
            {
                **points(curve, MAX_POINTS),
                "mode": "lines",
                "name": curve.name,
                "line": {"color": color, "width": 1 if curve.is_quiet else 2.5, "dash": dash},
                "hovertemplate": f"{curve.name}<br>{step} %{{x}}<br>{loss} %{{y:.4g}}<extra></extra>",
            },
            end_mark(curve, heights),
        ]
    names = [(SERIES[place % len(SERIES)], curve.name) for place, curve in enumerate(loud)]
    last = max((int(curve.steps[-1]) for curve in curves if len(curve.steps)), default=1)
    layout = base_layout(
        height,
        meta={"cursor": {"x": "step"}},
        xaxis=axis(translate("step (updates made)"), range=[0, max(last, 1)]),
        yaxis=axis(translate("loss (nats)"), **heights),
        annotations=[legend(names)] if len(names) > 1 else [],
    )
    layout["margin"]["t"] = 24 + (22 * lines_of(names) if len(names) > 1 else 0)
    return compose(data, layout)


def points(curve: Curve, most: int) -> dict[str, Any]:
    """Return at most so many points of a curve, the last one among them; what is no number becomes a gap."""
    count = len(curve.steps)
    stride = max(1, -(-count // most))
    places = list(range(0, count, stride))
    if places and places[-1] != count - 1:
        places.append(count - 1)
    losses = [float(curve.losses[place]) for place in places]
    return {
        "type": "scatter",
        "x": [int(curve.steps[place]) for place in places],
        "y": [float(f"{loss:.6g}") if math.isfinite(loss) else None for loss in losses],
    }


def end_mark(curve: Curve, heights: Mapping[str, Any]) -> dict[str, Any]:
    """Return the cross where a run exploded, at the upper edge if its loss lies above; empty for any other run.

    Args:
        curve: the run.
        heights: the axis that it is drawn on, from `loss_range`.
    """
    top = heights["range"][1]
    top = 10**top if heights.get("type") == "log" else top
    at = [-1] if curve.has_exploded and len(curve.steps) else []
    losses = [float(curve.losses[place]) for place in at]
    return {
        "type": "scatter",
        "x": [int(curve.steps[place]) for place in at],
        "y": [loss if loss < top else top for loss in losses],  # what is no number is not smaller
        "mode": "markers",
        "marker": {"symbol": "x", "size": 9, "color": WRONG},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def loss_range(curves: Sequence[Curve], *, is_log: bool) -> dict[str, Any]:
    """Return the range of a loss axis: from the lowest loss to somewhat above the highest first one."""
    firsts = [float(curve.losses[0]) for curve in curves if len(curve.losses) and math.isfinite(curve.losses[0])]
    known = [float(loss) for curve in curves for loss in curve.losses if math.isfinite(loss) and loss > 0]
    top = min(max(known, default=1.0), ROOM * max(firsts, default=1.0)) or 1.0
    if not is_log:
        return {"range": [-0.03 * top, 1.05 * top]}
    bottom = max(min(known, default=0.1), 1e-6)
    return log_axis(math.log10(bottom) - 0.1, math.log10(max(top, 2 * bottom)) + 0.05)


def legend(names: Sequence[tuple[str, ...]], **more: Any) -> dict[str, Any]:
    """Return a legend above the picture as one annotation; Plotly's own takes as long to draw as the picture.

    Args:
        names: the colour and the name of each entry, and what stands before it if that is no square.
        more: what else the annotation says.
    """
    words = [
        f'<span style="color:{color};font-size:16px">{"".join(mark) or "■"}</span> {name}'
        for color, name, *mark in names
    ]
    rows = [APART.join(words[start : start + PER_LINE]) for start in range(0, len(words), PER_LINE)]
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4}
    shared = {"name": "legend", "text": "<br>".join(rows), "align": "left", "showarrow": False, "font": {"size": 12}}
    return {**place, **shared, **more}


APART = "   "  # between two names in a line; where a place is narrow a browser breaks the lines anew between names
PER_LINE = 3  # names in a line of a legend


def lines_of(names: Sequence[object]) -> int:
    """Return how many lines a legend of so many names has."""
    return -(-len(names) // PER_LINE)

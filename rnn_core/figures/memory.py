"""What cells remember: accuracy by lag, and how they learnt it; several seeds each, none of them hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.overlay import legend
from rnn_core.figures.theme import MUTED, SERIES, Translate, axis, base_layout, compose

COLORS = {"rnn": SERIES[0], "lstm": SERIES[1], "gru": SERIES[2]}
# Beside the colour, and so that all can be seen where they lie on each other.
MARKS = {"rnn": ("circle", 14, "solid"), "lstm": ("square", 10, "dash"), "gru": ("diamond", 7, "dot")}
THIN = 0.35  # opacity of a single seed
BEST = 1.0


@dataclass(frozen=True)
class Spread:
    """What networks with the same config and different seeds have come to, along an axis.

    Attributes:
        name: the cell: rnn, lstm or gru.
        x: lags, or steps.
        y: a column for each seed.
    """

    name: str
    x: Sequence[int]
    y: Float[np.ndarray, "X P"]


def accuracy_by_lag(
    spreads: Sequence[Spread], lags: Sequence[int], chances: Sequence[float], *, translate: Translate = str
) -> go.Figure:
    """Draw the accuracy of each cell over the lag: every seed thin, the median thick, chance and best dashed.

    Args:
        spreads: of each cell, over the lags that are trained so far.
        lags: all that will be.
        chances: the chance level at each of them.
        translate: turns an English label into the viewer's language.
    """
    accuracy, lag = translate("accuracy"), translate("lag (time steps)")
    best, chance = translate("best possible"), translate("chance")
    data = [_level(lags, [BEST] * len(lags), best), _level(lags, chances, chance)]
    for spread in spreads:
        data += _lines(spread, "y", f"{lag} %{{x}}<br>{accuracy} %{{y:.1%}}", has_marks=True)
    layout = base_layout(
        350,
        xaxis=axis(lag, range=[0, max(lags) * 1.04], tickvals=list(lags)),
        yaxis=axis(accuracy, range=[-0.03, 1.14], tickformat=".0%"),
        annotations=[_names(spreads, f"{best} {BEST:.0%}", f"{chance} {chances[0]:.1%}")],
    )
    layout["margin"]["t"] = 68
    return compose(data, layout)


def learning_by_cell(
    accuracy: Sequence[Spread],
    loss: Sequence[Spread],
    *,
    last_step: int,
    chance: float,
    translate: Translate = str,
) -> go.Figure:
    """Draw accuracy and, below it, loss over the updates: every seed thin, the median thick.

    Args:
        accuracy: of each cell, as far as it is trained.
        loss: likewise.
        last_step: where training ends at the latest.
        chance: the chance level.
        translate: turns an English label into the viewer's language.
    """
    step, words = translate("step"), {"y": translate("accuracy"), "y2": translate("loss")}
    data = [_level([0, last_step], [chance] * 2, translate("chance"))]
    for place, spreads, form in (("y", accuracy, ".1%"), ("y2", loss, ".3g")):
        for spread in spreads:
            data += _lines(spread, place, f"{step} %{{x}}<br>{words[place]} %{{y:{form}}}")
    top = max((float(spread.y.max()) for spread in loss if spread.y.size), default=1.0)
    layout = base_layout(
        350,
        meta={"cursor": {"x": "step"}},
        xaxis=axis(translate("step (updates made)"), range=[0, last_step], anchor="y2"),
        yaxis=axis(words["y"], domain=[0.45, 1], range=[-0.03, 1.08], tickformat=".0%"),
        yaxis2=axis(words["y2"], domain=[0, 0.36], range=[0, 1.05 * top], nticks=4),
        annotations=[_names(accuracy, f"{translate('chance')} {chance:.1%}")],
    )
    layout["margin"]["t"] = 68
    return compose(data, layout)


def _lines(spread: Spread, y_axis: str, hover: str, *, has_marks: bool = False) -> list[dict[str, Any]]:
    """Return two traces: all seeds one after the other with gaps between, and their median."""
    color, (symbol, size, dash) = COLORS[spread.name], MARKS[spread.name]
    count = spread.y.shape[1]
    shared: dict[str, Any] = {"type": "scatter", "yaxis": y_axis, "cliponaxis": False}
    seeds = {
        **shared,
        "x": [*spread.x, None] * count,
        "y": [value for column in spread.y.T for value in (*_rounded(column), None)],
        "mode": "lines+markers" if has_marks else "lines",
        "opacity": THIN,
        "line": {"color": color, "width": 1},
        "marker": {"color": color, "size": 5, "symbol": symbol},
        "hoverinfo": "skip",
    }
    median = {
        **shared,
        "x": list(spread.x),
        "y": _rounded(np.median(spread.y, axis=1)) if spread.y.size else [],
        "name": spread.name,
        "mode": "lines+markers" if has_marks else "lines",
        "line": {"color": color, "width": 3, "dash": dash},
        "marker": {"color": color, "size": size, "symbol": symbol},
        "hovertemplate": f"{spread.name}<br>{hover}<extra></extra>",
    }
    return [seeds, median]


def _rounded(values: np.ndarray) -> list[float | None]:
    """Write values short; what is no number becomes a gap."""
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in values]


def _level(x: Sequence[int], y: Sequence[float], name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [0, *x] if x[0] else list(x),
        "y": [y[0], *y] if x[0] else list(y),
        "mode": "lines",
        "line": {"color": MUTED, "width": 1.4, "dash": "dash"},
        "hovertemplate": f"{name} %{{y:.1%}}<extra></extra>",
    }


def _names(spreads: Sequence[Spread], *levels: str) -> dict[str, Any]:
    """Return the legend: cells, and dashed what they are measured by, whose names would lie on curves elsewhere."""
    return legend(
        [*((COLORS[spread.name], spread.name) for spread in spreads), *((MUTED, name, "┄") for name in levels)]
    )

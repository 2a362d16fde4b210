"""Two experiments on the same seeds, pair by pair."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.overlay import legend
from rnn_core.figures.theme import MUTED, SERIES, WRONG, Translate, axis, base_layout, compose, log_axis
from rnn_core.records.sweeps import SweepTable

LEAST_LOSS = 1e-6  # what is smaller is drawn as this
SYMBOLS = ("circle", "diamond")


def seed_pairs(table: SweepTable, seeds: list[int], names: tuple[str, str], *, translate: Translate = str) -> go.Figure:
    """Draw the final losses of two experiments by seed, each pair joined by a line; a cross is a run that exploded.

    Args:
        table: of two combinations, A and B; columns belong to the seeds.
        seeds: their numbers.
        names: how A and B are called.
        translate: turns an English label into the viewer's language.
    """
    known = np.maximum(np.where(np.isfinite(table.loss), table.loss, np.nan), LEAST_LOSS)
    numbers = known[~np.isnan(known)]
    low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.01, 1.0)
    aloft = 2 * high  # where a loss is that is no number any more
    heights = np.where(table.has_exploded, aloft, known)
    words = [str(seed) for seed in seeds]
    pairs = [[None if math.isnan(y) else y for y in pair] for pair in heights.T.tolist()]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": [x for word in words for x in (word, word, None)],
            "y": [y for pair in pairs for y in (*pair, None)],
            "mode": "lines",
            "line": {"color": MUTED, "width": 1},
            "hoverinfo": "skip",
        }
    ]
    seed, loss = translate("seed"), translate("final loss")
    for which, name in enumerate(names):
        exploded = table.has_exploded[which]
        data.append(
            {
                "type": "scatter",
                "x": words,
                "y": [pair[which] for pair in pairs],
                "mode": "markers",
                "name": name,
                "marker": {
                    "symbol": ["x" if gone else SYMBOLS[which] for gone in exploded],
                    "color": [WRONG if gone else SERIES[2 * which] for gone in exploded],
                    "size": 11,
                },
                "hovertemplate": f"{name}<br>{seed} %{{x}}<br>{loss} %{{y:.4g}}<extra></extra>",
            }
        )
    ends = [math.log10(low) - 0.15, math.log10(aloft if table.has_exploded.any() else high) + 0.15]
    layout = base_layout(
        320,
        annotations=[legend([(SERIES[2 * which], name) for which, name in enumerate(names)])],
        xaxis=axis(seed, type="category", categoryarray=words),
        yaxis=axis(translate("final loss (nats)"), **log_axis(*ends)),
    )
    layout["margin"] = {**layout["margin"], "t": 46}
    return compose(data, layout)

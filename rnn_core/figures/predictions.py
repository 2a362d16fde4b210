"""What a network predicts below what it should: characters, each wrong one marked; of a long text, marks alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnn_core.figures.theme import GRID, RIGHT, WRONG, Translate

ROW_PX = 30
MOST_WRITTEN = 64  # characters in a row; more of them could not be read, and each takes a browser time
FAINT = "rgba(0, 158, 115, 0.25)"  # RIGHT, but light
WANTED = 0.5  # between right and wrong on the scale of cells: what should come out


def prediction_rows(
    target: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], translate: Translate
) -> list[dict[str, Any]]:
    """Return traces that show the target and below it each prediction, on `yaxis2`.

    A wrong character is boxed and crossed, not only coloured; an empty one is a place left free. Of a text that is too
    long to be written each place is a cell: faint where it is right, strong where it is wrong.
    """
    return _marks(target, rows, translate) if len(target) > MOST_WRITTEN else _written(target, rows, translate)


def prediction_axis(rows: Sequence[tuple[str, Sequence[str]]], translate: Translate) -> dict[str, Any]:
    """Return what the axis of the rows says: the target above, then each prediction's label."""
    labels = [translate("target"), *(label for label, _ in rows)]
    return {
        "range": [-len(labels) + 0.4, 0.6],
        "tickvals": [-i for i in range(len(labels))],
        "ticktext": labels,
    }


def _written(
    target: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], translate: Translate
) -> list[dict[str, Any]]:
    font = {"size": 16, "family": "monospace"}
    places = [(t, i) for i in range(len(rows)) for t in range(len(target))]
    predicted = [rows[i][1][t] for t, i in places]
    is_wrong = [predicted[k] not in ("", target[t]) for k, (t, _) in enumerate(places)]
    wrong = [place for place, bad in zip(places, is_wrong, strict=True) if bad]
    shared: dict[str, Any] = {
        "type": "scatter",
        "yaxis": "y2",
        "meta": "characters",
    }  # they become smaller where they have no room
    traces = [
        {
            **shared,
            "mode": "text",
            "x": list(range(len(target))),
            "y": [0] * len(target),
            "text": list(target),
            "textfont": font,
            "hovertemplate": translate("target") + " «%{text}»<extra></extra>",
        },
        {
            **shared,
            "mode": "text",
            "x": [t for t, _ in places],
            "y": [-i - 1 for _, i in places],
            "text": predicted,
            "textfont": {**font, "color": [WRONG if bad else RIGHT for bad in is_wrong]},
            "customdata": [(rows[i][0], target[t]) for t, i in places],
            "hovertemplate": "%{customdata[0]}: «%{text}» / «%{customdata[1]}»<extra></extra>",
        },
        {
            **shared,
            "mode": "markers",
            "x": [t for t, _ in wrong],
            "y": [-i - 1 for _, i in wrong],
            "marker": {"symbol": "square-x-open", "size": 22, "color": WRONG, "opacity": 0.55},
            "hoverinfo": "skip",
        },
    ]
    return [trace for trace in traces if trace["x"]]  # one with nothing in it costs a browser as much as another


def _marks(
    target: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], translate: Translate
) -> list[dict[str, Any]]:
    """Return a heat map with a cell a character: faint where it is right, strong where it is wrong."""
    wanted = translate("target")
    values, words = [[WANTED] * len(target)], [[f"{wanted} «{character}»" for character in target]]
    for label, row in rows:
        values.append([float(given not in ("", right)) for given, right in zip(row, target, strict=True)])
        words.append([f"{label}: «{given}» / «{right}»" for given, right in zip(row, target, strict=True)])
    return [
        {
            "type": "heatmap",
            "yaxis": "y2",
            "z": np.array(values, np.float32),
            "y0": 0,
            "dy": -1,
            "customdata": words,
            "colorscale": [[0.0, FAINT], [WANTED, GRID], [1.0, WRONG]],
            "zmin": 0,
            "zmax": 1,
            "ygap": 6,
            "showscale": False,
            "hovertemplate": "%{customdata}<extra></extra>",
        }
    ]

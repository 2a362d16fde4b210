"""Matrices as heat maps whose every cell says what it is: one-hot rows, hidden states, predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.theme import (
    AXIS_COLORS,
    BINARY,
    DIVERGING,
    MUTED,
    RIGHT,
    WRONG,
    Translate,
    axis,
    base_layout,
    compose,
    value_scale,
)

MAX_ROWS = 48
MAX_COLUMNS = 64
MAX_WRITTEN = 320  # cells whose value is written into them
MAX_APART = 24  # rows with a gap between their cells: gaps cost a browser a third of the picture's time


def one_hot_matrix(
    matrix: Float[np.ndarray, "T V"],
    characters: Sequence[str],
    vocabulary: Sequence[str],
    *,
    translate: Translate = str,
) -> go.Figure:
    """Draw one-hot rows: one row a character of the text, one column a character of the vocabulary.

    Large matrices are cut to the first 48 rows and 64 columns.
    """
    shown = matrix[:MAX_ROWS, :MAX_COLUMNS]
    rows, columns = shown.shape
    indices = matrix.argmax(axis=1)[:rows]
    # What differs from cell to cell; the words around it are sent once.
    cells = [[(t, characters[t], int(indices[t]), v, vocabulary[v]) for v in range(columns)] for t in range(rows)]
    row, column, index, value = translate("row"), translate("column"), translate("index"), translate("value")
    hover = (
        f"{row} %{{customdata[0]}}: «%{{customdata[1]}}» → {index} %{{customdata[2]}}<br>"
        f"{column} %{{customdata[3]}}: «%{{customdata[4]}}»<br>{value} %{{z}}<extra></extra>"
    )
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "z": shown,
            "customdata": cells,
            "hovertemplate": hover,
            "colorscale": BINARY,
            "zmin": 0,
            "zmax": 1,
            "xgap": 2,
            "ygap": 2,
            "showscale": False,
        }
    ]
    if rows * columns <= MAX_WRITTEN:
        for digit, color in ((0, MUTED), (1, "white")):  # Plotly's own choice is not legible on both themes
            y, x = np.nonzero(shown == digit)
            style = {"color": color, "size": 13}
            text = {"mode": "text", "text": [str(digit)] * len(x), "textfont": style, "hoverinfo": "skip"}
            data.append({"type": "scatter", "x": x, "y": y, **text})
    layout = base_layout(
        90 + 24 * rows,
        meta={"cursor": {"y": "t"}},
        xaxis=_character_axis(vocabulary[:columns], translate("vocabulary (V)"), AXIS_COLORS["V"], side="top"),
        yaxis=_character_axis(characters[:rows], translate("text (L)"), AXIS_COLORS["L"], autorange="reversed"),
    )
    return compose(data, layout)


def states_and_predictions(
    states: Float[np.ndarray, "L H"],
    input: Sequence[str],
    target: Sequence[str],
    rows: Sequence[tuple[str, Sequence[str]]],
    *,
    translate: Translate = str,
) -> go.Figure:
    """Draw what goes in, the hidden state after each character, and what is predicted, in one column a character.

    Args:
        states: hidden state (units) after each time step.
        input: the characters that go in.
        target: the characters that should come out.
        rows: predictions to compare with the target, each with its label, newest first.
        translate: turns an English label into the viewer's language.
    """
    length = min(len(input), MAX_COLUMNS)
    units = min(states.shape[1], MAX_ROWS)
    map_height, text_height = max(180, 13 * units), 34 * (len(rows) + 1)
    height = 60 + map_height + text_height
    split = text_height / (map_height + text_height)  # where the texts end and the map begins
    scale = float(np.abs(states[np.isfinite(states)]).max(initial=1.0))
    heat_map = {
        "type": "heatmap",
        "z": states[:length, :units].T,
        "customdata": [list(range(length))] * units,
        "colorscale": DIVERGING,
        "zmid": 0,
        "zmin": -scale,
        "zmax": scale,
        "xgap": int(units <= MAX_APART),
        "ygap": int(units <= MAX_APART),
        "hovertemplate": "t = %{customdata} «%{x}»<br>"  # x is written as its label, the character
        + translate("unit")
        + " %{y}<br>h = %{z:.4f}<extra></extra>",
        "showscale": False,
    }
    texts = prediction_rows(target[:length], [(label, list(row)[:length]) for label, row in rows], translate)
    quiet: dict[str, Any] = {"showgrid": False, "zeroline": False, "fixedrange": True}
    labels = [translate("target"), *(label for label, _ in rows)]
    layout = base_layout(
        height,
        meta={"cursor": {"x": "t"}},
        annotations=[value_scale(scale)],
        margin={"l": 8, "r": 48, "t": 24, "b": 8},
        xaxis=axis(
            tickvals=list(range(length)),
            ticktext=list(input[:length]),
            tickangle=0,
            side="top",
            **quiet,
        ),
        yaxis=axis(
            translate("unit"), domain=[split + 0.02, 1], tickvals=list(range(0, units, max(1, units // 4))), **quiet
        ),
        yaxis2=axis(
            domain=[0, split - 0.02],
            tickvals=[-i for i in range(len(labels))],
            ticktext=labels,
            range=[-len(labels) + 0.4, 0.6],
            **quiet,
        ),
    )
    return compose([heat_map, *texts], layout)


def prediction_rows(
    target: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], translate: Translate
) -> list[dict[str, Any]]:
    """Return traces that write the target and below it each prediction, on `yaxis2`.

    A wrong character is boxed and crossed, not only coloured; an empty one is a place left free.
    """
    font = {"size": 16, "family": "monospace"}
    places = [(t, i) for i in range(len(rows)) for t in range(len(target))]
    predicted = [rows[i][1][t] for t, i in places]
    is_wrong = [predicted[k] not in ("", target[t]) for k, (t, _) in enumerate(places)]
    wrong = [place for place, bad in zip(places, is_wrong, strict=True) if bad]
    traces = [
        {
            "type": "scatter",
            "yaxis": "y2",
            "mode": "text",
            "x": list(range(len(target))),
            "y": [0] * len(target),
            "text": list(target),
            "textfont": font,
            "hovertemplate": translate("target") + " «%{text}»<extra></extra>",
        },
        {
            "type": "scatter",
            "yaxis": "y2",
            "mode": "text",
            "x": [t for t, _ in places],
            "y": [-i - 1 for _, i in places],
            "text": predicted,
            "textfont": {**font, "color": [WRONG if bad else RIGHT for bad in is_wrong]},
            "customdata": [(rows[i][0], target[t]) for t, i in places],
            "hovertemplate": "%{customdata[0]}: «%{text}» / «%{customdata[1]}»<extra></extra>",
        },
        {
            "type": "scatter",
            "yaxis": "y2",
            "mode": "markers",
            "x": [t for t, _ in wrong],
            "y": [-i - 1 for _, i in wrong],
            "marker": {"symbol": "square-x-open", "size": 22, "color": WRONG, "opacity": 0.55},
            "hoverinfo": "skip",
        },
    ]
    return [trace for trace in traces if trace["x"]]  # one with nothing in it costs a browser as much as another


def _character_axis(characters: Sequence[str], title: str, color: str, **more: Any) -> dict[str, Any]:
    drawn = axis(
        tickvals=list(range(len(characters))),
        ticktext=list(characters),
        tickfont={"size": 14, "family": "monospace"},
        showgrid=False,
        zeroline=False,
        tickangle=0,
        fixedrange=True,
        **more,
    )
    return {**drawn, "title": {"text": title, "standoff": 10, "font": {"color": color}}}

"""One-hot rows as a heat map whose every cell says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.theme import AXIS_COLORS, BINARY, MUTED, Translate, axis, base_layout, compose

MOST_COLUMNS = 128  # one-hot rows have no more; where vectors are learnt a vocabulary may be larger
ROW_PX, MOST_PX = 24, 480  # the height of a row, and of all
MAX_WRITTEN = 320  # cells whose value is written into them


def one_hot_matrix(
    matrix: Float[np.ndarray, "T V"],
    characters: Sequence[str],
    vocabulary: Sequence[str],
    *,
    translate: Translate = str,
) -> go.Figure:
    """Draw one-hot rows: one row a character of the text, one column a character of the vocabulary.

    All rows are drawn, and of a larger vocabulary the first 128 columns, which the figure says.
    """
    shown = matrix[:, :MOST_COLUMNS].astype(np.uint8)
    rows, columns = shown.shape
    where = np.broadcast_arrays(np.arange(rows)[:, None], matrix.argmax(axis=1)[:, None], np.arange(columns))
    row, column, index, value = translate("row"), translate("column"), translate("index"), translate("value")
    hover = (  # x and y are written as their labels, the characters
        f"{row} %{{customdata[0]}}: «%{{y}}» → {index} %{{customdata[1]}}<br>"
        f"{column} %{{customdata[2]}}: «%{{x}}»<br>{value} %{{z}}<extra></extra>"
    )
    gap = 2 if shown.size <= 1024 else 0  # of many cells the gaps are not worth their cost
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "z": shown,
            "customdata": np.stack(where, axis=-1).astype(np.uint16),
            "hovertemplate": hover,
            "colorscale": BINARY,
            "zmin": 0,
            "zmax": 1,
            "xgap": gap,
            "ygap": gap,
            "showscale": False,
        }
    ]
    if rows * columns <= MAX_WRITTEN:
        for digit, color in ((0, MUTED), (1, "white")):  # Plotly's own choice is not legible on both themes
            y, x = np.nonzero(shown == digit)
            style = {"color": color, "size": 13}
            text = {"mode": "text", "text": [str(digit)] * len(x), "textfont": style, "hoverinfo": "skip"}
            data.append({"type": "scatter", "x": x, "y": y, **text})
    layout: dict[str, Any] = base_layout(
        90 + min(ROW_PX * rows, MOST_PX),
        meta={"cursor": {"y": "t"}},
        xaxis=_character_axis(vocabulary[:columns], translate("vocabulary (V)"), AXIS_COLORS["V"], side="top"),
        yaxis=_character_axis(characters, translate("text (L)"), AXIS_COLORS["L"], autorange="reversed"),
    )
    if columns < matrix.shape[1]:
        words = translate("the first {shown} of {whole} columns are drawn")
        place: dict[str, Any] = {"x": 1, "y": 0, "xref": "paper", "yref": "paper", "xanchor": "right", "yanchor": "top"}
        place |= {"text": words.format(shown=columns, whole=matrix.shape[1]), "showarrow": False}
        layout["annotations"] = [{**place, "font": {"color": MUTED}}]
        layout["margin"]["b"] = 28
    return compose(data, layout)


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

"""Matrices as heat maps whose every cell says what it is: one-hot rows, hidden states, predictions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float
from plotly.subplots import make_subplots

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
)

MAX_ROWS = 48
MAX_COLUMNS = 64
MAX_WRITTEN = 320  # cells whose value is written into them


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
    figure = go.Figure(
        go.Heatmap(
            z=shown,
            customdata=cells,
            hovertemplate=hover,
            colorscale=BINARY,
            zmin=0,
            zmax=1,
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    if rows * columns <= MAX_WRITTEN:
        for digit, color in ((0, MUTED), (1, "white")):  # Plotly's own choice is not legible on both themes
            y, x = np.nonzero(shown == digit)
            style = {"color": color, "size": 13}
            text = [str(digit)] * len(x)
            figure.add_trace(go.Scatter(x=x, y=y, mode="text", text=text, textfont=style, hoverinfo="skip"))
    figure.update_layout(**base_layout(90 + 24 * rows))
    figure.update_xaxes(
        **_character_axis(vocabulary[:columns], translate("vocabulary (V)"), AXIS_COLORS["V"]), side="top"
    )
    figure.update_yaxes(
        **_character_axis(characters[:rows], translate("text (L)"), AXIS_COLORS["L"]), autorange="reversed"
    )
    return figure


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
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[map_height, text_height], vertical_spacing=0.03
    )
    scale = float(np.abs(states[np.isfinite(states)]).max(initial=1.0))
    figure.add_trace(
        go.Heatmap(
            z=states[:length, :units].T,
            customdata=[[f"t = {t} «{character}»" for t, character in enumerate(input[:length])]] * units,
            colorscale=DIVERGING,
            zmid=0,
            zmin=-scale,
            zmax=scale,
            xgap=1,
            ygap=1,
            hovertemplate="%{customdata}<br>" + translate("unit") + " %{y}<br>h = %{z:.4f}<extra></extra>",
            colorbar={
                "thickness": 8,
                "len": map_height,
                "lenmode": "pixels",
                "y": 1,
                "yanchor": "top",
                "outlinewidth": 0,
            },
        ),
        row=1,
        col=1,
    )
    _add_predictions(figure, target[:length], [(label, list(row)[:length]) for label, row in rows], translate)
    figure.update_layout(**base_layout(60 + map_height + text_height))
    figure.update_xaxes(
        tickvals=list(range(length)),
        ticktext=list(input[:length]),
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        tickangle=0,
    )
    figure.update_xaxes(side="top", showticklabels=True, automargin=True, row=1, col=1)
    figure.update_xaxes(showticklabels=False, row=2, col=1)
    ticks = list(range(0, units, max(1, units // 8)))
    unit_axis = axis(translate("unit"), showgrid=False, zeroline=False, tickvals=ticks, fixedrange=True)
    figure.update_yaxes(**unit_axis, row=1, col=1)
    labels = [translate("target"), *(label for label, _ in rows)]
    figure.update_yaxes(
        tickvals=[-i for i in range(len(labels))],
        ticktext=labels,
        range=[-len(labels) + 0.4, 0.6],
        showgrid=False,
        zeroline=False,
        automargin=True,
        fixedrange=True,
        row=2,
        col=1,
    )
    return figure


def _add_predictions(
    figure: go.Figure, target: Sequence[str], rows: Sequence[tuple[str, Sequence[str]]], translate: Translate
) -> None:
    """Write the target and below it each prediction; a wrong character is boxed and crossed, not only coloured."""
    x = list(range(len(target)))
    hover = translate("target") + " «%{text}»<extra></extra>"
    text = {"size": 16, "family": "monospace"}
    figure.add_trace(
        go.Scatter(x=x, y=[0] * len(x), mode="text", text=list(target), textfont=text, hovertemplate=hover),
        row=2,
        col=1,
    )
    for i, (label, predicted) in enumerate(rows, start=1):
        wrong = [t for t in x if predicted[t] != target[t]]
        figure.add_trace(
            go.Scatter(
                x=x,
                y=[-i] * len(x),
                mode="text",
                text=list(predicted),
                textfont={**text, "color": [WRONG if t in set(wrong) else RIGHT for t in x]},
                customdata=list(target),
                hovertemplate=f"{label}: «%{{text}}» / «%{{customdata}}»<extra></extra>",
            ),
            row=2,
            col=1,
        )
        figure.add_trace(
            go.Scatter(
                x=wrong,
                y=[-i] * len(wrong),
                mode="markers",
                marker={"symbol": "square-x-open", "size": 22, "color": WRONG, "opacity": 0.55},
                hoverinfo="skip",
            ),
            row=2,
            col=1,
        )


def _character_axis(characters: Sequence[str], title: str, color: str) -> dict[str, object]:
    return axis(
        title,
        tickvals=list(range(len(characters))),
        ticktext=list(characters),
        tickfont={"size": 14, "family": "monospace"},
        title_font={"color": color},
        showgrid=False,
        zeroline=False,
        tickangle=0,
        fixedrange=True,
    )

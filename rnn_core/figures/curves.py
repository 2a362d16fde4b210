"""The course of a training run: loss with its reference lines, gradient norm, accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from rnn_core.figures.theme import GRID, MUTED, SERIES, Translate, axis, base_layout
from rnn_core.records import Course

MAX_POINTS = 600  # more would not be seen on a screen and would slow it down


@dataclass(frozen=True)
class Line:
    """A horizontal line in the loss picture: a value in nats and its label."""

    value: float
    label: str


def training_curves(
    curve: Course,
    lines: Sequence[Line],
    *,
    last_step: int,
    shown_step: int,
    is_log: bool = False,
    translate: Translate = str,
) -> go.Figure:
    """Draw loss, gradient norm and accuracy over the optimiser's steps, one above the other.

    Args:
        curve: the run so far.
        lines: reference losses in nats per character.
        last_step: where the run will end; the axis goes that far from the start, so that nothing jumps.
        shown_step: the step that the rest of the page shows; marked.
        is_log: loss on a logarithmic axis.
        translate: turns an English label into the viewer's language.
    """
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, row_heights=[0.6, 0.2, 0.2], vertical_spacing=0.05)
    step = translate("step")
    keep = _thin(len(curve.steps))
    x = [curve.steps[i] for i in keep]
    shown = [i for i, made in enumerate(curve.steps) if made <= shown_step][-1:]  # even where the line leaves it out
    for row, (values, name, color) in enumerate(
        (
            (curve.loss, translate("loss"), SERIES[0]),
            (curve.grad_norm, translate("gradient norm"), SERIES[3]),
            (curve.accuracy, translate("accuracy"), SERIES[2]),
        ),
        start=1,
    ):
        y = [values[i] if math.isfinite(values[i]) else None for i in keep]
        hover = f"{step} %{{x}}<br>{name} %{{y:.4f}}<extra></extra>"
        figure.add_trace(
            go.Scatter(x=x, y=y, mode="lines", name=name, line={"color": color, "width": 2}, hovertemplate=hover),
            row=row,
            col=1,
        )
        marker = {"color": color, "size": 10, "line": {"color": "white", "width": 1.5}}
        figure.add_trace(
            go.Scatter(
                x=[curve.steps[i] for i in shown],
                y=[values[i] if math.isfinite(values[i]) else None for i in shown],
                mode="markers",
                marker=marker,
                cliponaxis=False,
                hoverinfo="skip",
            ),
            row=row,
            col=1,
        )
    if curve.val_steps:
        name = translate("held-out loss")
        hover = f"{step} %{{x}}<br>{name} %{{y:.4f}}<extra></extra>"
        style = {"color": SERIES[1], "width": 2, "dash": "dot"}
        figure.add_trace(
            go.Scatter(x=curve.val_steps, y=curve.val_loss, mode="lines", name=name, line=style, hovertemplate=hover)
        )
    _add_lines(figure, [line for line in lines if line.value > 0 or not is_log], last_step, is_log=is_log)
    figure.update_layout(**base_layout(470, hovermode="x"))
    figure.update_xaxes(**axis(range=[0, max(last_step, 1)]))
    figure.update_xaxes(title={"text": translate("step (updates made)"), "standoff": 6}, row=3, col=1)
    figure.update_yaxes(**axis())
    figure.update_yaxes(**_loss_axis(curve, lines, is_log=is_log, title=translate("loss (nats)")), row=1, col=1)
    figure.update_yaxes(title={"text": "‖∇‖", "standoff": 10}, rangemode="tozero", nticks=3, row=2, col=1)
    figure.update_yaxes(
        title={"text": translate("accuracy"), "standoff": 10}, range=[-0.05, 1.08], tickvals=[0, 0.5, 1], row=3, col=1
    )
    return figure


def _add_lines(figure: go.Figure, lines: Sequence[Line], last_step: int, *, is_log: bool) -> None:
    """Draw reference lines as traces, each with its value in the label; lines too close together share one label."""
    labelled: list[float] = []
    for line in sorted(lines, key=lambda line: -line.value):
        style = {"color": MUTED, "width": 1.2, "dash": "dash"}
        hover = f"{line.label}: {line.value:.4f}<extra></extra>"
        figure.add_trace(
            go.Scatter(x=[0, last_step], y=[line.value] * 2, mode="lines", line=style, hovertemplate=hover),
            row=1,
            col=1,
        )
        height = math.log10(line.value) if is_log else line.value
        gap = 0.12 if is_log else 0.09 * max(other.value for other in lines)
        crowded = any(abs(height - other) < gap for other in labelled)  # then its label goes below the line
        labelled.append(height)
        figure.add_annotation(
            x=1,
            xref="x domain",
            y=height,
            yref="y",
            text=f"{line.label} {line.value:.3f}",
            showarrow=False,
            xanchor="right",
            yanchor="top" if crowded else "bottom",
            font={"size": 11, "color": MUTED},
        )


def _loss_axis(curve: Course, lines: Sequence[Line], *, is_log: bool, title: str) -> dict[str, object]:
    """Fix the range of the loss axis by the reference lines and the losses, so that it rarely moves."""
    values = [v for v in (*curve.loss, *curve.val_loss) if math.isfinite(v)] + [line.value for line in lines]
    top = max((v for v in values if v > 0), default=1.0)  # all is 0 where the text has one character only
    top = min(top, 1e300)  # the margin above must not overflow
    if not is_log:
        return {"title": {"text": title, "standoff": 10}, "range": [-0.03 * top, 1.1 * top]}
    bottom = min((v for v in values if v > 0), default=1e-3)
    low = math.floor(math.log10(bottom))
    return {
        "title": {"text": title, "standoff": 10},
        "type": "log",
        "range": [low, math.log10(top) + 0.15],
        "dtick": 1,
        "gridcolor": GRID,
    }


def _thin(count: int) -> list[int]:
    """Choose at most MAX_POINTS places out of `count`, the last one always among them."""
    if count <= MAX_POINTS:
        return list(range(count))
    stride = -(-count // MAX_POINTS)
    kept = list(range(0, count, stride))
    return kept if kept[-1] == count - 1 else [*kept, count - 1]

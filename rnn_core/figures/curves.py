"""The course of a training run: loss with its reference lines, gradient norm, accuracy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from rnn_core.figures.theme import MUTED, SERIES, Translate, axis, base_layout, compose
from rnn_core.records.runs import Course

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
    step = translate("step")
    keep = _thin(len(curve.steps))
    shown = [i for i, made in enumerate(curve.steps) if made <= shown_step][-1:]  # even where the line leaves it out
    data: list[dict[str, Any]] = []
    for values, name, color, y_axis in (
        (curve.loss, translate("loss"), SERIES[0], "y"),
        (curve.grad_norm, translate("gradient norm"), SERIES[3], "y2"),
        (curve.accuracy, translate("accuracy"), SERIES[2], "y3"),
    ):
        data.append(
            {
                **_points(curve.steps, values, keep),
                "yaxis": y_axis,
                "mode": "lines",
                "name": name,
                "line": {"color": color, "width": 2},
                "hovertemplate": f"{step} %{{x}}<br>{name} %{{y:.4f}}<extra></extra>",
            }
        )
        data.append(
            {
                **_points(curve.steps, values, shown),
                "yaxis": y_axis,
                "mode": "markers",
                "marker": {"color": color, "size": 10, "line": {"color": "white", "width": 1.5}},
                "cliponaxis": False,
                "hoverinfo": "skip",
            }
        )
    if curve.val_steps:
        name = translate("held-out loss")
        data.append(
            {
                **_points(curve.val_steps, curve.val_loss, range(len(curve.val_steps))),
                "mode": "lines",
                "name": name,
                "line": {"color": SERIES[1], "width": 2, "dash": "dot"},
                "hovertemplate": f"{step} %{{x}}<br>{name} %{{y:.4f}}<extra></extra>",
            }
        )
    drawn = sorted((line for line in lines if line.value > 0 or not is_log), key=lambda line: -line.value)
    data.extend(_reference(line, last_step) for line in drawn)
    loss_axis = _loss_range(curve, lines, is_log=is_log)
    low, high = loss_axis["range"]
    layout = base_layout(
        470,
        hovermode="x",
        meta={"cursor": {"x": "step"}},
        annotations=_labels(drawn, high - low, is_log=is_log),
        xaxis=axis(translate("step (updates made)"), range=[0, max(last_step, 1)], anchor="y3"),
        yaxis=axis(translate("loss (nats)"), domain=[0.46, 1], **loss_axis),
        yaxis2=axis("‖∇‖", domain=[0.23, 0.41], range=_steady(curve.grad_norm), nticks=3),
        yaxis3=axis(translate("accuracy"), domain=[0, 0.18], range=[-0.05, 1.08], tickvals=[0, 0.5, 1]),
    )
    return compose(data, layout)


def _points(steps: Sequence[int], values: Sequence[float], places: Sequence[int]) -> dict[str, Any]:
    """Return the points at some places; what is no number becomes a gap."""
    y = [values[i] if math.isfinite(values[i]) else None for i in places]
    return {"type": "scatter", "x": [steps[i] for i in places], "y": y}


def _reference(line: Line, last_step: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [0, last_step],
        "y": [line.value] * 2,
        "mode": "lines",
        "line": {"color": MUTED, "width": 1.2, "dash": "dash"},
        "hovertemplate": f"{line.label}: {line.value:.4f}<extra></extra>",
    }


def _labels(lines: Sequence[Line], extent: float, *, is_log: bool) -> list[dict[str, Any]]:
    """Write each line's name and value above it, or below it where that is clearer; nowhere if neither is free.

    Args:
        lines: the highest first.
        extent: how far the axis reaches, in its own units: decades if it is logarithmic.
        is_log: whether it is.
    """
    labels: list[dict[str, Any]] = []
    taken: list[float] = []
    size = 0.085 * extent  # of a label, in the axis's units
    heights = [math.log10(line.value) if is_log else line.value for line in lines]
    for line, height in zip(lines, heights, strict=True):
        rivals = [other for other in heights if other != height]
        above, below = ("bottom", height + size / 2), ("top", height - size / 2)
        # No other label may be there, and better no other line either, nor close to it.
        free = [place for place in (above, below) if all(abs(place[1] - other) >= size for other in taken)]
        clear = [place for place in free if all(abs(place[1] - other) >= 0.85 * size for other in rivals)]
        if not free:
            continue
        side, middle = (clear or free)[0]
        taken.append(middle)
        labels.append(
            {
                "x": 1,
                "xref": "x domain",
                "y": height,
                "yref": "y",
                "text": f"{line.label} {line.value:.3f}",
                "showarrow": False,
                "xanchor": "right",
                "yanchor": side,
                "font": {"size": 13},
                "opacity": 0.8,
            }
        )
    return labels


def _steady(values: Sequence[float]) -> list[float]:
    """Return a range from 0 whose end is a round number, so that it moves only when the values leave it."""
    top = max((v for v in values if math.isfinite(v) and v > 0), default=1.0)
    top = min(max(top, 1e-300), 1e300)  # neither the power below nor the margin above may leave the numbers
    power = 10.0 ** math.floor(math.log10(top))
    end = next(m * power for m in (1, 2, 5, 10) if m * power >= top)
    return [-0.03 * end, 1.05 * end]


def _loss_range(curve: Course, lines: Sequence[Line], *, is_log: bool) -> dict[str, Any]:
    """Fix the range of the loss axis by the reference lines and the losses, so that it rarely moves."""
    values = [v for v in (*curve.loss, *curve.val_loss) if math.isfinite(v)] + [line.value for line in lines]
    top = max((v for v in values if v > 0), default=1.0)  # all is 0 where the text has one character only
    top = min(top, 1e300)  # the margin above must not overflow
    if not is_log:
        return {"range": [-0.03 * top, 1.1 * top]}
    bottom = min((v for v in values if v > 0), default=1e-3)
    return {"type": "log", "range": [math.floor(math.log10(bottom)), math.log10(top) + 0.15], "dtick": 1}


def _thin(count: int) -> list[int]:
    """Choose at most MAX_POINTS places out of `count`, the last one always among them."""
    if count <= MAX_POINTS:
        return list(range(count))
    stride = -(-count // MAX_POINTS)
    kept = list(range(0, count, stride))
    return kept if kept[-1] == count - 1 else [*kept, count - 1]

"""The course of a training run: loss with its reference lines, gradient norm, accuracy; behind it the run before."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.overlay import legend, lines_of
from rnn_core.figures.theme import MUTED, SERIES, Translate, axis, base_layout, compose, log_axis
from rnn_core.records.runs import Course

MAX_POINTS = 600  # of a line: more would not be seen on a screen and would slow it down
MANY = 300  # steps: what jumps from each to the next is a thick ragged line from here on
LABEL = 0.085  # of the loss axis's height that the number of a line takes
FALL = 10  # times smaller than at the start: from there on a linear axis shows nothing any more


@dataclass(frozen=True)
class Line:
    """A horizontal line in the loss picture: a value in nats and its label."""

    value: float
    label: str


@dataclass(frozen=True)
class Ghost:
    """The run that was on the screen before: its course, and in words what was other in it."""

    course: Course
    label: str


def has_fallen(curve: Course) -> bool:
    """Whether the loss has fallen so far that only a logarithmic axis shows how it goes on."""
    return bool(curve.loss) and curve.loss[0] > 0 and min(curve.loss) <= curve.loss[0] / FALL


def has_zeros(curve: Course) -> bool:
    """Whether a loss is exactly 0, which has no place on a logarithmic axis."""
    return 0.0 in curve.loss or 0.0 in curve.val_loss


def training_curves(
    curve: Course,
    lines: Sequence[Line],
    *,
    last_step: int,
    shown_step: int,
    is_log: bool = False,
    ghost: Ghost | None = None,
    translate: Translate = str,
) -> go.Figure:
    """Draw loss, gradient norm and accuracy over the optimiser's steps, one above the other.

    The numbers of the reference lines stand beside the axis, their names above it, where no curve can go.

    Args:
        curve: the run so far.
        lines: reference losses in nats per character.
        last_step: where the run will end; the axis goes that far from the start, so that nothing jumps.
        shown_step: the step that the rest of the page shows; marked.
        is_log: loss on a logarithmic axis.
        ghost: what stands behind, thin and grey.
        translate: turns an English label into the viewer's language.
    """
    step = translate("step")
    shown = [i for i, made in enumerate(curve.steps) if made <= shown_step][-1:]  # even where the line leaves it out
    data = list(_ghostly(ghost, translate)) if ghost else []
    for values, name, color, y_axis in (
        (curve.loss, translate("loss"), SERIES[0], "y"),
        (curve.grad_norm, translate("gradient norm"), SERIES[3], "y2"),
        (curve.accuracy, translate("accuracy"), SERIES[2], "y3"),
    ):
        lines_and_mark = _quantity(
            curve.steps, values, shown, name=name, color=color, last=last_step, translate=translate
        )
        data.extend({**trace, "yaxis": y_axis} for trace in lines_and_mark)
    if curve.val_steps:
        name = translate("held-out loss")
        data.append(
            {
                **_points(curve.val_steps, curve.val_loss, range(len(curve.val_steps))),
                "mode": "lines",
                "name": name,
                "line": {"color": SERIES[1], "width": 2, "dash": "dot"},
                "hovertemplate": f"{step} %{{x}}<br>{name} %{{y:.4g}}<extra></extra>",
            }
        )
    drawn = sorted((line for line in lines if line.value > 0 or not is_log), key=lambda line: -line.value)
    data.extend(_reference(line, last_step) for line in drawn)
    loss_axis = _loss_range(curve, lines, ghost, is_log=is_log)
    names = [(MUTED, f"{line.label} {line.value:.3f}", "┄") for line in drawn]
    names += [(MUTED, ghost.label, "━")] if ghost else []
    names += [(SERIES[0], _said_of_lines(last_step, translate), "━")] if window_of(last_step) > 1 else []
    layout = base_layout(
        470,
        hovermode="x",
        meta={"cursor": {"x": "step"}},
        annotations=[legend(names), *_numbers(drawn, loss_axis["range"], is_log=is_log)] if names else [],
        xaxis=axis(translate("step (updates made)"), range=[0, max(last_step, 1)], anchor="y3"),
        yaxis=axis(translate("loss (nats)"), domain=[0.46, 1], **loss_axis),
        yaxis2=axis("‖∇‖", domain=[0.23, 0.41], range=_steady(curve.grad_norm), nticks=3),
        yaxis3=axis(translate("accuracy"), domain=[0, 0.18], range=[-0.15, 1.08], tickvals=[0, 0.5, 1]),
        margin={"l": 8, "r": 46, "t": 10 + 22 * lines_of(names), "b": 8},
    )
    return compose(data, layout)


def stretch_of(last_step: int) -> int:
    """Return how many steps of a run share two points of its line, the lowest and the highest; 1: each has its own."""
    return 1 if last_step < MAX_POINTS else -(-2 * (last_step + 1) // MAX_POINTS)


def window_of(last_step: int) -> int:
    """Return how many steps the smooth line of a run is a mean of; 1 if there is none."""
    return last_step // 50 if last_step > MANY else 1


def _quantity(
    steps: Sequence[int],
    values: Sequence[float],
    shown: Sequence[int],
    *,
    name: str,
    color: str,
    last: int,
    translate: Translate,
) -> Iterator[dict[str, Any]]:
    """Yield the line of a quantity, of a run of many steps a thin one with its mean over it, and the mark on it."""
    step, stretch, window = translate("step"), stretch_of(last), window_of(last)
    yield {
        **_points(steps, values, _extremes(values, stretch)),
        "mode": "lines",
        "name": name,
        "line": {"color": color, "width": 2 if window == 1 else 1},
        "opacity": 1 if window == 1 else 0.4,
        "hovertemplate": f"{step} %{{x}}<br>{name} %{{y:.4g}}<extra></extra>",
    }
    if window > 1:
        mean = translate("mean of the last {count} steps").format(count=window)
        places = sorted({*range(0, len(values), stretch), len(values) - 1})
        yield {
            "type": "scatter",
            "x": [steps[i] for i in places],
            "y": _means(values, window, places),
            "mode": "lines",
            "name": f"{name}: {mean}",
            "line": {"color": color, "width": 2},
            "hovertemplate": f"{step} %{{x}}<br>{name}, {mean}: %{{y:.4g}}<extra></extra>",
        }
    yield {
        **_points(steps, values, shown),
        "mode": "markers",
        "marker": {"color": color, "size": 10, "line": {"color": "white", "width": 1.5}},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def _said_of_lines(last_step: int, translate: Translate) -> str:
    """Say what the thick and the thin line are."""
    stretch, window = stretch_of(last_step), window_of(last_step)
    if stretch == 1:
        return translate("mean of the last {count} steps; thin: every step").format(count=window)
    words = translate("mean of the last {count} steps; thin: lowest and highest of every {stretch}")
    return words.format(count=window, stretch=stretch)


def _means(values: Sequence[float], window: int, places: Sequence[int]) -> list[float | None]:
    """Return at some places the mean of the last so many values that are numbers, of fewer at the start.

    None where the place's own value is no number. Each mean is summed up anew: of a running sum an explosion would
    leave nothing.
    """
    y = np.concatenate([np.full(window - 1, math.nan), np.array(values, dtype=float)])
    last = np.lib.stride_tricks.sliding_window_view(y, window)[list(places)]
    is_number = np.isfinite(last)
    with np.errstate(all="ignore"):  # a sum may be infinite, and of nothing there is no mean
        means = np.where(is_number, last, 0.0).sum(axis=1) / is_number.sum(axis=1)
    drawn = is_number[:, -1] & np.isfinite(means)
    return [mean if is_drawn else None for mean, is_drawn in zip(means.tolist(), drawn.tolist(), strict=True)]


def _ghostly(ghost: Ghost, translate: Translate) -> Iterator[dict[str, Any]]:
    """Yield the curves of the run before; as arrays of numbers, which are half as long when they are sent."""
    course, step = ghost.course, translate("step")
    stretch = stretch_of(len(course.steps) - 1)
    for values, name, y_axis in (
        (course.loss, translate("loss"), "y"),
        (course.grad_norm, translate("gradient norm"), "y2"),
        (course.accuracy, translate("accuracy"), "y3"),
    ):
        keep = _extremes(values, stretch)
        with np.errstate(over="ignore"):
            y = np.array([values[i] for i in keep], np.float32)
        yield {
            "type": "scatter",
            "x": np.array([course.steps[i] for i in keep], np.int32),
            "y": np.where(np.isfinite(y), y, np.float32(np.nan)),
            "yaxis": y_axis,
            "mode": "lines",
            "line": {"color": MUTED, "width": 1.5 if stretch == 1 else 1},
            "opacity": 0.7,
            "hovertemplate": f"{ghost.label}<br>{step} %{{x}}<br>{name} %{{y:.4g}}<extra></extra>",
        }


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


def _numbers(lines: Sequence[Line], ends: Sequence[float], *, is_log: bool) -> list[dict[str, Any]]:
    """Write each line's number beside the axis at its height, or as near to it as the others let it.

    Args:
        lines: the highest first.
        ends: of the axis, in its own units: powers of ten if it is logarithmic.
        is_log: whether it is.
    """
    size = LABEL * (ends[1] - ends[0])
    places = [math.log10(line.value) if is_log else line.value for line in lines]
    for i in range(len(places) - 2, -1, -1):  # from the lowest up
        places[i] = max(places[i], places[i + 1] + size)
    top = ends[1]
    for i, place in enumerate(places):
        places[i] = top = min(place, top)
        top -= size
    beside: dict[str, Any] = {
        "x": 1,
        "xref": "x domain",
        "xanchor": "left",
        "xshift": 4,
        "yref": "y",
        "showarrow": False,
    }
    style = {"font": {"size": 13, "color": MUTED}}
    return [{"y": y, "text": f"{line.value:.3f}", **beside, **style} for line, y in zip(lines, places, strict=True)]


def _steady(values: Sequence[float]) -> list[float]:
    """Return a range from 0 whose end is a round number, so that it moves only when the values leave it."""
    top = max((v for v in values if math.isfinite(v) and v > 0), default=1.0)
    top = min(max(top, 1e-300), 1e300)  # neither the power below nor the margin above may leave the numbers
    power = 10.0 ** math.floor(math.log10(top))
    end = next(m * power for m in (1, 2, 5, 10) if m * power >= top)
    return [-0.03 * end, 1.05 * end]


def _loss_range(curve: Course, lines: Sequence[Line], ghost: Ghost | None, *, is_log: bool) -> dict[str, Any]:
    """Fix the range of the loss axis by the reference lines and the losses, so that it rarely moves.

    What the run before was at its worst lies outside: an explosion would flatten this one.
    """
    values = [v for v in (*curve.loss, *curve.val_loss) if math.isfinite(v)] + [line.value for line in lines]
    top = max((v for v in values if v > 0), default=1.0)  # all is 0 where the text has one character only
    top = min(top, 1e300)  # the margin above must not overflow
    if not is_log:
        return {"range": [-0.03 * top, 1.1 * top]}
    values += [v for v in ghost.course.loss if math.isfinite(v)] if ghost else []
    bottom = max(min((v for v in values if v > 0), default=1e-3), 1e-300)
    return log_axis(math.floor(math.log10(bottom)), math.log10(top) + 0.15)


def _extremes(values: Sequence[float], stretch: int) -> list[int]:
    """Choose the places of the lowest and of the highest value in each stretch, the first and the last one besides.

    So no jump of a run is left out, however long it is. What is no number is neither low nor high, and a gap if it is
    all there is.
    """
    count = len(values)
    if stretch == 1 or not count:
        return list(range(count))
    y = np.full((-(-count // stretch), stretch), math.nan)
    y.ravel()[:count] = values
    lowest = np.where(np.isfinite(y), y, math.inf).argmin(axis=1)
    highest = np.where(np.isfinite(y), y, -math.inf).argmax(axis=1)
    starts = stretch * np.arange(len(y))
    return sorted({0, count - 1, *(starts + lowest).tolist(), *(starts + highest).tolist()})

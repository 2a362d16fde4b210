"""How far a gradient reaches: its norm by distance, and the effect of every time step on every later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.overlay import legend
from rnn_core.figures.theme import AXIS_COLORS, SEQUENTIAL, SERIES, Translate, axis, base_layout, compose, log_axis
from rnn_core.records.dynamics import Descent

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")  # one a curve, beside its colour
MAX_TICKS = 64
LABEL = 0.06  # of the axis's height that a line's name takes
LETTER = 8  # pixels of its width that a letter of the name takes: names stand to the right of their lines
DECADES = 12  # of the colour scale below the largest norm; what is weaker still has the same colour


def gradient_reach(curves: Mapping[str, Float[np.ndarray, "_"]], *, translate: Translate = str) -> go.Figure:
    """Draw the norm of a gradient by how many time steps it has gone back, on a logarithmic axis, one line a network.

    Args:
        curves: norms at distance 0, 1, ... by the network's name; what is zero or no number is a gap.
        translate: turns an English label into the viewer's language.
    """
    back, norm = translate("time steps back"), translate("norm of the gradient")
    data: list[dict[str, Any]] = []
    ends: list[dict[str, Any]] = []
    drawn: list[float] = []
    for i, (name, norms) in enumerate(curves.items()):
        color = SERIES[i % len(SERIES)]
        y = [float(value) if np.isfinite(value) and value > 0 else None for value in norms]
        data.append(
            {
                "type": "scatter",
                "x": list(range(len(y))),
                "y": y,
                "mode": "lines",
                "name": name,
                "line": {"color": color, "width": 2.5, "dash": DASHES[i % len(DASHES)]},
                "hovertemplate": f"{name}<br>{back} %{{x}}<br>{norm} %{{y:.2e}}<extra></extra>",
            }
        )
        drawn += [float(np.log10(value)) for value in y if value is not None]
        last = max((k for k, value in enumerate(y) if value is not None), default=None)
        if last is not None:
            end = {"x": last, "y": float(np.log10(norms[last])), "xanchor": "left", "xshift": 4, "showarrow": False}
            ends.append({"text": name, **end, "font": {"color": color, "size": 14}})
    low, high = (min(drawn), max(drawn)) if drawn else (-1.0, 0.0)
    margin = 0.05 * (high - low) + 0.1
    longest = max((len(norms) for norms in curves.values()), default=1)
    layout = base_layout(
        380,
        annotations=_apart(ends, LABEL * (high - low + 2 * margin)),
        xaxis=axis(back, range=[0, max(1, longest - 1)]),
        yaxis=axis(norm, **log_axis(low - margin, high + margin)),
        margin={"l": 8, "r": max(90, 8 + LETTER * max(map(len, curves), default=0)), "t": 24, "b": 8},
    )
    return compose(data, layout)


def clipping_curves(without: Descent, clipped: Descent, *, translate: Translate = str) -> go.Figure:
    """Draw the loss of two trainings, with and without clipping, and below it the gradient norms at each update.

    Args:
        without: nothing was cut.
        clipped: the same training with its gradients cut.
        translate: turns an English label into the viewer's language.
    """
    loss, norm = translate("loss"), translate("gradient norm")
    lines = (
        (translate("without clipping"), without.loss, "y", SERIES[1], "solid", loss),
        (translate("with clipping"), clipped.loss, "y", SERIES[0], "solid", loss),
        (translate("without clipping"), without.grad_norm, "y2", SERIES[1], "solid", norm),
        (translate("before the cut"), clipped.grad_norm, "y2", SERIES[0], "dot", norm),
        (translate("after the cut"), clipped.clipped_norm, "y2", SERIES[0], "solid", norm),
    )
    data = [_course(name, values, *rest) for name, values, *rest in lines]
    before, after = (SERIES[1], translate("without clipping")), (SERIES[0], translate("with clipping"))
    cut = (SERIES[0], translate("before the cut") + " ┈"), (SERIES[0], translate("after the cut") + " ─")
    last = max(len(without.loss), len(clipped.loss), 2) - 1
    layout = base_layout(
        520,
        hovermode="x",
        annotations=[legend([before, after]), legend([before, *cut], y=0.44)],
        xaxis=axis(translate("step (updates made)"), range=[0, last], anchor="y2"),
        yaxis=axis(translate("loss (nats)"), domain=[0.58, 1], **_decades(without.loss, clipped.loss)),
        yaxis2=axis("‖∇‖", domain=[0, 0.44], **_decades(without.grad_norm, clipped.clipped_norm)),
        margin={"l": 8, "r": 8, "t": 40, "b": 8},
    )
    return compose(data, layout)


def influence_map(
    influence: Float[np.ndarray, "L L"],
    characters: Sequence[str],
    *,
    name: str = "|∂h_t / ∂h_s|",
    translate: Translate = str,
) -> go.Figure:
    """Draw entry (t, s): how much step s matters to step t, on a logarithmic colour scale of twelve decades.

    Args:
        influence: norms; zeros, where nothing can reach, and what is no number stay empty.
        characters: of the text, one a time step.
        name: of what is measured.
        translate: turns an English label into the viewer's language.
    """
    is_drawn = np.isfinite(influence) & (influence > 0)
    logarithm = np.log10(np.where(is_drawn, influence, np.nan))
    high = float(np.ceil(logarithm[is_drawn].max())) if is_drawn.any() else 0.0
    low = max(float(np.floor(logarithm[is_drawn].min())), high - DECADES) if is_drawn.any() else -1.0
    ticks = np.arange(low, max(high, low + 1) + 1, max(1, (high - low) // 6)).astype(int).tolist()
    places = [f"{t} «{character}»" for t, character in enumerate(characters)]
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x": places,
            "y": places,
            "z": logarithm.astype(np.float32),
            "customdata": np.minimum(influence, np.finfo(np.float32).max).astype(np.float32),
            "colorscale": SEQUENTIAL,
            "zmin": low,
            "zmax": max(high, low + 1),
            "hoverongaps": False,
            "hovertemplate": f"t = %{{y}}<br>s = %{{x}}<br>{name} = %{{customdata:.3g}}<extra></extra>",
            "colorbar": {
                "title": {"text": name},
                "ticklabelposition": "outside bottom",  # beside the uppermost tick it would touch the title
                "thickness": 10,
                "outlinewidth": 0,
                "tickvals": ticks,
                "ticktext": [f"10<sup>{tick}</sup>" for tick in ticks],
            },
        }
    ]
    layout = base_layout(
        int(min(720, 160 + 24 * len(characters))),
        xaxis=_text_axis(places, characters, translate("changed at s"), side="top"),
        yaxis=_text_axis(places, characters, translate("seen at t"), autorange="reversed"),
    )
    return compose(data, layout)


def _course(name: str, values: np.ndarray, place: str, color: str, dash: str, what: str) -> dict[str, Any]:
    """Return a line over the updates; what is zero or no number is a gap."""
    return {
        "type": "scatter",
        "x": list(range(len(values))),
        "y": [float(value) if np.isfinite(value) and value > 0 else None for value in values],
        "yaxis": place,
        "mode": "lines",
        "name": name,
        "line": {"color": color, "width": 2, "dash": dash},
        "hovertemplate": f"{name}: {what} %{{y:.3g}}<extra></extra>",
    }


def _decades(*courses: np.ndarray) -> dict[str, Any]:
    """Return a logarithmic axis: all of what is small, and of an explosion as much as can be read."""
    values = np.concatenate(courses)
    values = np.log10(values[np.isfinite(values) & (values > 0)])
    low, high = (float(values.min()), float(values.max())) if len(values) else (-1.0, 0.0)
    high = min(high, low + DECADES)
    margin = 0.05 * (high - low) + 0.1
    return log_axis(low - margin, high + margin)


def _apart(labels: list[dict[str, Any]], size: float) -> list[dict[str, Any]]:
    """Push labels of lines that end at the same place so far apart that they can be read, from the lowest up."""
    highest: dict[int, float] = {}  # label so far at each place
    for label in sorted(labels, key=lambda label: float(label["y"])):
        place = label["x"]
        highest[place] = label["y"] = max(label["y"], highest.get(place, -np.inf) + size)
    return labels


def _text_axis(places: Sequence[str], characters: Sequence[str], title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with the text along it, thinned where it is long."""
    stride = -(-len(places) // MAX_TICKS)
    drawn = axis(
        type="category",
        tickvals=list(places[::stride]),
        ticktext=list(characters[::stride]),
        tickfont={"size": 12, "family": "monospace"},
        tickangle=0,
        showgrid=False,
        zeroline=False,
        **more,
    )
    return {**drawn, "title": {"text": title, "standoff": 10, "font": {"color": AXIS_COLORS["L"]}}}

"""Eigenvalues in the complex plane: inside the unit circle a difference shrinks, outside it grows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Complex

from rnn_core.figures.theme import MUTED, SERIES, Translate, axis, base_layout, compose
from rnn_core.figures.trajectory import film_of_training

SYMBOLS = ("circle", "square", "diamond", "cross")  # one a gate, beside its colour


def eigenvalue_plane(eigenvalues: Mapping[str, Complex[np.ndarray, "_"]], *, translate: Translate = str) -> go.Figure:
    """Draw eigenvalues with the unit circle.

    Args:
        eigenvalues: by name, such as the gates of W_hh; those that are no numbers are left out.
        translate: turns an English label into the viewer's language.
    """
    data = [_circle(), *(_points(name, values, i) for i, (name, values) in enumerate(eigenvalues.items()))]
    return compose(data, _layout(list(eigenvalues.values()), _radii(eigenvalues), translate))


def eigenvalue_film(
    eigenvalues: Mapping[str, Complex[np.ndarray, "S _"]],
    steps: Sequence[int],
    *,
    first: int,
    translate: Translate = str,
) -> go.Figure:
    """Draw eigenvalues at every snapshot of training, in step with the film of the trajectories.

    Args:
        eigenvalues: at each snapshot, by name, such as the gates of W_hh.
        steps: updates made at each snapshot.
        first: which frame it begins with.
        translate: turns an English label into the viewer's language.
    """
    frames = []
    for place, step in enumerate(steps):
        now = {name: values[place] for name, values in eigenvalues.items()}
        moved = [_points(name, values, i) for i, (name, values) in enumerate(now.items())]
        data = [{name: trace[name] for name in ("type", "x", "y", "customdata")} for trace in moved]
        frame = {"name": f"{translate('step')} {step}", "traces": list(range(1, 1 + len(data))), "data": data}
        frames.append({**frame, "layout": {"annotations": _radii(now)}})
    begin = {name: values[first] for name, values in eigenvalues.items()}
    traces = [_circle(), *(_points(name, values, i) for i, (name, values) in enumerate(begin.items()))]
    layout = _layout([values.ravel() for values in eigenvalues.values()], _radii(begin), translate)
    return compose(traces, {**layout, "meta": {"film": film_of_training(first, translate, follows=True)}}, frames)


def _circle() -> dict[str, Any]:
    angle = np.linspace(0, 2 * np.pi, 121)
    return {
        "type": "scatter",
        "x": np.cos(angle),
        "y": np.sin(angle),
        "mode": "lines",
        "line": {"color": MUTED, "width": 1.5},
        "hovertemplate": "|λ| = 1<extra></extra>",
    }


def _points(name: str, values: np.ndarray, place: int) -> dict[str, Any]:
    finite = values[np.isfinite(values)].astype(np.complex64)  # a film is many of them: half the bytes
    symbol, color = SYMBOLS[place % len(SYMBOLS)], SERIES[place % len(SERIES)]
    return {
        "type": "scatter",
        "x": finite.real,
        "y": finite.imag,
        "mode": "markers",
        "name": name,
        "customdata": np.abs(finite),
        "marker": {
            "symbol": symbol,
            "size": 8,
            "color": color,
            "opacity": 0.8,
            "line": {"color": "white", "width": 0.7},
        },
        "hovertemplate": f"{name}: %{{x:.3f}} + %{{y:.3f}} i<br>|λ| %{{customdata:.4f}}<extra></extra>",
    }


def _layout(values: Sequence[np.ndarray], notes: list[dict[str, Any]], translate: Translate) -> dict[str, Any]:
    """Return axes that hold the unit circle and all eigenvalues that are numbers."""
    finite = [one[np.isfinite(one)] for one in values]
    reach = 1.12 * max([1.0, *(float(np.abs(one).max()) for one in finite if len(one))])
    return base_layout(
        440,
        annotations=notes,
        xaxis=axis(translate("real part"), range=[-reach, reach], constrain="domain"),
        yaxis=axis(translate("imaginary part"), range=[-reach, reach], scaleanchor="x", constrain="domain"),
        margin={"l": 8, "r": 8, "t": 14 + 20 * -(-max(1, len(notes)) // 2), "b": 8},
    )


def _radii(eigenvalues: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Write each spectral radius above the picture, in its colour and with its mark, two side by side."""
    marks, rows = "●■◆✚", -(-len(eigenvalues) // 2)
    place = {"y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    return [
        {
            "x": i % 2 / 2,
            **place,
            "yshift": 20 * (rows - 1 - i // 2),
            "text": f"{marks[i % len(marks)]} {name}: max |λ| {np.abs(values[np.isfinite(values)]).max():.3f}",
            "font": {"color": SERIES[i % len(SERIES)], "size": 14},
        }
        for i, (name, values) in enumerate(eigenvalues.items())
        if np.isfinite(values).any()
    ]

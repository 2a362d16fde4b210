"""Eigenvalues in the complex plane: inside the unit circle a difference shrinks, outside it grows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Complex

from rnn_core.figures.theme import MUTED, SERIES, Translate, axis, base_layout, compose

SYMBOLS = ("circle", "square", "diamond", "cross")  # one a gate, beside its colour


def eigenvalue_plane(eigenvalues: Mapping[str, Complex[np.ndarray, "_"]], *, translate: Translate = str) -> go.Figure:
    """Draw eigenvalues with the unit circle.

    Args:
        eigenvalues: by name, such as the gates of W_hh; those that are no numbers are left out.
        translate: turns an English label into the viewer's language.
    """
    angle = np.linspace(0, 2 * np.pi, 121)
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": np.cos(angle),
            "y": np.sin(angle),
            "mode": "lines",
            "line": {"color": MUTED, "width": 1.5},
            "hovertemplate": "|λ| = 1<extra></extra>",
        }
    ]
    finite = {name: values[np.isfinite(values)] for name, values in eigenvalues.items()}
    for i, (name, values) in enumerate(finite.items()):
        marker = {"symbol": SYMBOLS[i % len(SYMBOLS)], "size": 8, "color": SERIES[i % len(SERIES)], "opacity": 0.8}
        data.append(
            {
                "type": "scatter",
                "x": values.real,
                "y": values.imag,
                "mode": "markers",
                "name": name,
                "customdata": np.abs(values),
                "marker": {**marker, "line": {"color": "white", "width": 0.7}},
                "hovertemplate": f"{name}: %{{x:.3f}} + %{{y:.3f}} i<br>|λ| %{{customdata:.4f}}<extra></extra>",
            }
        )
    reach = 1.12 * max([1.0, *(float(np.abs(values).max()) for values in finite.values() if len(values))])
    layout = base_layout(
        440,
        annotations=_radii(finite),
        xaxis=axis(translate("real part"), range=[-reach, reach], constrain="domain"),
        yaxis=axis(translate("imaginary part"), range=[-reach, reach], scaleanchor="x", constrain="domain"),
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
    )
    return compose(data, layout)


def _radii(eigenvalues: Mapping[str, np.ndarray]) -> list[dict[str, Any]]:
    """Write each spectral radius above the picture, in its colour and with its mark."""
    marks = "●■◆✚"
    place = {"y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    return [
        {
            "x": i / max(4, len(eigenvalues)),
            **place,
            "text": f"{marks[i % len(marks)]} {name}: max |λ| {np.abs(values).max():.3f}",
            "font": {"color": SERIES[i % len(SERIES)], "size": 14},
        }
        for i, (name, values) in enumerate(eigenvalues.items())
        if len(values)
    ]

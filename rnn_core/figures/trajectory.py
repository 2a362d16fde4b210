"""The way of the hidden state through a text, in two or three dimensions, and its film over training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.theme import GRID, MUTED, SERIES, Translate, axis, base_layout, compose

MAX_LABELS = 64  # characters written beside their points; beyond that only the pointer tells them
SYMBOLS = ("circle", "square", "diamond", "cross", "x", "circle-open")  # one a sequence, beside its colour
HEAD = "#2E86D1"  # of the arrows of a path that is coloured by time
TIME = [[0.0, "#B9CBDD"], [0.5, HEAD], [1.0, "#7A2E8E"]]  # from the first time step to the last


def trajectory(
    paths: Sequence[Float[np.ndarray, "_ K"]],
    characters: Sequence[Sequence[str]],
    *,
    names: Sequence[str] = (),
    shares: Sequence[float] = (),
    translate: Translate = str,
) -> go.Figure:
    """Draw the paths of one or several sequences, each point labelled with its character, an arrow on every step.

    Args:
        paths: coordinates after each time step, of 2 or 3 components.
        characters: characters[i][t] is what sequence i has just read at point t.
        names: of the sequences.
        shares: share of the variance along each component, 0 to 1; written on the axes.
        translate: turns an English label into the viewer's language.
    """
    count = paths[0].shape[1]
    data: list[dict[str, Any]] = []
    for i, (path, read) in enumerate(zip(paths, characters, strict=True)):
        name = names[i] if names else ""
        color = None if len(paths) == 1 else SERIES[i % len(SERIES)]
        data.append(_path(path, read, name, color, SYMBOLS[i % len(SYMBOLS)]))
        data.extend(_arrows(path, color or HEAD))
        data.append(_start(path, translate))
    points = np.concatenate(paths)
    return compose(data, _layout(_titles(count, shares, translate), points))


def trajectory_film(
    path: Float[np.ndarray, "S L K"],
    steps: Sequence[int],
    characters: Sequence[str],
    *,
    kept: int,
    first: int | None = None,
    shares: Sequence[float] = (),
    titles: Sequence[str] = (),
    translate: Translate = str,
) -> go.Figure:
    """Draw the path of one sequence at every snapshot of its training, to be played where it is shown.

    The axes hold all frames, so that nothing jumps but the path.

    Args:
        path: coordinates at each snapshot after each time step.
        steps: updates made at each snapshot.
        characters: what has just been read at each point.
        kept: how many snapshots there were to choose from; said where they are more than are drawn.
        first: which frame it begins with; the last one if not given.
        shares: share of the variance along each component, 0 to 1; written on the axes.
        titles: of the axes, where they are no components.
        translate: turns an English label into the viewer's language.
    """
    count, at = path.shape[2], len(path) - 1 if first is None else first
    with np.errstate(over="ignore"):
        small = path.astype(np.float32)  # a film is many paths: half the bytes, and still six digits
    begin = _path(small[at], characters, "", None, SYMBOLS[0])
    frames = []
    for step, frame in zip(steps, small, strict=True):
        moved = [{"type": begin["type"], **_coordinates(frame)}, _start(frame, translate)]
        arrows = _arrows(frame, HEAD)
        frames.append(
            {"name": f"{translate('step')} {step}", "traces": list(range(2 + len(arrows))), "data": [*moved, *arrows]}
        )
    layout = _layout(titles or _titles(count, shares, translate), small.reshape(-1, count))
    layout["meta"] = {"film": film_of_training(at, translate)}
    if len(steps) < kept:
        note = translate("{shown} of {kept} snapshots").format(shown=len(steps), kept=kept)
        corner = {"x": 1, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "right", "showarrow": False}
        layout["annotations"] = [{"text": note, **corner, "font": {"color": MUTED}}]
    return compose([begin, _start(small[at], translate), *_arrows(small[at], HEAD)], layout, frames)


def film_of_training(first: int, translate: Translate, *, follows: bool = False) -> dict[str, Any]:
    """Return what `layout.meta` says of a film over training; one that follows leaves the controls to another."""
    return {
        "label": translate("step"),
        "play": "▶ " + translate("Play the training"),
        "pause": "❚❚ " + translate("Pause"),
        "quantity": "step",
        "duration": 120,
        "first": first,
        "follows": follows,
    }


def _coordinates(path: np.ndarray) -> dict[str, np.ndarray]:
    return dict(zip("xyz", path.T, strict=False))


def _path(path: np.ndarray, read: Sequence[str], name: str, color: str | None, symbol: str) -> dict[str, Any]:
    """Return points and lines; one sequence alone is coloured by time, several each in its own colour."""
    is_flat, length = path.shape[1] == 2, len(path)
    marker: dict[str, Any] = {"size": 9 if is_flat else 4, "symbol": symbol, "color": color}
    if color is None:
        marker |= {"color": list(range(length)), "colorscale": TIME, "cmin": 0, "cmax": max(1, length - 1)}
    if is_flat:
        marker |= {"symbol": [symbol] * (length - 1) + ["star"], "line": {"color": "white", "width": 1}}
    head = f"{name}<br>" if name else ""
    return {
        "type": "scatter" if is_flat else "scatter3d",
        **_coordinates(path),
        "mode": "lines+markers+text" if length <= MAX_LABELS else "lines+markers",
        "text": list(read),
        "textposition": "top center",
        "textfont": {"family": "monospace", "size": 14},
        "customdata": list(range(length)),
        "name": name,
        "line": {"color": color or MUTED, "width": 1.5 if is_flat else 3},
        "marker": marker,
        "hovertemplate": head + "t = %{customdata} «%{text}»<extra></extra>",
    }


def _arrows(path: np.ndarray, color: str) -> list[dict[str, Any]]:
    """Return an arrow head in the middle of each step, pointing the way that time goes; none for a single point."""
    if len(path) < 2:
        return []
    middle = (path[:-1] + path[1:]) / 2
    if path.shape[1] == 3:
        return [_cones(middle, path[1:] - path[:-1], color)]
    ways = np.stack([path[:-1], middle], axis=1).reshape(-1, 2)  # a head points away from the place drawn before it
    no_ring = {"width": 0}  # Plotly rings points of many sizes, even those of size 0
    marker = {"symbol": "arrow", "angleref": "previous", "size": [0, 11] * len(middle), "color": color, "line": no_ring}
    return [{"type": "scatter", **_coordinates(ways), "mode": "markers", "marker": marker, "hoverinfo": "skip"}]


def _cones(middle: np.ndarray, way: np.ndarray, color: str) -> dict[str, Any]:
    """Return cones of one size, whatever the length of the steps."""
    unit = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-12)
    return {
        "type": "cone",
        **_coordinates(middle),
        **dict(zip("uvw", unit.T, strict=True)),
        "sizemode": "absolute",
        "sizeref": 0.07 * (float(np.linalg.norm(np.ptp(middle, axis=0))) or 1.0),
        "anchor": "center",
        "colorscale": [[0, color], [1, color]],
        "showscale": False,
        "hoverinfo": "skip",
    }


def _start(path: np.ndarray, translate: Translate) -> dict[str, Any]:
    """Ring the first point."""
    is_flat = path.shape[1] == 2
    return {
        "type": "scatter" if is_flat else "scatter3d",
        **_coordinates(path[:1]),
        "mode": "markers",
        "marker": {"symbol": "circle-open", "size": 17 if is_flat else 9, "color": MUTED, "line": {"width": 2}},
        "hovertemplate": translate("start") + "<extra></extra>",
    }


def _titles(count: int, shares: Sequence[float], translate: Translate) -> list[str]:
    titles = [translate("component {number}").format(number=i + 1) for i in range(count)]
    return [f"{title} ({share:.0%})" for title, share in zip(titles, shares, strict=False)] if shares else titles


def _layout(titles: Sequence[str], points: np.ndarray) -> dict[str, Any]:
    """Return axes that hold all points that are numbers, with a margin."""
    finite = points[np.isfinite(points).all(axis=1)]
    low, high = (
        (finite.min(axis=0), finite.max(axis=0)) if len(finite) else (-np.ones(len(titles)), np.ones(len(titles)))
    )
    margin = 0.08 * np.maximum(high - low, 1e-6)
    ranges = [[float(a), float(b)] for a, b in zip(low - margin, high + margin, strict=True)]
    if len(titles) == 2:
        axes = [axis(title, range=ends, zeroline=False) for title, ends in zip(titles, ranges, strict=True)]
        return base_layout(480, xaxis=axes[0], yaxis=axes[1])
    quiet = {"showbackground": False, "gridcolor": GRID, "zerolinecolor": GRID}
    scene = {
        f"{name}axis": {"title": {"text": title}, "range": ends, **quiet}
        for name, title, ends in zip("xyz", titles, ranges, strict=True)
    }
    camera = {"eye": {"x": 1.6, "y": 1.6, "z": 1.0}}  # far enough for the titles
    return base_layout(560, scene={**scene, "aspectmode": "cube", "camera": camera}, dragmode="orbit")

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
CONE = 0.025  # the length of an arrow's head in space, of all that the path spans
MARKS = "●■◆✚✕○"  # the same where a sequence is named
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
        data.append(_path(path, read, name, _color(i, len(paths)), SYMBOLS[i % len(SYMBOLS)]))
        data.extend(_moving(path, _color(i, len(paths)), translate))
    points = np.concatenate(paths)
    return compose(data, _layout(_titles(count, shares, translate), points))


def trajectory_film(
    paths: Sequence[Float[np.ndarray, "S _ K"]],
    steps: Sequence[int],
    characters: Sequence[Sequence[str]],
    *,
    kept: int,
    names: Sequence[str] = (),
    first: int | None = None,
    shares: Sequence[float] = (),
    titles: Sequence[str] = (),
    translate: Translate = str,
) -> go.Figure:
    """Draw the paths of one or several sequences at every snapshot of training, to be played where they are shown.

    The axes hold all frames, so that nothing jumps but the paths.

    Args:
        paths: of each sequence the coordinates at each snapshot after each time step.
        steps: updates made at each snapshot.
        characters: characters[i][t] is what sequence i has just read at point t.
        kept: how many snapshots there were to choose from; said where they are more than are drawn.
        names: of the sequences, written above the picture in their colours.
        first: which frame it begins with; the last one if not given.
        shares: share of the variance along each component, 0 to 1; written on the axes.
        titles: of the axes, where they are no components.
        translate: turns an English label into the viewer's language.
    """
    count, at = paths[0].shape[2], len(steps) - 1 if first is None else first
    with np.errstate(over="ignore"):
        small = [path.astype(np.float32) for path in paths]  # many paths: half the bytes, still six digits
    data: list[dict[str, Any]] = []
    for i, (path, read) in enumerate(zip(small, characters, strict=True)):
        data.append(_path(path[at], read, names[i] if names else "", _color(i, len(small)), SYMBOLS[i % len(SYMBOLS)]))
        data.extend(_moving(path[at], _color(i, len(small)), translate))
    frames = []
    for place, step in enumerate(steps):
        moved: list[dict[str, Any]] = []
        for i, path in enumerate(small):
            moved.append({"type": data[0]["type"], **_coordinates(path[place])})
            moved.extend(_moving(path[place], _color(i, len(small)), translate))
        frames.append({"name": f"{translate('step')} {step}", "traces": list(range(len(moved))), "data": moved})
    points = np.concatenate([path.reshape(-1, count) for path in small])
    layout = _layout(titles or _titles(count, shares, translate), points)
    layout["meta"] = {"film": film_of_training(at, translate)}
    layout["annotations"] = _notes(len(steps), kept, names if len(small) > 1 else (), translate)
    layout["margin"] = {**layout["margin"], "t": 24 + 20 * len(layout["annotations"])}
    return compose(data, layout, frames)


def _color(place: int, count: int) -> str | None:
    """Return the colour of a sequence; one alone has none, it is coloured by time."""
    return None if count == 1 else SERIES[place % len(SERIES)]


def _moving(path: np.ndarray, color: str | None, translate: Translate) -> list[dict[str, Any]]:
    """Return what goes along with a path: its arrows and the ring at its start."""
    return [*_arrows(path, color or HEAD), _start(path, translate)]


def _notes(shown: int, kept: int, names: Sequence[str], translate: Translate) -> list[dict[str, Any]]:
    """Name the sequences and say how many snapshots are drawn, one line each above the picture."""
    lines = [(f"{MARKS[i % len(MARKS)]} {name}", SERIES[i % len(SERIES)]) for i, name in enumerate(names)]
    if shown < kept:
        lines.append((translate("{shown} of {kept} snapshots").format(shown=shown, kept=kept), MUTED))
    place = {"x": 0, "y": 1, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return [
        {"text": text, **place, "yshift": 20 * (len(lines) - 1 - i), "showarrow": False, "font": {"color": color}}
        for i, (text, color) in enumerate(lines)
    ]


def film_of_training(first: int, translate: Translate, *, follows: bool = False) -> dict[str, Any]:
    """Return what `layout.meta` says of a film over training; one that follows leaves the controls to another."""
    return {
        "label": translate("step"),
        "play": "▶ " + translate("Play the training"),
        "pause": "❚❚ " + translate("Pause"),
        "back": translate("One step back"),
        "next": translate("One step on"),
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
        "sizeref": CONE * (float(np.linalg.norm(np.ptp(middle, axis=0))) or 1.0),
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
    quiet = {"showbackground": False, "gridcolor": GRID, "zerolinecolor": GRID, "exponentformat": "power"}
    quiet |= {"tickfont": {"size": 14}, "nticks": 5}  # else Plotly's are 12 here, and many
    scene = {
        f"{name}axis": {"title": {"text": title}, "range": ends, **quiet}
        for name, title, ends in zip("xyz", titles, ranges, strict=True)
    }
    camera = {"eye": {"x": 1.9, "y": 1.9, "z": 1.2}}  # far enough for the titles
    return base_layout(560, scene={**scene, "aspectmode": "cube", "camera": camera}, dragmode="orbit")

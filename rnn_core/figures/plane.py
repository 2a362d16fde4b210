"""The plane in which a network moves: arrows, speed, nullclines, fixed points and trajectories."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.theme import MUTED, SEQUENTIAL, Translate, axis, base_layout, compose
from rnn_core.records.dynamics import FixedPoint, SlowPoint, VectorField

ARROW = "#26323F"  # dark on SEQUENTIAL, whatever is behind the figure
NULLCLINES = (
    ("#7A2E8E", "lines"),
    ("#8A3B12", "markers"),
)  # one drawn through, one dotted: not told apart by colour alone
SAMPLES = {"lines": "━", "markers": "┅"}
DOTS_APART = 0.022  # of a dotted curve's width or height
# Shape as well as colour: filled attracts, crossed does both, hollow repels; a square does neither, a triangle is not
# fixed at all.
KINDS = {
    "stable": ("circle", "#00694C"),
    "saddle": ("x", "#8F5A00"),
    "unstable": ("diamond-open", "#B02E00"),
    "marginal": ("square", "#1F4E8C"),
    "slow": ("triangle-up", "#5F6368"),
}
SIGNS = {"stable": "●", "saddle": "✕", "unstable": "◇", "marginal": "■", "slow": "▲"}
PATHS = ("#B02E00", "#004D40", "#5B2A86", "#1B2733")  # dark enough for SEQUENTIAL
SLOWEST = 1e-8  # speeds below this have the same colour


def phase_plane(
    field: VectorField,
    points: Sequence[FixedPoint | SlowPoint] = (),
    places: Float[np.ndarray, "F 2"] | None = None,
    *,
    nullclines: Sequence[Float[np.ndarray, "_ 2 2"]] = (),
    trajectories: Float[np.ndarray, "T B 2"] | None = None,
    titles: tuple[str, str] = ("h₁", "h₂"),
    translate: Translate = str,
) -> go.Figure:
    """Draw which way every state of a plane moves, and what stands still in it.

    Colour is the speed on a logarithmic scale; arrows are in proportion, the longest spans one square of the grid.

    Args:
        field: the motion on a grid.
        points: fixed and slow points to mark.
        places: where in the plane each of them lies; needed if there are any.
        nullclines: segments (from, to) where each unit stands still.
        trajectories: points of B trajectories after each of T steps.
        titles: of the axes.
        translate: turns an English label into the viewer's language.
    """
    low, high = _decades(field)
    data = [_speed(field, low, high, titles, translate), *_arrows(field)]
    for unit, segments in enumerate(nullclines):
        data.append(_nullcline(segments, titles[unit], NULLCLINES[unit], translate))
    if trajectories is not None:
        data.extend(_trajectory(trajectories[:, i], i, translate) for i in range(trajectories.shape[1]))
    if places is not None:
        data.extend(_points(points, places, translate))
    x, y = ([float(values[0]), float(values[-1])] for values in (field.x, field.y))
    quiet = {"showgrid": False, "zeroline": False}
    curves = _legend_of_nullclines(nullclines, titles, translate)
    layout = base_layout(
        430,
        xaxis=axis(titles[0], range=x, constrain="domain", **quiet),
        yaxis=axis(titles[1], range=y, scaleanchor="x", constrain="domain", constraintoward="top", **quiet),
        annotations=[
            *_notes(field, {point.kind for point in points}, curves, translate),
            _scale(low, high, translate("speed")),
        ],
        margin={"l": 8, "r": 64, "t": 64, "b": 8},
        meta={"isFilling": True},
    )
    return compose(data, layout)


def _decades(field: VectorField) -> tuple[int, int]:
    """Return the powers of ten between which all speeds are."""
    moving = np.maximum(field.speed[np.isfinite(field.speed)], SLOWEST)
    low, high = (math.floor(np.log10(moving.min())), math.ceil(np.log10(moving.max()))) if len(moving) else (-1, 0)
    return low, max(high, low + 1)


def _speed(field: VectorField, low: int, high: int, titles: tuple[str, str], translate: Translate) -> dict[str, Any]:
    speed = np.where(np.isfinite(field.speed), np.maximum(field.speed, SLOWEST), np.nan)
    place = f"{titles[0]} %{{x:.3f}}<br>{titles[1]} %{{y:.3f}}"
    return {
        "type": "heatmap",
        "x": field.x,
        "y": field.y,
        "z": np.log10(speed),
        "customdata": field.speed,
        "colorscale": SEQUENTIAL,
        "zmin": low,
        "zmax": high,
        "zsmooth": "best",
        "showscale": False,
        "hovertemplate": f"{place}<br>{translate('speed')} %{{customdata:.3g}}<extra></extra>",
    }


def _scale(low: int, high: int, name: str) -> dict[str, Any]:
    """Return what the colours mean, right of the plane, as one annotation, which takes less of its width than a bar."""
    powers = range(high, low - 1, -max(1, (high - low) // 6))
    ends, channels = zip(*((end, bytes.fromhex(str(color)[1:])) for end, color in SEQUENTIAL), strict=True)
    lines = [f"<b>{name}</b>"]
    for power in powers:
        mixed = [
            round(float(np.interp((power - low) / (high - low), ends, one))) for one in zip(*channels, strict=True)
        ]
        lines.append(f'<span style="color:rgb{tuple(mixed)};font-size:18px">■</span> 10<sup>{power}</sup>')
    place = {"x": 1, "xref": "x domain", "xanchor": "left", "xshift": 6, "y": 1, "yref": "paper", "yanchor": "top"}
    return {**place, "text": "<br>".join(lines), "align": "left", "showarrow": False, "font": {"size": 13}}


def _arrows(field: VectorField) -> list[dict[str, Any]]:
    """Return shafts and heads: one trace of lines with gaps, one of heads that point away from their shaft's foot."""
    base = np.stack(np.meshgrid(field.x, field.y), axis=-1).reshape(-1, 2)
    way = np.stack([field.dx, field.dy], axis=-1).reshape(-1, 2)
    moving = np.isfinite(way).all(axis=1) & (np.linalg.norm(way, axis=1) > 0)
    base, way = base[moving], way[moving]
    if not len(base):
        return []
    cell = min(np.ptp(field.x), np.ptp(field.y)) / max(1, len(field.x) - 1)
    tip = base + way * (0.95 * cell / np.linalg.norm(way, axis=1).max())
    gap = np.full_like(base, np.nan)
    shafts = np.stack([base, tip, gap], axis=1).reshape(-1, 2)
    heads = np.stack([base, tip], axis=1).reshape(-1, 2)
    shared = {"type": "scatter", "hoverinfo": "skip"}
    no_ring = {"width": 0}  # Plotly rings points of many sizes, even those of size 0
    marker = {"symbol": "arrow", "angleref": "previous", "size": [0, 7] * len(base), "color": ARROW, "line": no_ring}
    return [
        {**shared, "x": shafts[:, 0], "y": shafts[:, 1], "mode": "lines", "line": {"color": ARROW, "width": 1}},
        {**shared, "x": heads[:, 0], "y": heads[:, 1], "mode": "markers", "marker": marker},
    ]


def _nullcline(segments: np.ndarray, title: str, style: tuple[str, str], translate: Translate) -> dict[str, Any]:
    """Return the segments, or dots in the middle of some: a dash would begin anew with every segment."""
    color, mode = style
    gap = np.full((len(segments), 1, 2), np.nan)
    points = np.concatenate([segments, gap], axis=1).reshape(-1, 2)
    if mode == "markers":
        points = _apart(segments.mean(axis=1), DOTS_APART)
    name = _stands_still(title, translate)
    return {
        "type": "scatter",
        "x": points[:, 0],
        "y": points[:, 1],
        "mode": mode,
        "name": name,
        mode.removesuffix("s"): {"color": color} | ({"width": 2.5} if mode == "lines" else {"size": 5}),
        "hovertemplate": name + "<extra></extra>",
    }


def _apart(points: np.ndarray, share: float) -> np.ndarray:
    """Return those points that are farther from each other than a share of the space that they take."""
    least, kept = share * np.ptp(points, axis=0).max(initial=0.0), list[int]()
    for i, point in enumerate(points):
        if not kept or np.linalg.norm(points[kept] - point, axis=1).min() > least:
            kept.append(i)
    return points[kept]


def _stands_still(title: str, translate: Translate) -> str:
    return translate("{unit} stands still").format(unit=title)


def _legend_of_nullclines(nullclines: Sequence[np.ndarray], titles: tuple[str, str], translate: Translate) -> list[str]:
    """Say which curve is whose."""
    return [
        f"{SAMPLES[mode]} {_stands_still(title, translate)}"
        for _, title, (_, mode) in zip(nullclines, titles, NULLCLINES, strict=False)
    ]


def _trajectory(path: np.ndarray, place: int, translate: Translate) -> dict[str, Any]:
    """Return one trajectory: a line, a ring where it starts."""
    color = PATHS[place % len(PATHS)]
    marker = {"size": [9] + [4] * (len(path) - 1), "symbol": ["circle-open"] + ["circle"] * (len(path) - 1)}
    return {
        "type": "scatter",
        "x": path[:, 0],
        "y": path[:, 1],
        "mode": "lines+markers",
        "customdata": list(range(len(path))),
        "line": {"color": color, "width": 2},
        "marker": {**marker, "color": color, "line": {"width": 0}},
        "hovertemplate": translate("time step {steps}").format(steps="%{customdata}") + "<extra></extra>",
    }


def _points(points: Sequence[FixedPoint | SlowPoint], places: np.ndarray, translate: Translate) -> list[dict[str, Any]]:
    """Return fixed and slow points, one trace a kind."""
    data = []
    for kind, (symbol, color) in KINDS.items():
        chosen = [i for i, point in enumerate(points) if point.kind == kind]
        if chosen:
            name = _names(translate)[kind]
            hover = f"{name}<br>(%{{x:.4f}}, %{{y:.4f}})<br>|F(h) − h| %{{customdata[0]:.1e}}<br>|λ| %{{customdata[1]}}"
            data.append(
                {
                    "type": "scatter",
                    "x": places[chosen, 0],
                    "y": places[chosen, 1],
                    "mode": "markers",
                    "name": name,
                    "customdata": [[points[i].speed, _sizes(points[i].eigenvalues)] for i in chosen],
                    "marker": {"symbol": symbol, "size": 14, "color": color, "line": {"color": "white", "width": 1.5}},
                    "hovertemplate": hover + "<extra></extra>",
                }
            )
    return data


def _names(translate: Translate) -> dict[str, str]:
    return {
        "stable": translate("stable"),
        "saddle": translate("saddle"),
        "unstable": translate("unstable"),
        "marginal": translate("marginal"),
        "slow": translate("slow, not fixed"),
    }


def _sizes(eigenvalues: np.ndarray, most: int = 4) -> str:
    """Write the largest |eigenvalues|."""
    sizes = np.sort(np.abs(eigenvalues))[::-1]
    return ", ".join(f"{size:.3f}" for size in sizes[:most]) + (", …" if len(sizes) > most else "")


def _notes(field: VectorField, kinds: set[str], curves: Sequence[str], translate: Translate) -> list[dict[str, Any]]:
    """Say what the marks mean, and what of the motion the plane does not show."""
    text = "   ".join([*(f"{SIGNS[kind]} {_names(translate)[kind]}" for kind in KINDS if kind in kinds), *curves])
    if not field.is_exact:
        whole = float(np.nansum(field.speed))
        share = float(np.nansum(field.off_plane)) / whole if whole else 0.0
        lost = translate("{share} of the motion leaves this plane").format(share=f"{share:.0%}")
        text = f"{text}<br>{lost}" if text else lost
    place = {
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "align": "left",
        "yshift": 6,
    }
    return (
        [{"name": "legend", "text": text, **place, "showarrow": False, "font": {"color": MUTED, "size": 14}}]
        if text
        else []
    )

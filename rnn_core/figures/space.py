"""The data flow of a call in space: the same blocks, with the batch as their depth and values on three faces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from rnn_core.figures.blocks import LINE_PX, WIDTH, Block, Drawing, Face
from rnn_core.figures.flow import axis_color, colored_shape, explain, kind_of, value_limits
from rnn_core.figures.theme import DIVERGING, Translate, base_layout, compose

# Rows, columns and sequences that are drawn of a block: as many as leave the figure small enough to send.
CUTS = ((14, 24, 8), (10, 16, 6), (7, 10, 4), (5, 7, 3))
MOST_CELLS = 6000
SEQUENCE_DEPTH, MOST_DEPTH = 24.0, 240.0  # of one sequence, and of all together, in the units of WIDTH

SPACE_PX = 1300, 700  # width and height of the picture; in a narrower place what is drawn is smaller
FLAT = 0.68  # how high what is drawn may be for its width, so that this height is enough
TOP_SIDE = 0.25  # how high the top of a block looks, seen as the camera stands, for its depth

Corner = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class _Side:
    """A face of a block in space: cells from a corner along two edges."""

    face: Face
    corner: Corner
    down: Corner
    right: Corner


def flow_in_space(drawing: Drawing, *, translate: Translate = str) -> go.Figure:
    """Draw the flow in space: width is time, height features, depth the batch.

    In front is the first sequence, on top the first feature and on the right the last step of all sequences. Each
    block is a mesh whose cells say where in the tensor they are.
    """
    limits = value_limits(drawing)
    unit = min(SEQUENCE_DEPTH, MOST_DEPTH / max(block.depth for block in drawing.blocks))
    drawing = _lifted(drawing, unit)
    sides = [[list(_sides(block, unit, cut)) for block in drawing.blocks] for cut in CUTS]
    fitting = next((cut for cut in sides if _count(cut) <= MOST_CELLS), sides[-1])
    meshes = [
        _mesh(block, found, limits[kind_of(block)], translate)
        for block, found in zip(drawing.blocks, fitting, strict=True)
    ]
    hidden = {"visible": False, "showspikes": False}
    size = drawing.height / WIDTH
    share = min(1.0, FLAT / size)  # what is higher is seen from farther off, in a picture that is higher by as much
    scene = {
        "xaxis": {**hidden, "range": [-40, WIDTH + 40]},
        "yaxis": {**hidden, "range": [-10, MOST_DEPTH + 10]},
        "zaxis": {**hidden, "range": [-20, drawing.height + 20]},
        "aspectmode": "manual",
        "aspectratio": {"x": 3.6 * share, "y": 0.87 * share, "z": 2.9 * size * share},
        "camera": {"eye": {"x": 0.35, "y": -1.5, "z": 0.3}, "projection": {"type": "orthographic"}},
        "dragmode": "turntable",
        "annotations": [*_titles(drawing, unit)],
    }
    layout = base_layout(
        int(SPACE_PX[1] / share), scene=scene, margin={"l": 0, "r": 0, "t": 0, "b": 0}, meta={"width": SPACE_PX[0]}
    )
    layout["hoverlabel"] = {"font": {"size": 15}, "align": "left"}
    return compose([*meshes, *_edges(drawing, unit)], layout)


def _lifted(drawing: Drawing, unit: float) -> Drawing:
    """Leave room above every block that has a top side, so that what is above it does not hide its name."""
    floors = sorted({block.bottom for block in drawing.blocks if block.depth > 1})
    rise = TOP_SIDE * unit * max(block.depth for block in drawing.blocks)
    blocks = tuple(
        replace(block, bottom=block.bottom + rise * sum(floor < block.bottom for floor in floors))
        for block in drawing.blocks
    )
    return replace(drawing, blocks=blocks, height=drawing.height + rise * len(floors))


def _sides(block: Block, unit: float, most: tuple[int, int, int]) -> Iterator[_Side]:
    """Yield the front, and for a batch the top and the right side."""
    source, (rows, columns, deep) = block.source, most
    left, right, top = block.left, block.left + block.width, block.bottom + block.height
    down = (0.0, 0.0, -block.height)
    yield _Side(source.face((rows, columns)), (left, 0.0, top), down, (block.width, 0.0, 0.0))
    if block.depth == 1:
        return
    batch, back = source.spec.axes.index("N"), (0.0, block.depth * unit, 0.0)
    fixed = {axis: place for axis, place in (source.at or {}).items() if axis != batch}
    first = source.span[0] if source.span else 0
    above = replace(source, rows=batch, span=None, at={**fixed, source.rows: first})
    yield _Side(above.face((deep, columns)), (left, back[1], top), (0.0, -back[1], 0.0), (block.width, 0.0, 0.0))
    last = {} if source.columns is None else {source.columns: source.whole[1] - 1}
    beside = replace(source, columns=batch, at={**fixed, **last})
    yield _Side(beside.face((rows, deep)), (right, 0.0, top), down, back)


def _count(sides: list[list[_Side]]) -> int:
    return sum(side.face.values.size for found in sides for side in found)


def _mesh(block: Block, sides: list[_Side], limit: float, translate: Translate) -> dict[str, Any]:
    """Return cells as pairs of triangles; each has four corners of its own, so that a hover can name it."""
    corners = np.concatenate([_corners(side) for side in sides]).astype(np.float32)
    values = np.concatenate([side.face.values.reshape(-1) for side in sides])
    index = np.concatenate([side.face.index.reshape(-1, side.face.index.shape[-1]) for side in sides])
    first = 4 * np.arange(len(values))
    i, j, k = (
        np.stack([first + a, first + b], axis=1).reshape(-1).astype(np.int32) for a, b in ((0, 0), (1, 2), (2, 3))
    )
    where = ", ".join(f"{axis}=%{{customdata[{place + 1}]}}" for place, axis in enumerate(block.source.spec.axes))
    lines = [f"<b>{block.name}</b>[{where}]", translate("value") + " <b>%{customdata[0]:.4g}</b>"]
    return {
        "type": "mesh3d",
        "name": block.title or block.name,
        **dict(zip("xyz", corners.T, strict=True)),
        "i": i,
        "j": j,
        "k": k,
        "intensity": np.repeat(values / limit, 2).astype(np.float32),
        "intensitymode": "cell",
        "colorscale": DIVERGING,
        "cmin": -1,
        "cmax": 1,
        "showscale": False,
        "flatshading": True,
        "lighting": {"ambient": 1, "diffuse": 0, "specular": 0, "fresnel": 0},
        "customdata": np.repeat(np.column_stack([values, index]), 4, axis=0).astype(np.float32),
        "hovertemplate": "<br>".join([*lines, *explain(block, translate)]) + "<extra></extra>",
    }


def _corners(side: _Side) -> Float[np.ndarray, "corners 3"]:
    """Return the four corners of every cell, cell by cell."""
    rows, columns = side.face.values.shape
    r, c = (part[..., None] for part in np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij"))
    down, right = np.array(side.down) / rows, np.array(side.right) / columns
    start = np.array(side.corner) + r * down + c * right  # (rows, columns, 3)
    return np.stack([start, start + right, start + right + down, start + down], axis=2).reshape(-1, 3)


def _edges(drawing: Drawing, unit: float) -> list[dict[str, Any]]:
    """Draw each block's edges in the colours of its axes."""
    lines: dict[str, list[Corner | tuple[None, None, None]]] = {}
    for block in drawing.blocks:
        axes, left, right = block.source.spec.axes, block.left, block.left + block.width
        bottom, top = block.bottom, block.bottom + block.height
        corner = (left, 0.0, bottom)
        ends = {axes[block.source.rows]: (left, 0.0, top)}
        if block.source.columns is not None:
            ends[axes[block.source.columns]] = (right, 0.0, bottom)
        for axis, end in ends.items():
            lines.setdefault(axis_color(axis), []).extend([corner, end, (None, None, None)])
        if block.depth > 1:
            away = ((right, 0.0, bottom), (right, block.depth * unit, bottom), (None, None, None))
            lines.setdefault(axis_color("N"), []).extend(away)
    return [
        {
            "type": "scatter3d",
            "mode": "lines",
            **dict(zip("xyz", map(list, zip(*points, strict=True)), strict=True)),
            "line": {"color": color, "width": 5},
            "hoverinfo": "skip",
        }
        for color, points in lines.items()
    ]


def _titles(drawing: Drawing, unit: float) -> Iterator[dict[str, Any]]:
    """Yield each block's name and its tensor's shape, its numbers in the colours of their axes."""
    for block in drawing.blocks:
        if block.title:
            is_below = block.place == "below"
            yield {
                "x": block.left,
                "y": 0.0 if is_below else (block.depth - 1) * unit,
                "z": block.bottom - LINE_PX / 2 if is_below else block.bottom + block.height + LINE_PX / 2,
                "text": f"{block.title} {colored_shape(block.source.spec.axes, block.source.spec.shape)}",
                "showarrow": False,
                "xanchor": "left",
                "font": {"size": 14},
            }

"""The data flow of a call as blocks to scale, from the input below to the scores above: flat, or in space."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from rnn_core.figures.blocks import LINE_PX, TIME_LEFT, WIDTH, Block, Drawing
from rnn_core.figures.theme import AXIS_COLORS, DIVERGING, MUTED, Translate, base_layout, compose

CHANGED = "#E0218A"
MOST_CHARACTERS = 24  # more of them could not be read, and each takes the browser time
HOVER_LETTERS = 56  # a line of words at the pointer


def flow_drawing(
    drawing: Drawing,
    *,
    input: Sequence[str] = (),
    target: Sequence[str] = (),
    loss: float | None = None,
    changed: Collection[str] = (),
    translate: Translate = str,
) -> go.Figure:
    """Draw the flow flat: one heat map a block, titles with shapes whose numbers have the colours of their axes.

    Args:
        drawing: the blocks.
        input: the characters below the columns, if there are any.
        target: those above them.
        loss: what the scores are worth, in nats per character.
        changed: tensors to point out.
        translate: turns an English label into the viewer's language.
    """
    limits = value_limits(drawing)
    words = _Words()
    for block in drawing.blocks:
        words.title(block, changed, drawing)
    _ends(words, drawing, input, target, loss, translate)
    height = drawing.height + LINE_PX
    data = [_heat_map(block, limits[kind_of(block)], translate) for block in drawing.blocks]
    data += [_arrows(drawing), *words.traces()]
    hidden = {"visible": False, "fixedrange": True}
    layout = base_layout(
        int(height) + 8,
        margin={"l": 4, "r": 4, "t": 4, "b": 4},
        xaxis={**hidden, "range": [-4, WIDTH + 4]},
        yaxis={**hidden, "range": [0, height]},
        hoverlabel={"font": {"size": 15}, "align": "left"},
        shapes=[*_edges(drawing), *_outlines(drawing, changed)],
    )
    return compose(data, layout)


def colored_shape(axes: Sequence[str], shape: Sequence[int]) -> str:
    """Write a shape with each number in the colour of its axis, for Plotly's texts."""
    inside = ", ".join(
        f'<span style="color:{axis_color(axis)}">{size}</span>' for axis, size in zip(axes, shape, strict=True)
    )
    return f"<b>({inside})</b>"


class _Words:
    """All words of the drawing as two traces: annotations take a browser twice as long, and so does markup.

    The characters, which have none, are the second trace.
    """

    def __init__(self) -> None:
        self.words: list[tuple[float, float, str, str]] = []
        self.characters: list[tuple[float, float, str, str]] = []

    def add(self, x: float, y: float, text: str, position: str) -> None:
        self.words.append((round(x, 1), round(y, 1), text, position))

    def add_character(self, x: float, y: float, character: str) -> None:
        self.characters.append((round(x, 1), round(y, 1), character, "middle center"))

    def title(self, block: Block, changed: Collection[str], drawing: Drawing) -> None:
        """Write a block's name and its tensor's shape above or below it."""
        if not block.title:
            return
        spec = block.source.spec
        star = f' <span style="color:{CHANGED}">●</span>' if spec.name in changed else ""
        text = f"{block.title} {colored_shape(spec.axes, spec.shape)}{star}"
        above = block.bottom + block.height + drawing.depth_px * (block.depth - 1) + LINE_PX / 2
        y = block.bottom - LINE_PX / 2 if block.place == "below" else above
        is_near_end = block.left > (0.7 if block.place == "below" else 0.8) * WIDTH  # the words would not fit
        self.add(WIDTH if is_near_end else block.left, y, text, "middle left" if is_near_end else "middle right")

    def traces(self) -> list[dict[str, Any]]:
        return [_texts(self.words, "normal"), *([_texts(self.characters, "bold")] if self.characters else [])]


def _texts(placed: Sequence[tuple[float, float, str, str]], weight: str) -> dict[str, Any]:
    x, y, text, positions = (list(column) for column in zip(*placed, strict=True))
    style = {"textposition": positions, "textfont": {"weight": weight}}
    return {"type": "scatter", "mode": "text", "x": x, "y": y, "text": text, **style, "hoverinfo": "skip"}


def _ends(
    words: _Words,
    drawing: Drawing,
    input: Sequence[str],
    target: Sequence[str],
    loss: float | None,
    translate: Translate,
) -> None:
    """Write what goes in below the first block, and what should come out, with the loss, above the last one."""
    first, last = drawing.blocks[0], drawing.blocks[-1]
    top = drawing.height + LINE_PX / 2
    if loss is not None:
        y = last.bottom + last.height + (last.depth - 1) * drawing.depth_px + LINE_PX / 2
        words.add(WIDTH, y, f"<b>loss = {loss:.4g}</b> " + translate("nats"), "middle left")
    for characters, y in ((input, LINE_PX / 2), (target, top)):
        step = first.width / max(len(characters), 1)
        if 0 < len(characters) <= MOST_CHARACTERS:
            for t, character in enumerate(characters):
                words.add_character(first.left + (t + 0.5) * step, y, character)
            name = translate("target") if characters is target else translate("text")
            words.add(first.left - 12, y, name, "middle left")
    sizes = dict(zip(first.source.spec.axes, first.source.spec.shape, strict=True))
    middle, top = first.bottom + first.height / 2, first.bottom + first.height + LINE_PX / 2
    right = first.left + first.width + (first.depth - 1) * drawing.depth_px + 12
    words.add(first.left - 12, middle, _size("H_in", sizes), "middle left")
    words.add(right, middle, _size("L", sizes), "middle right")
    if "N" in sizes:
        words.add(right, top, _size("N", sizes), "middle right")


def _size(axis: str, sizes: Mapping[str, int]) -> str:
    return f'<b><span style="color:{axis_color(axis)}">{axis} = {sizes[axis]}</span></b>'


def _heat_map(block: Block, limit: float, translate: Translate) -> dict[str, Any]:
    face = block.face
    rows, columns = face.values.shape
    down, right = block.height / rows, block.width / columns
    where = ", ".join(f"{axis}=%{{customdata[{k}]}}" for k, axis in enumerate(block.source.spec.axes))
    lines = [f"<b>{block.name}</b>[{where}]", translate("value") + " <b>%{z:.4g}</b>", *explain(block, translate)]
    return {
        "type": "heatmap",
        "name": block.title or block.name,
        "z": face.values,
        "x0": block.left + right / 2,
        "dx": right,
        "y0": block.bottom + block.height - down / 2,
        "dy": -down,
        "customdata": face.index.astype(np.uint8 if face.index.max(initial=0) < 256 else np.int32),
        "hovertemplate": "<br>".join(lines) + "<extra></extra>",
        "colorscale": DIVERGING,
        "zmin": -limit,
        "zmax": limit,
        "showscale": False,
    }


def explain(block: Block, translate: Translate) -> list[str]:
    """Say in lines of words what a block's cells are, and how many of them are drawn."""
    spec, face = block.source.spec, block.face
    lines = textwrap.wrap(translate(spec.meaning.template), HOVER_LETTERS)
    if spec.gates:
        lines.append(translate("rows") + " " + " · ".join(f"{g.name} {g.start}–{g.stop - 1}" for g in spec.gates))
    if face.is_sample:
        shown, whole = (" × ".join(map(str, sizes)) for sizes in (face.values.shape, face.whole))
        lines.append(translate("{shown} of {whole} cells are drawn").format(shown=shown, whole=whole))
    return lines


def _edges(drawing: Drawing) -> list[dict[str, Any]]:
    """Draw each block's edges in the colours of its axes, and the sequences of a batch set back behind it."""
    lines: dict[tuple[str, float], list[str]] = {}

    def draw(axis: str, *points: tuple[float, float]) -> None:
        lines.setdefault((axis_color(axis), 1.5 if axis == "N" else 2.5), []).append(_stroke(points))

    for block in drawing.blocks:
        source, axes = block.source, block.source.spec.axes
        left, right, bottom, top = block.left, block.left + block.width, block.bottom, block.bottom + block.height
        draw(axes[source.rows], (left, bottom), (left, top))
        if source.columns is not None:
            draw(axes[source.columns], (left, bottom), (right, bottom))
        for n in sorted({*range(1, min(block.depth, 6)), block.depth - 1} - {0}):
            back = n * drawing.depth_px
            draw("N", (left + back, top + back), (right + back, top + back), (right + back, bottom + back))
        if block.depth > 1:
            back = (block.depth - 1) * drawing.depth_px
            for corner in ((left, top), (right, top), (right, bottom)):
                draw("N", corner, (corner[0] + back, corner[1] + back))
    return [_path(strokes, color, width) for (color, width), strokes in lines.items()]


def _outlines(drawing: Drawing, changed: Collection[str]) -> list[dict[str, Any]]:
    """Frame the blocks of tensors that changed."""
    strokes = []
    for block in drawing.blocks:
        if block.name in changed:
            left, right, bottom, top = block.left, block.left + block.width, block.bottom, block.bottom + block.height
            strokes.append(_stroke(((left, bottom), (right, bottom), (right, top), (left, top))) + "Z")
    return [_path(strokes, CHANGED, 4)] if strokes else []


def _arrows(drawing: Drawing) -> dict[str, Any]:
    """Point from h_0 to the states and on to h_n, the way that the direction goes."""
    x, y, symbols = [], [], []
    for block in drawing.blocks:
        if block.name in ("h_0", "h_n"):
            is_left = block.left < TIME_LEFT
            x.append(block.left + block.width + 13 if is_left else block.left - 13)
            y.append(block.bottom + block.height / 2)
            symbols.append("triangle-right" if is_left == (block.name == "h_0") else "triangle-left")
    marker = {"symbol": symbols, "size": 13, "color": MUTED}
    return {"type": "scatter", "mode": "markers", "x": x, "y": y, "marker": marker, "hoverinfo": "skip"}


def _stroke(points: Sequence[tuple[float, float]]) -> str:
    """Write a line through points in SVG's words."""
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _path(strokes: Sequence[str], color: str, width: float) -> dict[str, Any]:
    """Return lines of one colour as one shape: a trace of them takes a browser three times as long."""
    style = {"color": color, "width": width}
    return {"type": "path", "path": "".join(strokes), "line": style, "xref": "x", "yref": "y"}


def kind_of(block: Block) -> str:
    """Return what a block's colours are compared with: other weights, other states, or nothing else."""
    if block.source.spec.role == "parameter":
        return "weights"
    own = {"input": "input", "logits": "logits", "h_0": "first states", "c_0": "first states", "c_n": "cell states"}
    return own.get(block.name, "states")


def value_limits(drawing: Drawing) -> dict[str, float]:
    """Return the largest size of a value of each kind."""
    limits: dict[str, float] = {}
    for block in drawing.blocks:
        values = block.face.values[np.isfinite(block.face.values)]
        limits[kind_of(block)] = max(limits.get(kind_of(block), 1e-9), float(np.abs(values).max(initial=0.0)))
    return limits


def axis_color(axis: str) -> str:
    """Return an axis's colour; a weight's rows are hidden units, gate by gate."""
    return AXIS_COLORS["H_out"] if axis.endswith(("H_out", "H_cell")) else AXIS_COLORS.get(axis, MUTED)

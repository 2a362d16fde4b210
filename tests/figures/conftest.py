"""How a test looks at a figure: as the browser will get it."""

import base64
import json
import math

import numpy as np
import pytest

from rnn_core.figures.composed import parts_of, to_json

MAX_BYTES = 300_000  # a figure crosses the network twice a second while a run plays


def mark(message):
    """Stand in for a translation, so that a label that was not translated can be told."""
    return f"⟦{message}⟧"


def sent(figure):
    """Return the figure as it is sent, arrays written out."""
    return json.loads(figure.to_json(engine="json"))


def shown(part):
    """Return a part of what is sent, arrays written out, without what says nothing: what is empty, and defaults."""
    if isinstance(part, dict) and "bdata" in part:
        packed = np.frombuffer(base64.b64decode(part["bdata"]), part["dtype"])
        return shown(packed.reshape([int(size) for size in part.get("shape", str(packed.size)).split(",")]).tolist())
    if isinstance(part, dict):
        found = {name: shown(value) for name, value in part.items() if name != "template"}
        if "traces" in found:  # of a frame, to which Plotly adds the type that it takes for usual
            found["data"] = [{**trace, "type": ""} for trace in found["data"]]
        return {name: value for name, value in found.items() if value not in ({}, [], None)}
    if isinstance(part, list):
        return [shown(value) for value in part]
    return None if isinstance(part, float) and not math.isfinite(part) else part


def texts(figure):
    """Return every axis title and annotation."""
    layout = sent(figure)["layout"]
    titles = [value.get("title", {}).get("text", "") for name, value in layout.items() if name[1:5] == "axis"]
    return [text for text in titles if text], [note["text"] for note in layout.get("annotations", [])]


def drawn_as(figure, mode):
    """Return the traces drawn as lines, markers or text."""
    return [trace for trace in figure.data if getattr(trace, "mode", None) == mode]


def heat_map(figure):
    """Return the first heat map of a figure."""
    return next(trace for trace in figure.data if trace.type == "heatmap")


def hover_of(drawn, row, column):
    """Return what the browser says of a cell of a heat map: x and y are written as their ticks' labels."""
    layout, words = drawn.parent.layout, drawn.hovertemplate.removesuffix("<extra></extra>")
    words = words.replace("%{z}", f"{drawn.z[row][column]:g}").replace("%{z:.4f}", f"{drawn.z[row][column]:.4f}")
    for name, axis, place in (("x", layout.xaxis, column), ("y", layout.yaxis, row)):
        words = words.replace(
            f"%{{{name}}}", dict(zip(axis.tickvals, axis.ticktext, strict=True)).get(place, str(place))
        )
    cell = np.asarray(drawn.customdata)[row][column]
    for i, part in enumerate(np.atleast_1d(cell)):
        words = words.replace(f"%{{customdata[{i}]}}", str(part))
    return words.replace("%{customdata}", str(cell))


@pytest.fixture
def check_sendable():
    """Check what holds for every figure: small, valid JSON, and whatever can be pointed at says something."""

    def check(figure):
        assert len(to_json(parts_of(figure))) < MAX_BYTES
        assert shown(json.loads(to_json(parts_of(figure)), parse_constant=pytest.fail)) == shown(sent(figure))
        for trace in figure.data:
            assert trace.hoverinfo == "skip" or "<extra></extra>" in trace.hovertemplate
        assert figure.layout.height > 0
        assert figure.layout.showlegend is False

    return check

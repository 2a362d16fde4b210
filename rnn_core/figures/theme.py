"""Colours and layout that every figure shares; legible on white and on near-black."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rnn_core.figures.composed import Composed

Translate = Callable[[str], str]

# One colour for each axis, everywhere. Okabe and Ito's palette, safe for colour-blind eyes.
AXIS_COLORS = {
    "N": "#E69F00",
    "L": "#2E86D1",
    "H_in": "#009E73",
    "H_out": "#D55E00",
    "D*H_out": "#D55E00",
    "D*num_layers": "#CC79A7",
    "V": "#7F7FD5",
}
# Whether Plotly checks every attribute, which is four fifths of the time that a figure takes; the tests turn it on.
VALIDATES = False
GRID = "rgba(128, 128, 128, 0.25)"
MUTED = "#7C8794"
RIGHT, WRONG = "#009E73", "#D55E00"
SERIES = ("#2E86D1", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")

# One diverging scale for values, centred on 0: blue is negative, orange is positive.
DIVERGING = [[0.0, "#1F5FA8"], [0.25, "#8DB7E0"], [0.5, "#F4F4F2"], [0.75, "#F2AE7A"], [1.0, "#B8480B"]]
# From slow to fast, and from early to late: light enough for dark lines on it, dark enough to stand out from white.
SEQUENTIAL = [[0.0, "#F3EFE0"], [0.35, "#A9D0C5"], [0.7, "#6FAFCF"], [1.0, "#3F86BF"]]
MOST_TICKS = 7  # powers of ten written along a logarithmic axis
BINARY = [[0.0, "rgba(128, 128, 128, 0.10)"], [1.0, "#009E73"]]


def base_layout(height: int, **more: Any) -> dict[str, Any]:
    """Return the layout that figures start from: no wasted margins, no background of its own."""
    layout: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 24, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "hoverlabel": {"font": {"size": 14}},
        "showlegend": False,
        "dragmode": False,
    }
    return {**layout, **more}


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis that makes room for its own labels, and for its title if it has one."""
    # Labels that are chosen fit. Plotly would measure each to see whether it does: a fifth of a small picture's time.
    chosen = {"ticklabeloverflow": "allow"} if "tickvals" in more else {}
    return {
        "title": {"text": title, "standoff": 10} if title else {},  # Plotly makes room for an empty text too
        "automargin": True,
        "gridcolor": GRID,
        "zerolinecolor": GRID,
        "exponentformat": "power",  # 2·10¹¹, where Plotly would say 200B
        **chosen,
        **more,
    }


def log_axis(low: float, high: float) -> dict[str, Any]:
    """Return a logarithmic axis between two powers of ten, its ticks written as one would by hand: 0.001, 2·10¹¹."""
    powers = range(math.ceil(low), math.floor(high) + 1)
    digits = (1,) if len(powers) > 2 else (1, 2, 5)
    chosen = powers[:: -(-len(powers) // MOST_TICKS)] if len(powers) > 2 else range(math.floor(low), powers.stop)
    ticks = [(d, power) for power in chosen for d in digits if low <= power + math.log10(d) <= high and power > -308]
    texts = [number_words(d, power) for d, power in ticks]
    return {"type": "log", "range": [low, high], "tickvals": [d * 10.0**p for d, p in ticks], "ticktext": texts}


def number_words(mantissa: float, power: int) -> str:
    """Write a number in Plotly's markup: as it is, or with a power of ten where that would be long."""
    if -5 < power < 5:
        return f"{mantissa * 10.0**power:.10g}"
    return ("" if mantissa == 1 else f"{mantissa:g}·") + f"10<sup>{power}</sup>".replace("-", "−")


def value_scale(limit: float, name: str = "") -> dict[str, Any]:
    """Return the legend of DIVERGING from -limit to limit, right of a figure, as one annotation.

    Plotly's own colour bar takes as long to draw as the picture beside it.

    Args:
        limit: the end of the scale.
        name: of what is coloured, written above.
    """
    squares = [f'<span style="color:{color};font-size:18px">■</span>' for _, color in reversed(DIVERGING)]
    mantissa, power = f"{limit:.1e}".split("e")
    end = f"{limit:.3g}" if 1e-3 <= limit < 1000 else number_words(float(mantissa), int(power))
    lines = [f"<b>{name}</b>"] * bool(name) + [end, *squares, f"−{end}"]
    place = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4, "y": 1, "yref": "paper", "yanchor": "top"}
    return {**place, "text": "<br>".join(lines), "showarrow": False, "font": {"size": 12}}


def compose(data: list[dict[str, Any]], layout: dict[str, Any], frames: Sequence[dict[str, Any]] = ()) -> Composed:
    """Make a figure of plain traces and layout in one go; adding them one by one takes Plotly ten times as long.

    Args:
        data: the traces.
        layout: without a template: the app brings its own.
        frames: of a film; each says which traces change and how.
    """
    return Composed({"data": data, "layout": {"template": {}, **layout}, "frames": list(frames)}, _validate=VALIDATES)

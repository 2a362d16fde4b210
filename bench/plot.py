"""The cost of a step against the number of networks, as an SVG of log-log axes for the README."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 20, 50
INK, OURS, BARE = "#808080", "#2E86D1", "#D55E00"


def cost_by_size(sizes: Sequence[int], ours_us: Sequence[float], bare_us: Sequence[float]) -> str:
    """Draw what a step of P networks costs in µs, trained as one and one after the other."""
    low, high = (
        10.0 ** round_(math.log10(end)) for round_, end in ((math.floor, min(ours_us)), (math.ceil, max(bare_us)))
    )

    def x_of(size: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])

    def y_of(cost: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(cost / low) / math.log(high / low)

    parts = [_words(x_of(size), HEIGHT - BOTTOM + 20, str(size), "middle") for size in sizes]
    cost = low
    while cost <= high * 1.001:
        label = f"{cost / 1000:g} ms" if cost >= 1000 else f"{cost:g} µs"
        parts.append(_words(LEFT - 8, y_of(cost) + 4, label, "end"))
        parts.append(f'<path d="M{LEFT} {y_of(cost):.1f}H{WIDTH - RIGHT}" stroke="{INK}" stroke-opacity="0.3"/>')
        cost *= 10
    for name, costs, color in (("one after the other", bare_us, BARE), ("as one", ours_us, OURS)):
        points = " ".join(f"{x_of(size):.1f},{y_of(each):.1f}" for size, each in zip(sizes, costs, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2.5"/>')
        parts.append(_words(WIDTH - RIGHT + 8, y_of(costs[-1]) + 4, name, "start", color))
    parts.append(_words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "P, networks trained", "middle"))
    font = 'font-family="sans-serif" font-size="13"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {font}>{"".join(parts)}</svg>\n'


def _words(x: float, y: float, words: str, anchor: str, color: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{words}</text>'

"""Pictures of measures, as SVG: the cost of a step against the number of networks, memory against time."""

from __future__ import annotations

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 20, 50
INK, OURS, BARE = "#808080", "#2E86D1", "#D55E00"
STEP_MB = 100


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
    return _picture(parts)


def memory_over_time(
    samples: Sequence[tuple[float, float]], marks: Sequence[tuple[float, str]], bound_mb: float
) -> str:
    """Draw (seconds, MB) samples, a line at each moment that something began, and the bound."""
    last = samples[-1][0]
    top = STEP_MB * math.ceil(max(bound_mb, *(size for _, size in samples)) / STEP_MB)

    def x_of(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / last

    def y_of(size: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * size / top

    parts = [_words(LEFT - 8, y_of(size) + 4, f"{size} MB", "end") for size in range(0, top + 1, 2 * STEP_MB)]
    parts += [f'<path d="M{LEFT} {y_of(0):.1f}H{WIDTH - RIGHT}" stroke="{INK}"/>']
    minutes = max(1, round(last / 60 / 8))
    for minute in range(0, int(last / 60) + 1, minutes):
        parts.append(_words(x_of(60 * minute), HEIGHT - BOTTOM + 20, str(minute), "middle"))
    for seconds, what in marks:
        line = f'<path d="M{x_of(seconds):.1f} {TOP}V{y_of(0):.1f}" stroke="{INK}" stroke-dasharray="2 3">'
        parts.append(f"{line}<title>{what}</title></path>")
    bound = f'<path d="M{LEFT} {y_of(bound_mb):.1f}H{WIDTH - RIGHT}" stroke="{BARE}" stroke-dasharray="6 4"/>'
    parts += [bound, _words(WIDTH - RIGHT + 8, y_of(bound_mb) + 4, f"at most {bound_mb:.0f} MB", "start", BARE)]
    points = " ".join(f"{x_of(seconds):.1f},{y_of(size):.1f}" for seconds, size in samples)
    parts.append(f'<polyline points="{points}" fill="none" stroke="{OURS}" stroke-width="2"/>')
    parts.append(_words(WIDTH - RIGHT + 8, y_of(samples[-1][1]) + 4, f"{samples[-1][1]:.0f} MB", "start", OURS))
    parts.append(_words((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "minutes", "middle"))
    return _picture(parts)


def _picture(parts: Sequence[str]) -> str:
    font = 'font-family="sans-serif" font-size="13"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {font}>{"".join(parts)}</svg>\n'


def _words(x: float, y: float, words: str, anchor: str, color: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{words}</text>'

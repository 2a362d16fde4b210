"""What stands still under a constant input: fixed and slow points, counted, listed and looked into."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.components import chart
from pages.ui.lessons.system import System
from pages.ui.session import cache, state
from pages.ui.session.link import Look
from pages.ui.session.views import DynamicsView
from pages.ui.widgets import choice
from pages.ui.words.i18n import _, mark, plain
from rnn_core.cells.sequence import score
from rnn_core.config import Config
from rnn_core.data.vocab import visible
from rnn_core.figures.spectrum import eigenvalue_plane
from rnn_core.records.dynamics import FixedPoint, SlowPoint, Stillness

Point = FixedPoint | SlowPoint

MOST_LISTED = 10  # rows of the table; beyond that it scrolls
# A search solves S equations some hundred times from each start: how many starts for how many numbers of the state.
SEARCH_AT_ONCE = ((4, 200), (24, 100), (64, 40))
WHILE_HELD = 24
SEARCH_ON_DEMAND = (128, 12)
MOST_SLOW = 12  # that are marked and listed: they fill whole regions
KINDS = {
    "stable": mark("● stable"),
    "saddle": mark("✕ saddle"),
    "unstable": mark("◇ unstable"),
    "marginal": mark("■ marginal"),
    "slow": mark("▲ slow"),
}
COUNTS = {
    "stable": mark("● **{count}** stable (attracting)"),
    "saddle": mark("✕ **{count}** saddle (attracting from some sides only)"),
    "unstable": mark("◇ **{count}** unstable (repelling)"),
    "marginal": mark("■ **{count}** marginal (the eigenvalues do not tell)"),
    "slow": mark("▲ **{count}** slow (not fixed: they creep)"),
}
ALWAYS_COUNTED = ("stable", "saddle", "unstable")


def of(look: Look, system: System) -> Stillness | None:
    """Return what was found; None where the search takes long and nobody asked for it, or a slider is held."""
    size = system.map.state_size
    count = next((count for most, count in SEARCH_AT_ONCE if size <= most), None)
    if count is None and size <= SEARCH_ON_DEMAND[0] and look.view(DynamicsView).search == "on":
        count = SEARCH_ON_DEMAND[1]
    if count is None or (look.hand and size > WHILE_HELD):
        return None
    return cache.stillness(system.map, system.name, system.visited, count)


def listed(found: Stillness) -> list[Point]:
    """Order points so that no rounding error decides, the fixed first: the link names a point by its number."""
    kinds = list(KINDS)
    points: list[Point] = [*found.fixed, *found.slow[:MOST_SLOW]]
    return sorted(points, key=lambda point: (kinds.index(point.kind), *point.state.round(4)))


def show(system: System, eigenvalues: DeltaGenerator) -> None:
    """List the fixed and the slow points, and in another place draw the eigenvalues of the chosen one."""
    found = of(state.look(), system)
    st.header(_("Fixed points: F(h) = h"))
    if found is None:
        _offer_search(system)
        return
    points = listed(found)
    st.markdown(_counts(found) if found.fixed else _in_vain(found))
    for words in _remarks(found):
        st.markdown(words)
    if not points:
        return
    chosen = choice.number(DynamicsView, "point", _("Point"), {"point": range(len(points))})
    with st.container(height=420 if len(points) > MOST_LISTED else "content", border=False):
        st.markdown(_table(system, points, chosen))
    with eigenvalues:
        _show_eigenvalues(points[chosen], chosen)


def _show_eigenvalues(point: Point, number: int) -> None:
    """Draw the eigenvalues at a point, and say how points were found."""
    values, is_fixed = point.eigenvalues, isinstance(point, FixedPoint)
    title = (
        _("Eigenvalues of the Jacobian at fixed point {number}", number=number)
        if is_fixed
        else _("Eigenvalues of the Jacobian at slow point {number}, which is not fixed", number=number)
    )
    st.markdown(f"**{title}**")
    largest = _("the largest |λ| is {radius:.3f}.", radius=np.abs(values).max())
    chart.show(eigenvalue_plane({"λ": values}, translate=_), key="point_eigenvalues", alt=f"{title}: {largest}")
    st.caption(
        _(
            "Found from many starts by minimising |F(h) − h|² (Sussillo and Barak 2013) and by Newton's method. A "
            "point is fixed if nothing is left of F(h) − h but rounding errors of double precision, even after "
            "dividing by how far the gates let it move: where a gate is shut nearly every state stands nearly still. "
            "Points closer than 0.001 count as one. A fixed point is stable if all |λ| < 1: then every small "
            "difference dies out. It is marginal if the largest |λ| is 1 to within a millionth, or a relu is just at "
            "its bend: then the eigenvalues do not tell."
        )
    )


def _counts(found: Stillness) -> str:
    """Say how many points there are of each kind."""
    kinds = [point.kind for point in found.fixed] + [point.kind for point in found.slow]
    shown = [kind for kind in KINDS if kind in ALWAYS_COUNTED or kind in kinds]
    return " · ".join(_(COUNTS[kind], count=kinds.count(kind)).replace(" ", "\u00a0", 1) for kind in shown)


def _in_vain(found: Stillness) -> str:
    """Say what was tried where no fixed point was found."""
    words = _(
        "No fixed point was found. {count} starting points were tried, half of them near states that the network "
        "visits and half anywhere from −1 to 1 (what has no bound, c and a relu's h, up to 100); the least motion "
        "that any of them reached is |F(h) − h| = {nearest:.1e}. That does not mean that there is none.",
        count=found.starts,
        nearest=found.nearest,
    )
    return words + ("  \n" + _(COUNTS["slow"], count=len(found.slow)) if found.slow else "")


def _remarks(found: Stillness) -> list[str]:
    """Say what the counts alone would hide."""
    remarks, samples = [], sum(not point.is_isolated for point in found.fixed)
    if samples:
        remarks.append(
            _(
                "{count} of these fixed points are samples of a curve or a surface of them: between any two lie "
                "others, without end, and how many are listed depends on the search.",
                count=samples,
            )
        )
    if found.slow:
        words = _(
            "At a slow point one time step moves the state by less than 0.01, and yet it is not fixed: "
            "|F(h) − h| has a minimum there that is not 0, or a gate is all but shut."
        )
        more = _("The {most} slowest are shown.", most=MOST_SLOW) if len(found.slow) > MOST_SLOW else ""
        remarks.append(f"{words} {more}".strip())
    return remarks


def _offer_search(system: System) -> None:
    size, (most, count) = system.map.state_size, SEARCH_ON_DEMAND
    if size > most:
        st.markdown(
            _(
                "The state has {size} numbers; the search is offered up to {most}. The plane above is drawn all the "
                "same.",
                size=size,
                most=most,
            )
        )
        return
    words = _("The state has {size} numbers: a search from {count} starts takes a few seconds.", size=size, count=count)
    st.markdown(words)
    st.button(
        _("Search now"),
        on_click=state.note,
        args=(DynamicsView,),
        kwargs={"search": "on"},
        key="search_now",
        icon=":material/search:",
    )


def _table(system: System, points: list[Point], chosen: int) -> str:
    """Write what each point is, and what the network says there."""
    says = _("it remembers") if system.bits else _("it predicts")
    header = [_("point"), _("kind"), r"\|F(h) − h\|", r"max \|λ\|", says]
    lines = ["| " + " | ".join(header) + " |", "|---:|:---|---:|---:|:---|"]
    for i, point in enumerate(points):
        number = f"**{i}**" if i == chosen else str(i)
        kind, radius = _(KINDS[point.kind]).replace(" ", "\u00a0"), np.abs(point.eigenvalues).max()
        lines.append(f"| {number} | {kind} | {point.speed:.1e} | {radius:.3f} | {plain(_output(system, point))} |")
    return "\n".join(lines)


def _output(system: System, point: Point) -> str:
    """Return what the head makes of a state: the signs of a memory, or the most likely character."""
    config: Config = system.map.config
    top = point.state[(config.num_layers - 1) * system.map.state_size // config.num_layers :][: config.hidden_size]
    scores = score(config, system.weights, top)
    if system.bits:
        return ", ".join(f"{value:+.2f}".replace("-", "−") for value in scores)
    odds = np.exp(scores - scores.max())
    return f"«{visible(system.characters[int(scores.argmax())])}» {odds.max() / odds.sum():.0%}"

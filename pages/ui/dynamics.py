"""What the dynamics page is made of: a network under a constant input, its plane, its fixed points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, chart, choice, drag, player, reading, source, state
from pages.ui.engine import Engine
from pages.ui.i18n import _, mark, plain, say
from rnn_core.analysis.dynamics import StateMap, character_input, find_fixed_points, visited_states
from rnn_core.analysis.flipflop import FlipFlop, memories, train_flip_flop
from rnn_core.analysis.plane import Plane, nullclines, pca_plane, unit_plane, vector_field
from rnn_core.analysis.trajectories import fit_pca
from rnn_core.config import Config
from rnn_core.figures.plane import phase_plane
from rnn_core.figures.spectrum import eigenvalue_plane
from rnn_core.forward import score
from rnn_core.records import ConfigError, FixedPoint
from rnn_core.vocab import visible

EXAMPLES = {"two": (2, 16), "one": (1, 2), "three": (3, 24)}  # bits, units
STEPS = 40  # of each trajectory
MAX_STARTS = 8
MOST_LISTED = 10  # rows of the table; beyond that it scrolls
# A search solves S equations some hundred times from each start: how many starts for how many numbers of the state.
SEARCH_AT_ONCE = ((24, 100), (64, 40))
SEARCH_ON_DEMAND = (128, 12)
KINDS = {"stable": mark("● stable"), "saddle": mark("✕ saddle"), "unstable": mark("◇ unstable")}
COUNTS = {
    "stable": mark("● **{count}** stable (attracting)"),
    "saddle": mark("✕ **{count}** saddle (attracting from some sides only)"),
    "unstable": mark("◇ **{count}** unstable (repelling)"),
}


@dataclass(frozen=True)
class System:
    """A network under one constant input.

    Attributes:
        name: which one, and after how many updates: what a cache may call it.
        map: from a state to the next one.
        weights: by parameter name.
        visited: states that it really goes through.
        inputs: what it could read, by label; the symbol that it reads is one of them.
        symbol: the input's place.
        bits: of a memory; 0 for the network of the Training page.
        characters: of a network that reads text.
    """

    name: str
    map: StateMap
    weights: dict[str, np.ndarray]
    visited: np.ndarray
    inputs: tuple[str, ...]
    symbol: int
    bits: int = 0
    characters: tuple[str, ...] = ()


def controls(engine: Engine) -> System | None:
    """Draw the choice of the network and of its input; None with a message if it has no next state."""
    labels = {
        "two": _("memory of 2 bits, 16 units"),
        "one": _("memory of 1 bit, 2 units: exact"),
        "three": _("memory of 3 bits, 24 units"),
        "mine": _("my network of the Training page"),
    }
    above = st.container(horizontal=True)
    with above:
        name = choice.choose("dynamics", "system", _("Network"), labels, is_list=True)
    if st.session_state.get("_system_drawn", name) != name:  # what was chosen belongs to the other network
        for field in ("symbol", "plane", "starts", "point", "search"):
            state.note("dynamics", field, None)
    st.session_state["_system_drawn"] = name
    try:
        if name == "mine":
            player.scrub(engine)
        system = _system(engine, name)
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
        return None
    with above:
        options = {str(i): label for i, label in enumerate(system.inputs)}
        choice.choose("dynamics", "symbol", _("It reads for ever"), options, is_list=True)
        if system.map.state_size > 2:
            choice.choose("dynamics", "plane", _("Plane"), _planes(system), is_list=True)
    system = _system(engine, name)  # with what was chosen just now
    _hear_chart(system)
    return system


def show(engine: Engine, system: System) -> None:
    """Draw the plane, the fixed points beside it and the eigenvalues of one of them below."""
    moving, still = st.columns([11, 9])
    with moving:
        _show_plane(engine, system)
    below = st.container()
    with still:
        _introduce(system)
        _points(system, below)


def _show_plane(engine: Engine, system: System) -> None:
    """Draw the plane; it follows a step that is being dragged."""
    if system.map.state_size < 2:
        st.info(_("A state of one number has no plane: choose hidden_size ≥ 2."))
        return
    if system.bits:
        _draw_plane(system)
    else:
        drag.stage("plane", ("step",), lambda: _draw_plane(_system(engine, "mine")), charts=("phase_plane",))
    with st.container(horizontal=True):
        st.button(
            _("Back to the first starts"), on_click=state.note, args=("dynamics", "starts", None), key="no_starts"
        )
    st.caption(
        _(
            "Colour: how far one step moves the state. Arrows: in which direction, in proportion. Click into the plane "
            "to start a trajectory there (a ring marks its start), click a fixed point to see its eigenvalues."
        )
    )


def _points(system: System, eigenvalues: DeltaGenerator) -> None:
    """List the fixed points, and in another place draw the eigenvalues of the chosen one."""
    found = _fixed_points(system)
    st.subheader(_("Fixed points: F(h) = h"))
    if found is None:
        _offer_search(system)
        return
    if not found:
        st.markdown(_("None was found from these starts. That does not mean that there is none."))
        return
    counts = {kind: sum(point.stability == kind for point in found) for kind in KINDS}
    st.markdown(" · ".join(_(words, count=counts[kind]).replace(" ", "\u00a0", 1) for kind, words in COUNTS.items()))
    chosen = choice.number("dynamics", "point", _("Fixed point"), default=0, most=len(found) - 1)
    with st.container(height=420 if len(found) > MOST_LISTED else "content", border=False):
        st.markdown(_table(system, found, chosen))
    with eigenvalues:
        values = found[chosen].eigenvalues
        st.markdown("**" + _("Eigenvalues of the Jacobian at fixed point {number}", number=chosen) + "**")
        alt = _(
            "Eigenvalues at fixed point {number}; the largest |λ| is {radius:.3f}.",
            number=chosen,
            radius=np.abs(values).max(),
        )
        chart.show(eigenvalue_plane({"λ": values}, translate=_), key="point_eigenvalues", alt=alt)
        st.caption(
            _(
                "Found by minimising |F(h) − h|² from many starts (Sussillo and Barak 2013); points closer than 0.001 "
                "are one. A point is stable if all |λ| < 1: then every small difference dies out."
            )
        )


def code(engine: Engine) -> None:
    """Show the functions that were just used."""
    from rnn_core.export import to_script

    source.show_code(
        lambda: to_script(engine.run.config),
        [StateMap, find_fixed_points, train_flip_flop],
        caption=_("Plain PyTorch: prints the losses and predictions of this run, step by step."),
    )


# ---- the networks


def _system(engine: Engine, name: str) -> System:
    """Return the network of that name under the chosen input.

    Raises:
        ConfigError: if it has no next state.
    """
    if name == "mine":
        return _mine(engine)
    bits, size = EXAMPLES[name]
    with st.spinner(_("Training a memory of {bits} bits …", bits=bits)):
        found: FlipFlop = cache.flip_flop(bits, size)
    inputs = [np.zeros(bits)] + [sign * np.eye(bits)[bit] for bit in range(bits) for sign in (1, -1)]
    labels = [_("nothing: silence")]
    labels += [_("{sign}1 on bit {bit}", sign=sign, bit=bit + 1) for bit in range(bits) for sign in "+−"]
    symbol = state.number_of("dynamics", "symbol", 0, len(inputs) - 1)
    return System(
        name=f"{name} {symbol}",
        map=StateMap(found.config, found.weights, inputs[symbol]),
        weights=found.weights,
        visited=found.states.reshape(-1, found.states.shape[-1]),
        inputs=tuple(labels),
        symbol=symbol,
        bits=bits,
    )


def _mine(engine: Engine) -> System:
    place = reading.place(engine)
    config, weights = place.run.config, place.moment.weights
    characters = place.run.trainer.dataset.characters
    symbol = state.number_of("dynamics", "symbol", 0, len(characters) - 1)
    return System(
        name=f"{cache.key_of(config)} {place.moment.record.step} {symbol}",
        map=StateMap(config, weights, character_input(config, weights, symbol)),
        weights=weights,
        visited=visited_states(config, weights, place.indices),
        inputs=tuple(f"«{visible(character)}»" for character in characters),
        symbol=symbol,
        characters=characters,
    )


def _introduce(system: System) -> None:
    """Say which network it is."""
    if system.bits:
        bits, size = system.bits, system.map.config.hidden_size
        found = cache.flip_flop(bits, size)
        st.markdown(
            _(
                "An nn.RNN with {units} units, trained by this server to remember the last sign sent on each channel "
                "(channels: {bits}): {accuracy:.1%} right on fresh sequences. That is {count} things to remember, so "
                "in silence it needs {count} states that stay where they are. The controls at the side change your "
                "own network, not this one.",
                units=size,
                bits=bits,
                accuracy=found.accuracy,
                count=len(memories(bits)),
            )
        )
        return
    config = system.map.config
    if config.layout == "batch_major" and not config.batch_first and config.batched:
        st.warning(_("With its axes swapped this run never used its memory: what follows is how it would."))


# ---- the plane


def _planes(system: System) -> dict[str, str]:
    """Return the planes to choose from: the components, and neighbours among the first units."""
    size = min(system.map.state_size, 12)
    pairs = {f"{i},{j}": _("units {i} and {j}", i=i, j=j) for i in range(size) for j in range(i + 1, size)}
    chosen = state.view("dynamics").get("plane", "pca")
    if chosen not in pairs and chosen != "pca" and _pair(system, chosen):
        i, j = chosen.split(",")
        pairs[chosen] = _("units {i} and {j}", i=i, j=j)
    return {"pca": _("PCA plane"), **pairs}


def _pair(system: System, word: str) -> tuple[int, int] | None:
    first, _comma, second = word.partition(",")
    if not second:
        return None
    i, j = int(first), int(second)
    return (i, j) if i != j and max(i, j) < system.map.state_size else None


def _plane(system: System) -> tuple[Plane, tuple[str, str], float]:
    """Return the plane, the titles of its axes and the share of the variance in it."""
    pca = fit_pca([system.visited])
    pair = (0, 1) if system.map.state_size == 2 else _pair(system, state.view("dynamics").get("plane", "pca"))
    if pair is None:
        titles = [
            _("component {number}", number=i + 1) + f" ({share:.0%})" for i, share in enumerate(pca.variance_share)
        ]
        return pca_plane(pca), (titles[0], titles[1]), float(pca.variance_share.sum())
    whole = float(system.visited.var(axis=0).sum())
    share = float(system.visited[:, list(pair)].var(axis=0).sum()) / whole if whole else 0.0
    found = unit_plane(system.map, pair, system.visited.mean(axis=0))
    return found, (_("unit {number}", number=pair[0]), _("unit {number}", number=pair[1])), share


def _draw_plane(system: System) -> None:
    found_plane, titles, share = _plane(system)
    found = _fixed_points(system) or []
    places = found_plane.project(np.stack([point.state for point in found])) if found else None
    low, high = _ends(system, found_plane, places)
    starts = _starts() or _first_starts(low, high)
    path = system.map.follow(found_plane.lift(np.array(starts)), STEPS)
    is_exact = found_plane.is_exact
    field = vector_field(system.map, found_plane, low=low, high=high, count=21)
    words = (
        _("The state has two numbers: the plane is all there is, and the curves show where each unit stands still.")
        if is_exact
        else _("The plane holds {share:.0%} of the variance of the states that the network visits.", share=share)
    )
    st.markdown(words)
    figure = phase_plane(
        field,
        found,
        places,
        nullclines=nullclines(system.map, low=low, high=high) if is_exact else (),
        trajectories=found_plane.project(path),
        titles=titles,
        translate=_,
    )
    alt = _(
        "Plane of motion under a constant input: {count} fixed points, {stable} of them stable; {paths} trajectories.",
        stable=sum(point.stability == "stable" for point in found),
        count=len(found),
        paths=len(starts),
    )
    chart.show(figure, key="phase_plane", alt=alt, events="click")


def _ends(system: System, found_plane: Plane, places: np.ndarray | None) -> tuple[list[float], list[float]]:
    """Return the corners of a square that holds what is visited and the fixed points, with a margin."""
    seen = found_plane.project(system.visited)
    seen = seen[np.isfinite(seen).all(axis=1)]
    seen = seen if places is None else np.concatenate([seen, places])
    seen = seen if len(seen) else np.array([[-1.0, -1.0], [1.0, 1.0]])
    middle = (seen.min(axis=0) + seen.max(axis=0)) / 2
    reach = max(0.6 * float(np.ptp(seen, axis=0).max()), 0.1)
    return (middle - reach).tolist(), (middle + reach).tolist()


def _first_starts(low: list[float], high: list[float]) -> list[tuple[float, float]]:
    """Return four starts, not symmetric: from each quarter of the plane one."""
    x, y = ([low[i] + share * (high[i] - low[i]) for share in (0.12, 0.36, 0.64, 0.88)] for i in (0, 1))
    return [(x[1], y[0]), (x[3], y[1]), (x[2], y[3]), (x[0], y[2])]


def _starts() -> list[tuple[float, float]]:
    word = state.view("dynamics").get("starts")
    pairs = [pair.split(":") for pair in word.split(",")] if word else []
    return [(float(x), float(y)) for x, y in pairs]


def _hear_chart(system: System) -> None:
    """Take over a click: on a fixed point it chooses the point, elsewhere it starts a trajectory."""
    with chart.pointed("phase_plane") as point:
        _take_click(system, point)


def _take_click(system: System, point: chart.Point | None) -> None:
    if point is None or point.kind != "click" or not state.is_number(point.x) or not state.is_number(point.y):
        return
    if max(abs(point.x), abs(point.y)) >= 1000:
        return
    found = _fixed_points(system) or []
    if found:
        places = _plane(system)[0].project(np.stack([one.state for one in found]))
        gaps = np.abs(places - [point.x, point.y]).max(axis=1)
        if gaps.min() < 1e-6:
            state.note("dynamics", "point", str(int(gaps.argmin())))
            return
    starts = [*_starts(), (float(point.x), float(point.y))][-MAX_STARTS:]
    state.note("dynamics", "starts", ",".join(f"{x:.3f}:{y:.3f}" for x, y in starts))


# ---- fixed points


def _fixed_points(system: System) -> list[FixedPoint] | None:
    """Return the fixed points; None where the search takes long and nobody asked for it, or a step is being dragged."""
    size, dragged = system.map.state_size, drag.current()
    count = next((count for most, count in SEARCH_AT_ONCE if size <= most), None)
    if count is None and size <= SEARCH_ON_DEMAND[0] and "search" in state.view("dynamics"):
        count = SEARCH_ON_DEMAND[1]
    if count is None or (dragged is not None and size > SEARCH_AT_ONCE[0][0]):
        return None
    found = cache.fixed_points(system.map, system.name, system.visited, count)
    kinds = list(KINDS)  # an order that no rounding error decides: the link names a point by its number
    return sorted(found, key=lambda point: (kinds.index(point.stability), *point.state.round(4)))


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
    words = _("The state has {size} numbers: a search from {count} starts takes some seconds.", size=size, count=count)
    st.markdown(words)
    st.button(
        _("Search now"),
        on_click=state.note,
        args=("dynamics", "search", "on"),
        key="search_now",
        icon=":material/search:",
    )


def _table(system: System, found: list[FixedPoint], chosen: int) -> str:
    """Write what each fixed point is, and what the network says there."""
    header = ["", _("kind"), r"\|F(h) − h\|", r"max \|λ\|", _("it remembers") if system.bits else _("it predicts")]
    lines = ["| " + " | ".join(header) + " |", "|---:|:---|---:|---:|:---|"]
    for i, point in enumerate(found):
        number = f"**{i}**" if i == chosen else str(i)
        kind, radius = _(KINDS[point.stability]).replace(" ", "\u00a0"), np.abs(point.eigenvalues).max()
        lines.append(f"| {number} | {kind} | {point.speed:.1e} | {radius:.3f} | {plain(_output(system, point))} |")
    return "\n".join(lines)


def _output(system: System, point: FixedPoint) -> str:
    """Return what the head makes of a state: the signs of a memory, or the most likely character."""
    config: Config = system.map.config
    top = point.state[(config.num_layers - 1) * system.map.state_size // config.num_layers :][: config.hidden_size]
    scores = score(config, system.weights, top)
    if system.bits:
        return ", ".join(f"{value:+.2f}".replace("-", "−") for value in scores)
    odds = np.exp(scores - scores.max())
    return f"«{visible(system.characters[int(scores.argmax())])}» {odds.max() / odds.sum():.0%}"

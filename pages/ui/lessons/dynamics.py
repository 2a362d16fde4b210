"""What the dynamics page is made of: a network under a constant input, its plane, its fixed points."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import numpy as np
import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components import chart
from pages.ui.components.chart import Picture
from pages.ui.lessons import stillness
from pages.ui.lessons.system import System
from pages.ui.run import player, reading
from pages.ui.run.pictures import FOLLOWED
from pages.ui.session import cache, state
from pages.ui.session.link import Look
from pages.ui.session.views import MAX_STARTS, DynamicsView
from pages.ui.widgets import choice
from pages.ui.words.i18n import Words, _, say
from pages.ui.work.engine import Engine
from rnn_core.analysis.dynamics import StateMap, character_input, find_fixed_points, search, visited_states
from rnn_core.analysis.flipflop import FlipFlop, memories, train_flip_flop
from rnn_core.analysis.plane import Plane, nullclines, pca_plane, unit_plane, vector_field
from rnn_core.analysis.trajectories import fit_pca
from rnn_core.data.vocab import visible
from rnn_core.figures.plane import phase_plane
from rnn_core.sentence import ConfigError, Sentence

EXAMPLES = {"two": (2, 16), "one": (1, 2), "three": (3, 24)}  # bits, units
STEPS = 40  # of each trajectory
NO_PLANE = Sentence("A state of one number has no plane: choose a hidden size of 2 or more.")


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
        name = choice.choose(DynamicsView, "system", _("Network"), labels, is_list=True, begins=True)
    try:
        if name == "mine":
            player.scrub(engine)
        waiting = st.spinner(_("Training the {bits}-bit memory …", bits=EXAMPLES[name][0])) if name != "mine" else None
        with waiting or nullcontext():
            system = system_of(state.look(), engine)
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
        return None
    with above:
        options = dict(enumerate(system.inputs))
        there = {"input": range(len(options))}
        choice.choose(DynamicsView, "symbol", _("Constant input"), options, there, is_list=True)
        if system.map.state_size > 2:
            choice.choose(DynamicsView, "plane", _("Plane"), _planes(system), is_list=True)
    system = system_of(state.look(), engine)  # with what was chosen just now
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
        stillness.show(system, below)


def _show_plane(engine: Engine, system: System) -> None:
    """Draw the plane; of the viewer's own network it follows the step."""
    if system.map.state_size < 2:
        st.info(say(NO_PLANE))
        return
    live.show(plane, engine, plays=state.view(DynamicsView).system == "mine")
    with st.container(horizontal=True):
        label, first = _("Back to the first starts"), {"starts": ()}
        st.button(label, on_click=state.note, args=(DynamicsView,), kwargs=first, key="no_starts")
    st.caption(
        _(
            "Colour: how far one time step moves the state. Arrows: in which direction, in proportion. "
            "Click into the plane to start a trajectory there (a ring marks its start), click a fixed "
            "point to see its eigenvalues."
        )
    )


def code(engine: Engine) -> None:
    """Show the functions that were just used."""
    player.code(engine, [StateMap, search, find_fixed_points, train_flip_flop])


# ---- the networks


def system_of(look: Look, engine: Engine) -> System:
    """Return the network that is looked at, under the input that it reads.

    Raises:
        ConfigError: if it has no next state.
    """
    name, _ = look.view(DynamicsView).system, look.words
    if name == "mine":
        return _mine(look, engine)
    bits, size = EXAMPLES[name]
    found: FlipFlop = cache.flip_flop(bits, size)
    inputs = [np.zeros(bits)] + [sign * np.eye(bits)[bit] for bit in range(bits) for sign in (1, -1)]
    labels = [_("nothing: silence")]
    labels += [_("{sign}1 on bit {bit}", sign=sign, bit=bit + 1) for bit in range(bits) for sign in "+−"]
    symbol = look.view(DynamicsView, {"input": range(len(inputs))}).symbol
    return System(
        name=f"{name} {symbol}",
        map=StateMap(found.config, found.weights, inputs[symbol]),
        weights=found.weights,
        visited=found.states.reshape(-1, found.states.shape[-1]),
        inputs=tuple(labels),
        symbol=symbol,
        bits=bits,
    )


def _mine(look: Look, engine: Engine) -> System:
    place = reading.place_of(look, engine)
    config, weights = place.run.config, place.moment.weights
    characters = place.run.dataset.characters
    symbol = look.view(DynamicsView, {"input": range(len(characters))}).symbol
    return System(
        name=f"{place.name} {symbol}",
        map=StateMap(config, weights, character_input(config, weights, symbol)),
        weights=weights,
        visited=visited_states(config, weights, place.indices),
        inputs=tuple(f"«{visible(character)}»" for character in characters),
        symbol=symbol,
        characters=characters,
        note=place.note,
    )


def _introduce(system: System) -> None:
    """Say which network it is."""
    if system.bits:
        bits, size = system.bits, system.map.config.hidden_size
        found = cache.flip_flop(bits, size)
        st.markdown(
            _(
                "An nn.RNN with {units} units, trained by this server to remember the last sign sent on each channel "
                "(channels: {bits}): {accuracy:.1%} right on new sequences. That is {count} things to remember. The "
                "simplest way to keep them in silence is {count} states that stay where they are. The controls at "
                "the side change your own network, not this one.",
                units=size,
                bits=bits,
                accuracy=found.accuracy,
                count=len(memories(bits)),
            )
        )
        return
    config = system.map.config
    if config.has_swapped_axes:
        st.warning(_("With its axes swapped this run never used its memory: what follows is how it would."))


# ---- the plane


def _planes(system: System) -> dict[tuple[int, ...], str]:
    """Return the planes to choose from: the components, and neighbours among the first units."""
    size = min(system.map.state_size, 12)
    pairs: list[tuple[int, ...]] = [(i, j) for i in range(size) for j in range(i + 1, size)]
    chosen = _pair(system, state.view(DynamicsView).plane)
    if chosen and chosen not in pairs:
        pairs.append(chosen)
    return {(): _("PCA plane")} | {(i, j): _("units {i} and {j}", i=i, j=j) for i, j in pairs}


def _pair(system: System, units: tuple[int, ...]) -> tuple[int, int] | None:
    match units:
        case (i, j) if i != j and max(i, j) < system.map.state_size:
            return i, j
    return None


def _plane(look: Look, system: System) -> tuple[Plane, tuple[str, str], float]:
    """Return the plane, the titles of its axes and the share of the variance in it."""
    _, pca = look.words, fit_pca([system.visited])
    pair = (0, 1) if system.map.state_size == 2 else _pair(system, look.view(DynamicsView).plane)
    if pair is None:
        titles = [
            _("component {number}", number=i + 1) + f" ({share:.0%})" for i, share in enumerate(pca.variance_share)
        ]
        return pca_plane(pca), (titles[0], titles[1]), float(pca.variance_share.sum())
    whole = float(system.visited.var(axis=0).sum())
    share = float(system.visited[:, list(pair)].var(axis=0).sum()) / whole if whole else 0.0
    found = unit_plane(system.map, pair, system.visited.mean(axis=0))
    return found, (_("unit {number}", number=pair[0]), _("unit {number}", number=pair[1])), share


@stage("dynamics.plane", FOLLOWED, of=Engine)
def plane(look: Look, engine: Engine) -> Iterator[Picture]:
    """Where the states of the network move in a plane, and where they stand still."""
    system, _ = system_of(look, engine), look.words
    if system.map.state_size < 2:
        raise ConfigError(NO_PLANE)
    found_plane, titles, share = _plane(look, system)
    found = stillness.of(look, system)
    points = stillness.listed(found) if found else []
    places = found_plane.project(np.stack([point.state for point in points])) if points else None
    low, high = _ends(system, found_plane, places)
    starts = look.view(DynamicsView).starts or _first_starts(low, high)
    path = system.map.follow(found_plane.lift(np.array(starts)), STEPS)
    is_exact = found_plane.is_exact
    field = vector_field(system.map, found_plane, low=low, high=high, count=21)
    figure = phase_plane(
        field,
        points,
        places,
        nullclines=nullclines(system.map, low=low, high=high) if is_exact else (),
        trajectories=found_plane.project(path),
        titles=titles,
        translate=_,
    )
    alt = _(
        "Plane of motion under a constant input. Fixed points: {count}, stable: {stable}; slow points: {slow}; "
        "trajectories: {paths}.",
        stable=sum(point.kind == "stable" for point in points),
        count=len(found.fixed) if found else 0,
        slow=len(found.slow) if found else 0,
        paths=len(starts),
    )
    note = "\n".join(filter(None, (system.note, _share_words(share, _, is_exact=is_exact))))
    yield Picture("phase_plane", figure, alt, note, events="click")


def _share_words(share: float, _: Words, *, is_exact: bool) -> str:
    if is_exact:
        return _(
            "The state has two numbers: the plane is all there is, and the curves show where each unit stands still."
        )
    return _("The plane holds {share:.0%} of the variance of the states that the network visits.", share=share)


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


def _hear_chart(system: System) -> None:
    """Take over a click: on a fixed point it chooses the point, elsewhere it starts a trajectory."""
    with chart.pointed("phase_plane") as point:
        _take_click(system, point)


def _take_click(system: System, point: chart.Point | None) -> None:
    if point is None or point.kind != "click" or not state.is_number(point.x) or not state.is_number(point.y):
        return
    if max(abs(point.x), abs(point.y)) >= 1000:
        return
    look = state.look()
    found = stillness.of(look, system)
    points = stillness.listed(found) if found else []
    if points:
        places = _plane(look, system)[0].project(np.stack([one.state for one in points]))
        gaps = np.abs(places - [point.x, point.y]).max(axis=1)
        if gaps.min() < 1e-6:
            state.note(DynamicsView, point=int(gaps.argmin()))
            return
    begun = (round(float(point.x), 3), round(float(point.y), 3))  # as a link carries it
    state.note(DynamicsView, starts=(*look.view(DynamicsView).starts, begun)[-MAX_STARTS:])

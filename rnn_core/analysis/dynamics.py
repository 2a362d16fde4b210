"""A network that reads the same character for ever: the map h -> F(h), its Jacobian, its fixed and its slow points.

The state is that of every layer, one after the other: h of the first layer (and its c, for an LSTM), then the second's.
Everything is numpy in float64 at the weights as they are, so that a fixed point can be told to nine digits.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Bool, Float, Int

from rnn_core.analysis.balance import balance
from rnn_core.analysis.descent import minimise, newton
from rnn_core.cells.equations import CellWeights, Values, Weights, cell_step, cell_weights
from rnn_core.cells.jacobians import step_jacobian
from rnn_core.cells.sequence import encode, trace_cells
from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.dynamics import FixedPoint, SlowPoint, Stillness
from rnn_core.sentence import ConfigError, Sentence

EPS = float(np.finfo(np.float64).eps)
TOLERANCE = 32 * EPS  # the largest balance of a fixed point, in units of the terms that it is summed from
PROMISING = 1e-6  # the largest balance from which Newton's steps are tried; rounding errors beyond it tell nothing
MERGE = 1e-3  # fixed points closer than this are one; of a larger state, this share of it
MARGIN = 1e-6  # an |eigenvalue| that is nearer to 1 does not tell whether differences grow or shrink
STRIDE = 1e-2  # how far beside a fixed point another one is looked for, to see whether it lies on a curve
SLOW = 1e-2  # the largest |F(h) - h| of a slow point: it takes a hundred steps to move by 1
APART = 0.25  # slow points closer than this are one: they fill whole regions
MAX_ROUNDS = 10  # of starts between points that were found before
SPREAD = 0.3  # how far beside the middle these are, as a share of the way, where all middles were tried before


class StateMap:
    """The map from a state to the next one under a constant input.

    Args:
        config: the network; its directions must be one, for nothing comes back from the future.
        weights: by parameter name, as Trainer.weights gives them.
        x: the constant input, (H_in,), such as `character_input` gives; zeros if not given.

    Raises:
        ConfigError: if the network reads in both directions.
    """

    def __init__(self, config: Config, weights: Weights, x: Float[np.ndarray, " H_in"] | None = None) -> None:
        if config.bidirectional:
            raise ConfigError(
                Sentence(
                    "bidirectional=true has no next state: half of it comes from the end of the text. "
                    "Use bidirectional=false.",
                    field="bidirectional",
                )
            )
        self.config = config
        self._layers = [cell_weights(weights, layer) for layer in range(config.num_layers)]
        self.x = np.zeros(self._layers[0].weight_ih.shape[1]) if x is None else x.astype(np.float64)
        self._width = config.hidden_size * (2 if config.cell == "lstm" else 1)  # numbers of one layer's state

    @property
    def state_size(self) -> int:
        """S: how many numbers the state has."""
        return self._width * self.config.num_layers

    @property
    def is_paced(self) -> bool:
        """Whether gates or other layers make balance differ from motion."""
        return self.config.cell != "rnn" or self.config.num_layers > 1

    @property
    def is_bounded(self) -> Bool[np.ndarray, " S"]:
        """Which numbers of a state stay within -1 and 1: every h but a relu's; c has no bound."""
        return (np.arange(self.state_size) % self._width < self.config.hidden_size) & (not self.is_relu)

    @property
    def is_relu(self) -> bool:
        """Whether states have no bound, and F has bends."""
        return self.config.cell == "rnn" and self.config.nonlinearity == "relu"

    def __call__(self, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, "B S"]:
        """Return the next state of each state."""
        return np.concatenate([_state(values) for _, values in self._advance(states)], axis=1)

    def jacobian(self, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, "B S S"]:
        """Return dF/dh at each state. A layer answers to its own state and, through its input, to all layers below."""
        return self._jacobian(self._advance(states))

    def motion(self, states: Float[np.ndarray, "B S"]) -> tuple[Float[np.ndarray, "B S"], Float[np.ndarray, "B S S"]]:
        """Return F(h) - h and its derivative: how far and how one step moves each state."""
        steps = self._advance(states)
        after = np.concatenate([_state(values) for _, values in steps], axis=1)
        return after - states, self._jacobian(steps) - np.eye(self.state_size)

    def balance(self, states: Float[np.ndarray, "B S"]) -> tuple[Float[np.ndarray, "B S"], Float[np.ndarray, "B S S"]]:
        """Return what is zero exactly where F(h) = h, and its derivative: F(h) - h without the pace of the gates.

        Each layer reads the state of the one below as it stands, which is its next one where it is fixed.
        """
        hidden, width = self.config.hidden_size, self._width
        residual = np.zeros((len(states), self.state_size))
        slope = np.zeros((len(states), self.state_size, self.state_size))
        for layer, (w, values) in enumerate(self._advance(states, is_still=True)):
            rows, below = slice(layer * width, (layer + 1) * width), (layer - 1) * width
            residual[:, rows], slope[:, rows, rows], to_input = balance(self.config, w, values)
            if layer:
                slope[:, rows, below : below + hidden] = to_input
        return residual, slope

    def terms(self, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, " B"]:
        """Return 1 + the largest sum |x W_ih| + |b_ih| + |h W_hh| + |b_hh| of a gate: eps of it is rounding error."""
        sums = [
            np.abs(v["x_t"]) @ np.abs(w.weight_ih.T)
            + np.abs(v["h_prev"]) @ np.abs(w.weight_hh.T)
            + np.abs(w.bias_ih)
            + np.abs(w.bias_hh)
            for w, v in self._advance(states, is_still=True)
        ]
        largest: np.ndarray = 1 + np.concatenate(sums, axis=1).max(axis=1)
        return largest

    def follow(self, states: Float[np.ndarray, "B S"], steps: int) -> Float[np.ndarray, "T B S"]:
        """Return the trajectories from some states: the states themselves, then `steps` further ones."""
        path = [states.astype(np.float64)]
        for _ in range(steps):
            path.append(self(path[-1]))
        return np.stack(path)

    def bound(self, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, "B S"]:
        """Move what has bounds to within -1 and 1."""
        return np.where(self.is_bounded, np.clip(states, -1, 1), states)

    def _advance(self, states: np.ndarray, *, is_still: bool = False) -> list[tuple[CellWeights, Values]]:
        """Advance every layer by one step, each reading the new h of the one below, or its old one if all is still."""
        hidden, width = self.config.hidden_size, self._width
        x_t, steps = np.broadcast_to(self.x, (len(states), len(self.x))), []
        for layer, w in enumerate(self._layers):
            h_prev = states[:, layer * width : layer * width + hidden]
            c_prev = states[:, layer * width + hidden : (layer + 1) * width] if self.config.cell == "lstm" else None
            values = cell_step(self.config, w, x_t, h_prev, c_prev)
            steps.append((w, values))
            x_t = h_prev if is_still else values["h_t"]
        return steps

    def _jacobian(self, steps: list[tuple[CellWeights, Values]]) -> np.ndarray:
        hidden, width = self.config.hidden_size, self._width
        whole = np.zeros((len(steps[0][1]["h_t"]), self.state_size, self.state_size))
        for layer, (w, values) in enumerate(steps):
            step = step_jacobian(self.config, w, values)
            rows, below = slice(layer * width, (layer + 1) * width), slice(0, layer * width)
            whole[:, rows, rows] = step.whole
            if layer:
                to_input = step.h_x if step.c_x is None else np.concatenate([step.h_x, step.c_x], axis=1)
                lower_h = slice((layer - 1) * width, (layer - 1) * width + hidden)
                whole[:, rows, below] = to_input @ whole[:, lower_h, below]
        return whole


def character_input(config: Config, weights: Weights, index: int) -> Float[np.ndarray, " H_in"]:
    """Return what the network reads for one character of its vocabulary, by its index."""
    row: np.ndarray = encode(config, weights, np.array([index]))[0]
    return row


def visited_states(config: Config, weights: Weights, window: Int[np.ndarray, " L"]) -> Float[np.ndarray, "L S"]:
    """Return the state after each character of a window, as a StateMap orders it: where the network really goes."""
    alone = config.model_copy(update={"batched": False})
    lines = trace_cells(alone, weights, encode(config, weights, window)).steps
    return np.concatenate([[_state(step.values) for step in line] for line in lines], axis=-1)


def sample_starts(
    state_map: StateMap,
    states: Float[np.ndarray, "T S"] | None = None,
    *,
    count: int = 200,
    noise: float = 0.1,
    seed: int = 0,
) -> Float[np.ndarray, "B S"]:
    """Draw where to look for fixed points: half near states that were visited, half anywhere within -1 and 1.

    The states of a relu and c of an LSTM have no bound: theirs go up to 100, small sizes and large ones alike.

    Args:
        state_map: says how many numbers a state has.
        states: states that the network visits; if none are given all starts are drawn from anywhere.
        count: how many starts.
        noise: standard deviation of what is added to a visited state.
        seed: of the generator, which is the function's own.
    """
    rng = np.random.default_rng(seed)
    anywhere = rng.uniform(-1, 1, (count, state_map.state_size))
    anywhere *= np.where(state_map.is_bounded, 1, 10 ** rng.uniform(0, 2, (count, 1)))
    if states is None or not len(states):
        return anywhere
    near = states[rng.integers(len(states), size=count)] + rng.normal(0, noise, anywhere.shape)
    return np.concatenate([near[: count // 2], anywhere[count // 2 :]])


def find_fixed_points(state_map: StateMap, starts: Float[np.ndarray, "B S"]) -> list[FixedPoint]:
    """Find states with F(h) = h from many starts, slowest-moving first.

    Each start minimises the squared balance, which is F(h) - h without the pace of the gates; Newton's steps follow to
    the end. What is then fixed has a balance of rounding errors alone: at most 32 eps times the terms that it is summed
    from. All else is left out, however little it moves; what ends within 1e-3 of another one is the same.

    Between two points that attract lies one that does not, and few starts end there. So further starts are about half
    way between points that were found, at most as many as `starts`, until three times in a row these bring nothing new.
    """
    return _complete(state_map, minimise(state_map.balance, starts, state_map.bound))


def search(state_map: StateMap, starts: Float[np.ndarray, "B S"]) -> Stillness:
    """Find the fixed points, and beside them the slow points: states that hardly move although they are not fixed.

    After Sussillo and Barak 2013 (Neural Computation 25(3), 626-649), who minimise q = |F(h) - h|^2 / 2: where it ends
    above zero, q has a minimum of its own, or gates are shut so tightly that it can fall no further. Such an end counts
    as slow if one step moves it by less than 0.01, slowest first, and no two within 0.25 of each other.
    """
    if state_map.is_paced:
        fixed = find_fixed_points(state_map, starts)
        ends = minimise(state_map.motion, starts[::2], state_map.bound)  # half: gates that are shut take long
    else:
        ends = minimise(state_map.motion, starts, state_map.bound)
        fixed = _complete(state_map, ends)
    with np.errstate(over="ignore", invalid="ignore"):
        speeds = np.linalg.norm(state_map(ends) - ends, axis=1)
    speeds = np.where(np.isfinite(speeds), speeds, np.inf)
    order = np.argsort(speeds, kind="stable")
    ends = ends[order[speeds[order] < SLOW]]
    known = np.reshape([point.state for point in fixed], (-1, state_map.state_size))
    apart = _distinct(np.concatenate([known, ends]), APART, kept=len(known))[len(known) :]
    slow = [SlowPoint(frozen(state), speed, spectrum) for state, speed, spectrum in _measure(state_map, apart)]
    return Stillness(tuple(fixed), tuple(slow), len(starts), float(speeds.min(initial=np.inf)))


def stability(eigenvalues: np.ndarray) -> str:
    """Name what a fixed point does to its neighbourhood, by the eigenvalues of the Jacobian there.

    `stable` if all are inside the unit circle, `unstable` if some are outside and none is inside, `saddle` if there are
    both; `marginal` if none is outside and some are on it, to within 1e-6: then they do not tell.
    """
    sizes = np.abs(eigenvalues)
    is_inside, is_outside = sizes < 1 - MARGIN, sizes > 1 + MARGIN
    if is_outside.any():
        return "saddle" if is_inside.any() else "unstable"
    return "stable" if is_inside.all() else "marginal"


def _state(values: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([values["h_t"], values["c_t"]], axis=-1) if "c_t" in values else values["h_t"]


def _complete(state_map: StateMap, ends: np.ndarray) -> list[FixedPoint]:
    """Return the fixed points at the ends of a search, and those between them."""
    found = _zeros(state_map, ends)
    rng, in_vain = np.random.default_rng(0), 0
    for round_ in range(MAX_ROUNDS):
        known = len(found)
        if in_vain == 3 or not 1 < known < len(ends):  # a point for every start: they lie on a curve without end
            break
        between = _between(found, len(ends), rng, SPREAD if round_ and known**2 < 2 * len(ends) else 0.0)
        further = minimise(state_map.balance, between, state_map.bound)
        found = _zeros(state_map, np.concatenate([found, further]))
        in_vain = 0 if len(found) > known else in_vain + 1
    return sorted(_describe(state_map, found), key=lambda point: point.speed)


def _describe(state_map: StateMap, states: np.ndarray) -> list[FixedPoint]:
    """Return what there is to know of fixed points."""
    isolated, bent = _is_isolated(state_map, states), _is_bent(state_map, states)
    return [
        FixedPoint(frozen(state), speed, spectrum, "marginal" if bent[i] else stability(spectrum), bool(isolated[i]))
        for i, (state, speed, spectrum) in enumerate(_measure(state_map, states))
    ]


def _zeros(state_map: StateMap, ends: np.ndarray) -> np.ndarray:
    """Return the fixed points among some states and close to them, each once."""
    with np.errstate(over="ignore", invalid="ignore"):
        left = np.abs(state_map.balance(ends)[0]).max(axis=1) / np.maximum(1, np.abs(ends).max(axis=1))
    order = np.argsort(left, kind="stable")
    states = _distinct(ends[order[left[order] < PROMISING]], MERGE)
    is_rough = ~_is_fixed(state_map, states)
    states[is_rough] = newton(state_map.balance, states[is_rough])
    return _distinct(states[_is_fixed(state_map, states)], MERGE)


def _is_fixed(state_map: StateMap, states: np.ndarray) -> Bool[np.ndarray, " B"]:
    """Tell whether the balance of states is rounding errors alone, and these are small enough to tell."""
    rounding = TOLERANCE * state_map.terms(states)
    sizes = np.maximum(1, np.abs(states).max(axis=1))
    fixed: np.ndarray = (np.abs(state_map.balance(states)[0]).max(axis=1) <= rounding) & (rounding < PROMISING * sizes)
    return fixed


def _is_isolated(state_map: StateMap, states: np.ndarray) -> Bool[np.ndarray, " B"]:
    """Tell whether fixed points stand alone: a step along the flattest direction leads to no other one."""
    _, sizes, directions = np.linalg.svd(state_map.balance(states)[1])
    isolated = np.ones(len(states), dtype=bool)
    (flat,) = np.nonzero(sizes[:, -1] < MARGIN)
    for stride in (STRIDE, -STRIDE):
        beside = newton(state_map.balance, states[flat] + stride * directions[flat, -1])
        is_other = np.linalg.norm(beside - states[flat], axis=1) > STRIDE / 2
        isolated[flat] &= ~(is_other & _is_fixed(state_map, beside))
    return isolated


def _is_bent(state_map: StateMap, states: np.ndarray) -> Bool[np.ndarray, " B"]:
    """Tell whether a relu is at its bend, where the Jacobian is that of one side alone."""
    if not state_map.is_relu:
        return np.zeros(len(states), dtype=bool)
    sums = np.concatenate([v["a_t"] for _, v in state_map._advance(states)], axis=1)
    bent: np.ndarray = np.abs(sums).min(axis=1) <= TOLERANCE * state_map.terms(states)
    return bent


def _distinct(states: np.ndarray, merge: float, *, kept: int = 0) -> np.ndarray:
    """Return those states that are at least so far from all earlier ones; the first `kept` in any case."""
    chosen: list[int] = []
    for i, state in enumerate(states):
        gaps = np.linalg.norm(states[chosen] - state, axis=1)
        if i < kept or not (gaps < merge * max(1.0, float(np.abs(state).max()))).any():
            chosen.append(i)
    return states[chosen]


def _measure(state_map: StateMap, states: np.ndarray) -> list[tuple[np.ndarray, float, np.ndarray]]:
    """Return with each state its speed |F(h) - h| and the eigenvalues of dF/dh."""
    motion, slope = state_map.motion(states)
    spectra = np.linalg.eigvals(slope + np.eye(state_map.state_size)).astype(complex)
    return list(zip(states, np.linalg.norm(motion, axis=1).tolist(), map(frozen, spectra), strict=True))


def _between(points: np.ndarray, most: int, rng: np.random.Generator, spread: float) -> np.ndarray:
    """Return states between pairs of points, at most so many: half way, give or take `spread` of the way."""
    first, second = np.triu_indices(len(points), 1)
    if len(first) > most:
        chosen = rng.choice(len(first), most, replace=False)
        first, second = first[chosen], second[chosen]
    share = 0.5 + rng.uniform(-spread, spread, (len(first), 1))
    states: np.ndarray = points[first] + share * (points[second] - points[first])
    return states

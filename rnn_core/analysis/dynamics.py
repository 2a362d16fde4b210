"""A network that reads the same character for ever: the map h -> F(h), its Jacobian and its fixed points.

The state is that of every layer, one after the other: h of the first layer (and its c, for an LSTM), then the second's.
Everything is numpy in float64 at the weights as they are, so that a fixed point can be told to nine digits.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Int

from rnn_core.analysis.jacobians import step_jacobian
from rnn_core.cells import CellWeights, Values, Weights, cell_step, cell_weights
from rnn_core.config import Config
from rnn_core.forward import encode, trace_cells
from rnn_core.records import ConfigError, FixedPoint, Sentence, frozen

TOLERANCE = 1e-5  # the largest |h - F(h)| of what is called a fixed point; nearly all end below 1e-9
MERGE = 1e-3  # fixed points closer than this are one
MAX_ITERATIONS = 300
PATIENCE = 50  # iterations after which a start must have come nearer by a tenth, or it creeps towards no fixed point
MAX_ROUNDS = 10  # of starts half way between points that were found before
CHUNK = 2_000_000  # floats of Jacobians held at a time: 16 MB


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

    def __call__(self, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, "B S"]:
        """Return the next state of each state."""
        return np.concatenate([_state(values) for _, values in self._advance(states)], axis=1)

    def jacobian(self, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, "B S S"]:
        """Return dF/dh at each state. A layer answers to its own state and, through its input, to all layers below."""
        hidden, width = self.config.hidden_size, self._width
        whole = np.zeros((len(states), self.state_size, self.state_size))
        for layer, (w, values) in enumerate(self._advance(states)):
            step = step_jacobian(self.config, w, values)
            rows, below = slice(layer * width, (layer + 1) * width), slice(0, layer * width)
            whole[:, rows, rows] = step.whole
            if layer:
                to_input = step.h_x if step.c_x is None else np.concatenate([step.h_x, step.c_x], axis=1)
                lower_h = slice((layer - 1) * width, (layer - 1) * width + hidden)
                whole[:, rows, below] = to_input @ whole[:, lower_h, below]
        return whole

    def follow(self, states: Float[np.ndarray, "B S"], steps: int) -> Float[np.ndarray, "T B S"]:
        """Return the trajectories from some states: the states themselves, then `steps` further ones."""
        path = [states.astype(np.float64)]
        for _ in range(steps):
            path.append(self(path[-1]))
        return np.stack(path)

    def bound(self, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, "B S"]:
        """Move every h to within -1 and 1, where all but a relu's are; c has no bound.

        A GRU is why: far outside, z is 1 to within rounding error and every state seems to stand still.
        """
        if self.config.cell == "rnn" and self.config.nonlinearity == "relu":
            return states
        is_h = np.arange(self.state_size) % self._width < self.config.hidden_size
        return np.where(is_h, np.clip(states, -1, 1), states)

    def _advance(self, states: np.ndarray) -> list[tuple[CellWeights, Values]]:
        """Advance every layer by one step, each reading the new h of the one below."""
        hidden, width = self.config.hidden_size, self._width
        x_t, steps = np.broadcast_to(self.x, (len(states), len(self.x))), []
        for layer, w in enumerate(self._layers):
            h_prev = states[:, layer * width : layer * width + hidden]
            c_prev = states[:, layer * width + hidden : (layer + 1) * width] if self.config.cell == "lstm" else None
            values = cell_step(self.config, w, x_t, h_prev, c_prev)
            steps.append((w, values))
            x_t = values["h_t"]
        return steps


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

    Args:
        state_map: says how many numbers a state has.
        states: states that the network visits; if none are given all starts are drawn from anywhere.
        count: how many starts.
        noise: standard deviation of what is added to a visited state.
        seed: of the generator, which is the function's own.
    """
    rng = np.random.default_rng(seed)
    anywhere = rng.uniform(-1, 1, (count, state_map.state_size))
    if states is None or not len(states):
        return anywhere
    near = states[rng.integers(len(states), size=count)] + rng.normal(0, noise, anywhere.shape)
    return np.concatenate([near[: count // 2], anywhere[count // 2 :]])


def find_fixed_points(
    state_map: StateMap, starts: Float[np.ndarray, "B S"], *, tolerance: float = TOLERANCE
) -> list[FixedPoint]:
    """Find states with F(h) = h by minimising q = |h - F(h)|^2 / 2 from many starts, slowest-moving first.

    After Sussillo and Barak 2013 (Neural Computation 25(3), 626-649). The minimiser is Levenberg and Marquardt's: a
    gradient step far away, a Newton step close by, q never rises. What ends above the tolerance is a local minimum of
    q, not a fixed point, and is left out; what ends within 1e-3 of another one is the same.

    Between two points that attract lies one that does not, and few starts end there. So further starts are half way
    between points that were found, as many at a time as `starts`, until twice in a row these bring nothing new.
    """
    found, speeds = _standing_still(state_map, _minimise_all(state_map, starts), tolerance)
    rng, in_vain = np.random.default_rng(0), 0
    for _ in range(MAX_ROUNDS):
        known = len(found)
        if in_vain == 2 or not 1 < known < len(starts):  # a point for every start: they lie on a curve without end
            break
        halfway = _minimise_all(state_map, _halfway(found, len(starts), rng))
        found, speeds = _standing_still(state_map, np.concatenate([found, halfway]), tolerance)
        in_vain = 0 if len(found) > known else in_vain + 1
    spectra = [np.linalg.eigvals(state_map.jacobian(state[None])[0]).astype(complex) for state in found]
    return [
        FixedPoint(frozen(state), float(speed), frozen(spectrum), stability(spectrum))
        for state, speed, spectrum in zip(found, speeds, spectra, strict=True)
    ]


def stability(eigenvalues: np.ndarray) -> str:
    """Name what a fixed point does to its neighbourhood, by the eigenvalues of the Jacobian there.

    `stable` if all are inside the unit circle, `unstable` if none is, otherwise `saddle`.
    """
    is_inside = np.abs(eigenvalues) < 1
    return "stable" if is_inside.all() else "saddle" if is_inside.any() else "unstable"


def _state(values: Mapping[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([values["h_t"], values["c_t"]], axis=-1) if "c_t" in values else values["h_t"]


def _minimise_all(state_map: StateMap, starts: np.ndarray) -> np.ndarray:
    """Minimise from each start, as many at a time as memory allows."""
    size = max(1, CHUNK // state_map.state_size**2)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is given up
        return np.concatenate([_minimise(state_map, starts[i : i + size]) for i in range(0, len(starts), size)])


def _standing_still(state_map: StateMap, ends: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """Return those of some states that do not move, slowest first, each once, and how far they do move."""
    with np.errstate(over="ignore", invalid="ignore"):
        speeds = np.linalg.norm(state_map(ends) - ends, axis=1)
    found: list[int] = []
    for i in np.argsort(speeds, kind="stable").tolist():
        if not speeds[i] < tolerance:
            break
        if not found or np.linalg.norm(ends[found] - ends[i], axis=1).min() >= MERGE:
            found.append(i)
    return ends[found], speeds[found]


def _halfway(points: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return the middles between pairs of points, at most so many of them."""
    first, second = np.triu_indices(len(points), 1)
    if len(first) > most:
        chosen = rng.choice(len(first), most, replace=False)
        first, second = first[chosen], second[chosen]
    middles: np.ndarray = (points[first] + points[second]) / 2
    return middles


def _minimise(state_map: StateMap, states: np.ndarray) -> np.ndarray:
    """Minimise |F(h) - h|^2 / 2 from each state; a start that leaves the numbers is given up where it was."""
    states, damping = state_map.bound(states.astype(np.float64)), np.full(len(states), 1e-2)
    residual = state_map(states) - states
    active, goal = np.arange(len(states)), np.full(len(states), np.inf)  # those still on their way
    for iteration in range(MAX_ITERATIONS):
        left = np.linalg.norm(residual[active], axis=1)
        goes_on = np.isfinite(left) & (left > 1e-12) & (damping[active] < 1e8)
        if iteration % PATIENCE == 0:
            goes_on &= left < goal[active]
            goal[active] = 0.9 * left
        active = active[goes_on]
        if not len(active):
            break
        step = _damped_step(state_map, states[active], residual[active], damping[active])
        moved = state_map.bound(states[active] + step)
        ahead = state_map(moved) - moved
        is_better = (ahead**2).sum(axis=1) < (residual[active] ** 2).sum(axis=1)
        better = active[is_better]
        states[better], residual[better] = moved[is_better], ahead[is_better]
        damping[active] = np.maximum(damping[active] * np.where(is_better, 0.2, 4.0), 1e-10)  # never quite singular
    return states


def _damped_step(state_map: StateMap, states: np.ndarray, residual: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Solve (A^T A + damping * mean(diag A^T A) * I) step = -A^T residual, with A = dF/dh - I."""
    unit = np.eye(state_map.state_size)
    slope = state_map.jacobian(states) - unit
    transposed = slope.transpose(0, 2, 1)
    normal = transposed @ slope
    scale = np.trace(normal, axis1=1, axis2=2) / len(unit) + 1e-100  # A is zero where F is the identity
    step: np.ndarray = np.linalg.solve(
        normal + (damping * scale)[:, None, None] * unit, -transposed @ residual[..., None]
    )
    return step[..., 0]

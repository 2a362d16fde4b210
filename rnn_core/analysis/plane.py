"""The plane in which a network moves: arrows of its motion, and the curves on which a unit stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from rnn_core.analysis.dynamics import StateMap
from rnn_core.analysis.trajectories import PCA
from rnn_core.records.arrays import frozen
from rnn_core.records.dynamics import VectorField
from rnn_core.sentence import ConfigError, Sentence


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A plane through the space of states.

    Attributes:
        origin: the state at (0, 0).
        axes: two orthonormal directions.
        is_exact: whether the plane is the whole space, so that no motion leaves it.
    """

    origin: Float[np.ndarray, " S"]
    axes: Float[np.ndarray, "2 S"]
    is_exact: bool

    def lift(self, points: Float[np.ndarray, "*batch 2"]) -> Float[np.ndarray, "*batch S"]:
        """Return the states at points of the plane."""
        states: np.ndarray = self.origin + points @ self.axes
        return states

    def project(self, states: Float[np.ndarray, "*batch S"]) -> Float[np.ndarray, "*batch 2"]:
        """Return the points of the plane nearest to some states."""
        points: np.ndarray = (states - self.origin) @ self.axes.T
        return points


def unit_plane(
    state_map: StateMap, units: tuple[int, int] = (0, 1), origin: Float[np.ndarray, " S"] | None = None
) -> Plane:
    """Return the plane of two numbers of the state; the others stay as they are in `origin` (zero if not given)."""
    size = state_map.state_size
    start = np.zeros(size) if origin is None else origin.astype(np.float64)
    start[list(units)] = 0.0
    return Plane(frozen(start), frozen(np.eye(size)[list(units)]), is_exact=size == 2)


def pca_plane(pca: PCA) -> Plane:
    """Return the plane of the first two principal components of some states; exact where the state has two numbers."""
    return Plane(pca.mean, pca.components[:2], is_exact=len(pca.mean) == 2)


@np.errstate(over="ignore", invalid="ignore")  # an explosion is shown as it is
def vector_field(
    state_map: StateMap, plane: Plane, *, low: Sequence[float], high: Sequence[float], count: int = 20
) -> VectorField:
    """Measure F(h) - h on a grid of `count` by `count` points of a plane, between two corners.

    In a plane that is not the whole space the arrows are projections; `off_plane` says how much of them is lost.
    """
    x, y = (np.linspace(low[i], high[i], count) for i in (0, 1))
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)  # row by row: y outside, x inside
    states = plane.lift(points)
    motion = state_map(states) - states
    arrows = motion @ plane.axes.T
    speed = np.linalg.norm(motion, axis=1)
    lost = np.sqrt(np.maximum(speed**2 - (arrows**2).sum(axis=1), 0))
    return VectorField(
        x=frozen(x),
        y=frozen(y),
        dx=frozen(arrows[:, 0].reshape(count, count)),
        dy=frozen(arrows[:, 1].reshape(count, count)),
        speed=frozen(speed.reshape(count, count)),
        off_plane=frozen(lost.reshape(count, count)),
        is_exact=plane.is_exact,
    )


@np.errstate(over="ignore", invalid="ignore")  # an explosion is shown as it is
def nullclines(
    state_map: StateMap, *, low: Sequence[float], high: Sequence[float], count: int = 60
) -> tuple[Float[np.ndarray, "M1 2 2"], Float[np.ndarray, "M2 2 2"]]:
    """Return where each of two units stands still, F(h)_i = h_i, as short segments (from, to), (h_1, h_2) each.

    Every square of a grid is cut into two triangles; a curve crosses a triangle from one side to another. Where it
    crosses is found by bisection along the side, to rounding error. Loops smaller than a square are missed.

    Raises:
        ConfigError: if the state is not of exactly two numbers: only then are there curves to draw.
    """
    if state_map.state_size != 2:
        raise ConfigError(
            Sentence(
                "hidden_size={value} has no nullclines in a plane: they need a state of two numbers, so hidden_size=2, "
                "num_layers=1 and cell=rnn or gru.",
                field="hidden_size",
                value=state_map.config.hidden_size,
            )
        )
    x, y = (np.linspace(low[i], high[i], count) for i in (0, 1))
    grid = np.stack(np.meshgrid(x, y), axis=-1)  # (count, count, 2)
    corners = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    a, b, c, d = (corner.reshape(-1, 2) for corner in corners)
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])  # (M, 3, 2)
    first, second = (_zero_segments(state_map, triangles, unit) for unit in (0, 1))
    return first, second


def _zero_segments(state_map: StateMap, triangles: np.ndarray, unit: int) -> np.ndarray:
    """Return the segments in which F(h)_unit - h_unit = 0 crosses triangles (M, 3, 2)."""
    is_above = _drift(state_map, triangles.reshape(-1, 2), unit).reshape(-1, 3) > 0
    crossed = is_above.any(axis=1) & ~is_above.all(axis=1)
    corners, is_above = triangles[crossed], is_above[crossed]
    odd = np.where(is_above.sum(axis=1) == 1, is_above.argmax(axis=1), is_above.argmin(axis=1))  # on a side of its own
    rows = np.arange(len(odd))
    ends = []
    for other in (1, 2):
        inside, outside = corners[rows, odd], corners[rows, (odd + other) % 3]
        sign = _drift(state_map, inside, unit) > 0
        for _ in range(50):
            middle = (inside + outside) / 2
            same = (_drift(state_map, middle, unit) > 0) == sign
            inside = np.where(same[:, None], middle, inside)
            outside = np.where(same[:, None], outside, middle)
        ends.append((inside + outside) / 2)
    return frozen(np.stack(ends, axis=1))


def _drift(state_map: StateMap, states: np.ndarray, unit: int) -> np.ndarray:
    drift: np.ndarray = state_map.balance(states)[0][:, unit]  # a shut gate rounds F(h) - h to 0 anywhere
    return drift

"""Find zeros and minima of many equations from many starts at a time; numpy alone.

What is to become zero is a function of states (B, S) that returns its residual (B, S) and its slope (B, S, S).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

Equations = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
Bound = Callable[[np.ndarray], np.ndarray]

MAX_ITERATIONS = 300
PATIENCE = 50  # iterations after which a start must have come nearer by a tenth, or it creeps towards no zero
CHUNK = 2_000_000  # floats of slopes held at a time: 16 MB
MAX_NEWTON = 40
RANK = 1e-8  # smaller singular values than this share of the largest are zero


def minimise(equations: Equations, starts: Float[np.ndarray, "B S"], bound: Bound) -> Float[np.ndarray, "B S"]:
    """Minimise |residual|^2 from each start by Levenberg's and Marquardt's method, as many at a time as memory allows.

    A gradient step far away, a Newton step close by; it never rises. A start that leaves the numbers is given up where
    it was.

    Args:
        equations: the residual and its slope.
        starts: where to begin.
        bound: moves states to where they may be.
    """
    size = max(1, CHUNK // starts.shape[1] ** 2)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is given up
        return np.concatenate([_minimise(equations, starts[i : i + size], bound) for i in range(0, len(starts), size)])


def newton(equations: Equations, states: Float[np.ndarray, "B S"]) -> Float[np.ndarray, "B S"]:
    """Follow Newton's steps from states close to zeros for as long as the residual falls.

    Where the slope is singular the shortest step is taken, so that states beside a curve of zeros move straight to it.
    """
    states = states.copy()
    active = np.arange(len(states))
    with np.errstate(over="ignore", invalid="ignore"):
        residual, slope = equations(states)
        for _ in range(MAX_NEWTON):
            active = active[np.isfinite(slope[active]).all(axis=(1, 2)) & (residual[active] != 0).any(axis=1)]
            if not len(active):
                break
            sizes = np.maximum(1, np.abs(states[active]))  # in these units a c of millions is no flat direction
            step = np.linalg.pinv(slope[active] * sizes[:, None, :], rcond=RANK) @ residual[active][..., None]
            moved = states[active] - sizes * step[..., 0]
            ahead, steeper = equations(moved)
            is_better = np.abs(ahead).max(axis=1) < np.abs(residual[active]).max(axis=1)
            active = active[is_better]
            states[active], residual[active], slope[active] = moved[is_better], ahead[is_better], steeper[is_better]
    return states


def _minimise(equations: Equations, starts: np.ndarray, bound: Bound) -> np.ndarray:
    states, damping = bound(starts.astype(np.float64)), np.full(len(starts), 1e-2)
    residual, slope = equations(states)
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
        moved = bound(states[active] + _damped_step(residual[active], slope[active], damping[active]))
        ahead, steeper = equations(moved)
        is_better = (ahead**2).sum(axis=1) < (residual[active] ** 2).sum(axis=1)
        better = active[is_better]
        states[better], residual[better], slope[better] = moved[is_better], ahead[is_better], steeper[is_better]
        damping[active] = np.maximum(damping[active] * np.where(is_better, 0.2, 4.0), 1e-10)  # never quite singular
    return states


def _damped_step(residual: np.ndarray, slope: np.ndarray, damping: np.ndarray) -> np.ndarray:
    """Solve (A^T A + damping * D) step = -A^T residual, with A the slope.

    D is the mean of diag A^T A; less for what is answered to less, such as a c of thousands.
    """
    transposed = slope.transpose(0, 2, 1)
    normal = transposed @ slope
    squares = np.einsum("bii->bi", normal)
    mean = squares.mean(axis=1, keepdims=True)
    scale = np.minimum(squares, mean) + 1e-6 * mean + 1e-100  # A is zero where F is the identity
    damped = normal + (damping[:, None] * scale)[:, :, None] * np.eye(slope.shape[1])
    step: np.ndarray = np.linalg.solve(damped, -transposed @ residual[..., None])
    return step[..., 0]

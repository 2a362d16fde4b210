"""A network as a dynamical system: where its state goes, and where it stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float


@dataclass(frozen=True, slots=True, eq=False)
class VectorField:
    """Which way states move on a grid of a plane; entry (row, column) belongs to (y[row], x[column]).

    Attributes:
        x, y: the grid's coordinates.
        dx, dy: one step's motion along the plane.
        speed: length of the whole motion.
        off_plane: length of the part of it that leaves the plane.
        is_exact: whether the plane is the whole space of states, so that nothing leaves it.
    """

    x: Float[np.ndarray, " X"]
    y: Float[np.ndarray, " Y"]
    dx: Float[np.ndarray, "Y X"]
    dy: Float[np.ndarray, "Y X"]
    speed: Float[np.ndarray, "Y X"]
    off_plane: Float[np.ndarray, "Y X"]
    is_exact: bool


@dataclass(frozen=True, slots=True, eq=False)
class FixedPoint:
    """A state that stays where it is under a constant input.

    Attributes:
        state: h, or (h, c) for an LSTM, layer by layer.
        speed: |F(h) - h|: rounding errors, and so not exactly zero.
        eigenvalues: of the Jacobian dF/dh there, complex in general.
        stability: `stable`, `saddle`, `unstable`, or `marginal` where the eigenvalues do not tell: one is 1 in
            size and none larger, or a relu is at its bend.
        is_isolated: False for a sample of a curve or a surface of fixed points.
    """

    state: Float[np.ndarray, " S"]
    speed: float
    eigenvalues: Complex[np.ndarray, " S"]
    stability: str
    is_isolated: bool = True

    @property
    def kind(self) -> str:
        """Its stability: what tells it from other fixed points and from slow ones."""
        return self.stability


@dataclass(frozen=True, slots=True, eq=False)
class SlowPoint:
    """A state that hardly moves under a constant input and yet is not fixed; attributes as a FixedPoint's."""

    state: Float[np.ndarray, " S"]
    speed: float
    eigenvalues: Complex[np.ndarray, " S"]

    @property
    def kind(self) -> str:
        """`slow`: it has no stability, for it does not stay."""
        return "slow"


@dataclass(frozen=True, slots=True, eq=False)
class Stillness:
    """What a search for states that stand still has found.

    Attributes:
        fixed: those that do.
        slow: those that nearly do.
        starts: from how many states it began.
        nearest: the smallest |F(h) - h| at which minimising it came to its end; inf if there was none.
    """

    fixed: tuple[FixedPoint, ...]
    slow: tuple[SlowPoint, ...]
    starts: int
    nearest: float


@dataclass(frozen=True, slots=True, eq=False)
class Descent:
    """A training in which gradients may be clipped, update by update.

    Attributes:
        grad_clip: the norm to which gradients were cut; 0 if they were not.
        loss: before each update and after the last, in nats per character.
        grad_norm: L2 norm of all gradients together, as they came.
        clipped_norm: as the optimiser got them.
        has_exploded: whether it ended because the loss or a gradient did.
    """

    grad_clip: float
    loss: Float[np.ndarray, " S"]
    grad_norm: Float[np.ndarray, " S"]
    clipped_norm: Float[np.ndarray, " S"]
    has_exploded: bool

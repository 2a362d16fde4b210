"""What a recurrent matrix, or a whole sequence of Jacobians, does to lengths: eigenvalues, singular values, growth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float

from rnn_core.cells.equations import GATE_NAMES, Weights, cell_weights
from rnn_core.config import Config
from rnn_core.records.arrays import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Of one square matrix, or of each of a stack.

    Attributes:
        eigenvalues: complex, largest |eigenvalue| first.
        singular_values: how much a vector can be stretched by one step, largest first.
        radius: the spectral radius, the largest |eigenvalue|.
    """

    eigenvalues: Complex[np.ndarray, "*batch S"]
    singular_values: Float[np.ndarray, "*batch S"]
    radius: Float[np.ndarray, "*batch"]


def spectrum(matrices: Float[np.ndarray, "*batch S S"]) -> Spectrum:
    """Return eigenvalues and singular values of square matrices; NaN where a matrix is not finite."""
    found = eigenvalues(matrices)
    safe, gaps = _without_gaps(matrices)
    singular_values = np.linalg.svd(safe, compute_uv=False) + gaps
    return Spectrum(found, frozen(singular_values), frozen(np.asarray(np.abs(found[..., 0]))))


def eigenvalues(matrices: Float[np.ndarray, "*batch S S"]) -> Complex[np.ndarray, "*batch S"]:
    """Return the eigenvalues of square matrices, largest first; NaN where a matrix is not finite."""
    safe, gaps = _without_gaps(matrices)
    found = np.linalg.eigvals(safe).astype(complex) + gaps
    return frozen(np.take_along_axis(found, np.argsort(-np.abs(found), axis=-1, kind="stable"), axis=-1))


def recurrent_blocks(
    config: Config, weights: Weights, layer: int = 0, *, is_reverse: bool = False
) -> dict[str, Float[np.ndarray, "H H"]]:
    """Return W_hh, or of a gated cell each gate's square block of it, by the gate's name."""
    w = cell_weights(weights, layer, is_reverse=is_reverse)
    return {name: w.weight_hh[w.rows(place)] for place, name in enumerate(GATE_NAMES[config.cell])}


def recurrent_eigenvalues(
    config: Config, weights: Weights, layer: int = 0, *, is_reverse: bool = False
) -> dict[str, Complex[np.ndarray, " H"]]:
    """Return the eigenvalues of each of `recurrent_blocks`, largest first."""
    blocks = recurrent_blocks(config, weights, layer, is_reverse=is_reverse)
    return {name: eigenvalues(block) for name, block in blocks.items()}


@np.errstate(all="ignore")
def growth_rates(jacobians: Iterable[Float[np.ndarray, "S S"]]) -> Float[np.ndarray, " S"]:
    """Return by how much small differences grow along a sequence, in nats per step, fastest direction first.

    Like Lyapunov exponents, but over the T steps given instead of for ever: an orthonormal frame is carried along and
    made orthonormal again after each step (QR); rate i is the mean of ln |R_ii| (Benettin et al. 1980, Meccanica 15).
    The sum of all rates is the mean of ln |det|. A direction that is wiped out has rate -inf.

    Args:
        jacobians: of each step, one at least, in the order of the steps.
    """
    frame, rates = None, []
    for jacobian in jacobians:
        frame, stretch = np.linalg.qr(jacobian if frame is None else jacobian @ frame)
        rates.append(np.log(np.abs(np.diag(stretch))))
    return np.sort(np.mean(rates, axis=0))[::-1]


def _without_gaps(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices, zero where one is not finite, and for each 0 or NaN to be added to what is found."""
    is_finite = np.isfinite(matrices).all(axis=(-2, -1))
    return np.where(is_finite[..., None, None], matrices, 0.0), np.where(is_finite, 0.0, np.nan)[..., None]

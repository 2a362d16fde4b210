"""Optimisers of P networks at once: PyTorch's rules with PyTorch's defaults, each network with its own learning rate.

Every rule is the algorithm on its page, as https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html, for
weights and gradients (P, K): one call of torch moves all weights of all networks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import torch
from jaxtyping import Float, Int
from torch import Tensor

BETA_1, BETA_2 = 0.9, 0.999
ALPHA = 0.99  # of RMSprop
EPS = 1e-8
WEIGHT_DECAY = 0.01  # of AdamW


@dataclass
class Moments:
    """Running means of gradients and of their squares; a rule that needs neither leaves them at zero."""

    exp_avg: Float[Tensor, "P K"]
    exp_avg_sq: Float[Tensor, "P K"]

    def rows(self, which: slice | Int[Tensor, " Q"]) -> Moments:
        """Return those of some networks: a slice shares memory, a list of rows does not."""
        return Moments(self.exp_avg[which], self.exp_avg_sq[which])


def adam(weights: Tensor, grads: Tensor, moments: Moments, learning_rate: Float[Tensor, "P 1"], step: int) -> None:
    """Move weights by lr m̂ / (sqrt(v̂) + eps), the means corrected for having begun at zero `step` updates ago."""
    moments.exp_avg.lerp_(grads, 1 - BETA_1)
    moments.exp_avg_sq.mul_(BETA_2).addcmul_(grads, grads, value=1 - BETA_2)
    denominator = moments.exp_avg_sq.sqrt().div_(math.sqrt(1 - BETA_2**step)).add_(EPS)
    weights.addcmul_(moments.exp_avg / denominator, learning_rate / (1 - BETA_1**step), value=-1)


def adamw(weights: Tensor, grads: Tensor, moments: Moments, learning_rate: Float[Tensor, "P 1"], step: int) -> None:
    """Let weights decay, then move them as Adam does."""
    weights.mul_(1 - learning_rate * WEIGHT_DECAY)
    adam(weights, grads, moments, learning_rate, step)


def sgd(weights: Tensor, grads: Tensor, moments: Moments, learning_rate: Float[Tensor, "P 1"], step: int) -> None:  # noqa: ARG001
    """Move weights by lr times the gradient."""
    weights.addcmul_(grads, learning_rate, value=-1)


def rmsprop(weights: Tensor, grads: Tensor, moments: Moments, learning_rate: Float[Tensor, "P 1"], step: int) -> None:  # noqa: ARG001
    """Move weights by lr g / (sqrt(v) + eps)."""
    moments.exp_avg_sq.mul_(ALPHA).addcmul_(grads, grads, value=1 - ALPHA)
    weights.addcmul_(grads / moments.exp_avg_sq.sqrt().add_(EPS), learning_rate, value=-1)


RULES: Mapping[str, Callable[[Tensor, Tensor, Moments, Tensor, int], None]] = {
    "adam": adam,
    "adamw": adamw,
    "sgd": sgd,
    "rmsprop": rmsprop,
}


class StackedOptimizer:
    """The optimisers of P networks whose rows are sorted by optimiser, so that each rule has a block of rows.

    Args:
        names: the optimiser of each row.
        weights: (P, K), only looked at for shape and place.
    """

    def __init__(self, names: Sequence[str], weights: Float[Tensor, "P K"]) -> None:
        self._names = list(names)
        self._moments = Moments(torch.zeros_like(weights), torch.zeros_like(weights))

    def step(self, weights: Tensor, grads: Tensor, learning_rate: Float[Tensor, "P 1"], step: int) -> None:
        """Move the weights in place; this is update number `step`, beginning at 1."""
        begin = 0
        for name, group in groupby(self._names):
            rows = slice(begin, begin + len(list(group)))
            RULES[name](weights[rows], grads[rows], self._moments.rows(rows), learning_rate[rows], step)
            begin = rows.stop

    def keep(self, rows: Int[Tensor, " Q"]) -> None:
        """Go on with some of the rows, in their order."""
        self._names = [self._names[row] for row in rows.tolist()]
        self._moments = self._moments.rows(rows)

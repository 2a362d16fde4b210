"""Optimisers of P networks at once: PyTorch's own with PyTorch's defaults, each network with its own learning rate.

Adam, RMSprop and plain descent move weights by the learning rate times a direction that does not depend on it. So
PyTorch's optimiser, with a learning rate of 1, moves P directions from zero, and each network goes its own way along
its own: one call for all weights of all networks. Adam is the fused one, as in `training.build_optimizer`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn, optim

WEIGHT_DECAY = 0.01  # AdamW's default, which it takes off the weights before Adam moves them

# What finds the direction; descent needs nothing but the gradient.
RULES: Mapping[str, Callable[[list[Tensor]], optim.Optimizer] | None] = {
    "adam": lambda directions: optim.Adam(directions, lr=1.0, fused=True),
    "adamw": lambda directions: optim.Adam(directions, lr=1.0, fused=True),
    "rmsprop": lambda directions: optim.RMSprop(directions, lr=1.0),
    "sgd": None,
}


class _Block:
    """Neighbouring networks of one optimiser."""

    def __init__(self, name: str, directions: Float[Tensor, "Q K"]) -> None:
        self.name = name
        self.direction = nn.Parameter(directions)
        rule = RULES[name]
        self.rule = rule([self.direction]) if rule else None

    def step(self, weights: Float[Tensor, "Q K"], grads: Float[Tensor, "Q K"], rate: Float[Tensor, "Q 1"]) -> None:
        """Move the weights in place."""
        if self.rule is None:
            weights.addcmul_(grads, rate, value=-1)
            return
        if self.name == "adamw":
            weights.mul_(1 - rate * WEIGHT_DECAY)
        self.direction.zero_()
        self.direction.grad = grads
        self.rule.step()
        weights.addcmul_(self.direction, rate)

    def keep(self, rows: Int[Tensor, " R"]) -> _Block:
        """Return a block of some of the rows, whose running means go on."""
        kept = _Block(self.name, self.direction.detach()[rows])
        if self.rule is not None and kept.rule is not None:
            state = self.rule.state[self.direction]
            kept.rule.state[kept.direction] = {
                name: value[rows] if value.dim() else value for name, value in state.items()
            }
        return kept


class StackedOptimizer:
    """The optimisers of P networks whose rows are sorted by optimiser, so that each has a block of rows.

    Args:
        names: the optimiser of each row.
        weights: (P, K), only looked at for shape and place.
    """

    def __init__(self, names: Sequence[str], weights: Float[Tensor, "P K"]) -> None:
        sizes = [(name, len(list(group))) for name, group in groupby(names)]
        parts = torch.zeros_like(weights).split([size for _, size in sizes])
        self._blocks = [_Block(name, part) for (name, _), part in zip(sizes, parts, strict=True)]

    @torch.no_grad()
    def step(self, weights: Float[Tensor, "P K"], grads: Float[Tensor, "P K"], rates: Float[Tensor, "P 1"]) -> None:
        """Make one update of every network, in place, each with its own learning rate."""
        sizes = [len(block.direction) for block in self._blocks]
        parts = zip(self._blocks, weights.split(sizes), grads.split(sizes), rates.split(sizes), strict=True)
        for block, *rows in parts:
            block.step(*rows)

    def keep(self, rows: Int[Tensor, " Q"]) -> None:
        """Go on with some of the rows, in ascending order."""
        begin, blocks = 0, []
        for block in self._blocks:
            end = begin + len(block.direction)
            inside = rows[(rows >= begin) & (rows < end)] - begin
            blocks += [block.keep(inside)] if len(inside) else []
            begin = end
        self._blocks = blocks

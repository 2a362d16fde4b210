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

    def __init__(self, name: str, weights: Float[Tensor, "Q K"]) -> None:
        self.name = name
        self.size = len(weights)
        self.directions = torch.empty_like(weights)
        self.moved = nn.Parameter(self.directions)  # what the rule moves: directions or the weights
        rule = RULES[name]
        self.rule = rule([self.moved]) if rule else None

    def step(self, weights: Float[Tensor, "Q K"], grads: Float[Tensor, "Q K"], rate: Float[Tensor, "Q 1"]) -> None:
        """Move the weights in place."""
        if self.rule is None:
            weights.addcmul_(grads, rate, value=-1)
            return
        if self.name == "adamw":
            weights.mul_(1 - rate * WEIGHT_DECAY)
        is_common = torch.equal(rate, rate[:1].expand_as(rate))
        self.rule.param_groups[0]["lr"] = rate[0].item() if is_common else 1.0
        self.moved.data = weights if is_common else self.directions.zero_()
        self.moved.grad = grads
        self.rule.step()
        if not is_common:
            weights.addcmul_(self.directions, rate)

    def keep(self, rows: Int[Tensor, " R"]) -> _Block:
        """Return a block of some of the rows, whose running means go on."""
        kept = _Block(self.name, self.directions[rows])
        if self.rule is not None and kept.rule is not None:
            state = self.rule.state[self.moved]
            kept.rule.state[kept.moved] = {name: value[rows] if value.dim() else value for name, value in state.items()}
        return kept


class StackedOptimizer:
    """The optimisers of P networks whose rows are sorted by optimiser, so that each has a block of rows.

    Args:
        names: the optimiser of each row.
        weights: (P, K), only looked at for shape and place.
    """

    def __init__(self, names: Sequence[str], weights: Float[Tensor, "P K"]) -> None:
        sizes = [(name, len(list(group))) for name, group in groupby(names)]
        parts = weights.split([size for _, size in sizes])
        self._blocks = [_Block(name, part) for (name, _), part in zip(sizes, parts, strict=True)]

    @torch.no_grad()
    def step(self, weights: Float[Tensor, "P K"], grads: Float[Tensor, "P K"], rates: Float[Tensor, "P 1"]) -> None:
        """Make one update of every network, in place, each with its own learning rate."""
        sizes = [block.size for block in self._blocks]
        parts = zip(self._blocks, weights.split(sizes), grads.split(sizes), rates.split(sizes), strict=True)
        for block, *rows in parts:
            block.step(*rows)

    def keep(self, rows: Int[Tensor, " Q"]) -> None:
        """Go on with some of the rows, in ascending order."""
        begin, blocks = 0, []
        for block in self._blocks:
            end = begin + block.size
            inside = rows[(rows >= begin) & (rows < end)] - begin
            blocks += [block.keep(inside)] if len(inside) else []
            begin = end
        self._blocks = blocks

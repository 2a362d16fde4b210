"""Tasks with a known demand on memory: what is asked for came in `lag` time steps before.

Every draw is fresh, so there is nothing to learn by heart. The right answer follows from the input alone: the best
possible accuracy is 1 in every task. `chance` is the best accuracy of whoever sees only the present time step, which
is what a network without a memory can reach.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from typing_extensions import override

from rnn_core.analysis.flipflop import draw_flip_flop

Kind = Literal["class", "sign", "number"]

BEST = 1.0  # the best possible accuracy, of every task
TOLERANCE = 0.04  # how far off a sum may be and still count as right (Hochreiter and Schmidhuber 1997)
COPIED = 3  # symbols to be copied
BEFORE = 6  # steps before what is asked for: brackets already open, pulses already sent


@dataclass(frozen=True)
class Batch:
    """Sequences and what they ask for at their last A time steps.

    Attributes:
        input: (N, L, input_size).
        target: (N, A) indices of classes, or (N, A, output_size) numbers or signs, by the task's kind.
    """

    input: Float[Tensor, "*P N L I"]
    target: Tensor

    @property
    def asked(self) -> int:
        """A, how many of the last time steps are asked at."""
        return self.target.shape[1]


class MemoryTask(ABC):
    """A task; `width` is the size of its alphabet, or its number of channels.

    Attributes:
        kind: what an answer is: one of several classes, a sign for each channel, or a number.
        widths: the smallest and the largest width.
    """

    kind: ClassVar[Kind] = "class"
    widths: ClassVar[tuple[int, int]] = (2, 8)

    def input_size(self, width: int) -> int:
        """Return the features of a time step."""
        return width

    def output_size(self, width: int) -> int:
        """Return the scores or numbers of an answer."""
        return width

    def scored(self, asked: int) -> int:
        """Return how many of the last time steps count for the accuracy, of those that are asked at."""
        return min(asked, 1)

    @abstractmethod
    def chance(self, width: int, lag: int) -> float:
        """Return the best accuracy of whoever sees only the present time step."""

    @abstractmethod
    def draw(self, width: int, lag: int, count: int, generator: torch.Generator) -> Batch:
        """Draw sequences.

        Args:
            width: see the class.
            lag: how many time steps lie between what has to be kept and the answer.
            count: N.
            generator: draws everything.
        """


class Echo(MemoryTask):
    """Symbols come in one after the other; at the end: which one came `lag` steps ago?"""

    @override
    def chance(self, width: int, lag: int) -> float:
        """Return 1 / width: the last symbol says nothing of the first."""
        return 1 / width

    def draw(self, width: int, lag: int, count: int, generator: torch.Generator) -> Batch:
        """Draw lag + 1 symbols; the first is asked for at the last."""
        symbols = torch.randint(width, (count, lag + 1), generator=generator)
        return Batch(torch.eye(width)[symbols], symbols[:, :1])


class Copy(MemoryTask):
    """Three symbols, then silence, then a signal: repeat them in order, each `lag` steps after it came in.

    After the copying task of Hochreiter and Schmidhuber (1997) as in Arjovsky et al. 2016,
    https://arxiv.org/abs/1511.06464, with fewer symbols.
    """

    def input_size(self, width: int) -> int:
        """Return the alphabet, silence and the signal."""
        return width + 2

    def scored(self, asked: int) -> int:
        """Return all: each symbol counts."""
        return asked

    @override
    def chance(self, width: int, lag: int) -> float:
        """Return 1 / width."""
        return 1 / width

    def draw(self, width: int, lag: int, count: int, generator: torch.Generator) -> Batch:
        """Draw min(lag, 3) symbols, ask for the first `lag` steps later, and for the others one by one."""
        size = min(lag, COPIED)
        symbols = torch.randint(width, (count, size), generator=generator)
        silence = torch.full((count, lag - size), width)
        signal = torch.full((count, size), width + 1)
        return Batch(torch.eye(width + 2)[torch.cat([symbols, silence, signal], dim=1)], symbols)


class Adding(MemoryTask):
    """Numbers from 0 to 1 come in, two of them marked; at the end: what is the sum of the two?

    S. Hochreiter and J. Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997, experiment 4: an answer
    within 0.04 is right. Here the first mark is on the first number, so that it has to be kept over `lag` steps, and
    the second anywhere after it.
    """

    kind = "number"
    widths = (2, 2)

    @override
    def output_size(self, width: int) -> int:
        """Return 1: a number."""
        return 1

    @override
    def chance(self, width: int, lag: int) -> float:
        """Return the probability that the best guess is within 0.04.

        Of the sum's triangular density the window around 1 holds the most, 1 - (1 - 0.04)^2. Where the second mark is
        on the last number, once in `lag` times, only the first is unknown: 2 * 0.04.
        """
        return (1 - 1 / lag) * (1 - (1 - TOLERANCE) ** 2) + 2 * TOLERANCE / lag

    @override
    def draw(self, width: int, lag: int, count: int, generator: torch.Generator) -> Batch:
        """Draw lag + 1 pairs of a number and a mark."""
        numbers = torch.rand(count, lag + 1, generator=generator)
        second = torch.randint(1, lag + 1, (count, 1), generator=generator)
        marks = torch.zeros_like(numbers).scatter_(1, second, 1.0)
        marks[:, 0] = 1.0
        return Batch(torch.stack([numbers, marks], dim=-1), (numbers * marks).sum(1, keepdim=True).unsqueeze(-1))


class Parity(MemoryTask):
    """Bits come in; at every step: has the number of ones so far been odd? Only the last answer counts."""

    widths = (1, 1)

    @override
    def output_size(self, width: int) -> int:
        """Return 2: even or odd."""
        return 2

    @override
    def chance(self, width: int, lag: int) -> float:
        """Return 1/2: the last bit alone leaves both as likely."""
        return 0.5

    @override
    def draw(self, width: int, lag: int, count: int, generator: torch.Generator) -> Batch:
        """Draw lag + 1 bits, written as -1 and 1."""
        bits = torch.randint(2, (count, lag + 1), generator=generator)
        return Batch((2.0 * bits - 1).unsqueeze(-1), bits.cumsum(1) % 2)


class FlipFlop(MemoryTask):
    """Each channel now and then sends a sign, then all are silent for `lag` steps: which sign was sent last?

    Sussillo and Barak's task (see `analysis.flipflop`) with a silence at its end. What channels say at the last step
    before the silence is said by all of them, so that each has something to keep.
    """

    kind = "sign"
    widths = (1, 8)

    @override
    def chance(self, width: int, lag: int) -> float:
        """Return 1/2: silence says nothing."""
        return 0.5

    def draw(self, width: int, lag: int, count: int, generator: torch.Generator) -> Batch:
        """Draw pulses of six steps and a last one on every channel, then silence; asked for at every step."""
        input, target = draw_flip_flop(width, count=count, length=BEFORE, generator=generator)
        last = torch.randint(2, (count, 1, width), generator=generator) * 2.0 - 1
        silence = torch.zeros(count, lag, width)
        kept = last.expand(count, lag + 1, width)
        return Batch(torch.cat([input, last, silence], dim=1), torch.cat([target, kept], dim=1))


class Brackets(MemoryTask):
    """Brackets of several kinds open and close; at every step: which kind has to be closed next, if any?

    Only the last answer counts. It is a bracket that was opened `lag` steps ago, and everything since is balanced.
    """

    widths = (2, 8)

    def input_size(self, width: int) -> int:
        """Return the opening brackets, the closing ones, and a pause."""
        return 2 * width + 1

    def output_size(self, width: int) -> int:
        """Return the kinds, and nothing."""
        return width + 1

    @override
    def chance(self, width: int, lag: int) -> float:
        """Return 1 / width: the last step is a pause, and every kind is as likely."""
        return 1 / width

    def draw(self, width: int, lag: int, count: int, generator: torch.Generator) -> Batch:
        """Draw six steps of any brackets, the one that is asked for, a balanced word and a pause or two."""
        inside = 2 * ((lag - 1) // 2)
        steps = BEFORE + 1 + inside
        is_opening = torch.zeros(count, steps, dtype=torch.bool)
        chance = torch.rand(count, steps, generator=generator)
        depth = torch.zeros(count)
        for t in range(steps):
            if t == BEFORE:
                is_opening[:, t], depth = True, torch.zeros(count)
                continue
            left = BEFORE + 1 + inside - t
            share = _opening_share(depth, left) if t > BEFORE else torch.where(depth > 0, 0.5, 1.0)
            is_opening[:, t] = chance[:, t] < share
            depth += 2.0 * is_opening[:, t] - 1
        kinds = torch.randint(width, (count, steps), generator=generator)
        symbols, innermost = _match(is_opening, kinds, width)
        pauses = lag - inside
        symbols = torch.cat([symbols, torch.full((count, pauses), 2 * width)], dim=1)
        innermost = torch.cat([innermost, innermost[:, -1:].expand(count, pauses)], dim=1)
        return Batch(torch.eye(2 * width + 1)[symbols], innermost)


def _opening_share(depth: Float[Tensor, " N"], left: int) -> Float[Tensor, " N"]:
    """Return how many of the balanced endings of a word begin with an opening bracket (the ballot theorem).

    With d brackets open and r steps left there are (d + 1) / (r + 1) * binomial(r + 1, (r - d) / 2) endings; of these
    the share (r - d)(d + 2) / (2 r (d + 1)) goes up first, so that every word is as likely.
    """
    return (left - depth) * (depth + 2) / (2 * left * (depth + 1))


def _match(
    is_opening: Bool[Tensor, "N L"], kinds: Int[Tensor, "N L"], width: int
) -> tuple[Int[Tensor, "N L"], Int[Tensor, "N L"]]:
    """Write words of brackets: each symbol, and which kind is innermost after it, `width` where nothing is open.

    Args:
        is_opening: which steps open a bracket; the others close the innermost.
        kinds: of the bracket that a step opens.
        width: how many kinds there are; a closing bracket is written width + kind.
    """
    count, steps = kinds.shape
    stack = torch.full((count, steps + 1), width)  # row 0 is what is innermost when nothing is open
    depth, rows = torch.zeros(count, dtype=torch.long), torch.arange(count)
    symbols, innermost = torch.empty_like(kinds), torch.empty_like(kinds)
    for t in range(steps):
        opens = is_opening[:, t]
        symbols[:, t] = torch.where(opens, kinds[:, t], width + stack[rows, depth])
        depth = depth + torch.where(opens, 1, -1)
        stack[rows, depth] = torch.where(opens, kinds[:, t], stack[rows, depth])
        innermost[:, t] = stack[rows, depth]
    return symbols, innermost


MEMORY_TASKS: Mapping[str, MemoryTask] = {
    "echo": Echo(),
    "copy": Copy(),
    "adding": Adding(),
    "parity": Parity(),
    "flipflop": FlipFlop(),
    "brackets": Brackets(),
}

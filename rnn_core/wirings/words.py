"""Words of different lengths, and what each wiring is to answer about them written backwards."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

LETTERS = "abcdefghijklmnopqrstuvwxyz"
V = len(LETTERS)
END = V  # what a decoder writes after the last letter, and reads before the first one
SHORTEST, LONGEST = 2, 6  # letters of the words to learn from
IGNORED = -100  # a target that does not count, as torch.nn.functional.cross_entropy has it


@dataclass(frozen=True)
class Words:
    """A batch of words.

    Attributes:
        letters: (N, M), 0 beyond a word's end.
        lengths: (N,), at most M.
    """

    letters: Int[Tensor, "N M"]
    lengths: Int[Tensor, " N"]

    @property
    def backwards(self) -> Int[Tensor, "N M"]:
        """The letters from the last to the first, IGNORED beyond the end."""
        places = torch.arange(self.letters.shape[1])
        turned = self.letters.gather(1, (self.lengths[:, None] - 1 - places).clamp(min=0))
        return torch.where(places < self.lengths[:, None], turned, IGNORED)

    @property
    def ended(self) -> Int[Tensor, "N M1"]:
        """The letters from the last to the first, then END."""
        with_room = torch.cat([self.backwards, torch.full_like(self.lengths[:, None], IGNORED)], dim=1)
        return with_room.scatter(1, self.lengths[:, None], END)


def draw_words(count: int, generator: torch.Generator) -> Words:
    """Draw words: every length from 2 to 6 and every letter is as likely."""
    lengths = torch.randint(SHORTEST, LONGEST + 1, (count,), generator=generator)
    letters = torch.randint(V, (count, LONGEST), generator=generator)
    return Words(torch.where(torch.arange(LONGEST) < lengths[:, None], letters, 0), lengths)


def one_word(text: str) -> Words:
    """Return a word as a batch of one.

    Raises:
        ValueError: if there is no letter, or something that is none of a to z.
    """
    if not text:
        raise ValueError("a word has at least one letter")
    return Words(torch.tensor([[LETTERS.index(letter) for letter in text]]), torch.tensor([len(text)]))


def best_while_reading() -> Float[np.ndarray, " M"]:
    """Return the best possible accuracy at each place of the reversed word, for whoever writes while reading.

    At place t the letters 0 to t are known, but neither what follows nor how long the word is. Of the c lengths that
    are still possible, k ask for a letter that is known; the others ask for one that may be any. The best guess is the
    letter that most of the k ask for, which is right with probability (E[most] + (c - k) / V) / c.
    """
    best = []
    for t in range(LONGEST):
        lengths = range(max(SHORTEST, t + 1), LONGEST + 1)
        known = sum(length - 1 - t <= t for length in lengths)
        best.append((_expected_most(known) + (len(lengths) - known) / V) / len(lengths) if known else 1 / V)
    return np.array(best)


def _expected_most(count: int) -> float:
    """Return how often the most frequent of `count` random letters occurs, in the mean.

    There are count! [x^count] (sum over i <= m of x^i / i!)^V words in which no letter occurs more than m times.
    """
    expected = 0.0
    for most in range(count):
        series = np.array([1 / math.factorial(i) for i in range(most + 1)])
        power = np.array([1.0])
        for _ in range(V):
            power = np.convolve(power, series)[: count + 1]
        words = power[count] if len(power) > count else 0.0
        expected += 1 - words * math.factorial(count) / V**count  # P(most frequent > most)
    return expected

"""How much one reading may cost. It is counted, not timed, so that equal texts give equal readings on any machine."""

from __future__ import annotations

import time

from rnn_core.interpreter.errors import TooMuch

MAX_COST = 60_000  # steps of the interpreter, about 5 microseconds each; the longest of 78 real programs takes 20,000
MAX_SECONDS = 5.0  # of the thread's own time: a backstop that no ordinary paste comes near
MAX_ITEMS = 10_000  # in one list, or in all that is nested in one value
MAX_PARTS = 4_000  # of one tensor, each of which takes some thousand bytes
MAX_TEXT = 100_000  # characters
MAX_SMALL = 1 << 16  # numbers of a tensor that is really computed
MAX_REPEATED = 1 << 22  # numbers of a call that is repeated on the CPU for the words of its error
MAX_MADE = 1 << 23  # numbers that one reading really computes, all tensors together
MAX_ARRAY = 1 << 18  # numbers of an array of numpy, which has no shapes without numbers


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


class Budget:
    """What is left of one reading."""

    def __init__(self, cost: int = MAX_COST) -> None:
        self.left = cost
        self.made = 0
        self._until = time.thread_time() + MAX_SECONDS
        self._calls = 0

    def spend(self, cost: int = 1) -> None:
        """Take something off.

        Raises:
            TooMuch: if there is nothing left.
        """
        self.left -= cost
        if self.left < 0:
            raise TooMuch
        if cost > 1:
            self._calls += 1
            if not self._calls % 64 and time.thread_time() > self._until:
                raise TooMuch

    def weigh(self, value: object) -> None:
        """Stop at values too large to be walked by something that cannot be stopped on its way."""
        _weigh(value, MAX_ITEMS, 0)


def _weigh(value: object, left: int, depth: int) -> int:
    if isinstance(value, (str, bytes)):
        left -= len(value) // 100 + 1
    elif isinstance(value, (tuple, list, set, frozenset, dict)):
        if depth > 20:
            raise TooMuch
        left -= len(value)
        if left < 0:
            raise TooMuch
        for item in value:
            if isinstance(item, (tuple, list, set, frozenset, dict, str)):
                left = _weigh(item, left, depth + 1)
        if isinstance(value, dict):
            for item in value.values():
                if isinstance(item, (tuple, list, set, frozenset, dict, str)):
                    left = _weigh(item, left, depth + 1)
    if left < 0:
        raise TooMuch
    return left

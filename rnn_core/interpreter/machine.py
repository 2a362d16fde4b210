"""The interpreter with all its parts: they are functions of a machine, and reach each other through it."""

from __future__ import annotations

from functools import partial

from rnn_core.interpreter import calls, expressions, python, targets
from rnn_core.interpreter.core import Machine


class Interpreter(Machine):
    """Follows a program."""

    builtins, of_type = python.BUILTINS, python.OF_TYPE

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.value = partial(expressions.value, self)
        self.call = partial(calls.call, self)
        self.assign = partial(targets.assign, self)

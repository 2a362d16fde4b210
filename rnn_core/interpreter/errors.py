"""How following a paste stops: because Python would raise, because it is not understood, or because it is too much."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from rnn_core.sentence import Sentence


@dataclass
class Call:
    """A call, or an operator, with the values that it is given.

    Attributes:
        node: as it stands in the paste.
        function: what is called; None for an operator.
        args, kwargs: the values.
        nodes: the expression of each of args, as far as there is one.
    """

    node: ast.expr
    function: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    nodes: tuple[ast.expr, ...] = ()


class Raised(Exception):  # noqa: N818 - it stands for an exception of the code that is read
    """Python or torch raised `error` while it did what the paste asks for.

    Attributes:
        error: the exception itself.
        number: the line, as a traceback names it.
        node: the innermost expression of the paste that was evaluated.
        call: what was being called there.
        through: the statements that it ends, from the inside out.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.error = error
        self.number: int | None = None
        self.node: ast.AST | None = None
        self.call: Call | None = None
        self.through: list[Any] = []


class NotUnderstood(Exception):  # noqa: N818 - not an error of the code that is read
    """Something that the reader does not follow; nothing is claimed about it."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class NeedsValue(Exception):  # noqa: N818 - not an error of the code that is read
    """A number is asked for of a tensor that has a shape only."""


class TooMuch(BaseException):
    """The budget of one reading is used up."""


def not_understood(what: str) -> NotUnderstood:
    """Return the exception that names a construct."""
    shown = what if len(what) <= 60 else what[:60] + "…"
    return NotUnderstood(Sentence("`{what}` is not understood here, so nothing is said about it.", what=shown))

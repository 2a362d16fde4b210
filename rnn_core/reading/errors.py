"""How reading stops at an expression: because torch would raise, or because it is not understood."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import NoReturn

from rnn_core.sentence import Sentence


@dataclass(frozen=True)
class Edit:
    """A change of the code: the source of a node, put into the gap of a template."""

    node: ast.expr
    template: str


@dataclass(frozen=True)
class Fix:
    """What to do, and where one change is enough, which."""

    sentence: Sentence
    edit: Edit | None = None


class Raised(Exception):  # noqa: N818 - it stands for an exception of the code that is read
    """Torch or Python would raise here.

    Args:
        error: the class of the exception.
        message: its text.
        sentence: what is wrong, in plain words.
        fix: what to do.
    """

    def __init__(self, error: str, message: str, sentence: Sentence, fix: Fix | None = None) -> None:
        super().__init__(f"{error}: {message}")
        self.error = error
        self.message = message
        self.sentence = sentence
        self.fix = fix
        self.number: int | None = None
        self.operator = ""
        self.operands: tuple[tuple[str, str], ...] = ()
        self.is_told = False


class NotUnderstood(Exception):  # noqa: N818 - not an error of the code that is read
    """Something that the reader does not know; nothing is claimed about it."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def not_understood(what: str) -> NotUnderstood:
    """Return the exception that names a construct."""
    shown = what if len(what) <= 60 else what[:60] + "…"
    return NotUnderstood(Sentence("`{what}` is not understood here, so nothing is said about it.", what=shown))


def out_of_range(dim: int, ndim: int) -> Raised:
    """Return the error of an axis that a tensor does not have."""
    low, high = -max(ndim, 1), max(ndim, 1) - 1
    return Raised(
        "IndexError",
        f"Dimension out of range (expected to be in range of [{low}, {high}], but got {dim})",
        Sentence("This tensor has {count} axes, so there is no axis {dim}.", count=ndim, dim=dim),
    )


def attribute_error(owner: str, name: str, fix: Fix | None = None) -> Raised:
    """Return the error of something that an object does not have."""
    return Raised(
        "AttributeError",
        f"'{owner}' object has no attribute '{name}'",
        Sentence("A {owner} has no `{name}`.", owner=owner, name=name[:80]),
        fix,
    )


def must_be_tensor(function: str, argument: str, position: int, kind: str, fix: Fix | None = None) -> Raised:
    """Return the error of an argument that is no tensor."""
    return Raised(
        "TypeError",
        f"{function}(): argument '{argument}' (position {position}) must be Tensor, not {kind}",
        Sentence("`{function}` takes a tensor and was given a {kind}.", function=function, kind=kind),
        fix,
    )


def fail(error: str, message: str, sentence: Sentence, fix: Fix | None = None) -> NoReturn:
    """Raise what torch would raise."""
    raise Raised(error, message, sentence, fix)

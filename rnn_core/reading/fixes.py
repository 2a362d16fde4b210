"""What to change in a paste, and where."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from rnn_core.sentence import Sentence


@dataclass(frozen=True)
class Edit:
    """A change of the code: the source of a node, put into the gap of a template.

    A template that begins with + is one more argument of a call.
    """

    node: ast.expr | ast.stmt
    template: str


@dataclass(frozen=True)
class Fix:
    """What to do, and where one change may be enough, which; it is tried before it is offered."""

    sentence: Sentence
    edit: Edit | None = None

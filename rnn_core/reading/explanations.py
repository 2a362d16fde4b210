"""What an exception of torch or Python means, in plain words: which operand has which shape, and what to change.

The exception itself is torch's own; here is only the table that tells what it is about, by its class, its message and
what stands in the code. A corrected line is a proposal: it is tried in the reader before anybody sees it.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter.errors import Call, Raised
from rnn_core.interpreter.values import Value, marks
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence

if TYPE_CHECKING:
    from rnn_core.reading.reader import Reader

Told = tuple[Sentence, tuple[Fix, ...]]


@dataclass(frozen=True)
class Case:
    """An exception with what stands around it."""

    raised: Raised
    reader: Reader
    call: Call
    match: re.Match[str]

    @property
    def node(self) -> ast.expr:
        """The expression that raises."""
        return self.call.node

    @property
    def module(self) -> Any:
        """The module that is called, if one is."""
        return self.call.function if isinstance(self.call.function, nn.Module) else None

    def value(self, place: int, name: str = "") -> Value:
        """Return an argument by its place or its name."""
        if place < len(self.call.args):
            return self.call.args[place]
        return self.call.kwargs.get(name)

    def at(self, place: int, name: str = "") -> ast.expr | None:
        """Return the expression of an argument."""
        if place < len(self.call.nodes):
            return self.call.nodes[place]
        keywords = self.node.keywords if isinstance(self.node, ast.Call) else []
        return next((keyword.value for keyword in keywords if keyword.arg == name), None)

    def edit(self, place: int, template: str, name: str = "") -> Edit | None:
        """Return a change of an argument."""
        node = self.at(place, name)
        return Edit(node, template) if node is not None else None

    def tensors(self) -> Iterator[tuple[int, torch.Tensor]]:
        """Yield the arguments that are tensors, with their places."""
        for place, value in enumerate(self.call.args):
            if isinstance(value, torch.Tensor):
                yield place, value

    def first(self) -> torch.Tensor | None:
        """Return the first tensor."""
        return next((t for _, t in self.tensors()), None)

    def count_of_axes(self) -> int:
        """Return how many axes the first tensor has."""
        found = self.first()
        return found.dim() if found is not None else 0

    def made(self, module: Value) -> ast.Call | None:
        """Return the call that made a module."""
        found = self.reader.seen.made.get(id(module))
        return found[1] if found else None


Handler = Callable[[Case], Told]
_RULES: list[tuple[str, re.Pattern[str], Handler]] = []


def rule(error: str, pattern: str) -> Callable[[Handler], Handler]:
    """Add a rule for an exception of a class, whose message matches."""

    def added(handler: Handler) -> Handler:
        _RULES.append((error, re.compile(pattern, re.DOTALL), handler))
        return handler

    return added


Words = Sentence | Callable[[Case], Sentence]
Advice = Sentence | Fix | Callable[[Case], Any]


def say(error: str, pattern: str, sentence: Words, advice: Advice | None = None) -> None:
    """Add a rule of one sentence and perhaps one piece of advice."""

    def handler(case: Case) -> Told:
        said = advice(case) if callable(advice) else advice
        fixes = said if isinstance(said, tuple) else (said,) if said else ()
        words = sentence(case) if callable(sentence) else sentence
        return words, tuple(Fix(fix) if isinstance(fix, Sentence) else fix for fix in fixes if fix)

    _RULES.append((error, re.compile(pattern, re.DOTALL), handler))


def explain(raised: Raised, reader: Reader) -> tuple[Sentence, tuple[Fix, ...], tuple[tuple[str, str], ...]]:
    """Return what an exception means, what to change, and the operands with their shapes."""
    from rnn_core.reading import rules, rules_networks, rules_optimisation, rules_python  # noqa: F401 - they fill the table

    node = raised.node if isinstance(raised.node, ast.expr) else ast.Constant(None)
    call = raised.call or Call(node, None)
    name, message = type(raised.error).__name__, str(raised.error)
    for error, pattern, handler in _RULES:
        if error in (name, "*"):
            match = pattern.search(message)
            told = _told(handler, Case(raised, reader, call, match)) if match else None
            if told:
                return _short(told[0]), told[1], _operands(call)
    return Sentence("Python stops here; the message says why."), (), _operands(call)


def _told(handler: Handler, case: Case) -> Told | None:
    """Return what a rule says, unless it does not fit after all."""
    try:
        return handler(case)
    except (LookupError, AttributeError, TypeError, ValueError, RuntimeError):
        return None


def _short(sentence: Sentence) -> Sentence:
    """Cut what the paste put into a sentence to a length that can be read."""
    cut = {
        name: value[:80] + "…" for name, value in sentence.params.items() if isinstance(value, str) and len(value) > 80
    }
    made = Sentence(sentence.template)
    made.params = {**sentence.params, **cut}
    return made


def _operands(call: Call) -> tuple[tuple[str, str], ...]:
    """Return each operand as (code, shape)."""
    found = []
    for node, value in zip(call.nodes, call.args, strict=False):
        parts = value if isinstance(value, (tuple, list)) and len(value) <= 4 else [value]
        shapes = [shape_of(part) for part in parts]
        if any(shapes) and all(shapes):
            shown = (
                shapes[0] if parts is not value and not isinstance(value, (tuple, list)) else f"({', '.join(shapes)})"
            )
            found.append((ast.unparse(node)[:80], shown))
    return tuple(found)


def shape_of(value: Value) -> str:
    """Return a shape as it is shown, empty for what has none."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return str(tuple(int(n) for n in value.shape))
    return f"PackedSequence of {int(value.batch_sizes[0])}" if isinstance(value, PackedSequence) else ""


def close(name: str, among: Any) -> Fix | None:
    """Return the advice to write what was probably meant."""
    plain = {other.lower(): other for other in sorted(among) if not other.startswith("_")}
    found = difflib.get_close_matches(name.lower(), sorted(plain), 1, 0.75) if len(name) <= 80 else []
    return Fix(Sentence("Did you mean `{name}`?", name=plain[found[0]])) if found else None


def cast(case: Case, place: int, method: str, name: str = "") -> Fix:
    """Return the advice to convert an operand."""
    return Fix(Sentence("Convert it with `.{method}()`.", method=method), case.edit(place, "{}." + method + "()", name))


def kind_of(value: Value) -> str:
    """Return the name of a value's type."""
    return type(value).__name__


def origin_of(value: Value) -> str:
    """Return where a tensor comes from."""
    return marks(value).origin.kind if isinstance(value, torch.Tensor) else ""

"""What every part of the interpreter needs: its budget, and the one way to let Python and torch do something."""

from __future__ import annotations

import ast
import collections
import itertools
import random
import types
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from rnn_core.interpreter.budget import MAX_ITEMS, MAX_TEXT, Budget
from rnn_core.interpreter.errors import Call, NeedsValue, NotUnderstood, Raised, TooMuch, not_understood
from rnn_core.interpreter.guard import Guard
from rnn_core.interpreter.values import UNKNOWN, Builtin, Drawn, Named, Scope, Unknown, Value, mark, sampled

MAX_CALLS = 20  # functions of the paste within each other
_WALKED: tuple[Any, ...] = (
    list, tuple, dict, set, frozenset, range, str, np.ndarray, nn.ModuleList, nn.Sequential, nn.ModuleDict,
    nn.ParameterList, types.GeneratorType, enumerate, zip, map, filter, reversed, collections.deque,
    type({}.keys()), type({}.values()), type({}.items()), type(iter([])), type(iter(())), type(iter("")),
    type(iter(range(0))), type(iter({})), itertools.chain, itertools.islice, itertools.product, itertools.zip_longest,
    itertools.cycle, itertools.count, itertools.repeat, itertools.accumulate, itertools.combinations,
    itertools.permutations, itertools.pairwise,
)  # fmt: skip


class Machine:
    """The state of one reading, and what looks at it: a reader says more about what the hooks are told.

    Attributes:
        budget: what it may still cost.
        guard: what stands before torch.
        own: the functions of the paste, by id; they stay alive as long as the reading.
        classes: the classes of the paste.
        is_exact: False once something was used that another reading would draw differently.
        missing: the names in the present statement that are not known.
        calling: what is being called.
        breaks: the names at each place where the present loop may have ended.
        value, call, assign: evaluate an expression, call something, give a target its value.
        builtins, of_type: the functions of Python by their name and by the type that they stand for.
    """

    value: Callable[[ast.expr, Scope], Value]
    call: Callable[..., Value]
    assign: Callable[[ast.expr, Value, Scope], None]
    builtins: dict[str, Builtin]
    of_type: dict[type, Builtin]

    def __init__(self, seed: int) -> None:
        self.budget = Budget()
        self.random = random.Random(seed)
        self.arrays = np.random.RandomState(seed)
        self.seed = seed
        self.guard = Guard(self.budget, self.after_torch, seed)
        self.own: dict[int, Callable[..., Any]] = {}
        self.classes: set[type] = set()
        self.globals = Scope()
        self.globals.names["__name__"] = "__main__"
        self.depth = 0
        self.quiet = 0
        self.is_exact = True
        self.missing: list[str] = []
        self.calling: Call | None = None
        self.breaks: list[dict[str, Value]] = []

    # what a reader decides

    def block(self, nodes: list[ast.stmt], scope: Scope) -> Iterator[Value]:
        """Run statements; what they yield is yielded."""
        raise NotImplementedError

    def evaluated(self, node: ast.expr, scope: Scope) -> Value:
        """Evaluate the expression of a statement."""
        return self.value(node, scope)

    def undefined(self, name: str, _: Scope) -> Value:
        """Decide what becomes of a name that nothing defines."""
        raise Raised(NameError(f"name '{name}' is not defined"))

    def is_given(self, _: str) -> bool:
        """Decide whether a name counts as imported that is not."""
        return False

    def comment(self, _: ast.stmt) -> tuple[str, ...]:
        """Return the words for axes in a comment on the line."""
        return ()

    def present(self) -> Any:
        """Return which statement is being read."""

    def go_on(self, present: Any) -> None:
        """Go on with a statement."""

    # what a reader is told

    def entered(self) -> None:
        """Look at a function of the paste being called."""

    def show(self, name: str, value: Value) -> None:
        """Note what a name holds now."""

    def printed(self, text: str) -> None:
        """Note what is printed."""

    def after_torch(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Look at a call of torch that went well."""

    def after_making(self, made: Value) -> None:
        """Look at a new module, optimiser or object."""

    def after_setting(self, owner: Value, name: str) -> None:
        """Look at an attribute that was set."""

    def after_step(self) -> None:
        """Note that an optimiser takes a step."""

    def gradients_cleared(self) -> None:
        """Note that gradients were set to zero."""

    def after_arithmetic(self, node: ast.expr, left: Value, right: Value, made: Value) -> None:
        """Look at the result of arithmetic."""

    def after_index(self, owner: torch.Tensor, index: Value, node: ast.Subscript) -> None:
        """Look at what is taken of a tensor."""

    def after_call(self, call: Call, made: Value) -> None:
        """Look at a call that went well."""

    def before_unpacking(self, target: ast.expr, value: Value) -> None:
        """Look at what is unpacked."""

    # what all parts need

    def foreign(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Let Python or torch do something; an exception of theirs is one of the paste.

        Raises:
            Raised: in place of whatever it raises.
        """
        try:
            return function(*args, **kwargs)
        except (Raised, NotUnderstood, NeedsValue):
            raise
        except (RecursionError, MemoryError):
            raise not_understood("something as deep as this") from None
        except Exception as error:
            raise Raised(error) from None

    def keep(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Note a function as one of the paste."""
        self.own[id(function)] = function
        return function

    def is_own(self, function: Value) -> bool:
        """Whether something is a function of the paste, or a method of an object of it."""
        plain = getattr(function, "__func__", function)
        return id(plain) in self.own and self.own[id(plain)] is plain

    def has_own_class(self, value: Value) -> bool:
        """Whether a value is an object of a class of the paste."""
        return type(value) in self.classes

    def truth(self, value: Value) -> bool | None:
        """Return whether a condition holds; None if that is not known."""
        if isinstance(value, Unknown):
            return None
        if isinstance(value, torch.Tensor):
            if value.numel() == 1 and (value.is_meta or (getattr(value, "_marks", None) and sampled(value)[1])):
                return None
            return bool(self.foreign(bool, value))
        if isinstance(value, np.ndarray):
            held = self.foreign(bool, value)
            return None if sampled(value)[1] else bool(held)
        return (
            bool(self.foreign(bool, value)) if not isinstance(value, nn.Module) or hasattr(value, "__len__") else True
        )

    def items(self, value: Value) -> Iterator[Value]:
        """Go through a value, a bounded number of times."""
        if isinstance(value, Drawn) and isinstance(value.sample, str):
            self.is_exact = False
            yield from map(Drawn, value.sample)
            return
        if isinstance(value, Drawn):
            raise not_understood("going through something that is not known")
        if isinstance(value, torch.Tensor):
            yield from self._rows(value)
            return
        is_own = self.has_own_class(value) or hasattr(type(value), "walk")
        is_walkable = hasattr(type(value), "__iter__") or hasattr(type(value), "__getitem__")
        if is_walkable and not isinstance(value, _WALKED) and not is_own:
            raise not_understood(f"going through a {type(value).__name__}")
        if self.has_own_class(value) and not hasattr(type(value), "__iter__"):
            value = self._numbered(value)
        steps = value.walk(self) if hasattr(type(value), "walk") else self.foreign(iter, value)
        drawn = isinstance(value, np.ndarray) and sampled(value)[1]
        for _ in range(MAX_ITEMS):
            self.budget.spend()
            try:
                item = self.foreign(next, steps)
            except Raised as raised:
                if isinstance(raised.error, StopIteration):
                    return
                raise
            if isinstance(item, (tuple, list)):
                self.budget.spend(len(item) // 8)
            yield Drawn(item) if drawn and not isinstance(item, np.ndarray) else item
        raise TooMuch

    def _numbered(self, value: Value) -> Iterator[Value]:
        """Go through an object that only knows its items by number, until it raises an IndexError."""
        for place in itertools.count():
            try:
                yield value[place]
            except Raised as raised:
                if isinstance(raised.error, IndexError):
                    return
                raise

    def _rows(self, value: torch.Tensor) -> Iterator[Value]:
        if not value.dim():
            self.foreign(iter, value)  # raises
        for place in range(len(value)):
            if place > MAX_ITEMS:
                raise TooMuch
            self.budget.spend()
            row = value[place]
            if (marks_axes := getattr(value, "_marks", None)) and len(marks_axes.axes) == value.dim():
                mark(row, axes=marks_axes.axes[1:])
            yield row

    def listed(self, value: Value) -> list[Value]:
        """Return all that is in a value."""
        return list(self.items(value))

    def varied(self, low: int = 3, high: int = 13) -> int:
        """Return a whole number that another reading draws differently."""
        spread = max(high - low, 1)
        return low + (self.seed * 5 + 2) % spread if spread > 5 else low + self.seed % spread


def bounded(value: Value) -> Value:
    """Stop at numbers, texts and lists that are too large."""
    if type(value) is int and value.bit_length() > 64:
        raise not_understood("a number of more than 64 bits")
    if isinstance(value, (str, bytes)) and len(value) > MAX_TEXT:
        raise TooMuch
    if isinstance(value, (list, tuple)) and len(value) > MAX_ITEMS:
        raise TooMuch
    return value


def line_of(node: ast.AST) -> int:
    """Return the line on which a traceback of Python 3.11 sees an expression."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.end_lineno or node.lineno
    if isinstance(node, ast.Attribute):
        return node.end_lineno or node.lineno
    number: int = getattr(node, "lineno", 1)
    return number


def named(value: Value, name: str) -> Value:
    """Let a whole number remember the variable that it is kept in."""
    return Named(value, name) if type(value) is int else value


def unknown_of(values: Iterable[Value]) -> Unknown:
    """Return what follows from values that are not known: something drawn, or nothing at all."""
    unknown = [value for value in values if isinstance(value, Unknown)]
    return Drawn(None) if unknown and all(isinstance(value, Drawn) for value in unknown) else UNKNOWN

"""Evaluates expressions of a paste with Python's and torch's own operators."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils import rnn as packing

from rnn_core.interpreter import allow
from rnn_core.interpreter.budget import MAX_ITEMS, words_of
from rnn_core.interpreter.calls import call_of
from rnn_core.interpreter.core import bounded, line_of, unknown_of
from rnn_core.interpreter.errors import Call, NeedsValue, Raised, TooMuch, not_understood
from rnn_core.interpreter.operators import SIGNS, Operators
from rnn_core.interpreter.outside import Outside
from rnn_core.interpreter.values import (
    UNKNOWN,
    Bound,
    Drawn,
    Library,
    Quiet,
    Refused,
    Scope,
    Unbound,
    Unknown,
    Value,
    drawn_in,
    is_dark,
    is_drawn,
    is_same_kind,
    mark,
    rewrapped,
    sampled,
    tensors_in,
)

_FORMAT = re.compile(r"(.?[<>=^])?[+\- ]?#?0?\d{0,3},?(\.\d{1,2})?[a-zA-Z%]?")
# what a part of a program may use without its imports
GIVEN = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "optim": "torch.optim", "np": "numpy"}
GIVEN |= {name: f"torch.nn.utils.rnn.{name}" for name in packing.__all__}
# what Python has and a paste may not have
_REFUSED = words_of(
    """open eval exec compile input globals locals vars dir __import__ object memoryview bytes bytearray complex exit
    quit format super property classmethod staticmethod delattr breakpoint help ascii bin hex oct"""
)


class Expressions(Operators):
    """Evaluates expressions; `_NAME` is that of a node of the syntax tree."""

    def value(self, node: ast.expr, scope: Scope) -> Value:
        """Evaluate an expression.

        Raises:
            Raised: if Python would raise, with the line and the expression.
        """
        self.budget.spend()
        try:
            method = getattr(self, f"_{type(node).__name__.lower()}", None)
            if method is None:
                raise not_understood(ast.unparse(node))
            return method(node, scope)
        except NeedsValue:
            return Drawn(None)
        except Raised as raised:
            if raised.number is None:
                raised.number, raised.node = line_of(node), node
            raise

    def _constant(self, node: ast.Constant, _: Scope) -> Value:
        if isinstance(node.value, (complex, bytes)):
            raise not_understood(repr(node.value))
        return bounded(node.value)

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        name = node.id
        try:
            found = scope.find(name)
        except Unbound:
            message = f"cannot access local variable '{name}' where it is not associated with a value"
            raise Raised(UnboundLocalError(message)) from None
        except KeyError:
            found = self._unbound(name, scope)
        if isinstance(found, Unknown) and not isinstance(found, Drawn):
            self.missing.append(name)
        return found

    def _unbound(self, name: str, scope: Scope) -> Value:
        if name in self.builtins:
            return self.builtins[name]
        if name in allow.EXCEPTIONS:
            return allow.EXCEPTIONS[name]
        if name == "object":
            return object
        if name in _REFUSED:
            return Refused(name)
        if name.startswith("__"):
            raise not_understood(name)
        if name in GIVEN and self.is_given(name):
            return allow.functions().get(GIVEN[name]) or Library(GIVEN[name])
        return self.undefined(name, scope)

    def is_given(self, name: str) -> bool:
        """Decide whether a name counts as imported that is not."""
        del name
        return True

    def undefined(self, name: str, scope: Scope) -> Value:
        """Decide what becomes of a name that nothing defines."""
        del name, scope
        return UNKNOWN

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        self.assign(node.target, value, scope)
        return value

    def assign(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Give a target its value."""
        raise NotImplementedError

    def several(self, nodes: list[ast.expr], scope: Scope) -> list[Value]:
        """Evaluate expressions, starred ones among them."""
        made: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                value = self.value(node.value, scope)
                if isinstance(value, Unknown):
                    raise not_understood(ast.unparse(node))
                made += self.items(value)
            else:
                made.append(self.value(node, scope))
        return made

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return bounded(tuple(self.several(node.elts, scope)))

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return bounded(self.several(node.elts, scope))

    def _set(self, node: ast.Set, scope: Scope) -> Value:
        return self.b_set(self.several(node.elts, scope))

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        made: dict[Any, Value] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            if key is None:
                more = self.value(item, scope)
                if isinstance(more, Unknown):
                    return UNKNOWN
                self.foreign(made.update, more)
            else:
                where = self.value(key, scope)
                if isinstance(where, Unknown):
                    return UNKNOWN
                self.budget.weigh(where)
                self.foreign(made.__setitem__, where, self.value(item, scope))
        return made

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Value:
        value = self.value(node.operand, scope)
        if isinstance(node.op, ast.Not):
            held = self.truth(value)
            return Drawn(True) if held is None else not held
        if is_dark(value):
            return unknown_of([value])
        sample, drawn = sampled(value)
        if isinstance(value, (Bound, Quiet, Library, Outside)):
            raise not_understood(ast.unparse(node))
        sign: Any = SIGNS[type(node.op)]
        made = self.foreign(sign, sample)
        return rewrapped(made) if drawn else made

    def _binop(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        return self.operate(node, node.op, left, right, (node.left, node.right))

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Value:
        wants, value = isinstance(node.op, ast.Or), None
        for part in node.values:
            value = self.value(part, scope)
            held = self.truth(value)
            if held is None:
                return Drawn(True) if isinstance(value, Drawn) or not isinstance(value, Unknown) else UNKNOWN
            if held is wants:
                return value
        return value

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        left, held = self.value(node.left, scope), True
        for op, part in zip(node.ops, node.comparators, strict=True):
            right = self.value(part, scope)
            held = self._compared(op, left, right)
            if len(node.ops) > 1 and self.truth(held) is not True:
                return held
            left = right
        return held

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        held = self.truth(self.value(node.test, scope))
        if held is not None:
            return self.value(node.body if held else node.orelse, scope)
        first, second = self.value(node.body, scope), self.value(node.orelse, scope)
        return either(first, second)

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return self.function(node, "<lambda>", scope)

    def _joinedstr(self, node: ast.JoinedStr, scope: Scope) -> Value:
        parts: list[Any] = [
            part.value if isinstance(part, ast.Constant) else self.value(part, scope) for part in node.values
        ]
        return Drawn("text") if any(isinstance(p, Unknown) for p in parts) else bounded("".join(parts))

    def _formattedvalue(self, node: ast.FormattedValue, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        spec = self.value(node.format_spec, scope) if node.format_spec else ""
        is_open = (
            isinstance(value, (nn.Module, Bound, Library, Quiet, Outside))
            or self.has_own_class(value)
            or callable(value)
        )
        if is_dark(value) or isinstance(spec, Unknown) or is_open or any(True for _ in drawn_in(value)):
            return Drawn("text")
        if any(True for _ in tensors_in(value)) or isinstance(value, np.ndarray):
            if spec and not any(is_drawn(t) for t in tensors_in(value)) and not isinstance(value, np.ndarray):
                self.foreign(format, value, spec)
            return Drawn("text")
        if not _FORMAT.fullmatch(spec):
            raise not_understood("such a format")
        self.budget.weigh(value)
        change: Any = {115: str, 114: repr, 97: ascii}.get(node.conversion)
        return self.foreign(format, change(value) if change else value, spec)

    def _slice(self, node: ast.Slice, scope: Scope) -> Value:
        return slice(*(self.value(part, scope) if part else None for part in (node.lower, node.upper, node.step)))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner, index = self.value(node.value, scope), self.value(node.slice, scope)
        outer, self.calling = self.calling, Call(node, operator.getitem, (owner, index), {}, (node.value, node.slice))
        try:
            made = self.item(owner, index, node)
        except Raised as raised:
            raised.call = raised.call or self.calling
            raise
        finally:
            self.calling = outer
        if isinstance(owner, torch.Tensor) and isinstance(made, torch.Tensor):
            self.after_index(owner, index, node)
        return made

    def _starred(self, node: ast.Starred, _: Scope) -> Value:
        raise not_understood(ast.unparse(node))

    def _rounds(self, rest: list[ast.comprehension], scope: Scope, make: Callable[[], Value]) -> Iterator[Value]:
        if not rest:
            yield make()
            return
        source = self.value(rest[0].iter, scope)
        if isinstance(source, Unknown):
            self.missing.append(ast.unparse(rest[0].iter)[:40])
            raise not_understood(ast.unparse(rest[0].iter))
        for item in self.items(source):
            self.quiet += 1
            try:
                self.assign(rest[0].target, item, scope)
            finally:
                self.quiet -= 1
            held = [self.truth(self.value(test, scope)) for test in rest[0].ifs]
            if None in held:
                raise not_understood("a condition on numbers that are not known")
            if all(held):
                yield from self._rounds(rest[1:], scope, make)

    def _collect(self, node: Any, scope: Scope, make: Callable[[Scope], Value]) -> list[Value]:
        inner, made = Scope(scope), list[Value]()
        for item in self._rounds(node.generators, inner, lambda: make(inner)):
            made.append(item)
            if len(made) > MAX_ITEMS:
                raise TooMuch
        return made

    def _listcomp(self, node: ast.ListComp, scope: Scope) -> Value:
        return self._collect(node, scope, lambda inner: self.value(node.elt, inner))

    def _setcomp(self, node: ast.SetComp, scope: Scope) -> Value:
        return self.b_set(self._collect(node, scope, lambda inner: self.value(node.elt, inner)))

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Value:
        pairs = self._collect(node, scope, lambda inner: (self.value(node.key, inner), self.value(node.value, inner)))
        keys = [key for key, _ in pairs]
        self.budget.weigh(keys)
        return UNKNOWN if is_dark(keys) or any(True for _ in drawn_in(keys)) else self.foreign(dict, pairs)

    def _generatorexp(self, node: ast.GeneratorExp, scope: Scope) -> Value:
        inner = Scope(scope)
        return self._rounds(node.generators, inner, lambda: self.value(node.elt, inner))

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.get(self.value(node.value, scope), node.attr)

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            return self._super(node, scope)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return self._formatted(node, scope)
        function = self.value(node.func, scope)
        args, kwargs = self.several(node.args, scope), self._keywords(node, scope)
        outer, self.calling = self.calling, call_of(node, function, args, kwargs)
        present = self.calling
        try:
            made = self.call(function, args, kwargs, node)
            self.after_call(present, made)
            return made
        except Raised as raised:
            raised.call = raised.call or present
            raise
        finally:
            self.calling = outer

    def after_call(self, call: Call, made: Value) -> None:
        """Look at a call that went well."""

    def _keywords(self, node: ast.Call, scope: Scope) -> dict[str, Value]:
        kwargs: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                kwargs[keyword.arg] = value
            elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
                kwargs |= value
            else:
                raise not_understood(f"**{ast.unparse(keyword.value)}")
        return kwargs

    def _formatted(self, node: ast.Call, scope: Scope) -> Value:
        """Read text.format(...): what it gives is a text, and what goes into it is evaluated."""
        assert isinstance(node.func, ast.Attribute)
        owner = self.value(node.func.value, scope)
        self.several(node.args, scope)
        self._keywords(node, scope)
        return Drawn("text") if isinstance(owner, (str, Drawn)) else UNKNOWN

    def _super(self, node: ast.Call, scope: Scope) -> Value:
        inner: Scope | None = scope
        while inner is not None and (inner.owner is None or inner.is_class):
            inner = inner.around
        given = self.several(node.args, scope)
        if inner is None or not inner.owner or len(given) not in (0, 2):
            raise not_understood("super()")
        kind, first = given or (inner.owner[0], inner.first)
        if kind not in self.classes:
            raise not_understood("super()")
        return self.foreign(super, kind, first)


def either(first: Value, second: Value) -> Value:
    """Return what one of two values is, where it is not known which."""
    if first is second or not is_same_kind(first, second):
        return first if first is second else unknown_of([first, second, Drawn(None)])
    if isinstance(first, torch.Tensor):
        made = first.detach().clone() if not first.requires_grad else first
        mark(made, is_drawn=True)
        return made
    return rewrapped(first)

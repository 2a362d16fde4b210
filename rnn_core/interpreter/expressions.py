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
from rnn_core.interpreter.attributes import get
from rnn_core.interpreter.budget import MAX_ITEMS
from rnn_core.interpreter.calls import call_of
from rnn_core.interpreter.core import Machine, bounded, line_of, unknown_of
from rnn_core.interpreter.errors import Call, NeedsValue, Raised, TooMuch, not_understood
from rnn_core.interpreter.functions import make_function
from rnn_core.interpreter.operators import SIGNS, compared, get_item, operate
from rnn_core.interpreter.outside import Outside
from rnn_core.interpreter.values import (
    UNKNOWN,
    Bound,
    Drawn,
    Library,
    Quiet,
    Scope,
    Unbound,
    Unknown,
    Value,
    holds_drawn,
    holds_tensors,
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


def value(machine: Machine, node: ast.expr, scope: Scope) -> Value:
    """Evaluate an expression.

    Raises:
        Raised: if Python would raise, with the line and the expression.
    """
    machine.budget.spend()
    try:
        evaluate = _EXPRESSIONS.get(type(node))
        if evaluate is None:
            raise not_understood(ast.unparse(node))
        return evaluate(machine, node, scope)
    except NeedsValue:
        return Drawn(None)
    except Raised as raised:
        if raised.number is None:
            raised.number, raised.node = line_of(node), node
        raise


def _constant(_machine: Machine, node: ast.Constant, _: Scope) -> Value:
    if isinstance(node.value, (complex, bytes)):
        raise not_understood(repr(node.value))
    return bounded(node.value)


def _name(machine: Machine, node: ast.Name, scope: Scope) -> Value:
    name = node.id
    try:
        found = scope.find(name)
    except Unbound:
        message = f"cannot access local variable '{name}' where it is not associated with a value"
        raise Raised(UnboundLocalError(message)) from None
    except KeyError:
        found = _unbound(machine, name, scope)
    if isinstance(found, Unknown) and not isinstance(found, Drawn):
        machine.missing.append(name)
    return found


def _unbound(machine: Machine, name: str, scope: Scope) -> Value:
    if name in machine.builtins:
        return machine.builtins[name]
    if name in allow.EXCEPTIONS:
        return allow.EXCEPTIONS[name]
    if name == "object":
        return object
    if name.startswith("__"):
        raise not_understood(name)
    if name in GIVEN and machine.is_given(name):
        return allow.functions().get(GIVEN[name]) or Library(GIVEN[name])
    return machine.undefined(name, scope)


def _namedexpr(machine: Machine, node: ast.NamedExpr, scope: Scope) -> Value:
    value = machine.value(node.value, scope)
    machine.assign(node.target, value, scope)
    return value


def several(machine: Machine, nodes: list[ast.expr], scope: Scope) -> list[Value]:
    """Evaluate expressions, starred ones among them."""
    made: list[Value] = []
    for node in nodes:
        if isinstance(node, ast.Starred):
            value = machine.value(node.value, scope)
            if isinstance(value, Unknown):
                raise not_understood(ast.unparse(node))
            made += machine.items(value)
        else:
            made.append(machine.value(node, scope))
    return made


def _dict_of(machine: Machine, node: ast.Dict, scope: Scope) -> Value:
    made: dict[Any, Value] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        if key is None:
            more = machine.value(item, scope)
            if isinstance(more, Unknown):
                return UNKNOWN
            machine.foreign(made.update, more)
        else:
            where = machine.value(key, scope)
            if isinstance(where, Unknown):
                return UNKNOWN
            machine.budget.weigh(where)
            machine.foreign(made.__setitem__, where, machine.value(item, scope))
    return made


def _unaryop(machine: Machine, node: ast.UnaryOp, scope: Scope) -> Value:
    value = machine.value(node.operand, scope)
    if isinstance(node.op, ast.Not):
        held = machine.truth(value)
        return Drawn(True) if held is None else not held
    if is_dark(value):
        return unknown_of([value])
    sample, drawn = sampled(value)
    if isinstance(value, (Bound, Quiet, Library, Outside)):
        raise not_understood(ast.unparse(node))
    sign: Any = SIGNS[type(node.op)]
    made = machine.foreign(sign, sample)
    return rewrapped(made) if drawn else made


def _boolop(machine: Machine, node: ast.BoolOp, scope: Scope) -> Value:
    wants, value = isinstance(node.op, ast.Or), None
    for part in node.values:
        value = machine.value(part, scope)
        held = machine.truth(value)
        if held is None:
            return Drawn(True) if isinstance(value, Drawn) or not isinstance(value, Unknown) else UNKNOWN
        if held is wants:
            return value
    return value


def _compare(machine: Machine, node: ast.Compare, scope: Scope) -> Value:
    left, held = machine.value(node.left, scope), True
    for op, part in zip(node.ops, node.comparators, strict=True):
        right = machine.value(part, scope)
        held = compared(machine, op, left, right)
        if len(node.ops) > 1 and machine.truth(held) is not True:
            return held
        left = right
    return held


def _ifexp(machine: Machine, node: ast.IfExp, scope: Scope) -> Value:
    held = machine.truth(machine.value(node.test, scope))
    if held is not None:
        return machine.value(node.body if held else node.orelse, scope)
    first, second = machine.value(node.body, scope), machine.value(node.orelse, scope)
    return either(first, second)


def _joinedstr(machine: Machine, node: ast.JoinedStr, scope: Scope) -> Value:
    parts: list[Any] = [
        part.value if isinstance(part, ast.Constant) else machine.value(part, scope) for part in node.values
    ]
    return Drawn("text") if any(isinstance(p, Unknown) for p in parts) else bounded("".join(parts))


def _formattedvalue(machine: Machine, node: ast.FormattedValue, scope: Scope) -> Value:
    value = machine.value(node.value, scope)
    spec = machine.value(node.format_spec, scope) if node.format_spec else ""
    is_open = (
        isinstance(value, (nn.Module, Bound, Library, Quiet, Outside))
        or machine.has_own_class(value)
        or callable(value)
    )
    if is_dark(value) or isinstance(spec, Unknown) or is_open or holds_drawn(value):
        return Drawn("text")
    if holds_tensors(value) or isinstance(value, np.ndarray):
        if spec and not any(is_drawn(t) for t in tensors_in(value)) and not isinstance(value, np.ndarray):
            machine.foreign(format, value, spec)
        return Drawn("text")
    if not _FORMAT.fullmatch(spec):
        raise not_understood("such a format")
    machine.budget.weigh(value)
    change: Any = {115: str, 114: repr, 97: ascii}.get(node.conversion)
    return machine.foreign(format, change(value) if change else value, spec)


def _subscript(machine: Machine, node: ast.Subscript, scope: Scope) -> Value:
    owner, index = machine.value(node.value, scope), machine.value(node.slice, scope)
    outer, machine.calling = machine.calling, Call(node, operator.getitem, (owner, index), {}, (node.value, node.slice))
    try:
        made = get_item(machine, owner, index, node)
    except Raised as raised:
        raised.call = raised.call or machine.calling
        raise
    finally:
        machine.calling = outer
    if isinstance(owner, torch.Tensor) and isinstance(made, torch.Tensor):
        machine.after_index(owner, index, node)
    return made


def _rounds(
    machine: Machine, rest: list[ast.comprehension], scope: Scope, make: Callable[[], Value]
) -> Iterator[Value]:
    if not rest:
        yield make()
        return
    source = machine.value(rest[0].iter, scope)
    if isinstance(source, Unknown):
        machine.missing.append(ast.unparse(rest[0].iter)[:40])
        raise not_understood(ast.unparse(rest[0].iter))
    for item in machine.items(source):
        machine.quiet += 1
        try:
            machine.assign(rest[0].target, item, scope)
        finally:
            machine.quiet -= 1
        held = [machine.truth(machine.value(test, scope)) for test in rest[0].ifs]
        if None in held:
            raise not_understood("a condition on numbers that are not known")
        if all(held):
            yield from _rounds(machine, rest[1:], scope, make)


def _collect(machine: Machine, node: Any, scope: Scope, make: Callable[[Scope], Value]) -> list[Value]:
    inner, made = Scope(scope), list[Value]()
    for item in _rounds(machine, node.generators, inner, lambda: make(inner)):
        made.append(item)
        if len(made) > MAX_ITEMS:
            raise TooMuch
    return made


def _dictcomp(machine: Machine, node: ast.DictComp, scope: Scope) -> Value:
    pairs = _collect(
        machine, node, scope, lambda inner: (machine.value(node.key, inner), machine.value(node.value, inner))
    )
    keys = [key for key, _ in pairs]
    machine.budget.weigh(keys)
    return UNKNOWN if is_dark(keys) or holds_drawn(keys) else machine.foreign(dict, pairs)


def _call_of(machine: Machine, node: ast.Call, scope: Scope) -> Value:
    if isinstance(node.func, ast.Name) and node.func.id == "super":
        return _super(machine, node, scope)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _formatted(machine, node, scope)
    function = machine.value(node.func, scope)
    args, kwargs = several(machine, node.args, scope), _keywords(machine, node, scope)
    outer, machine.calling = machine.calling, call_of(node, function, args, kwargs)
    present = machine.calling
    try:
        made = machine.call(function, args, kwargs, node)
        machine.after_call(present, made)
        return made
    except Raised as raised:
        raised.call = raised.call or present
        raise
    finally:
        machine.calling = outer


def _keywords(machine: Machine, node: ast.Call, scope: Scope) -> dict[str, Value]:
    kwargs: dict[str, Value] = {}
    for keyword in node.keywords:
        value = machine.value(keyword.value, scope)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
            kwargs |= value
        else:
            raise not_understood(f"**{ast.unparse(keyword.value)}")
    return kwargs


def _formatted(machine: Machine, node: ast.Call, scope: Scope) -> Value:
    """Read text.format(...): what it gives is a text, and what goes into it is evaluated."""
    assert isinstance(node.func, ast.Attribute)
    owner = machine.value(node.func.value, scope)
    several(machine, node.args, scope)
    _keywords(machine, node, scope)
    return Drawn("text") if isinstance(owner, (str, Drawn)) else UNKNOWN


def _super(machine: Machine, node: ast.Call, scope: Scope) -> Value:
    inner: Scope | None = scope
    while inner is not None and (inner.owner is None or inner.is_class):
        inner = inner.around
    given = several(machine, node.args, scope)
    if inner is None or not inner.owner or len(given) not in (0, 2):
        raise not_understood("super()")
    kind, first = given or (inner.owner[0], inner.first)
    if kind not in machine.classes:
        raise not_understood("super()")
    return machine.foreign(super, kind, first)


def either(first: Value, second: Value) -> Value:
    """Return what one of two values is, where it is not known which."""
    if first is second or not is_same_kind(first, second):
        return first if first is second else unknown_of([first, second, Drawn(None)])
    if isinstance(first, torch.Tensor):
        made = first.detach().clone() if not first.requires_grad else first
        mark(made, is_drawn=True)
        return made
    return rewrapped(first)


def _parts(machine: Machine, node: Any, scope: Scope) -> list[Value]:
    return _collect(machine, node, scope, lambda inner: machine.value(node.elt, inner))


def _one_by_one(machine: Machine, node: ast.GeneratorExp, scope: Scope) -> Value:
    inner = Scope(scope)
    return _rounds(machine, node.generators, inner, lambda: machine.value(node.elt, inner))


def _ends(machine: Machine, node: ast.Slice, scope: Scope) -> Value:
    return slice(*(machine.value(part, scope) if part else None for part in (node.lower, node.upper, node.step)))


def _arithmetic(machine: Machine, node: ast.BinOp, scope: Scope) -> Value:
    left, right = machine.value(node.left, scope), machine.value(node.right, scope)
    return operate(machine, node, node.op, left, right, (node.left, node.right))


def _set_of(machine: Machine, items: list[Value]) -> Value:
    return machine.call(machine.builtins["set"], [items], {})


_EXPRESSIONS: dict[type[ast.expr], Callable[[Machine, Any, Scope], Value]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.NamedExpr: _namedexpr,
    ast.Attribute: lambda m, node, scope: get(m, m.value(node.value, scope), node.attr),
    ast.Subscript: _subscript,
    ast.Slice: _ends,
    ast.Call: _call_of,
    ast.Lambda: lambda m, node, scope: make_function(m, node, "<lambda>", scope),
    ast.UnaryOp: _unaryop,
    ast.BinOp: _arithmetic,
    ast.BoolOp: _boolop,
    ast.Compare: _compare,
    ast.IfExp: _ifexp,
    ast.JoinedStr: _joinedstr,
    ast.FormattedValue: _formattedvalue,
    ast.Tuple: lambda m, node, scope: bounded(tuple(several(m, node.elts, scope))),
    ast.List: lambda m, node, scope: bounded(several(m, node.elts, scope)),
    ast.Set: lambda m, node, scope: _set_of(m, several(m, node.elts, scope)),
    ast.Dict: _dict_of,
    ast.ListComp: _parts,
    ast.SetComp: lambda m, node, scope: _set_of(m, _parts(m, node, scope)),
    ast.DictComp: _dictcomp,
    ast.GeneratorExp: _one_by_one,
}

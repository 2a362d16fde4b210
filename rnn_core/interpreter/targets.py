"""Gives names, attributes and places in containers their values."""

from __future__ import annotations

import ast
import operator
import types
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter.attributes import put
from rnn_core.interpreter.budget import MAX_ITEMS
from rnn_core.interpreter.core import Machine, named, unknown_of
from rnn_core.interpreter.errors import Call, Raised, TooMuch, not_understood
from rnn_core.interpreter.values import (
    Drawing,
    Drawn,
    Quiet,
    Scope,
    Unknown,
    Value,
    is_dark,
    is_drawn,
    mark,
    sampled,
)

_UNPACKED = (
    tuple,
    list,
    str,
    dict,
    torch.Tensor,
    range,
    np.ndarray,
    types.GeneratorType,
    set,
    PackedSequence,
    torch.Size,
)


def assign(machine: Machine, target: ast.expr, value: Value, scope: Scope) -> None:
    """Give a target its value."""
    match target:
        case ast.Name(id=name):
            if name.startswith("__") and name not in ("__all__", "__version__"):
                raise not_understood(name)
            value = named(value, name)
            scope.set(name, value)
            machine.show(name, value)
        case ast.Tuple() | ast.List():
            _unpack(machine, target, value, scope)
        case ast.Attribute():
            _at_line(target, lambda: put(machine, machine.value(target.value, scope), target.attr, value))
            if isinstance(target.value, ast.Name):
                machine.show(f"{target.value.id}.{target.attr}", value)
        case ast.Subscript():
            owner, index = machine.value(target.value, scope), machine.value(target.slice, scope)
            _at_line(target, lambda: _put_item(machine, owner, index, value, target))
        case ast.Starred():
            machine.assign(target.value, value, scope)


def _at_line(target: ast.expr, act: Any) -> None:
    try:
        act()
    except Raised as raised:
        if raised.number is None:
            raised.number, raised.node = target.lineno, target
        raise


def _put_item(machine: Machine, owner: Value, index: Value, value: Value, target: ast.Subscript) -> None:
    if isinstance(owner, (Unknown, Quiet)):
        return
    if is_dark(index) or (
        isinstance(value, Unknown) and is_dark(value) and isinstance(owner, (torch.Tensor, np.ndarray))
    ):
        if isinstance(owner, torch.Tensor):
            mark(owner, is_drawn=True)
        return
    known = (list, dict, tuple, torch.Tensor, np.ndarray, nn.ModuleDict, nn.ModuleList)
    if not isinstance(owner, known) and not machine.has_own_class(owner):
        raise not_understood(ast.unparse(target))
    if isinstance(owner, dict):
        machine.budget.weigh(index)
        if len(owner) > MAX_ITEMS:
            raise TooMuch
    place, was_drawn = sampled(index)
    if isinstance(owner, (list, dict)) and was_drawn and isinstance(index, Drawn):
        return
    given, is_sample = sampled(value) if isinstance(owner, (torch.Tensor, np.ndarray)) else (value, False)
    machine.calling = Call(target, operator.setitem, (owner, index, value), {}, (target.value,))
    machine.foreign(operator.setitem, owner, place, given)
    if isinstance(owner, torch.Tensor) and (
        is_sample or was_drawn or (isinstance(given, torch.Tensor) and is_drawn(given))
    ):
        mark(owner, is_drawn=True)
    if isinstance(owner, np.ndarray) and (is_sample or was_drawn) and isinstance(target.value, ast.Name):
        names, drawing = machine.globals.names, owner.view(Drawing)
        if names.get(target.value.id) is owner:
            names[target.value.id] = drawing  # its numbers are drawn from now on


def _unpack(machine: Machine, target: ast.Tuple | ast.List, value: Value, scope: Scope) -> None:
    count = len(target.elts)
    stars = [i for i, part in enumerate(target.elts) if isinstance(part, ast.Starred)]
    if isinstance(value, (Unknown, Quiet)):
        parts: list[Value] = [value if isinstance(value, Quiet) else unknown_of([value])] * count
    else:
        if (
            (
                not isinstance(value, _UNPACKED)
                and hasattr(type(value), "__iter__")
                and not hasattr(type(value), "__next__")
            )
            and not machine.has_own_class(value)
            and not isinstance(value, (nn.ModuleList, nn.Sequential))
        ):
            raise not_understood("unpacking this")
        machine.before_unpacking(target, value)
        machine.calling = Call(target, None, (value,), {}, ())
        _at_line(target, lambda: None)
        parts = _parts(machine, target, value, count, stars[0] if stars else None)
    for part, item in zip(target.elts, parts, strict=True):
        machine.assign(part, item, scope)


def _parts(machine: Machine, target: ast.expr, value: Value, count: int, star: int | None) -> list[Value]:
    """Unpack a value into as many parts as there are names, with Python's words if that cannot be."""
    raised: Exception | None = None
    given: list[Value] = []
    if not hasattr(type(value), "__iter__") and not hasattr(type(value), "__getitem__"):
        raised = TypeError(f"cannot unpack non-iterable {type(value).__name__} object")
    else:
        try:
            for item in machine.items(value) if not isinstance(value, (tuple, list, PackedSequence)) else iter(value):
                given.append(item)
                if star is None and len(given) > count:
                    break
        except Raised as error:
            error.number, error.node, error.call = target.lineno, target, Call(target, None, (value,), {}, ())
            raise
    if raised is None and star is None and len(given) > count:
        raised = ValueError(f"too many values to unpack (expected {count})")
    elif raised is None and len(given) < count - (star is not None):
        least = "at least " if star is not None else ""
        raised = ValueError(
            f"not enough values to unpack (expected {least}{count - (star is not None)}, got {len(given)})"
        )
    if raised is not None:
        told = Raised(raised)
        told.number, told.node, told.call = target.lineno, target, Call(target, None, (value,), {}, ())
        raise told
    if star is None:
        return given
    rest = len(given) - (count - 1)
    return [*given[:star], given[star : star + rest], *given[star + rest :]]

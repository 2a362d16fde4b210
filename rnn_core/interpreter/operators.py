"""Arithmetic, comparison and indexing, with Python's and torch's own operators."""

from __future__ import annotations

import ast
import builtins
import collections
import operator
import re
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils import data

from rnn_core.interpreter.budget import MAX_ARRAY, MAX_ITEMS
from rnn_core.interpreter.core import Machine, bounded, unknown_of
from rnn_core.interpreter.errors import Call, Raised, TooMuch, not_understood
from rnn_core.interpreter.outside import Outside, Table
from rnn_core.interpreter.values import (
    SCALARS,
    UNKNOWN,
    Bound,
    Builtin,
    Drawing,
    Drawn,
    Library,
    Named,
    Quiet,
    Unknown,
    Value,
    drawn_in,
    holds_drawn,
    holds_tensors,
    is_dark,
    is_same_kind,
    mark,
    real_type,
    rewrapped,
    sampled,
)

Operator = Callable[[Any, Any], Any]
ARITHMETIC: dict[type[ast.operator], Operator] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: operator.pow, ast.MatMult: operator.matmul,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], Operator] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
}  # fmt: skip
SIGNS = {ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert}
_INDEXABLE = (
    list, tuple, dict, str, range, torch.Tensor, np.ndarray, nn.ModuleList, nn.Sequential, nn.ModuleDict,
    nn.ParameterList, nn.ParameterDict, data.Dataset, collections.deque, type(None), int,
    float, set, types.GeneratorType,
)  # fmt: skip
_PLAIN = (int, float, str, list, tuple, set, frozenset, dict, bool, type(None))


def operate(
    machine: Machine, node: ast.expr, op: ast.operator, left: Value, right: Value, nodes: tuple[ast.expr, ast.expr]
) -> Value:
    """Do arithmetic that stands in the paste."""
    outer, machine.calling = machine.calling, Call(node, None, (left, right), {}, nodes)
    try:
        made = binary(machine, ARITHMETIC[type(op)], type(op), left, right)
    except Raised as raised:
        raised.call = raised.call or machine.calling
        raise
    finally:
        machine.calling = outer
    machine.after_arithmetic(node, left, right, made)
    return made


def binary(machine: Machine, function: Any, kind: type[ast.operator], left: Value, right: Value) -> Value:
    """Do arithmetic."""
    if is_dark((left, right)) and not (kind is ast.Add and isinstance(left, list) and isinstance(right, list)):
        return unknown_of([left, right]) if isinstance(left, Unknown) or isinstance(right, Unknown) else UNKNOWN
    left, right = (v.numbers() if isinstance(v, Table) else v for v in (left, right))
    if kind is ast.Mod and isinstance(left, str):
        return _percent(machine, left, right)
    drawn = any(isinstance(v, (Drawn, Drawing)) for v in (left, right))
    if drawn:
        left, right = (v.sample if isinstance(v, Drawn) else v for v in (left, right))
    _check_size(kind, left, right)
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        if kind is ast.MatMult and sum(np.size(v) for v in (left, right)) > MAX_ARRAY:
            raise not_understood("such a large array")
        if (
            kind is not ast.MatMult
            and not isinstance(left, (list, torch.Tensor))
            and not isinstance(right, (list, torch.Tensor))
        ):
            _check_arrays(left, right)
    elif isinstance(left, (Bound, Quiet, Library, Outside)) or not (
        isinstance(left, (*_PLAIN, torch.Tensor, np.generic, nn.Module))
        or machine.has_own_class(left)
        or hasattr(type(left), "__add__")
    ):
        raise not_understood("such arithmetic")
    try:
        made = bounded(machine.foreign(function, left, right))
    except Raised:
        if (
            drawn
            and not isinstance(left, (torch.Tensor, np.ndarray))
            and not isinstance(right, (torch.Tensor, np.ndarray))
        ):
            return Drawn(None)
        raise
    if drawn:
        return rewrapped(made)
    if type(made) is int and kind is ast.Mult:
        words = [getattr(v, "word", "") for v in (left, right)]
        return Named(made, "*".join(words)) if all(words) else made
    return made


def _check_arrays(left: Value, right: Value) -> None:
    try:
        shape = np.broadcast_shapes(np.shape(left), np.shape(right))
    except (ValueError, TypeError):
        return  # numpy says it itself
    if int(np.prod(shape, dtype=float)) > MAX_ARRAY * 4:
        raise not_understood("such a large array")


def _percent(machine: Machine, left: str, right: Value) -> Value:
    if re.search(r"\d{3}|\*", left) or isinstance(right, (nn.Module, Bound, Quiet, Outside)):
        raise not_understood("such a format")
    if holds_drawn(right) or holds_tensors(right):
        return Drawn("text")
    machine.budget.weigh(right)
    return bounded(machine.foreign(operator.mod, left, right))


def compared(machine: Machine, op: ast.cmpop, left: Value, right: Value) -> Value:
    """Compare."""
    left, right = real_type(left), real_type(right)
    if isinstance(op, (ast.Is, ast.IsNot)):
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            known = isinstance(left, Drawn) and left.sample is not None and right is None
            return isinstance(op, ast.IsNot) if known else unknown_of([left, right])
        return _COMPARISONS[type(op)](left, right)
    if is_dark((left, right)):
        return (
            Drawn(True)
            if not isinstance(left, Unknown) and not isinstance(right, Unknown)
            else unknown_of([left, right])
        )
    drawn = holds_drawn((left, right))
    left, right = sampled(left)[0], sampled(right)[0]
    machine.budget.weigh((left, right) if not isinstance(right, (torch.Tensor, np.ndarray)) else left)
    if isinstance(op, (ast.In, ast.NotIn)):
        if isinstance(right, (torch.Tensor, Outside)) or (
            not isinstance(right, (*_PLAIN, range, nn.ModuleDict)) and not machine.has_own_class(right)
        ):
            raise not_understood("in")
        made = machine.foreign(operator.contains, right, left)
        made = not made if isinstance(op, ast.NotIn) else made
    else:
        made = machine.foreign(_COMPARISONS[type(op)], left, right)
    return rewrapped(made) if drawn else made


def get_item(machine: Machine, owner: Value, index: Value, node: ast.expr) -> Value:
    """Return owner[index]."""
    if (isinstance(owner, Unknown) and not isinstance(getattr(owner, "sample", None), str)) or is_dark(index):
        return unknown_of([owner, index, UNKNOWN] if not isinstance(owner, Drawn) else [owner])
    if isinstance(owner, Drawn) and isinstance(owner.sample, str):
        made = _drawn_item(machine, owner.sample, sampled(index)[0])
        return made if isinstance(made, Unknown) else Drawn(made)
    if isinstance(owner, Quiet):
        return owner
    if isinstance(owner, Table):
        return owner.part(index)
    if isinstance(owner, Library):
        return owner  # typing: List[int]
    given = index
    index, drawn = sampled(index)
    is_drawn_index = drawn and holds_drawn(given)
    if isinstance(owner, (list, tuple, str, dict)) and is_drawn_index:
        return _drawn_item(machine, owner, index)
    if isinstance(owner, (Bound, Builtin)):
        owner = owner.function if isinstance(owner, Bound) else getattr(builtins, owner.name)
    elif isinstance(owner, type) or (
        not isinstance(owner, _INDEXABLE) and not machine.has_own_class(owner) and not isinstance(owner, nn.Module)
    ):
        raise not_understood(ast.unparse(node))
    if not isinstance(index, (torch.Tensor, np.ndarray)):
        machine.budget.weigh(index)
    if is_drawn_index and any(isinstance(d, Drawn) for part in _slices(given) for d in drawn_in(part)):
        machine.is_exact = False
    made = machine.foreign(operator.getitem, owner, index)
    if isinstance(owner, np.ndarray):
        return rewrapped(made) if isinstance(owner, Drawing) or is_drawn_index else made
    if is_drawn_index and isinstance(made, torch.Tensor):
        mark(made, is_drawn=True)
    return made


def _drawn_item(machine: Machine, owner: Value, index: Value) -> Value:
    try:
        made = machine.foreign(operator.getitem, owner, index)
    except Raised:
        return Drawn(None)
    if isinstance(made, SCALARS):
        return Drawn(made)
    others = list(owner.values()) if isinstance(owner, dict) else list(owner)
    if not all(is_same_kind(made, other) for other in others[:50]):
        machine.is_exact = False
    return made


def _slices(index: Value) -> list[Value]:
    return [part for part in (index if isinstance(index, tuple) else (index,)) if isinstance(part, slice)]


def _check_size(kind: type[ast.operator], left: Value, right: Value) -> None:
    """Stop at arithmetic whose result would be too large."""
    if isinstance(left, int) and isinstance(right, int):
        if kind is ast.Pow and abs(left) > 1 and (abs(right) > 1100 or (right > 0 and left.bit_length() * right > 64)):
            raise not_understood("numbers of more than 64 bits")
        if kind is ast.LShift and right > 63:
            raise not_understood("numbers of more than 64 bits")
    if kind is ast.Mult:
        for a, b in ((left, right), (right, left)):
            if isinstance(a, (str, list, tuple)) and isinstance(b, int) and len(a) * b > MAX_ITEMS:
                raise TooMuch

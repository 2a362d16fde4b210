"""Python's own functions, as far as a paste may use them: `_NAME` is the function NAME."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from rnn_core.interpreter.attributes import get, put
from rnn_core.interpreter.budget import words_of
from rnn_core.interpreter.core import Machine, bounded, unknown_of
from rnn_core.interpreter.errors import Raised, not_understood
from rnn_core.interpreter.loading import Loader
from rnn_core.interpreter.methods import callback, sampled_arguments
from rnn_core.interpreter.operators import binary
from rnn_core.interpreter.outside import Outside, Table
from rnn_core.interpreter.values import (
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
    axes_of,
    holds_drawn,
    holds_tensors,
    is_dark,
    is_drawn,
    real_type,
    rewrapped,
    sampled,
    tensors_in,
)

_OPAQUE = (nn.Module, Bound, Builtin, Library, Quiet, Outside)
# what Python has and a paste may not call
_REFUSED = words_of(
    """open eval exec compile input globals locals vars dir __import__ memoryview bytes bytearray complex exit quit
    format super property classmethod staticmethod delattr breakpoint help ascii bin hex oct"""
)


def _print(machine: Machine, *args: Any, **_: Any) -> None:
    """Keep what is printed, where it follows from shapes and whole numbers."""
    shown = (*_OPAQUE, torch.Tensor, np.ndarray, Unknown)
    if any(isinstance(a, shown) or callable(a) or machine.has_own_class(a) for a in args):
        return
    if is_dark(args) or holds_drawn(args) or holds_tensors(args):
        return
    machine.budget.weigh(args)
    machine.printed(" ".join(str(a) for a in args))


def _range(machine: Machine, *args: Any) -> Value:
    """Return a range; of a length that another reading draws differently, if it is drawn."""
    return unknown_of(args) if is_dark(args) else range(*sampled_arguments(machine, list(args), {})[0])


def _len(machine: Machine, *args: Any) -> Value:
    if len(args) != 1:
        return len(*args)  # raises
    (value,) = args
    match value:
        case Drawn(sample=str()):
            machine.is_exact = False
            return len(value.sample)
        case Unknown():
            return unknown_of(args)
        case Loader():
            return len(value.batches(machine))
        case Table():
            return value.rows
    made = len(value)
    word = axes_of(value)[0] if isinstance(value, torch.Tensor) and value.dim() else ""
    return Named(made, word) if word else made


def _collected(kind: Callable[..., Value], machine: Machine, *args: Any) -> Value:
    return kind(machine.listed(args[0]), *args[1:]) if args else kind()


def _set(machine: Machine, *args: Any) -> Value:
    items = machine.listed(args[0]) if args else []
    machine.budget.weigh(items)
    return Drawn(None) if holds_drawn(items) else set(items, *args[1:])


def _dict(machine: Machine, *args: Any, **kwargs: Any) -> Value:
    if args and not isinstance(args[0], dict):
        args = (machine.listed(args[0]),)
        machine.budget.weigh([pair[0] for pair in args[0] if isinstance(pair, (tuple, list)) and pair])
    return dict(*args, **kwargs)


def _sorted(machine: Machine, value: Value, *, key: Value = None, reverse: Value = False) -> Value:
    """Return a sorted list; in any order, if that is drawn."""
    items = machine.listed(value)
    if is_dark(items):
        return UNKNOWN
    if holds_drawn(items) or any(map(is_drawn, tensors_in(items))):
        return items
    machine.budget.weigh(items)
    return sorted(items, key=callback(machine, key), reverse=bool(reverse))


def _enumerate(machine: Machine, value: Value, start: int = 0) -> Value:
    return Paired(machine, [value], start)


def _zip(machine: Machine, *values: Any, strict: bool = False) -> Value:
    del strict
    return Paired(machine, list(values), None)


def _sum(machine: Machine, value: Value, start: Value = 0) -> Value:
    """Return a sum, added up one by one."""
    if isinstance(value, np.ndarray):
        return rewrapped(sum(value)) if isinstance(value, Drawing) else sum(value)
    for item in machine.items(value):
        start = binary(machine, operator.add, ast.Add, start, item)
    return start


def _extreme(function: Any, machine: Machine, *args: Any, key: Value = None, **more: Any) -> Value:
    """Return the smallest or the largest."""
    if len(args) == 1 and not isinstance(args[0], Unknown):
        args = (machine.listed(args[0]),)
    if is_dark(args):
        return unknown_of(args)
    if any(map(is_drawn, tensors_in(args))):
        found = list(tensors_in(args))
        return found[0] if len({t.shape for t in found}) == 1 else Drawn(None)
    machine.budget.weigh(args)
    plain, drawn = sampled(args)
    made = function(*plain, key=callback(machine, key), **more)
    return rewrapped(made) if drawn else made


def _number(function: Any, machine: Machine, *args: Any) -> Value:
    """Do what makes one number or text of one."""
    if is_dark(args):
        return unknown_of(args)
    machine.budget.weigh(args)
    if args and isinstance(args[0], torch.Tensor) and function in (abs, round):
        return function(*args)
    if args and isinstance(args[0], str) and len(args[0]) > 30 and function is int:
        raise not_understood("so many digits")
    if any(t.is_meta for t in tensors_in(args)):
        return Drawn(0.5 if function is float else machine.varied(1, 9))
    plain, drawn = sampled(args)
    if not drawn:
        return bounded(function(*plain))
    try:
        return Drawn(function(*plain))
    except (ValueError, OverflowError, TypeError):
        return Drawn(function() if function in (int, float, str) else None)


def _pow(machine: Machine, left: Value, right: Value) -> Value:
    return binary(machine, operator.pow, ast.Pow, left, right)


def _slice(_: Machine, *args: Any) -> Value:
    return slice(*args)


def _str(machine: Machine, *args: Any) -> Value:
    if any(isinstance(a, _OPAQUE) or machine.has_own_class(a) for a in args) or holds_tensors(args):
        return Drawn("text")
    return _number(str, machine, *args)


def _bool(machine: Machine, value: Value = False) -> Value:
    held = machine.truth(value)
    return Drawn(True) if held is None else held


def _isinstance(_: Machine, value: Value, kinds: Value) -> Value:
    if isinstance(value, Unknown) and not (isinstance(value, Drawn) and value.sample is not None):
        return unknown_of([value])
    value = value.sample if isinstance(value, Drawn) else value
    wanted = tuple(real_type(k) for k in (kinds if isinstance(kinds, tuple) else (kinds,)))
    if any(isinstance(kind, (Library, Unknown, Quiet)) for kind in wanted):
        raise not_understood("isinstance")
    return isinstance(value, wanted)


def _issubclass(_: Machine, value: Value, kinds: Value) -> Value:
    return issubclass(real_type(value), real_type(kinds))


def _type(machine: Machine, *args: Any) -> Value:
    if len(args) != 1 or isinstance(args[0], (Unknown, Bound, Builtin, Library, Quiet, Outside)):
        raise not_understood("type()")
    kind = int if type(args[0]) is Named else type(args[0])
    return machine.of_type.get(kind, kind)


def _callable(_: Machine, value: Value) -> Value:
    return isinstance(value, (Bound, Builtin)) or callable(value)


def _iter(machine: Machine, value: Value) -> Value:
    return machine.items(value)


def _next(_: Machine, value: Value, *default: Any) -> Value:
    if not isinstance(value, Iterator):
        raise TypeError(f"'{type(value).__name__}' object is not an iterator")
    return next(value, *default)


def _reversed(machine: Machine, value: Value) -> Value:
    return iter(machine.listed(value)[::-1])


def _map(machine: Machine, function: Value, *values: Any) -> Value:
    return iter([machine.call(function, list(a), {}) for a in zip(*map(machine.items, values), strict=False)])


def _filter(machine: Machine, function: Value, values: Value) -> Value:
    kept = []
    for item in machine.items(values):
        held = machine.truth(item if function is None else machine.call(function, [item], {}))
        if held is None:
            raise not_understood("a condition on numbers that are not known")
        if held:
            kept.append(item)
    return iter(kept)


def _held(wanted: bool, machine: Machine, values: Value) -> Value:
    """Return whether one holds, or all."""
    is_open = False
    for item in machine.items(values):
        held = machine.truth(item)
        if held is wanted:
            return wanted
        is_open = is_open or held is None
    return Drawn(not wanted) if is_open else not wanted


def _getattr(machine: Machine, owner: Value, name: Value, *default: Any) -> Value:
    if not isinstance(name, str):
        raise not_understood("getattr")
    try:
        return get(machine, owner, name)
    except Raised as raised:
        if default and isinstance(raised.error, AttributeError):
            return default[0]
        raise


def _hasattr(machine: Machine, owner: Value, name: str) -> Value:
    try:
        get(machine, owner, name)
    except Raised:
        return False
    return True


def _setattr(machine: Machine, owner: Value, name: Value, value: Value) -> None:
    if not isinstance(name, str):
        raise not_understood("setattr")
    put(machine, owner, name, value)


def _id(_: Machine, __: Value) -> Value:
    """Return a number that nobody knows."""
    return Drawn(1)


class Paired:
    """What zip and enumerate return: it can be gone through at a bounded pace, and from any place if its parts can."""

    def __init__(self, machine: Machine, values: list[Value], start: int | None) -> None:
        self.values, self.start = values, start
        parts = [machine.items(value) for value in values]
        self._steps = iter(zip(*parts, strict=False) if start is None else enumerate(parts[0], start))

    def walk(self, _: Machine) -> Iterator[Value]:
        """Go through the items."""
        return self._steps

    def __iter__(self) -> Iterator[Value]:
        return self._steps

    def __next__(self) -> Value:
        return next(self._steps)


# what makes nothing known of a value that is not known
_WALKS: dict[str, Callable[..., Value]] = {
    "list": partial(_collected, list), "tuple": partial(_collected, tuple), "set": _set, "frozenset": _set,
    "dict": _dict, "sorted": _sorted, "enumerate": _enumerate, "zip": _zip, "sum": _sum, "iter": _iter, "next": _next,
    "reversed": _reversed, "map": _map, "filter": _filter, "any": partial(_held, True), "all": partial(_held, False),
}  # fmt: skip
_OTHERS: dict[str, Callable[..., Value]] = {
    "print": _print, "range": _range, "len": _len, "min": partial(_extreme, min), "max": partial(_extreme, max),
    "pow": _pow, "slice": _slice, "str": _str, "repr": _str, "bool": _bool, "isinstance": _isinstance,
    "issubclass": _issubclass, "type": _type, "callable": _callable, "getattr": _getattr, "hasattr": _hasattr,
    "setattr": _setattr, "id": _id, "hash": _id,
    **{f.__name__: partial(_number, f) for f in (int, float, abs, round, chr, ord, divmod)},
}  # fmt: skip
_TYPES = {kind.__name__: kind for kind in (int, float, str, bool, list, tuple, dict, set)}


def _of_known(run: Callable[..., Value]) -> Callable[..., Value]:
    def called(machine: Machine, *args: Any, **kwargs: Any) -> Value:
        return unknown_of(args) if any(isinstance(a, Unknown) for a in args) else run(machine, *args, **kwargs)

    return called


BUILTINS = {name: Builtin(name, _of_known(run), _TYPES.get(name)) for name, run in _WALKS.items()}
BUILTINS |= {name: Builtin(name, run, _TYPES.get(name)) for name, run in _OTHERS.items()}
BUILTINS |= {name: Builtin(name) for name in _REFUSED}
OF_TYPE = {builtin.kind: builtin for builtin in BUILTINS.values() if builtin.kind is not None}

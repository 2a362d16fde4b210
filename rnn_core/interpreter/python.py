"""Python's own functions, as far as a paste may use them."""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from rnn_core.interpreter.budget import words_of
from rnn_core.interpreter.calls import Calls
from rnn_core.interpreter.core import bounded, unknown_of
from rnn_core.interpreter.errors import Raised, not_understood
from rnn_core.interpreter.loading import Loader
from rnn_core.interpreter.outside import Outside, Table
from rnn_core.interpreter.values import (
    UNKNOWN,
    Bound,
    Drawing,
    Drawn,
    Library,
    Named,
    Quiet,
    Unknown,
    Value,
    axes_of,
    drawn_in,
    is_dark,
    is_drawn,
    rewrapped,
    sampled,
    tensors_in,
)

_TYPES: dict[str, Any] = {
    "int": int, "float": float, "str": str, "bool": bool, "list": list, "tuple": tuple, "dict": dict, "set": set,
}  # fmt: skip
NAMES = words_of(
    """print range len list tuple dict set sorted enumerate zip sum min max abs int float str bool isinstance type next
    iter reversed round map filter any all getattr hasattr setattr repr chr ord callable frozenset divmod pow slice
    issubclass id hash"""
)


class Python(Calls):
    """Holds Python's functions; `b_NAME` is the function NAME."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.builtins = {name: getattr(self, f"b_{name}") for name in NAMES}
        self.types = {self.builtins[name]: kind for name, kind in _TYPES.items()}
        self.of_type = {kind: self.builtins[name] for name, kind in _TYPES.items()}

    def binary(self, function: Any, kind: type[ast.operator], left: Value, right: Value) -> Value:
        """Do arithmetic."""
        raise NotImplementedError

    def real_type(self, value: Value) -> Value:
        """Return the type that a name such as int stands for."""
        return self.types.get(value, value) if getattr(value, "__self__", None) is self else value

    def b_print(self, *args: Any, **kwargs: Any) -> None:
        """Keep what is printed, where it follows from shapes and whole numbers."""
        shown = (nn.Module, torch.Tensor, np.ndarray, Bound, Library, Quiet, Outside, Unknown)
        del kwargs
        if any(isinstance(a, shown) or callable(a) or self.has_own_class(a) for a in args):
            return
        if is_dark(args) or any(True for _ in drawn_in(args)) or any(True for _ in tensors_in(args)):
            return
        self.budget.weigh(args)
        self.printed(" ".join(str(a) for a in args))

    def b_range(self, *args: Any) -> Value:
        """Return a range; of a length that another reading draws differently, if it is drawn."""
        if is_dark(args):
            return unknown_of(args)
        given, _, _ = self._sampled(list(args), {})
        return range(*given)

    def b_len(self, *args: Any) -> Value:
        """Return a length."""
        if len(args) != 1:
            return len(*args)
        (value,) = args
        if isinstance(value, Unknown):
            if isinstance(value, Drawn) and isinstance(value.sample, str):
                self.is_exact = False
                return len(value.sample)
            return unknown_of(args)
        if isinstance(value, Loader):
            return value.length(self)
        if isinstance(value, Table):
            return value.rows
        made = len(value)
        word = axes_of(value)[0] if isinstance(value, torch.Tensor) and value.dim() else ""
        return Named(made, word) if word else made

    def _collected(self, kind: Any, args: tuple[Any, ...]) -> Value:
        if args and isinstance(args[0], Unknown):
            return unknown_of(args)
        if not args:
            return kind()
        items = self.listed(args[0])
        return kind(items, *args[1:])

    def b_list(self, *args: Any) -> Value:
        """Return a list."""
        return self._collected(list, args)

    def b_tuple(self, *args: Any) -> Value:
        """Return a tuple."""
        return self._collected(tuple, args)

    def b_set(self, *args: Any) -> Value:
        """Return a set."""
        if args and not isinstance(args[0], Unknown):
            items = self.listed(args[0])
            self.budget.weigh(items)
            return Drawn(None) if any(True for _ in drawn_in(items)) else set(items)
        return self._collected(set, args)

    b_frozenset = b_set

    def b_dict(self, *args: Any, **kwargs: Any) -> Value:
        """Return a dictionary."""
        if args and isinstance(args[0], Unknown):
            return UNKNOWN
        if args and not isinstance(args[0], dict):
            args = (self.listed(args[0]),)
            self.budget.weigh([pair[0] for pair in args[0] if isinstance(pair, (tuple, list)) and pair])
        return dict(*args, **kwargs)

    def b_sorted(self, value: Value, *, key: Value = None, reverse: Value = False) -> Value:
        """Return a sorted list; in any order, if that is drawn."""
        if isinstance(value, Unknown):
            return unknown_of([value])
        items = self.listed(value)
        if is_dark(items):
            return UNKNOWN
        if any(True for _ in drawn_in(items)) or any(map(is_drawn, tensors_in(items))):
            return items
        self.budget.weigh(items)
        return sorted(items, key=self.callback(key), reverse=bool(reverse))

    def b_enumerate(self, value: Value, start: int = 0) -> Value:
        """Number what is in a value."""
        return unknown_of([value]) if isinstance(value, Unknown) else Paired(self, [value], start)

    def b_zip(self, *values: Any, strict: bool = False) -> Value:
        """Go through several values at once."""
        del strict
        return unknown_of(values) if any(isinstance(v, Unknown) for v in values) else Paired(self, list(values), None)

    def b_sum(self, value: Value, start: Value = 0) -> Value:
        """Return a sum, added up one by one."""
        if isinstance(value, Unknown):
            return unknown_of([value])
        if isinstance(value, np.ndarray):
            return rewrapped(sum(value)) if isinstance(value, Drawing) else sum(value)
        for item in self.items(value):
            start = self.binary(operator.add, ast.Add, start, item)
        return start

    def _extreme(self, function: Any, args: tuple[Any, ...], key: Value, more: dict[str, Value]) -> Value:
        if len(args) == 1 and not isinstance(args[0], Unknown):
            args = (self.listed(args[0]),)
        if is_dark(args):
            return unknown_of(args)
        if any(map(is_drawn, tensors_in(args))):
            found = list(tensors_in(args))
            return found[0] if len({t.shape for t in found}) == 1 else Drawn(None)
        self.budget.weigh(args)
        plain, drawn = sampled(args)
        made = function(*plain, key=self.callback(key), **more)
        return rewrapped(made) if drawn else made

    def b_min(self, *args: Any, key: Value = None, **more: Any) -> Value:
        """Return the smallest."""
        return self._extreme(min, args, key, more)

    def b_max(self, *args: Any, key: Value = None, **more: Any) -> Value:
        """Return the largest."""
        return self._extreme(max, args, key, more)

    def _number(self, function: Any, args: tuple[Any, ...]) -> Value:
        if is_dark(args):
            return unknown_of(args)
        self.budget.weigh(args)
        tensors = list(tensors_in(args))
        if any(t.is_meta for t in tensors):
            return Drawn(0.5 if function is float else self.varied(1, 9))
        plain, drawn = sampled(args)
        if drawn:
            try:
                return Drawn(function(*plain))
            except (ValueError, OverflowError, TypeError):
                return Drawn(function() if function in (int, float, str) else None)
        return bounded(function(*plain))

    def b_abs(self, value: Value) -> Value:
        """Return what a number is without its sign."""
        return abs(value) if isinstance(value, torch.Tensor) else self._number(abs, (value,))

    def b_int(self, *args: Any) -> Value:
        """Return a whole number."""
        if args and isinstance(args[0], str) and len(args[0]) > 30:
            raise not_understood("so many digits")
        return self._number(int, args)

    def b_float(self, *args: Any) -> Value:
        """Return a number with fractions."""
        return self._number(float, args)

    def b_round(self, *args: Any) -> Value:
        """Return a rounded number."""
        return round(*args) if args and isinstance(args[0], torch.Tensor) else self._number(round, args)

    def b_chr(self, *args: Any) -> Value:
        """Return the character of a number."""
        return self._number(chr, args)

    def b_ord(self, *args: Any) -> Value:
        """Return the number of a character."""
        return self._number(ord, args)

    def b_divmod(self, *args: Any) -> Value:
        """Return quotient and rest."""
        return self._number(divmod, args)

    def b_pow(self, left: Value, right: Value) -> Value:
        """Return a power."""
        return self.binary(operator.pow, ast.Pow, left, right)

    def b_slice(self, *args: Any) -> Value:
        """Return a slice."""
        return slice(*args)

    def b_str(self, *args: Any) -> Value:
        """Return a text."""
        if args and (isinstance(args[0], (nn.Module, Bound, Library, Quiet, Outside)) or self.has_own_class(args[0])):
            return Drawn("text")
        if any(True for _ in tensors_in(args)):
            return Drawn("text")
        return self._number(str, args)

    b_repr = b_str

    def b_bool(self, value: Value = False) -> Value:
        """Return whether something holds."""
        held = self.truth(value)
        return Drawn(True) if held is None else held

    def b_isinstance(self, value: Value, kinds: Value) -> Value:
        """Return whether a value is of a type."""
        if isinstance(value, Unknown) and not (isinstance(value, Drawn) and value.sample is not None):
            return unknown_of([value])
        value = value.sample if isinstance(value, Drawn) else value
        wanted = tuple(self.real_type(k) for k in (kinds if isinstance(kinds, tuple) else (kinds,)))
        if any(isinstance(kind, (Library, Unknown, Quiet)) for kind in wanted):
            raise not_understood("isinstance")
        return isinstance(value, wanted)

    def b_issubclass(self, value: Value, kinds: Value) -> Value:
        """Return whether a class is one of another."""
        return issubclass(self.real_type(value), self.real_type(kinds))

    def b_type(self, *args: Any) -> Value:
        """Return the type of a value."""
        if len(args) != 1 or isinstance(args[0], (Unknown, Bound, Library, Quiet, Outside)):
            raise not_understood("type()")
        kind = type(args[0])
        plain = next((b for b, t in self.types.items() if t is (int if kind is Named else kind)), None)
        return plain or kind

    def b_callable(self, value: Value) -> Value:
        """Return whether something can be called."""
        return isinstance(value, Bound) or callable(value)

    def b_iter(self, value: Value) -> Value:
        """Return something that goes through a value."""
        return unknown_of([value]) if isinstance(value, Unknown) else self.items(value)

    def b_next(self, value: Value, *default: Any) -> Value:
        """Return the next item."""
        if isinstance(value, Unknown):
            return unknown_of([value])
        if not isinstance(value, Iterator):
            raise TypeError(f"'{type(value).__name__}' object is not an iterator")
        return next(value, *default)

    def b_reversed(self, value: Value) -> Value:
        """Return the items from the end."""
        return unknown_of([value]) if isinstance(value, Unknown) else iter(self.listed(value)[::-1])

    def b_map(self, function: Value, *values: Any) -> Value:
        """Call a function with each item."""
        if any(isinstance(v, Unknown) for v in values):
            return unknown_of(values)
        return iter([self.call(function, list(a), {}) for a in zip(*(self.items(v) for v in values), strict=False)])

    def b_filter(self, function: Value, values: Value) -> Value:
        """Return the items for which a function holds."""
        kept = []
        for item in self.items(values):
            held = self.truth(item if function is None else self.call(function, [item], {}))
            if held is None:
                raise not_understood("a condition on numbers that are not known")
            if held:
                kept.append(item)
        return iter(kept)

    def _held(self, values: Value, wanted: bool) -> Value:
        if isinstance(values, Unknown):
            return unknown_of([values])
        is_open = False
        for item in self.items(values):
            held = self.truth(item)
            if held is wanted:
                return wanted
            is_open = is_open or held is None
        return Drawn(not wanted) if is_open else not wanted

    def b_any(self, values: Value) -> Value:
        """Return whether one holds."""
        return self._held(values, True)

    def b_all(self, values: Value) -> Value:
        """Return whether all hold."""
        return self._held(values, False)

    def b_getattr(self, owner: Value, name: Value, *default: Any) -> Value:
        """Return an attribute by its name."""
        if not isinstance(name, str):
            raise not_understood("getattr")
        try:
            return self.get(owner, name)
        except Raised as raised:
            if default and isinstance(raised.error, AttributeError):
                return default[0]
            raise

    def b_hasattr(self, owner: Value, name: str) -> Value:
        """Return whether there is an attribute."""
        try:
            self.get(owner, name)
        except Raised:
            return False
        return True

    def b_setattr(self, owner: Value, name: Value, value: Value) -> None:
        """Set an attribute by its name."""
        if not isinstance(name, str):
            raise not_understood("setattr")
        self.put(owner, name, value)

    def b_id(self, _: Value) -> Value:
        """Return a number that nobody knows."""
        return Drawn(1)

    b_hash = b_id


class Paired:
    """What zip and enumerate return: it can be gone through at a bounded pace, and from any place if its parts can."""

    def __init__(self, machine: Python, values: list[Value], start: int | None) -> None:
        self.values, self.start = values, start
        self._steps = self.walk(machine)

    def walk(self, machine: Any) -> Iterator[Value]:
        """Go through the items."""
        parts = [machine.items(value) for value in self.values]
        if self.start is None:
            return iter(zip(*parts, strict=False))
        return iter(enumerate(parts[0], self.start))

    def __iter__(self) -> Iterator[Value]:
        return self._steps

    def __next__(self) -> Value:
        return next(self._steps)

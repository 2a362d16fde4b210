"""What a name can hold while code is read: Python's and torch's own values, and stand-ins for what cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter.budget import words_of

Value = Any
SCALARS = (bool, int, float, str, np.generic)


class Unknown:
    """A value that is not understood; whatever is done with it is not understood either."""

    def __deepcopy__(self, _: Any) -> Unknown:
        return self


UNKNOWN = Unknown()


@dataclass(frozen=True, eq=False)
class Builtin:
    """A function of Python.

    Attributes:
        run: what it does here, given the machine and its arguments; None if a paste may name it but not call it.
        kind: the type that the name stands for, if it does.
    """

    name: str
    run: Callable[..., Value] | None = None
    kind: type | None = None


class Drawn(Unknown):
    """A number or a text that depends on what is drawn, on a clock or on a file.

    Attributes:
        sample: what it happens to be in this reading; another reading draws another one, and only what both agree on
            is told. None if it is not even known what it could be.
    """

    def __init__(self, sample: Value) -> None:
        self.sample = sample

    def __deepcopy__(self, _: Any) -> Drawn:
        return self


class Named(int):
    """A whole number that remembers what it counts: the variable it was kept in, or the axis whose size it is."""

    word: str

    def __new__(cls, value: int, word: str) -> Named:
        """Make a number that counts what `word` says."""
        made = super().__new__(cls, value)
        made.word = word
        return made


Named.__name__ = Named.__qualname__ = "int"  # Python's own messages name the type


class Drawing(np.ndarray):
    """An array whose numbers depend on what is drawn; numpy hands the class on to whatever it computes from it."""


Drawing.__name__ = Drawing.__qualname__ = "numpy.ndarray"  # as in messages about a type made in C


def real_type(value: Value) -> Value:
    """Return the type that a name such as int stands for."""
    return value.kind or value if isinstance(value, Builtin) else value


@dataclass(frozen=True)
class Library:
    """A package or a part of one, of which only listed names can be taken."""

    path: str


@dataclass(frozen=True)
class Quiet:
    """Something whose calls change no value of the paste: a plot, a progress bar, a writer of logs."""

    text: str


@dataclass(frozen=True, eq=False)
class Bound:
    """A method of a value, not yet called."""

    owner: Value
    name: str
    function: Callable[..., Value]


@dataclass(frozen=True)
class Origin:
    """Where a tensor comes from, as far as a doubt may hang on it.

    Attributes:
        kind: output, h_n, c_n, packed, probabilities, log_probabilities, sigmoid, filled; empty for others.
        module: the recurrent module that returned it.
        is_padded: whether shorter sequences in it end in padding.
    """

    kind: str = ""
    module: nn.Module | None = None
    is_padded: bool = False

    @property
    def is_bidirectional(self) -> bool:
        """Whether the module reads both ways."""
        return bool(getattr(self.module, "bidirectional", False))

    def __deepcopy__(self, _: Any) -> Origin:
        return self


@dataclass(frozen=True)
class Marks:
    """What the reader knows of a tensor besides its shape.

    Attributes:
        axes: a word for each axis, or nothing at all.
        is_drawn: whether its numbers depend on what is drawn.
        high: of whole numbers that are drawn, what they stay below.
        origin: where it comes from.
    """

    axes: tuple[str, ...] = ()
    is_drawn: bool = False
    high: int | None = None
    origin: Origin = Origin()


_NO_MARKS = Marks()
# what is known of a tensor whose numbers are not
SHAPE_ONLY = words_of("numel is_tensor is_floating_point dim ndimension nelement element_size is_contiguous stride")


def marks(tensor: torch.Tensor) -> Marks:
    """Return what is known of a tensor."""
    found: Marks = getattr(tensor, "_marks", _NO_MARKS)
    return found


def mark(tensor: torch.Tensor, **changes: Value) -> None:
    """Note something about a tensor."""
    tensor._marks = replace(marks(tensor), **changes)  # type: ignore[attr-defined]


def axes_of(tensor: torch.Tensor) -> tuple[str, ...]:
    """Return a word for each axis, empty where there is none."""
    axes = marks(tensor).axes
    return axes if len(axes) == tensor.dim() else ("",) * tensor.dim()


def is_drawn(tensor: torch.Tensor) -> bool:
    """Whether the numbers of a tensor are not known."""
    return tensor.is_meta or marks(tensor).is_drawn


class Unbound(Exception):  # noqa: N818 - Python's UnboundLocalError is made of it
    """A name of a function has no value yet."""


class Scope:
    """The names of the module, of a class or of a running function.

    Attributes:
        names: what they hold.
        around: the scope that is looked in next.
        is_class: whether it is the body of a class, in which functions do not look.
        owner: a list of the class whose method this is, for super(); `first` is its first argument.
    """

    def __init__(self, around: Scope | None = None, *, is_class: bool = False) -> None:
        self.names: dict[str, Value] = {}
        self.around, self.is_class = around, is_class
        self.elsewhere: dict[str, Scope] = {}
        self.locals: frozenset[str] = frozenset()
        self.owner: list[type] | None = None
        self.first: Value = None

    def find(self, name: str) -> Value:
        """Return what a name holds.

        Raises:
            KeyError: if there is none.
            Unbound: if it is one of the function's own that has no value yet.
        """
        if name in self.elsewhere:
            return self.elsewhere[name].names[name]
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names and (scope is self or not scope.is_class):
                return scope.names[name]
            if name in scope.locals:
                raise Unbound(name)
            scope = scope.around
        raise KeyError(name)

    def set(self, name: str, value: Value) -> None:
        """Give a name a value, where `global` or `nonlocal` says."""
        self.elsewhere.get(name, self).names[name] = value


def tensors_in(value: Value, depth: int = 0) -> Iterator[torch.Tensor]:
    """Yield the tensors in a value and in the containers in it."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)) and depth < 3:
        for item in value:
            yield from tensors_in(item, depth + 1)
    elif isinstance(value, dict) and depth < 3:
        for item in value.values():
            yield from tensors_in(item, depth + 1)


def changed(value: Value, change: Callable[[torch.Tensor], torch.Tensor]) -> Value:
    """Return a value with each tensor in it changed."""
    if isinstance(value, torch.Tensor):
        return change(value)
    if type(value) in (tuple, list):
        return type(value)(changed(item, change) for item in value)
    if type(value) is dict:
        return {key: changed(item, change) for key, item in value.items()}
    return value


def is_dark(value: Value, depth: int = 0) -> bool:
    """Whether something in a value is not understood."""
    if isinstance(value, Unknown):
        return not isinstance(value, Drawn) or value.sample is None
    if isinstance(value, (tuple, list, set)) and depth < 3:
        return any(is_dark(item, depth + 1) for item in value)
    if isinstance(value, dict) and depth < 3:
        return any(is_dark(item, depth + 1) for item in value.values())
    return isinstance(value, slice) and any(is_dark(part) for part in (value.start, value.stop, value.step))


def sampled(value: Value, depth: int = 0) -> tuple[Value, bool]:
    """Put a sample in place of whatever is drawn in a value, and tell whether there was any."""
    if isinstance(value, Drawn):
        return value.sample, True
    if isinstance(value, Drawing):
        return value, True
    if isinstance(value, torch.Tensor):
        return value, marks(value).is_drawn
    if type(value) in (tuple, list) and depth < 5:
        parts = [sampled(item, depth + 1) for item in value]
        if any(drawn for _, drawn in parts):
            return type(value)(part for part, _ in parts), True
        return value, False
    if type(value) is dict and depth < 5:
        pairs = {key: sampled(item, depth + 1) for key, item in value.items()}
        if any(drawn for _, drawn in pairs.values()):
            return {key: part for key, (part, _) in pairs.items()}, True
        return value, False
    if isinstance(value, slice):
        parts = [sampled(part) for part in (value.start, value.stop, value.step)]
        return slice(*(part for part, _ in parts)), any(drawn for _, drawn in parts)
    return value, False


def holds_drawn(value: Value) -> bool:
    """Whether something in a value is drawn, tensors aside."""
    return next(drawn_in(value), None) is not None


def holds_tensors(value: Value) -> bool:
    """Whether there are tensors in a value."""
    return next(tensors_in(value), None) is not None


def rewrapped(value: Value) -> Value:
    """Mark what was computed from samples as drawn."""
    if isinstance(value, torch.Tensor):
        mark(value, is_drawn=True)
    elif isinstance(value, np.ndarray):
        return value.view(Drawing)
    elif isinstance(value, SCALARS):
        return Drawn(value)
    elif type(value) in (tuple, list):
        return type(value)(rewrapped(item) for item in value)
    elif type(value) is dict:
        return {key: rewrapped(item) for key, item in value.items()}
    return value


def is_same_kind(left: Value, right: Value) -> bool:
    """Whether two values look alike from outside: tensors of one shape, numbers of one type."""
    if left is right:
        return True
    if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
        return (left.shape, left.dtype) == (right.shape, right.dtype)
    if isinstance(left, np.ndarray) and isinstance(right, np.ndarray):
        return (left.shape, left.dtype) == (right.shape, right.dtype)
    if isinstance(left, (tuple, list)) and type(left) is type(right):
        return len(left) == len(right) and all(map(is_same_kind, left, right))
    left, right = (value.sample if isinstance(value, Drawn) else value for value in (left, right))
    return isinstance(left, SCALARS) and isinstance(right, SCALARS) and isinstance(left, str) == isinstance(right, str)


def drawn_in(value: Value, depth: int = 0) -> Iterator[Value]:
    """Yield what is drawn in arguments, tensors aside: those know it themselves."""
    if isinstance(value, (Drawn, Drawing)):
        yield value
    elif isinstance(value, (tuple, list)) and depth < 4:
        for item in value:
            yield from drawn_in(item, depth + 1)
    elif isinstance(value, dict) and depth < 4:
        yield from drawn_in(list(value.values()), depth + 1)
    elif isinstance(value, slice):
        yield from drawn_in([value.start, value.stop, value.step])


def dtype_name(dtype: Value) -> str:
    """Return the name of a dtype without `torch.`."""
    return str(dtype).removeprefix("torch.")


def describe(value: Value, depth: int = 0) -> str:
    """Return what is shown of a value."""
    match value:
        case torch.Size():
            return f"torch.Size([{', '.join(str(int(n)) for n in value)}])"
        case torch.Tensor():
            return str(tuple(int(n) for n in value.shape))
        case PackedSequence():
            sizes = value.batch_sizes
            return f"PackedSequence of {int(sizes[0])} sequences, {len(sizes)} steps"
        case nn.Module():
            return describe_module(value)
        case Drawn(sample=sample):
            is_number = isinstance(sample, (int, float, np.number, np.bool_))
            return "a number" if is_number else "a text" if isinstance(sample, str) else "unknown"
        case Unknown():
            return "unknown"
        case Quiet(text=text) | Library(path=text):
            return text
        case tuple() | list():
            if depth > 3:
                return "…"
            inner = ", ".join(describe(item, depth + 1) for item in value[:8]) + (", …" if len(value) > 8 else "")
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case dict():
            return f"dict of {len(value)}"
        case set() | frozenset():
            return f"set of {len(value)}"
        case np.ndarray():
            return f"array {tuple(int(n) for n in value.shape)}"
        case bool() | float() | str() | None:
            shown = repr(value)
            return shown if len(shown) <= 80 else shown[:80] + "…"
        case int():
            return str(int(value))
        case range() | torch.dtype() | torch.device() | np.generic():
            return str(value)[:80]
    return str(getattr(value, "text", None) or getattr(value, "__name__", None) or type(value).__name__)[:80]


def describe_module(module: nn.Module) -> str:
    """Return a module as its class and its sizes."""
    if next(module.children(), None) is not None or type(module).__module__ == "__main__":
        return type(module).__name__
    return f"{type(module).__name__}({module.extra_repr()})"[:120]

"""numpy and Python's random, drawn from the reading's own numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from rnn_core.interpreter.budget import MAX_ARRAY, MAX_ITEMS, words_of
from rnn_core.interpreter.errors import Raised, not_understood
from rnn_core.interpreter.outside import Table
from rnn_core.interpreter.values import Drawing, Drawn, Value, is_drawn, rewrapped, sampled, tensors_in

if TYPE_CHECKING:
    from rnn_core.interpreter.core import Machine

_KEPT = words_of("shape ndim size len")


def call_random(machine: Machine, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call a function of the module random."""
    args, kwargs = sampled(args)[0], sampled(kwargs)[0]
    if name in ("seed", "shuffle"):
        if name == "shuffle" and args:
            machine.budget.weigh(args[0])
            machine.foreign(machine.random.shuffle, *args)
        return None
    if name in ("choice", "choices", "sample") and args:
        sequence = args[0]
        machine.budget.weigh(sequence)
        if not isinstance(sequence, (list, tuple, str, range, np.ndarray, torch.Tensor)):
            sequence = machine.foreign(lambda: [sequence[i] for i in range(len(sequence))])
        args = [sequence, *args[1:]]
        if any(isinstance(n, int) and n > MAX_ITEMS for n in (*args[1:], *kwargs.values())):
            raise not_understood("so many random items")
    made = machine.foreign(getattr(machine.random, name), *args, **kwargs)
    if name == "choice" and not isinstance(made, (int, float, str)):
        return made if _alike(list(args[0])) else _differing(machine, made)
    if name == "choices":
        return [Drawn(item) if isinstance(item, (int, float, str)) else item for item in made]
    if name == "randint" and args[0] == args[-1]:
        return made
    return rewrapped(made)


def _alike(items: list[Value]) -> bool:
    shapes = {getattr(item, "shape", None) for item in items if not isinstance(item, (tuple, list))}
    return len(shapes) <= 1


def _differing(machine: Machine, made: Value) -> Value:
    machine.is_exact = False
    return made


def call_numpy_random(machine: Machine, name: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call a function of numpy.random."""
    if name == "seed":
        return None
    if name == "default_rng":
        raise not_understood("numpy.random.default_rng")
    (args, kwargs), drawn = sampled((args, kwargs))
    if drawn:
        machine.is_exact = False
    size = _size(name, args, kwargs)
    if math.prod(float(n) for n in size if isinstance(n, (int, float))) > MAX_ARRAY:
        return _without_numbers(name, size)
    made = machine.foreign(getattr(machine.arrays, name), *args, **kwargs)
    return rewrapped(made) if made is not None else None


def _size(name: str, args: list[Value], kwargs: dict[str, Value]) -> tuple[Value, ...]:
    """Return what a call of numpy.random is asked to make, wherever that function takes its size."""
    if name in ("rand", "randn"):
        return tuple(args)
    place = {"random": 0, "random_sample": 0, "standard_normal": 0, "permutation": 0, "choice": 1, "exponential": 1}
    size = kwargs.get("size", args[at] if len(args) > (at := place.get(name, 2)) else 1)
    size = size.tolist() if isinstance(size, (np.ndarray, torch.Tensor)) else size
    return tuple(size) if isinstance(size, (tuple, list)) else (size,)


def _without_numbers(name: str, size: tuple[Value, ...]) -> Value:
    if not all(isinstance(n, int) and n >= 0 for n in size):
        raise not_understood("such a size")
    return large(size, np.int64 if name == "randint" else np.float64)


def large(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an array of a shape that takes the memory of one number."""
    return np.broadcast_to(np.zeros((), dtype), shape).view(Drawing)


def call_numpy(machine: Machine, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call a function of numpy, if what it makes is not large."""
    args = [a.numbers() if isinstance(a, Table) else a for a in args]
    (args, kwargs), drawn = sampled((args, kwargs))
    tensors = list(tensors_in((args, kwargs)))
    for t in tensors:
        if t.is_meta:
            return Drawn(None)
        drawn = drawn or is_drawn(t)
    args = [a.numpy() if isinstance(a, torch.Tensor) and not a.requires_grad else a for a in args]  # not row by row
    for value in (*args, *kwargs.values()):
        if not isinstance(value, (np.ndarray, torch.Tensor)):
            machine.budget.weigh(value)
    arrays = _arrays_in((args, kwargs))
    bound = _bound(function, args, kwargs, arrays)
    if not bound <= MAX_ARRAY:
        shape = next(
            (tuple(a) if isinstance(a, (tuple, list)) else (a,) for a in args if not isinstance(a, np.ndarray)), ()
        )
        if (
            function in (np.zeros, np.ones, np.empty)
            and all(isinstance(n, int) and n >= 0 for n in shape)
            and math.prod(shape) < 1 << 40
        ):
            return machine.foreign(large, shape, kwargs.get("dtype", args[1] if len(args) > 1 else np.float64))
        raise not_understood("such a large array")
    machine.budget.spend(4 + int(bound) // 4096)
    made = machine.foreign(function, *args, **kwargs)
    if getattr(function, "__name__", "") in _KEPT:
        return made
    return rewrapped(made) if drawn or function in (np.empty, np.empty_like) else made


def _arrays_in(value: Any, depth: int = 0) -> list[np.ndarray]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, (tuple, list)) and depth < 3:
        return [a for item in value for a in _arrays_in(item, depth + 1)]
    return [a for item in value.values() for a in _arrays_in(item, depth + 1)] if isinstance(value, dict) else []


def _bound(function: Any, args: list[Value], kwargs: dict[str, Value], arrays: list[np.ndarray]) -> float:
    """Bound how many numbers a call makes, from its arguments."""
    name = getattr(function, "__name__", "")
    sizes = [a.size for a in arrays]
    if isinstance(function, np.ufunc) or name in ("where", "isclose", "clip", "dot", "matmul"):
        if name in ("dot", "matmul") and len(sizes) > 1:
            return (
                float(max(sizes[0], 1)) * max(sizes[1], 1) / max(arrays[0].shape[-1] if arrays[0].ndim else 1, 1) ** 2
            )
        try:
            return float(math.prod(np.broadcast_shapes(*(a.shape for a in arrays))))
        except ValueError:
            return 1
    grows = name in (
        "outer",
        "tile",
        "repeat",
        "pad",
        "zeros",
        "ones",
        "empty",
        "full",
        "eye",
        "identity",
        "arange",
        "linspace",
        "insert",
    )
    bound = float(math.prod(max(n, 1) for n in sizes)) if name == "outer" else float(sum(sizes))
    if name in ("diag",):
        return bound**2 if arrays and arrays[0].ndim == 1 else bound
    if grows:
        numbers = [abs(n) for a in (*args, *kwargs.values()) for n in _numbers(a)]
        if name == "linspace":
            count = kwargs.get("num", args[2] if len(args) > 2 else 50)
            return max(sizes, default=1) * float(count) if isinstance(count, (int, float)) else math.inf
        if name == "arange" and numbers:
            return max(numbers) / min((n for n in numbers if 0 < n < 1), default=1.0)
        bound = max(bound, 1.0) * float(math.prod(max(n, 1.0) for n in numbers))
    return bound


def _numbers(value: Any) -> list[float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [float(value)]
    return [n for item in value for n in _numbers(item)] if isinstance(value, (tuple, list)) and len(value) < 20 else []


def from_array(machine: Machine, array: np.ndarray) -> Value:
    """Return torch.from_numpy of an array, or what stands for it."""
    if array.size > MAX_ARRAY // 4:
        try:
            dtype = torch.from_numpy(np.zeros(1, array.dtype)).dtype
        except TypeError as error:
            raise Raised(error) from None
        return torch.empty(array.shape, dtype=dtype)
    made = machine.foreign(torch.from_numpy, np.array(array, subok=False))
    return rewrapped(made) if isinstance(array, Drawing) else made

"""Calls: of functions of the paste, of modules, of torch, numpy and Python's library, and of methods."""

from __future__ import annotations

import ast
import collections
import copy
import functools
import inspect
import json
import math
import operator
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils import data

from rnn_core.interpreter import allow, arrays
from rnn_core.interpreter.budget import MAX_SMALL
from rnn_core.interpreter.core import Machine, bounded, unknown_of
from rnn_core.interpreter.errors import Call, Raised, not_understood
from rnn_core.interpreter.functions import Factory
from rnn_core.interpreter.loading import drawn_split, make_loader
from rnn_core.interpreter.methods import call_method, noted, sampled_arguments
from rnn_core.interpreter.outside import Table, call_outside
from rnn_core.interpreter.values import (
    SCALARS,
    SHAPE_ONLY,
    UNKNOWN,
    Bound,
    Builtin,
    Drawn,
    Library,
    Quiet,
    Unknown,
    Value,
    axes_of,
    is_dark,
    is_drawn,
    mark,
    marks,
    real_type,
    rewrapped,
    sampled,
    tensors_in,
)

_OLD_TYPES: dict[Any, torch.dtype] = {
    torch.Tensor: torch.float, torch.FloatTensor: torch.float, torch.LongTensor: torch.long, torch.IntTensor: torch.int,
    torch.DoubleTensor: torch.double, torch.BoolTensor: torch.bool, torch.ByteTensor: torch.uint8,
    torch.HalfTensor: torch.half, torch.ShortTensor: torch.short,
}  # fmt: skip
MAX_STACKED = 100  # layers of a transformer
_CLASSES = (nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler, data.Dataset, data.Sampler)


def call(
    machine: Machine, function: Value, args: list[Value], kwargs: dict[str, Value], node: ast.expr | None = None
) -> Value:
    """Call something with values."""
    if isinstance(function, type):
        function = machine.of_type.get(function, function)
    match function:
        case Unknown():
            return Drawn(None) if isinstance(function, Drawn) else UNKNOWN
        case Quiet():
            return args[0] if function.text in ("tqdm", "trange") and args else function
        case Bound():
            return call_method(machine, function, args, kwargs)
        case Builtin(name=name, run=None):
            raise not_understood(name)
        case Builtin(run=run) if run is not None:
            return machine.foreign(run, machine, *args, **kwargs)
        case Library(path=path):
            return _of_library(machine, path, args, kwargs)
    if machine.is_own(function):
        return machine.foreign(function, *args, **kwargs)
    if isinstance(function, type) and function in machine.classes:
        return noted(machine, machine.foreign(function, *args, **kwargs))
    if isinstance(function, nn.Module) or machine.has_own_class(function):
        return _module(machine, function, args, kwargs)
    if isinstance(function, type) and function in allow.EXCEPTIONS.values():
        return function(*args[:3])
    special = _SPECIAL.get(id(function))
    if special is not None and id(function) in allow.listed():
        if is_dark((args, kwargs)):
            return unknown_of([*args, *kwargs.values()])
        return machine.foreign(special, machine, args, kwargs)
    if id(function) in allow.listed():
        return _listed(machine, function, args, kwargs)
    if not callable(function) or isinstance(function, torch.Tensor):
        return machine.foreign(function, *args, **kwargs)  # raises what Python would
    raise not_understood(ast.unparse(node.func) if isinstance(node, ast.Call) else str(function))


def _listed(machine: Machine, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    module = getattr(function, "__module__", None) or ""
    owner = getattr(function, "__self__", None)
    if (owner is not None and type(owner).__module__ == "random") or module == "random":
        return arrays.call_random(machine, function.__name__, args, kwargs)
    args, kwargs = [real_type(a) for a in args], {key: real_type(a) for key, a in kwargs.items()}
    if is_dark((args, kwargs)) and (not isinstance(function, type) or function in _OLD_TYPES):
        return unknown_of([*args, *kwargs.values()])
    if isinstance(owner, np.random.RandomState) or module.startswith("numpy.random"):
        return arrays.call_numpy_random(machine, function.__name__, args, kwargs)
    if module.startswith("numpy") or isinstance(function, np.ufunc) or function is np.array:
        return arrays.call_numpy(machine, function, args, kwargs)
    if module in ("math", "itertools", "collections", "_collections", "json") or function in (
        json.loads,
        json.dumps,
    ):
        return _plain_call(machine, function, args, kwargs)
    if function in _OLD_TYPES and isinstance(function, type):
        return _old_type(machine, function, args, kwargs)
    return call_torch(machine, function, args, kwargs)


def call_torch(machine: Machine, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call torch: a function, a class of modules, an optimiser."""
    if is_dark((args, kwargs)):
        return unknown_of([*args, *kwargs.values()])
    args, kwargs, is_sampled = sampled_arguments(machine, args, kwargs)
    for value in (*args, *kwargs.values()):
        if not isinstance(value, (torch.Tensor, np.ndarray)):
            machine.budget.weigh(value)
    args = [_as_data(function, value) for value in args]
    if isinstance(function, type) and issubclass(function, torch.optim.Optimizer):
        function = light(function)  # type: ignore[arg-type]
    made = machine.foreign(function, *args, **kwargs)
    if isinstance(made, _CLASSES):
        return noted(machine, made)
    name = getattr(function, "__name__", "")
    if isinstance(made, (bool, float, int)) and name not in SHAPE_ONLY and any(map(is_drawn, tensors_in(args))):
        return Drawn(made)
    return rewrapped(made) if is_sampled else made


def _as_data(function: Value, value: Value) -> Value:
    if isinstance(value, Table):
        return value.numbers()
    if isinstance(value, np.ndarray) and value.size > MAX_SMALL and function in (torch.tensor, torch.as_tensor):
        return torch.empty(value.shape, dtype=torch.from_numpy(np.zeros(1, value.dtype)).dtype)
    return value


def _module(machine: Machine, module: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    is_mine = machine.has_own_class(module)
    if not is_mine:
        if is_dark((args, kwargs)):
            return unknown_of([*args, *kwargs.values()])
        args, kwargs, _ = sampled_arguments(machine, args, kwargs)
    return machine.foreign(module, *args, **kwargs)


def _old_type(machine: Machine, function: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call torch.FloatTensor and its like, with sizes or with numbers."""
    args, kwargs, is_sampled = sampled_arguments(machine, args, kwargs)
    if (args and all(isinstance(a, int) and not isinstance(a, bool) for a in args)) or (
        args and isinstance(args[0], torch.Size)
    ):
        return machine.foreign(torch.empty, *args, dtype=_OLD_TYPES[function])
    first = _as_data(torch.tensor, args[0]) if args else []
    if (isinstance(first, torch.Tensor) and first.is_meta) or (isinstance(first, np.ndarray) and first.size > 1000):
        return machine.foreign(torch.as_tensor, first, dtype=_OLD_TYPES[function])
    machine.budget.weigh(first)
    made = machine.foreign(function, first, *args[1:])
    if any(map(is_drawn, tensors_in(first))):
        mark(made, is_drawn=True)
    return rewrapped(made) if is_sampled else made


def _from_numpy(machine: Machine, args: list[Value], _: dict[str, Value]) -> Value:
    if len(args) == 1 and isinstance(args[0], np.ndarray):
        return arrays.from_array(machine, args[0])
    return torch.from_numpy(*args)


def _set_default(machine: Machine, args: list[Value], _: dict[str, Value]) -> None:
    if args and isinstance(args[0], torch.dtype) and args[0].is_floating_point:
        machine.guard.default = args[0]


def _partial(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    def part(*more: Any, **named: Any) -> Any:
        return machine.call(args[0], [*args[1:], *more], {**kwargs, **named})

    return machine.keep(part)


def _reduce(machine: Machine, function: Value, source: Value, *start: Value) -> Value:
    items = [*start, *machine.listed(source)]
    total = items[0]
    for item in items[1:]:
        total = machine.call(function, [total, item], {})
    return total


def _copied(machine: Machine, copier: Callable[..., Any], args: list[Value]) -> Value:
    machine.budget.weigh(args[0])
    machine.budget.spend(20)
    return copier(*args)


def _parameter(_: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    made = nn.Parameter(*args, **kwargs)
    source = args[0] if args else kwargs.get("data")
    if isinstance(source, torch.Tensor):
        mark(made, axes=axes_of(source), is_drawn=marks(source).is_drawn)
    return made


def _stacked(machine: Machine, kind: type[nn.Module], args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Make copies of a layer, but not more than any program asks for: they cost time before torch is called."""
    if any(isinstance(n, int) and n > MAX_STACKED for n in (*args, *kwargs.values())):
        raise not_understood("so many layers")
    return call_torch(machine, kind, args, kwargs)


def _variable(_: Machine, args: list[Value], kwargs: dict[str, Value]) -> Value:
    kwargs.pop("volatile", None)
    if not isinstance(args[0] if args else None, torch.Tensor):
        return torch.autograd.Variable(*args, **kwargs)
    return args[0].requires_grad_() if kwargs.get("requires_grad") else args[0]


def _plain_call(machine: Machine, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call something of Python's library that is safe with small values."""
    name = getattr(function, "__name__", "")
    if function is collections.defaultdict and args and args[0] is not None:
        factory = args[0]
        args = [machine.keep(lambda: machine.call(factory, [], {})), *args[1:]]
    if isinstance(function, type):
        args = [
            machine.items(a) if hasattr(type(a), "__iter__") and not isinstance(a, (str, dict)) else a for a in args
        ]
        if function.__module__ == "collections" or name in ("product", "combinations", "permutations"):
            args = [list(a) if isinstance(a, Iterator) else a for a in args]
            machine.budget.weigh(args)
    if name in ("pow", "comb", "perm", "factorial", "prod", "dist", "fsum"):
        machine.budget.weigh(args)
    (args, kwargs), drawn = sampled((args, kwargs))
    if any(t.is_meta for t in tensors_in(args)):
        return Drawn(0.5)
    drawn = drawn or any(map(is_drawn, tensors_in(args)))
    try:
        made = bounded(machine.foreign(function, *args, **kwargs))
    except Raised:
        if drawn:
            return Drawn(None)
        raise
    return rewrapped(made) if drawn and isinstance(made, SCALARS) else made


def _of_library(machine: Machine, path: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call what is known by its path only."""
    head = path.split(".")[0]
    if head == "time":
        return None if path == "time.sleep" else Drawn("12:00" if path == "time.strftime" else 0.5)
    if head == "tqdm":
        if path.endswith("trange"):
            return machine.call(machine.builtins["range"], args, {})
        return args[0] if args else kwargs.get("iterable", Quiet("tqdm"))
    if head in ("pandas", "sklearn"):
        if is_dark((args, kwargs)):
            return UNKNOWN
        return machine.foreign(call_outside, machine, path, args, kwargs)
    if path == "dataclasses.field":
        return Factory(kwargs["default_factory"]) if "default_factory" in kwargs else kwargs.get("default")
    if path == "collections.namedtuple":
        return _namedtuple(machine, args)
    if path in ("typing.cast",):
        return args[1]
    if allow.is_library(path):
        return machine.foreign(math)  # type: ignore[arg-type]  # raises: a module cannot be called
    raise not_understood(path)


def _namedtuple(machine: Machine, args: list[Value]) -> Value:
    fields = args[1].replace(",", " ").split() if isinstance(args[1], str) else list(args[1])
    if not all(isinstance(f, str) and f.isidentifier() and not f.startswith("_") for f in fields):
        raise not_understood("such a named tuple")
    places = {field: property(operator.itemgetter(i)) for i, field in enumerate(fields)}

    def make(cls: type, *values: Any, **named: Any) -> Any:
        given = [*values, *(named[f] for f in fields[len(values) :] if f in named)]
        if len(given) != len(fields):
            raise TypeError(
                f"{args[0]}.__new__() takes {len(fields) + 1} positional arguments but {len(given) + 1} were given"
            )
        return tuple.__new__(cls, given)

    made = type(str(args[0]), (tuple,), {"__new__": make, "_fields": tuple(fields), "__module__": "__main__", **places})
    machine.classes.add(made)
    return made


@cache
def light(kind: Any) -> type:
    """Return an optimiser whose methods do without the compiler that torch would load around them."""
    names = ("zero_grad", "add_param_group", "state_dict", "load_state_dict")
    methods: dict[str, Any] = {name: inspect.unwrap(getattr(kind, name)) for name in names}
    step = torch.no_grad()(inspect.unwrap(kind.__dict__.get("step") or kind.step))
    step.hooked = True
    return type(kind.__name__, (kind,), {**methods, "step": step})


def call_of(node: ast.expr, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Call:
    """Describe a call for whoever has to explain what it raises."""
    nodes: list[ast.expr] = []
    if isinstance(node, ast.Call):
        nodes = [a for a in node.args if not isinstance(a, ast.Starred)]
        if isinstance(function, Bound) and isinstance(node.func, ast.Attribute):
            return Call(node, function, (function.owner, *args), kwargs, (node.func.value, *nodes))
    return Call(node, function, tuple(args), kwargs, tuple(nodes))


Special = Callable[[Machine, list[Value], dict[str, Value]], Value]
# what is not called as it is
_SPECIAL: dict[int, Special] = {
    id(function): special
    for function, special in (
        (data.DataLoader, make_loader),
        (data.random_split, lambda m, a, k: drawn_split(m, a[0], a[1] if len(a) > 1 else k.get("lengths", []))),
        (torch.from_numpy, _from_numpy),
        (torch.set_default_dtype, _set_default),
        (torch.get_default_dtype, lambda m, _, __: m.guard.default),
        (torch.cuda.is_available, lambda *_: False),
        (torch.cuda.device_count, lambda *_: 0),
        (functools.partial, _partial),
        (functools.reduce, lambda m, a, _: _reduce(m, *a)),
        (copy.deepcopy, lambda m, a, _: _copied(m, copy.deepcopy, a)),
        (copy.copy, lambda m, a, _: _copied(m, copy.copy, a)),
        (nn.Parameter, _parameter),
        (nn.TransformerEncoder, lambda m, a, k: _stacked(m, nn.TransformerEncoder, a, k)),
        (nn.TransformerDecoder, lambda m, a, k: _stacked(m, nn.TransformerDecoder, a, k)),
        (torch.autograd.Variable, _variable),
    )
}

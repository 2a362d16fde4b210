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
from rnn_core.interpreter.budget import MAX_SMALL, words_of
from rnn_core.interpreter.core import bounded, unknown_of
from rnn_core.interpreter.errors import Call, Raised, not_understood
from rnn_core.interpreter.functions import Factory
from rnn_core.interpreter.loading import drawn_split, make_loader
from rnn_core.interpreter.methods import Methods
from rnn_core.interpreter.outside import Table, call_outside
from rnn_core.interpreter.values import (
    SCALARS,
    UNKNOWN,
    Bound,
    Drawn,
    Library,
    Quiet,
    Refused,
    Unknown,
    Value,
    axes_of,
    is_dark,
    is_drawn,
    mark,
    marks,
    rewrapped,
    sampled,
    tensors_in,
)

_OLD_TYPES: dict[Any, torch.dtype] = {
    torch.Tensor: torch.float, torch.FloatTensor: torch.float, torch.LongTensor: torch.long, torch.IntTensor: torch.int,
    torch.DoubleTensor: torch.double, torch.BoolTensor: torch.bool, torch.ByteTensor: torch.uint8,
    torch.HalfTensor: torch.half, torch.ShortTensor: torch.short,
}  # fmt: skip
_SHAPE_ONLY = frozenset(
    words_of("numel is_tensor is_floating_point dim ndimension nelement element_size is_contiguous stride")
)
MAX_STACKED = 100  # layers of a transformer
_CLASSES = (nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler, data.Dataset, data.Sampler)


class Calls(Methods):
    """Calls things."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.builtins: dict[str, Callable[..., Any]] = {}
        self.of_type: dict[type, Callable[..., Any]] = {}
        self._special: dict[int, Callable[[list[Value], dict[str, Value]], Value]] = {
            id(data.DataLoader): lambda a, k: make_loader(self, a, k),
            id(data.random_split): lambda a, k: drawn_split(self, a[0], a[1] if len(a) > 1 else k.get("lengths", [])),
            id(torch.from_numpy): lambda a, _: self._from_numpy(a),
            id(torch.set_default_dtype): self._set_default,
            id(torch.get_default_dtype): lambda _, __: self.guard.default,
            id(torch.cuda.is_available): lambda _, __: False,
            id(torch.cuda.device_count): lambda _, __: 0,
            id(functools.partial): self._partial,
            id(functools.reduce): lambda a, _: self._reduce(*a),
            id(copy.deepcopy): lambda a, _: self._copied(copy.deepcopy, a),
            id(copy.copy): lambda a, _: self._copied(copy.copy, a),
            id(nn.Parameter): self._parameter,
            id(nn.TransformerEncoder): lambda a, k: self._stacked(nn.TransformerEncoder, a, k),
            id(nn.TransformerDecoder): lambda a, k: self._stacked(nn.TransformerDecoder, a, k),
            id(torch.autograd.Variable): lambda a, k: self._variable(a, k),
        }

    def call(self, function: Value, args: list[Value], kwargs: dict[str, Value], node: ast.expr | None = None) -> Value:
        """Call something with values."""
        match function:
            case Unknown():
                return Drawn(None) if isinstance(function, Drawn) else UNKNOWN
            case Quiet():
                return args[0] if function.text in ("tqdm", "trange") and args else function
            case Bound():
                return self._bound_call(function, args, kwargs)
            case Refused(name=name):
                raise not_understood(name)
            case Library(path=path):
                return self._of_library(path, args, kwargs)
        if isinstance(function, type) and function in self.of_type:
            function = self.of_type[function]
        if self.is_own(function):
            return self.foreign(function, *args, **kwargs)
        if getattr(function, "__self__", None) is self:  # a builtin of Python, as the interpreter has it
            return self.foreign(function, *args, **kwargs)
        if isinstance(function, type) and function in self.classes:
            return self._made(self.foreign(function, *args, **kwargs))
        if isinstance(function, nn.Module) or self.has_own_class(function):
            return self._module(function, args, kwargs)
        if isinstance(function, type) and function in allow.EXCEPTIONS.values():
            return function(*args[:3])
        special = self._special.get(id(function))
        if special is not None and id(function) in allow.listed():
            if is_dark((args, kwargs)):
                return unknown_of([*args, *kwargs.values()])
            return self.foreign(special, args, kwargs)
        if id(function) in allow.listed():
            return self._listed(function, args, kwargs)
        if not callable(function) or isinstance(function, torch.Tensor):
            return self.foreign(function, *args, **kwargs)  # raises what Python would
        raise not_understood(ast.unparse(node.func) if isinstance(node, ast.Call) else str(function))

    def _listed(self, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        module = getattr(function, "__module__", None) or ""
        owner = getattr(function, "__self__", None)
        if (owner is not None and type(owner).__module__ == "random") or module == "random":
            return arrays.call_random(self, function.__name__, args, kwargs)
        args, kwargs = [self.real_type(a) for a in args], {key: self.real_type(a) for key, a in kwargs.items()}
        if is_dark((args, kwargs)) and (not isinstance(function, type) or function in _OLD_TYPES):
            return unknown_of([*args, *kwargs.values()])
        if isinstance(owner, np.random.RandomState) or module.startswith("numpy.random"):
            return arrays.call_numpy_random(self, function.__name__, args, kwargs)
        if module.startswith("numpy") or isinstance(function, np.ufunc) or function is np.array:
            return arrays.call_numpy(self, function, args, kwargs)
        if module in ("math", "itertools", "collections", "_collections", "json") or function in (
            json.loads,
            json.dumps,
        ):
            return self._plain_call(function, args, kwargs)
        if function in _OLD_TYPES and isinstance(function, type):
            return self._old_type(function, args, kwargs)
        return self._torch(function, args, kwargs)

    def _torch(self, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call torch: a function, a class of modules, an optimiser."""
        if is_dark((args, kwargs)):
            return unknown_of([*args, *kwargs.values()])
        args, kwargs, is_sampled = self._sampled(args, kwargs)
        for value in (*args, *kwargs.values()):
            if not isinstance(value, (torch.Tensor, np.ndarray)):
                self.budget.weigh(value)
        args = [self._as_data(function, value) for value in args]
        if isinstance(function, type) and issubclass(function, torch.optim.Optimizer):
            function = light(function)  # type: ignore[arg-type]
        made = self.foreign(function, *args, **kwargs)
        if isinstance(made, _CLASSES):
            return self._made(made)
        name = getattr(function, "__name__", "")
        if isinstance(made, (bool, float, int)) and name not in _SHAPE_ONLY and any(map(is_drawn, tensors_in(args))):
            return Drawn(made)
        return rewrapped(made) if is_sampled else made

    @staticmethod
    def _as_data(function: Value, value: Value) -> Value:
        if isinstance(value, Table):
            return value.numbers()
        if isinstance(value, np.ndarray) and value.size > MAX_SMALL and function in (torch.tensor, torch.as_tensor):
            return torch.empty(value.shape, dtype=torch.from_numpy(np.zeros(1, value.dtype)).dtype)
        return value

    def _module(self, module: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        is_mine = self.has_own_class(module)
        if not is_mine:
            if is_dark((args, kwargs)):
                return unknown_of([*args, *kwargs.values()])
            args, kwargs, _ = self._sampled(args, kwargs)
        return self.foreign(module, *args, **kwargs)

    def _old_type(self, function: type, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call torch.FloatTensor and its like, with sizes or with numbers."""
        args, kwargs, is_sampled = self._sampled(args, kwargs)
        if (args and all(isinstance(a, int) and not isinstance(a, bool) for a in args)) or (
            args and isinstance(args[0], torch.Size)
        ):
            return self.foreign(torch.empty, *args, dtype=_OLD_TYPES[function])
        first = self._as_data(torch.tensor, args[0]) if args else []
        if (isinstance(first, torch.Tensor) and first.is_meta) or (isinstance(first, np.ndarray) and first.size > 1000):
            return self.foreign(torch.as_tensor, first, dtype=_OLD_TYPES[function])
        self.budget.weigh(first)
        made = self.foreign(function, first, *args[1:])
        if any(map(is_drawn, tensors_in(first))):
            mark(made, is_drawn=True)
        return rewrapped(made) if is_sampled else made

    def _from_numpy(self, args: list[Value]) -> Value:
        if len(args) == 1 and isinstance(args[0], np.ndarray):
            return arrays.from_array(self, args[0])
        return torch.from_numpy(*args)

    def _set_default(self, args: list[Value], _: dict[str, Value]) -> None:
        if args and isinstance(args[0], torch.dtype) and args[0].is_floating_point:
            self.guard.default = args[0]

    def _partial(self, args: list[Value], kwargs: dict[str, Value]) -> Value:
        def part(*more: Any, **named: Any) -> Any:
            return self.call(args[0], [*args[1:], *more], {**kwargs, **named})

        return self.keep(part)

    def _reduce(self, function: Value, source: Value, *start: Value) -> Value:
        items = [*start, *self.listed(source)]
        total = items[0]
        for item in items[1:]:
            total = self.call(function, [total, item], {})
        return total

    def _copied(self, copier: Callable[..., Any], args: list[Value]) -> Value:
        self.budget.weigh(args[0])
        self.budget.spend(20)
        return copier(*args)

    def _parameter(self, args: list[Value], kwargs: dict[str, Value]) -> Value:
        made = nn.Parameter(*args, **kwargs)
        source = args[0] if args else kwargs.get("data")
        if isinstance(source, torch.Tensor):
            mark(made, axes=axes_of(source), is_drawn=marks(source).is_drawn)
        return made

    def _stacked(self, kind: type[nn.Module], args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Make copies of a layer, but not more than any program asks for: they cost time before torch is called."""
        if any(isinstance(n, int) and n > MAX_STACKED for n in (*args, *kwargs.values())):
            raise not_understood("so many layers")
        return self._torch(kind, args, kwargs)

    @staticmethod
    def _variable(args: list[Value], kwargs: dict[str, Value]) -> Value:
        kwargs.pop("volatile", None)
        if not isinstance(args[0] if args else None, torch.Tensor):
            return torch.autograd.Variable(*args, **kwargs)
        return args[0].requires_grad_() if kwargs.get("requires_grad") else args[0]

    def _plain_call(self, function: Value, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call something of Python's library that is safe with small values."""
        name = getattr(function, "__name__", "")
        if function is collections.defaultdict and args and args[0] is not None:
            factory = args[0]
            args = [self.keep(lambda: self.call(factory, [], {})), *args[1:]]
        if isinstance(function, type):
            args = [
                self.items(a) if hasattr(type(a), "__iter__") and not isinstance(a, (str, dict)) else a for a in args
            ]
            if function.__module__ == "collections" or name in ("product", "combinations", "permutations"):
                args = [list(a) if isinstance(a, Iterator) else a for a in args]
                self.budget.weigh(args)
        if name in ("pow", "comb", "perm", "factorial", "prod", "dist", "fsum"):
            self.budget.weigh(args)
        (args, kwargs), drawn = sampled((args, kwargs))
        if any(t.is_meta for t in tensors_in(args)):
            return Drawn(0.5)
        drawn = drawn or any(map(is_drawn, tensors_in(args)))
        try:
            made = bounded(self.foreign(function, *args, **kwargs))
        except Raised:
            if drawn:
                return Drawn(None)
            raise
        return rewrapped(made) if drawn and isinstance(made, SCALARS) else made

    def _of_library(self, path: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
        """Call what is known by its path only."""
        head = path.split(".")[0]
        if head == "time":
            return None if path == "time.sleep" else Drawn("12:00" if path == "time.strftime" else 0.5)
        if head == "tqdm":
            if path.endswith("trange"):
                return self.call(self.builtins["range"], args, {})
            return args[0] if args else kwargs.get("iterable", Quiet("tqdm"))
        if head in ("pandas", "sklearn"):
            if is_dark((args, kwargs)):
                return UNKNOWN
            return self.foreign(call_outside, self, path, args, kwargs)
        if path == "dataclasses.field":
            return Factory(kwargs["default_factory"]) if "default_factory" in kwargs else kwargs.get("default")
        if path == "collections.namedtuple":
            return self._namedtuple(args)
        if path in ("typing.cast",):
            return args[1]
        if allow.is_library(path):
            return self.foreign(math)  # type: ignore[arg-type]  # raises: a module cannot be called
        raise not_understood(path)

    def _namedtuple(self, args: list[Value]) -> Value:
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

        made = type(
            str(args[0]), (tuple,), {"__new__": make, "_fields": tuple(fields), "__module__": "__main__", **places}
        )
        self.classes.add(made)
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

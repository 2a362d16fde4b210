"""Methods of tensors, modules, optimisers, arrays and containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from rnn_core.interpreter import arrays
from rnn_core.interpreter.budget import MAX_SMALL, words_of
from rnn_core.interpreter.core import Machine, bounded, unknown_of
from rnn_core.interpreter.errors import Raised, not_understood
from rnn_core.interpreter.outside import Outside
from rnn_core.interpreter.values import (
    SHAPE_ONLY,
    UNKNOWN,
    Bound,
    Drawing,
    Drawn,
    Named,
    Unknown,
    Value,
    axes_of,
    drawn_in,
    holds_drawn,
    is_dark,
    is_drawn,
    marks,
    real_type,
    rewrapped,
    sampled,
)

_GROWS = words_of("append extend insert add update appendleft setdefault")


def sampled_arguments(
    machine: Machine, args: list[Value], kwargs: dict[str, Value]
) -> tuple[list[Value], dict[str, Value], bool]:
    """Put samples in place of what is drawn; a whole number may be a size, which another reading draws anew."""
    drawn = list(drawn_in((args, kwargs)))
    if not drawn:
        return args, kwargs, False
    if any(isinstance(d, Drawn) and isinstance(d.sample, (int, np.integer)) for d in drawn):
        machine.is_exact = False
    args, kwargs = sampled(args)[0], sampled(kwargs)[0]
    return args, kwargs, True


def noted(machine: Machine, made: Value) -> Value:
    """Look at something that was just made."""
    machine.budget.spend(4)
    machine.after_making(made)
    return made


def call_method(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call a method of a value."""
    if not machine.is_own(bound.function):
        for kind, method in _METHODS:
            if isinstance(bound.owner, kind):
                return method(machine, bound, args, kwargs)
    return machine.foreign(bound.function, *args, **kwargs)


def _class_method(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    made = machine.foreign(bound.function, *args, **kwargs)
    return noted(machine, made) if isinstance(made, nn.Module) else made


def _container_method(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    owner, name = bound.owner, bound.name
    if is_dark((args, kwargs)) and name not in _GROWS and name not in ("get", "pop", "index", "count"):
        return unknown_of([*args, *kwargs.values()])
    for value in (*args, *kwargs.values()):
        if not isinstance(value, (torch.Tensor, np.ndarray)):
            machine.budget.weigh(value)
    if name in ("append", "insert", "add", "appendleft", "setdefault"):
        bounded(list(owner) if isinstance(owner, (set, dict)) else owner)
    elif name in ("extend", "join") and args:
        args = [machine.listed(args[0]), *args[1:]]
        machine.budget.weigh(args)
    elif name == "update" and args:
        if isinstance(args[0], Unknown):
            for key in owner if isinstance(owner, dict) else ():
                owner[key] = UNKNOWN
            return None
    elif name == "replace" and isinstance(owner, str) and len(args) > 1 and len(owner) * len(str(args[1])) > 1e6:
        raise not_understood("such a long text")
    if isinstance(owner, str) and holds_drawn(args):
        return Drawn("text")
    if name in ("sort", "index", "count", "remove", "discard") and holds_drawn([owner, args]):
        if name == "sort":
            return None
        place, _ = sampled(args)
        try:
            return rewrapped(machine.foreign(getattr(sampled(owner)[0], name), *place))
        except Raised:
            return Drawn(0)
    if name in ("get", "pop") and isinstance(owner, dict) and args and isinstance(args[0], Unknown):
        return Drawn(None)
    if name in ("values", "items", "keys") and isinstance(owner, dict):
        return list(bound.function())
    if "key" in kwargs:
        kwargs = {**kwargs, "key": callback(machine, kwargs["key"])}
    return bounded(machine.foreign(bound.function, *args, **kwargs))


def callback(machine: Machine, function: Value) -> Value:
    """Return a function of the paste as one that sorts by its results."""
    if function is None:
        return None

    def called(*args: Any) -> Any:
        made = machine.call(function, list(args), {})
        if isinstance(made, Unknown):
            raise not_understood("an order that is not known")
        return made

    return called


def _array_method(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    owner, name = bound.owner, bound.name
    if is_dark((args, kwargs)):
        return unknown_of([*args, *kwargs.values()])
    args, kwargs = [real_type(a) for a in args], {key: real_type(a) for key, a in kwargs.items()}
    (args, kwargs), _ = sampled((args, kwargs))
    if name == "repeat" or (owner.size > 1 << 20 and name not in ("reshape", "transpose", "squeeze", "swapaxes")):
        if name == "astype" and args:
            return arrays.large(owner.shape, args[0])
        return arrays.call_numpy(machine, getattr(np, name), [owner, *args], kwargs)
    made = machine.foreign(bound.function, *args, **kwargs)
    return rewrapped(made) if isinstance(owner, Drawing) else made


def _module_method(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    owner, name = bound.owner, bound.name
    if name in ("to", "cpu", "cuda", "share_memory"):
        kinds = [a for a in (*args, kwargs.get("dtype")) if isinstance(a, torch.dtype)]
        return machine.foreign(owner.to, *kinds) if kinds else owner
    if is_dark((args, kwargs)) and name not in ("append", "extend", "register_buffer", "load_state_dict"):
        return unknown_of([*args, *kwargs.values()])
    if name == "load_state_dict" and is_dark((args, kwargs)):
        return None
    machine.budget.spend(sum(1 for _ in owner.modules()))
    if name == "apply":
        args = [machine.keep(lambda m, f=args[0]: machine.call(f, [m], {}))] if len(args) == 1 else args
    made = machine.foreign(bound.function, *args, **kwargs)
    if name == "zero_grad":
        machine.gradients_cleared()
    return made


def _optimiser_method(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    owner, name = bound.owner, bound.name
    if name == "zero_grad":
        machine.gradients_cleared()
    if name == "step":
        machine.after_step()
        parameters = [p for group in owner.param_groups for p in group["params"]]
        if args and callable(args[0]):  # of the rounds that an optimiser makes of its own two tell all there is
            machine.call(args[0], [], {})
            return machine.call(args[0], [], {})
        if any(p.is_meta for p in parameters) or sum(p.numel() for p in parameters) > MAX_SMALL:
            return None
    return machine.foreign(bound.function, *args, **kwargs)


def _tensor_method(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    owner, name = bound.owner, bound.name
    if is_dark((args, kwargs)):
        return unknown_of([*args, *kwargs.values()])
    args, kwargs, is_sampled = sampled_arguments(machine, args, kwargs)
    if name in ("cuda", "cpu", "pin_memory"):
        return owner
    if name in ("item", "tolist", "numpy"):
        return _numbers(machine, bound, args, kwargs)
    if name in ("size", "stride"):
        return _size(machine, bound, args, kwargs)
    machine.budget.weigh([a for a in args if not isinstance(a, torch.Tensor)])
    made = machine.foreign(bound.function, *args, **kwargs)
    if isinstance(made, (bool, float)) and name not in SHAPE_ONLY and is_drawn(owner):
        return Drawn(made)
    return rewrapped(made) if is_sampled and isinstance(made, torch.Tensor) else made


def _size(machine: Machine, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
    owner, name = bound.owner, bound.name
    made = machine.foreign(bound.function, *args, **kwargs)
    if name != "size":
        return made
    words = axes_of(owner)
    if isinstance(made, int):
        word = words[args[0] if args else kwargs["dim"]]
        return Named(made, word) if word else made
    return torch.Size([Named(n, w) if w else n for n, w in zip(made, words, strict=True)])


def _numbers(machine: Machine, bound: Bound, args: list[Value], _: dict[str, Value]) -> Value:
    """Take numbers out of a tensor, as far as they are known."""
    owner, name = bound.owner, bound.name
    if name == "numpy":
        if owner.requires_grad:
            return machine.foreign(torch.zeros(1, requires_grad=True).numpy)
        if owner.is_meta:
            return arrays.large(tuple(owner.shape), torch.zeros(1, dtype=owner.dtype).numpy().dtype)
        made = machine.foreign(bound.function).copy()
        return made.view(Drawing) if marks(owner).is_drawn else made
    if name == "item" and owner.is_meta:
        if owner.numel() != 1:
            return machine.foreign(
                torch.zeros(owner.shape[:1]).item if owner.numel() < MAX_SMALL else torch.zeros(2).item
            )
        return Drawn(0.5 if owner.is_floating_point() else machine.varied(1, 9))
    if owner.is_meta or owner.numel() > MAX_SMALL // 8:
        raise not_understood(f".{name}() of so many numbers")
    made = machine.foreign(bound.function, *args)
    return rewrapped(made) if marks(owner).is_drawn else made


_METHODS: tuple[tuple[Any, Callable[..., Value]], ...] = (
    (torch.Tensor, _tensor_method),
    (nn.Module, _module_method),
    (type, _class_method),
    (torch.optim.Optimizer, _optimiser_method),
    (np.ndarray, _array_method),
    ((super, Outside), lambda machine, bound, args, kwargs: machine.foreign(bound.function, *args, **kwargs)),
    (object, _container_method),
)

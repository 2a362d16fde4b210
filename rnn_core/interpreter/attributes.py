"""What may be asked of a value, and what may be set."""

from __future__ import annotations

import builtins
import types
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter import allow
from rnn_core.interpreter.core import Machine
from rnn_core.interpreter.errors import not_understood
from rnn_core.interpreter.loading import Loader
from rnn_core.interpreter.outside import Outside
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
    mark,
    marks,
    rewrapped,
    sampled,
)

_OPEN_TENSOR = frozenset(("data", "grad", "requires_grad"))
_CONSTRUCTORS = frozenset(("from_pretrained",))


def get(machine: Machine, owner: Value, name: str) -> Value:
    """Return an attribute, or a method not yet called."""
    match owner:
        case Drawn(sample=str() | np.generic()):
            return _of_sample(machine, owner.sample, name)
        case Unknown():
            return Drawn(None) if isinstance(owner, Drawn) else UNKNOWN
        case Builtin(name=function):
            return missing(machine, getattr(builtins, function), name)
        case Quiet():
            return Quiet(f"{owner.text}.{name}")
        case Library(path=path):
            return take(machine, path, name)
        case torch.Tensor():
            return _of_tensor(machine, owner, name)
        case nn.Module():
            return _of_module(machine, owner, name)
        case super():
            return _of_super(machine, owner, name)
        case Loader() | Outside():
            return owner.attribute(machine, name)
        case Bound():
            return missing(machine, owner.function, name)
    if isinstance(owner, type):
        return _of_class(machine, owner, name)
    if machine.has_own_class(owner):
        return _of_object(machine, owner, name)
    return _of_plain(machine, owner, name)


def _of_sample(machine: Machine, sample: Value, name: str) -> Value:
    """Return a method of something drawn; what it returns is drawn too."""
    found = get(machine, sample, name)
    if not isinstance(found, Bound):
        return rewrapped(found)

    def method(*args: Any, **kwargs: Any) -> Value:
        machine.is_exact = False
        return rewrapped(machine.call(found, list(sampled(args)[0]), kwargs))

    return machine.keep(method)


def take(machine: Machine, path: str, name: str) -> Value:
    """Return what a package has under a name."""
    try:
        return allow.take(path, name)
    except allow.Absent as absent:
        return machine.foreign(getattr, absent.library, name)


def missing(machine: Machine, owner: Value, name: str) -> Value:
    """Raise what Python would, if there really is nothing of the name."""
    if name.startswith("__") or hasattr(owner, name):
        raise not_understood(f".{name}")
    return machine.foreign(getattr, owner, name)


def _bound(owner: Value, name: str, found: Value) -> Value:
    if callable(found) and not isinstance(found, (type, torch.Tensor, nn.Module)):
        return Bound(owner, name, found)
    return found


def _of_tensor(machine: Machine, owner: torch.Tensor, name: str) -> Value:
    if name == "shape":
        words = axes_of(owner)
        return torch.Size([Named(n, w) if w else n for n, w in zip(owner.shape, words, strict=True)])
    if name not in allow.tensor_names():
        return missing(machine, owner, name)
    found = machine.foreign(getattr, owner, name)
    if name == "data" and isinstance(found, torch.Tensor):
        mark(found, is_drawn=marks(owner).is_drawn, axes=axes_of(owner))
    if name == "grad" and isinstance(found, torch.Tensor):
        mark(found, is_drawn=True)
    return _bound(owner, name, found)


def _of_module(machine: Machine, owner: nn.Module, name: str) -> Value:
    if name.startswith("__") or _is_inside(name):
        raise not_understood(f".{name}")
    kept = vars(owner)
    is_kept = name in kept or any(name in (kept.get(k) or ()) for k in ("_parameters", "_buffers", "_modules"))
    is_mine = any(name in vars(c) for c in type(owner).__mro__ if c in machine.classes)
    found = machine.foreign(getattr, owner, name)
    if is_kept and not is_mine:
        return found
    if is_mine or name in allow.MODULE_METHODS:
        return _bound(owner, name, found)
    if isinstance(found, (int, float, str, bool, torch.Tensor)):
        return found
    raise not_understood(f".{name}")


def _of_super(machine: Machine, owner: Any, name: str) -> Value:
    is_mine = any(name in vars(c) for c in machine.classes)
    if (
        name not in ("__init__", "forward", "__len__", "__getitem__")
        and not is_mine
        and name not in allow.MODULE_METHODS
    ):
        raise not_understood(f"super().{name}")
    return Bound(owner, name, machine.foreign(getattr, owner, name))


def _of_class(machine: Machine, owner: type, name: str) -> Value:
    if owner in machine.classes:
        if name.startswith("__") and name not in ("__init__", "__name__"):
            raise not_understood(f".{name}")
        if name == "__name__" or any(name in vars(c) for c in owner.__mro__ if c in machine.classes):
            return machine.foreign(getattr, owner, name)
        return missing(machine, owner, name)
    if name == "__name__":
        return owner.__name__
    is_module = issubclass(owner, nn.Module) and id(owner) in allow.listed()
    if is_module and (name == "__init__" or (name in _CONSTRUCTORS and hasattr(owner, name))):
        return Bound(owner, name, getattr(owner, name))
    if owner is dict and name == "fromkeys":
        return Bound(owner, name, dict.fromkeys)
    if owner is torch.Tensor and name in allow.tensor_names():
        return lambda_of(name, machine)
    return missing(machine, owner, name)


def _of_object(machine: Machine, owner: Value, name: str) -> Value:
    if name == "__class__":
        return type(owner)
    if name == "__dict__":
        return dict(vars(owner))
    if name.startswith("__") and name not in allow.DUNDERS:
        raise not_understood(f".{name}")
    kept = name in getattr(owner, "__dict__", {})
    if kept or any(name in vars(c) for c in type(owner).__mro__ if c in machine.classes):
        found = machine.foreign(getattr, owner, name)
        return _bound(owner, name, found) if isinstance(found, types.MethodType) else found
    for kind, names in allow.METHODS.items():
        if isinstance(owner, kind) and name in names:
            return _bound(owner, name, machine.foreign(getattr, owner, name))
    return missing(machine, owner, name)


def _of_plain(machine: Machine, owner: Value, name: str) -> Value:
    for kind, names in allow.METHODS.items():
        if isinstance(owner, kind) and name in names:
            found = machine.foreign(getattr, owner, name)
            return (
                found.view(Drawing)
                if isinstance(owner, Drawing) and type(found) is np.ndarray
                else _bound(owner, name, found)
            )
    if type(owner).__module__ == "torch.return_types" and name in ("values", "indices", "Q", "R", "U", "S", "Vh"):
        return getattr(owner, name)
    if isinstance(owner, types.FunctionType) and machine.is_own(owner) and name in ("__name__", "__doc__"):
        return owner.__name__
    if isinstance(owner, tuple) and hasattr(type(owner), "_fields") and name in getattr(type(owner), "_fields", ()):
        return getattr(owner, name)
    if type(owner).__name__ == "Namespace" and not name.startswith("_"):
        return getattr(owner, name)
    return missing(machine, owner, name)


def put(machine: Machine, owner: Value, name: str, value: Value) -> None:
    """Set an attribute."""
    match owner:
        case Unknown() | Quiet() | Outside():
            return
        case nn.Module():
            is_open = not (_is_inside(name) or name in allow.MODULE_METHODS or isinstance(value, Bound))
        case torch.Tensor():
            is_open = name in _OPEN_TENSOR and not isinstance(value, Unknown)
        case type():
            is_open = owner in machine.classes
        case _:
            is_open = machine.has_own_class(owner) or isinstance(owner, PackedSequence)
    if not is_open or name.startswith("__") or name == "_marks":
        raise not_understood(f".{name} =")
    machine.foreign(setattr, owner, name, value)
    if name == "grad" and value is None:
        machine.gradients_cleared()
    machine.after_setting(owner, name)


def _is_inside(name: str) -> bool:
    """Whether a name is one that torch's modules keep to themselves."""
    return name.startswith("_") and (hasattr(nn.Module, name) or name in vars(nn.Module()))


def lambda_of(name: str, machine: Machine) -> Any:
    """Return a method of tensors as a function that takes the tensor first: torch.Tensor.add."""

    def function(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        return machine.call(get(machine, tensor, name), list(args), kwargs)

    function.__name__ = name
    return machine.keep(function)

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
from rnn_core.interpreter.errors import not_understood
from rnn_core.interpreter.functions import Functions
from rnn_core.interpreter.loading import Loader
from rnn_core.interpreter.outside import Outside
from rnn_core.interpreter.values import (
    UNKNOWN,
    Bound,
    Drawing,
    Drawn,
    Library,
    Named,
    Quiet,
    Refused,
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


class Attributes(Functions):
    """Reads and sets attributes."""

    def get(self, owner: Value, name: str) -> Value:
        """Return an attribute, or a method not yet called."""
        match owner:
            case Drawn(sample=str() | np.generic()):
                return self._of_sample(owner.sample, name)
            case Unknown():
                return Drawn(None) if isinstance(owner, Drawn) else UNKNOWN
            case Refused(name=function):
                return self._missing(getattr(builtins, function), name)
            case Quiet():
                return Quiet(f"{owner.text}.{name}")
            case Library(path=path):
                return self.take(path, name)
            case torch.Tensor():
                return self._of_tensor(owner, name)
            case nn.Module():
                return self._of_module(owner, name)
            case super():
                return self._of_super(owner, name)
            case Loader() | Outside():
                return owner.attribute(self, name)
            case Bound():
                return self._missing(owner.function, name)
        if getattr(owner, "__self__", None) is self:
            return self._missing(getattr(builtins, owner.__name__[2:]), name)
        if isinstance(owner, type):
            return self._of_class(owner, name)
        if self.has_own_class(owner):
            return self._of_object(owner, name)
        return self._of_plain(owner, name)

    def _of_sample(self, sample: Value, name: str) -> Value:
        """Return a method of something drawn; what it returns is drawn too."""
        found = self.get(sample, name)
        if not isinstance(found, Bound):
            return rewrapped(found)

        def method(*args: Any, **kwargs: Any) -> Value:
            self.is_exact = False
            return rewrapped(self.call(found, list(sampled(args)[0]), kwargs))

        return self.keep(method)

    def take(self, path: str, name: str) -> Value:
        """Return what a package has under a name."""
        try:
            return allow.take(path, name)
        except allow.Absent as absent:
            return self.foreign(getattr, absent.library, name)

    def _missing(self, owner: Value, name: str) -> Value:
        """Raise what Python would, if there really is nothing of the name."""
        if name.startswith("__") or hasattr(owner, name):
            raise not_understood(f".{name}")
        return self.foreign(getattr, owner, name)

    def _bound(self, owner: Value, name: str, found: Value) -> Value:
        if callable(found) and not isinstance(found, (type, torch.Tensor, nn.Module)):
            return Bound(owner, name, found)
        return found

    def _of_tensor(self, owner: torch.Tensor, name: str) -> Value:
        if name == "shape":
            words = axes_of(owner)
            return torch.Size([Named(n, w) if w else n for n, w in zip(owner.shape, words, strict=True)])
        if name not in allow.tensor_names():
            return self._missing(owner, name)
        found = self.foreign(getattr, owner, name)
        if name == "data" and isinstance(found, torch.Tensor):
            mark(found, is_drawn=marks(owner).is_drawn, axes=axes_of(owner))
        if name == "grad" and isinstance(found, torch.Tensor):
            mark(found, is_drawn=True)
        return self._bound(owner, name, found)

    def _of_module(self, owner: nn.Module, name: str) -> Value:
        if name.startswith("__") or (name.startswith("_") and (hasattr(nn.Module, name) or name in vars(nn.Module()))):
            raise not_understood(f".{name}")
        kept = vars(owner)
        is_kept = name in kept or any(name in (kept.get(k) or ()) for k in ("_parameters", "_buffers", "_modules"))
        is_mine = any(name in vars(c) for c in type(owner).__mro__ if c in self.classes)
        found = self.foreign(getattr, owner, name)
        if is_kept and not is_mine:
            return found
        if is_mine or name in allow.MODULE_METHODS:
            return self._bound(owner, name, found)
        if isinstance(found, (int, float, str, bool, torch.Tensor)):
            return found
        raise not_understood(f".{name}")

    def _of_super(self, owner: Any, name: str) -> Value:
        is_mine = any(name in vars(c) for c in self.classes)
        if (
            name not in ("__init__", "forward", "__len__", "__getitem__")
            and not is_mine
            and name not in allow.MODULE_METHODS
        ):
            raise not_understood(f"super().{name}")
        return Bound(owner, name, self.foreign(getattr, owner, name))

    def _of_class(self, owner: type, name: str) -> Value:
        if owner in self.classes:
            if name.startswith("__") and name not in ("__init__", "__name__"):
                raise not_understood(f".{name}")
            if name == "__name__" or any(name in vars(c) for c in owner.__mro__ if c in self.classes):
                return self.foreign(getattr, owner, name)
            return self._missing(owner, name)
        if name == "__name__":
            return owner.__name__
        is_module = issubclass(owner, nn.Module) and id(owner) in allow.listed()
        if is_module and (name == "__init__" or (name in _CONSTRUCTORS and hasattr(owner, name))):
            return Bound(owner, name, getattr(owner, name))
        if owner is dict and name == "fromkeys":
            return Bound(owner, name, dict.fromkeys)
        if owner is torch.Tensor and name in allow.tensor_names():
            return lambda_of(name, self)
        return self._missing(owner, name)

    def _of_object(self, owner: Value, name: str) -> Value:
        if name == "__class__":
            return type(owner)
        if name == "__dict__":
            return dict(vars(owner))
        if name.startswith("__") and name not in allow.DUNDERS:
            raise not_understood(f".{name}")
        kept = name in getattr(owner, "__dict__", {})
        if kept or any(name in vars(c) for c in type(owner).__mro__ if c in self.classes):
            found = self.foreign(getattr, owner, name)
            return self._bound(owner, name, found) if isinstance(found, types.MethodType) else found
        for kind, names in allow.METHODS.items():
            if isinstance(owner, kind) and name in names:
                return self._bound(owner, name, self.foreign(getattr, owner, name))
        return self._missing(owner, name)

    def _of_plain(self, owner: Value, name: str) -> Value:
        for kind, names in allow.METHODS.items():
            if isinstance(owner, kind) and name in names:
                found = self.foreign(getattr, owner, name)
                return (
                    found.view(Drawing)
                    if isinstance(owner, Drawing) and type(found) is np.ndarray
                    else self._bound(owner, name, found)
                )
        if type(owner).__module__ == "torch.return_types" and name in ("values", "indices", "Q", "R", "U", "S", "Vh"):
            return getattr(owner, name)
        if isinstance(owner, types.FunctionType) and self.is_own(owner) and name in ("__name__", "__doc__"):
            return owner.__name__
        if isinstance(owner, tuple) and hasattr(type(owner), "_fields") and name in getattr(type(owner), "_fields", ()):
            return getattr(owner, name)
        if type(owner).__name__ == "Namespace" and not name.startswith("_"):
            return getattr(owner, name)
        return self._missing(owner, name)

    def put(self, owner: Value, name: str, value: Value) -> None:
        """Set an attribute."""
        if isinstance(owner, (Unknown, Quiet, Outside)):
            return
        if name.startswith("__") or name == "_marks":
            raise not_understood(f".{name} =")
        if isinstance(owner, nn.Module):
            is_inside = name.startswith("_") and (hasattr(nn.Module, name) or name in vars(nn.Module()))
            if is_inside or name in allow.MODULE_METHODS or isinstance(value, Bound):
                raise not_understood(f".{name} =")
            self.foreign(setattr, owner, name, value)
        elif self.has_own_class(owner) or (isinstance(owner, type) and owner in self.classes):
            self.foreign(setattr, owner, name, value)
        elif isinstance(owner, torch.Tensor) and name in _OPEN_TENSOR:
            if isinstance(value, Unknown):
                raise not_understood(f".{name} =")
            self.foreign(setattr, owner, name, value)
            if name == "grad" and value is None:
                self.gradients_cleared()
        elif isinstance(owner, PackedSequence):
            self.foreign(setattr, owner, name, value)
        else:
            raise not_understood(f".{name} =")

    def gradients_cleared(self) -> None:
        """Note that gradients were set to zero."""


def lambda_of(name: str, machine: Attributes) -> Any:
    """Return a method of tensors as a function that takes the tensor first: torch.Tensor.add."""

    def function(tensor: Any, *args: Any, **kwargs: Any) -> Any:
        return machine.call(machine.get(tensor, name), list(args), kwargs)

    function.__name__ = name
    return machine.keep(function)

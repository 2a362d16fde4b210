"""Methods of tensors, modules, optimisers, arrays and containers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from rnn_core.interpreter import arrays
from rnn_core.interpreter.attributes import Attributes
from rnn_core.interpreter.budget import MAX_SMALL, words_of
from rnn_core.interpreter.core import bounded, unknown_of
from rnn_core.interpreter.errors import Raised, not_understood
from rnn_core.interpreter.outside import Outside
from rnn_core.interpreter.values import (
    UNKNOWN,
    Bound,
    Drawing,
    Drawn,
    Named,
    Unknown,
    Value,
    axes_of,
    drawn_in,
    is_dark,
    is_drawn,
    marks,
    rewrapped,
    sampled,
)

_SHAPE_ONLY = words_of("numel is_tensor is_floating_point dim ndimension nelement element_size is_contiguous stride")
_GROWS = words_of("append extend insert add update appendleft setdefault")


class Methods(Attributes):
    """Calls methods."""

    def real_type(self, value: Value) -> Value:
        """Return the type that a name such as int stands for."""
        raise NotImplementedError

    def _sampled(self, args: list[Value], kwargs: dict[str, Value]) -> tuple[list[Value], dict[str, Value], bool]:
        """Put samples in place of what is drawn; a whole number may be a size, which another reading draws anew."""
        drawn = list(drawn_in((args, kwargs)))
        if not drawn:
            return args, kwargs, False
        if any(isinstance(d, Drawn) and isinstance(d.sample, (int, np.integer)) for d in drawn):
            self.is_exact = False
        args, kwargs = sampled(args)[0], sampled(kwargs)[0]
        return args, kwargs, True

    def _made(self, made: Value) -> Value:
        """Look at something that was just made."""
        self.budget.spend(4)
        self.after_making(made)
        return made

    def after_making(self, made: Value) -> None:
        """Look at a new module, optimiser or object."""

    def _bound_call(self, bound: Bound, args: list[Value], kwargs: dict[str, Value]) -> Value:
        owner, name = bound.owner, bound.name
        if self.is_own(bound.function):
            return self.foreign(bound.function, *args, **kwargs)
        if isinstance(owner, torch.Tensor):
            return self._tensor_method(owner, name, bound.function, args, kwargs)
        if isinstance(owner, nn.Module):
            return self._module_method(owner, name, bound.function, args, kwargs)
        if isinstance(owner, (super, Outside, type)):
            made = self.foreign(bound.function, *args, **kwargs)
            return self._made(made) if isinstance(owner, type) and isinstance(made, nn.Module) else made
        if isinstance(owner, torch.optim.Optimizer):
            return self._optimiser_method(owner, name, bound.function, args, kwargs)
        if isinstance(owner, np.ndarray):
            return self._array_method(owner, name, bound.function, args, kwargs)
        return self._container_method(owner, name, bound.function, args, kwargs)

    def _container_method(
        self, owner: Value, name: str, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]
    ) -> Value:
        if is_dark((args, kwargs)) and name not in _GROWS and name not in ("get", "pop", "index", "count"):
            return unknown_of([*args, *kwargs.values()])
        for value in (*args, *kwargs.values()):
            if not isinstance(value, (torch.Tensor, np.ndarray)):
                self.budget.weigh(value)
        if name in ("append", "insert", "add", "appendleft", "setdefault"):
            bounded(list(owner) if isinstance(owner, (set, dict)) else owner)
        elif name in ("extend", "join") and args:
            args = [self.listed(args[0]), *args[1:]]
            self.budget.weigh(args)
        elif name == "update" and args:
            if isinstance(args[0], Unknown):
                for key in owner if isinstance(owner, dict) else ():
                    owner[key] = UNKNOWN
                return None
        elif name == "replace" and isinstance(owner, str) and len(args) > 1 and len(owner) * len(str(args[1])) > 1e6:
            raise not_understood("such a long text")
        if isinstance(owner, str) and any(True for _ in drawn_in(args)):
            return Drawn("text")
        if name in ("sort", "index", "count", "remove", "discard") and any(True for _ in drawn_in([owner, args])):
            if name == "sort":
                return None
            place, _ = sampled(args)
            try:
                return rewrapped(self.foreign(getattr(sampled(owner)[0], name), *place))
            except Raised:
                return Drawn(0)
        if name in ("get", "pop") and isinstance(owner, dict) and args and isinstance(args[0], Unknown):
            return Drawn(None)
        if name in ("values", "items", "keys") and isinstance(owner, dict):
            return list(function())
        if "key" in kwargs:
            kwargs = {**kwargs, "key": self.callback(kwargs["key"])}
        return bounded(self.foreign(function, *args, **kwargs))

    def callback(self, function: Value) -> Value:
        """Return a function of the paste as one that sorts by its results."""
        if function is None:
            return None

        def called(*args: Any) -> Any:
            made = self.call(function, list(args), {})
            if isinstance(made, Unknown):
                raise not_understood("an order that is not known")
            return made

        return called

    def _array_method(
        self, owner: np.ndarray, name: str, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]
    ) -> Value:
        if is_dark((args, kwargs)):
            return unknown_of([*args, *kwargs.values()])
        args, kwargs = [self.real_type(a) for a in args], {key: self.real_type(a) for key, a in kwargs.items()}
        (args, kwargs), _ = sampled((args, kwargs))
        if name == "repeat" or (owner.size > 1 << 20 and name not in ("reshape", "transpose", "squeeze", "swapaxes")):
            return (
                arrays.large(owner.shape, args[0])
                if name == "astype" and args
                else arrays.call_numpy(self, getattr(np, name), [owner, *args], kwargs)
            )
        made = self.foreign(function, *args, **kwargs)
        if isinstance(owner, Drawing):
            return rewrapped(made)
        return made

    def _module_method(
        self, owner: nn.Module, name: str, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]
    ) -> Value:
        if name in ("to", "cpu", "cuda", "share_memory"):
            kinds = [a for a in (*args, kwargs.get("dtype")) if isinstance(a, torch.dtype)]
            return self.foreign(owner.to, *kinds) if kinds else owner
        if is_dark((args, kwargs)) and name not in ("append", "extend", "register_buffer", "load_state_dict"):
            return unknown_of([*args, *kwargs.values()])
        if name == "load_state_dict" and is_dark((args, kwargs)):
            return None
        self.budget.spend(sum(1 for _ in owner.modules()))
        if name == "apply":
            args = [self.keep(lambda m, f=args[0]: self.call(f, [m], {}))] if len(args) == 1 else args
        made = self.foreign(function, *args, **kwargs)
        if name == "zero_grad":
            self.gradients_cleared()
        return made

    def _optimiser_method(
        self, owner: Any, name: str, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]
    ) -> Value:
        if name == "zero_grad":
            self.gradients_cleared()
        if name == "step":
            self.after_step(owner)
            parameters = [p for group in owner.param_groups for p in group["params"]]
            if args and callable(args[0]):  # of the rounds that an optimiser makes of its own two tell all there is
                self.call(args[0], [], {})
                return self.call(args[0], [], {})
            if any(p.is_meta for p in parameters) or sum(p.numel() for p in parameters) > MAX_SMALL:
                return None
        return self.foreign(function, *args, **kwargs)

    def after_step(self, optimiser: Any) -> None:
        """Note that an optimiser takes a step."""

    def _tensor_method(
        self, owner: torch.Tensor, name: str, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]
    ) -> Value:
        if is_dark((args, kwargs)):
            return unknown_of([*args, *kwargs.values()])
        args, kwargs, is_sampled = self._sampled(args, kwargs)
        if name in ("cuda", "cpu", "pin_memory"):
            return owner
        if name in ("item", "tolist", "numpy"):
            return self._numbers(owner, name, function, args)
        if name in ("size", "stride"):
            return self._size(owner, name, function, args, kwargs)
        self.budget.weigh([a for a in args if not isinstance(a, torch.Tensor)])
        made = self.foreign(function, *args, **kwargs)
        if isinstance(made, (bool, float)) and name not in _SHAPE_ONLY and is_drawn(owner):
            return Drawn(made)
        return rewrapped(made) if is_sampled and isinstance(made, torch.Tensor) else made

    def _size(
        self, owner: torch.Tensor, name: str, function: Callable[..., Any], args: list[Value], kwargs: dict[str, Value]
    ) -> Value:
        made = self.foreign(function, *args, **kwargs)
        if name != "size":
            return made
        words = axes_of(owner)
        if isinstance(made, int):
            word = words[args[0] if args else kwargs["dim"]]
            return Named(made, word) if word else made
        return torch.Size([Named(n, w) if w else n for n, w in zip(made, words, strict=True)])

    def _numbers(self, owner: torch.Tensor, name: str, function: Callable[..., Any], args: list[Value]) -> Value:
        """Take numbers out of a tensor, as far as they are known."""
        if name == "numpy":
            if owner.requires_grad:
                return self.foreign(torch.zeros(1, requires_grad=True).numpy)
            if owner.is_meta:
                return arrays.large(tuple(owner.shape), torch.zeros(1, dtype=owner.dtype).numpy().dtype)
            made = self.foreign(function).copy()
            return made.view(Drawing) if marks(owner).is_drawn else made
        if name == "item" and owner.is_meta:
            if owner.numel() != 1:
                return self.foreign(
                    torch.zeros(owner.shape[:1]).item if owner.numel() < MAX_SMALL else torch.zeros(2).item
                )
            return Drawn(0.5 if owner.is_floating_point() else self.varied(1, 9))
        if owner.is_meta or owner.numel() > MAX_SMALL // 8:
            raise not_understood(f".{name}() of so many numbers")
        made = self.foreign(function, *args)
        return rewrapped(made) if marks(owner).is_drawn else made

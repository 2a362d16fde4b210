"""Every call of torch passes here: small ones are computed, large ones have a shape only, random ones draw their own.

A call is computed for real if its operands and its result have at most 2^16 numbers. What is larger lives on torch's
`meta` device, where torch itself works out shapes, dtypes and the flow of gradients without any numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from rnn_core.interpreter import words
from rnn_core.interpreter.budget import MAX_MADE, MAX_PARTS, MAX_REPEATED, MAX_SMALL, Budget, words_of
from rnn_core.interpreter.errors import NeedsValue, not_understood
from rnn_core.interpreter.sizes import DATA_SIZED, RECURRENT, is_integral, is_linear, is_small, plain, stands_alone
from rnn_core.interpreter.values import Value, changed, mark, marks, tensors_in

Kwargs = dict[str, Any]
Hook = Callable[[str, tuple[Any, ...], Kwargs], None]

# calls that make nothing and draw nothing
_CHEAP = words_of(
    """_set_grad_enabled set_grad_enabled size dim numel stride __len__ is_contiguous is_floating_point __set__
    ndimension element_size is_complex __repr__ __hash__ nelement get_device is_tensor requires_grad_ is_signed
    __deepcopy__ storage_offset is_same_size set_default_dtype"""
)
_VIEWS_BY_NAME = ("T", "mT", "H", "mH", "data", "grad", "real", "imag")
_RANDOM = words_of(
    """randn rand randint randperm normal multinomial bernoulli normal_ uniform_ random_ exponential_ bernoulli_
    trunc_normal_ geometric_ log_normal_ cauchy_ poisson orthogonal_ xavier_uniform_ xavier_normal_ kaiming_uniform_
    kaiming_normal_ sparse_"""
)
_RANDOM_LIKE = frozenset(("randn_like", "rand_like", "randint_like"))
_NOT_SET = frozenset(("empty", "empty_like", "new_empty", "new"))
_FILLS = words_of(
    """normal_ uniform_ random_ zero_ fill_ exponential_ bernoulli_ xavier_uniform_ xavier_normal_ kaiming_uniform_
    kaiming_normal_ orthogonal_ constant_ zeros_ ones_ trunc_normal_ eye_ geometric_ log_normal_ cauchy_"""
)
_FACTORIES = words_of("zeros ones empty full rand randn linspace logspace eye normal tensor arange")
# What makes as much as a number says, which may stand in a tensor: on the meta device nobody could see how much.
_SIZED = words_of("zeros ones empty full rand randn new_zeros new_ones new_full new_empty repeat expand tile diff")
_WANTS_NUMBERS = frozenset(("item", "tolist", "__bool__", "numpy", "__int__", "__float__", "__index__", "__format__"))
_INDEXED = frozenset(
    ("embedding", "cross_entropy", "nll_loss", "__getitem__", "gather", "index_select", "one_hot", "take")
)
_COUNTED = words_of("chunk unsafe_chunk tensor_split hsplit vsplit dsplit")
_CUTS = _COUNTED | words_of("unbind __iter__ split unsafe_split")
_DROPS = words_of("dropout dropout1d dropout2d dropout3d alpha_dropout feature_alpha_dropout rrelu")


def stand_in(tensor: torch.Tensor) -> torch.Tensor:
    """Return a CPU tensor of the shape of one that has no numbers; it takes the memory of a single one."""
    if not tensor.is_meta:
        return tensor
    made = torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)
    return made.requires_grad_() if tensor.requires_grad else made


def to_meta(tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor without its numbers; gradients still flow through it."""
    if tensor.is_meta:
        return tensor
    made: torch.Tensor = _ToMeta.apply(tensor)  # type: ignore[no-untyped-call]
    return made


class _ToMeta(torch.autograd.Function):
    """Drops the numbers of a tensor; on the way back a gradient of zeros arrives, of the right shape."""

    @staticmethod
    def forward(ctx: Any, tensor: torch.Tensor) -> torch.Tensor:
        ctx.shape, ctx.dtype = tensor.shape, tensor.dtype
        return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device="meta")

    @staticmethod
    def backward(ctx: Any, _: torch.Tensor) -> torch.Tensor:
        return torch.zeros(ctx.shape, dtype=ctx.dtype)


class Guard(TorchFunctionMode):
    """Stands between the paste and torch while one reading runs.

    Attributes:
        default: the dtype of numbers with fractions, where the paste changes it.
        hook: looks at each call that went well.
        is_exact: False once the sizes that a drawn number decides have been used.
    """

    def __init__(self, budget: Budget, hook: Hook, seed: int) -> None:
        super().__init__()
        self.budget, self.hook = budget, hook
        self.generator = torch.Generator().manual_seed(seed)
        self.default = torch.float32
        self.is_exact = True
        self.doubt_range: Callable[[str, int, int], None] = lambda *_: None

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Kwargs | None = None) -> Any:
        """Do one call of torch."""
        name = getattr(func, "__name__", "")
        kwargs = dict(kwargs or {})
        if name in _CHEAP:
            return func(*args, **kwargs)
        if name == "__get__" and getattr(func.__self__, "__name__", "") not in _VIEWS_BY_NAME:
            return func(*args, **kwargs)
        self.budget.spend(12)
        args = self._prepare(name, args, kwargs)
        if name in _CUTS and _count_of_parts(name, args, kwargs) > MAX_PARTS:
            raise not_understood("so many parts")
        if name == "diff" and _order(args, kwargs) > MAX_PARTS:
            raise not_understood("so many differences of differences")
        tensors = list(tensors_in((args, kwargs)))
        if name == "backward":
            return _backward(func, args, kwargs)
        if any(t.is_meta for t in tensors) or not self._fits(func, name, args, kwargs, tensors):
            made = self._without_numbers(func, name, args, kwargs)
        else:
            made = self._computed(func, name, args, kwargs, tensors)
        self._mark(func, name, args, kwargs, tensors, made)
        return made

    def _prepare(self, name: str, args: tuple[Any, ...], kwargs: Kwargs) -> tuple[Any, ...]:
        """Keep a call on the CPU, on the reading's own random numbers and out of dropout."""
        kwargs.pop("device", None)
        kwargs.pop("pin_memory", None)
        if name in _SIZED:
            own = 0 if name in _FACTORIES else 1
            end = own + 1 if "full" in name else len(args)  # what it is filled with is no size
            args = (*args[:own], *changed(args[own:end], plain), *args[end:])
        if name == "to":
            kwargs.pop("non_blocking", None)
            rest = tuple(a for a in args[1:] if not isinstance(a, (torch.device, str)) and a is not None)
            args = (args[0], *rest) if rest or kwargs else (args[0], args[0].dtype)
        if name in _RANDOM and kwargs.get("generator") in (None, torch.default_generator):
            kwargs["generator"] = self.generator
        if name in _DROPS:
            kwargs.pop("training", None)
            kwargs["training"] = False
            args = args[: 4 if name == "rrelu" else 2] if name == "rrelu" else args[:2]
        if name in RECURRENT:  # (input, hx, weights, bias, layers, dropout, train, ...), packed one place further
            place = 6 if isinstance(args[3], bool) else 7
            args = tuple(False if i == place else a for i, a in enumerate(args))
        if self.default is not torch.float32 and name in _FACTORIES and kwargs.get("dtype") is None:
            made_of = args[0] if args else None
            has_fractions = name not in ("tensor", "arange", "full") or _has_fraction(
                args[1:] if name == "full" else made_of
            )
            if has_fractions:
                kwargs["dtype"] = self.default
        return args

    def _fits(self, func: Any, name: str, args: Any, kwargs: Kwargs, tensors: Sequence[torch.Tensor]) -> bool:
        if name in _WANTS_NUMBERS:
            return True
        if self.budget.made > MAX_MADE:
            return False
        verdict = is_small(name, args, kwargs, tensors)
        if verdict is None:
            try:
                made = self._trial(func, args, kwargs)
            except NotImplementedError:
                return stands_alone(name, args, kwargs, tensors)
            except Exception:
                return True
            verdict = sum(t.numel() for t in tensors_in(made)) <= MAX_SMALL
        return verdict

    @staticmethod
    def _trial(func: Any, args: Any, kwargs: Kwargs) -> Any:
        plain = {key: value for key, value in kwargs.items() if key != "generator"}
        with torch.device("meta"), torch.no_grad():
            return func(*changed(args, lambda t: t.detach().to("meta")), **changed(plain, lambda t: t.to("meta")))

    def _computed(self, func: Any, name: str, args: Any, kwargs: Kwargs, tensors: Sequence[torch.Tensor]) -> Any:
        if name in ("randn_like", "rand_like", "randint_like"):
            return self._like(name, args, kwargs)
        try:
            return func(*args, **kwargs)
        except (IndexError, RuntimeError) as error:
            if "LinAlgError" in type(error).__name__ and any(marks(t).is_drawn for t in tensors):
                raise NeedsValue from None
            if name not in _INDEXED or not any(marks(t).is_drawn and is_integral(t) for t in tensors):
                raise
            # It may be the drawn indices that do not fit; if it works without them, nothing is wrong with the shapes.
            made = func(*changed(args, _valid), **changed(kwargs, _valid))
            self._doubt_range(name, args, kwargs)
            return made

    def _like(self, name: str, args: Any, kwargs: Kwargs) -> Any:
        made = torch.empty_like(args[0], dtype=kwargs.get("dtype"), requires_grad=kwargs.get("requires_grad", False))
        with torch.no_grad():
            if name == "randint_like":
                return made.random_(*([0] if len(args) == 2 else []), *args[1:], generator=self.generator)
            return (made.normal_ if name == "randn_like" else made.uniform_)(generator=self.generator)

    def _doubt_range(self, name: str, args: Any, kwargs: Kwargs) -> None:
        """Tell of drawn indices that may be too large."""
        if name == "embedding":
            index, table = args[0], args[1] if len(args) > 1 else kwargs["weight"]
            size = table.shape[0]
        elif name in ("cross_entropy", "nll_loss"):
            scores, index = args[0], args[1] if len(args) > 1 else kwargs["target"]
            size = scores.shape[1] if scores.dim() > 1 else scores.numel()
            if index.is_floating_point():
                return
        else:
            return
        high = marks(index).high if isinstance(index, torch.Tensor) else None
        if high is not None and high > size:
            self.doubt_range(name, high - 1, size)

    def _without_numbers(self, func: Any, name: str, args: Any, kwargs: Kwargs) -> Any:
        """Do a call on shapes alone."""
        kwargs.pop("generator", None)
        first: Any = args[0] if args else kwargs.get("tensor", kwargs.get("input"))
        if name in _WANTS_NUMBERS:
            if (name == "item" and first.numel() != 1) or (name == "__bool__" and first.numel() != 1):
                return func(stand_in(first))
            raise NeedsValue
        if name in _FILLS:
            return first
        if name in ("backward", "requires_grad_"):
            return func(*args, **kwargs)
        if name in RECURRENT:
            return _recurrent(func, args)
        if name in ("_pack_padded_sequence", "_pad_packed_sequence"):
            moved: Any = (changed(args[0], to_meta), *args[1:])  # lengths keep their numbers
            return self._on_meta(func, name, moved, kwargs, args)
        if name in DATA_SIZED and not stands_alone(name, args, kwargs, list(tensors_in((args, kwargs)))):
            raise NeedsValue
        self._check_indices(func, name, args, kwargs)
        if name.endswith("_") and not name.endswith("__") and isinstance(first, torch.Tensor) and not first.is_meta:
            self._trial(func, args, kwargs)
            mark(first, is_drawn=True)
            return first  # a small tensor filled from a large one: its numbers are not known now
        return self._on_meta(func, name, changed(args, to_meta), changed(kwargs, to_meta), args)

    def _on_meta(self, func: Any, name: str, args: Any, kwargs: Kwargs, given: Any) -> Any:
        try:
            with torch.device("meta"):
                return func(*args, **kwargs)
        except NotImplementedError as error:
            if name in DATA_SIZED or "Meta" in str(error) or "meta" in str(error):
                raise NeedsValue from None
            raise
        except Exception:
            if sum(t.numel() for t in tensors_in((args, kwargs))) > (
                MAX_REPEATED if is_linear(name) else MAX_SMALL // 16
            ):
                raise
            func(*changed(given, stand_in), **changed(kwargs, stand_in))  # torch's own words are those of the CPU
            raise NeedsValue from None

    def _check_indices(self, func: Any, name: str, args: Any, kwargs: Kwargs) -> None:
        """Look for known indices that do not fit into a large tensor."""
        if (
            name == "embedding"
            and not args[0].is_meta
            and len(args) > 1
            and args[0].dtype in (torch.int64, torch.int32)
        ):
            index, table = args[0], args[1]
            if table.dim() == 2 and not marks(index).is_drawn:
                functional.embedding(index, stand_in(table[:, :1]))
            else:
                self._doubt_range(name, args, kwargs)
        elif name in ("cross_entropy", "nll_loss") and len(args) > 1 and isinstance(args[1], torch.Tensor):
            if not args[1].is_meta and args[0].dim() == 2 and args[0].numel() < 1 << 22 and not marks(args[1]).is_drawn:
                func(stand_in(args[0].detach()), args[1], **kwargs)
            elif isinstance(args[1], torch.Tensor):
                self._doubt_range(name, args, kwargs)

    def _mark(
        self, func: Any, name: str, args: Any, kwargs: Kwargs, tensors: Sequence[torch.Tensor], made: Any
    ) -> None:
        """Note of the results what is known of them."""
        is_random = name in _RANDOM or name in _RANDOM_LIKE or name in _NOT_SET
        drawn = is_random or any(marks(t).is_drawn for t in tensors)
        if name in ("zero_", "fill_", "zeros_like", "ones_like", "full_like", "new_zeros", "new_ones", "new_full"):
            drawn = False
        if drawn and name in DATA_SIZED and any(marks(t).is_drawn for t in tensors):
            self.is_exact = self.is_exact and name == "one_hot" and _classes(args, kwargs) > 0
        for result in tensors_in(made):
            if not result.is_meta:
                self.budget.made += result.numel()
            if drawn or result.is_meta:
                mark(result, is_drawn=True, high=_high(name, args, kwargs, tensors, result))
            elif marks(result).is_drawn and name in ("zero_", "fill_"):
                mark(result, is_drawn=False)
        if drawn and name in _INDEXED:
            self._doubt_range(name, args, kwargs)
        words.follow(func, name, args, kwargs, tensors, made, is_random=is_random)
        self.hook(name, args, kwargs)


def _count_of_parts(name: str, args: Any, kwargs: Kwargs) -> int:
    """Return into how many tensors one is cut, at most: each takes memory of its own, however small it is."""
    sizes = args[0].shape if args and isinstance(args[0], torch.Tensor) else ()
    asked = args[1] if len(args) > 1 else next(iter(kwargs.values()), 0)
    longest = max(sizes, default=0)
    if isinstance(asked, (tuple, list)):
        return len(asked)
    if not isinstance(asked, int):
        return longest
    if name in ("unbind", "__iter__"):
        return sizes[asked] if -len(sizes) <= asked < len(sizes) else 0
    if name not in _COUNTED:
        return longest // max(asked, 1)
    return min(longest, asked) if "chunk" in name and 0 not in sizes else asked  # nothing is cut into many nothings


def _has_fraction(value: Value) -> bool:
    if isinstance(value, (tuple, list)):
        return any(_has_fraction(item) for item in value)
    return isinstance(value, float)


def _order(args: Sequence[Any], kwargs: Kwargs) -> int:
    asked = args[1] if len(args) > 1 else changed(kwargs.get("n"), plain)
    return asked if isinstance(asked, int) else 1


def _valid(tensor: torch.Tensor) -> torch.Tensor:
    """Return indices that fit anywhere in place of drawn ones."""
    return torch.zeros_like(tensor) if marks(tensor).is_drawn and is_integral(tensor) else tensor


def _classes(args: Sequence[Any], kwargs: Kwargs) -> int:
    given = args[1] if len(args) > 1 else kwargs.get("num_classes", -1)
    return given if isinstance(given, int) else -1


_KEEPS_RANGE = words_of(
    """view reshape transpose permute squeeze unsqueeze flatten __getitem__ clone contiguous detach to long int t
    __get__ narrow select chunk split unbind expand repeat roll flip cat stack sort gather index_select movedim"""
)


def _high(
    name: str, args: Sequence[Any], kwargs: Kwargs, tensors: Sequence[torch.Tensor], made: torch.Tensor
) -> int | None:
    """Return what drawn whole numbers stay below, where that is plain."""
    if made.is_floating_point() or made.dtype == torch.bool:
        return None
    numbers = [a for a in args if isinstance(a, int)]
    if name == "randint":
        high = kwargs.get(
            "high", numbers[1] if len(numbers) > 1 and isinstance(args[1], int) else numbers[0] if numbers else None
        )
        return int(high) if high is not None else None
    if name in ("argmax", "argmin", "topk", "max", "min", "sort", "argsort") and tensors:
        dim = kwargs.get("dim", args[2 if name == "topk" and len(args) > 2 else 1] if len(args) > 1 else None)
        if name == "topk" and len(args) < 3 and "dim" not in kwargs:
            dim = -1
        if isinstance(dim, int) and tensors[0].dim():
            return int(tensors[0].shape[dim])
        return int(tensors[0].numel()) if name in ("argmax", "argmin") else None
    if name == "multinomial":
        return int(tensors[0].shape[-1])
    if name in _KEEPS_RANGE:
        highs = [marks(t).high for t in tensors[: len(tensors) if name in ("cat", "stack") else 1]]
        known = [high for high in highs if high is not None]
        return max(known) if len(known) == len(highs) and known else None
    return None


def _recurrent(func: Any, args: Sequence[Any]) -> Any:
    """Return what a recurrent module makes of a large input: the sizes are those of its state, its steps those of x."""
    is_packed = not isinstance(args[3], bool)
    data, states, weights = (args[0], args[2], args[3]) if is_packed else (args[0], args[1], args[2])
    pair = states if isinstance(states, (tuple, list)) else (states,)
    if data.shape[-1] != weights[0].shape[-1]:
        func(*changed(args, stand_in))  # raises
    both = bool(args[8] if is_packed else args[7])
    total = sum((to_meta(t).sum() for t in (data, *pair, *weights)), torch.zeros((), device="meta", dtype=data.dtype))
    anchor = total.tanh()  # it keeps its result for the way back, as a real one does: once, and not a second time
    width = pair[0].shape[-1] * (2 if both else 1)
    if not is_packed and args[8] and data.dim() == 3:  # batch first: made as (L, N, ...) and transposed
        out = anchor.expand(data.shape[1], data.shape[0], width).contiguous().transpose(0, 1)
    else:
        out = anchor.expand(*data.shape[:-1], width).contiguous()
    return (out, *((to_meta(state) * 1 + anchor) for state in pair))


def _backward(func: Any, args: Any, kwargs: Kwargs) -> Any:
    """Let gradients flow, for real where there are numbers."""
    try:
        return func(*args, **kwargs)
    except NotImplementedError:
        return None

"""Words for the axes of a result: never a wrong one, and none where it is not clear.

Where an axis of a small result comes from is asked of torch itself: the call is repeated with one slice of an operand
changed, and the slices of the result that differ belong to it. Of large tensors sizes that occur once tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter.budget import words_of
from rnn_core.interpreter.values import Named, Origin, axes_of, changed, mark, marks, tensors_in

_PROBED = 4_000  # numbers of operands and results that are computed again, at most
_KEEPS = words_of(
    """softmax log_softmax dropout layer_norm relu tanh sigmoid contiguous float long double int half clone to type
    detach normalize add sub mul div masked_fill cumsum relu_ exp log abs neg sqrt __rmul__ __radd__ __rsub__ pow
    gelu elu leaky_relu silu softplus round floor ceil sin cos clamp gt lt ge le eq ne zeros_like ones_like"""
)
_SILENT = words_of(
    """item tolist numpy backward __bool__ __set__ __setitem__ lstm gru rnn_tanh rnn_relu __int__ __float__ linear
    copy_ embedding _pack_padded_sequence register_hook retain_grad unique bincount cross_entropy nll_loss mse_loss
    l1_loss __index__ __iadd__ __isub__ __imul__ new_tensor tensor argsort"""
)
_SIZED_BY_ARGUMENTS = frozenset(("new_zeros", "new_ones", "new_full", "new_empty", "new"))
_COMPARES = frozenset(("max", "min", "argmax", "argmin", "sort", "topk", "gt", "lt", "ge", "le", "eq", "ne"))
_KEEPS_ORIGIN = frozenset(("contiguous", "transpose", "permute", "detach", "clone", "float", "__get__", "to"))
_MAKES = {"softmax": "probabilities", "log_softmax": "log_probabilities", "sigmoid": "sigmoid", "logsigmoid": "sigmoid"}


def follow(
    func: Any, name: str, args: Any, kwargs: Any, tensors: Sequence[torch.Tensor], made: Any, *, is_random: bool
) -> None:
    """Give the results of a call the words of their axes, and what is known of where they come from."""
    outs = list(tensors_in(made)) if isinstance(made, (torch.Tensor, tuple, list)) else []
    if not outs or name in _SILENT:
        return
    if not tensors or name in _SIZED_BY_ARGUMENTS:
        _by_arguments(outs[0], args[1:] if tensors else args, kwargs)
        if name in ("zeros", "new_zeros", "ones", "randn", "rand"):
            mark(outs[0], origin=Origin("filled"))
        return
    main = tensors[0]
    _follow_origin(name, args, tensors, outs)
    if outs[0] is main and name not in ("unsqueeze_", "t_", "squeeze_", "transpose_"):
        return
    worded = [t for t in tensors if any(axes_of(t))]
    if not worded:
        return
    if name in _KEEPS or (is_random and outs[0].shape == main.shape):
        same = [axes_of(t) for t in worded if t.shape == outs[0].shape]
        if same:
            mark(outs[0], axes=tuple(next((w for w in words if w), "") for words in zip(*same, strict=True)))
            return
    if is_random:
        return
    count = sum(t.numel() for t in tensors) + sum(out.numel() for out in outs)
    if count <= _PROBED and len(outs) <= 4 and not any(t.is_meta for t in (*tensors, *outs)):
        _probe(func, name, args, kwargs, worded, outs)
    else:
        for out in outs[:4]:
            mark(out, axes=_by_size(out, worded))


def _by_arguments(out: torch.Tensor, args: Sequence[Any], kwargs: dict[str, Any]) -> None:
    """Name the axes after the variables that their sizes are kept in."""
    sizes = kwargs.get("size") or next((a for a in args if isinstance(a, (tuple, list))), None)
    if sizes is None:
        sizes = [a for a in args if isinstance(a, int)]
    if len(sizes) == out.dim() and all(isinstance(n, int) for n in sizes):
        words = tuple(n.word if isinstance(n, Named) else "" for n in sizes)
        if any(words):
            mark(out, axes=words)


def _follow_origin(name: str, args: Any, tensors: Sequence[torch.Tensor], outs: Sequence[torch.Tensor]) -> None:
    main, out = tensors[0], outs[0]
    if name in _MAKES:
        mark(out, origin=Origin(_MAKES[name]))
    elif name == "pad_sequence" and len({len(t) for t in tensors}) > 1:
        mark(out, origin=Origin(is_padded=True))
    elif name == "_pad_packed_sequence" and marks(main).origin.module is not None:
        module = marks(main).origin.module
        last = "D*H_out" if module and module.bidirectional else "H_out"
        mark(
            out, axes=("N", "L", last) if args[2] else ("L", "N", last), origin=Origin("output", module, is_padded=True)
        )
    elif name in _KEEPS_ORIGIN and out is not main:
        mark(out, origin=marks(main).origin)
    elif name == "__getitem__" and marks(main).origin.kind in ("output", "h_n", "c_n"):
        mark(out, origin=Origin(marks(main).origin.kind, marks(main).origin.module))
    elif name in ("tanh", "embedding", "add", "mul", "dropout", "relu") and any(
        marks(t).origin.is_padded for t in tensors
    ):
        mark(out, origin=Origin(is_padded=True))


def _by_size(out: torch.Tensor, worded: Sequence[torch.Tensor]) -> tuple[str, ...]:
    known: dict[int, set[str]] = {}
    for t in worded:
        for size, word in zip(t.shape, axes_of(t), strict=True):
            known.setdefault(size, set()).add(word)
    sizes = list(out.shape)
    words = []
    for size in sizes:
        is_sure = size > 1 and sizes.count(size) == 1 and len(known.get(size, ())) == 1
        words.append(next(iter(known[size])) if is_sure else "")
    return tuple(words)


def _probe(
    func: Any, name: str, args: Any, kwargs: Any, worded: Sequence[torch.Tensor], outs: Sequence[torch.Tensor]
) -> None:
    """Ask torch which slices of the results change with a slice of an operand."""
    found: list[list[list[str]]] = [[[] for _ in range(out.dim())] for out in outs]
    base = [out.detach() for out in outs]
    rounds = 4 if name in _COMPARES else 1
    with torch.no_grad():
        for t in worded:
            for axis, word in enumerate(axes_of(t)):
                if word and t.shape[axis] > 1:
                    differs = _differences(func, args, kwargs, t, axis, base, rounds)
                    for words, b, differ in zip(found, base, differs, strict=True):
                        _note(words, b, differ, t.shape[axis], word)
    singles = [w for t in worded for size, w in zip(t.shape, axes_of(t), strict=True) if w and size == 1]
    for words, out in zip(found, outs, strict=True):
        made = ["*".join(found) for found in words]
        ones = [axis for axis in range(out.dim()) if out.shape[axis] == 1]
        if len(ones) == len(singles) == 1 and sum(1 in t.shape for t in worded) == 1 and name != "unsqueeze":
            made[ones[0]] = singles[0] if sum(size == 1 for size in worded[0].shape) == 1 else ""
        if any(made):
            mark(out, axes=tuple(made))


def _differences(
    func: Any, args: Any, kwargs: Any, t: torch.Tensor, axis: int, base: list[torch.Tensor], rounds: int
) -> list[torch.Tensor | None]:
    differs: list[torch.Tensor | None] = [None] * len(base)
    for number in range(rounds):
        other = _varied(t.detach(), axis, number)

        def swap(operand: torch.Tensor, other: torch.Tensor = other) -> torch.Tensor:
            return other if operand is t else operand

        try:
            again = func(*changed(args, swap), **changed(kwargs, swap))
        except Exception:
            return [None] * len(base)
        for place, (a, b) in enumerate(zip(tensors_in(again), base, strict=False)):
            if a.shape == b.shape and a.numel():
                new = (a != b) & ~((a != a) & (b != b))
                before = differs[place]
                differs[place] = new if before is None else before | new
    return differs


def _note(words: list[list[str]], b: torch.Tensor, differ: torch.Tensor | None, size: int, word: str) -> None:
    if differ is None:
        return
    for axis in range(b.dim()):
        count = int(differ.movedim(axis, 0).reshape(b.shape[axis], -1).any(1).sum())
        if count and count * size == b.shape[axis] and word not in words[axis]:
            words[axis].append(word)


def _varied(t: torch.Tensor, axis: int, number: int) -> torch.Tensor:
    other = t.clone()  # it lies in memory as t does, so that sums are rounded alike
    part = other.select(axis, 0)
    if t.dtype == torch.bool:
        part.logical_not_()
    elif t.is_floating_point():
        step = torch.linspace(1.5, 2.5, max(part.numel(), 1), dtype=t.dtype)
        order = torch.arange(max(part.numel(), 1)).mul(2 * number + 1).remainder(max(part.numel(), 1))
        part.add_((step[order] * (7 * (-1) ** number if number else 1))[: part.numel()].view(part.shape))
    else:
        part.copy_(torch.where(part > 0, part - 1, part + 1))
    return other


def after_module(module: nn.Module, args: tuple[Any, ...], made: Any) -> None:
    """Name the axes of what a recurrent module or another layer returned."""
    x = args[0] if args else None
    if isinstance(module, nn.RNNBase):
        _after_recurrent(module, x, made)
    elif isinstance(module, nn.Embedding) and isinstance(x, torch.Tensor) and isinstance(made, torch.Tensor):
        mark(made, axes=(*axes_of(x), "H_in"), origin=Origin(is_padded=marks(x).origin.is_padded))
    elif isinstance(module, nn.Linear) and isinstance(x, torch.Tensor) and isinstance(made, torch.Tensor):
        mark(made, axes=(*axes_of(x)[:-1], "C"))
    elif isinstance(module, nn.RNNCellBase) and isinstance(x, torch.Tensor):
        for state in made if isinstance(made, tuple) else (made,):
            mark(state, axes=(axes_of(x)[0], "H_out") if state.dim() == 2 else ("H_out",))


def _after_recurrent(module: nn.RNNBase, x: Any, made: Any) -> None:
    out, state = made
    last = "D*H_out" if module.bidirectional else "H_out"
    if isinstance(out, PackedSequence):
        mark(out.data, origin=Origin("packed", module))
    else:
        axes = ("L", last) if out.dim() == 2 else ("N", "L", last) if module.batch_first else ("L", "N", last)
        is_padded = isinstance(x, torch.Tensor) and marks(x).origin.is_padded
        mark(out, axes=axes, origin=Origin("output", module, is_padded=is_padded))
    for kind, part in zip(("h_n", "c_n"), state if isinstance(state, tuple) else (state,), strict=False):
        axes = ("D*num_layers", "N", "H_out") if part.dim() == 3 else ("D*num_layers", "H_out")
        mark(part, axes=axes, origin=Origin(kind, module))

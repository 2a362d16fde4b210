"""The same numbers under another shape: view, reshape, transpose, permute, squeeze, flatten, expand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from rnn_core.reading.errors import Raised, fail, not_understood, out_of_range
from rnn_core.reading.values import Tensor, contiguous_strides, tensor
from rnn_core.sentence import Sentence

_NOT_COMPATIBLE = (
    "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
    "contiguous subspaces). Use .reshape(...) instead."
)


def axis_of(dim: int, ndim: int) -> int:
    """Return an axis number counted from 0; negative ones count from the end."""
    if not -max(ndim, 1) <= dim < max(ndim, 1):
        raise out_of_range(dim, ndim)
    return dim % max(ndim, 1)


def infer_shape(numel: int, wanted: Sequence[int]) -> tuple[int, ...]:
    """Fill in the -1 of a new shape."""
    shown = ", ".join(str(int(size)) for size in wanted)
    for index, size in enumerate(wanted):
        if size < -1:
            fail(
                "RuntimeError",
                f"invalid shape dimension {size} at index {index} of shape [{shown}]",
                Sentence("A size cannot be {size}; -1 stands for whatever is left.", size=int(size)),
            )
    if sum(size == -1 for size in wanted) > 1:
        fail("RuntimeError", "only one dimension can be inferred", Sentence("-1 can stand in one place only."))
    rest = math.prod(size for size in wanted if size != -1)
    if -1 in wanted and rest == 0 and numel == 0:
        fail(
            "RuntimeError",
            f"cannot reshape tensor of 0 elements into shape [{shown}] because the unspecified dimension size -1 can "
            "be any value and is ambiguous",
            Sentence("An empty tensor does not say what -1 is."),
        )
    if numel != rest if -1 not in wanted else (rest == 0 or numel % rest):
        fail(
            "RuntimeError",
            f"shape '[{shown}]' is invalid for input of size {numel}",
            Sentence("There are {numel} numbers, and {rest} do not divide them.", numel=numel, rest=rest)
            if -1 in wanted
            else Sentence("There are {numel} numbers, and this shape holds {rest}.", numel=numel, rest=rest),
        )
    return tuple(numel // rest if size == -1 else int(size) for size in wanted)


def view(source: Tensor, wanted: Sequence[int]) -> Tensor:
    """Return source.view(wanted): the same memory, so not for every order of axes."""
    shape = infer_shape(source.numel, wanted)
    strides = None
    if source.strides is not None:
        strides = _view_strides(source.shape, source.strides, shape)
        if strides is None:
            raise not_compatible()
    return _reshaped(source, shape, strides, wanted)


def reshape(source: Tensor, wanted: Sequence[int]) -> Tensor:
    """Return source.reshape(wanted): a view where that is possible, otherwise a copy."""
    shape = infer_shape(source.numel, wanted)
    strides = None
    if source.strides is not None:
        strides = _view_strides(source.shape, source.strides, shape) or contiguous_strides(shape)
    return _reshaped(source, shape, strides, wanted)


def not_compatible() -> Raised:
    """Return the error of a view of memory in another order."""
    return Raised(
        "RuntimeError",
        _NOT_COMPATIBLE,
        Sentence(
            "These numbers do not lie in memory in the order of their axes (after transpose, or because batch_first "
            "swaps them inside the module), and a view cannot move them."
        ),
    )


def _reshaped(source: Tensor, shape: tuple[int, ...], strides: tuple[int, ...] | None, wanted: Sequence[int]) -> Tensor:
    origin = source.origin if shape == source.shape else None
    words = [getattr(size, "word", "") for size in wanted]
    axes = tuple(old or new for old, new in zip(reshaped_axes(source, shape), words, strict=True))
    return replace(source, shape=shape, strides=strides, axes=axes, origin=origin)


def reshaped_axes(source: Tensor, shape: tuple[int, ...]) -> tuple[str, ...]:
    """Follow the words of axes through a view: whatever keeps its place in memory keeps its word.

    Both shapes are walked from the left; wherever the same number of elements lies before and in an axis, it is the
    same axis, and axes that are merged are joined with `*`.
    """
    spans: dict[tuple[int, int], str] = {}
    for start in range(len(source.shape)):
        for stop in range(start + 1, len(source.shape) + 1):
            words = [w for w, n in zip(source.axes[start:stop], source.shape[start:stop], strict=True) if n != 1]
            before, size = math.prod(source.shape[:start]), math.prod(source.shape[start:stop])
            if words and all(words):
                spans.setdefault((before, size), "*".join(words))
    return tuple(spans.get((math.prod(shape[:i]), size), "") if size != 1 else "" for i, size in enumerate(shape))


def _view_strides(shape: tuple[int, ...], strides: tuple[int, ...], new: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the strides of a view, None if the new shape cuts across the memory.

    Axes that lie in memory one after the other form a chunk; every chunk has to be filled by new axes exactly.
    """
    if math.prod(shape) == 0 or not shape:
        return contiguous_strides(new)
    result = [0] * len(new)
    at, base = len(new) - 1, strides[-1]
    chunk = filled = 1
    for axis in reversed(range(len(shape))):
        chunk *= shape[axis]
        if axis == 0 or (shape[axis - 1] != 1 and strides[axis - 1] != chunk * base):
            while at >= 0 and (filled < chunk or new[at] == 1):
                result[at] = filled * base
                filled *= new[at]
                at -= 1
            if filled != chunk:
                return None
            if axis > 0:
                base, chunk, filled = strides[axis - 1], 1, 1
    return tuple(result) if at == -1 else None


def permute(source: Tensor, dims: Sequence[int]) -> Tensor:
    """Return the tensor with its axes in another order."""
    ndim = len(source.shape)
    if len(dims) != ndim:
        fail(
            "RuntimeError",
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {ndim} is not equal to len(dims) = {len(dims)}",
            Sentence("All {count} axes have to be named.", count=ndim),
        )
    order = [axis_of(dim, ndim) for dim in dims]
    if len(set(order)) != len(order):
        fail(
            "RuntimeError", "permute(): duplicate dims are not allowed.", Sentence("An axis can only go to one place.")
        )
    return replace(
        source,
        shape=tuple(source.shape[axis] for axis in order),
        strides=None if source.strides is None else tuple(source.strides[axis] for axis in order),
        axes=tuple(source.axes[axis] for axis in order),
        data=None,
    )


def transpose(source: Tensor, dim0: int, dim1: int) -> Tensor:
    """Return the tensor with two axes exchanged."""
    ndim = len(source.shape)
    first, second = axis_of(dim0, ndim), axis_of(dim1, ndim)
    order = list(range(ndim))
    if ndim:
        order[first], order[second] = order[second], order[first]
    return permute(source, order)


def squeeze(source: Tensor, dims: Sequence[int] | None) -> Tensor:
    """Return the tensor without axes of size 1: all of them, or those of `dims`."""
    ndim = len(source.shape)
    chosen = range(ndim) if dims is None else [axis_of(dim, ndim) for dim in dims]
    kept = [axis for axis in range(ndim) if axis not in chosen or source.shape[axis] != 1]
    return select_axes(source, kept)


def unsqueeze(source: Tensor, dim: int) -> Tensor:
    """Return the tensor with a new axis of size 1."""
    at = axis_of(dim, len(source.shape) + 1)
    strides = None
    if source.strides is not None:
        step = source.shape[at] * source.strides[at] if at < len(source.shape) else 1
        strides = (*source.strides[:at], step, *source.strides[at:])
    shape = (*source.shape[:at], 1, *source.shape[at:])
    return replace(source, shape=shape, strides=strides, axes=(*source.axes[:at], "", *source.axes[at:]))


def flatten(source: Tensor, start: int, end: int) -> Tensor:
    """Return the tensor with the axes start to end merged."""
    ndim = len(source.shape)
    first, last = axis_of(start, ndim), axis_of(end, ndim)
    if first > last:
        fail(
            "RuntimeError",
            "flatten() has invalid args: start_dim cannot come after end_dim",
            Sentence("The first axis comes after the last one."),
        )
    merged = math.prod(source.shape[first : last + 1])
    return reshape(source, (*source.shape[:first], merged, *source.shape[last + 1 :]))


def expand(source: Tensor, wanted: Sequence[int]) -> Tensor:
    """Return the tensor with axes of size 1 repeated, without copying."""
    missing = len(wanted) - len(source.shape)
    if any(size < 0 for size in wanted[:missing]) or any(size < -1 for size in wanted):
        raise not_understood("expanding by -1")
    sizes = [*[1] * missing, *source.shape]
    shape = [old if new == -1 else int(new) for old, new in zip(sizes, wanted, strict=True)]
    for axis in reversed(range(len(shape))):
        old, new = sizes[axis], shape[axis]
        if old not in (1, new):
            fail(
                "RuntimeError",
                f"The expanded size of the tensor ({new}) must match the existing size ({old}) at non-singleton "
                f"dimension {axis}.  Target sizes: {[int(size) for size in wanted]}.  "
                f"Tensor sizes: {list(source.shape)}",
                Sentence("Only an axis of size 1 can be repeated; this one has {size}.", size=old),
            )
    words = [*[""] * missing, *source.axes]
    axes = [word if old == new else "" for word, old, new in zip(words, sizes, shape, strict=True)]
    strides = None
    if source.strides is not None:  # an axis that is repeated takes no step in memory
        steps = [*[0] * missing, *source.strides]
        strides = tuple(0 if old != new else step for old, new, step in zip(sizes, shape, steps, strict=True))
    made = tensor(shape, source.dtype, axes=axes, has_grad=source.has_grad)
    return replace(made, strides=strides)


def select_axes(source: Tensor, kept: Sequence[int]) -> Tensor:
    """Return the tensor with some of its axes, the others being gone."""
    return replace(
        source,
        shape=tuple(source.shape[axis] for axis in kept),
        strides=None if source.strides is None else tuple(source.strides[axis] for axis in kept),
        axes=tuple(source.axes[axis] for axis in kept),
    )

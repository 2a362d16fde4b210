"""Choosing numbers by other tensors: gather, scatter, masked_fill, where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rnn_core.reading.arithmetic import broadcast, broadcast_shapes, promote
from rnn_core.reading.calls import Call, dimension
from rnn_core.reading.errors import fail, not_understood
from rnn_core.reading.values import Number, Tensor, Value, like
from rnn_core.reading.views import axis_of
from rnn_core.sentence import Sentence


def _gather(source: Tensor, call: Call) -> Tensor:
    dim, index = call.bind("dim", "index")
    axis = axis_of(dimension(dim, call), len(source.shape))
    if not isinstance(index, Tensor):
        raise not_understood(call.source)
    _check_whole(index, "gather")
    _check_axes(source, index)
    larger = [n > m for n, m in zip(index.shape, source.shape, strict=True)]
    wrong = next((i for i, is_larger in enumerate(larger) if is_larger and i != axis), None)
    if wrong is not None:
        message = (
            f"Size does not match at dimension {wrong} expected index {list(index.shape)} to be no larger than self "
            f"{list(source.shape)} apart from dimension {axis}"
        )
        fail("RuntimeError", message, Sentence("The index may differ from the tensor along one axis only."))
    return replace(like(source, index.shape, axes=source.axes), strides=None)


def _check_whole(index: Tensor, name: str) -> None:
    if index.dtype not in ("int64", "int32"):
        message = f"{name}(): Expected dtype int32/int64 for index"
        fail(
            "RuntimeError", message, Sentence("An index is a whole number; this tensor is {dtype}.", dtype=index.dtype)
        )


def _check_axes(source: Tensor, index: Tensor) -> None:
    if len(index.shape) != len(source.shape):
        message = "Index tensor must have the same number of dimensions as input tensor"
        count = Sentence(
            "The tensor has {wanted} axes and the index {got}: unsqueeze it, and expand it.",
            wanted=len(source.shape),
            got=len(index.shape),
        )
        fail("RuntimeError", message, count)


def _scatter(source: Tensor, call: Call) -> Tensor:
    dim, index, value = (
        call.bind("dim", "index", "src") if "value" not in call.kwargs else call.bind("dim", "index", "value")
    )
    axis = axis_of(dimension(dim, call), len(source.shape))
    if not isinstance(index, Tensor) or index.dtype != "int64" or len(index.shape) != len(source.shape):
        raise not_understood(call.source)
    if any(n > m for i, (n, m) in enumerate(zip(index.shape, source.shape, strict=True)) if i != axis):
        raise not_understood(call.source)
    if not isinstance(value, (int, float, Number)) or (index.high is not None and index.high > source.shape[axis]):
        raise not_understood(call.source)
    return replace(source, data=None, high=None)


def _index_select(source: Tensor, call: Call) -> Tensor:
    dim, index = call.bind("dim", "index")
    axis = axis_of(dimension(dim, call), len(source.shape))
    if not isinstance(index, Tensor) or index.dtype != "int64" or len(index.shape) != 1:
        raise not_understood(call.source)
    if index.high is not None and index.high > source.shape[axis]:
        raise not_understood(call.source)
    shape = (*source.shape[:axis], index.shape[0], *source.shape[axis + 1 :])
    return replace(like(source, shape, axes=source.axes), strides=None)


def _masked_fill(source: Tensor, call: Call) -> Tensor:
    mask, value = call.bind("mask", "value")
    if not isinstance(mask, Tensor) or not isinstance(value, (int, float, Number)):
        raise not_understood(call.source)
    if mask.dtype != "bool":
        if mask.dtype != "float32":
            raise not_understood(call.source)
        message = "masked_fill_ only supports boolean masks, but got mask with dtype float"
        fail("RuntimeError", message, Sentence("A mask holds truth values: compare, or convert it with `.bool()`."))
    if broadcast_shapes(source.shape, mask.shape) != source.shape:
        raise not_understood(call.source)
    return replace(broadcast([source], source.dtype), origin=None, has_grad=source.has_grad)


def where(call: Call) -> Tensor:
    """Read torch.where(condition, a, b)."""
    condition, a, b = call.bind("condition", "input", "other")
    if not isinstance(condition, Tensor) or condition.dtype != "bool":
        raise not_understood(call.source)
    values = [value for value in (a, b) if isinstance(value, Tensor)]
    if not all(isinstance(value, (Tensor, int, float, Number)) for value in (a, b)):
        raise not_understood(call.source)
    made = replace(broadcast([condition, a, b], promote(a, b)), strides=None, origin=None)
    return replace(made, has_grad=any(value.has_grad for value in values))


def same_numbers(call: Call) -> Value:
    """Read torch.allclose and torch.equal: whether it is so depends on the data."""
    name = call.name.rsplit(".", 1)[-1]
    left, right = call.args[:2] if len(call.args) >= 2 else (None, None)
    if (
        not isinstance(left, Tensor)
        or not isinstance(right, Tensor)
        or (name == "allclose" and left.dtype != right.dtype)
    ):
        raise not_understood(call.source)
    if name == "allclose":
        broadcast_shapes(left.shape, right.shape)
    elif left.shape != right.shape:
        return False
    return Number("bool")


METHODS: dict[str, Callable[[Tensor, Call], Value]] = {
    "gather": _gather,
    "scatter": _scatter,
    "index_select": _index_select,
    "masked_fill": _masked_fill,
}

"""What can be called on a tensor, or asked of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from rnn_core.reading import selecting, views
from rnn_core.reading.arithmetic import broadcast, compute, elementwise_strides, product_error
from rnn_core.reading.calls import Call, dimension, sizes
from rnn_core.reading.doubts import doubt_view
from rnn_core.reading.errors import Edit, Fix, Raised, attribute_error, fail, not_understood, out_of_range
from rnn_core.reading.spelling import close_fix, is_name_of
from rnn_core.reading.values import (
    TENSOR_TYPES,
    TYPE_NAMES,
    Array,
    DType,
    Extremes,
    Library,
    Named,
    Number,
    Origin,
    Size,
    Tensor,
    Unknown,
    Value,
    is_int,
    like,
    tensor,
)
from rnn_core.sentence import Sentence

Method = Callable[[Tensor, Call], Value]


def attribute(source: Tensor, name: str) -> Value:
    """Return an attribute of a tensor that is no method.

    Raises:
        NotUnderstood: if the reader does not know it.
    """
    match name:
        case "shape":
            return size(source)
        case "T":
            return views.permute(source, list(reversed(range(len(source.shape)))))
        case "mT" | "mH" if len(source.shape) >= 2:
            return views.transpose(source, -2, -1)
        case "dtype":
            return DType(source.dtype)
        case "ndim":
            return len(source.shape)
        case "data":
            return replace(source, has_grad=False)
        case "is_cuda":
            return False
        case "requires_grad":
            return source.has_grad
        case "grad" | "device" | "grad_fn":
            return Unknown(name)
    if not is_name_of("Tensor", name):
        raise attribute_error("Tensor", name, close_fix(name, "Tensor"))
    raise not_understood(f".{name}")


def size(source: Tensor) -> Size:
    """Return the shape; every size remembers which axis it is of."""
    return Size(Named(n, word) if word else n for n, word in zip(source.shape, source.axes, strict=True))


def _size(source: Tensor, call: Call) -> Value:
    (dim,) = call.bind(dim=None)
    if dim is not None and not source.shape:
        message = f"Dimension specified as {dimension(dim, call)} but tensor has no dimensions"
        fail("IndexError", message, Sentence("This is a single number without axes."))
    return size(source) if dim is None else size(source)[views.axis_of(dimension(dim, call), len(source.shape))]


def _view(source: Tensor, call: Call) -> Tensor:
    wanted = sizes(call.args, call)
    if not call.args or call.kwargs:
        raise not_understood(call.source)
    try:
        made = views.view(source, wanted)
    except Raised as raised:
        if "compatible" in raised.message:
            owner = Edit(call.node, _renamed(call, "reshape"))
            raised.fix = Fix(Sentence("Use reshape, which copies where it has to."), owner)
        raise
    doubt_view(source, made, wanted, call.node, call.doubt)
    return made


def _renamed(call: Call, method: str) -> str:
    """Return the call with another method as a template without gaps."""
    text = call.source.replace("{", "{{").replace("}", "}}")
    head, _, tail = text.rpartition(f".{call.name}(")
    return f"{head}.{method}({tail}"


def _reshape(source: Tensor, call: Call) -> Tensor:
    wanted = sizes(call.args or (call.kwargs.get("shape"),), call, "shape")
    made = views.reshape(source, wanted)
    doubt_view(source, made, wanted, call.node, call.doubt)
    return made


def _transpose(source: Tensor, call: Call) -> Tensor:
    first, second = call.bind("dim0", "dim1")
    return views.transpose(source, dimension(first, call), dimension(second, call))


def _permute(source: Tensor, call: Call) -> Tensor:
    return views.permute(source, sizes(call.args or (call.kwargs.get("dims"),), call))


def _t(source: Tensor, call: Call) -> Tensor:
    call.bind()
    ndim = len(source.shape)
    if ndim > 2:
        message = f"t() expects a tensor with <= 2 dimensions, but self is {ndim}D"
        edit = Edit(call.node, _renamed(call, "transpose").removesuffix(")") + "-2, -1)")
        fail("RuntimeError", message, Sentence("With more than two axes, say which to exchange."), Fix(_SAY, edit))
    return views.permute(source, list(reversed(range(ndim))))


_SAY = Sentence("Use `.transpose(dim0, dim1)`.")


def _squeeze(source: Tensor, call: Call) -> Tensor:
    (dim,) = call.bind(dim=None)
    return views.squeeze(source, None if dim is None else sizes((dim,), call))


def _unsqueeze(source: Tensor, call: Call) -> Tensor:
    (dim,) = call.bind("dim")
    return views.unsqueeze(source, dimension(dim, call))


def _flatten(source: Tensor, call: Call) -> Tensor:
    start, end = call.bind(start_dim=0, end_dim=-1)
    return views.flatten(source, dimension(start, call), dimension(end, call))


def _expand(source: Tensor, call: Call) -> Tensor:
    wanted = sizes(call.args, call)
    if len(wanted) < len(source.shape):
        raise not_understood(call.source)
    return views.expand(source, wanted)


def _repeat(source: Tensor, call: Call) -> Tensor:
    times = sizes(call.args, call)
    missing = len(times) - len(source.shape)
    if missing < 0:
        message = "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor"
        fail("RuntimeError", message, Sentence("Say for each of the {count} axes how often.", count=len(source.shape)))
    old = (*(1,) * missing, *source.shape)
    words = (*("",) * missing, *source.axes)
    shape = [n * int(k) for n, k in zip(old, times, strict=True)]
    return like(source, shape, axes=[w if k == 1 else "" for w, k in zip(words, times, strict=True)])


def _contiguous(source: Tensor, _: Call) -> Tensor:
    return replace(tensor(source.shape), **{**vars_of(source), "strides": tensor(source.shape).strides})


def vars_of(source: Tensor) -> dict[str, Value]:
    """Return all that is known of a tensor, to make another one of."""
    names = ("shape", "dtype", "axes", "origin", "data", "high", "has_grad")
    return {name: getattr(source, name) for name in names}


def _cast(dtype: str) -> Method:
    def cast(source: Tensor, call: Call) -> Tensor:
        call.bind()
        return to_dtype(source, dtype)

    return cast


def to_dtype(source: Tensor, dtype: str) -> Tensor:
    """Return the tensor with another dtype; whole numbers carry no gradient."""
    kept = source.is_float == (dtype in ("float16", "float32", "float64"))
    is_float = dtype.startswith(("float", "bfloat"))
    return replace(
        source,
        dtype=dtype,
        strides=source.strides if dtype == source.dtype else elementwise_strides(source.shape, [source]),
        origin=source.origin if kept else None,
        data=source.data if not is_float and not source.is_float else None,
        has_grad=source.has_grad and is_float,
    )


def _to(source: Tensor, call: Call) -> Tensor:
    for value in (*call.args, *call.kwargs.values()):
        if isinstance(value, DType):
            return to_dtype(source, value.name)
        if isinstance(value, Tensor):
            return to_dtype(source, value.dtype)
        if isinstance(value, Library) and value.path in TENSOR_TYPES:
            return to_dtype(source, TENSOR_TYPES[value.path])
        if call.name == "type":
            raise not_understood(call.source)
    return source  # a device: the shape is the same anywhere


def _copied(source: Tensor, _: Call) -> Tensor:
    return replace(source)


def _same(source: Tensor, _: Call) -> Tensor:
    return source


def _detach(source: Tensor, _: Call) -> Tensor:
    return replace(source, has_grad=False)


def _requires_grad(source: Tensor, call: Call) -> Tensor:
    (value,) = call.bind(requires_grad=True)
    return replace(source, has_grad=value is True)


def without_grad(value: Value) -> Value:
    """Return tensors as torch.no_grad leaves them."""
    if isinstance(value, Tensor):
        return replace(value, has_grad=False) if value.has_grad else value
    if type(value) is tuple:
        return tuple(without_grad(item) for item in value)
    return value


def _elementwise(source: Tensor, call: Call) -> Tensor:
    if call.args or call.kwargs:
        raise not_understood(call.source)
    made = broadcast([source], source.dtype if source.is_float or call.name in ("abs", "neg") else "float32")
    return replace(made, origin=None)


def _kept(source: Tensor, _: Call) -> Tensor:
    """Clamp and the like: same shape, same dtype, whatever the arguments."""
    return replace(broadcast([source], source.dtype), origin=None)


def _softmax(source: Tensor, call: Call) -> Tensor:
    (dim,) = call.bind("dim")
    return softmax(source, call.name, dimension(dim, call))


def softmax(source: Tensor, name: str, dim: int) -> Tensor:
    """Return softmax or log_softmax along an axis."""
    axis = views.axis_of(dim, len(source.shape))
    if not source.is_float:
        if axis != len(source.shape) - 1:
            raise not_understood(f"{name} of whole numbers")
        message = f"\"{name}_lastdim_kernel_impl\" not implemented for '{TYPE_NAMES[source.dtype]}'"
        fail("NotImplementedError", message, Sentence("Whole numbers have no softmax: convert them with `.float()`."))
    kind = "probabilities" if name == "softmax" else "log_probabilities"
    return like(source, source.shape, axes=source.axes, origin=Origin(kind))


def _reduce(source: Tensor, call: Call) -> Tensor:
    dim, keepdim = call.bind(dim=None, keepdim=False)
    if call.name in ("mean", "std", "var") and not source.is_float:
        if call.name != "mean":
            raise not_understood(call.source)
        fail(
            "RuntimeError",
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. "
            f"Got: {TYPE_NAMES[source.dtype]}",
            Sentence("The mean of whole numbers is no whole number: convert them with `.float()`."),
        )
    dtype = "int64" if call.name in ("sum", "prod") and not source.is_float else source.dtype
    if dim is None:
        return like(source, (), dtype=dtype)
    return _reduced(source, sizes((dim,), call), bool(keepdim), dtype)


def _reduced(source: Tensor, dims: tuple[int, ...], keepdim: bool, dtype: str) -> Tensor:
    gone = {views.axis_of(dim, len(source.shape)) for dim in dims}
    if len(gone) < len(dims) or not dims:
        raise not_understood("these axes")
    kept = [axis for axis in range(len(source.shape)) if keepdim or axis not in gone]
    shape = [1 if axis in gone else source.shape[axis] for axis in kept]
    axes = ["" if axis in gone else source.axes[axis] for axis in kept]
    has_grad = source.has_grad and dtype == source.dtype
    return like(source, shape, axes=axes, dtype=dtype, has_grad=has_grad)


def _argmax(source: Tensor, call: Call) -> Tensor:
    dim, keepdim = call.bind(dim=None, keepdim=False)
    if source.dtype == "bool":
        message = f"{call.name}(): does not support bool input"
        fail("RuntimeError", message, Sentence("Of truth values none is the largest: convert them with `.long()`."))
    if dim is None:
        if not source.numel:
            message = f"{call.name}(): Expected reduction dim to be specified for input.numel() == 0."
            fail("IndexError", message, Sentence("There is nothing in it."))
        return like(source, (), dtype="int64", has_grad=False, high=source.numel)
    found = _reduced(source, (dimension(dim, call),), bool(keepdim), "int64")
    return _places(found, source, dimension(dim, call))


def _max(source: Tensor, call: Call) -> Value:
    if not call.args and not call.kwargs:
        return like(source, ())
    if call.args and isinstance(call.args[0], Tensor):
        (other,) = call.bind("other")
        return replace(compute("+", source, other), origin=None)
    dim, keepdim = call.bind("dim", keepdim=False)
    values, found = (
        _reduced(source, (dimension(dim, call),), bool(keepdim), dtype) for dtype in (source.dtype, "int64")
    )
    return Extremes((values, _places(found, source, dimension(dim, call))))


def _sort(source: Tensor, call: Call) -> Value:
    dim, _ = call.bind(dim=-1, descending=False)
    views.axis_of(dimension(dim, call), len(source.shape))
    values = like(source, source.shape, axes=source.axes)
    return Extremes((values, _places(values, source, dimension(dim, call))))


def _topk(source: Tensor, call: Call) -> Value:
    count, dim = call.bind("k", dim=-1)
    axis = views.axis_of(dimension(dim, call), len(source.shape))
    if not source.shape or not is_int(count) or not 0 <= count <= source.shape[axis]:
        raise not_understood(call.source)
    values = like(source, (*source.shape[:axis], count, *source.shape[axis + 1 :]), axes=source.axes)
    return Extremes((values, _places(values, source, axis)))


def _places(found: Tensor, source: Tensor, dim: int) -> Tensor:
    """Return a tensor as one of places along an axis of the source, which are below its size."""
    high = source.shape[dim] if source.shape else 1
    return replace(found, dtype="int64", has_grad=False, high=high)


def _multinomial(source: Tensor, call: Call) -> Tensor:
    count, *_ = call.bind("num_samples", replacement=False, generator=None)
    if len(source.shape) not in (1, 2) or not is_int(count) or not 0 < count <= source.shape[-1]:
        raise not_understood(call.source)
    high = source.shape[-1]
    return like(source, (*source.shape[:-1], count), dtype="int64", has_grad=False, high=high)


def _cumsum(source: Tensor, call: Call) -> Tensor:
    (dim,) = call.bind("dim")
    views.axis_of(dimension(dim, call), len(source.shape))
    if not source.is_float:
        raise not_understood(call.source)
    return replace(broadcast([source], source.dtype), origin=None)


def _binary(sign: str) -> Method:
    def binary(source: Tensor, call: Call) -> Value:
        (other,) = call.bind("other")
        return compute(sign, source, other)

    return binary


def mm(source: Tensor, call: Call) -> Tensor:
    """Return the product of two matrices."""
    (other,) = call.bind("mat2")
    if not isinstance(other, Tensor):
        raise not_understood(call.source)
    for name, item in (("self", source), ("mat2", other)):
        if len(item.shape) != 2:
            message = f"{name} must be a matrix"
            fail("RuntimeError", message, Sentence("mm takes matrices only; `@` takes batches of them too."))
    if source.shape[1] != other.shape[0]:
        raise product_error(source.shape[0], source.shape[1], (other.shape[0], other.shape[1]))
    made: Tensor = compute("@", source, other)
    return made


def bmm(source: Tensor, call: Call) -> Tensor:
    """Return the products of two batches of matrices."""
    (other,) = call.bind("mat2")
    if not isinstance(other, Tensor):
        raise not_understood(call.source)
    for name, item in (("batch1", source), ("batch2", other)):
        if len(item.shape) != 3:
            message = f"{name} must be a 3D tensor"
            fail("RuntimeError", message, Sentence("bmm takes two batches of matrices: three axes each."))
    if (source.shape[0], source.shape[2]) != other.shape[:2]:
        message = (
            f"Expected size for first two dimensions of batch2 tensor to be: [{source.shape[0]}, {source.shape[2]}] "
            f"but got: [{other.shape[0]}, {other.shape[1]}]."
        )
        fail("RuntimeError", message, Sentence("Batches have to be equal, and the inner sizes too."))
    made: Tensor = compute("@", source, other)
    return made


def _chunk(source: Tensor, call: Call) -> Value:
    chunks, dim = call.bind("chunks", dim=0)
    axis = views.axis_of(dimension(dim, call), len(source.shape))
    if not is_int(chunks) or chunks <= 0 or not source.shape:
        raise not_understood(call.source)
    return _cut(source, axis, max(math.ceil(source.shape[axis] / chunks), 1))


def _split(source: Tensor, call: Call) -> Value:
    step, dim = call.bind("split_size", dim=0)
    axis = views.axis_of(dimension(dim, call), len(source.shape))
    if isinstance(step, (list, tuple)) and source.shape and all(is_int(size) and size >= 0 for size in step):
        return _cut_into(source, axis, [int(size) for size in step])
    if not is_int(step) or step <= 0 or not source.shape:
        raise not_understood(call.source)
    return _cut(source, axis, int(step))


def _cut(source: Tensor, axis: int, step: int) -> tuple[Tensor, ...]:
    total = source.shape[axis]
    if total > 1000 * step:
        raise not_understood("very many pieces")
    pieces = [min(step, total - start) for start in range(0, max(total, 1), step)]
    cut = replace(source, data=None, origin=None)
    return tuple(replace(cut, shape=(*cut.shape[:axis], n, *cut.shape[axis + 1 :])) for n in pieces)


def _cut_into(source: Tensor, axis: int, pieces: list[int]) -> tuple[Tensor, ...]:
    if sum(pieces) != source.shape[axis]:
        message = (
            f"split_with_sizes expects split_sizes to sum exactly to {source.shape[axis]} (input tensor's size at "
            f"dimension {axis}), but got split_sizes={pieces}"
        )
        fail("RuntimeError", message, Sentence("The pieces have to make up the whole axis."))
    cut = replace(source, data=None, origin=None)
    return tuple(replace(cut, shape=(*cut.shape[:axis], n, *cut.shape[axis + 1 :])) for n in pieces)


def _unbind(source: Tensor, call: Call) -> Value:
    (dim,) = call.bind(dim=0)
    axis = views.axis_of(dimension(dim, call), len(source.shape))
    return rows(source, axis)


def rows(source: Tensor, axis: int = 0) -> tuple[Tensor, ...]:
    """Return what iterating over a tensor gives."""
    if not source.shape:
        fail("TypeError", "iteration over a 0-d tensor", Sentence("A single number has no rows."))
    if source.shape[axis] > 1000:
        raise not_understood("very many rows")
    kept = [other for other in range(len(source.shape)) if other != axis]
    one = replace(views.select_axes(source, kept), data=None)
    return tuple(replace(one) for _ in range(source.shape[axis]))


def _item(source: Tensor, call: Call) -> Value:
    call.bind()
    if source.numel != 1:
        message = f"a Tensor with {source.numel} elements cannot be converted to Scalar"
        fail("RuntimeError", message, Sentence("Only a tensor of one number is a number."))
    if source.data and not source.is_float:
        return source.data[0]
    return Number("float" if source.is_float else "bool" if source.dtype == "bool" else "int")


def _backward(source: Tensor, call: Call) -> None:
    if not source.has_grad:
        message = "element 0 of tensors does not require grad and does not have a grad_fn"
        fail("RuntimeError", message, Sentence("No weight had a part in this number, so there is nothing to change."))
    if source.has_grad and source.numel != 1 and not call.args and not call.kwargs:
        message = "grad can be implicitly created only for scalar outputs"
        fix = Fix(Sentence("Take the mean or the sum first."))
        fail(
            "RuntimeError",
            message,
            Sentence("Only a single number can be made smaller: this is a loss for each entry."),
            fix,
        )


def _numel(source: Tensor, call: Call) -> int:
    call.bind()
    return source.numel


def _dim(source: Tensor, call: Call) -> int:
    call.bind()
    return len(source.shape)


def _expand_as(source: Tensor, call: Call) -> Tensor:
    (other,) = call.bind("other")
    if not isinstance(other, Tensor) or len(other.shape) < len(source.shape):
        raise not_understood(call.source)
    return views.expand(source, other.shape)


def _view_as(source: Tensor, call: Call) -> Tensor:
    (other,) = call.bind("other")
    if not isinstance(other, Tensor):
        raise not_understood(call.source)
    return (views.view if call.name == "view_as" else views.reshape)(source, other.shape)


def _cpu_numpy(source: Tensor, call: Call) -> Value:
    if source.has_grad and call.name == "numpy":
        message = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
        fail("RuntimeError", message, Sentence("NumPy knows no gradients: detach first."))
    return Array(replace(source, origin=None)) if call.name == "numpy" else Unknown(f".{call.name}()")


def _select_check(source: Tensor, call: Call) -> Tensor:
    dim, index = call.bind("dim", "index")
    axis = views.axis_of(dimension(dim, call), len(source.shape))
    if not is_int(index) or not -source.shape[axis] <= index < source.shape[axis]:
        raise out_of_range(dim, len(source.shape)) if not is_int(index) else not_understood(call.source)
    return replace(views.select_axes(source, [a for a in range(len(source.shape)) if a != axis]), data=None)


def _flip(source: Tensor, call: Call) -> Tensor:
    for dim in sizes(call.args or tuple(call.kwargs.values()), call):
        views.axis_of(dim, len(source.shape))
    return replace(source, data=None, strides=source.strides if source.is_contiguous else None)


def _in_place(source: Tensor, call: Call) -> Tensor:
    for other in call.args:
        if isinstance(other, Tensor):
            check_in_place(source.shape, broadcast([source, other], source.dtype).shape)
    return _kept(source, call)


def check_in_place(shape: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """Raise what torch raises where a result does not fit into the tensor that it is to replace."""
    if shape != wanted:
        message = f"output with shape {list(shape)} doesn't match the broadcast shape {list(wanted)}"
        fail("RuntimeError", message, Sentence("What is changed in place keeps its shape."))


def _movedim(source: Tensor, call: Call) -> Tensor:
    first, second = call.bind("source", "destination")
    ndim = len(source.shape)
    old, new = (views.axis_of(dimension(dim, call), ndim) for dim in (first, second))
    order = [axis for axis in range(ndim) if axis != old]
    order.insert(new, old)
    return views.permute(source, order)


def _norm(source: Tensor, call: Call) -> Tensor:
    p, dim, keepdim = call.bind(p=2, dim=None, keepdim=False)
    if not source.is_float or not isinstance(p, (int, float)):
        raise not_understood(call.source)
    return like(source, ()) if dim is None else _reduced(source, sizes((dim,), call), bool(keepdim), source.dtype)


def _unfold(source: Tensor, call: Call) -> Tensor:
    dim, size, step = (dimension(value, call) for value in call.bind("dimension", "size", "step"))
    axis = views.axis_of(dim, len(source.shape))
    if not source.shape or not 0 < size <= source.shape[axis] or step <= 0:
        raise not_understood(call.source)
    count = (source.shape[axis] - size) // step + 1
    shape = (*source.shape[:axis], count, *source.shape[axis + 1 :], size)
    made = like(source, shape, axes=("",) * len(shape))
    return replace(made, strides=None)


def _repeat_interleave(source: Tensor, call: Call) -> Tensor:
    count, dim = (dimension(value, call) for value in call.bind("repeats", "dim"))
    axis = views.axis_of(dim, len(source.shape))
    if count < 0 or not source.shape:
        raise not_understood(call.source)
    shape = list(source.shape)
    shape[axis] *= count
    return like(source, shape, axes=["" if i == axis else word for i, word in enumerate(source.axes)])


def _truth(source: Tensor, call: Call) -> Tensor:
    dim, keepdim = call.bind(dim=None, keepdim=False)
    if dim is None:
        return like(source, (), dtype="bool", has_grad=False)
    return _reduced(source, (dimension(dim, call),), bool(keepdim), "bool")


def _new(source: Tensor, call: Call) -> Tensor:
    if call.kwargs.keys() - {"device"} or not call.args or any(isinstance(arg, Tensor) for arg in call.args):
        raise not_understood(call.source)
    if call.name == "new" and isinstance(call.args[0], list):
        raise not_understood(call.source)
    shape = sizes(call.args, call)
    if min(shape, default=0) < 0:
        raise not_understood(call.source)
    return tensor(shape, source.dtype)


def _dot(source: Tensor, call: Call) -> Tensor:
    (other,) = call.bind("tensor")
    if not isinstance(other, Tensor) or (len(source.shape), source.shape) != (1, other.shape):
        raise not_understood(call.source)
    made: Tensor = compute("@", source, other)
    return made


def _outer(source: Tensor, call: Call) -> Tensor:
    (other,) = call.bind("vec2")
    if not isinstance(other, Tensor) or len(source.shape) != 1 or len(other.shape) != 1:
        raise not_understood(call.source)
    made: Tensor = compute("*", views.unsqueeze(source, 1), other)
    return made


METHODS: dict[str, Method] = {
    **selecting.METHODS,
    **{f"{name}_": method for name, method in (("unsqueeze", _unsqueeze), ("squeeze", _squeeze), ("t", _t))},
    "transpose_": _transpose,
    **dict.fromkeys(("relu_", "tanh_", "sigmoid_"), _kept),
    **dict.fromkeys(("add_", "sub_", "mul_", "div_", "copy_"), _in_place),
    **dict.fromkeys(("fill_", "normal_", "uniform_", "clamp_"), _kept),
    "movedim": _movedim,
    "moveaxis": _movedim,
    "swapdims": _transpose,
    "round": _kept,
    "half": _cast("float16"),
    "norm": _norm,
    "unfold": _unfold,
    "tril": _kept,
    "triu": _kept,
    "tile": _repeat,
    "repeat_interleave": _repeat_interleave,
    "all": _truth,
    "any": _truth,
    "new_zeros": _new,
    "new_ones": _new,
    "new": _new,
    "masked_fill_": selecting.METHODS["masked_fill"],
    "scatter_": selecting.METHODS["scatter"],
    "dot": _dot,
    "mv": _binary("@"),
    "outer": _outer,
    "size": _size,
    "view": _view,
    "reshape": _reshape,
    "transpose": _transpose,
    "swapaxes": _transpose,
    "permute": _permute,
    "t": _t,
    "squeeze": _squeeze,
    "unsqueeze": _unsqueeze,
    "flatten": _flatten,
    "expand": _expand,
    "expand_as": _expand_as,
    "view_as": _view_as,
    "reshape_as": _view_as,
    "repeat": _repeat,
    "contiguous": _contiguous,
    "clone": _copied,
    "float": _cast("float32"),
    "double": _cast("float64"),
    "long": _cast("int64"),
    "int": _cast("int32"),
    "bool": _cast("bool"),
    "to": _to,
    "cpu": _same,
    "cuda": _same,
    "detach": _detach,
    "requires_grad_": _requires_grad,
    "softmax": _softmax,
    "log_softmax": _softmax,
    "mean": _reduce,
    "sum": _reduce,
    "std": _reduce,
    "var": _reduce,
    "prod": _reduce,
    "argmax": _argmax,
    "argmin": _argmax,
    "max": _max,
    "min": _max,
    "sort": _sort,
    "topk": _topk,
    "multinomial": _multinomial,
    "cumsum": _cumsum,
    "type": _to,
    "matmul": _binary("@"),
    "add": _binary("+"),
    "sub": _binary("-"),
    "mul": _binary("*"),
    "div": _binary("/"),
    "pow": _binary("**"),
    "mm": mm,
    "bmm": bmm,
    "chunk": _chunk,
    "split": _split,
    "unbind": _unbind,
    "select": _select_check,
    "flip": _flip,
    "item": _item,
    "numel": _numel,
    "nelement": _numel,
    "dim": _dim,
    "ndimension": _dim,
    "backward": _backward,
    "numpy": _cpu_numpy,
    "tolist": _cpu_numpy,
    "clamp": _kept,
    "zero_": _kept,
    **dict.fromkeys(
        ("tanh", "sigmoid", "relu", "exp", "log", "sqrt", "abs", "neg", "sin", "cos", "log1p", "square"), _elementwise
    ),
}

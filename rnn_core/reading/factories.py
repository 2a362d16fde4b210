"""Tensors out of nothing, and out of several: randn, zeros, tensor, cat, stack, packing."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import replace

from rnn_core.reading.arithmetic import MAX_ITEMS, broadcast_shapes, promote
from rnn_core.reading.calls import Call, dimension, sizes
from rnn_core.reading.errors import Edit, Fix, Raised, attribute_error, fail, must_be_tensor, not_understood
from rnn_core.reading.values import (
    TENSOR_TYPES,
    Array,
    DType,
    Number,
    Origin,
    Packed,
    Size,
    Tensor,
    Unknown,
    Value,
    is_int,
    tensor,
    type_name,
)
from rnn_core.reading.views import axis_of
from rnn_core.sentence import Sentence

MAX_NUMEL = 2**33  # beyond 32 GiB of float32 a call is doubted
_OPTIONS = ("dtype", "device", "requires_grad", "generator", "pin_memory", "out", "layout")


def filled(call: Call, dtype: str = "float32") -> Tensor:
    """Read randn, rand, zeros, ones, empty: sizes as numbers or as one tuple."""
    options, rest = _options(call)
    if rest.keys() - {"size"} or ("size" in rest) == bool(call.args):
        raise not_understood(call.source)
    args = call.args or (rest["size"],)
    if len(args) == 1 and isinstance(args[0], (str, float)):
        function, kind = call.name.rsplit(".", 1)[-1], type_name(args[0])
        message = f"{function}(): argument 'size' (position 1) must be tuple of ints, not {kind}"
        fail("TypeError", message, Sentence("A size is a whole number: `/` gives a fraction, `//` a whole number."))
    kind = _dtype(options, dtype)
    if call.name in ("torch.randn", "torch.rand") and not kind.startswith(("float", "bfloat")):
        if (call.name, kind) != ("torch.randn", "int64"):
            raise not_understood(call.source)
        message = "\"normal_kernel_cpu\" not implemented for 'Long'"
        fail("NotImplementedError", message, Sentence("Normal numbers have fractions: use randint for whole numbers."))
    return made(sizes(args, call), kind, call, has_grad=options.get("requires_grad") is True)


def made(shape: Sequence[int], dtype: str, call: Call, **more: Value) -> Tensor:
    """Make a tensor; one that no memory would hold is doubted.

    Raises:
        Raised: if a size is negative.
    """
    negative = next((size for size in shape if size < 0), None)
    if negative is not None:
        message = f"Trying to create tensor with negative dimension {int(negative)}: {[int(size) for size in shape]}"
        fail("RuntimeError", message, Sentence("A size cannot be negative."))
    result = tensor(shape, dtype, **more)
    if result.numel > MAX_NUMEL:
        gigabytes = result.numel * 4 // 2**30
        call.doubt(
            call.node,
            "too-large",
            Sentence("This takes {gigabytes} GiB of memory.", gigabytes=gigabytes),
            Fix(Sentence("Use smaller sizes.")),
        )
    return result


def typed(call: Call) -> Tensor:
    """Read torch.Tensor, FloatTensor, LongTensor: of sizes, or of a list as torch.tensor."""
    dtype = TENSOR_TYPES[call.name]
    first = call.args[0] if len(call.args) == 1 else None
    if call.kwargs:
        raise not_understood(call.source)
    if isinstance(first, Tensor):
        if call.name != "torch.Tensor" and first.dtype != dtype:
            raise not_understood(call.source)
        return first
    if isinstance(first, Array):
        if dtype != "float32" and first.tensor.dtype != dtype:
            raise not_understood(call.source)
        return tensor(first.tensor.shape, dtype)
    if isinstance(first, float):
        fail("TypeError", "new(): data must be a sequence (got float)", Sentence("Use torch.tensor for a number."))
    if isinstance(first, (list, tuple)) and not isinstance(first, Size):
        read = replace(literal(call), dtype=dtype)
        return read if dtype == "int64" else replace(read, data=None, high=None)
    return made(sizes(call.args, call) if call.args else (0,), dtype, call)


def linspace(call: Call) -> Tensor:
    """Read a call of linspace."""
    options, _ = _options(call)
    start, end, steps = replace(call, kwargs={k: v for k, v in call.kwargs.items() if k not in _OPTIONS}).bind(
        "start", "end", "steps"
    )
    if not is_int(steps) or not all(isinstance(value, (int, float)) for value in (start, end)):
        raise not_understood(call.source)
    return made((steps,), _dtype(options, "float32"), call)


def permutation(call: Call) -> Tensor:
    """Read a call of randperm."""
    options, rest = _options(call)
    if len(call.args) != 1 or rest or not is_int(call.args[0]):
        raise not_understood(call.source)
    return made(sizes(call.args, call), _dtype(options, "int64"), call, high=int(call.args[0]))


def normal(call: Call) -> Tensor:
    """Read a call of normal with a mean, a deviation and a size."""
    options, rest = _options(call)
    given = dict(zip(("mean", "std", "size"), call.args, strict=False)) | rest
    numbers = [given.get("mean", 0.0), given.get("std", 1.0)]
    if set(given) != {"mean", "std", "size"} or not all(isinstance(number, (int, float)) for number in numbers):
        raise not_understood(call.source)
    if not isinstance(given["size"], (tuple, list)):
        raise not_understood(call.source)
    return made(sizes((given["size"],), call), _dtype(options, "float32"), call)


def join(call: Call) -> Tensor:
    """Read hstack and vstack: cat along the second or the first axis."""
    (given,) = call.bind("tensors")
    name = call.name.rsplit(".", 1)[-1]
    if not isinstance(given, (tuple, list)) or not all(isinstance(t, Tensor) and len(t.shape) >= 2 for t in given):
        raise not_understood(call.source)
    return cat(replace(call, args=(given, 1 if name == "hstack" else 0)))


def filled_like(call: Call) -> Tensor:
    """Read zeros_like, ones_like, randn_like."""
    options, _ = _options(call)
    source = call.args[0] if call.args else None
    if not isinstance(source, Tensor):
        raise not_understood(call.source)
    return tensor(source.shape, _dtype(options, source.dtype), axes=source.axes)


def integers(call: Call) -> Tensor:
    """Read a call of randint: with high and size, or with low, high and size."""
    options, rest = _options(call)
    names = ("low", "high", "size")
    args = call.args
    if len(args) > 2 and not rest and all(is_int(arg) for arg in args):
        raise _no_size(call)
    if (len(args) == 2 and "size" not in rest) or (len(args) <= 1 and "low" not in rest):
        args = (0, *args)
    given = dict(zip(names, args, strict=False)) | rest
    if set(given) != set(names) or not is_int(given["low"]) or not is_int(given["high"]):
        raise not_understood(call.source)
    if not isinstance(given["size"], (tuple, list)):
        raise _no_size(call)
    low, high = int(given["low"]), int(given["high"])
    if low >= high:
        message = f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}"
        fail("RuntimeError", message, Sentence("The upper bound is never drawn, so it has to be above the lower one."))
    return made(sizes((given["size"],), call), _dtype(options, "int64"), call, high=high)


def _no_size(call: Call) -> Raised:
    """Return the error of randint(0, 5, 3): the size is no tuple."""
    count = len(call.args)
    if count < 2 or not all(is_int(arg) for arg in call.args):
        raise not_understood(call.source)
    if count == 2:
        message = "randint(): argument 'size' (position 2) must be tuple of ints, not int"
    else:
        kinds = ", ".join(["int"] * count)
        lines = [f" * ({given}, tuple of ints size, *, {rest})" for given in _RANDINT for rest in _RANDINT_OPTIONS]
        message = f"randint() received an invalid combination of arguments - got ({kinds}), but expected one of:\n"
        message += "\n".join(lines) + "\n"
    node = call.node.args[-1]
    fix = Fix(Sentence("Write the size as a tuple: `({size},)`.", size=ast.unparse(node)), Edit(node, "({},)"))
    return Raised("TypeError", message, Sentence("The last argument is the shape, and a shape is a tuple."), fix)


_RANDINT = ("int high", "int low, int high")
_RANDINT_REST = (
    "Tensor out = None, torch.dtype dtype = None, torch.layout layout = None, torch.device device = None, "
    "bool pin_memory = False, bool requires_grad = False"
)
_RANDINT_OPTIONS = (f"torch.Generator generator, {_RANDINT_REST}", _RANDINT_REST)


def arange(call: Call) -> Tensor:
    """Read a call of arange: with end, with start and end, or with a step too."""
    options, rest = _options(call)
    if rest or not 1 <= len(call.args) <= 3 or not all(isinstance(a, (int, float)) for a in call.args):
        raise not_understood(call.source)
    start, end, step = {1: (0, *call.args, 1), 2: (*call.args, 1), 3: call.args}[len(call.args)]
    if not all(is_int(value) or math.isfinite(value) for value in (start, end, step)):
        raise not_understood(call.source)
    if step == 0:
        fail("RuntimeError", "step must be nonzero", Sentence("A step of 0 never arrives."))
    if (end - start) * step < 0:
        message = "upper bound and lower bound inconsistent with step sign"
        fail("RuntimeError", message, Sentence("The step leads away from the end."))
    is_whole = all(is_int(value) for value in (start, end, step))
    length = -((start - end) // step) if is_whole else math.ceil(min((end - start) / step, 2.0**62))
    data = tuple(range(start, end, step)) if is_whole and length <= MAX_ITEMS else None
    word = getattr(call.args[0], "word", "") if len(call.args) == 1 else ""
    high = int(end) if is_whole and step > 0 else None
    return made(
        (length,), _dtype(options, "int64" if is_whole else "float32"), call, axes=(word,), data=data, high=high
    )


def full(call: Call) -> Tensor:
    """Read a call of full."""
    options, rest = _options(call)
    given = dict(zip(("size", "fill_value"), call.args, strict=False)) | rest
    if set(given) != {"size", "fill_value"} or not isinstance(given["size"], (tuple, list)):
        raise not_understood(call.source)
    value = given["fill_value"]
    high = int(value) + 1 if is_int(value) else None
    return made(sizes((given["size"],), call), _dtype(options, promote(value)), call, high=high)


def eye(call: Call) -> Tensor:
    """Read a call of eye, with one size or two."""
    options, rest = _options(call)
    shape = sizes(call.args, call)
    if rest or len(shape) not in (1, 2):
        raise not_understood(call.source)
    return made((shape[0], shape[-1]), _dtype(options, "float32"), call)


def literal(call: Call) -> Tensor:
    """Read torch.tensor of nested lists of numbers."""
    options, rest = _options(call)
    if rest or len(call.args) != 1:
        raise not_understood(call.source)
    if isinstance(call.args[0], Tensor):
        return call.args[0]
    if isinstance(call.args[0], Array):
        return to_options(call.args[0].tensor, options)
    if isinstance(call.args[0], (list, tuple)) and any(isinstance(item, Array) for item in call.args[0]):
        return to_options(_stacked(call.args[0]), options)
    shape, flat = _nested(call.args[0])
    flat = [_number(item) for item in flat]
    if len(flat) > MAX_ITEMS or not all(isinstance(item, (int, float, Number)) for item in flat):
        raise not_understood(call.source)
    dtype = _dtype(options, promote(*flat) if flat else "float32")
    data = tuple(int(item) for item in flat) if all(is_int(item) for item in flat) else None
    return tensor(shape, dtype, data=data, high=max(data) + 1 if data else None)


def to_options(source: Tensor, options: dict[str, Value]) -> Tensor:
    """Return a tensor of the dtype that is asked for."""
    return tensor(source.shape, _dtype(options, source.dtype), axes=source.axes)


def _stacked(arrays: Sequence[Value]) -> Tensor:
    """Return a list of arrays as one, if they are equal in shape."""
    first = arrays[0]
    if not all(isinstance(item, Array) and item.tensor.shape == first.tensor.shape for item in arrays):
        raise not_understood("arrays of different shapes")
    return tensor((len(arrays), *first.tensor.shape), first.tensor.dtype)


def _number(value: Value) -> Value:
    """Return a tensor of one number as the number that it stands for in a list."""
    if not isinstance(value, Tensor):
        return value
    if value.numel != 1:
        message = "only one element tensors can be converted to Python scalars"
        fail("ValueError", message, Sentence("Tensors are put together by stack or cat, not by torch.tensor."))
    return Number("float" if value.is_float else "bool" if value.dtype == "bool" else "int")


def _nested(value: Value) -> tuple[tuple[int, ...], list[Value]]:
    """Return the shape of nested lists and their items."""
    if not isinstance(value, (list, tuple, range)):
        return (), [value]
    parts = [_nested(item) for item in value]
    for shape, _ in parts[1:]:
        if len(shape) != len(parts[0][0]) or (shape and len(shape) > 1 and shape != parts[0][0]):
            raise not_understood("nested lists of different shapes")
        if shape != parts[0][0]:
            message = f"expected sequence of length {parts[0][0][0]} at dim 1 (got {shape[0]})"
            fail("ValueError", message, Sentence("The rows differ in length."))
    return (len(parts), *(parts[0][0] if parts else ())), [item for _, flat in parts for item in flat]


def cat(call: Call) -> Tensor:
    """Read a call of cat: all axes but one have to agree."""
    given, dim = call.bind("tensors", dim=0)
    tensors = _tensors(given, "cat", call)
    dtype = promote(*tensors)
    whole = [item for item in tensors if item.shape != (0,)]
    if not whole:
        raise not_understood(call.source)
    first = whole[0]
    for index, item in enumerate(tensors):
        if not item.shape:
            message = f"zero-dimensional tensor (at position {index}) cannot be concatenated"
            fail("RuntimeError", message, Sentence("A single number has no axis to be joined along: use stack."))
    axis = axis_of(dimension(dim, call), len(first.shape))
    for index, item in enumerate(tensors):
        if item.shape == (0,) and item is not first:
            continue
        _check_joined(first, item, axis, index)
    shape = list(first.shape)
    shape[axis] = sum(item.shape[axis] for item in whole)
    words = list(first.axes)
    if shape[axis] != first.shape[axis]:
        words[axis] = ""
    made_one = tensor(shape, dtype, axes=words, has_grad=any(item.has_grad for item in tensors))
    return made_one if all(item.is_contiguous for item in tensors) else replace(made_one, strides=None)


def _check_joined(first: Tensor, item: Tensor, axis: int, index: int) -> None:
    if len(item.shape) != len(first.shape):
        message = f"Tensors must have same number of dimensions: got {len(first.shape)} and {len(item.shape)}"
        fail("RuntimeError", message, Sentence("Both need the same number of axes: unsqueeze the smaller one."))
    for other in range(len(first.shape)):
        if other != axis and first.shape[other] != item.shape[other]:
            message = (
                f"Sizes of tensors must match except in dimension {axis}. Expected size {first.shape[other]} but got "
                f"size {item.shape[other]} for tensor number {index} in the list."
            )
            sentence = Sentence("Axis {axis} differs, and only axis {dim} may.", axis=other, dim=axis)
            fail("RuntimeError", message, sentence, Fix(Sentence("Join along the axis that differs.")))


def stack(call: Call) -> Tensor:
    """Read a call of stack: a new axis, all shapes equal."""
    given, dim = call.bind("tensors", dim=0)
    tensors = _tensors(given, "stack", call)
    first = tensors[0]
    at = axis_of(dimension(dim, call), len(first.shape) + 1)
    for index, item in enumerate(tensors):
        if item.shape != first.shape:
            message = (
                f"stack expects each tensor to be equal size, but got {list(first.shape)} at entry 0 and "
                f"{list(item.shape)} at entry {index}"
            )
            fail("RuntimeError", message, Sentence("Stacking adds an axis, so all shapes have to be equal."))
    shape = (*first.shape[:at], len(tensors), *first.shape[at:])
    axes = (*first.axes[:at], "", *first.axes[at:])
    result = tensor(shape, promote(*tensors), axes=axes, has_grad=any(item.has_grad for item in tensors))
    return result if all(item.is_contiguous for item in tensors) else replace(result, strides=None)


def _tensors(given: Value, function: str, call: Call) -> Sequence[Tensor]:
    if not isinstance(given, (tuple, list)):
        message = f"{function}(): argument 'tensors' (position 1) must be tuple of Tensors, not {type_name(given)}"
        node = call.argument(0, "tensors")
        edit = (
            Edit(call.node, f"torch.{function}([" + ", ".join(_unparsed(call)) + "])") if len(call.args) > 1 else None
        )
        sentence = Sentence("The tensors go into one list.")
        fail("TypeError", message, sentence, Fix(sentence, edit) if edit else Fix(sentence, Edit(node, "[{}]")))
    if not given:
        if function == "cat":
            fail("ValueError", "torch.cat(): expected a non-empty list of Tensors", Sentence("The list is empty."))
        fail("RuntimeError", "stack expects a non-empty TensorList", Sentence("The list is empty."))
    for index, item in enumerate(given):
        if not isinstance(item, Tensor):
            message = f"expected Tensor as element {index} in argument 0, but got {type_name(item)}"
            fail("TypeError", message, Sentence("There is a {kind} in the list.", kind=type_name(item)))
    return given


def _unparsed(call: Call) -> list[str]:
    return [ast.unparse(arg) for arg in call.node.args]


def pack(call: Call) -> Packed:
    """Read a call of pack_padded_sequence."""
    input, lengths, batch_first, enforce_sorted = call.bind("input", "lengths", batch_first=False, enforce_sorted=True)
    if not isinstance(input, Tensor) or len(input.shape) < 2:
        raise not_understood(call.source)
    steps, batch = (input.shape[1], input.shape[0]) if batch_first else input.shape[:2]
    known = _lengths(lengths, call)
    count = len(known) if known is not None else lengths.shape[0]
    if known is not None and enforce_sorted and list(known) != sorted(known, reverse=True):
        message = (
            "`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can pass "
            "`enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this requirement if you "
            "do not need ONNX exportability."
        )
        fix = Fix(Sentence("Pass enforce_sorted=False."), Edit(call.node, "+enforce_sorted=False"))
        fail("RuntimeError", message, Sentence("The lengths do not fall from one sequence to the next."), fix)
    if count != batch:
        message = f"Expected `len(lengths)` to be equal to batch_size, but got {count} (batch_size={batch})"
        fail("RuntimeError", message, _one_length(batch_first, steps, count))
    if known is not None and min(known, default=1) <= 0:
        message = "Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0"
        fail("RuntimeError", message, Sentence("Every sequence has at least one step."))
    if known is not None and max(known) > steps:
        raise not_understood("lengths that are not known here")
    features = tuple(input.shape[2:])
    longest = max(known) if known else steps
    return Packed(batch, longest, features, known, input.dtype, input.origin, input.has_grad)


def _one_length(batch_first: Value, steps: int, count: int) -> Sentence:
    if not batch_first and steps == count:
        return Sentence("One length for every sequence; the batch is read as the second axis: is it batch_first=True?")
    return Sentence("One length for every sequence of the batch.")


def _lengths(lengths: Value, call: Call) -> tuple[int, ...] | None:
    if isinstance(lengths, Tensor) and len(lengths.shape) == 1 and not lengths.is_float:
        return lengths.data
    if isinstance(lengths, (list, tuple)) and all(is_int(length) for length in lengths):
        return tuple(int(length) for length in lengths)
    raise not_understood(call.source)


def pad_packed(call: Call) -> tuple[Value, Tensor]:
    """Read a call of pad_packed_sequence: (output, lengths)."""
    packed, batch_first, _, total = call.bind("sequence", batch_first=False, padding_value=0.0, total_length=None)
    if not isinstance(packed, Packed):
        raise attribute_error(type_name(packed), "batch_sizes")
    steps = packed.steps
    if total is not None:
        if not is_int(total):
            raise not_understood(call.source)
        if packed.lengths is None:
            raise not_understood("lengths that are not known here")
        if total < steps:
            message = (
                "Expected total_length to be at least the length of the longest sequence in input, but got "
                f"total_length={int(total)} and max sequence length being {steps}"
            )
            fail("ValueError", message, Sentence("The longest sequence has {count} steps.", count=steps))
        steps = int(total)
    elif packed.lengths is None:  # as long as the longest one, and that is not known
        return Unknown("how long the longest sequence is"), tensor((packed.batch,), "int64", axes=("N",))
    shape = (packed.batch, steps) if batch_first else (steps, packed.batch)
    axes = (*(("N", "L") if batch_first else ("L", "N")), *("",) * len(packed.features))
    origin = packed.origin or Origin("padded", is_padded=True)
    padded = tensor((*shape, *packed.features), packed.dtype, axes=axes, origin=origin, has_grad=packed.has_grad)
    lengths = tensor((packed.batch,), "int64", axes=("N",), data=packed.lengths)
    return replace(padded, strides=None) if batch_first else padded, lengths


def pad(call: Call) -> Tensor:
    """Read a call of pad_sequence: the longest one gives L."""
    given, batch_first, _ = call.bind("sequences", batch_first=False, padding_value=0.0)
    if not isinstance(given, (list, tuple)) or not given or not all(isinstance(x, Tensor) and x.shape for x in given):
        raise not_understood(call.source)
    steps, rest = max(item.shape[0] for item in given), given[0].shape[1:]
    for item in given:
        if item.shape[1:] != rest:
            _check_same(rest, item.shape[1:])
    is_padded = any(item.shape[0] < steps for item in given)
    shape, axes = ((len(given), steps), ("N", "L")) if batch_first else ((steps, len(given)), ("L", "N"))
    words = (*axes, *("",) * len(rest))
    result = tensor((*shape, *rest), given[0].dtype, axes=words, origin=Origin("padded", is_padded=is_padded))
    return result if batch_first else replace(result, strides=None)


def _check_same(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    try:
        broadcast_shapes((1, *a), (1, *b))
    except Raised as raised:
        raise raised from None
    raise not_understood("sequences of different features")


def one_hot(call: Call) -> Tensor:
    """Read a call of one_hot: a new last axis."""
    source, classes = call.bind("tensor", num_classes=-1)
    if not isinstance(source, Tensor):
        raise must_be_tensor("one_hot", "input", 1, type_name(source))
    if source.dtype != "int64":
        message = "one_hot is only applicable to index tensor of type LongTensor."
        fail("RuntimeError", message, Sentence("One-hot takes indices, int64; this is {dtype}.", dtype=source.dtype))
    size = dimension(classes, call)
    if source.data is not None and min(source.data, default=0) < 0:
        fail("RuntimeError", "Class values must be non-negative.", Sentence("An index is not negative."))
    if size == -1:
        if not source.data:
            raise not_understood("one_hot without num_classes: it depends on the largest index")
        size = max(source.data) + 1
    if source.data is not None and max(source.data, default=0) >= size:
        message = "Class values must be smaller than num_classes."
        fail("RuntimeError", message, Sentence("There are indices of {count} and more.", count=size))
    if size <= 0:
        raise not_understood(call.source)
    if source.data is None and source.high is not None and source.high > size:
        sentence = Sentence(
            "Indices can be as large as {last}; num_classes is {count}.", last=source.high - 1, count=size
        )
        call.doubt(call.node, "out-of-range", sentence, None)
    return tensor((*source.shape, size), "int64", axes=(*source.axes, "V"))


def _options(call: Call) -> tuple[dict[str, Value], dict[str, Value]]:
    """Part the keywords that every factory has from its own."""
    options = {name: value for name, value in call.kwargs.items() if name in _OPTIONS}
    return options, {name: value for name, value in call.kwargs.items() if name not in _OPTIONS}


def _dtype(options: dict[str, Value], default: str) -> str:
    dtype = options.get("dtype")
    if dtype is None:
        return default
    if not isinstance(dtype, DType):
        raise not_understood("dtype=")
    return dtype.name

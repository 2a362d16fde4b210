"""x[...]: which axes are left, and in what order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rnn_core.reading.arithmetic import MAX_ITEMS, broadcast_shapes
from rnn_core.reading.errors import Raised, fail, not_understood
from rnn_core.reading.values import Number, Size, Tensor, Value, is_int, like, tensor, type_name
from rnn_core.sentence import Sentence


def index_tensor(source: Tensor, index: Value) -> Tensor:
    """Return source[index] (https://docs.pytorch.org/docs/stable/tensor_view.html and NumPy's rules for lists)."""
    items = _spread(source, index if isinstance(index, tuple) else (index,))
    shape: list[int] = []
    strides: list[int] = []
    axes: list[str] = []
    chosen: list[tuple[int, Tensor]] = []  # place in the result and index tensor
    axis = 0
    for item in items:
        if item is None:
            span = source.shape[axis] * (source.strides or source.shape)[axis] if axis < len(source.shape) else 1
            shape, strides, axes = [*shape, 1], [*strides, span], [*axes, ""]
            continue
        size, step = source.shape[axis], (source.strides or source.shape)[axis]
        if is_int(item):
            _check_bounds(item, axis, size)
        elif isinstance(item, Tensor) and not item.shape:  # torch takes it for its number
            for number in item.data or ():
                _check_bounds(number, axis, size)
        elif isinstance(item, slice):
            length, stride = _slice(item, size)
            shape, strides = [*shape, length], [*strides, step * stride]
            axes.append(source.axes[axis] if length == size or length > 1 else "")
        else:
            chosen.append((len(shape), _index_values(item, len(chosen), size)))
            shape, strides, axes = [*shape, size], [*strides, step], [*axes, ""]
        axis += 1
    if chosen:
        return _gather(source, shape, axes, chosen)
    return replace(
        source,
        shape=tuple(shape),
        strides=None if source.strides is None else tuple(strides),
        axes=tuple(axes),
        data=_picked(source, items),
    )


def check_put(place: Tensor, value: Value, index: Value) -> None:
    """Raise what torch raises if a value does not fit into the place where it is put."""
    if isinstance(value, (list, tuple, str)) or value is None:
        name = {"float32": "Float", "float64": "Double", "int64": "Long"}.get(place.dtype)
        if name is None:
            raise not_understood("such a value in a tensor")
        message = f"can't assign a {type_name(value)} to a torch.{name}Tensor"
        fail("TypeError", message, Sentence("Numbers of a tensor are replaced by a number or by a tensor."))
    if not isinstance(value, Tensor):
        return
    shape = value.shape
    if any(isinstance(item, (Tensor, list)) for item in (index if isinstance(index, tuple) else (index,))):
        if not _fits(shape, place.shape):
            message = f"shape mismatch: value tensor of shape {list(shape)} cannot be broadcast to indexing result of "
            fail("RuntimeError", f"{message}shape {list(place.shape)}", _PLACE)
        return
    while shape and shape[0] == 1:  # as torch does
        shape = shape[1:]
    if len(shape) > len(place.shape):
        if value.dtype not in ("float32", "float64", "int64"):
            raise not_understood("such a value in a tensor")
        name = {"float32": "Float", "float64": "Double", "int64": "Long"}[value.dtype]
        message = (
            f"expand(torch.{name}Tensor{{{list(shape)}}}, size={list(place.shape)}): the number of sizes provided "
            f"({len(place.shape)}) must be greater or equal to the number of dimensions in the tensor ({len(shape)})"
        )
        fail("RuntimeError", message, _PLACE)
    if not _fits(shape, place.shape):
        offset = len(place.shape) - len(shape)
        axis = max(i for i, size in enumerate(shape) if size not in (1, place.shape[i + offset])) + offset
        message = (
            f"The expanded size of the tensor ({place.shape[axis]}) must match the existing size "
            f"({shape[axis - offset]}) at non-singleton dimension {axis}.  Target sizes: {list(place.shape)}.  "
            f"Tensor sizes: {list(shape)}"
        )
        fail("RuntimeError", message, _PLACE)


_PLACE = Sentence("What is put in has to have the shape of the place where it goes.")


def _fits(shape: tuple[int, ...], place: tuple[int, ...]) -> bool:
    """Whether a shape can be broadcast to the one of a place."""
    pairs = zip(reversed(shape), reversed(place), strict=False)
    return len(shape) <= len(place) and all(a in (1, b) for a, b in pairs)


def index_sequence(source: Sequence[Value], index: Value) -> Value:
    """Return source[index] of a tuple, a list, a torch.Size or a range."""
    kind = "tuple" if isinstance(source, tuple) else type_name(source)
    if isinstance(index, slice):
        return Size(source[index]) if isinstance(source, Size) else source[index]
    if isinstance(index, Tensor):
        raise not_understood("a tensor as the index of a list")
    if not is_int(index):
        noun = "range indices" if isinstance(source, range) else f"{kind} indices"
        fail(
            "TypeError",
            f"{noun} must be integers or slices, not {type_name(index)}",
            Sentence("This is a {kind}, not a tensor: it takes one whole number.", kind=kind),
        )
    if not -len(source) <= index < len(source):
        fail(
            "IndexError",
            f"{'range object' if isinstance(source, range) else kind} index out of range",
            Sentence("There are {count} items, so there is no number {index}.", count=len(source), index=int(index)),
        )
    return source[index]


def _spread(source: Tensor, items: tuple[Value, ...]) -> list[Value]:
    """Write `...` and what is left out as full slices."""
    used = sum(item is not None and item is not Ellipsis for item in items)
    ndim = len(source.shape)
    if any(isinstance(item, bool) or (isinstance(item, Tensor) and item.dtype == "bool") for item in items):
        raise not_understood("choosing by truth values")
    if sum(item is Ellipsis for item in items) > 1:
        raise not_understood("two ellipses")
    for item in items:
        _check_kind(item)
    if not ndim and len(items) == 1 and isinstance(items[0], slice):
        message = "slice() cannot be applied to a 0-dim tensor."
        fail("IndexError", message, Sentence("This is a single number without axes."))
    if not ndim and len(items) == 1 and is_int(items[0]):
        message = (
            f"index {int(items[0])} is out of bounds for dimension 0 with size 0"
            if items[0]
            else "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to "
            "convert a 0-dim tensor to a number"
        )
        fail("IndexError", message, Sentence("This is a single number without axes."))
    if used > ndim:
        fail(
            "IndexError",
            f"too many indices for tensor of dimension {ndim}",
            Sentence("There are {count} axes and {used} indices.", count=ndim, used=used),
        )
    full: list[Value] = [slice(None)] * (ndim - used)
    if Ellipsis not in [item for item in items if not isinstance(item, (Tensor, list))]:
        return [*items, *full]
    at = next(i for i, item in enumerate(items) if item is Ellipsis)
    return [*items[:at], *full, *items[at + 1 :]]


def _check_kind(item: Value) -> None:
    if isinstance(item, float):
        message = "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices"
        fail(
            "IndexError",
            f"{message} (got float)",
            Sentence("An index is a whole number; `/` gives a fraction, `//` none."),
        )
    if isinstance(item, Tensor) and item.is_float:
        fail(
            "IndexError",
            "tensors used as indices must be long, int, byte or bool tensors",
            Sentence("An index is a whole number; this tensor is {dtype}.", dtype=item.dtype),
        )
    known = item is None or item is Ellipsis or is_int(item) or isinstance(item, (slice, Tensor, list, range))
    if not known:
        raise not_understood(f"an index of type {type_name(item)}")


def _check_bounds(index: int, axis: int, size: int) -> None:
    if not -size <= index < size:
        fail(
            "IndexError",
            f"index {int(index)} is out of bounds for dimension {axis} with size {size}",
            Sentence("Axis {axis} has {size} entries: 0 to {last}.", axis=axis, size=size, last=size - 1),
        )


def _slice(item: slice, size: int) -> tuple[int, int]:
    if not all(end is None or is_int(end) for end in (item.start, item.stop, item.step)):
        raise not_understood("a slice of something else than whole numbers")
    step = 1 if item.step is None else int(item.step)
    if step <= 0:
        fail(
            "ValueError", "step must be greater than zero", Sentence("Tensors cannot be read backwards: use `.flip()`.")
        )
    return len(range(*item.indices(size))), step


def _index_values(item: Value, place: int, size: int) -> Tensor:
    """Check an index tensor or list; torch counts them, not their axes, where one is out of bounds."""
    if isinstance(item, (list, range)):
        if len(item) > MAX_ITEMS:
            raise not_understood("a very long list")
        if all(is_int(number) or isinstance(number, Number) for number in item) and not all(map(is_int, item)):
            return tensor((len(item),), "int64")
        if not all(is_int(number) for number in item):
            raise not_understood("an index list")
        item = tensor((len(item),), "int64", data=tuple(int(number) for number in item))
    for number in item.data or ():
        _check_bounds(number, place, size)
    chosen: Tensor = item
    return chosen


def _gather(source: Tensor, shape: list[int], axes: list[str], chosen: list[tuple[int, Tensor]]) -> Tensor:
    """Put the axes of index tensors where they stand, or in front if they do not stand together."""
    places = [place for place, _ in chosen]
    common: tuple[int, ...] = ()
    try:
        for _, item in chosen:
            common = broadcast_shapes(common, item.shape)
    except Raised:
        shown = ", ".join(str(list(item.shape)) for _, item in chosen)
        message = f"shape mismatch: indexing tensors could not be broadcast together with shapes {shown}"
        fail("IndexError", message, Sentence("Index tensors go together entry by entry, so they need one shape."))
    at = places[0] if places == list(range(places[0], places[-1] + 1)) else 0
    rest = [i for i in range(len(shape)) if i not in places]
    before = [i for i in rest if i < at]
    after = [i for i in rest if i >= at]
    words = chosen[0][1].axes if len(chosen) == 1 else ("",) * len(common)
    made = like(
        source,
        [*(shape[i] for i in before), *common, *(shape[i] for i in after)],
        axes=[*(axes[i] for i in before), *words, *(axes[i] for i in after)],
    )
    return made if source.is_contiguous else replace(made, strides=None)


def _picked(source: Tensor, items: list[Value]) -> tuple[int, ...] | None:
    """Follow whole numbers that stand in the code through an index of a vector."""
    if source.data is None or len(source.shape) != 1 or len(items) != 1 or not isinstance(items[0], (slice, int)):
        return None
    picked = source.data[items[0]]
    return picked if isinstance(picked, tuple) else (picked,)

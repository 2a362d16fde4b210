"""The little of NumPy that stands in front of a network: making an array, indexing it, handing it to torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rnn_core.reading import factories, views
from rnn_core.reading.calls import Call, Handler, sizes
from rnn_core.reading.errors import attribute_error, not_understood
from rnn_core.reading.methods import METHODS, to_dtype
from rnn_core.reading.values import Array, DType, Method, Tensor, Value, is_int, tensor

_WHOLE_OR_NOT = {"float32": "float64"}  # NumPy's numbers with a fraction are float64 where torch's are float32
_KEPT = ("squeeze", "reshape", "flatten", "argmax", "copy", "astype")
DTYPES = {f"numpy.{name}": DType(name) for name in ("float32", "float64", "int32", "int64")}


def _array(call: Call) -> Array:
    """Read np.array of nested lists, or of a list of arrays."""
    dtype = _dtype(call)
    plain = replace(call, kwargs={})
    first = call.args[0] if len(call.args) == 1 else None
    if isinstance(first, Array):
        return Array(to_dtype(first.tensor, dtype) if dtype else first.tensor)
    made = factories.literal(plain)
    if not is_of_arrays(first):
        made = to_dtype(made, _WHOLE_OR_NOT.get(made.dtype, made.dtype))
    return Array(to_dtype(made, dtype) if dtype else made)


def is_of_arrays(value: Value) -> bool:
    """Whether a value is a list of arrays."""
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, Array) for item in value)


def _dtype(call: Call) -> str | None:
    if call.kwargs.keys() - {"dtype"}:
        raise not_understood(call.source)
    dtype = call.kwargs.get("dtype")
    if dtype is not None and not isinstance(dtype, DType):
        raise not_understood("dtype=")
    return dtype.name if dtype is not None else None


def _filled(call: Call) -> Array:
    """Read np.zeros((3, 4)), np.ones, np.eye."""
    name, size = call.name.rsplit(".", 1)[-1], call.args[0] if len(call.args) == 1 else None
    shape = (size,) if is_int(size) else size
    if not isinstance(shape, tuple) or (name == "eye" and len(shape) != 1) or min(map(_plain, shape), default=0) < 0:
        raise not_understood(call.source)
    return Array(tensor(sizes((shape * 2 if name == "eye" else shape,), call), _dtype(call) or "float64"))


def _plain(size: Value) -> int:
    return int(size) if is_int(size) else -1


def _random(call: Call) -> Array:
    """Read np.random.rand(3, 4) and randn."""
    if call.kwargs or not call.args or min(map(_plain, call.args)) < 0:
        raise not_understood(call.source)
    return Array(tensor(sizes(call.args, call), "float64"))


def _squeeze(call: Call) -> Value:
    (held,) = call.bind("a")
    if not isinstance(held, Array):
        raise not_understood(call.source)
    return Array(views.squeeze(held.tensor, None))


def to_torch(call: Call) -> Tensor:
    """Read torch.from_numpy."""
    (held,) = call.bind("ndarray")
    if not isinstance(held, Array):
        raise not_understood(call.source)
    return held.tensor


def array_attribute(owner: Array, name: str) -> Value:
    """Return a method of an array, or its shape."""
    if name in _KEPT:
        return Method(owner, name)
    if name in ("shape", "ndim"):
        return tuple(owner.tensor.shape) if name == "shape" else len(owner.tensor.shape)
    if name in ("unsqueeze", "float", "long", "to", "permute", "detach", "dim"):  # of tensors only
        raise attribute_error("numpy.ndarray", name)
    raise not_understood(f".{name}")


def call_array(owner: Array, name: str, call: Call) -> Value:
    """Return what a method of an array gives."""
    if name == "astype":
        dtype = call.args[0] if len(call.args) == 1 else None
        if not isinstance(dtype, DType):
            raise not_understood(call.source)
        return Array(to_dtype(owner.tensor, dtype.name))
    if name == "copy":
        return owner
    if name == "flatten" and call.args:
        raise not_understood(call.source)
    handler: Callable[[Tensor, Call], Value] = METHODS[name]
    made = handler(owner.tensor, replace(call, name=name))
    return Array(made)


HANDLERS: dict[str, Handler] = {
    "numpy.array": _array,
    "numpy.asarray": _array,
    **{f"numpy.{name}": _filled for name in ("zeros", "ones", "eye")},
    **{f"numpy.random.{name}": _random for name in ("rand", "randn")},
    "numpy.squeeze": _squeeze,
}

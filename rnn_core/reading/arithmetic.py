"""Broadcasting, matrix products and numbers, with torch's and Python's own messages."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence

from rnn_core.reading.errors import Edit, Fix, Raised, fail, not_understood
from rnn_core.reading.values import (
    C_NAMES,
    TYPE_NAMES,
    Array,
    Library,
    Number,
    Opaque,
    Tensor,
    Unknown,
    Value,
    contiguous_strides,
    is_int,
    tensor,
    type_name,
)
from rnn_core.sentence import Sentence

MAX_BITS = 64  # sizes are 64-bit in torch; beyond it nothing is computed
MAX_ITEMS = 2_000  # of a list that is multiplied
MAX_TEXT = 20_000  # characters, or items that are added
MAX_NESTING = 40  # lists in lists
SIGNS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.MatMult: "@",
}
_PLAIN: dict[str, Callable[[Value, Value], Value]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}
_RANKS = ("bool", "int32", "int64", "float16", "bfloat16", "float32", "float64")


def compute(sign: str, left: Value, right: Value) -> Value:
    """Return left (sign) right, for numbers, sequences and tensors."""
    if isinstance(left, Array) or isinstance(right, Array):
        raise not_understood(f"{type_name(left)} {sign} {type_name(right)}")
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return _with_tensor(sign, left, right)
    if _is_number(left) and _is_number(right):
        if isinstance(left, Number) or isinstance(right, Number):
            return Number("float" if sign == "/" or "float" in (type_name(left), type_name(right)) else "int")
        return _numbers(sign, left, right)
    return _sequences(sign, left, right)


def _with_tensor(sign: str, left: Value, right: Value) -> Tensor:
    other = right if isinstance(left, Tensor) else left
    if isinstance(left, (tuple, list)) and sign == "+":
        kind = type_name(left)
        fail(
            "TypeError",
            f'can only concatenate {kind} (not "Tensor") to {kind}',
            Sentence("A {kind} and a tensor cannot be added.", kind=kind),
        )
    if isinstance(other, (tuple, list)) and sign == "*":
        raise not_understood(f"{type_name(left)} * {type_name(right)}")
    if not isinstance(other, Tensor) and (not _is_number(other) or sign == "@"):
        raise _unsupported(sign, left, right)
    if sign == "@":
        return matmul(left, right)
    if sign == "-" and "bool" in (_dtype(left), _dtype(right)):
        raise _no_difference(_dtype(left) == _dtype(right))
    dtype = promote(left, right)
    return broadcast([left, right], "float32" if sign == "/" and dtype not in _RANKS[3:] else dtype)


def _no_difference(is_both: bool) -> Raised:
    message = "two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
    if not is_both:
        message = (
            "a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` "
            "operator instead."
        )
    return Raised(
        "RuntimeError",
        f"Subtraction, the `-` operator, with {message}",
        Sentence(
            "Truth values are not subtracted: `mask.logical_not()` turns them around, `.float()` makes numbers of them."
        ),
    )


def broadcast(values: Sequence[Value], dtype: str) -> Tensor:
    """Return what an elementwise operation gives (https://docs.pytorch.org/docs/stable/notes/broadcasting.html)."""
    tensors = [value for value in values if isinstance(value, Tensor)]
    shape: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()
    for item in tensors:
        shape, axes = broadcast_shapes(shape, item.shape), _merge(axes, item.axes)
    return Tensor(
        shape,
        dtype,
        elementwise_strides(shape, tensors),
        axes,
        origin=tensors[0].origin if len(values) == 1 else None,
        has_grad=any(item.has_grad for item in tensors),
    )


def broadcast_shapes(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...]:
    """Return the common shape of two tensors.

    Raises:
        Raised: where two sizes differ and neither is 1.
    """
    ndim = max(len(a), len(b))
    wide_a, wide_b = (1,) * (ndim - len(a)) + a, (1,) * (ndim - len(b)) + b
    for axis in reversed(range(ndim)):
        if wide_a[axis] != wide_b[axis] and 1 not in (wide_a[axis], wide_b[axis]):
            fail(
                "RuntimeError",
                f"The size of tensor a ({wide_a[axis]}) must match the size of tensor b ({wide_b[axis]}) at "
                f"non-singleton dimension {axis}",
                Sentence(
                    "Sizes are compared from the last axis backwards: {a} and {b} have to be equal, or one of them 1.",
                    a=wide_a[axis],
                    b=wide_b[axis],
                ),
            )
    return tuple(y if x == 1 else x for x, y in zip(wide_a, wide_b, strict=True))


def matmul(left: Tensor, right: Tensor) -> Tensor:
    """Return left @ right (https://docs.pytorch.org/docs/stable/generated/torch.matmul.html)."""
    a, b = left.shape, right.shape
    if not a or not b:
        fail(
            "RuntimeError",
            f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D",
            Sentence("A single number has no axis to sum over: multiply with `*`."),
        )
    inner = b[-2] if len(b) > 1 else b[0]
    batch: tuple[int, ...] = ()
    if max(len(a), len(b)) > 2 and len(b) > 2:
        batch = broadcast_shapes(a[:-2], b[:-2])
    if a[-1] != inner:
        raise _no_product(left, right, batch)
    if left.dtype != right.dtype or left.dtype == "bool":
        raise not_understood("a product of these dtypes")
    columns = b[-1:] if len(b) > 1 else ()
    rows = a[-2:-1] if len(b) > 2 else a[:-1]
    words = (left.axes[:-1] if len(b) <= 2 else ("",) * len((*batch, *rows)), right.axes[-1:] if columns else ())
    made = tensor((*batch, *rows, *columns), left.dtype, axes=(*words[0], *words[1]))
    return Tensor(made.shape, made.dtype, made.strides, made.axes, has_grad=left.has_grad or right.has_grad)


def product_error(rows: int, inner: int, other: tuple[int, int]) -> Raised:
    """Return the error of a matrix product whose inner sizes differ."""
    return Raised(
        "RuntimeError",
        f"mat1 and mat2 shapes cannot be multiplied ({rows}x{inner} and {other[0]}x{other[1]})",
        Sentence(
            "The last axis of the left side, {inner}, has to be as long as the first axis of the right side, {first}.",
            inner=inner,
            first=other[0],
        ),
    )


def _no_product(left: Tensor, right: Tensor, batch: tuple[int, ...]) -> Raised:
    """Return the error of a product of tensors, which depends on how torch would compute it."""
    a, b = left.shape, right.shape
    if len(a) <= 2 and len(b) == 2:
        return product_error(math.prod(a[:-1]), a[-1], (b[0], b[1]))
    explained = Sentence("The inner sizes differ: {a} and {b}.", a=a[-1], b=b[-2] if len(b) > 1 else b[0])
    if len(a) == len(b) == 1:
        message = f"expected tensor [{a[0]}] and src [{b[0]}] to have the same number of elements, but got {a[0]} and "
        return Raised("RuntimeError", f"inconsistent tensor size, {message}{b[0]} elements respectively", explained)
    if len(b) == 1 and len(a) == 2:
        return Raised(
            "RuntimeError", f"size mismatch, got input ({a[0]}), mat ({a[0]}x{a[1]}), vec ({b[0]})", explained
        )
    if len(a) == len(b) == 3 and a[0] != b[0]:  # one learned matrix for every batch
        if right.has_grad and b[0] == 1:
            b = b[1:]
        elif left.has_grad and a[0] == 1:
            a = a[1:]
    if min(len(a), len(b)) <= 2 and _is_folded(left, right, is_left=len(a) >= len(b)):
        is_left = len(a) >= len(b)
        large, inner, small = (a[:-1], a[-1], b) if is_left else ((*b[:-2], b[-1]), b[-2], a[::-1])
        rows = math.prod(large)
        if len(small) == 2:
            raised = product_error(rows, inner, (small[0], small[1]))
            raised.sentence = explained
            return raised
        return Raised(
            "RuntimeError", f"size mismatch, got input ({rows}), mat ({rows}x{inner}), vec ({small[0]})", explained
        )
    many = math.prod(batch if len(b) > 2 else a[:-2])
    message = f"batch2 tensor to be: [{many}, {a[-1]}] but got: [{many}, {b[-2] if len(b) > 1 else b[0]}]."
    return Raised("RuntimeError", f"Expected size for first two dimensions of {message}", explained)


def _is_folded(left: Tensor, right: Tensor, *, is_left: bool) -> bool:
    """Whether torch makes one matrix of the larger tensor: if that needs no copy, or the smaller one is learned."""
    large, small = (left, right) if is_left else (right, left)
    if small.has_grad:
        return True
    if len(left.shape) == 2:
        return False
    if large.strides is None:
        raise not_understood("a product of sizes that differ")
    order = list(range(len(large.shape)))
    if not is_left:
        order[-1], order[-2] = order[-2], order[-1]
    shape, strides = [large.shape[i] for i in order], [large.strides[i] for i in order]
    places = range(len(shape) - 2)
    return large.numel == 0 or all(strides[i] == strides[i + 1] * shape[i + 1] for i in places)


def dtype_mismatch(left: str, right: str, *, is_folded: bool = True) -> Raised:
    """Return the error of a matrix product of different dtypes, with a sum in one go or alone."""
    names = [(TYPE_NAMES if is_folded else C_NAMES).get(name) for name in (left, right)]
    if None in names:
        raise not_understood(left)
    return Raised(
        "RuntimeError",
        f"mat1 and mat2 must have the same dtype, but got {names[0]} and {names[1]}"
        if is_folded
        else f"expected m1 and m2 to have the same dtype, but got: {names[0]} != {names[1]}",
        Sentence("Weights are {right} and this is {left}.", left=left, right=right),
    )


def promote(*values: Value) -> str:
    """Return the dtype of a result; a plain number or a tensor without axes only lifts it to another kind.

    See https://docs.pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc.
    """
    whole = [_dtype(v) for v in values if isinstance(v, Tensor) and v.shape]
    single = [_dtype(v) for v in values if isinstance(v, Tensor) and not v.shape]
    plain = [_dtype(v) for v in values if not isinstance(v, Tensor)]
    result = ""
    for group in (whole, single, plain):
        best = max(group, key=_RANKS.index, default="")
        if best and (not result or _kind(best) > _kind(result)):
            result = best
    return result


def _dtype(value: Value) -> str:
    if isinstance(value, Tensor):
        if value.dtype not in _RANKS:
            raise not_understood(value.dtype)
        return value.dtype
    if isinstance(value, Number):
        return {"bool": "bool", "int": "int64"}.get(value.kind, "float32")
    return "bool" if isinstance(value, bool) else "int64" if isinstance(value, int) else "float32"


def _kind(dtype: str) -> int:
    return 0 if dtype == "bool" else 1 if dtype.startswith("int") else 2


def _merge(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
    ndim = max(len(a), len(b))
    pairs = zip(("",) * (ndim - len(a)) + a, ("",) * (ndim - len(b)) + b, strict=True)
    return tuple(x or y for x, y in pairs)


def elementwise_strides(shape: tuple[int, ...], tensors: Sequence[Tensor]) -> tuple[int, ...] | None:
    """Return the strides of a result: dense, its axes in memory in the order that the operands agree on.

    As torch's TensorIterator orders them, operand by operand; None where an operand's strides are not known.
    """
    if all(item.shape == shape and item.is_contiguous for item in tensors):
        return contiguous_strides(shape)
    spread = []
    for item in tensors:
        if item.strides is None:
            return None
        wide = len(shape) - len(item.shape)
        pairs = zip(item.shape, shape[wide:], item.strides, strict=True)
        spread.append((0,) * wide + tuple(step if size == whole else 0 for size, whole, step in pairs))

    def swap(inner: int, outer: int) -> int:
        """Say whether two axes have to change places: 1 yes, -1 no, 0 that nothing tells."""
        for strides in spread:
            a, b = strides[inner], strides[outer]
            if a and b and (a != b or shape[inner] > shape[outer]):
                return 1 if a > b or a == b else -1
        return 0

    order = list(reversed(range(len(shape))))  # innermost first
    for start in range(1, len(order)):
        place = start
        for below in reversed(range(start)):
            verdict = swap(order[below], order[place])
            if verdict < 0:
                break
            if verdict > 0:
                order[below], order[place] = order[place], order[below]
                place = below
    strides, step = [0] * len(shape), 1
    for axis in order:
        strides[axis], step = step, step * max(shape[axis], 1)
    return tuple(strides)


def weight(value: Value) -> int:
    """Count what is in a value, sequences in sequences included; beyond MAX_ITEMS, or MAX_NESTING, no further."""
    waiting, count = [(value, 0)], 0
    while waiting and count <= MAX_ITEMS:
        item, depth = waiting.pop()
        count += 1
        if depth > MAX_NESTING:
            return MAX_ITEMS + 1
        if isinstance(item, (tuple, list)):
            waiting.extend((inner, depth + 1) for inner in item[: MAX_ITEMS + 1])
        elif isinstance(item, dict):
            waiting.extend((inner, depth + 1) for inner in item.values())
    return count


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, float, Number))


def _numbers(sign: str, left: Value, right: Value) -> Value:
    if sign == "@":
        raise _unsupported(sign, left, right)
    if sign in ("/", "//", "%") and right == 0:
        kind = {"/": "division by zero", "//": "integer division or modulo by zero", "%": "integer modulo by zero"}
        if isinstance(left, float) or isinstance(right, float):
            raise not_understood("a division by zero")
        fail("ZeroDivisionError", kind[sign], Sentence("The divisor is 0."))
    if sign == "**" and not _is_small_power(left, right):
        raise _too_large()
    if sign == "*" and is_int(left) and is_int(right) and left.bit_length() + right.bit_length() > 2 * MAX_BITS:
        raise _too_large()
    try:
        result = _PLAIN[sign](left, right)
    except (OverflowError, ZeroDivisionError, ValueError):
        raise _too_large() from None
    return bounded(result)


def bounded(value: Value) -> Value:
    """Return a number as it is.

    Raises:
        NotUnderstood: if it is a whole number beyond 64 bits or a complex one.
    """
    if isinstance(value, complex) or (isinstance(value, int) and value.bit_length() > MAX_BITS):
        raise _too_large()
    return value


def _is_small_power(base: Value, exponent: Value) -> bool:
    if isinstance(base, float) or isinstance(exponent, float):
        return True
    return abs(exponent) <= MAX_BITS and int(base).bit_length() * abs(int(exponent)) <= 2 * MAX_BITS


def _too_large() -> Exception:
    return not_understood("a number beyond 64 bits")


def _sequences(sign: str, left: Value, right: Value) -> Value:
    """Return tuple + tuple, list * 3 and the like."""
    if sign == "%" and isinstance(left, str):
        return Unknown("text")
    if sign == "+" and isinstance(left, (tuple, list, str)):
        if not isinstance(right, (tuple if isinstance(left, tuple) else list if isinstance(left, list) else str)):
            raise _no_concatenation(left, right)
        if len(left) + len(right) > MAX_TEXT:
            raise not_understood("a very long text")
        joined: Value = operator.add(left, right)
        return joined
    pair = (left, right) if isinstance(left, (tuple, list, str)) else (right, left)
    if sign == "*" and isinstance(pair[0], (tuple, list, str)):
        if not is_int(pair[1]):
            raise not_understood(f"{type_name(left)} * {type_name(right)}")
        if len(pair[0]) * pair[1] > MAX_ITEMS:
            raise not_understood("a very long list")
        return pair[0] * int(pair[1])
    if not isinstance(left, (tuple, list, int, float, type(None))) or isinstance(right, (Library, Opaque)):
        raise not_understood(f"{type_name(left)} {sign} {type_name(right)}")
    raise _unsupported(sign, left, right)


def _no_concatenation(left: Value, right: Value) -> Raised:
    kind, other = type_name(left), type_name(right)
    message = f'can only concatenate {kind} (not "{other}") to {kind}'
    return Raised("TypeError", message, Sentence("A {kind} and a {other} cannot be added.", kind=kind, other=other))


def _unsupported(sign: str, left: Value, right: Value) -> Raised:
    kinds = type_name(left), type_name(right)
    shown = "** or pow()" if sign == "**" else sign
    return Raised(
        "TypeError",
        f"unsupported operand type(s) for {shown}: '{kinds[0]}' and '{kinds[1]}'",
        Sentence("`{sign}` does not go with a {left} and a {right}.", sign=sign, left=kinds[0], right=kinds[1]),
    )


def cast_fix(node: ast.expr, method: str) -> Fix:
    """Return the fix of a wrong dtype: convert the operand."""
    return Fix(Sentence("Convert it with `.{method}()`.", method=method), Edit(node, "{}." + method + "()"))

"""Plain Python around the tensors: builtins, methods of lists and tuples, unpacking, comparing, what print shows."""

from __future__ import annotations

import ast
import builtins
import math
import operator
from collections.abc import Callable, Sequence

from rnn_core.reading.arithmetic import MAX_ITEMS, bounded, broadcast, compute, weight
from rnn_core.reading.calls import Call
from rnn_core.reading.containers import LIST_METHODS, call_container, make_dict, make_set, sort
from rnn_core.reading.errors import Fix, Raised, attribute_error, fail, not_understood
from rnn_core.reading.methods import rows
from rnn_core.reading.values import (
    Array,
    Distinct,
    DType,
    Extremes,
    Function,
    Instance,
    Library,
    Method,
    Module,
    Named,
    Number,
    Opaque,
    Packed,
    Size,
    Tensor,
    Unknown,
    UserClass,
    Value,
    describe,
    is_int,
    is_known,
    type_name,
    walk,
)
from rnn_core.sentence import Sentence

BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
}
_PLAIN = (int, float, str, tuple, list, range, dict, type(None))


def call_builtin(call: Call) -> Value:
    """Return what a builtin gives.

    Raises:
        NotUnderstood: for all that the reader does not know, open and __import__ among them.
    """
    name = call.name.removeprefix("builtins.")
    if name == "print":
        return None
    handler = _WITH_KEYWORDS.get(name) or (None if call.kwargs else _HANDLERS.get(name))
    if handler is None:
        raise not_understood(name)
    return handler(call)


def length(value: Value) -> int:
    """Return len(value)."""
    match value:
        case Tensor(shape=()):
            fail("TypeError", "len() of a 0-d tensor", Sentence("A single number has no length."))
        case Tensor(shape=shape):
            return shape[0]
        case tuple() | list() | range() | str() | dict():
            return len(value)
        case Distinct(members=members):
            return len(members)
        case Module(kind="Sequential" | "ModuleList", parts=parts):
            return len(parts)
        case None | int() | float() | Module():
            message = f"object of type '{type_name(value)}' has no len()"
            fail("TypeError", message, Sentence("A {kind} has no length.", kind=type_name(value)))
    raise not_understood(f"len of {type_name(value)}")


def items(value: Value) -> Sequence[Value]:
    """Return what iterating over a value gives."""
    match value:
        case Tensor():
            return rows(value)
        case tuple() | list() | str():
            return value
        case dict():
            return list(value)
        case Array(tensor=Tensor(shape=(count,), dtype="int64")) if count <= MAX_ITEMS:
            return [Number("int")] * count
        case range() if len(value) <= MAX_ITEMS:
            return value
        case Module(kind="Sequential" | "ModuleList", parts=parts):
            return parts
        case Opaque(text=text):
            raise not_understood(f"going through {text}")
        case None | int() | float() | Module(kind="RNN" | "LSTM" | "GRU" | "Linear" | "Embedding"):
            message = f"'{type_name(value)}' object is not iterable"
            fail("TypeError", message, Sentence("There is nothing to go through in a {kind}.", kind=type_name(value)))
    raise not_understood(f"going through {type_name(value)}")


def unpack(value: Value, count: int, star: int | None) -> list[Value]:
    """Return the values for `count` targets, of which number `star` takes what is left.

    Raises:
        Raised: with Python's message, if there are too many or too few.
    """
    if isinstance(value, (int, float, Module, type(None))):
        message = f"cannot unpack non-iterable {type_name(value)} object"
        fail("TypeError", message, Sentence("A {kind} is one value.", kind=type_name(value)))
    given = list(_unpacked(value, count))
    found, needed = length(value), count - (star is not None)
    if found < needed:
        least = "at least " if star is not None else ""
        message = f"not enough values to unpack (expected {least}{needed}, got {found})"
        raise Raised("ValueError", message, *_why_unpacking(value, count, found))
    if star is None:
        if found > count:
            raise Raised(
                "ValueError", f"too many values to unpack (expected {count})", *_why_unpacking(value, count, found)
            )
        return given
    after = count - star - 1
    return [*given[:star], given[star : found - after], *given[found - after :]]


def _unpacked(value: Value, count: int) -> Sequence[Value]:
    """Go through a value, a tensor of many rows only as far as it is needed."""
    if isinstance(value, Tensor) and value.shape and value.shape[0] > count:
        return rows(value)[: count + 1] if value.shape[0] <= MAX_ITEMS // 2 else ()
    return items(value)


def _why_unpacking(value: Value, count: int, found: int) -> tuple[Sentence, Fix | None]:
    sentence = Sentence("There are {found} values for {count} names.", found=found, count=count)
    if isinstance(value, Tensor) and value.origin and value.origin.kind == "h_n":
        fix = Fix(Sentence("Only an LSTM returns (h_n, c_n): nn.RNN and nn.GRU return h_n alone."))
        return Sentence("Unpacking a tensor cuts it along its first axis, of size {found}.", found=found), fix
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], tuple) and count == 3:
        return sentence, Fix(Sentence("The states of an LSTM are a pair of their own: `output, (h_n, c_n) = ...`."))
    if isinstance(value, Tensor):
        return Sentence("Unpacking a tensor cuts it along its first axis, of size {found}.", found=found), None
    return sentence, None


def plain_attribute(owner: Value, name: str) -> Value:
    """Return a method of a tuple, a list, a number or a torch.Size."""
    if isinstance(owner, Size) and name == "numel":
        return Method(owner, name)
    if isinstance(owner, Extremes) and name in ("values", "indices"):
        return owner[0 if name == "values" else 1]
    if isinstance(owner, Extremes):
        raise not_understood(f".{name}")
    if not isinstance(owner, str) and not hasattr(type(owner), name):
        raise attribute_error(type_name(owner), name, _tuple_fix(owner, name))
    if name.startswith("_"):
        raise not_understood(f".{name}")
    return Method(owner, name)


def _tuple_fix(owner: Value, name: str) -> Fix | None:
    if not isinstance(owner, tuple) or isinstance(owner, Size) or not any(isinstance(item, Tensor) for item in owner):
        return None
    if len(owner) == 2 and isinstance(owner[0], Tensor) and owner[0].origin and owner[0].origin.kind == "output":
        return Fix(Sentence("A recurrent module returns a pair: `output, state = ...`; then ask `output`."))
    return Fix(
        Sentence("Take one of the {count} values, such as `[0]`, and ask it for `{name}`.", count=len(owner), name=name)
    )


def call_plain(owner: Value, name: str, call: Call) -> Value:
    """Return what a method of a list, a tuple, a dictionary, a text or a torch.Size gives."""
    if isinstance(owner, (dict, str)) or (isinstance(owner, list) and name in LIST_METHODS):
        return call_container(owner, name, call)
    if isinstance(owner, list) and name in ("append", "insert") and not call.kwargs:
        value = call.args[-1] if call.args else None
        if isinstance(value, dict) or is_within(owner, value) or len(call.args) != (1 if name == "append" else 2):
            raise not_understood(call.source)
        if len(owner) > MAX_ITEMS // 2 or weight(value) > 50:
            raise not_understood("a very long list")
        owner.insert(len(owner) if name == "append" else _index(call), value)
        return None
    if isinstance(owner, Size) and name == "numel":
        count = 1
        for item in owner:
            count *= item
        return count
    raise not_understood(f".{name}()")


def is_within(owner: list[Value], value: Value) -> bool:
    """Whether a list is part of a value that is to be put into it."""
    return weight(value) > 50 or any(item is owner for item in walk(value))


def _index(call: Call) -> int:
    if not is_int(call.args[0]):
        raise not_understood(call.source)
    return int(call.args[0])


def compare(operation: str, left: Value, right: Value) -> Value:
    """Return left == right and the like."""
    if operation in ("Is", "IsNot"):
        if left is None or right is None:
            return (left is right) == (operation == "Is")
        return Unknown("is")
    if isinstance(left, (Number, Array)) or isinstance(right, (Number, Array)):
        return Unknown("a number that depends on the data")
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        if operation not in _COMPARISONS or not isinstance(left, (Tensor, int, float)):
            raise not_understood("this comparison")
        if not isinstance(right, (Tensor, int, float)):
            raise not_understood("this comparison")
        return broadcast([left, right, 0], "bool")
    if operation in ("In", "NotIn"):
        return _contains(right, left) == (operation == "In")
    same_kind = all(isinstance(value, (int, float)) for value in (left, right)) or type(left) is type(right)
    if operation in ("Eq", "NotEq") and isinstance(left, (*_PLAIN, DType)) and isinstance(right, (*_PLAIN, DType)):
        return _COMPARISONS[operation](left, right)
    if not same_kind or not isinstance(left, (int, float, str)):
        raise not_understood("this comparison")
    return _COMPARISONS[operation](left, right)


def _contains(whole: Value, part: Value) -> bool:
    """Return whether `part in whole`."""
    if isinstance(whole, range) and not is_int(part):
        raise not_understood("this comparison")  # Python would go through the whole range
    if isinstance(whole, Distinct):
        whole = whole.members
    members = whole if isinstance(whole, (tuple, list)) else ()
    if not all(isinstance(value, (*_PLAIN, DType)) for value in (whole, part, *members)):
        raise not_understood("this comparison")
    if isinstance(part, Named) or isinstance(whole, Named):  # Python's own words are of int
        part, whole = (int(value) if isinstance(value, Named) else value for value in (part, whole))
    try:
        return part in whole
    except TypeError as error:
        reason = Sentence("Nothing like that can be looked for in a {kind}.", kind=type_name(whole))
        fail("TypeError", str(error), reason)


def truth(value: Value) -> bool | None:
    """Return whether a condition holds; None where that cannot be told."""
    if isinstance(value, Tensor):
        if value.numel > 1:
            message = "Boolean value of Tensor with more than one value is ambiguous"
            fail(
                "RuntimeError",
                message,
                Sentence("A condition is one truth value; this tensor has {count}.", count=value.numel),
            )
        return None
    if isinstance(value, _PLAIN):
        return bool(value)
    return None if not isinstance(value, (Module, Instance)) else True


def shown(value: Value) -> str | None:
    """Return what print shows of a value; None where it depends on numbers that are not known."""
    match value:
        case Size():
            return describe(value)
        case str():
            return value
        case tuple() | list():
            parts = [shown(item) if not isinstance(item, str) else repr(item) for item in value]
            if None in parts:
                return None
            inner = ", ".join(part for part in parts if part is not None)
            if isinstance(value, list):
                return f"[{inner}]"
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        case DType():
            return describe(value)
        case bool() | int() | None:
            return str(value if value is None or isinstance(value, bool) else int(value))
        case float():
            return str(value)
    return None


def _len(call: Call) -> Value:
    (value,) = call.bind("value")
    if isinstance(value, Packed):
        raise not_understood(call.source)
    return length(value)


def _range(call: Call) -> range:
    if not 1 <= len(call.args) <= 3 or not all(is_int(arg) for arg in call.args):
        raise not_understood(call.source)
    if len(call.args) == 3 and call.args[2] == 0:
        raise not_understood(call.source)
    return range(*call.args)


def _number(kind: type[int] | type[float]) -> Callable[[Call], Value]:
    def convert(call: Call) -> Value:
        (value,) = call.bind("value")
        if isinstance(value, Tensor):
            if value.numel != 1:
                message = "only one element tensors can be converted to Python scalars"
                fail("ValueError", message, Sentence("This tensor holds {count} numbers.", count=value.numel))
            return kind(value.data[0]) if value.data else Number(kind.__name__)
        if isinstance(value, Number):
            return Number(kind.__name__)
        if kind is float and value in ("inf", "-inf", "nan"):
            return float(value)
        if not isinstance(value, (int, float)):
            raise not_understood(call.source)
        try:
            return bounded(kind(value))
        except (OverflowError, ValueError):
            raise not_understood(call.source) from None

    return convert


def _sequence(kind: Callable[[Sequence[Value]], Value]) -> Callable[[Call], Value]:
    def convert(call: Call) -> Value:
        (value,) = call.bind(value=())
        if isinstance(value, Distinct):
            return value  # in an order that is not known
        return kind(items(value))

    return convert


def _extreme(function: Callable[[Sequence[Value]], Value]) -> Callable[[Call], Value]:
    def choose(call: Call) -> Value:
        given = items(call.args[0]) if len(call.args) == 1 else call.args
        if not given or not all(isinstance(item, (int, float)) for item in given):
            raise not_understood(call.source)
        return function(given)

    return choose


def _sum(call: Call) -> Value:
    given, total = call.bind("values", start=0)
    for item in items(given):
        total = compute("+", total, item)
    return total


def _enumerate(call: Call) -> list[Value]:
    value, start = call.bind("values", start=0)
    if isinstance(value, Distinct):  # which of them comes first is not known
        return [(Number("int"), member) for member in value.members]
    if not is_int(start):
        raise not_understood(call.source)
    return list(enumerate(items(value), start))


def _zip(call: Call) -> list[Value]:
    return list(zip(*(items(value) for value in call.args), strict=False))


def _reversed(call: Call) -> list[Value]:
    (value,) = call.bind("values")
    return list(reversed(items(value)))


def _abs(call: Call) -> Value:
    (value,) = call.bind("value")
    if not isinstance(value, (int, float)):
        raise not_understood(call.source)
    return abs(value)


def _round(call: Call) -> Value:
    (value,) = call.bind("value")
    if isinstance(value, Number) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise not_understood(call.source)
    return bounded(round(value))


def _divmod(call: Call) -> Value:
    left, right = call.bind("left", "right")
    return compute("//", left, right), compute("%", left, right)


def _next(call: Call) -> Value:
    (source,) = call.bind("source")
    if not isinstance(source, list) or not isinstance(call.node.args[0], ast.Call) or not source:
        raise not_understood(call.source)  # of what goes on between two calls nothing is kept
    return source[0]


def _isinstance(call: Call) -> bool:
    value, kinds = call.bind("value", "kinds")
    names = []
    for kind in kinds if isinstance(kinds, tuple) else (kinds,):
        if not isinstance(kind, Library) or not is_known(value):
            raise not_understood(call.source)
        names.append(kind.path.rsplit(".", 1)[-1])
    found = type_name(value)
    if isinstance(value, (Instance, UserClass, Function, Opaque)) or found in ("Size", "torch.return_types.max"):
        raise not_understood(call.source)
    bases: tuple[str, ...] = {"bool": ("int",), "torch.Size": ("tuple",)}.get(found, ())
    if isinstance(value, Module):
        bases = ("Module", "RNNBase") if found in ("RNN", "LSTM", "GRU") else ("Module",)
    return found in names or any(base in names for base in bases)


def _str(call: Call) -> Value:
    (value,) = call.bind("value")
    text = shown(value) if is_known(value) else None
    return text if text is not None else Unknown("text")


_HANDLERS: dict[str, Callable[[Call], Value]] = {
    "len": _len,
    "range": _range,
    "int": _number(int),
    "float": _number(float),
    "tuple": _sequence(tuple),
    "list": _sequence(list),
    "max": _extreme(max),
    "min": _extreme(min),
    "sum": _sum,
    "enumerate": _enumerate,
    "zip": _zip,
    "reversed": _reversed,
    "abs": _abs,
    "str": _str,
    "round": _round,
    "divmod": _divmod,
    "dict": make_dict,
    "set": make_set,
    "next": _next,
    "isinstance": _isinstance,
}
_WITH_KEYWORDS: dict[str, Callable[[Call], Value]] = {"dict": make_dict, "sorted": sort}

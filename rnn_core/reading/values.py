"""What a name can hold while code is read: shapes in place of numbers."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Value = Any  # int, float, str, bool, None, tuple, list, range and slice stand for themselves

FLOATS = ("float16", "bfloat16", "float32", "float64")
# As torch names a type in its messages.
TYPE_NAMES = {"float32": "Float", "float64": "Double", "int64": "Long", "int32": "Int", "bool": "Bool"}
C_NAMES = {"float32": "float", "float64": "double", "int64": "long int", "int32": "int", "bool": "bool"}

# The old names of tensors by their dtype, which make them of sizes or of lists.
TENSOR_TYPES = {
    **dict.fromkeys(("torch.Tensor", "torch.FloatTensor"), "float32"),
    **{"torch.LongTensor": "int64", "torch.DoubleTensor": "float64", "torch.IntTensor": "int32"},
}

_BATCH = re.compile(r"(n|b|bs|bsz|n?_?batch(es)?|(mini_?)?batch(_?size)?|(num|n)_(samples|sequences)|samples)", re.I)
_TIME = re.compile(
    r"(l|t|seq|seq_?len(gth)?|sequence(_?length)?|time(_?steps?)?|(num|n)_steps|steps|length|max_?len(gth)?|window(_size)?)",
    re.I,
)


class Named(int):
    """A whole number that remembers what it counts: the variable it was kept in, or the axis whose size it is."""

    word: str

    def __new__(cls, value: int, word: str) -> Named:
        """Make a number that counts what `word` says."""
        made = super().__new__(cls, value)
        made.word = word
        return made


class Extremes(tuple["Tensor", ...]):
    """What max, min, sort and topk return along an axis: (values, indices)."""


class Size(tuple[int, ...]):
    """torch.Size: the shape of a tensor as code gets it."""


@dataclass(frozen=True)
class DType:
    """A dtype such as torch.float32, by its name without `torch.`."""

    name: str


@dataclass(frozen=True)
class Unknown:
    """Something that is not understood; whatever is made of it is not either."""

    why: str = ""


@dataclass(frozen=True)
class Number:
    """A number that depends on the data, such as a loss: its kind is known (bool, int or float), its value is not."""

    kind: str = "float"


@dataclass(frozen=True)
class Distinct:
    """A set: its members, in no order."""

    members: tuple[Value, ...]


@dataclass(frozen=True)
class Opaque:
    """An object whose inside does not matter for shapes: an optimiser, a device, a generator."""

    text: str


@dataclass(frozen=True)
class Library:
    """A module of PyTorch, or something in one, by its full name."""

    path: str


@dataclass(frozen=True)
class Method:
    """A method together with what it is called on."""

    owner: Value
    name: str


@dataclass(frozen=True, eq=False)
class Module:
    """A module of torch.nn.

    Attributes:
        kind: its class.
        settings: what it was built with, by PyTorch's argument names.
        node: the call that built it, and
        parts: the modules of a Sequential or ModuleList.
    """

    kind: str
    settings: dict[str, Value]
    node: ast.Call
    parts: list[Value] = field(default_factory=list)

    @property
    def directions(self) -> int:
        """D: 2 if bidirectional, otherwise 1."""
        return 2 if self.settings.get("bidirectional") else 1

    @property
    def width(self) -> int:
        """H_out: the size of the hidden state that is seen."""
        size: int = self.settings.get("proj_size") or self.settings["hidden_size"]
        return size


@dataclass(frozen=True, eq=False)
class Function:
    """A function or lambda of the paste.

    Attributes:
        scope: the names around it, as they are when it is called.
        is_static: whether a method of a class takes no self, and
        is_property: whether it is asked for like an attribute.
        in_no_grad: whether it stands below @torch.no_grad().
    """

    name: str
    node: ast.FunctionDef | ast.Lambda
    scope: dict[str, Value]
    is_static: bool = False
    is_property: bool = False
    in_no_grad: bool = False


@dataclass(frozen=True, eq=False)
class UserClass:
    """A class of the paste."""

    name: str
    methods: dict[str, Function]
    is_module: bool
    constants: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Instance:
    """An object of a class of the paste."""

    of: UserClass
    attributes: dict[str, Value] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)  # what was done to it that is not understood


@dataclass(frozen=True)
class Origin:
    """Where a tensor came from, as far as it matters for what may be done with it.

    Attributes:
        kind: `output`, `h_n`, `c_n`, `probabilities`, `log_probabilities` or `padded`.
        bidirectional: whether the recurrent module has two directions.
        is_padded: whether some sequences end before the last step.
        node: the call that made it.
    """

    kind: str
    bidirectional: bool = False
    is_padded: bool = False
    node: ast.Call | None = None


@dataclass(frozen=True)
class Tensor:
    """A tensor without its numbers.

    Attributes:
        strides: how far apart neighbours along each axis are in memory; None where that is not followed.
        axes: a word for each axis, empty where there is none.
        data: the whole numbers in it, flat, where they stand in the code.
        high: all numbers in it are below this, where that is known.
        has_grad: whether a gradient can flow into it.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    strides: tuple[int, ...] | None = None
    axes: tuple[str, ...] = ()
    origin: Origin | None = None
    data: tuple[int, ...] | None = None
    high: int | None = None
    has_grad: bool = False

    @property
    def numel(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def is_contiguous(self) -> bool:
        """Whether it lies in memory in the order of its axes."""
        wanted = contiguous_strides(self.shape)
        if self.strides is None:
            return False
        return self.numel == 0 or all(
            a == b or n == 1 for a, b, n in zip(self.strides, wanted, self.shape, strict=True)
        )

    @property
    def is_float(self) -> bool:
        """Whether its numbers have a fraction."""
        return self.dtype in FLOATS

    def axis(self, word: str) -> int | None:
        """Return the only axis of a meaning (`N` or `L`), if there is one."""
        found = [i for i, axis in enumerate(self.axes) if meaning(axis) == word]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Array:
    """A NumPy array, by the tensor that torch.from_numpy makes of it."""

    tensor: Tensor


@dataclass(frozen=True)
class Packed:
    """A PackedSequence.

    Attributes:
        data: (sum of lengths, ...), unknown total as None.
        lengths: of each sequence, where known.
    """

    batch: int
    steps: int
    features: tuple[int, ...]
    lengths: tuple[int, ...] | None
    dtype: str
    origin: Origin | None = None
    has_grad: bool = True


def tensor(shape: Sequence[int], dtype: str = "float32", *, axes: Sequence[str] | None = None, **more: Value) -> Tensor:
    """Make a contiguous tensor."""
    sizes = tuple(int(size) for size in shape)
    words = tuple(axes) if axes is not None else tuple(getattr(size, "word", "") for size in shape)
    return Tensor(sizes, dtype, contiguous_strides(sizes), words, **more)


def like(source: Tensor, shape: Sequence[int], **more: Value) -> Tensor:
    """Make a contiguous tensor of the same dtype, with no memory of what the other one was."""
    values: dict[str, Value] = {"dtype": source.dtype, "has_grad": source.has_grad, **more}
    return tensor(shape, **values)


def renamed(value: Tensor, axes: Sequence[str]) -> Tensor:
    """Return the tensor with other words for its axes."""
    return replace(value, axes=tuple(axes))


def contiguous_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a tensor that lies in memory in the order of its axes."""
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))


def meaning(word: str) -> str:
    """Return N or L where a word plainly names the batch or the steps, otherwise nothing."""
    return "N" if _BATCH.fullmatch(word) else "L" if _TIME.fullmatch(word) else ""


def is_int(value: Value) -> bool:
    """Whether a value is a whole number; True and False are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_known(value: Value) -> bool:
    """Whether a value, and all that is in it, is understood."""
    if isinstance(value, (tuple, list)):
        return all(is_known(item) for item in value)
    if isinstance(value, dict):
        return all(is_known(item) for item in value.values())
    return not isinstance(value, Unknown)


def type_name(value: Value) -> str:
    """Return the name of a value's type as Python's messages give it."""
    match value:
        case None:
            return "NoneType"
        case Named():
            return "int"
        case Size():
            return "torch.Size"
        case Extremes():
            return "torch.return_types.max"
        case Packed():
            return "PackedSequence"
        case Module(kind=kind):
            return kind
        case Instance(of=made):
            return made.name
        case UserClass():
            return "type"
        case Function():
            return "function"
        case Array():
            return "numpy.ndarray"
        case Distinct():
            return "set"
        case Number(kind=kind):
            return kind
    return type(value).__name__


def describe(value: Value) -> str:
    """Return the shape of a tensor, or a short text of anything else."""
    match value:
        case Tensor(shape=shape):
            return str(shape)
        case Packed(batch=batch, features=features, lengths=lengths):
            return f"PackedSequence of {batch}, lengths {list(lengths) if lengths else '?'}, features {features}"
        case Module():
            return _describe_module(value)
        case Size():
            return f"torch.Size([{', '.join(str(size) for size in value)}])"
        case tuple() | list():
            inner = ", ".join(describe(item) for item in value[:8]) + (", …" if len(value) > 8 else "")
            closing = "," if isinstance(value, tuple) and len(value) == 1 else ""
            return f"({inner}{closing})" if isinstance(value, tuple) else f"[{inner}]"
        case dict():
            inner = ", ".join(f"{describe(key)}: {describe(item)}" for key, item in list(value.items())[:8])
            return f"{{{inner}{', …' if len(value) > 8 else ''}}}"
        case Array(tensor=held):
            return f"array {held.shape}"
        case Distinct(members=members):
            return f"set of {len(members)}"
        case Number():
            return "a number"
        case Opaque(text=text):
            return text
        case DType(name=name):
            return f"torch.{name}"
        case Library(path=path):
            return path
        case Function(name=name) | UserClass(name=name) | Instance(of=UserClass(name=name)):
            return name
        case bool() | int() | float() | str() | range() | None:
            return repr(value if not isinstance(value, Named) else int(value))[:80]
    return "unknown"


def walk(value: Value) -> Iterator[Value]:
    """Yield a value and, for tuples and lists, all that is in it."""
    yield value
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from walk(item)


def _describe_module(module: Module) -> str:
    if module.kind in ("Sequential", "ModuleList"):
        return f"{module.kind}({', '.join(describe(part) for part in module.parts)})"
    settings = dict(module.settings)
    leading = [settings.pop(name) for name in _LEADING if name in settings]
    words = [describe(value) for value in leading]
    words += [f"{name}={describe(value)}" for name, value in settings.items() if value != DEFAULTS.get(name)]
    return f"{module.kind}({', '.join(words)})"


_LEADING = ("input_size", "hidden_size", "in_features", "out_features", "num_embeddings", "embedding_dim")
DEFAULTS: dict[str, Value] = {
    "num_layers": 1,
    "bias": True,
    "batch_first": False,
    "dropout": 0.0,
    "bidirectional": False,
    "proj_size": 0,
    "nonlinearity": "tanh",
    "reduction": "mean",
    "dim": None,
    "padding_idx": None,
}

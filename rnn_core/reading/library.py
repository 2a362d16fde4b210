"""What the names of torch stand for: functions, modules of torch.nn, and calling a module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rnn_core.reading import arrays, factories, layers, losses, recurrent, selecting
from rnn_core.reading.arithmetic import MAX_ITEMS, cast_fix, compute, dtype_mismatch, product_error
from rnn_core.reading.calls import Call, Handler, dimension
from rnn_core.reading.einsum import einsum
from rnn_core.reading.errors import Edit, Fix, Raised, attribute_error, fail, must_be_tensor, not_understood
from rnn_core.reading.methods import METHODS, bmm, mm, softmax
from rnn_core.reading.spelling import close_fix, is_name_of
from rnn_core.reading.values import (
    TENSOR_TYPES,
    DType,
    Instance,
    Library,
    Module,
    Opaque,
    Packed,
    Size,
    Tensor,
    Unknown,
    Value,
    contiguous_strides,
    is_int,
    is_known,
    like,
    tensor,
    type_name,
)
from rnn_core.sentence import Sentence

DTYPES = {
    **{name: name for name in ("float16", "bfloat16", "float32", "float64", "int32", "int64", "bool", "uint8", "int8")},
    **{"float": "float32", "double": "float64", "long": "int64", "int": "int32", "half": "float16"},
}
_MODULES = (
    "torch",
    "torch.nn",
    "torch.nn.functional",
    "torch.nn.utils",
    "torch.nn.utils.rnn",
    "torch.nn.init",
    "torch.optim",
    "torch.optim.lr_scheduler",
    "torch.cuda",
    "torch.utils",
    "torch.utils.data",
    "torch.autograd",
    "torch.backends",
    "numpy",
    "numpy.random",
)


_CLASSES = ("torch.nn.Module", "torch.Tensor")


# What these make or do has no shape: optimisers, and what sets weights anew.
_QUIET = ("torch.optim", "torch.optim.lr_scheduler", "torch.nn.init")


def lookup(path: str) -> Value:
    """Return what a full name such as `torch.float32` stands for."""
    head, _, name = path.rpartition(".")
    if path in arrays.DTYPES:
        return arrays.DTYPES[path]
    if head == "torch" and name in DTYPES:
        return DType(DTYPES[name])
    is_known = path in _MODULES or path in HANDLERS or path in _CLASSES or head in _QUIET
    if not is_known and not (head == "torch" and name in METHODS):
        if not is_name_of(head, name):
            message = f"module '{head}' has no attribute '{name}'"
            raise Raised(
                "AttributeError", message, Sentence("There is no `{name}`.", name=path[:80]), close_fix(name, head)
            )
        raise not_understood(path)
    return Library(path)


def is_module_path(path: str) -> bool:
    """Whether a full name is a package that can be imported from."""
    return path in _MODULES


def call_library(call: Call) -> Value:
    """Return what a function or class of torch gives."""
    path = call.name
    handler = HANDLERS.get(path)
    if handler is not None:
        return handler(call)
    head, _, name = path.rpartition(".")
    if head in _QUIET:
        return Opaque(name)
    if head == "torch" and name in METHODS:
        return _as_method(call, name)
    raise not_understood(path)


def _as_method(call: Call, name: str) -> Value:
    """Read torch.f(x, ...) as x.f(...)."""
    if not call.args:
        raise not_understood(call.source)
    source = call.args[0]
    if not isinstance(source, Tensor):
        if name in ("tanh", "sigmoid", "relu", "exp", "log", "sqrt"):
            raise must_be_tensor(name, "input", 1, type_name(source))
        raise not_understood(call.source)
    return METHODS[name](source, replace(call, name=name, args=call.args[1:]))


def run_module(module: Module, call: Call) -> Value:
    """Return what a module of torch.nn returns."""
    return _RUNS[module.kind](module, call)


def _settings(*names: str, optional: int = 0) -> Handler:
    """Return a reader of a module that keeps its arguments by name."""

    def build(call: Call) -> Module:
        kind = call.name.rsplit(".", 1)[-1]
        given = call.check_python(f"{kind}.__init__", *names, optional=optional)
        return Module(kind, {n: v for n, v in zip(names, given, strict=True) if v is not None}, call.node)

    return build


def _build_linear(call: Call) -> Module:
    module: Module = _settings("in_features", "out_features", "bias", optional=1)(call)
    _check_sizes(module, "in_features", "out_features")
    return module


def _build_embedding(call: Call) -> Module:
    if call.kwargs.keys() - {"num_embeddings", "embedding_dim", "padding_idx"}:
        raise not_understood(call.source)
    module: Module = _settings("num_embeddings", "embedding_dim", "padding_idx", optional=1)(call)
    _check_sizes(module, "num_embeddings", "embedding_dim")
    return module


def _check_sizes(module: Module, *names: str) -> None:
    if not all(is_int(module.settings[name]) and 0 < module.settings[name] < 2**31 for name in names):
        raise not_understood(f"nn.{module.kind} of these sizes")


CONTAINERS = ("Sequential", "ModuleList")
MAX_PARTS = 200
MAX_LEVELS = 20


def _count(part: Value) -> int:
    """Count the modules in a module, itself included."""
    return 1 + sum(map(_count, part.parts)) if isinstance(part, Module) else 1


def _depth(part: Value) -> int:
    """Count the levels of modules in modules."""
    return 1 + max(map(_depth, part.parts), default=0) if isinstance(part, Module) else 1


def _build_parts(call: Call) -> Module:
    kind = call.name.rsplit(".", 1)[-1]
    parts = call.args[0] if kind == "ModuleList" and call.args and isinstance(call.args[0], list) else call.args
    if call.kwargs or (kind == "ModuleList" and len(call.args) > 1):
        raise not_understood(call.source)
    for part in parts:
        if isinstance(part, (int, float, str, tuple, list, Tensor)):
            message = f"{type_name(part)} is not a Module subclass"
            fail(
                "TypeError", message, Sentence("A Sequential is made of modules, not of {kind}.", kind=type_name(part))
            )
    if sum(map(_count, parts)) > MAX_PARTS or max(map(_depth, parts), default=0) > MAX_LEVELS:
        raise not_understood("so many modules")
    return Module(kind, {}, call.node, list(parts))


def _build_loss(call: Call) -> Module:
    kind = call.name.rsplit(".", 1)[-1]
    known = {"reduction", "ignore_index"} | ({"weight", "label_smoothing"} if kind == "CrossEntropyLoss" else set())
    if call.args or call.kwargs.keys() - known:
        if len(call.args) == 2 and all(isinstance(arg, Tensor) and arg.numel > 1 for arg in call.args):
            message = "Boolean value of Tensor with more than one value is ambiguous"
            edit = Edit(call.node.func, "{}()")
            fix = Fix(Sentence("Make the loss first, then call it: `{name}()(scores, target)`.", name=kind), edit)
            fail("RuntimeError", message, Sentence("`{name}` is built here, not called.", name=kind), fix)
        raise not_understood(call.source)
    return Module(kind, dict(call.kwargs), call.node)


def _input(module: Module, call: Call) -> Value:
    (input,) = call.check_python(f"{module.kind}.forward", "input")
    return input


def _run_linear(module: Module, call: Call) -> Tensor:
    input = _input(module, call)
    inner, outer = int(module.settings["in_features"]), int(module.settings["out_features"])
    if not isinstance(input, Tensor):
        kind = type_name(input)
        node = call.argument(0, "input")
        fix = Fix(
            Sentence("A recurrent module returns (output, state): unpack it, or take its first part."),
            Edit(node, "{}[0]"),
        )
        raise must_be_tensor("linear", "input", 1, kind, fix if kind == "tuple" else None)
    if not input.shape:
        message = "both arguments to linear need to be at least 1D, but they are 0D and 2D"
        fail("RuntimeError", message, Sentence("A single number has no features."))
    is_other = input.dtype != "float32"
    is_folded = module.settings.get("bias", True) and (len(input.shape) == 2 or input.is_contiguous)
    if is_other and input.strides is None and len(input.shape) != 2:
        raise not_understood("numbers of another kind than the weights")
    if is_other and (is_folded or input.shape[-1] == inner):  # torch adds a bias in one go where it need not copy
        raised = dtype_mismatch(input.dtype, "float32", is_folded=bool(is_folded))
        raised.fix = cast_fix(call.argument(0, "input"), "float")
        raise raised
    if input.shape[-1] != inner:
        raised = product_error(input.numel // max(input.shape[-1], 1), input.shape[-1], (inner, outer))
        raised.sentence = Sentence(
            "Linear works on the last axis: in_features is {wanted}, and there are {got} features.",
            wanted=inner,
            got=input.shape[-1],
        )
        raised.fix = None if is_other else _linear_fix(module, input.shape[-1])
        raise raised
    return like(input, (*input.shape[:-1], outer), axes=(*input.axes[:-1], "C"), has_grad=True)


def _linear_fix(module: Module, features: int) -> Fix:
    sizes = [*module.node.args, *(k.value for k in module.node.keywords if k.arg == "in_features")]
    edit = Edit(sizes[0], str(features)) if sizes else None
    return Fix(Sentence("Build it with in_features={size}, or give it other features.", size=features), edit)


def _run_embedding(module: Module, call: Call) -> Tensor:
    input = _input(module, call)
    if not isinstance(input, Tensor):
        raise must_be_tensor("embedding", "indices", 2, type_name(input))
    if input.dtype not in ("int64", "int32"):
        name = {"float32": "torch.FloatTensor", "float64": "torch.DoubleTensor", "bool": "CPUBoolType"}.get(input.dtype)
        if name is None:
            raise not_understood(input.dtype)
        message = (
            "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got "
            f"{name} instead (while checking arguments for embedding)"
        )
        sentence = Sentence(
            "An embedding is looked up by index, so it takes whole numbers, not {dtype}.", dtype=input.dtype
        )
        fail("RuntimeError", message, sentence, cast_fix(call.argument(0, "input"), "long"))
    count = int(module.settings["num_embeddings"])
    if input.data is not None and not all(0 <= index < count for index in input.data):
        sentence = Sentence("There are {count} rows: 0 to {last}.", count=count, last=count - 1)
        fail("IndexError", "index out of range in self", sentence)
    if input.data is None and input.high is not None and input.high > count:
        sentence = Sentence(
            "Indices can be as large as {last}; there are {count} rows.", last=input.high - 1, count=count
        )
        call.doubt(call.node, "out-of-range", sentence, None)
    size = int(module.settings["embedding_dim"])
    is_padded = input.origin if input.origin and input.origin.is_padded else None
    shape, axes = (*input.shape, size), (*input.axes, "H_in")
    made = tensor(shape, axes=axes, origin=is_padded, has_grad=not module.settings.get("is_frozen"))
    return made if input.is_contiguous else replace(made, strides=None)


def _run_softmax(module: Module, call: Call) -> Tensor:
    input = _input(module, call)
    name = "softmax" if module.kind == "Softmax" else "log_softmax"
    return _softmax_of(input, name, module.settings.get("dim"), call)


def _softmax_of(input: Value, name: str, dim: Value, call: Call) -> Tensor:
    if not isinstance(input, Tensor):
        raise attribute_error(type_name(input), name)
    if dim is None:  # the old default, which torch warns about
        dim = 0 if len(input.shape) in (0, 1, 3) else 1
        sentence = Sentence("Without dim torch guesses the axis: here {dim}.", dim=dim)
        call.doubt(call.node, "softmax-dim", sentence, Fix(Sentence("Say dim=-1.")))
    return softmax(input, name, dimension(dim, call))


def _run_pointwise(module: Module, call: Call) -> Value:
    input = _input(module, call)
    name = {"ReLU": "relu", "Tanh": "tanh", "Sigmoid": "sigmoid", "Dropout": "dropout"}[module.kind]
    return _pointwise(input, name, call)


def _pointwise(input: Value, name: str, call: Call) -> Tensor:
    if not isinstance(input, Tensor):
        raise must_be_tensor(name, "input", 1, type_name(input))
    if name == "dropout":
        if not input.is_float:
            raise not_understood("dropout of whole numbers")
        return input
    if name == "relu":
        return replace(input, origin=None)
    made: Tensor = METHODS[name](input, replace(call, name=name, args=(), kwargs={}))
    return made


def _run_sequential(module: Module, call: Call) -> Value:
    value = _input(module, call)
    for part in module.parts:
        try:
            value = call.call(part, call.node, (value,), {})
        except Raised as raised:
            raised.fix = None  # what is to be changed is inside
            if isinstance(value, tuple):
                raised.fix = Fix(
                    Sentence("A Sequential hands the whole pair (output, state) on: call the parts one by one.")
                )
            raise
        if isinstance(value, Unknown):
            return value
    return value


def _run_loss(module: Module, call: Call) -> Value:
    handler = _LOSSES[module.kind]
    weight = module.settings.get("weight")
    if weight is not None:
        _check_class_weights(weight, call)
    return handler(replace(call, name=module.kind), module.settings.get("reduction", "mean"))


def _check_class_weights(weight: Value, call: Call) -> None:
    scores = call.args[0] if call.args else None
    if not isinstance(scores, Tensor) or not isinstance(weight, Tensor) or len(scores.shape) < 2:
        raise not_understood("weights of classes")
    if weight.shape != (scores.shape[1],) or weight.dtype != scores.dtype:
        raise not_understood("weights of other classes than the scores have")


_LOSSES = {
    "CrossEntropyLoss": losses.cross_entropy,
    "NLLLoss": losses.nll_loss,
    "MSELoss": losses.mse_loss,
    "L1Loss": losses.mse_loss,
    "SmoothL1Loss": losses.mse_loss,
    "HuberLoss": losses.mse_loss,
    "BCELoss": losses.binary_cross_entropy,
    "BCEWithLogitsLoss": losses.binary_cross_entropy,
}


def _functional_loss(kind: str) -> Handler:
    def run(call: Call) -> Value:
        reduction = call.kwargs.get("reduction", "mean")
        kwargs = {name: value for name, value in call.kwargs.items() if name not in ("reduction", "ignore_index")}
        return _LOSSES[kind](replace(call, kwargs=kwargs), reduction)

    return run


def _functional_softmax(call: Call) -> Tensor:
    name = call.name.rsplit(".", 1)[-1]
    input, dim = call.check_python(name, "input", "dim", optional=1, is_method=False)
    return _softmax_of(input, name, dim, call)


def _build_dropout(call: Call) -> Module:
    module: Module = _settings("p", "inplace", optional=2)(call)
    _check_probability(module.settings.get("p", 0.5))
    return module


def _check_probability(p: Value) -> None:
    if not isinstance(p, (int, float)):
        raise not_understood("this probability")
    if not 0 <= p <= 1:
        message = f"dropout probability has to be between 0 and 1, but got {p}"
        fail("ValueError", message, Sentence("A probability lies between 0 and 1."))


def _functional_pointwise(call: Call) -> Tensor:
    input, p, _, _ = call.bind("input", p=0.5, training=True, inplace=False)
    _check_probability(p)
    return _pointwise(input, call.name.rsplit(".", 1)[-1], call)


def _functional_linear(call: Call) -> Tensor:
    input, weight, bias = call.bind("input", "weight", bias=None)
    if not isinstance(weight, Tensor) or len(weight.shape) != 2 or not isinstance(input, Tensor):
        raise not_understood(call.source)
    outer, inner = weight.shape
    node = replace_settings("Linear", call, in_features=inner, out_features=outer)
    made = _run_linear(node, replace(call, args=(input,), kwargs={}))
    return replace(made, has_grad=any(isinstance(t, Tensor) and t.has_grad for t in (input, weight, bias)))


def replace_settings(kind: str, call: Call, **settings: int) -> Module:
    """Return the module that a functional form stands for."""
    return Module(kind, settings, call.node)


def _as_binary(name: str) -> Handler:
    def run(call: Call) -> Value:
        left, right = call.bind("input", "other") if name == "@" else call.bind("input", "mat2")
        if not isinstance(left, Tensor) or not isinstance(right, Tensor):
            raise not_understood(call.source)
        inner = replace(call, args=(right,), kwargs={})
        return compute("@", left, right) if name == "@" else (mm if name == "mm" else bmm)(left, inner)

    return run


def _pretrained(call: Call) -> Module:
    weight = call.args[0] if call.args else None
    if not isinstance(weight, Tensor) or len(weight.shape) != 2 or weight.dtype != "float32":
        raise not_understood(call.source)
    rows, columns = weight.shape
    freeze = call.kwargs.get("freeze", True) is not False
    return replace_settings("Embedding", call, num_embeddings=rows, embedding_dim=columns, is_frozen=freeze)


def _opaque(text: str) -> Handler:
    def run(_: Call) -> Opaque:
        return Opaque(text)

    return run


def _size_of(call: Call) -> Size:
    (given,) = call.bind("size")
    if not isinstance(given, (tuple, list)) or not all(is_int(item) for item in given):
        raise not_understood(call.source)
    return Size(given)


def module_attribute(module: Module, name: str) -> Value:
    """Return an attribute of a module that is no method: a setting, a weight.

    Raises:
        NotUnderstood: if the reader does not know it.
    """
    if name in module.settings:
        return module.settings[name]
    if module.kind in recurrent.GATES:
        found = dict(recurrent.parameters(module))
        if name in found:
            return found[name]
        if name == "num_layers":
            return 1
        if name in ("bidirectional", "batch_first"):
            return False
    weights = dict(weights_of(module) or ())
    if name in weights:
        return weights[name]
    if name in ("shape", "dim"):
        raise attribute_error(module.kind, name)
    raise not_understood(f".{name}")


def weights_of(module: Value, seen: set[int] | None = None) -> list[tuple[str, Tensor]] | None:
    """Return the names and shapes of the weights of a module or an object; None if the reader does not know them.

    Args:
        module: whose weights.
        seen: the modules that were met before: as in torch, shared weights count once.
    """
    seen = set() if seen is None else seen
    if isinstance(module, Instance):
        is_whole = not module.gaps and all(map(is_known, module.attributes.values()))
        return _weights_in(module.attributes, seen) if is_whole else None
    settings = module.settings
    shapes: list[tuple[str, tuple[int, ...]]]
    bias: list[tuple[str, tuple[int, ...]]]
    match module.kind:
        case "RNN" | "LSTM" | "GRU":
            return recurrent.parameters(module)
        case "Linear":
            shapes = [("weight", (settings["out_features"], settings["in_features"]))]
            bias = [("bias", (settings["out_features"],))] if settings.get("bias", True) else []
        case "Embedding":
            shapes, bias = [("weight", (settings["num_embeddings"], settings["embedding_dim"]))], []
        case "RNNCell" | "LSTMCell" | "GRUCell":
            rows = recurrent.GATES[module.kind.removesuffix("Cell")] * settings["hidden_size"]
            shapes = [("weight_ih", (rows, settings["input_size"])), ("weight_hh", (rows, settings["hidden_size"]))]
            bias = [("bias_ih", (rows,)), ("bias_hh", (rows,))] if settings.get("bias", True) else []
        case "Sequential" | "ModuleList":
            return _weights_in(dict(enumerate(module.parts)), seen)
        case "LayerNorm" | "BatchNorm1d":
            shape = layers.normalized(module)
            shapes, bias = [("weight", shape)], [("bias", shape)]
        case _:
            return []
    found = []
    for name, shape in [*shapes, *bias]:
        sizes = tuple(int(size) for size in shape)
        strides = contiguous_strides(sizes)
        found.append((name, Tensor(sizes, "float32", strides, ("",) * len(sizes), has_grad=True)))
    return found


def _weights_in(parts: Mapping[Value, Value], seen: set[int]) -> list[tuple[str, Tensor]] | None:
    """Return the weights of what is kept under names, parameters first."""
    found = [(str(n), v) for n, v in parts.items() if isinstance(v, Tensor) and v.origin == layers.PARAMETER]
    for name, part in parts.items():
        if not (isinstance(part, Module) or (isinstance(part, Instance) and part.of.is_module)) or id(part) in seen:
            continue
        seen.add(id(part))
        weights = weights_of(part, seen)
        if weights is None or len(found) + len(weights) > MAX_ITEMS or len(seen) > MAX_PARTS:
            return None
        found += [(f"{name}.{inner}", weight) for inner, weight in weights]
    return found


_RUNS = {
    **dict.fromkeys(("RNN", "LSTM", "GRU"), recurrent.run_recurrent),
    **dict.fromkeys(("RNNCell", "LSTMCell", "GRUCell"), recurrent.run_cell),
    **dict.fromkeys(("ReLU", "Tanh", "Sigmoid", "Dropout"), _run_pointwise),
    **dict.fromkeys(("Softmax", "LogSoftmax"), _run_softmax),
    **dict.fromkeys(_LOSSES, _run_loss),
    **layers.RUNS,
    "Linear": _run_linear,
    "Embedding": _run_embedding,
    "Sequential": _run_sequential,
}
_PACKING = {
    "pack_padded_sequence": factories.pack,
    "pad_packed_sequence": factories.pad_packed,
    "pad_sequence": factories.pad,
}
_FUNCTIONAL: dict[str, Handler] = {
    **dict.fromkeys(("softmax", "log_softmax"), _functional_softmax),
    **dict.fromkeys(("relu", "tanh", "sigmoid", "dropout"), _functional_pointwise),
    **layers.FUNCTIONAL,
    "one_hot": factories.one_hot,
    "linear": _functional_linear,
    "cross_entropy": _functional_loss("CrossEntropyLoss"),
    "nll_loss": _functional_loss("NLLLoss"),
    "mse_loss": _functional_loss("MSELoss"),
    "l1_loss": _functional_loss("L1Loss"),
    "smooth_l1_loss": _functional_loss("SmoothL1Loss"),
    "binary_cross_entropy": _functional_loss("BCELoss"),
    "binary_cross_entropy_with_logits": _functional_loss("BCEWithLogitsLoss"),
}
HANDLERS: dict[str, Handler] = {
    **{f"torch.{name}": factories.filled for name in ("randn", "rand", "zeros", "ones", "empty")},
    **dict.fromkeys(TENSOR_TYPES, factories.typed),
    "torch.linspace": factories.linspace,
    "torch.randperm": factories.permutation,
    "torch.normal": factories.normal,
    "torch.einsum": einsum,
    "torch.where": selecting.where,
    "torch.allclose": selecting.same_numbers,
    "torch.equal": selecting.same_numbers,
    **dict.fromkeys(("torch.hstack", "torch.vstack"), factories.join),
    "torch.nn.Parameter": layers.parameter,
    "torch.autograd.Variable": layers.variable,
    **{f"torch.nn.{kind}": build for kind, build in layers.BUILDERS.items()},
    **{f"torch.nn.utils.{name}": _opaque("norm") for name in ("clip_grad_norm_", "clip_grad_value_")},
    **{f"torch.cuda.{name}": _opaque("Generator") for name in ("manual_seed", "manual_seed_all")},
    "torch.save": _opaque("a file"),
    "torch.nn.Embedding.from_pretrained": _pretrained,
    **{f"torch.{name}_like": factories.filled_like for name in ("randn", "rand", "zeros", "ones", "empty")},
    "torch.randint": factories.integers,
    "torch.arange": factories.arange,
    "torch.full": factories.full,
    **arrays.HANDLERS,
    "torch.from_numpy": arrays.to_torch,
    "torch.eye": factories.eye,
    "torch.tensor": factories.literal,
    **dict.fromkeys(("torch.cat", "torch.concat"), factories.cat),
    "torch.stack": factories.stack,
    "torch.matmul": _as_binary("@"),
    "torch.mm": _as_binary("mm"),
    "torch.bmm": _as_binary("bmm"),
    "torch.Size": _size_of,
    "torch.device": _opaque("device"),
    "torch.Generator": _opaque("Generator"),
    "torch.manual_seed": _opaque("Generator"),
    "torch.cuda.is_available": _opaque("whether there is a GPU"),
    "torch.no_grad": _opaque("no_grad"),
    "torch.inference_mode": _opaque("inference_mode"),
    **{f"torch.nn.{kind}": recurrent.build_recurrent for kind in ("RNN", "LSTM", "GRU")},
    **{f"torch.nn.{kind}": recurrent.build_cell for kind in ("RNNCell", "LSTMCell", "GRUCell")},
    "torch.nn.Linear": _build_linear,
    "torch.nn.Embedding": _build_embedding,
    **dict.fromkeys(("torch.nn.Sequential", "torch.nn.ModuleList"), _build_parts),
    **{f"torch.nn.{kind}": _settings("dim", optional=1) for kind in ("Softmax", "LogSoftmax")},
    **{f"torch.nn.{kind}": _settings("inplace", optional=1) for kind in ("ReLU", "Tanh", "Sigmoid")},
    "torch.nn.Dropout": _build_dropout,
    **{f"torch.nn.{kind}": _build_loss for kind in _LOSSES},
    **{f"torch.nn.functional.{name}": handler for name, handler in _FUNCTIONAL.items()},
    **{f"torch.nn.utils.rnn.{name}": handler for name, handler in _PACKING.items()},
}


def packed_attribute(packed: Packed, name: str) -> Value:
    """Return an attribute of a PackedSequence."""
    if name == "data" and packed.lengths is not None:
        return tensor((sum(packed.lengths), *packed.features), packed.dtype, has_grad=packed.has_grad)
    if name == "batch_sizes" and packed.lengths is not None:
        return tensor((packed.steps,), "int64", axes=("L",))
    if name in ("shape", "size", "dim", "view", "transpose"):
        fix = Fix(Sentence("Unpack it with pad_packed_sequence first."))
        raise attribute_error("PackedSequence", name, fix)
    raise not_understood(f".{name}")

"""Layers that keep the shape or flatten it: norms, activations, nn.Flatten; and nn.Parameter."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from rnn_core.reading import views
from rnn_core.reading.arithmetic import broadcast
from rnn_core.reading.calls import Call, Handler, dimension
from rnn_core.reading.errors import fail, must_be_tensor, not_understood
from rnn_core.reading.values import Module, Origin, Tensor, Value, is_int, like, type_name
from rnn_core.sentence import Sentence

PARAMETER = Origin("parameter")
ACTIVATIONS = {
    "GELU": "gelu",
    "ELU": "elu",
    "LeakyReLU": "leaky_relu",
    "SiLU": "silu",
    "Softplus": "softplus",
    "Hardtanh": "hardtanh",
    "LogSigmoid": "logsigmoid",
}


def parameter(call: Call) -> Tensor:
    """Read nn.Parameter of a tensor."""
    source, wants_grad = call.bind("data", requires_grad=True)
    if not isinstance(source, Tensor) or not source.is_float or wants_grad is not True:
        raise not_understood(call.source)
    return replace(source, origin=PARAMETER, has_grad=True)


def variable(call: Call) -> Tensor:
    """Read Variable(x), which tensors have been since 2018."""
    source, wants_grad = call.bind("data", requires_grad=False)
    if not isinstance(source, Tensor) or not isinstance(wants_grad, bool):
        raise not_understood(call.source)
    return replace(source, has_grad=source.has_grad or wants_grad)


def normalized(module: Module) -> tuple[int, ...]:
    """Return the shape of the weights of a LayerNorm or BatchNorm1d."""
    shape: tuple[int, ...] = module.settings["shape"]
    return shape


def _build_norm(call: Call) -> Module:
    sizes = call.args[0] if len(call.args) == 1 else None
    shape = tuple(sizes) if isinstance(sizes, (tuple, list)) else (sizes,)
    if call.kwargs.keys() - {"eps", "momentum"} or not shape or not all(is_int(n) and 0 < n < 2**31 for n in shape):
        raise not_understood(call.source)
    return Module(call.name.rsplit(".", 1)[-1], {"shape": shape}, call.node)


def _run_norm(module: Module, call: Call) -> Value:
    input, shape = _floats(call, "layer_norm"), normalized(module)
    if module.kind == "BatchNorm1d":
        return _batch_norm(input, shape[0])
    if input.shape[len(input.shape) - len(shape) :] != shape or len(input.shape) < len(shape):
        wanted = ", ".join(str(int(n)) for n in shape)
        message = (
            f"Given normalized_shape=[{wanted}], expected input with shape [*, {wanted}], but got input of "
            f"size{list(input.shape)}"
        )
        last = Sentence("LayerNorm works on the last axis: it was built for {wanted} features.", wanted=wanted)
        fail("RuntimeError", message, last)
    return like(input, input.shape, axes=input.axes, has_grad=True)


def _batch_norm(input: Tensor, features: int) -> Tensor:
    ndim = len(input.shape)
    if ndim not in (2, 3):
        message = f"expected 2D or 3D input (got {ndim}D input)"
        fail("ValueError", message, Sentence("BatchNorm1d takes (N, C) or (N, C, L)."))
    if input.shape[1] != features:
        message = f"running_mean should contain {input.shape[1]} elements not {int(features)}"
        fail("RuntimeError", message, Sentence("BatchNorm1d looks for the features on the second axis: (N, C, L)."))
    if input.numel // features <= 1:
        raise not_understood("the norm of one number")
    return replace(like(input, input.shape, axes=input.axes, has_grad=True), strides=None)


def _floats(call: Call, function: str) -> Tensor:
    input = call.args[0] if len(call.args) == 1 and not call.kwargs else None
    if input is not None and not isinstance(input, Tensor):
        raise must_be_tensor(function, "input", 1, type_name(input))
    if input is None or input.dtype != "float32":
        raise not_understood(call.source)
    return input


def _build_flatten(call: Call) -> Module:
    start, end = call.bind(start_dim=1, end_dim=-1)
    return Module("Flatten", {"start_dim": dimension(start, call), "end_dim": dimension(end, call)}, call.node)


def _run_flatten(module: Module, call: Call) -> Value:
    (input,) = call.bind("input")
    if not isinstance(input, Tensor):
        raise not_understood(call.source)
    return views.flatten(input, module.settings["start_dim"], module.settings["end_dim"])


def _build_plain(call: Call) -> Module:
    if not all(isinstance(value, (int, float)) for value in (*call.args, *call.kwargs.values())):
        raise not_understood(call.source)
    return Module(call.name.rsplit(".", 1)[-1], {}, call.node)


def _run_activation(module: Module, call: Call) -> Value:
    return _activated(_floats(call, ACTIVATIONS[module.kind]))


def _activated(input: Tensor) -> Tensor:
    return replace(broadcast([input], input.dtype), origin=None)


def _functional_activation(call: Call) -> Value:
    if not call.args or not all(isinstance(value, (int, float)) for value in (*call.args[1:], *call.kwargs.values())):
        raise not_understood(call.source)
    return _activated(_floats(replace(call, args=call.args[:1], kwargs={}), call.name.rsplit(".", 1)[-1]))


def _run_identity(_: Module, call: Call) -> Value:
    (input,) = call.bind("input")
    return input


def _normalize(call: Call) -> Value:
    input, _, dim = call.bind("input", p=2.0, dim=1)
    if not isinstance(input, Tensor) or not input.is_float:
        raise not_understood(call.source)
    views.axis_of(dimension(dim, call), len(input.shape))
    return _activated(input)


def _cosine(call: Call) -> Value:
    left, right, dim = call.bind("x1", "x2", dim=1)
    if not isinstance(left, Tensor) or not isinstance(right, Tensor) or left.shape != right.shape or not left.is_float:
        raise not_understood(call.source)
    axis = views.axis_of(dimension(dim, call), len(left.shape))
    kept = [i for i in range(len(left.shape)) if i != axis]
    grad = left.has_grad or right.has_grad
    return like(left, [left.shape[i] for i in kept], axes=[left.axes[i] for i in kept], has_grad=grad)


def _pooled(call: Call) -> Value:
    input, size = call.bind("input", "output_size")
    if not isinstance(input, Tensor) or len(input.shape) != 3 or not is_int(size) or not math.prod(input.shape):
        raise not_understood(call.source)
    return like(input, (*input.shape[:2], size), axes=(*input.axes[:2], ""))


BUILDERS: dict[str, Handler] = {
    "LayerNorm": _build_norm,
    "BatchNorm1d": _build_norm,
    "Flatten": _build_flatten,
    **dict.fromkeys((*ACTIVATIONS, "Identity"), _build_plain),
}
RUNS: dict[str, Callable[[Module, Call], Value]] = {
    "LayerNorm": _run_norm,
    "BatchNorm1d": _run_norm,
    "Flatten": _run_flatten,
    "Identity": _run_identity,
    **dict.fromkeys(ACTIVATIONS, _run_activation),
}
FUNCTIONAL: dict[str, Handler] = {
    **dict.fromkeys(ACTIVATIONS.values(), _functional_activation),
    "normalize": _normalize,
    "cosine_similarity": _cosine,
    **dict.fromkeys(("adaptive_max_pool1d", "adaptive_avg_pool1d"), _pooled),
}

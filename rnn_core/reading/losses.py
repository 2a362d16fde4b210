"""Losses: which axis holds the classes, and what the target has to be."""

from __future__ import annotations

from rnn_core.reading.arithmetic import broadcast, cast_fix, promote
from rnn_core.reading.calls import Call
from rnn_core.reading.doubts import doubt_broadcast, doubt_loss
from rnn_core.reading.errors import Edit, Fix, Raised, fail, must_be_tensor, not_understood
from rnn_core.reading.values import TYPE_NAMES, Tensor, Value, tensor, type_name
from rnn_core.sentence import Sentence


def cross_entropy(call: Call, reduction: str = "mean") -> Tensor:
    """Return the loss of scores (N, C, ...) against indices (N, ...) or probabilities of the same shape."""
    scores, target = _take(call, "cross_entropy", "cross_entropy_loss")
    if scores.shape == target.shape:
        if not target.is_float:
            fail(
                "RuntimeError",
                f"Expected floating point type for target with class probabilities, got {TYPE_NAMES[target.dtype]}",
                Sentence("A target of the same shape as the scores holds probabilities; indices have no class axis."),
            )
        if not scores.is_float:
            raise not_understood("scores that are whole numbers")
        if not scores.shape:
            message = "Dimension specified as 1 but tensor has no dimensions"
            fail("IndexError", message, Sentence("This is a single number without axes."))
        doubt_loss("cross_entropy", scores, target, call)
        return _reduced((), reduction, scores, target) if reduction != "none" else _not_shown(call)
    if not scores.is_float:
        if len(scores.shape) not in (1, 2) or not target.shape:
            raise not_understood("scores that are whole numbers")
        message = f"\"log_softmax_lastdim_kernel_impl\" not implemented for '{TYPE_NAMES[scores.dtype]}'"
        fail("NotImplementedError", message, Sentence("Scores come first, and are float; the target comes second."))
    return _nll("cross_entropy", scores, target, call, reduction)


def nll_loss(call: Call, reduction: str = "mean") -> Tensor:
    """Return the loss of log-probabilities (N, C, ...) against indices (N, ...)."""
    scores, target = _take(call, "nll_loss", "nll_loss_nd")
    if not scores.is_float:
        raise not_understood("scores that are whole numbers")
    return _nll("nll_loss", scores, target, call, reduction)


def _take(call: Call, function: str, inner: str) -> tuple[Tensor, Tensor]:
    given = call.check_python(function, "input", "target", is_method=False)
    for position, (name, value) in enumerate(zip(("input", "target"), given, strict=True), 1):
        if not isinstance(value, Tensor):
            kind = type_name(value)
            fix = Fix(Sentence("Take the tensor out of the {kind} first.", kind=kind)) if kind == "tuple" else None
            raise must_be_tensor(inner, name, position, kind, fix)
    return given[0], given[1]


def _nll(kind: str, scores: Tensor, target: Tensor, call: Call, reduction: str) -> Tensor:
    _check_batch(scores, target, call)
    if len(scores.shape) <= 2:
        if len(target.shape) > 1:
            message = "0D or 1D target tensor expected, multi-target not supported"
            edit = Edit(call.argument(1, "target"), "{}.squeeze(-1)") if target.shape[-1] == 1 else None
            fail(
                "RuntimeError", message, Sentence("The target is one index for each row of scores."), _squeeze_fix(edit)
            )
    else:
        _check_places(scores, target, call)
    if target.dtype != "int64":
        raise _no_indices(target, call)
    classes = scores.shape[1] if len(scores.shape) > 1 else scores.shape[0]
    for index in target.data or ():
        if not 0 <= index < classes and index != -100:
            message = f"Target {index} is out of bounds."
            fail(
                "IndexError",
                message,
                Sentence("There are {count} classes: 0 to {last}.", count=classes, last=classes - 1),
            )
    doubt_loss(kind, scores, target, call)
    return _reduced(target.shape if len(scores.shape) > 1 else (), reduction, scores)


def _no_indices(target: Tensor, call: Call) -> Raised:
    if target.dtype not in TYPE_NAMES:
        raise not_understood(target.dtype)
    message = f"expected target dtype to be Long or Byte, but got {TYPE_NAMES[target.dtype]}"
    sentence = Sentence("The target holds indices, so it is int64, not {dtype}.", dtype=target.dtype)
    return Raised("RuntimeError", message, sentence, cast_fix(call.argument(1, "target"), "long"))


def _squeeze_fix(edit: Edit | None) -> Fix:
    return Fix(Sentence("Make it one axis shorter, with squeeze or argmax."), edit)


def _check_batch(scores: Tensor, target: Tensor, call: Call) -> None:
    if not scores.shape:
        raise not_understood("scores without axes")
    if len(scores.shape) == 1:
        if len(target.shape) > 1:
            message = "0D or 1D target tensor expected, multi-target not supported"
            fail("RuntimeError", message, Sentence("One row of scores takes one index."))
        if target.dtype != "int64":
            raise _no_indices(target, call)
        if len(target.shape) == 1 and target.shape[0] != 1:
            message = f"For 1D input, 1D target must have size 1, but got target size: {target.shape[0]}"
            fail("ValueError", message, Sentence("One row of scores takes one index."))
        return
    first = target.shape[0] if target.shape else 0
    if scores.shape[0] != first:
        fail(
            "ValueError",
            f"Expected input batch_size ({scores.shape[0]}) to match target batch_size ({first}).",
            Sentence("There are {rows} rows of scores and {count} targets.", rows=scores.shape[0], count=first),
            _flatten_fix(scores, target, call),
        )


def _flatten_fix(scores: Tensor, target: Tensor, call: Call) -> Fix:
    """Say how to give one row of scores for every target."""
    if len(scores.shape) > 2 and scores.numel // scores.shape[-1] == target.numel:
        edit = Edit(call.argument(0, "input"), "{}.reshape(-1, " + f"{scores.shape[-1]})")
        if len(target.shape) == 1:
            return Fix(Sentence("Give one row of scores for every target: `.reshape(-1, C)`."), edit)
    if len(scores.shape) == 2 and target.numel == scores.shape[0]:
        return Fix(Sentence("Flatten the target too."), Edit(call.argument(1, "target"), "{}.reshape(-1)"))
    return Fix(Sentence("Flatten both: scores to (rows, C), targets to (rows,)."))


def _check_places(scores: Tensor, target: Tensor, call: Call) -> None:
    expected = [scores.shape[0], *scores.shape[2:]]
    if len(scores.shape) == 4:
        if target.dtype != "int64":
            raise not_understood("a target that is not of indices")
        if len(target.shape) == 3 and list(target.shape) != expected:
            message = f"size mismatch (got input: {list(scores.shape)} , target: {list(target.shape)}"
            fail("RuntimeError", message, _CLASS_AXIS)
        if len(target.shape) != 3:
            raise not_understood("a target with other axes than the scores")
    elif list(target.shape) != expected:
        swapped = list(target.shape) == list(scores.shape[:-1])
        edit = Edit(call.argument(0, "input"), "{}.transpose(1, -1)") if swapped and len(scores.shape) == 3 else None
        message = f"Expected target size {expected}, got {list(target.shape)}"
        fail("RuntimeError", message, _CLASS_AXIS, Fix(Sentence("Put the classes second: `.transpose(1, -1)`."), edit))


_CLASS_AXIS = Sentence("Cross-entropy looks for the classes on the second axis: (N, C, L), with targets (N, L).")


def mse_loss(call: Call, reduction: str = "mean") -> Tensor:
    """Return the mean squared error, which broadcasts its operands."""
    left, right = call.check_python("mse_loss", "input", "target", is_method=False)
    if not isinstance(left, Tensor) or not isinstance(right, Tensor):
        raise not_understood("a loss of something else than tensors")
    made = broadcast([left, right], promote(left, right))
    doubt_broadcast(left, right, made, call.node, call.doubt)
    return _reduced(made.shape, reduction, left, right)


def binary_cross_entropy(call: Call, reduction: str = "mean") -> Tensor:
    """Return the loss of scores or probabilities against targets of exactly the same shape."""
    function = "binary_cross_entropy"
    left, right = call.check_python(function, "input", "target", is_method=False)
    if not isinstance(left, Tensor) or not isinstance(right, Tensor) or not left.is_float:
        raise not_understood("a loss of something else than tensors of floats")
    if left.shape != right.shape:
        shown = [f"torch.Size({list(item.shape)})" for item in (right, left)]
        if "ogits" in call.name:
            message = f"Target size ({shown[0]}) must be the same as input size ({shown[1]})"
        else:
            message = (
                f"Using a target size ({shown[0]}) that is different to the input size ({shown[1]}) is deprecated. "
            )
            message += "Please ensure they have the same size."
        fail(
            "ValueError", message, Sentence("Both need one shape."), Fix(Sentence("Squeeze or unsqueeze one of them."))
        )
    if not right.is_float:
        raise _no_floats(left, right, call)
    return _reduced(left.shape, reduction, left, right)


def _no_floats(left: Tensor, right: Tensor, call: Call) -> Raised:
    if (left.dtype, right.dtype) != ("float32", "int64"):
        raise not_understood("a loss of something else than tensors of floats")
    message = "Found dtype Long but expected Float"
    if "ogits" in call.name:
        message = "result type Float can't be cast to the desired output type Long"
    sentence = Sentence("The targets of this loss are probabilities, so they are float32, not int64.")
    return Raised("RuntimeError", message, sentence, cast_fix(call.argument(1, "target"), "float"))


def _reduced(shape: tuple[int, ...], reduction: Value, *sources: Tensor) -> Tensor:
    if reduction not in ("mean", "sum", "none"):
        raise not_understood(f"reduction={reduction}")
    return tensor(shape if reduction == "none" else (), "float32", has_grad=any(source.has_grad for source in sources))


def _not_shown(call: Call) -> Tensor:
    raise not_understood(call.source)

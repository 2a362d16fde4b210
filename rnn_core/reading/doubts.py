"""What runs and is probably not what was meant. Every doubt has a short name; the guide for learners tells of each."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnn_core.reading.errors import Edit, Fix
from rnn_core.reading.values import Module, Tensor, Value, is_int, meaning
from rnn_core.sentence import Sentence

if TYPE_CHECKING:
    from rnn_core.reading.calls import Call, Doubt


def doubt_recurrent(module: Module, input: Tensor, state: Value, call: Call) -> None:
    """Look at how a recurrent module reads the axes of what it is given."""
    is_first = bool(module.settings.get("batch_first"))
    words = [meaning(word) for word in input.axes]
    if len(input.shape) == 2:
        _doubt_unbatched(input, words, call)
    elif words[:2] in (["L", "N"], ["", "N"], ["L", ""]) and is_first:
        call.doubt(
            call.node,
            "batch-first",
            Sentence("With batch_first=True the first axis is read as the batch, but here it looks like the steps."),
            Fix(Sentence("Leave batch_first out."), _without_batch_first(module)),
        )
    elif words[:2] in (["N", "L"], ["N", ""], ["", "L"]) and not is_first:
        call.doubt(
            call.node,
            "batch-first",
            Sentence(
                "Without batch_first=True the first axis is read as the steps, but here it looks like the batch: "
                "every step would be another sequence."
            ),
            Fix(Sentence("Build the module with batch_first=True."), _with_batch_first(module)),
        )
    for part in state if isinstance(state, (tuple, list)) else [state]:
        if isinstance(part, Tensor) and len(part.shape) == 3 and meaning(part.axes[0]) == "N":
            call.doubt(
                call.node,
                "state-batch-first",
                Sentence(
                    "The state is made batch first, but its axes are always (D*num_layers, N, H_out). It only fits "
                    "because the two sizes are equal."
                ),
                Fix(Sentence("Exchange the first two sizes where it is made.")),
            )


def _doubt_unbatched(input: Tensor, words: list[str], call: Call) -> None:
    if words[0] == "L":
        return
    edit = Edit(call.argument(0, "input"), "{}.unsqueeze(1)")
    call.doubt(
        call.node,
        "unbatched",
        Sentence("An input with two axes is one sequence without a batch: {steps} steps.", steps=input.shape[0]),
        Fix(
            Sentence("If these are sequences of one step each, add an axis for the steps."), edit if words[0] else None
        ),
    )


def _with_batch_first(module: Module) -> Edit | None:
    if any(keyword.arg == "batch_first" for keyword in module.node.keywords):
        return None
    return Edit(module.node, "+batch_first=True")


def _without_batch_first(module: Module) -> Edit | None:
    value = next((keyword.value for keyword in module.node.keywords if keyword.arg == "batch_first"), None)
    return Edit(value, "False") if value is not None else None


def doubt_index(source: Tensor, index: Value, node: ast.Subscript, doubt: Doubt) -> None:
    """Look at which step or which row is taken of what a recurrent module returned."""
    items = list(index) if isinstance(index, tuple) else [index]
    origin = source.origin
    if origin is None or origin.kind not in ("output", "h_n") or Ellipsis in items:
        return
    items += [slice(None)] * (len(source.shape) - len(items))
    if origin.kind == "output":
        _doubt_last_step(source, items, node, doubt)
    elif origin.bidirectional and items and is_int(items[0]) and items[0] in (-1, source.shape[0] - 1):
        doubt(
            node,
            "one-direction",
            Sentence("This is the backward direction of the top layer alone; the forward one is in the row before."),
            Fix(
                Sentence("Take both: `torch.cat([h_n[-2], h_n[-1]], dim=-1)`."),
                Edit(node, f"torch.cat([{_name(node)}[-2], {_name(node)}[-1]], dim=-1)"),
            ),
        )


def _doubt_last_step(source: Tensor, items: list[Value], node: ast.Subscript, doubt: Doubt) -> None:
    axis, origin = source.axis("L"), source.origin
    if axis is None or origin is None or axis >= len(items) or not is_int(items[axis]):
        return
    if items[axis] not in (-1, source.shape[axis] - 1) or source.shape[axis] == 1:
        return
    half = items[-1]
    if origin.bidirectional and not (isinstance(half, slice) and half.stop is not None and half.start in (None, 0)):
        doubt(
            node,
            "backward-last",
            Sentence(
                "At the last step the backward direction has read one step only; its summary of the whole sequence is "
                "at t = 0, and in h_n[-1]."
            ),
            Fix(Sentence("Join `h_n[-2]` and `h_n[-1]` instead: `torch.cat([h_n[-2], h_n[-1]], dim=-1)`.")),
        )
    if origin.is_padded:
        doubt(
            node,
            "padded-last",
            Sentence("The last step is padding for every shorter sequence: its own last step comes earlier."),
            Fix(Sentence("Pack the sequences and take h_n[-1], or take each sequence at its own length - 1.")),
        )


def doubt_view(source: Tensor, made: Tensor, wanted: Sequence[Value], node: ast.Call, doubt: Doubt) -> None:
    """Look for a view that should have been a transpose."""
    old, new = [s for s in source.shape if s != 1], [s for s in made.shape if s != 1]
    if len(source.shape) == len(made.shape) and sorted(old) == sorted(new) and old != new:
        order = _order(source.shape, made.shape)
        edit = Edit(node, f"{ast.unparse(_owner(node))}.permute({', '.join(map(str, order))})")
        doubt(
            node,
            "view-transpose",
            Sentence(
                "This only cuts the same numbers anew: a view does not exchange axes, it mixes what belongs to them."
            ),
            Fix(Sentence("Exchange the axes with transpose or permute."), edit),
        )
        return
    batch = source.axis("N")
    before = [size for size in source.shape[:batch] if size != 1]
    first = wanted[0] if wanted and is_int(wanted[0]) else -1
    if batch and before and len(made.shape) < len(source.shape) and first == source.shape[batch] != before[0]:
        order = [batch, *(axis for axis in range(len(source.shape)) if axis != batch)]
        edit = Edit(_owner(node), "{}.permute(" + ", ".join(map(str, order)) + ").contiguous()")
        doubt(
            node,
            "view-mixes",
            Sentence(
                "The batch is not the first axis here, so this mixes the numbers of different sequences in a row."
            ),
            Fix(Sentence("Bring the batch to the front before."), edit),
        )


def _order(old: tuple[int, ...], new: tuple[int, ...]) -> list[int]:
    free = list(range(len(old)))
    return [free.pop(next(i for i, axis in enumerate(free) if old[axis] == size)) for size in new]


def _owner(node: ast.Call) -> ast.expr:
    return node.func.value if isinstance(node.func, ast.Attribute) else node.args[0]


def _name(node: ast.Subscript) -> str:
    return ast.unparse(node.value)


def doubt_loss(kind: str, scores: Tensor, target: Tensor, call: Call) -> None:
    """Look at what goes into a cross-entropy."""
    source = scores.origin.kind if scores.origin else ""
    node = call.argument(0, "input")
    if kind == "cross_entropy" and source == "probabilities":
        call.doubt(
            call.node,
            "double-softmax",
            Sentence("Cross-entropy applies softmax itself; after a softmax the loss cannot come near 0."),
            Fix(Sentence("Give it the scores before the softmax.")),
        )
    if kind == "cross_entropy" and source in ("output", "h_n"):
        call.doubt(
            call.node,
            "no-head",
            Sentence(
                "A hidden state is used as scores: tanh keeps it between -1 and 1, and the loss stays well above 0."
            ),
            Fix(Sentence("Put an nn.Linear between the hidden state and the loss.")),
        )
    if kind == "nll_loss" and source != "log_probabilities":
        call.doubt(
            call.node,
            "nll-input",
            Sentence("NLLLoss takes logarithms of probabilities, and this is not the result of log_softmax."),
            Fix(Sentence("Use cross-entropy for scores, or apply log_softmax first.")),
        )
    if len(scores.shape) == 3 and scores.axes[1] and meaning(scores.axes[1]) == "L" and not meaning(scores.axes[2]):
        call.doubt(
            call.node,
            "class-axis",
            Sentence(
                "Classes are the second axis in cross-entropy; here that is the steps, and the sizes happen to fit."
            ),
            Fix(Sentence("Exchange them: `.transpose(1, 2)`."), Edit(node, "{}.transpose(1, 2)")),
        )
    classes = scores.shape[1] if len(scores.shape) > 1 else scores.numel
    if not target.is_float and target.high is not None and target.high > classes:
        call.doubt(
            call.node,
            "out-of-range",
            Sentence(
                "Targets can be as large as {last}, but there are {count} classes.", last=target.high - 1, count=classes
            ),
            None,
        )


def doubt_broadcast(left: Tensor, right: Tensor, made: Tensor, node: ast.expr, doubt: Doubt) -> None:
    """Look for (N, 1) against (N,), which becomes (N, N)."""
    shapes = sorted([left.shape, right.shape], key=len)
    if len(shapes[0]) == 1 and len(shapes[1]) == 2 and shapes[1] == (shapes[0][0], 1) and made.shape[0] > 1:
        doubt(
            node,
            "broadcast",
            Sentence(
                "{a} and {b} give {c}: every entry meets every other one.",
                a=str(left.shape),
                b=str(right.shape),
                c=str(made.shape),
            ),
            Fix(Sentence("Bring both to one shape first, with squeeze(-1) or unsqueeze(-1).")),
        )

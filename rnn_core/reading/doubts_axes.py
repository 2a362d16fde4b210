"""Doubts about axes: which step or row is taken of a tensor, and whether a view cuts where it should have turned."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch

from rnn_core.interpreter.errors import Call
from rnn_core.interpreter.values import Bound, Named, Value, axes_of, marks
from rnn_core.reading.axes import meaning
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence

if TYPE_CHECKING:
    from rnn_core.reading.reader import Reader


def on_index(reader: Reader, source: torch.Tensor, index: Value, node: ast.Subscript) -> None:
    """Look at which step or which row is taken of what a recurrent module returned."""
    origin, items = marks(source).origin, list(index) if isinstance(index, tuple) else [index]
    if origin.kind not in ("output", "h_n") or any(item is Ellipsis for item in items):
        return
    items += [slice(None)] * (source.dim() - len(items))
    if any(isinstance(item, torch.Tensor) for item in items):
        return
    if origin.kind == "output":
        _doubt_last_step(reader, source, items, node)
    elif isinstance(items[0], int) and not isinstance(items[0], bool) and source.dim() == 3:
        _doubt_row(reader, source, items[0], node)


def _doubt_row(reader: Reader, source: torch.Tensor, row: int, node: ast.Subscript) -> None:
    origin, name = marks(source).origin, ast.unparse(node.value)
    layers = getattr(origin.module, "num_layers", 1)
    if _takes_another_row(reader, node):
        return
    if origin.is_bidirectional and row in (-1, source.shape[0] - 1):
        reader.doubt(
            "one-direction",
            node,
            Sentence("This is the backward direction of the top layer alone; the forward one is in the row before."),
            Fix(
                Sentence("Take both: `torch.cat([h_n[-2], h_n[-1]], dim=-1)`."),
                Edit(node, f"torch.cat([{name}[-2], {name}[-1]], dim=-1)"),
            ),
        )
    elif layers > 1 and row in (0, -source.shape[0]):
        reader.doubt(
            "first-layer",
            node,
            Sentence(
                "This is the state of the first of {layers} layers; what the module returns comes from the last.",
                layers=layers,
            ),
            Fix(Sentence("Take the last row: `[-1]`."), Edit(node.slice, "-1")),
        )


def _takes_another_row(reader: Reader, taken: ast.Subscript) -> bool:
    """Whether the code takes some other row of the same tensor too."""
    name, index = ast.unparse(taken.value), ast.unparse(taken.slice)
    rows = [node for node in ast.walk(reader.paste.tree) if isinstance(node, ast.Subscript)]
    return any(ast.unparse(row.value) == name and ast.unparse(row.slice) != index for row in rows)


def _doubt_last_step(reader: Reader, source: torch.Tensor, items: list[Value], node: ast.Subscript) -> None:
    axes, origin = axes_of(source), marks(source).origin
    if "L" not in axes:
        return
    axis = axes.index("L")
    item, size = items[axis], int(source.shape[axis])
    if (
        axes[0] == "N"
        and isinstance(items[0], int)
        and items[0] in (-1, source.shape[0] - 1)
        and item == slice(None)
        and source.shape[0] > 1
    ):
        place = ", ".join([":", "-1"])
        reader.seen.last_steps.append((node.slice, place))
        reader.doubt(
            "last-sequence",
            node,
            Sentence(
                "With batch_first=True this is the last sequence of the batch with all its time steps, not "
                "the last time step."
            ),
            Fix(Sentence("The last time step of every sequence is `[:, -1]`."), Edit(node.slice, place)),
        )
    if not isinstance(item, int) or item not in (-1, size - 1) or size == 1:
        return
    half = items[-1]
    if origin.is_bidirectional and not (isinstance(half, slice) and half.stop is not None and half.start in (None, 0)):
        reader.doubt(
            "backward-last",
            node,
            Sentence(
                "At the last time step the backward direction has read that one only; its summary of the "
                "whole sequence is at t = 0, and in h_n[-1]."
            ),
            Fix(Sentence("Join `h_n[-2]` and `h_n[-1]` instead: `torch.cat([h_n[-2], h_n[-1]], dim=-1)`.")),
        )
    if origin.is_padded:
        reader.doubt(
            "padded-last",
            node,
            Sentence("The last time step is padding for every shorter sequence: its own last one comes earlier."),
            Fix(Sentence("Pack the sequences and take h_n[-1], or take each sequence at its own length - 1.")),
        )


def on_view(reader: Reader, call: Call, made: torch.Tensor) -> None:
    """Look for a view that should have been a transpose."""
    source, node = call.args[0], call.node
    if not isinstance(source, torch.Tensor) or not isinstance(node, ast.Call):
        return
    wanted = call.args[1] if len(call.args) == 2 and isinstance(call.args[1], (tuple, list)) else call.args[1:]
    owner = (
        node.func.value if isinstance(node.func, ast.Attribute) and isinstance(call.function, Bound) else node.args[0]
    )
    old, new = [int(n) for n in source.shape if n != 1], [int(n) for n in made.shape if n != 1]
    if source.dim() == made.dim() and sorted(old) == sorted(new) and old != new:
        order = ", ".join(map(str, _order([int(n) for n in source.shape], [int(n) for n in made.shape])))
        reader.doubt(
            "view-transpose",
            node,
            Sentence(
                "This only cuts the same numbers anew: a view does not exchange axes, it mixes what belongs to them."
            ),
            Fix(
                Sentence("Exchange the axes with transpose or permute."),
                Edit(node, f"{ast.unparse(owner)}.permute({order})"),
            ),
        )
        return
    if _splits_wrongly(source, made, wanted):
        reader.doubt(
            "view-mixes",
            node,
            Sentence(
                "These rows are sequence after sequence, each with all its time steps; cut with the batch "
                "second, they mix the time steps of different sequences."
            ),
            Fix(Sentence("Cut them with the batch first, then exchange the axes: `.view(N, L, -1).transpose(0, 1)`.")),
        )
        return
    axes = axes_of(source)
    batch = next((axis for axis, word in enumerate(axes) if meaning(word) == "N"), 0)
    before = [size for size in source.shape[:batch] if size != 1]
    first = wanted[0] if wanted and isinstance(wanted[0], int) else -1
    if batch and before and made.dim() < source.dim() and first == source.shape[batch] != before[0]:
        order = ", ".join(map(str, [batch, *(axis for axis in range(source.dim()) if axis != batch)]))
        reader.doubt(
            "view-mixes",
            node,
            Sentence(
                "The batch is not the first axis here, so this mixes the numbers of different sequences in a row."
            ),
            Fix(Sentence("Bring the batch to the front first."), Edit(owner, "{}.permute(" + order + ").contiguous()")),
        )


def _splits_wrongly(source: torch.Tensor, made: torch.Tensor, wanted: Any) -> bool:
    """Whether an axis of sequences and their steps is cut as if it were one of steps and their sequences."""
    words = [[meaning(part) for part in word.split("*")] for word in axes_of(source)]
    asked = [meaning(n.word) if isinstance(n, Named) else "" for n in wanted]
    if not words or made.dim() != source.dim() + 1:
        return False
    return (words[0] == ["N", "L"] and asked[1:2] == ["N"]) or (words[0] == ["L", "N"] and asked[1:2] == ["L"])


def _order(old: list[int], new: list[int]) -> list[int]:
    free = list(range(len(old)))
    return [free.pop(next(i for i, axis in enumerate(free) if old[axis] == size)) for size in new]

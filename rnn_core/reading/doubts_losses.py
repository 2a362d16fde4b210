"""Doubts about losses, softmax and shapes that are stretched over each other."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from rnn_core.interpreter.values import axes_of, marks
from rnn_core.reading.axes import meaning
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence, ngettext

if TYPE_CHECKING:
    from rnn_core.reading.reader import Reader

_MAX_NUMBERS = 1 << 31  # of one tensor, before its memory is worth a word
_LOSSES = frozenset(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"))
_LAYERS = (nn.RNNBase, nn.RNNCellBase, nn.Embedding, nn.Linear)


def on_torch(reader: Reader, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Look at a function of torch, wherever it is called from: the paste itself or a module."""
    if name in ("cross_entropy", "nll_loss", "binary_cross_entropy_with_logits") or name in _LOSSES:
        scores = args[0] if args else kwargs.get("input")
        target = args[1] if len(args) > 1 else kwargs.get("target")
        if isinstance(scores, torch.Tensor) and isinstance(target, torch.Tensor):
            _doubt_loss(reader, name, scores, target)
    elif name in ("softmax", "log_softmax") and kwargs.get("dim", args[1] if len(args) > 1 else None) is None:
        dim = 0 if args[0].dim() in (0, 1, 3) else 1
        node = reader.calling.node if reader.calling else None
        sentence = Sentence("Without dim torch guesses the axis: here {dim}.", dim=dim)
        reader.doubt("softmax-dim", node, sentence, Fix(Sentence("Pass dim=-1.")))


def _doubt_loss(reader: Reader, name: str, scores: torch.Tensor, target: torch.Tensor) -> None:
    call = reader.calling
    node = call.node if call else None
    at = call.nodes[0] if call and call.nodes else None
    kind, axes = marks(scores).origin.kind, axes_of(scores)
    if name == "cross_entropy" and kind == "probabilities":
        sentence = Sentence("Cross-entropy applies softmax itself; after a softmax the loss cannot come near 0.")
        reader.doubt("double-softmax", node, sentence, Fix(Sentence("Give it the scores before the softmax.")))
    if name == "binary_cross_entropy_with_logits" and kind == "sigmoid":
        sentence = Sentence("This loss applies the sigmoid itself; after another one it cannot come near 0.")
        reader.doubt(
            "double-sigmoid", node, sentence, Fix(Sentence("Give it the scores before the sigmoid, or use nn.BCELoss."))
        )
    if name == "cross_entropy" and kind in ("output", "h_n"):
        sentence = Sentence(
            "A hidden state is used as scores: tanh keeps it between -1 and 1, and the loss stays well above 0."
        )
        reader.doubt(
            "no-head", node, sentence, Fix(Sentence("Put an nn.Linear between the hidden state and the loss."))
        )
    if name == "nll_loss" and kind != "log_probabilities":
        sentence = Sentence("NLLLoss takes logarithms of probabilities, and this is not the result of log_softmax.")
        advice = Sentence("Use cross-entropy for scores, or apply log_softmax first.")
        reader.doubt("nll-input", node, sentence, Fix(advice))
    if name in ("cross_entropy", "nll_loss") and scores.dim() == 3 and meaning(axes[1]) == "L" and not meaning(axes[2]):
        sentence = Sentence(
            "Classes are the second axis in cross-entropy; here that is the time steps, and the sizes happen to fit."
        )
        edit = Edit(at, "{}.transpose(1, 2)") if at is not None else None
        reader.doubt("class-axis", node, sentence, Fix(Sentence("Exchange them: `.transpose(1, 2)`."), edit))
    if name in _LOSSES and scores.shape != target.shape:
        whole = torch.broadcast_shapes(scores.shape, target.shape)
        if whole.numel() > min(scores.numel(), target.numel()) and whole.numel() > 1:
            _broadcasts(reader, scores, target, tuple(whole), node)


def on_broadcast(reader: Reader, left: torch.Tensor, right: torch.Tensor, made: torch.Tensor, node: ast.expr) -> None:
    """Look for (N, 1) against (N,), which becomes (N, N)."""
    a, b = sorted([tuple(left.shape), tuple(right.shape)], key=len)
    if len(a) == 1 and len(b) == 2 and b == (a[0], 1) and made.shape[0] > 1:
        _broadcasts(reader, left, right, tuple(made.shape), node)


def _broadcasts(
    reader: Reader, left: torch.Tensor, right: torch.Tensor, whole: tuple[int, ...], node: ast.AST | None
) -> None:
    shapes = [str(tuple(int(n) for n in shape)) for shape in (left.shape, right.shape, whole)]
    reader.doubt(
        "broadcast",
        node,
        Sentence("{a} and {b} give {c}: every entry meets every other one.", a=shapes[0], b=shapes[1], c=shapes[2]),
        Fix(Sentence("Bring both to one shape first, with squeeze(-1) or unsqueeze(-1).")),
    )


def on_range(reader: Reader, name: str, last: int, count: int) -> None:
    """Look at drawn indices that may be too large."""
    node = reader.calling.node if reader.calling else None
    if name == "embedding":
        sentence = Sentence(
            ngettext(
                "Indices can be as large as {last}; there is {count} row.",
                "Indices can be as large as {last}; there are {count} rows.",
                count,
            ),
            last=last,
            count=count,
        )
    else:
        sentence = Sentence(
            ngettext(
                "Targets can be as large as {last}, but there is {count} class.",
                "Targets can be as large as {last}, but there are {count} classes.",
                count,
            ),
            last=last,
            count=count,
        )
    reader.doubt("out-of-range", node, sentence)

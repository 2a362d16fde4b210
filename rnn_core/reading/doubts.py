"""What runs and is probably not what was meant, seen at real calls of real modules. Every doubt has a short name."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter import words
from rnn_core.interpreter.errors import Call
from rnn_core.interpreter.loading import Loader
from rnn_core.interpreter.values import Bound, Value, axes_of, marks
from rnn_core.reading.axes import meaning
from rnn_core.reading.doubts_axes import on_view
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence, ngettext

if TYPE_CHECKING:
    from rnn_core.reading.reader import Reader

_MAX_NUMBERS = 1 << 31  # of one tensor, before its memory is worth a word
_LOSSES = frozenset(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"))
_LAYERS = (nn.RNNBase, nn.RNNCellBase, nn.Embedding, nn.Linear)


@dataclass
class Seen:
    """What one reading has seen so far.

    Attributes:
        made: each module with the call that made it, by id.
        loads: the calls that made loaders of batches, the last of which is smaller.
        last_steps: where the last sequence is taken for the last step, with the index that was meant.
        carried: the states that are given to a recurrent module.
        steps: how many steps an optimiser has taken since gradients were cleared.
        is_cleared: whether gradients were ever cleared since the first step.
    """

    made: dict[int, tuple[nn.Module, ast.Call]] = field(default_factory=dict)
    loads: list[ast.Call] = field(default_factory=list)
    last_steps: list[tuple[ast.expr, str]] = field(default_factory=list)
    carried: list[ast.expr] = field(default_factory=list)
    steps: int = 0
    is_cleared: bool = True


def on_making(reader: Reader, made: Value) -> None:
    """Look at a new module or object, and watch over what it is given later."""
    call = reader.calling
    node = call.node if call is not None and isinstance(call.node, ast.Call) else None
    if isinstance(made, nn.Module):
        if node is not None:
            reader.seen.made[id(made)] = (made, node)
        if isinstance(made, _LAYERS) and not made._forward_hooks:
            made.register_forward_pre_hook(lambda module, args: _before_module(reader, module, args))
            made.register_forward_hook(lambda module, args, out: words.after_module(module, args, out))
        if isinstance(made, nn.RNNBase) and made.dropout and made.num_layers == 1:
            reader.doubt(
                "dropout",
                node,
                Sentence("Dropout works between layers: with one layer it does nothing, and torch warns."),
                Fix(Sentence("Use two layers or more, or leave dropout out.")),
            )
        _doubt_plain_lists(reader, made, node)


def _doubt_plain_lists(reader: Reader, made: nn.Module, node: ast.Call | None) -> None:
    """Look for layers that the module does not know as its own."""
    for name, held in vars(made).items():
        parts = list(held.values()) if isinstance(held, dict) else held
        if (
            name.startswith("_")
            or not isinstance(parts, (list, tuple))
            or not any(isinstance(p, nn.Module) for p in parts)
        ):
            continue
        keeper = "ModuleDict" if isinstance(held, dict) else "ModuleList"
        place = _assignment(reader, name)
        sentence = Sentence(
            "Layers in a plain {kind} are not part of the module: an optimizer does not get their weights, and .to() "
            "and .double() leave them out.",
            kind=type(held).__name__,
        )
        advice = Sentence("Keep them in nn.{keeper}(...).", keeper=keeper)
        edit = Edit(place, "nn." + keeper + "({})") if place is not None else None
        reader.doubt("plain-list", place or node, sentence, Fix(advice, edit))


def _assignment(reader: Reader, name: str) -> ast.expr | None:
    """Return what is assigned to an attribute of this name."""
    for node in ast.walk(reader.paste.tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Attribute) and t.attr == name for t in node.targets):
            return node.value
    return None


def _before_module(reader: Reader, module: nn.Module, args: tuple[Any, ...]) -> None:
    if not isinstance(module, nn.RNNBase) or not args or not isinstance(args[0], torch.Tensor):
        return
    call, input = reader.calling, args[0]
    if call is None or input.dim() not in (2, 3):
        return
    said = [meaning(word) for word in axes_of(input)]
    node = call.node
    if input.dim() == 2:
        if said[0] != "L":
            at = call.nodes[0] if call.nodes else None
            sentence = Sentence(
                ngettext(
                    "An input with two axes is one sequence without a batch: {steps} time step.",
                    "An input with two axes is one sequence without a batch: {steps} time steps.",
                    int(input.shape[0]),
                ),
                steps=int(input.shape[0]),
            )
            advice = Sentence("If these are sequences of one time step each, add an axis for the time steps.")
            edit = Edit(at, "{}.unsqueeze(1)") if said[0] and at is not None else None
            reader.doubt("unbatched", node, sentence, Fix(advice, edit))
    else:
        _doubt_batch_first(reader, module, said, node)
    state = args[1] if len(args) > 1 else None
    if state is not None and len(call.nodes) > 1 and isinstance(call.nodes[1], ast.Name):
        reader.seen.carried.append(call.nodes[1])
    for part in state if isinstance(state, (tuple, list)) else [state]:
        if isinstance(part, torch.Tensor) and part.dim() == 3 and meaning(axes_of(part)[0]) == "N":
            sentence = Sentence(
                "The state is made batch first, but its axes are always (D*num_layers, N, H_out). It only fits because "
                "the two sizes are equal."
            )
            reader.doubt(
                "state-batch-first", node, sentence, Fix(Sentence("Exchange the first two sizes where it is made."))
            )


def _doubt_batch_first(reader: Reader, module: nn.RNNBase, said: list[str], node: ast.AST) -> None:
    found = reader.seen.made.get(id(module))
    made = found[1] if found else None
    if said[:2] in (["L", "N"], ["", "N"], ["L", ""]) and module.batch_first:
        value = next((k.value for k in made.keywords if k.arg == "batch_first"), None) if made else None
        reader.doubt(
            "batch-first",
            node,
            Sentence(
                "With batch_first=True the first axis is read as the batch, but here it looks like the time steps."
            ),
            Fix(Sentence("Leave batch_first out."), Edit(value, "False") if value is not None else None),
        )
    elif said[:2] in (["N", "L"], ["N", ""], ["", "L"]) and not module.batch_first:
        is_free = made is not None and not any(k.arg == "batch_first" for k in made.keywords)
        reader.doubt(
            "batch-first",
            node,
            Sentence(
                "Without batch_first=True the first axis is read as the time steps, but here it looks like the "
                "batch: every time step would be a sequence of its own."
            ),
            Fix(
                Sentence("Build the module with batch_first=True."),
                Edit(made, "+batch_first=True") if is_free and made is not None else None,
            ),
        )


def on_call(reader: Reader, call: Call, made: Value) -> None:
    """Look at a call of the paste that went well."""
    node = call.node
    if isinstance(made, Loader) and isinstance(node, ast.Call):
        size, count = made.batch_size, len(made.dataset) if hasattr(made.dataset, "__len__") else 0
        if isinstance(size, int) and count % size and not made.drop_last:
            reader.seen.loads.append(node)
    elif (
        isinstance(call.function, Bound)
        and isinstance(call.function.owner, torch.Tensor)
        and isinstance(made, torch.Tensor)
    ):
        if call.function.name in ("view", "reshape"):
            on_view(reader, call, made)
    elif getattr(call.function, "__name__", "") == "reshape" and call.args and isinstance(made, torch.Tensor):
        on_view(reader, call, made)
    elif isinstance(made, PackedSequence) and getattr(call.function, "__name__", "") == "pack_padded_sequence":
        _doubt_lengths(reader, call)
    if (
        isinstance(made, torch.Tensor)
        and made.numel() > _MAX_NUMBERS
        and not any(t.numel() >= made.numel() for t in call.args if isinstance(t, torch.Tensor))
    ):
        gigabytes = made.numel() * 4 // 2**30
        reader.doubt(
            "too-large",
            node,
            Sentence("This takes {gigabytes} GiB of memory.", gigabytes=gigabytes),
            Fix(Sentence("Use smaller sizes.")),
        )


def _doubt_lengths(reader: Reader, call: Call) -> None:
    """Look for sequences without a length: with enforce_sorted=False they are dropped in silence."""
    input: Any = call.args[0] if call.args else call.kwargs["input"]
    lengths: Any = call.args[1] if len(call.args) > 1 else call.kwargs.get("lengths")
    first = call.args[2] if len(call.args) > 2 else call.kwargs.get("batch_first", False)
    count, batch = len(lengths), int(input.shape[0 if first else 1])
    if count < batch:
        sentence = Sentence(
            "The number of lengths is {count}, and the number of sequences is {batch}: the sequences without a "
            "length are dropped, and the batch size is {count} from here on.",
            count=count,
            batch=batch,
        )
        reader.doubt("fewer-lengths", call.node, sentence, Fix(Sentence("One length for every sequence of the batch.")))


def on_unpacking(reader: Reader, target: ast.expr, value: Value) -> None:
    """Look for the one state of nn.RNN or nn.GRU that is taken for two."""
    if isinstance(value, torch.Tensor) and marks(value).origin.kind == "h_n" and len(value) > 1:
        reader.doubt(
            "state-unpacked",
            target,
            Sentence(
                "nn.RNN and nn.GRU return h_n alone: unpacking it cuts it along its first axis, which happens to have "
                "{count} rows.",
                count=len(value),
            ),
            Fix(Sentence("Write `output, h_n = ...`; only an LSTM has a c_n.")),
        )


def on_step(reader: Reader) -> None:
    """Look for gradients that are added up from step to step."""
    seen = reader.seen
    seen.steps = 1 if seen.is_cleared else seen.steps + 1
    seen.is_cleared = False
    if seen.steps == 2:
        node = reader.calling.node if reader.calling else None
        name = (
            ast.unparse(node.func.value)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            else "optimizer"
        )
        sentence = Sentence("Gradients are never set back to zero: every step adds those of all the steps before.")
        edit = Edit(node, f"{{}}; {name}.zero_grad()") if isinstance(node, ast.Call) else None
        reader.doubt(
            "no-zero-grad", node, sentence, Fix(Sentence("Call `{name}.zero_grad()` in every round.", name=name), edit)
        )


def on_frozen_module(reader: Reader) -> None:
    """Look for a module that is told not to learn by an attribute that it does not have."""
    sentence = Sentence(
        "A module has no requires_grad: this only makes an attribute of that name, and all its weights still learn."
    )
    reader.doubt("frozen-attribute", None, sentence, Fix(Sentence("Call `.requires_grad_(False)`.")))

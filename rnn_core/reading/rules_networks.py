"""The table of explanations: recurrent modules, their states, and layers."""

from __future__ import annotations

import ast
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter.budget import words_of
from rnn_core.reading.explanations import Case, Told, cast, close, origin_of, rule, say
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence, ngettext

_PAIR = Sentence("An LSTM has two states: it takes the tuple (h_0, c_0), and here it got one tensor.")
_PAIR_FIX = Sentence("Give both states as a tuple: `(h_0, c_0)`.")


@rule("RuntimeError", r"input\.size\(-1\) must be equal to input_size\. Expected (\d+), got (\d+)")
def _features(case: Case) -> Told:
    expected, got = int(case.match[1]), int(case.match[2])
    if isinstance(case.module, nn.RNNCellBase):
        return Sentence("The last axis holds the features: {size} of them.", size=expected), ()
    sentence = Sentence(
        "The last axis of the input holds the features, so its size is input_size: {expected}, not {got}.",
        expected=expected,
        got=got,
    )
    input = case.value(0, "input")
    fixes = []
    if isinstance(input, torch.Tensor):
        places = [axis for axis, size in enumerate(input.shape[:-1]) if size == expected]
        if len(places) == 1:
            advice = Sentence(
                "Axis {axis} has the right size: if it holds the features, move it to the end.", axis=places[0]
            )
            fixes.append(Fix(advice, case.edit(0, f"{{}}.transpose({places[0]}, -1)", "input")))
        elif expected == 1 and input.dim() == 2:
            fixes.append(
                Fix(
                    Sentence("Add an axis for the one feature: `.unsqueeze(-1)`."),
                    case.edit(0, "{}.unsqueeze(-1)", "input"),
                )
            )
    made = case.made(case.module)
    sizes = [*made.args[:1], *(k.value for k in made.keywords if k.arg == "input_size")] if made is not None else []
    advice = Sentence("Build the module with input_size={size}, or give it other features.", size=got)
    fixes.append(Fix(advice, Edit(sizes[0], str(got)) if sizes else None))
    return sentence, tuple(fixes)


@rule("ValueError", r"(\w+): Expected input to be 2D or 3D, got (\d+)D|Expected input to be 1D or 2D, got (\d+)D")
def _axes_of_input(case: Case) -> Told:
    if isinstance(case.module, nn.RNNCellBase):
        return Sentence(
            "A cell takes one time step: (N, H_in). Loop over the time steps, or use the module that does."
        ), ()
    indices = Fix(Sentence("Indices go through nn.Embedding or one-hot first."))
    sentence = Sentence(
        "A recurrent module takes one feature vector per time step: (L, H_in), or three axes with a batch."
    )
    return sentence, (indices,) if case.match[2] == "1" else ()


# fmt: off
say("ValueError", r"RNN input dtype \(torch\.(\w+)\) does not match", lambda c:
    Sentence("Weights are float32 and the input is {dtype}.", dtype=c.match[1]), lambda c: cast(c, 0, "float",
    "input"))
# fmt: on


@rule("RuntimeError", r"For (batched|unbatched) (\d)-D input, hx(?: and cx)? should also be")
def _axes_of_state(case: Case) -> Told:
    state = case.value(1, "hx")
    if isinstance(case.module, nn.LSTM) and isinstance(state, torch.Tensor):
        return _PAIR, _pair_fixes(case)
    if isinstance(case.module, nn.RNNCellBase):
        return Sentence("The state of a cell is (N, H_out): it has no axis for layers."), ()
    if case.match[2] == "3":
        sentence = Sentence("With a batch, h_0 has three axes: (D*num_layers, N, H_out).")
        add = Fix(Sentence("Add the axis of the layers: `.unsqueeze(0)`."), case.edit(1, "{}.unsqueeze(0)", "hx"))
        return sentence, (add,) if isinstance(state, torch.Tensor) and state.dim() == 2 else ()
    return Sentence("Without a batch, h_0 has two axes: (D*num_layers, H_out)."), ()


def _pair_fixes(case: Case) -> tuple[Fix, ...]:
    """Offer a pair of the one state; whether it fits is tried."""
    node = case.at(1, "hx")
    template = f"({ast.unparse(node)}, torch.zeros_like({ast.unparse(node)}))" if node is not None else ""
    return (Fix(_PAIR_FIX, Edit(node, template) if node is not None else None),)


@rule("RuntimeError", r"Expected hidden(?:\[(\d)\])? size \((.*)\), got \[(.*)\]")
def _size_of_state(case: Case) -> Told:
    wanted = tuple(int(n) for n in case.match[2].split(","))
    got = [int(n) for n in case.match[3].split(",")]
    input, state = case.value(0, "input"), case.value(1, "hx")
    if isinstance(case.module, nn.LSTM) and isinstance(state, torch.Tensor):
        return _PAIR, _pair_fixes(case)
    part = state[int(case.match[1])] if case.match[1] and isinstance(state, (tuple, list)) else state
    has_batch = isinstance(input, PackedSequence) or input.dim() == 3
    shown = wanted if has_batch else (wanted[0], wanted[2])
    sentence = Sentence(
        "The state is (D*num_layers, N, H_out), whatever batch_first is: here {wanted}.", wanted=str(shown)
    )
    fixes: list[Fix] = []
    if [got[1], got[0], *got[2:]] == list(wanted):
        exchanged = Sentence("Its first two axes are exchanged: batch_first does not move them in a state.")
        fixes.append(
            Fix(exchanged, case.edit(1, "{}.transpose(0, 1).contiguous()", "hx") if case.match[1] is None else None)
        )
    elif got[0] > wanted[0] and got[1:] == list(wanted[1:]) and origin_of(part) in ("h_n", "c_n"):
        rows = Sentence(
            "It has {got} rows and this module takes {wanted}: take the last ones.", got=got[0], wanted=wanted[0]
        )
        fixes.append(Fix(rows, case.edit(1, f"{{}}[-{wanted[0]}:]", "hx") if case.match[1] is None else None))
    elif got[1] != wanted[1] and [got[0], *got[2:]] == [wanted[0], *wanted[2:]]:
        fixes += _other_batch(case, wanted, got, part)
    elif origin_of(part) == "filled":
        fixes.append(_zeros(wanted))
    return sentence, tuple(fixes)


def _zeros(wanted: tuple[int, ...]) -> Fix:
    return Fix(Sentence("Make it with `torch.zeros{shape}`.", shape=str(wanted)))


def _other_batch(case: Case, wanted: tuple[int, ...], got: list[int], state: Any) -> list[Fix]:
    """Say why a state was made for another number of sequences."""
    input = case.value(0, "input")
    if case.reader.seen.loads:
        last = Sentence(
            "The last batch of a loader is smaller: here its size is {got} instead of {wanted}. Make the state as "
            "large as the batch, or build the loader with drop_last=True.",
            got=wanted[1],
            wanted=got[1],
        )
        loader = case.reader.seen.loads[-1]
        return [Fix(last, Edit(loader, "+drop_last=True"))]
    if (
        isinstance(input, torch.Tensor)
        and input.dim() == 3
        and not case.module.batch_first
        and input.shape[0] == got[1]
    ):
        advice = Sentence(
            ngettext(
                "The state is for {got} sequence, which is the first axis here: is batch_first=True missing?",
                "The state is for {got} sequences, which is the first axis here: is batch_first=True missing?",
                got[1],
            ),
            got=got[1],
        )
        made = case.made(case.module)
        return [Fix(advice, Edit(made, "+batch_first=True") if made is not None else None)]
    if origin_of(state) == "filled":
        return [_zeros(wanted)]
    return [
        Fix(Sentence("The batch size of the input is {count}, and the state's is {got}.", count=wanted[1], got=got[1]))
    ]


# fmt: off
say("IndexError", r"tuple index out of range", lambda c: _PAIR if isinstance(c.module, nn.LSTM) else _not_here(),
    _PAIR_FIX)
say("RuntimeError", r"Input batch size (\d+) doesn't match hidden(\d*) batch size (\d+)", lambda c:
    Sentence("The state needs the batch size of the input, {count}.", count=int(c.match[1])))
say("RuntimeError", r"hidden\d* has inconsistent hidden_size: got (\d+), expected (\d+)", lambda c:
    Sentence("The last axis of the state is hidden_size: {size}.", size=int(c.match[2])))
say("RuntimeError", r"Expected sequence length to be larger than 0", Sentence("A sequence has at least one time step."))
say("ValueError", r"Expected hx(?:\[\d\])? to be 1D or 2D, got (\d+)D", lambda c:
    (Sentence("The state of a cell is (N, H_out): it has no axis for layers.") if not isinstance(c.module, nn.LSTMCell)
    else _PAIR))
# fmt: on


def _not_here() -> Sentence:
    raise LookupError


# building modules
# fmt: off
say("TypeError", r"(input_size|hidden_size|num_layers) should be of type int", lambda c:
    Sentence("{name} is a whole number.", name=c.match[1]))
say("ValueError", r"(input_size|hidden_size|num_layers) must be greater than zero", lambda c:
    Sentence("{name} counts something: at least 1.", name=c.match[1]))
say("ValueError", r"Unknown nonlinearity",
    Sentence("The nonlinearity of nn.RNN is its fourth argument; bias and batch_first follow."))
say("ValueError", r"proj_size argument is only supported for LSTM",
    Sentence("Only an LSTM can project its state to a smaller size."))
say("ValueError", r"proj_size has to be smaller", Sentence("A projection makes the state smaller than hidden_size."))
say("ValueError", r"(dropout should be a number in range|dropout probability has to be between)",
    Sentence("A probability lies between 0 and 1."))
# fmt: on


@rule("TypeError", r"(\w+)\.__init__\(\) (?:missing .*?'(\w+)'|got an unexpected keyword argument '(\w+)')")
def _building(case: Case) -> Told:
    own = any(c.__name__ == case.match[1] for c in case.reader.classes)
    if own:
        raise LookupError
    names = words_of("input_size hidden_size num_layers nonlinearity bias batch_first dropout bidirectional proj_size")
    fix = close(case.match[3], names) if case.match[3] else None
    if case.match[2]:
        return Sentence("`{name}` needs the argument {what}.", name=ast.unparse(case.node)[:60], what=case.match[2]), ()
    return Sentence("`{function}` does not take these arguments.", function=case.match[1]), (fix,) if fix else ()


# fmt: off
say("TypeError", r"(.*) is not a Module subclass", lambda c: Sentence("A Sequential is made of modules, not of {kind}."
    , kind=c.match[1][:60]))
say("RuntimeError", r"Boolean value of Tensor with more than one value is ambiguous", lambda c:
    Sentence("`{name}` is built here, not called.", name=_loss_name(c)), lambda c:
    Sentence("Make the loss first, then call it: `{name}()(scores, target)`.", name=_loss_name(c)))
# fmt: on


def _loss_name(case: Case) -> str:
    function = case.call.function
    if not (isinstance(function, type) and issubclass(function, nn.Module)):
        raise LookupError
    return ast.unparse(case.node.func) if isinstance(case.node, ast.Call) else function.__name__


# fmt: off
say("RuntimeError", r"Given normalized_shape=\[(.*?)\], expected input", lambda c:
    Sentence("LayerNorm works on the last axis: it was built for size {wanted}.", wanted=c.match[1]))
say("ValueError", r"expected 2D or 3D input \(got", Sentence("BatchNorm1d takes (N, C) or (N, C, L)."))
say("RuntimeError", r"running_mean should contain (\d+) elements",
    Sentence("BatchNorm1d looks for the features on the second axis: (N, C, L)."))
say("IndexError", r"index out of range in self", lambda c: Sentence(ngettext(
    "There is {count} row: number {last}.",
    "There are {count} rows: 0 to {last}.",
    c.module.num_embeddings),
    count=c.module.num_embeddings, last=c.module.num_embeddings - 1))
say(
    "RuntimeError",
    r"expected input\[.*\] to have (\d+) channels, but got (\d+) channels",
    lambda c: Sentence(
        "The second axis holds the channels: {wanted} of them, not {got}.", wanted=int(c.match[1]), got=int(c.match[2])
    ),
    lambda c: (Fix(Sentence("Exchange them: `.transpose(1, 2)`."), c.edit(0, "{}.transpose(1, 2)", "input")),),
)
say("NotImplementedError", r"not implemented for 'Long'|Could not run",
    Sentence("Weights are {right} and this is {left}.", left="int64", right="float32"), lambda c: cast(c, 0, "float",
    "input"))
# fmt: on

"""The table of explanations: recurrent modules, their states, layers, losses, packing, gradients and optimisers."""

from __future__ import annotations

import ast
from typing import Any

import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence

from rnn_core.interpreter.budget import words_of
from rnn_core.interpreter.values import dtype_name
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
            "The last batch of a loader is smaller: here {got} sequences instead of {wanted}. Make the state as large "
            "as the batch, or build the loader with drop_last=True.",
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
                "The state is for {got} sequence, which is the first axis here: is it batch_first=True?",
                "The state is for {got} sequences, which is the first axis here: is it batch_first=True?",
                got[1],
            ),
            got=got[1],
        )
        made = case.made(case.module)
        return [Fix(advice, Edit(made, "+batch_first=True") if made is not None else None)]
    if origin_of(state) == "filled":
        return [_zeros(wanted)]
    return [
        Fix(
            Sentence(
                ngettext(
                    "The input has {count} sequence and the state is for {got}.",
                    "The input has {count} sequences and the state is for {got}.",
                    wanted[1],
                ),
                count=wanted[1],
                got=got[1],
            )
        )
    ]


# fmt: off
say("IndexError", r"tuple index out of range", lambda c: _PAIR if isinstance(c.module, nn.LSTM) else _not_here(),
    _PAIR_FIX)
say("RuntimeError", r"Input batch size (\d+) doesn't match hidden(\d*) batch size (\d+)", lambda c:
    Sentence(ngettext(
        "State and input belong to the same {count} sequence.",
        "State and input belong to the same {count} sequences.",
        int(c.match[1])), count=int(c.match[1])))
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
    Sentence("Only an LSTM can make its state smaller before it shows it."))
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
    return Sentence("`{function}` is called with other arguments than it has.", function=case.match[1]), (
        fix,
    ) if fix else ()


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
    Sentence("LayerNorm works on the last axis: it was built for {wanted} features.", wanted=c.match[1]))
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


# losses
# fmt: on
@rule("ValueError", r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)")
def _rows(case: Case) -> Told:
    scores, target = case.value(0, "input"), case.value(1, "target")
    sentence = Sentence(
        ngettext(
            "There is {rows} row of scores for {count} targets.",
            "There are {rows} rows of scores and {count} targets.",
            int(case.match[1]),
        ),
        rows=int(case.match[1]),
        count=int(case.match[2]),
    )
    fixes: list[Fix] = []
    if scores.dim() > 2 and scores.numel() // scores.shape[-1] == target.numel() and target.dim() == 1:
        advice = Sentence("Give one row of scores for every target: `.reshape(-1, C)`.")
        fixes.append(Fix(advice, case.edit(0, f"{{}}.reshape(-1, {scores.shape[-1]})", "input")))
    elif scores.dim() == 2 and target.numel() == scores.shape[0]:
        fixes.append(Fix(Sentence("Flatten the target too."), case.edit(1, "{}.reshape(-1)", "target")))
    elif case.reader.seen.last_steps:
        index, order = case.reader.seen.last_steps[-1]
        advice = Sentence("The last time step is taken along the wrong axis: with batch_first=True it is `[:, -1]`.")
        fixes.append(Fix(advice, Edit(index, order)))
    elif scores.dim() > 1 and target.dim() > 1:
        fixes.append(Fix(Sentence("Flatten both: scores to (rows, C), targets to (rows,).")))
    return sentence, tuple(fixes)


@rule("RuntimeError", r"Expected target size \[(.*)\], got \[(.*)\]|size mismatch \(got input: .*target")
def _classes(case: Case) -> Told:
    scores, target = case.value(0, "input"), case.value(1, "target")
    sentence = Sentence("Cross-entropy looks for the classes on the second axis: (N, C, L), with targets (N, L).")
    is_swapped = list(target.shape) == list(scores.shape[:-1]) and scores.dim() == 3
    edit = case.edit(0, "{}.transpose(1, -1)", "input") if is_swapped else None
    return sentence, (Fix(Sentence("Put the classes second: `.transpose(1, -1)`."), edit),)


@rule("RuntimeError", r"0D or 1D target tensor expected, multi-target not supported")
def _multi_target(case: Case) -> Told:
    target = case.value(1, "target")
    edit = case.edit(1, "{}.squeeze(-1)", "target") if target.shape[-1] == 1 else None
    one = Sentence("One row of scores takes one index.")
    several = Sentence("The target is one index for each row of scores.")
    squeeze = Fix(Sentence("Make it one axis shorter, with squeeze or argmax."), edit)
    return (one, ()) if case.value(0, "input").dim() == 1 else (several, (squeeze,))


# fmt: off
say("ValueError", r"For 1D input, 1D target must have size 1", Sentence("One row of scores takes one index."))
say("RuntimeError", r"expected target dtype to be Long or Byte|expected scalar type Long but found", lambda c:
    Sentence("The target holds indices, so it is int64, not {dtype}.", dtype=dtype_name(c.value(1, "target").dtype)),
    lambda c: cast(c, 1, "long", "target"))
say("RuntimeError", r"Expected floating point type for target with class probabilities",
    Sentence("A target of the same shape as the scores holds probabilities; indices have no class axis."), lambda c:
    cast(c, 1, "float", "target"))
say("IndexError", r"Target (-?\d+) is out of bounds", lambda c: Sentence(ngettext(
    "There is {count} class: number {last}.",
    "There are {count} classes: 0 to {last}.",
    _class_count(c)),
    count=_class_count(c), last=_class_count(c) - 1))
say("*", r"_?nll_loss.*not implemented for '(Long|Int)'|log_softmax.*not implemented for|_log_softmax",
    Sentence("Scores come first, and are float; the target comes second."))
say("ValueError", r"Target size \(.*\) must be the same as input size|Using a target size \(.*\) that is different",
    Sentence("Both need one shape."), lambda c: _one_shape(c))
say("RuntimeError",
    r"Found dtype Long but expected Float|result type Float can't be cast to the desired output type Long",
    Sentence("The targets of this loss are probabilities, so they are float32, not int64."), lambda c: cast(c, 1,
    "float", "target"))
say("RuntimeError", r"Found dtype (Double|Long) but expected (Float|Double)", lambda c:
    Sentence("Weights are {right} and this is {left}.", left=c.match[1].lower(), right=c.match[2].lower()), lambda c:
    cast(c, 1, c.match[2].lower(), "target"))
# fmt: on


def _class_count(case: Case) -> int:
    scores = case.value(0, "input")
    return int(scores.shape[1] if scores.dim() > 1 else scores.shape[0])


def _one_shape(case: Case) -> tuple[Fix, ...]:
    scores, target = case.value(0, "input"), case.value(1, "target")
    advice = Sentence("Squeeze or unsqueeze one of them.")
    if scores.dim() == target.dim() + 1 and scores.shape[-1] == 1:
        return (Fix(advice, case.edit(1, "{}.unsqueeze(-1)", "target")), Fix(advice))
    return (Fix(advice),)


# packing
@rule("RuntimeError", r"Expected `len\(lengths\)` to be equal to batch_size, but got (\d+) \(batch_size=(\d+)\)")
def _lengths(case: Case) -> Told:
    input, first = case.value(0, "input"), bool(case.value(2, "batch_first"))
    if not first and input.shape[0] == int(case.match[1]):
        sentence = Sentence(
            "One length for every sequence; the batch is read as the second axis: is it batch_first=True?"
        )
        return sentence, (
            Fix(Sentence("Build the module with batch_first=True."), Edit(case.node, "+batch_first=True")),
        )
    if first and input.shape[1] == int(case.match[1]):
        value = case.at(2, "batch_first")
        leave = Fix(Sentence("Leave batch_first out."), Edit(value, "False") if value is not None else None)
        return Sentence("One length for every sequence of the batch."), (leave,)
    return Sentence("One length for every sequence of the batch."), ()


# fmt: off
say(
    "RuntimeError",
    r"`lengths` array must be sorted in decreasing order",
    Sentence("The lengths do not fall from one sequence to the next."),
    lambda c: (Fix(Sentence("Pass enforce_sorted=False."), Edit(c.node, "+enforce_sorted=False")),),
)
say("RuntimeError", r"Length of all samples has to be greater than 0",
    Sentence("Every sequence has at least one time step."))
say("RuntimeError", r"start \(\d+\) \+ length \(\d+\) exceeds dimension size \((\d+)\)|Expected length to be", lambda
    c: Sentence("A length is larger than the {steps} time steps that there are, padding included.",
    steps=int(c.match[1] or 0)))
say("ValueError", r"Expected total_length to be at least the length of the longest sequence", lambda c:
    Sentence(ngettext(
        "The longest sequence has {count} time step.",
        "The longest sequence has {count} time steps.",
        len(c.value(0).batch_sizes)), count=len(c.value(0).batch_sizes)))


# gradients and optimisers
# fmt: on
@rule("RuntimeError", r"Trying to backward through the graph a second time")
def _twice(case: Case) -> Told:
    sentence = Sentence(
        "Something in this loss was made in a round before, whose graph is gone: a state that is carried from batch to "
        "batch carries its graph too."
    )
    carried = case.reader.seen.carried
    detach = Sentence("Cut it off with `.detach()` before it is used again.")
    fixes = [Fix(detach, Edit(node, "{}.detach()")) for node in carried[-2:]]
    return sentence, (*fixes, Fix(detach))


# fmt: off
say("ValueError", r"optimizer got an empty parameter list",
    Sentence("The module has no parameters: layers in a plain list or dictionary do not count."),
    Sentence("Keep them in nn.ModuleList(...) or nn.ModuleDict(...)."))
say("RuntimeError", r"modified by an inplace operation",
    Sentence("A tensor that is needed for the gradient was changed in place afterwards."))
say("RuntimeError", r"a leaf Variable that requires grad is being used in an in-place operation",
    Sentence("A parameter is changed in place while gradients are recorded: do it under torch.no_grad()."))
say("RuntimeError", r"(Error\(s\) in loading state_dict)",
    Sentence("The saved weights have other names or shapes than this module."))


# fmt: on

"""The table of explanations: losses, packing, gradients and optimisers."""

from __future__ import annotations

from rnn_core.interpreter.values import dtype_name
from rnn_core.reading.explanations import Case, Told, cast, rule, say
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence, ngettext


# losses
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
            "Every sequence needs one length; the batch is read as the second axis: is batch_first=True missing?"
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
    Sentence("The sequences are not sorted from the longest to the shortest."),
    lambda c: (Fix(Sentence("Pass enforce_sorted=False."), Edit(c.node, "+enforce_sorted=False")),),
)
say("RuntimeError", r"Length of all samples has to be greater than 0",
    Sentence("Every sequence has at least one time step."))
say("RuntimeError", r"start \(\d+\) \+ length \(\d+\) exceeds dimension size \((\d+)\)|Expected length to be", lambda
    c: Sentence("A length is larger than the number of time steps, {steps}, padding included.",
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

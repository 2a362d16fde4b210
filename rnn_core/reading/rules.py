"""The table of explanations: tensors, their axes and their indices."""

from __future__ import annotations

import ast
from typing import Any

import torch
from torch import nn

from rnn_core.interpreter.values import dtype_name
from rnn_core.reading.explanations import Case, Told, cast, rule, say
from rnn_core.reading.fixes import Edit, Fix
from rnn_core.sentence import Sentence, ngettext


@rule("RuntimeError", r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)")
def _broadcast(case: Case) -> Told:
    sentence = Sentence(
        "Sizes are compared from the last axis backwards: {a} and {b} have to be equal, or one of them 1.",
        a=int(case.match[1]),
        b=int(case.match[2]),
    )
    return sentence, ()


@rule("RuntimeError", r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and (\d+)x\d+\)")
def _product(case: Case) -> Told:
    if isinstance(case.module, nn.Linear):
        return _linear(case)
    if isinstance(case.module, nn.RNNBase):
        wanted = Sentence("The last axis of the input holds the features, so its size is input_size.")
        return wanted, ()
    return Sentence("The inner sizes differ: {a} and {b}.", a=int(case.match[1]), b=int(case.match[2])), ()


def _linear(case: Case) -> Told:
    got = int(case.value(0, "input").shape[-1])
    sentence = Sentence(
        ngettext(
            "Linear works on the last axis: in_features is {wanted}, and there is {got} feature.",
            "Linear works on the last axis: in_features is {wanted}, and there are {got} features.",
            got,
        ),
        wanted=case.module.in_features,
        got=got,
    )
    made = case.made(case.module)
    node = made.args[0] if made is not None and made.args else None
    advice = Sentence("Build it with in_features={size}, or give it other features.", size=got)
    return sentence, (Fix(advice, Edit(node, str(got)) if node is not None else None),)


# fmt: off
say("RuntimeError", r"size mismatch, got input \((\d+)\).*vec \((\d+)\)|size mismatch, got", lambda c:
    Sentence("The inner sizes differ: {a} and {b}.", a=c.value(0).shape[-1], b=c.value(1).shape[0]))
say("RuntimeError", r"inconsistent tensor size, expected tensor \[(\d+)\] and src \[(\d+)\]", lambda c:
    Sentence("The inner sizes differ: {a} and {b}.", a=int(c.match[1]), b=int(c.match[2])))
say("RuntimeError", r"both arguments to .*matmul need to be at least 1D|both arguments.*at least 1D",
    Sentence("A single number has no axis to sum over: multiply with `*`."))
say("RuntimeError", r"Expected size for first two dimensions of batch2",
    Sentence("Batches have to be equal, and the inner sizes too."))
say("RuntimeError", r"batch1 must be a 3D tensor|batch2 must be a 3D",
    Sentence("bmm takes two batches of matrices: three axes each."))
say("RuntimeError", r"self must be a matrix|mat2 must be a matrix",
    Sentence("mm takes matrices only; `@` takes batches of them too."))
say("RuntimeError", r"(mat1 and mat2|expected m1 and m2|expected mat1 and mat2).*same dtype", lambda c:
    Sentence("Weights are {right} and this is {left}.", left=_dtypes(c)[0], right=_dtypes(c)[1]), lambda c:
    _cast_to_weights(c))
say("RuntimeError", r"expected scalar type (\w+) but found (\w+)", lambda c:
    Sentence("Weights are {right} and this is {left}.", left=_dtypes(c)[0], right=_dtypes(c)[1]), lambda c:
    _cast_to_weights(c))
# fmt: on


def _dtypes(case: Case) -> tuple[str, str]:
    found = [dtype_name(t.dtype) for _, t in case.tensors()]
    if case.module is not None:
        found = [*found[:1], dtype_name(next(case.module.parameters()).dtype)]
    return found[0], found[1] if len(found) > 1 else "float32"


def _cast_to_weights(case: Case) -> Fix:
    wanted = next(case.module.parameters()).dtype if case.module is not None else torch.float32
    method = {torch.float64: "double", torch.float32: "float", torch.float16: "half"}[wanted]
    if case.module is None and case.value(0).dtype == torch.float32:
        return cast(case, 1, "float")
    return cast(case, 0, method, "input")


# fmt: off
say("IndexError", r"Dimension out of range .*got (-?\d+)\)", lambda c:
    Sentence(ngettext(
        "This tensor has {count} axis, so there is no axis {dim}.",
        "This tensor has {count} axes, so there is no axis {dim}.",
        c.count_of_axes()), count=c.count_of_axes(), dim=int(c.match[1])))
say("IndexError", r"index (-?\d+) is out of bounds for dimension (\d+) with size (\d+)", lambda c:
    (Sentence(ngettext(
        "Axis {axis} has {size} entry: number {last}.",
        "Axis {axis} has {size} entries: 0 to {last}.",
        int(c.match[3])), axis=int(c.match[2]), size=int(c.match[3]),
    last=int(c.match[3]) - 1) if not isinstance(c.module, nn.LSTM) else
    Sentence("An LSTM has two states: it takes the tuple (h_0, c_0), and here it got one tensor.")), lambda c:
    Sentence("Give both states as a tuple: `(h_0, c_0)`.") if isinstance(c.module, nn.LSTM) else None)
say("IndexError", r"too many indices for tensor of dimension (\d+)", lambda c:
    Sentence("The number of axes is {count}, and the number of indices is {used}.", count=int(c.match[1]),
    used=len(c.value(1)) if isinstance(c.value(1), tuple) else 1))
say("IndexError", r"invalid index of a 0-dim tensor|slice\(\) cannot be applied to a 0-dim",
    Sentence("This is a single number without axes."))
say("IndexError", r"only integers, slices|tensors used as indices must be|arrays used as indices",
    Sentence("An index is a whole number; `/` gives a fraction, `//` none."))
say("TypeError", r"only integers, slices|slice indices must be integers",
    Sentence("An index is a whole number; `/` gives a fraction, `//` none."))
say("IndexError", r"shape mismatch: indexing tensors could not be broadcast",
    Sentence("Index tensors go together entry by entry, so they need one shape."))
say("ValueError", r"step must be greater than zero", Sentence("Tensors cannot be read backwards: use `.flip()`."))
say("IndexError", r"(list|tuple) index out of range", lambda c:
    Sentence(ngettext(
        "There is {count} item, so there is no number {index}.",
        "There are {count} items, so there is no number {index}.",
        len(c.value(0))), count=len(c.value(0)), index=int(c.value(1))))
say("IndexError", r"pop from empty list", Sentence("The list is empty."))
say("RuntimeError", r"shape '\[(.*)\]' is invalid for input of size (\d+)", lambda c: _invalid_shape(c))
# fmt: on


def _invalid_shape(case: Case) -> Sentence:
    sizes = [int(n) for n in case.match[1].split(",")]
    rest = 1
    for size in sizes:
        rest *= size if size != -1 else 1
    if -1 in sizes:
        return Sentence(
            "The number of entries, {numel}, is not a multiple of {rest}.", numel=int(case.match[2]), rest=rest
        )
    return Sentence(
        "The number of entries is {numel}, and this shape holds {rest}.", numel=int(case.match[2]), rest=rest
    )


@rule("RuntimeError", r"view size is not compatible")
def _not_contiguous(case: Case) -> Told:
    sentence = Sentence(
        "These numbers do not lie in memory in the order of their axes (after transpose, or because batch_first swaps "
        "them inside the module), and a view cannot move them."
    )
    node = case.node
    edit = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "view":
        arguments = ", ".join(ast.unparse(a) for a in node.args)
        edit = Edit(node, f"{ast.unparse(node.func.value)}.reshape({arguments})")
        if node.lineno != node.end_lineno:
            edit = _on_its_line(node)
    return sentence, (Fix(Sentence("Use reshape, which copies where it has to."), edit),)


def _on_its_line(node: ast.Call) -> Edit:
    """Return the change of a method's name where its call goes over several lines."""
    function = node.func
    assert isinstance(function, ast.Attribute)
    name = ast.Name("view")
    number, end = function.end_lineno or 1, function.end_col_offset or 0
    name.lineno = name.end_lineno = number
    name.col_offset, name.end_col_offset = end - len("view"), end
    return Edit(name, "reshape")


# fmt: off
say("RuntimeError", r"only one dimension can be inferred", Sentence("-1 can be used for one size only."))
say("RuntimeError", r"cannot reshape tensor of 0 elements", Sentence("An empty tensor does not say what -1 is."))
say("RuntimeError", r"invalid shape dimension (-\d+)", lambda c:
    Sentence("A size cannot be {size}; -1 stands for whatever is left.", size=int(c.match[1])))
say(
    "RuntimeError",
    r"t\(\) expects a tensor with <= 2 dimensions",
    Sentence("With more than two axes, say which to exchange."),
    lambda c: (
        Fix(Sentence("Use `.transpose(dim0, dim1)`."), Edit(c.node, f"{ast.unparse(c.at(0))}.transpose(-2, -1)")),
    ),
)
say("RuntimeError", r"permute.*(number of dimensions in the tensor input|does not match)", lambda c:
    Sentence(ngettext(
        "The {count} axis has to be named.",
        "All {count} axes have to be named.",
        c.count_of_axes()), count=c.count_of_axes()))
say("RuntimeError", r"permute\(\): duplicate dims", Sentence("An axis can only go to one place."))
say("RuntimeError", r"flatten\(\) has invalid args: start_dim", Sentence("The first axis comes after the last one."))
say("RuntimeError", r"The expanded size of the tensor \((-?\d+)\) must match the existing size \((\d+)\)", lambda c:
    (Sentence("The assigned value must have the shape of the slot.") if isinstance(c.node, ast.Subscript)
    else Sentence("Only an axis of size 1 can be repeated; this one has {size}.", size=int(c.match[2]))))
say("RuntimeError", r"Number of dimensions of repeat dims can not be smaller", lambda c:
    Sentence("Say for every axis how often it is repeated (axes: {count}).", count=c.count_of_axes()))
say("RuntimeError", r"shape mismatch: value tensor|Index put requires",
    Sentence("The assigned value must have the shape of the slot."))
say("TypeError", r"can't assign a", Sentence("Numbers of a tensor are replaced by a number or by a tensor."))
say("RuntimeError", r"output with shape .* doesn't match the broadcast shape",
    Sentence("What is changed in place keeps its shape."))
say("RuntimeError", r"Sizes of tensors must match except in dimension (\d+)", lambda c: _join(c, int(c.match[1]))[0],
    lambda c: _join(c, int(c.match[1]))[1])
say("RuntimeError", r"Tensors must have same number of dimensions",
    Sentence("Both need the same number of axes: unsqueeze the smaller one."))
say("RuntimeError", r"zero-dimensional tensor .* cannot be concatenated",
    Sentence("A single number has no axis to be joined along: use stack."))
say("RuntimeError", r"stack expects each tensor to be equal size",
    Sentence("Stacking adds an axis, so all shapes have to be equal."))
say("TypeError", r"expected Tensor as element \d+ in argument 0, but got (\w+)", lambda c:
    Sentence("One entry of the list is of type {kind}.", kind=c.match[1]), lambda c:
    Sentence("Take the tensor out of the {kind} first.", kind=c.match[1]))
say("TypeError", r"(cat|stack)\(\).*(must be tuple of Tensors|received an invalid combination)",
    Sentence("The tensors go into one list."))
# fmt: on


def _join(case: Case, dim: int) -> tuple[Sentence, Any]:
    parts = case.value(0, "tensors")
    shapes = [tuple(t.shape) for t in parts]
    differing = [axis for axis in range(len(shapes[0])) if len({s[axis] for s in shapes}) > 1]
    axis = next(a for a in differing if a != dim)
    sentence = Sentence("Axis {axis} differs, and only axis {dim} may.", axis=axis, dim=dim)
    if differing != [axis]:
        return sentence, None
    edit = Edit(case.node, "+dim=" + str(axis))
    if isinstance(case.node, ast.Call):
        value = case.at(1, "dim")
        edit = Edit(value, str(axis)) if value is not None else edit
    return sentence, (Fix(Sentence("Join along the axis that differs."), edit),)


# fmt: off
say("RuntimeError", r"split_with_sizes expects", Sentence("The pieces have to make up the whole axis."))
say("RuntimeError", r"Size does not match at dimension",
    Sentence("The index may differ from the tensor along one axis only."))
say("RuntimeError", r"Index tensor must have the same number of dimensions", lambda c:
    Sentence("The number of axes is {wanted} in the tensor and {got} in the index: unsqueeze the index, and expand "
             "it.", wanted=c.value(0).dim(),
    got=c.value(2, "index").dim()))
say("RuntimeError", r"(masked_fill|masked_select).*(bool|mask)",
    Sentence("A mask holds booleans: compare, or convert it with `.bool()`."))
say("RuntimeError", r"Expected tensor for argument.*to have one of the following scalar types: Long, Int", lambda c:
    _no_index(c), lambda c: cast(c, 0, "long", "input"))
say("RuntimeError", r"one_hot is only applicable to index tensor", lambda c:
    Sentence("One-hot takes indices, int64; this is {dtype}.", dtype=dtype_name(c.value(0).dtype)), lambda c: cast(c,
    0, "long"))
say("RuntimeError", r"Class values must be smaller than num_classes", lambda c:
    Sentence("There are indices of {count} and more.", count=c.value(1, "num_classes")))
say("RuntimeError", r"Class values must be non-negative", Sentence("An index is not negative."))
# fmt: on


def _no_index(case: Case) -> Sentence:
    dtype = dtype_name(case.value(0, "input").dtype)
    return Sentence("An embedding is looked up by index, so it takes whole numbers, not {dtype}.", dtype=dtype)


# fmt: off
say(
    "RuntimeError",
    r"Subtraction, the `-` operator, with a bool tensor",
    Sentence(
        "Booleans cannot be subtracted: `mask.logical_not()` inverts them, `.float()` makes numbers "
        "of them."
    ),
)
say(
    "RuntimeError",
    r"mean\(\): could not infer output dtype|mean\(\): input dtype should be",
    Sentence("The mean of whole numbers need not be a whole number: convert them with `.float()`."),
    lambda c: (Fix(Sentence("Convert it with `.{method}()`.", method="float"), c.edit(0, "{}.float()")),),
)
say("NotImplementedError", r"softmax.*not implemented for '(Long|Int)'|_softmax_lastdim|\"softmax", Sentence(
    "Whole numbers have no softmax: convert them with `.float()`."), lambda c: cast(c, 0, "float"))
say("NotImplementedError", r"\"normal_kernel_cpu\" not implemented",
    Sentence("Normally distributed numbers have fractions: use randint for whole numbers."))
say("RuntimeError", r"a Tensor with (\d+) elements cannot be converted to Scalar",
    Sentence("Only a tensor of one number can be turned into a number."))
say("RuntimeError", r"Boolean value of Tensor with", lambda c:
    Sentence("A condition is one boolean; this tensor has {count} values.", count=_count(c)))
say("ValueError", r"only one element tensors can be converted to Python scalars",
    Sentence("Tensors are put together by stack or cat, not by torch.tensor."))
say("ValueError", r"expected sequence of length", Sentence("The rows differ in length."))
say("RuntimeError", r"Trying to create tensor with negative dimension|negative dimensions are not allowed",
    Sentence("A size cannot be negative."))
say("RuntimeError", r"step must be nonzero", Sentence("With a step of 0 the end is never reached."))
say("RuntimeError", r"bound inconsistent with step sign|upper bound and lower bound inconsistent",
    Sentence("The step leads away from the end."))
say("RuntimeError", r"random_ expects 'from' to be less than 'to'",
    Sentence("The upper bound is never drawn, so it has to be above the lower one."))
say("TypeError", r"randint\(\)", Sentence("The last argument is the shape, and a shape is a tuple."), lambda c:
    _as_tuple(c))
say("TypeError", r"float|must be tuple of ints|must be int, not float|pos \d+", lambda c: _fraction(c),
    Sentence("Divide with `//`."))
say("RuntimeError", r"does not require grad and does not have a grad_fn",
    Sentence("No weight had a part in this number, so there is nothing to change."))
say(
    "RuntimeError",
    r"grad can be implicitly created only for scalar outputs",
    Sentence("Only a single number can be made smaller: this is a loss for each entry."),
    lambda c: (Fix(Sentence("Take the mean or the sum first."), c.edit(0, "{}.mean()")),),
)
say(
    "RuntimeError",
    r"Can't call numpy\(\) on Tensor that requires grad",
    Sentence("NumPy has no gradients: detach first."),
    lambda c: (Fix(Sentence("NumPy has no gradients: detach first."), c.edit(0, "{}.detach()")),),
)
# fmt: on


def _count(case: Case) -> int:
    found = case.first()
    return found.numel() if found is not None else 2


def _as_tuple(case: Case) -> Fix:
    assert isinstance(case.node, ast.Call)
    node = next((k.value for k in case.node.keywords if k.arg == "size"), case.node.args[-1])
    return Fix(Sentence("Write the size as a tuple: `({size},)`.", size=ast.unparse(node)), Edit(node, "({},)"))


def _fraction(case: Case) -> Sentence:
    values = [v for a in case.call.args for v in (a if isinstance(a, (tuple, list)) else [a])]
    if not any(isinstance(value, float) for value in values):
        raise LookupError
    return Sentence("A size is a whole number: `/` gives a fraction, `//` a whole number.")


# einsum
# fmt: off
say("RuntimeError", r"einsum\(\): (more|fewer) operands were provided", lambda c:
    Sentence("The equation is for another number of tensors: {wanted}, not {got}.",
    wanted=str(c.value(0)).split("->")[0].count(",") + 1, got=len(c.call.args) - 1))
say("RuntimeError",
    r"einsum\(\): the number of subscripts in the equation \((\d+)\) does not match.*dimensions \((\d+)\)", lambda c:
    Sentence("The number of axes is {wanted} in `{part}` and {got} in the tensor.", part=c.value(0),
    wanted=int(c.match[1]), got=int(c.match[2])))
say("RuntimeError",
    r"einsum\(\): subscript (\w) has size (\d+) for operand \d+ which does not broadcast with .*size (\d+)", lambda c:
    Sentence("`{letter}` stands for {a} and for {b}.", letter=c.match[1], a=int(c.match[3]), b=int(c.match[2])))
say("RuntimeError", r"einsum\(\): output subscript (\w) does not appear", lambda c:
    Sentence("`{letter}` appears in the result only.", letter=c.match[1]))
say("RuntimeError", r"einsum\(\): output subscript \w appears more than once",
    Sentence("Each axis of the result has a letter of its own."))

# fmt: on

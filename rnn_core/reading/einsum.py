"""einsum: axes are known by letters."""

from __future__ import annotations

from dataclasses import replace

from rnn_core.reading.calls import Call
from rnn_core.reading.errors import fail, not_understood
from rnn_core.reading.values import Tensor, like
from rnn_core.sentence import Sentence


def einsum(call: Call) -> Tensor:
    """Read torch.einsum("bti,hi->bth", x, w)."""
    equation, operands = (call.args[0] if call.args else None), call.args[1:]
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    if not isinstance(equation, str) or call.kwargs or not all(isinstance(item, Tensor) for item in operands):
        raise not_understood(call.source)
    left, arrow, right = equation.replace(" ", "").partition("->")
    parts = left.split(",")
    if not all(part.isalpha() and len(set(part)) == len(part) for part in parts) or not (right.isalpha() or not right):
        raise not_understood(equation)
    if len(parts) != len(operands):
        noun = "fewer" if len(operands) < len(parts) else "more"
        message = f"einsum(): {noun} operands were provided than specified in the equation"
        given = Sentence(
            "The equation names {wanted} tensors, and {got} are given.", wanted=len(parts), got=len(operands)
        )
        fail("RuntimeError", message, given)
    sizes = _sizes(parts, operands)
    if not arrow:  # what stands there once, in the order of the alphabet
        right = "".join(sorted(letter for letter in sizes if left.count(letter) == 1))
    _check_output(right, sizes)
    if len({item.dtype for item in operands}) > 1 or not operands[0].is_float:
        raise not_understood("an einsum of these dtypes")
    words = {
        letter: word
        for part, item in zip(parts, operands, strict=True)
        for letter, word in zip(part, item.axes, strict=True)
        if word
    }
    has_grad = any(item.has_grad for item in operands)
    made = like(operands[0], [sizes[a] for a in right], axes=[words.get(a, "") for a in right], has_grad=has_grad)
    return replace(made, strides=None)


def _sizes(parts: list[str], operands: tuple[Tensor, ...]) -> dict[str, int]:
    """Return the size that each letter stands for."""
    for number, (part, item) in enumerate(zip(parts, operands, strict=True)):
        if len(part) != len(item.shape):
            message = (
                f"einsum(): the number of subscripts in the equation ({len(part)}) does not match the number of "
                f"dimensions ({len(item.shape)}) for operand {number} and no ellipsis was given"
            )
            letters = Sentence(
                "`{part}` names {wanted} axes, and the tensor has {got}.",
                part=part,
                wanted=len(part),
                got=len(item.shape),
            )
            fail("RuntimeError", message, letters)
    found: dict[str, int] = {}
    for number, (part, item) in enumerate(zip(parts, operands, strict=True)):
        for letter, size in zip(part, item.shape, strict=True):
            if found.get(letter, 1) == 1:
                found[letter] = size
            elif size not in (1, found[letter]):
                message = (
                    f"einsum(): subscript {letter} has size {size} for operand {number} which does not broadcast with "
                    f"previously seen size {found[letter]}"
                )
                both = Sentence("`{letter}` stands for {a} and for {b}.", letter=letter, a=found[letter], b=size)
                fail("RuntimeError", message, both)
    return found


def _check_output(right: str, sizes: dict[str, int]) -> None:
    for place, letter in enumerate(right):
        if letter in right[:place]:
            message = f"einsum(): output subscript {letter} appears more than once in the output"
            fail("RuntimeError", message, Sentence("Each axis of the result has a letter of its own."))
        if letter not in sizes:
            message = f"einsum(): output subscript {letter} does not appear in the equation for any input operand"
            fail("RuntimeError", message, Sentence("`{letter}` stands in the result only.", letter=letter))

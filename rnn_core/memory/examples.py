"""A sequence of a memory task as one writes it down."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from rnn_core.memory.plan import MemoryConfig

LETTERS, SILENCE, SIGNAL = "abcdefgh", "·", "?"
OPENING, CLOSING = "([{<«⌈⟨⟦", ")]}>»⌉⟩⟧"
SIGNS = {-1: "−", 0: "·", 1: "+"}


@dataclass(frozen=True)
class Example:
    """What goes in, a word a time step, and what is wanted at the last of them."""

    input: str
    wanted: str


def spell_example(config: MemoryConfig) -> Example:
    """Draw a sequence of a task and write it down: time runs to the right, answers that do not count are left out.

    Channels of one time step stand side by side; a mark is a star.
    """
    batch = config.rules.draw(config.width, config.lag, 1, torch.Generator().manual_seed(0))
    steps = [_spell(config, row) for row in batch.input[0]]
    scored = config.rules.scored(batch.asked)
    answers = [_spell_answer(config, answer) for answer in batch.target[0, -scored:]]
    wide = [max(map(len, pair)) for pair in zip(steps, [""] * (len(steps) - scored) + answers, strict=True)]
    before = " ".join(" " * size for size in wide[: len(steps) - scored])
    wanted = " ".join(answer.ljust(size) for answer, size in zip(answers, wide[-scored:], strict=True))
    return Example(
        " ".join(step.ljust(size) for step, size in zip(steps, wide, strict=True)).rstrip(),
        f"{before} {wanted}".rstrip(),
    )


def _spell(config: MemoryConfig, row: Float[Tensor, " I"]) -> str:
    if config.task == "adding":
        return f"{row[0]:.2f}{'*' if row[1] else ''}"
    if config.task == "parity":
        return str(int(row[0] > 0))
    if config.task == "flipflop":
        return "".join(SIGNS[int(value)] for value in row)
    symbols = LETTERS[: config.width]
    if config.task == "brackets":
        symbols = OPENING[: config.width] + CLOSING[: config.width]
    return (symbols + SILENCE + SIGNAL)[int(row.argmax())]


def _spell_answer(config: MemoryConfig, answer: Tensor) -> str:
    if config.task == "adding":
        return f"{float(answer):.2f}"
    if config.task == "flipflop":
        return "".join(SIGNS[int(value)] for value in answer)
    if config.task == "parity":
        return str(int(answer))
    return (CLOSING if config.task == "brackets" else LETTERS)[int(answer)]

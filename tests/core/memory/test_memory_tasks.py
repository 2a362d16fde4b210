"""Tasks with a memory demand: a plain program always knows the answer, and who sees only the last step guesses."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.analysis.flipflop import PULSE_SHARE
from rnn_core.memory.tasks import BEFORE, BEST, COPIED, MEMORY_TASKS, TOLERANCE

COUNT = 4000
LAGS = (1, 2, 3, 7, 30)


def draw(name, width, lag, count=COUNT, seed=0):
    return MEMORY_TASKS[name].draw(width, lag, count, torch.Generator().manual_seed(seed))


def widths(name):
    low, high = MEMORY_TASKS[name].widths
    return sorted({low, min(3, high), high})


CASES = [(name, width, lag) for name in MEMORY_TASKS for width in widths(name) for lag in LAGS]


def solve(name, width, lag, sequence):
    """Find the answers of one sequence (L, I) with a plain program: lists, dicts and a stack."""
    rows = sequence.tolist()
    symbols = [row.index(1.0) for row in rows] if name in ("echo", "copy", "brackets") else []
    if name == "echo":
        return [symbols[-1 - lag]]
    if name == "copy":
        return [symbols[t - lag] for t in range(lag, len(symbols))]
    if name == "adding":
        return [[sum(number for number, mark in rows if mark)]]
    if name == "parity":
        return [sum(bit == 1.0 for (bit,) in rows[: t + 1]) % 2 for t in range(len(rows))]
    if name == "flipflop":
        held, answers = [0.0] * width, []
        for row in rows:
            held = [sign or old for sign, old in zip(row, held, strict=True)]
            answers.append(held)
        return answers
    stack, answers = [], []
    for symbol in symbols:
        if symbol < width:
            stack.append(symbol)
        elif symbol < 2 * width:
            assert stack.pop() == symbol - width, "closes what is innermost"
        answers.append(stack[-1] if stack else width)
    return answers


@pytest.mark.parametrize(("name", "width", "lag"), CASES)
def test_the_answer_follows_from_the_input_so_that_1_can_be_reached(name, width, lag):
    batch, task = draw(name, width, lag, 200), MEMORY_TASKS[name]
    assert batch.input.shape[2] == task.input_size(width)
    assert (batch.target.shape[:2], batch.target.dim()) == ((200, batch.asked), 2 if task.kind == "class" else 3)
    for sequence, target in zip(batch.input, batch.target, strict=True):
        assert torch.tensor(solve(name, width, lag, sequence)).allclose(target, atol=1e-5)
    assert BEST == 1.0


@pytest.mark.parametrize(("name", "width", "lag"), CASES)
def test_what_counts_came_in_lag_steps_before(name, width, lag):
    batch = draw(name, width, lag)
    length, scored = batch.input.shape[1], MEMORY_TASKS[name].scored(batch.asked)
    steps = {
        "echo": lag + 1,
        "copy": lag + min(lag, COPIED),
        "adding": lag + 1,
        "parity": lag + 1,
        "flipflop": BEFORE + 1 + lag,
        "brackets": BEFORE + 1 + lag,
    }
    assert length == steps[name]
    assert scored == (batch.asked if name == "copy" else 1)
    first = length - 1 - lag  # where the last answer's symbol came in
    seen = batch.input[:, first]
    if name == "brackets":
        assert torch.equal(seen.argmax(-1), batch.target[:, -1])
    elif name == "flipflop":
        assert torch.equal(seen, batch.target[:, -1])
    elif name == "adding":
        assert (seen[:, 1] == 1).all()
    elif name != "parity":
        assert torch.equal(seen.argmax(-1), batch.target[:, -1])


def best_guess(name, batch):
    """Return the accuracy of the best rule that knows the last time step alone, estimated from the batch itself."""
    task, last = MEMORY_TASKS[name], batch.input[:, -1]
    if name == "flipflop":
        return max((batch.target[:, -1] == sign).double().mean().item() for sign in (-1, 1))
    if name == "adding":
        known = last[:, 1] == 1
        rest = (batch.target[:, -1, 0] - last[:, 0] * known)[:, None]
        centres = torch.linspace(0, 2, 101)
        return sum(((rest[part] - centres).abs() < TOLERANCE).double().sum(0).max() for part in (known, ~known)) / COUNT
    answers = batch.target[:, -task.scored(batch.asked) :]
    right = 0
    for key in last.unique(dim=0):
        group = answers[(last == key).all(1)]
        right += sum(column.bincount().max().item() for column in group.T)
    return right / answers.numel()


@pytest.mark.parametrize(("name", "width", "lag"), CASES)
def test_who_sees_only_the_present_step_reaches_chance(name, width, lag):
    # The best rule for a sample looks a little better than the best rule is.
    guess = best_guess(name, draw(name, width, lag, seed=1))
    chance = MEMORY_TASKS[name].chance(width, lag)
    assert chance - 0.01 < guess < chance + 0.04


@pytest.mark.parametrize("lag", [1, 4])
def test_chance_by_counting_every_sequence(lag):
    """Echo and parity over all sequences: after the last symbol every answer is as likely."""
    for width in (2, 3):
        words = list(itertools.product(range(width), repeat=lag + 1))
        best = sum(
            max(sum(word[-1] == last and word[0] == answer for word in words) for answer in range(width))
            for last in range(width)
        )
        assert best / len(words) == pytest.approx(MEMORY_TASKS["echo"].chance(width, lag))
    words = list(itertools.product(range(2), repeat=lag + 1))
    odd = [sum(sum(word) % 2 == answer and word[-1] == last for word in words) for answer in (0, 1) for last in (0, 1)]
    assert set(odd) == {len(words) / 4}
    assert MEMORY_TASKS["parity"].chance(1, lag) == 0.5


def test_every_balanced_word_is_as_likely():
    batch = draw("brackets", 2, 9, 14_000)
    inside = batch.input[:, BEFORE + 1 : -1].argmax(-1) // 2 == 0
    found = torch.tensor([[int(opens) for opens in word] for word in inside.tolist()]).unique(dim=0, return_counts=True)
    assert len(found[0]) == 14  # Catalan's number of words of four pairs
    assert found[1].min() > 850
    assert found[1].max() < 1150


def test_the_mark_is_anywhere_after_the_first():
    marks = draw("adding", 2, 5).input[:, :, 1]
    assert (marks.sum(1) == 2).all()
    assert marks.mean(0)[1:].min() > 0.15


def test_pulses_come_as_often_as_in_the_flip_flop():
    spoken = draw("flipflop", 3, 10).input[:, :BEFORE].abs().mean().item()
    assert spoken == pytest.approx(PULSE_SHARE, abs=0.01)


@settings(max_examples=20)
@given(st.sampled_from(list(MEMORY_TASKS)), st.integers(1, 100), st.integers(0, 2**31))
def test_equal_generators_draw_equal_sequences_and_nothing_else_is_drawn_from(name, lag, seed):
    before = torch.get_rng_state()
    width = widths(name)[-1]
    first, second = draw(name, width, lag, 3, seed), draw(name, width, lag, 3, seed)
    assert torch.equal(first.input, second.input)
    assert torch.equal(first.target, second.target)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("lag", [2, 10])
def test_the_chance_of_adding_is_the_share_that_the_best_guess_gets_right(lag):
    """Without memory one knows the last pair: its number where it is marked; else the sum is 1 at best."""
    batch = MEMORY_TASKS["adding"].draw(2, lag, 200_000, torch.Generator().manual_seed(3))
    number, mark = batch.input[:, -1].unbind(1)
    guess = torch.where(mark > 0, number + 0.5, 1.0)
    share = ((guess - batch.target[:, 0, 0]).abs() < 0.04).double().mean().item()
    assert share == pytest.approx(MEMORY_TASKS["adding"].chance(2, lag), abs=0.003)

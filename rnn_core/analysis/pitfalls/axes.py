"""Which axis is which: the batch, the steps, the features, and what happens when they are taken for each other."""

from __future__ import annotations

import torch
from torch import nn

from rnn_core.analysis.pitfalls.found import Found, attempt, build, cells, drawn, largest
from rnn_core.sentence import Sentence


@torch.no_grad()
def batch_first_state() -> Found:
    """Call the same GRU on the same numbers with and without batch_first, and see which results turn."""
    first, second = build(nn.GRU, 4, 3, batch_first=True), build(nn.GRU, 4, 3)
    x = drawn(2, 5, 4)  # (N, L, H_in)
    (output, h_n), (turned, same) = first(x), second(x.transpose(0, 1))
    return Found(
        sentences=(
            Sentence(
                "`output` changes its axes: {a} with batch_first=True, {b} without. `h_n` is {c} both times.",
                a=str(tuple(output.shape)),
                b=str(tuple(turned.shape)),
                c=str(tuple(h_n.shape)),
            ),
            Sentence("The two h_n differ by {change}.", change=largest(h_n - same)),
        ),
        tried=(
            attempt("nn.GRU(4, 3, batch_first=True)(torch.zeros(2, 5, 4))", lambda: first(torch.zeros(2, 5, 4))),
            attempt("nn.GRU(4, 3)(torch.zeros(5, 2, 4))", lambda: second(torch.zeros(5, 2, 4))),
        ),
        panels=(
            cells(Sentence("output, batch_first=True"), output[..., 0], ("N", "L")),
            cells(Sentence("h_n, batch_first=True"), h_n[..., 0], ("D*num_layers", "N")),
            cells(Sentence("output, without"), turned[..., 0], ("L", "N")),
            cells(Sentence("h_n, without"), same[..., 0], ("D*num_layers", "N")),
        ),
    )


@torch.no_grad()
def poke_sample(sample: int) -> Found:
    """Change one sample of a batch and see which samples' outputs change, with the axes right and wrong."""
    x = drawn(4, 6, 3)  # (N, L, H_in)
    poked = x.clone()
    poked[sample] += 1.0
    changes = []
    for batch_first in (True, False):
        rnn = build(nn.RNN, 3, 8, batch_first=batch_first)
        changes.append((rnn(poked)[0] - rnn(x)[0]).abs().amax(dim=-1))  # (N, L)
    others = [torch.cat([change[:sample], change[sample + 1 :]]) for change in changes]
    return Found(
        sentences=(
            Sentence("With batch_first=True the other samples change by {change}.", change=largest(others[0])),
            Sentence(
                "Without it they change by up to {change}, in {count} of {total} samples: torch reads the batch as "
                "time, so a sample remembers the ones before it. Both outputs have the shape (4, 6, 8).",
                change=largest(others[1]),
                count=int((others[1].amax(dim=1) > 0).sum()),
                total=len(others[1]),
            ),
        ),
        tried=(
            attempt("nn.RNN(3, 8, batch_first=True)(torch.zeros(4, 6, 3))[0]", lambda: _output(x, True)),
            attempt("nn.RNN(3, 8)(torch.zeros(4, 6, 3))[0]", lambda: _output(x, False)),
        ),
        panels=(
            cells(Sentence("change of the output, batch_first=True"), changes[0], ("N", "L")),
            cells(Sentence("change of the output, batch_first forgotten"), changes[1], ("N", "L")),
        ),
    )


def _output(x: torch.Tensor, batch_first: bool) -> torch.Tensor:
    output: torch.Tensor = build(nn.RNN, 3, 8, batch_first=batch_first)(x)[0]
    return output


@torch.no_grad()
def shuffle_text(shuffle: int) -> Found:
    """Shuffle the characters of the lesson's (1, 12, 9) input, and see whether its outputs are merely shuffled too."""
    text = "hello! world"
    known = sorted(set(text))
    x = torch.eye(len(known))[[known.index(c) for c in text]].unsqueeze(0)  # (1, 12, 9)
    order = torch.randperm(len(text), generator=torch.Generator().manual_seed(shuffle))
    changes = []
    for batch_first in (True, False):
        rnn = build(nn.RNN, 9, 9, batch_first=batch_first)
        changes.append((rnn(x[:, order])[0] - rnn(x)[0][:, order]).abs().amax(dim=-1))  # (1, 12)
    letters = tuple("␣" if text[i] == " " else text[i] for i in order)
    return Found(
        sentences=(
            Sentence(
                "Read as twelve sequences of one time step, every character keeps its output wherever it "
                "stands: the largest difference is {change}. This network has no memory at all.",
                change=largest(changes[1]),
            ),
            Sentence(
                "Read as one sequence of twelve time steps, it differs by up to {change}: what came before matters.",
                change=largest(changes[0]),
            ),
        ),
        panels=(
            cells(Sentence("difference, batch_first=True"), changes[0], ("N", "L"), columns=letters),
            cells(Sentence("difference, batch_first forgotten"), changes[1], ("L", "N"), columns=letters),
        ),
    )


@torch.no_grad()
def unbatched_input() -> Found:
    """Give a 2-D input, change its first row, and see which rows of the output change."""
    x = drawn(5, 4)
    poked = x.clone()
    poked[0] += 1.0
    rnn, batched = build(nn.RNN, 4, 6), build(nn.RNN, 4, 6, batch_first=True)
    alone = (rnn(poked)[0] - rnn(x)[0]).abs().amax(dim=-1)  # (5,)
    apart = (batched(poked.unsqueeze(1))[0] - batched(x.unsqueeze(1))[0]).abs().amax(dim=-1)[:, 0]
    return Found(
        sentences=(
            Sentence(
                "Given as (5, 4), the four rows after the first change by up to {change}: they are five time "
                "steps of one sequence, and h_n is {shape}.",
                change=largest(alone[1:]),
                shape=str(tuple(rnn(x)[1].shape)),
            ),
            Sentence("Given as (5, 1, 4), batch first, they change by {change}.", change=largest(apart[1:])),
        ),
        tried=(
            attempt("nn.RNN(4, 6)(torch.zeros(5, 4))", lambda: rnn(x)),
            attempt("nn.RNN(4, 6, batch_first=True)(torch.zeros(5, 1, 4))", lambda: batched(x.unsqueeze(1))),
        ),
        panels=(
            cells(Sentence("change of the output, given (5, 4)"), alone[None], ("", "L")),
            cells(Sentence("change of the output, given (5, 1, 4)"), apart[None], ("", "N")),
        ),
    )


def input_size_is_features() -> Found:
    """Give input_size the length of the sequence, and then what it is."""
    x = drawn(2, 7, 4)
    wrong = attempt("nn.RNN(7, 3, batch_first=True)(torch.zeros(2, 7, 4))", lambda: _rnn(7)(x))
    right = attempt("nn.RNN(4, 3, batch_first=True)(torch.zeros(2, 7, 4))", lambda: _rnn(4)(x))
    longer = attempt("nn.RNN(4, 3, batch_first=True)(torch.zeros(9, 100, 4))", lambda: _rnn(4)(torch.zeros(9, 100, 4)))
    return Found(
        sentences=(
            Sentence(
                "With input_size=7, the number of time steps, torch stops: it wants the last axis to be 7, and it is 4."
            ),
            Sentence("With input_size=4 it takes any batch and any number of time steps."),
        ),
        tried=(wrong, right, longer),
        panels=(
            cells(
                Sentence("one of the sequences: 7 time steps, and input_size = 4 features in each"), x[0], ("L", "H_in")
            ),
        ),
    )


def _rnn(input_size: int) -> nn.RNNBase:
    return build(nn.RNN, input_size, 3, batch_first=True)


def view_is_no_transpose() -> Found:
    """Exchange the axes of a small tensor with transpose, and try the same with view."""
    x = torch.arange(6.0).view(2, 3)
    transposed, viewed = x.transpose(0, 1), x.view(3, 2)
    moved = int((transposed != viewed).sum())
    return Found(
        sentences=(
            Sentence(
                "Both are (3, 2), and {moved} of {total} numbers are in another place. view reads them row by row and "
                "cuts the rows anew; transpose exchanges the axes.",
                moved=moved,
                total=x.numel(),
            ),
        ),
        tried=(
            attempt("torch.zeros(2, 3).transpose(0, 1)", lambda: transposed),
            attempt("torch.zeros(2, 3).view(3, 2)", lambda: viewed),
            attempt("torch.zeros(2, 3).transpose(0, 1).view(6)", lambda: transposed.view(6)),
        ),
        panels=(
            cells(Sentence("x"), x, ("N", "L")),
            cells(Sentence("x.transpose(0, 1)"), transposed, ("L", "N")),
            cells(Sentence("x.view(3, 2)"), viewed, ("", "")),
        ),
    )


def indices_as_input() -> Found:
    """Give characters' indices to a network as they are, as integer one-hot rows, and as floats."""
    rnn, known = build(nn.RNN, 9, 3), "hello! world"
    indices = torch.tensor([sorted(set(known)).index(c) for c in "hello"])
    rows, weight = nn.functional.one_hot(indices, 9), dict(rnn.named_parameters())["weight_ih_l0"]
    code = "nn.RNN(9, 3)({})"
    return Found(
        sentences=(
            Sentence("Indices have no feature axis, and integer rows are of another type than the weights: both stop."),
            Sentence(
                "As float rows they go in. The product with weight_ih picks one column of it for each character: the "
                "difference between the two is {change}.",
                change=largest(rows.float() @ weight.T - weight.T[indices]),
            ),
        ),
        tried=(
            attempt(code.format("torch.tensor([3, 2, 4, 4, 5])"), lambda: rnn(indices)),
            attempt(code.format("F.one_hot(torch.tensor([3, 2, 4, 4, 5]), 9)"), lambda: rnn(rows)),
            attempt(code.format("F.one_hot(torch.tensor([3, 2, 4, 4, 5]), 9).float()"), lambda: rnn(rows.float())),
        ),
        panels=(cells(Sentence("one-hot rows of “hello”"), rows, ("L", "V"), rows=tuple("hello")),),
    )

"""What goes into cross-entropy: which axis holds the classes, and scores instead of probabilities or states."""

from __future__ import annotations

import math

import torch
from torch.nn.functional import cross_entropy

from rnn_core.analysis.pitfalls.found import Found, attempt, cells, digits, drawn
from rnn_core.records.arrays import frozen
from rnn_core.records.sweeps import NamedCurve
from rnn_core.sentence import Sentence


def class_axis() -> Found:
    """Give cross-entropy (N, L, V) instead of (N, V, L): with L ≠ V it stops, with L = V it is silently wrong."""
    logits = drawn(2, 5, 5)  # (N, L, V), L = V
    target = torch.randint(5, (2, 5), generator=torch.Generator().manual_seed(1))
    given = (logits, target), (logits.transpose(1, 2), target), (logits.reshape(-1, 5), target.reshape(-1))
    wrong, right, flat = (digits(cross_entropy(*pair).item(), 4) for pair in given)
    whole = torch.zeros(2, 5), torch.zeros(2, 5, dtype=torch.long)
    code = "F.cross_entropy({}, torch.zeros(2, 5, dtype=torch.long))"
    return Found(
        sentences=(
            Sentence("With L = 5 and V = 6 torch stops: it takes the second axis, the time steps, for the classes."),
            Sentence(
                "With L = V = 5 no error is raised: the loss is {wrong} instead of {right}. Flattened to rows it is "
                "{flat}.",
                wrong=wrong,
                right=right,
                flat=flat,
            ),
        ),
        tried=(
            attempt(code.format("torch.zeros(2, 5, 6)"), lambda: cross_entropy(torch.zeros(2, 5, 6), whole[1])),
            attempt(
                code.format("torch.zeros(2, 5, 6).transpose(1, 2)"),
                lambda: cross_entropy(torch.zeros(2, 6, 5), whole[1]),
            ),
        ),
        panels=(
            cells(Sentence("probabilities over the classes: each row sums to 1"), logits[0].softmax(dim=1), ("L", "V")),
            cells(
                Sentence("what it takes without an error: each column sums to 1"), logits[0].softmax(dim=0), ("L", "V")
            ),
        ),
    )


def scores_not_probabilities(vocab_size: int) -> Found:
    """Make the right score ever larger, and watch three losses: of scores, of softmax(scores), of tanh(scores)."""
    V = vocab_size
    confidence = torch.linspace(0, 12, 49)
    right = torch.nn.functional.one_hot(torch.tensor(0), V).float()
    scores = confidence[:, None] * (2 * right - 1)  # (49, V): the right class up, the others down
    target = torch.zeros(len(confidence), dtype=torch.long)
    losses = [
        cross_entropy(given, target, reduction="none").abs() for given in (scores, scores.softmax(dim=1), scores.tanh())
    ]
    names = (Sentence("scores"), Sentence("softmax first"), Sentence("a tanh state as scores"))
    curves = [NamedCurve(n, frozen(confidence.numpy()), frozen(y.numpy())) for n, y in zip(names, losses, strict=True)]
    ends = [digits(y[-1].item(), 4) for y in losses]
    floor = digits(math.log(1 + (V - 1) * math.exp(-2)), 4)
    return Found(
        sentences=(
            Sentence(
                "The scores reach {loss} nats. After an extra softmax the loss stays at {double}.",
                loss=ends[0],
                double=ends[1],
            ),
            Sentence(
                "A tanh state as scores stays at {tanh}, with V = {size} classes; its floor is ln(1 + (V - "
                "1)·e⁻²) = {floor}, a probability of {share}% at most.",
                tanh=ends[2],
                size=V,
                floor=floor,
                share=round(100 * math.exp(-floor)),
            ),
        ),
        curves=tuple(curves),
        axes=(Sentence("how sure the network is"), Sentence("loss (nats)")),
    )

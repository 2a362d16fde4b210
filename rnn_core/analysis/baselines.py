"""What loss to expect: reference values that need no network, in nats per character."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from rnn_core.config import Config
from rnn_core.records.runs import Dataset
from rnn_core.sentence import Sentence


@dataclass(frozen=True)
class Reference:
    """A loss worth a line in the picture: its name, its value in nats and what reaches it."""

    name: str
    value: float
    meaning: Sentence


def reference_losses(config: Config, dataset: Dataset) -> list[Reference]:
    """Return the losses of guessing, of knowing frequencies, of knowing the last character, and the floor if any."""
    vocab_size = dataset.vocab_size
    pairs = list(zip(dataset.input.ravel().tolist(), dataset.target.ravel().tolist(), strict=True))
    references = [
        Reference("uniform", math.log(vocab_size), Sentence("ln V: guessing, V = {size}", size=vocab_size)),
        Reference("unigram", entropy(t for _, t in pairs), Sentence("knowing how often each character occurs")),
        Reference("bigram", conditional_entropy(pairs), Sentence("knowing the present character, with no memory")),
    ]
    if config.head == "none" and is_bounded(config):
        references.append(
            Reference("floor", tanh_floor(vocab_size), Sentence("floor: outputs between -1 and 1 used as scores"))
        )
    return references


def entropy(symbols: Iterable[Hashable]) -> float:
    """Return H(X) = -sum p(x) ln p(x) of the observed frequencies, in nats."""
    counts = Counter(symbols)
    total = sum(counts.values())
    return -sum(n / total * math.log(n / total) for n in counts.values()) + 0.0  # + 0.0 turns -0.0 into 0.0


def conditional_entropy(pairs: Iterable[tuple[Hashable, Hashable]]) -> float:
    """Return H(Y|X) = H(X, Y) - H(X) of observed pairs (x, y), in nats."""
    seen = list(pairs)
    return max(0.0, entropy(seen) - entropy(x for x, _ in seen))


def tanh_floor(vocab_size: int) -> float:
    """Return the least cross-entropy that scores in (-1, 1) allow: ln(1 + (V - 1) e^-2), in nats.

    The best case scores the right character 1 and the other V - 1 characters -1.
    """
    return math.log(1 + (vocab_size - 1) * math.exp(-2))


def is_bounded(config: Config) -> bool:
    """Whether the hidden state stays within -1 and 1: always, except with relu."""
    return config.cell != "rnn" or config.nonlinearity == "tanh"

"""Which characters read so far moved a prediction: saliency at every time step, beside what was predicted there.

After Madsen 2019, https://distill.pub/2019/memorization-in-rnns, where the same is drawn for stored networks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from rnn_core.analysis.gradients import saliency_map
from rnn_core.cells.equations import Weights
from rnn_core.cells.sequence import recompute
from rnn_core.config import Config
from rnn_core.records.arrays import frozen


@dataclass(frozen=True, slots=True, eq=False)
class Connectivity:
    """What a network expects after each character of a text, and which characters it has that from.

    Attributes:
        strength: |d logit_k at t / d x_s| in entry (t, s), for the character k that is explained at t; L2 norm.
        explained: index of that character at each time step.
        best: indices of the K most likely characters at each time step, the most likely first.
        probability: of each of them.
    """

    strength: Float[np.ndarray, "L L"]
    explained: Int[np.ndarray, " L"]
    best: Int[np.ndarray, "L K"]
    probability: Float[np.ndarray, "L K"]


def connectivity(
    config: Config,
    weights: Weights,
    window: Int[np.ndarray, " L"],
    explained: Int[np.ndarray, " L"] | None = None,
    *,
    count: int = 5,
) -> Connectivity:
    """Differentiate the score of one character at every time step by every input.

    Args:
        config: the network.
        weights: by parameter name.
        window: indices of the characters that go in.
        explained: whose score to explain at each time step; the most likely one if not given.
        count: how many of the most likely characters to name.
    """
    logits = recompute(config, weights, window[None]).logits.reshape(len(window), -1)
    with np.errstate(over="ignore", invalid="ignore"):  # an exploded network has no probabilities
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        probability = odds / odds.sum(axis=1, keepdims=True)
    best = np.argsort(-logits, axis=1, kind="stable")[:, :count]
    chosen = best[:, 0] if explained is None else explained
    return Connectivity(
        strength=saliency_map(config, weights, window, chosen),
        explained=frozen(chosen),
        best=frozen(best),
        probability=frozen(np.take_along_axis(probability, best, axis=1)),
    )

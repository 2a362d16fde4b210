"""What clipping the gradient does to a network whose gradients explode: two trainings that differ in nothing else."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from rnn_core.characters import split_characters
from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.dynamics import Descent
from rnn_core.training.initialisation import initialise
from rnn_core.training.trainer import Trainer

HIDDEN_SIZE, LENGTH, STEPS, LEARNING_RATE = 16, 30, 100, 0.5
EPSILON = 1e-6  # what torch adds to the norm before it divides by it


def descend(text: str, *, radius: float, grad_clip: float, seed: int = 0) -> Descent:
    """Train a plain RNN with relu, which nothing holds back, by gradient descent on a text repeated to 30 steps.

    Args:
        text: it learns to predict the next character of its first 31, or of as many repetitions as that takes.
        radius: largest |eigenvalue| of W_hh at the start.
        grad_clip: the norm to which gradients are cut before each update; 0 does not cut them.
        seed: of every draw.
    """
    repeated = "".join(np.resize(np.array(split_characters(text), dtype=object), LENGTH + 1))
    sizes = {"hidden_size": HIDDEN_SIZE, "seq_len": LENGTH, "steps": STEPS, "learning_rate": LEARNING_RATE}
    config = Config(text=repeated, nonlinearity="relu", optimizer="sgd", grad_clip=grad_clip, seed=seed, **sizes)
    trainer = Trainer(config)
    initialise(trainer.model.rnn, "spectral_radius", generator=torch.Generator().manual_seed(seed), value=radius)
    records = list(trainer)
    norms = np.array([record.grad_norm for record in records])
    return Descent(
        grad_clip=grad_clip,
        loss=frozen(np.array([record.loss for record in records])),
        grad_norm=frozen(norms),
        clipped_norm=clipped(norms, grad_clip),
        has_exploded=trainer.has_exploded,
    )


def clipped(norms: Float[np.ndarray, " S"], grad_clip: float) -> Float[np.ndarray, " S"]:
    """Return the norms of gradients after torch.nn.utils.clip_grad_norm_, which keeps their direction.

    Each gradient is multiplied by min(1, grad_clip / (norm + 1e-6)):
    https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html.
    """
    if grad_clip <= 0:
        return norms
    with np.errstate(invalid="ignore"):
        cut: np.ndarray = norms * np.minimum(1.0, grad_clip / (norms + EPSILON))
    return frozen(cut)

"""The lesson's silent mistakes, each measured on the network at hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from rnn_core.cells.equations import Weights
from rnn_core.config import Config
from rnn_core.records.runs import Dataset
from rnn_core.training.experiment import Experiment
from rnn_core.training.model import build_model, build_with
from rnn_core.training.trainer import trace_forward


@dataclass(frozen=True)
class ShuffleResult:
    """What shuffling the characters of the input does to the outputs.

    Attributes:
        order: the new order of the characters.
        change: largest |output of the shuffled text - shuffled output of the text|; 0 means that the outputs were
            only permuted, so that no step knew of any other.
        fixed_change: the same for the same weights with the axes the right way round.
    """

    order: tuple[int, ...]
    change: float
    fixed_change: float


def count_copies(dataset: Dataset) -> tuple[int, int]:
    """Return at how many places the target is the very input, and how many places there are."""
    return int((dataset.input == dataset.target).sum()), dataset.input.size


def shuffle_characters(
    config: Config | Experiment, weights: Weights | None = None, *, shuffle_seed: int = 0
) -> ShuffleResult:
    """Shuffle the characters within the windows, and see whether the outputs are merely shuffled along.

    Args:
        config: the network and its text.
        weights: trained weights by name; the untrained ones of the config's seed if not given.
        shuffle_seed: draws the order.
    """
    experiment = Experiment.of(config)
    config, dataset = experiment.config, experiment.dataset
    length = dataset.input.shape[1]
    order = torch.randperm(length, generator=torch.Generator().manual_seed(shuffle_seed)).numpy()
    if length > 1 and (order == np.arange(length)).all():
        order = np.roll(order, 1)
    fixed = config.model_copy(update={"batch_first": True})
    return ShuffleResult(
        order=tuple(order.tolist()),
        change=_shuffle_change(config, dataset, order, weights),
        fixed_change=_shuffle_change(fixed, dataset, order, weights),
    )


def _shuffle_change(config: Config, dataset: Dataset, order: np.ndarray, weights: Weights | None) -> float:
    size = dataset.vocab_size
    model = build_model(config, size)[0] if weights is None else build_with(config, size, weights)
    windows = dataset.input[: config.batch_size]
    plain = trace_forward(config, model, torch.tensor(windows))
    mixed = trace_forward(config, model, torch.tensor(windows[:, order]))
    return float(np.abs(mixed.output - np.take(plain.output, order, axis=plain.text_axis)).max())

"""Training on a series by the same loop as on a text: mean squared error in standard units instead of cross-entropy."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from rnn_core.records.arrays import frozen
from rnn_core.records.runs import SeriesRecord
from rnn_core.training.series import SeriesExperiment
from rnn_core.training.trainer import Batch, Trainer


class SeriesTrainer(Trainer):
    """A run on a series that can be asked for one record at a time; its records are of the kind `SeriesRecord`.

    Raises:
        ConfigError: if the experiment cannot be trained or costs too much.
    """

    def __init__(self, experiment: SeriesExperiment) -> None:
        experiment.check()
        self._begin(experiment)

    def _loss(self, scores: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
        """Return the mean squared error of answers (M, C)."""
        return mse_loss(scores, target, reduction=reduction)

    def _record(self, scores: Tensor, loss: float) -> SeriesRecord:
        return SeriesRecord(
            step=self.step,
            loss=loss,
            grad_norm=self._norm.item(),
            accuracy=float("nan"),
            predicted=(),
            target=(),
            windows=self._batch.windows,
            val_loss=self._validate(),
            answers=frozen(scores.numpy()),
            wanted=frozen(self._batch.target.numpy()),
        )

    def _gather(self, windows: Sequence[int]) -> Batch:
        chosen = list(windows)
        target = self._data.target[chosen]  # (N, L, C)
        return Batch(
            windows=tuple(chosen),
            input=torch.from_numpy(self._data.input[chosen]),
            target=torch.from_numpy(target).flatten(0, 1),
            wanted=target.reshape(-1, target.shape[-1]),
            characters=(),
        )

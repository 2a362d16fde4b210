"""Training many networks of one architecture as one program: the records of `train` at the cost of a few runs.

    for reading in Population([Config(seed=seed) for seed in range(64)]):
        print(reading.step, reading.loss.min())

Each network has its own seed, learning rate, clip, optimiser, order of the data and end. Its records are those of
`train` within the rounding of single precision, unless training makes rounding grow (see `twins`): the same weights to
begin with, bit by bit, the same batches, the same rule for an explosion. Whatever `train` takes can be a member; those
of one population share what shapes the tensors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from rnn_core.config import Config
from rnn_core.records.runs import Dataset, StepRecord
from rnn_core.sweep.batches import Batches, signature_of
from rnn_core.sweep.network import StackedNetwork, draw_weights, loss_of, nudge
from rnn_core.sweep.optimizers import StackedOptimizer
from rnn_core.training.experiment import Experiment
from rnn_core.training.series import SeriesExperiment, Trainable
from rnn_core.training.trainer import EXPLOSION, VALIDATE_EVERY


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the networks that are still in training have come to, each measured on its own batch.

    Attributes:
        step: updates made so far.
        members: their places in the list of configs.
        loss: in nats per character; for series the mean squared error, in standard units.
        grad_norm: L2 norms of the gradients, before clipping.
        has_finished: which of them give their last record with this.
        has_exploded: which of those because the loss or its gradient exploded.
        val_loss: the same on the held-out windows, where it was measured.
    """

    step: int
    members: Int[np.ndarray, " P"]
    loss: Float[np.ndarray, " P"]
    grad_norm: Float[np.ndarray, " P"]
    has_finished: Bool[np.ndarray, " P"]
    has_exploded: Bool[np.ndarray, " P"]
    val_loss: Float[np.ndarray, " P"] | None = None


class Population:
    """P runs side by side that can be asked for one step at a time.

    Attributes:
        reading: the last one.

    Args:
        configs: one or more of the same `signature_of`.
        device: where to compute; a GPU if there is one.
        twins: how many of the last networks begin with weights that are one unit in the last place away.

    Raises:
        ConfigError: as `train`.
        ValueError: if the configs cannot share their tensors.
    """

    def __init__(
        self, configs: Sequence[Config | Trainable], device: torch.device | None = None, *, twins: int = 0
    ) -> None:
        self.members = [_trainable(config) for config in configs]
        if len({signature_of(member) for member in self.members}) != 1:
            raise ValueError("a population's configs must agree in architecture and in the shapes of their data")
        self.device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.step = -1
        first, self._configs = self.members[0], [member.config for member in self.members]
        # Rows of the tensors are sorted by optimiser, so that each has a block of its own.
        self._rows = np.array(sorted(range(len(configs)), key=lambda place: self._configs[place].optimizer))
        weights, generators = draw_weights(self._configs, first.dataset.outputs)
        if twins:
            weights[-twins:] = nudge(weights[-twins:])
        self._network = StackedNetwork(first.config, first.dataset.outputs, weights[self._rows].to(self.device))
        self._optimizer = StackedOptimizer([self._configs[row].optimizer for row in self._rows], self._network.weights)
        self._batches = Batches(self.members, generators, self.device)
        self._first_loss = np.zeros(len(configs))
        self._last_step = np.array([config.steps for config in self._configs])
        self._changes = {0, *(change.step for config in self._configs for change in config.earlier)}
        self._finished = np.zeros(len(configs), dtype=bool)

    def __iter__(self) -> Iterator[Reading]:
        return self

    @torch.no_grad()
    def __next__(self) -> Reading:
        if self.has_ended:
            raise StopIteration
        if self.step >= 0:
            self._drop_finished()
            self._update()
        self.step += 1
        self._batch = self._batches.draw(self._rows)
        self.reading = self._measure()
        return self.reading

    @property
    def has_ended(self) -> bool:
        """Whether every network has given its last record."""
        return bool(self._finished.all())

    def leave(self, members: Int[np.ndarray, " Q"]) -> None:
        """Go on without some of the networks, given by their places in the list of configs."""
        self._finished |= np.isin(self._rows, members)

    def accuracy(self) -> Float[np.ndarray, " P"]:
        """Return the share of characters that each network of the last reading predicted right."""
        hits: np.ndarray = (self._scores.argmax(-1) == self._batch.target).double().mean(1).cpu().numpy()
        return hits

    def records(self, which: Sequence[int] | Int[np.ndarray, " Q"]) -> list[StepRecord]:
        """Return what `train` yields here for some networks of the last reading, given by their places in it."""
        rows = torch.as_tensor(which, dtype=torch.long, device=self.device)
        windows = self._batch.windows
        predicted, target = (
            self._batches.in_window_order(flat.cpu().numpy(), windows.shape[1]).tolist()
            for flat in (self._scores[rows].argmax(-1), self._batch.target[rows])
        )
        return [
            self._record(int(row), windows[row].tolist(), *pair)
            for row, *pair in zip(which, predicted, target, strict=True)
        ]

    def weights(self, which: int) -> dict[str, np.ndarray]:
        """Return a copy of the weights by their names, of one network of the last reading."""
        return {name: view[which].cpu().numpy().copy() for name, view in self._network.views.items()}

    def _measure(self) -> Reading:
        """Run the current batches forward and backward; the update is left for when another step is asked for."""
        self._scores = self._network.forward(self._batch.input)
        loss, grad_scores = loss_of(self._scores, self._batch.target)
        self._grads = self._network.backward(grad_scores)
        self._norms = torch.linalg.vector_norm(self._grads, dim=1)
        losses, norms = torch.stack([loss, self._norms]).double().cpu().numpy()
        if self.step == 0:
            self._first_loss[self._rows] = losses
        # The rule of `training.has_exploded`, for all at once.
        limit = EXPLOSION * np.maximum(self._first_loss[self._rows], 1.0)
        exploded = ~(np.isfinite(losses) & np.isfinite(norms)) | (losses > limit)
        self._finished = exploded | (self.step >= self._last_step[self._rows])
        return Reading(self.step, self._rows, losses, norms, self._finished, exploded, self._validate())

    def _validate(self) -> Float[np.ndarray, " P"] | None:
        windows, length = self.members[0].dataset.val_input.shape[:2]
        if not windows or self.step % VALIDATE_EVERY:
            return None
        total = torch.zeros(len(self._rows), dtype=torch.double, device=self.device)
        for batch in self._batches.held_out(self._rows):
            loss, _ = loss_of(self._network.forward(batch.input), batch.target)
            total += loss.double() * batch.target.shape[1]
        val_loss: np.ndarray = (total / (windows * length)).cpu().numpy()
        return val_loss

    def _update(self) -> None:
        if self.step in self._changes:
            self._read_settings()
        if self._grad_clip is not None:
            self._grads.mul_((self._grad_clip / (self._norms + 1e-6)).clamp_(max=1.0).unsqueeze(1))
        self._optimizer.step(self._network.weights, self._grads, self._learning_rate)

    def _read_settings(self) -> None:
        """Read what may change on the way: learning rates, and clips, which are infinite where they are off."""
        rows = [self._configs[row] for row in self._rows]
        rates = [config.value_at("learning_rate", self.step) for config in rows]
        clips = [config.value_at("grad_clip", self.step) or float("inf") for config in rows]
        self._learning_rate = torch.tensor(rates, device=self.device).unsqueeze(1)
        self._grad_clip = None if min(clips) == float("inf") else torch.tensor(clips, device=self.device)

    def _drop_finished(self) -> None:
        """Go on with the networks that have not finished."""
        if not self._finished.any():
            return
        going = np.flatnonzero(~self._finished)
        rows = torch.from_numpy(going).to(self.device)
        self._rows = self._rows[going]
        self._network.hold(self._network.weights[rows])
        self._optimizer.keep(rows)
        self._grads, self._norms = self._grads[rows], self._norms[rows]
        self._read_settings()

    def _record(self, row: int, windows: list[int], predicted: list[int], target: list[int]) -> StepRecord:
        reading = self.reading
        dataset = self.members[reading.members[row]].dataset
        assert isinstance(dataset, Dataset), "records are of texts"
        characters = dataset.characters
        return StepRecord(
            step=reading.step,
            loss=float(reading.loss[row]),
            grad_norm=float(reading.grad_norm[row]),
            accuracy=sum(best == wanted for best, wanted in zip(predicted, target, strict=True)) / len(target),
            predicted=tuple([characters[index] for index in predicted]),
            target=tuple([characters[index] for index in target]),
            windows=tuple(windows),
            val_loss=None if reading.val_loss is None else float(reading.val_loss[row]),
        )


def _trainable(config: Config | Trainable) -> Trainable:
    if isinstance(config, SeriesExperiment):
        config.check()
        return config
    return Experiment.trainable(config)

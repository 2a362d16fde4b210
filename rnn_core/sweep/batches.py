"""The batches of many runs side by side, each in the order that its own generator draws, as `Trainer` draws it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int
from torch import Tensor

from rnn_core.training.series import Trainable


def signature_of(experiment: Trainable) -> tuple[object, ...]:
    """Return what members of one population have in common: all that shapes their tensors."""
    config, dataset = experiment.config, experiment.dataset
    return (
        config.cell,
        config.nonlinearity if config.cell == "rnn" else "",
        config.input_size,
        config.hidden_size,
        config.num_layers,
        config.bidirectional,
        config.head,
        config.encoding,
        config.batch_size,
        config.has_swapped_axes,
        dataset.outputs,
        dataset.input.shape,
        dataset.val_input.shape,
    )


@dataclass(frozen=True)
class Batch:
    """Some windows of each run, time first as the networks read them.

    Attributes:
        windows: which windows of its text each run has before it.
        input: what goes in: indices of characters, or features.
        target: what should come out at each of the M = L * N positions: a character, or a number for each channel.
    """

    windows: Int[np.ndarray, "P W"]
    input: Int[Tensor, "P L N"] | Float32[Tensor, "P L N I"]
    target: Int[Tensor, "P M"] | Float32[Tensor, "P M C"]


class Batches:
    """The windows of P runs, all windows once an epoch.

    Args:
        members: of one signature.
        generators: of the runs, just after their weights were drawn.
        device: where batches are wanted.
    """

    def __init__(
        self, members: Sequence[Trainable], generators: Sequence[torch.Generator], device: torch.device
    ) -> None:
        first = members[0]
        datasets = {id(member.dataset): member.dataset for member in members}  # most runs share one text
        places = {key: place for place, key in enumerate(datasets)}
        self._dataset_of = np.array([places[id(member.dataset)] for member in members])
        self._input = np.stack([dataset.input for dataset in datasets.values()])  # (texts, W, L)
        self._target = np.stack([dataset.target for dataset in datasets.values()])
        self._val_input = np.stack([dataset.val_input for dataset in datasets.values()])
        self._val_target = np.stack([dataset.val_target for dataset in datasets.values()])
        self._count, self._size = self._input.shape[1], first.config.batch_size
        self._time_first = not first.config.has_swapped_axes
        self._generators, self._device = generators, device
        self._order = np.tile(np.arange(self._count), (len(members), 1))
        self._start = self._count
        self._whole: Batch | None = None

    def draw(self, runs: Int[np.ndarray, " P"]) -> Batch:
        """Return the next batch of the runs that are still in training; the last one of an epoch may be smaller."""
        if self._count <= self._size:
            if self._whole is None or len(self._whole.windows) != len(runs):
                self._whole = self._gather(runs, self._order[runs])
            return self._whole
        if self._start >= self._count:
            for run in runs:
                self._order[run] = torch.randperm(self._count, generator=self._generators[run]).numpy()
            self._start = 0
        windows = self._order[runs, self._start : self._start + self._size]
        self._start += self._size
        return self._gather(runs, windows)

    def held_out(self, runs: Int[np.ndarray, " P"]) -> Iterator[Batch]:
        """Yield the held-out windows, if any."""
        count = self._val_input.shape[1]
        for start in range(0, count, self._size):
            windows = np.tile(np.arange(start, min(start + self._size, count)), (len(runs), 1))
            texts = self._dataset_of[runs, None]
            yield self._arrange(windows, self._val_input[texts, windows], self._val_target[texts, windows])

    def in_window_order(self, flat: Int[np.ndarray, "P M"], windows: int) -> Int[np.ndarray, "P M"]:
        """Undo the arrangement of a flat array, so that predictions read like the text."""
        if not self._time_first:
            return flat
        return flat.reshape(len(flat), -1, windows).swapaxes(1, 2).reshape(len(flat), -1)

    def _gather(self, runs: Int[np.ndarray, " P"], windows: Int[np.ndarray, "P W"]) -> Batch:
        texts = self._dataset_of[runs, None]
        return self._arrange(windows, self._input[texts, windows], self._target[texts, windows])

    def _arrange(self, windows: np.ndarray, input: np.ndarray, target: np.ndarray) -> Batch:
        if self._time_first:
            input, target = input.swapaxes(1, 2), target.swapaxes(1, 2)  # (P, W, L) -> (P, L, W)
        given, wanted = (torch.from_numpy(np.ascontiguousarray(a)).to(self._device) for a in (input, target))
        return Batch(windows, given, wanted.flatten(1, 2))

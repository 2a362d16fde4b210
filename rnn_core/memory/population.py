"""Training networks of one cell on one task, one for each seed, as one program.

    for reading in MemoryPopulation(MemoryConfig(cell="gru", lag=20), seeds=range(5)):
        print(reading.step, reading.accuracy)

Each network draws its weights and its sequences from a generator of its own, so that it is the same beside any others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from rnn_core.memory.network import StackedReader, draw_readers
from rnn_core.memory.plan import MemoryConfig
from rnn_core.memory.tasks import TOLERANCE, Batch
from rnn_core.sweep.network import cross_entropy
from rnn_core.sweep.optimizers import StackedOptimizer

DRAWN = 16  # batches drawn at a time: many small draws would cost more than the training
TESTED = 512  # fresh sequences for the final accuracy
SOLVED, WINDOW = 0.99, 10  # accuracy, in the mean of so many updates, at which a network has solved its task


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """Where the networks are, each measured on a batch that it has not seen before.

    Attributes:
        step: updates made so far.
        loss: cross-entropy in nats an answer, or mean squared error.
        accuracy: share of right answers, of those that count.
    """

    step: int
    loss: Float[np.ndarray, " P"]
    accuracy: Float[np.ndarray, " P"]


class MemoryPopulation:
    """Networks with the same config and different seeds, that can be asked for one update at a time.

    Attributes:
        config: of all of them.
        solved_at: for each the step at which it had solved the task, -1 while it has not.
    """

    def __init__(self, config: MemoryConfig, seeds: Sequence[int]) -> None:
        self.config = config
        weights, self._generators = draw_readers(config, seeds)
        self._network = StackedReader(config, weights)
        self._optimizer = StackedOptimizer(["adam"] * len(seeds), weights)
        self._rates = torch.full((len(seeds), 1), config.learning_rate)
        self._batches: Iterator[Batch] = iter(())
        self._recent: list[np.ndarray] = []
        self._grads: Tensor | None = None
        self.solved_at = np.full(len(seeds), -1)
        self.step = -1

    @property
    def has_ended(self) -> bool:
        """Whether all updates were made, or every network has solved the task."""
        return self.step >= self.config.steps or bool((self.solved_at >= 0).all())

    def __iter__(self) -> Iterator[MemoryReading]:
        return self

    @torch.no_grad()
    def __next__(self) -> MemoryReading:
        if self.has_ended:
            raise StopIteration
        if self._grads is not None:
            self._update(self._grads)
        self.step += 1
        batch = self._next_batch()
        answers = self._network.forward(batch.input, batch.asked)
        loss, grad_answers = self._judge(answers, batch.target)
        self._grads = self._network.backward(grad_answers)
        accuracy = share_right(self.config, answers, batch.target).numpy()
        self._note_solved(accuracy)
        return MemoryReading(self.step, loss.numpy(), accuracy)

    @torch.no_grad()
    def test(self) -> Float[np.ndarray, " P"]:
        """Return the accuracy of each network on fresh sequences; it draws them, so ask once, at the end."""
        batch = self._draw(TESTED)
        accuracy: np.ndarray = share_right(
            self.config, self._network.forward(batch.input, batch.asked), batch.target
        ).numpy()
        return accuracy

    def weights(self) -> Float[Tensor, "P K"]:
        """Return a copy of the weights, a row for each network, in the order of its parameters."""
        return self._network.weights.clone()

    def _judge(self, answers: Float[Tensor, "P A N O"], target: Tensor) -> tuple[Tensor, Tensor]:
        """Return P losses, and the gradient of each by its own answers."""
        if self.config.rules.kind == "class":
            loss, grad = cross_entropy(answers.flatten(1, 2), target.flatten(1, 2))
            return loss, grad.view_as(answers)
        off = answers - target
        return off.square().mean((1, 2, 3)), off * (2 / off[0].numel())

    def _update(self, grads: Tensor) -> None:
        norms = torch.linalg.vector_norm(grads, dim=1, keepdim=True)
        grads.mul_((self.config.grad_clip / (norms + 1e-6)).clamp_(max=1.0))
        self._optimizer.step(self._network.weights, grads, self._rates)

    def _note_solved(self, accuracy: np.ndarray) -> None:
        self._recent = [*self._recent[-WINDOW + 1 :], accuracy]
        if len(self._recent) == WINDOW:
            solved = np.mean(self._recent, axis=0) >= SOLVED
            self.solved_at[solved & (self.solved_at < 0)] = self.step

    def _next_batch(self) -> Batch:
        batch = next(self._batches, None)
        if batch is None:
            drawn, size = self._draw(DRAWN * self.config.batch_size), self.config.batch_size
            parts = zip(drawn.input.split(size, dim=2), drawn.target.split(size, dim=2), strict=True)
            self._batches = (Batch(*part) for part in parts)
            batch = next(self._batches)
        return batch

    def _draw(self, count: int) -> Batch:
        """Draw sequences for every network, time before batch: (P, L, N, I)."""
        config = self.config
        drawn = [config.rules.draw(config.width, config.lag, count, generator) for generator in self._generators]
        input, target = torch.stack([b.input for b in drawn]), torch.stack([b.target for b in drawn])
        return Batch(input.transpose(1, 2).contiguous(), target.transpose(1, 2).contiguous())


def share_right(config: MemoryConfig, answers: Float[Tensor, "P A N O"], target: Tensor) -> Float[Tensor, " P"]:
    """Return the share of right answers of each network, at the time steps that count."""
    scored, kind = config.rules.scored(answers.shape[1]), config.rules.kind
    answers, target = answers[:, -scored:], target[:, -scored:]
    if kind == "class":
        right = answers.argmax(-1) == target
    elif kind == "sign":
        right = answers.sign() == target
    else:
        right = (answers - target).abs() < TOLERANCE
    return right.double().flatten(1).mean(1)

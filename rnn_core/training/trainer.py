"""Training as an iterator: record 0 is the untrained network, stopping is ceasing to ask.

    for record in train(Config(steps=200)):
        print(record.step, record.loss, record.prediction)

Every draw comes from one generator of the trainer's own, so a run is the same beside any number of others.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn, optim
from torch.linalg import vector_norm
from torch.nn.functional import cross_entropy

from rnn_core.cells.equations import Weights
from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.runs import Dataset, StepRecord
from rnn_core.records.tensors import ForwardTrace
from rnn_core.shapes.specs import sequence_axes
from rnn_core.training.experiment import Experiment
from rnn_core.training.model import SequenceModel, State, build_model, build_with
from rnn_core.training.series import Trainable

EXPLOSION = 100.0  # a loss this many times the untrained network's (or this many nats) counts as exploded
VALIDATE_EVERY = 10  # steps between two looks at the held-out windows


def train(config: Config | Experiment) -> Iterator[StepRecord]:
    """Train the network of a config, yielding one record before each update and one after the last.

    Args:
        config: everything that matters; equal configs give equal records.

    Raises:
        ConfigError: at once, if the config cannot be trained or costs too much.
    """
    return Trainer(config)


@dataclass(frozen=True)
class Batch:
    """Some windows, arranged as the network takes them."""

    windows: tuple[int, ...]
    input: Tensor  # (N, L, V), arranged; or (N, L), indices that an embedding turns into features
    target: Tensor  # (N * L,), arranged
    wanted: np.ndarray  # the target, windows one after the other
    characters: tuple[str, ...]  # that as text


class Trainer:
    """A run that can be asked for one record at a time, and looked into between two of them.

    Attributes:
        config: what reproduces the run from its start, changes made on the way included.
        step: updates made so far.
        present_weights: by name, where the network has them: every update writes over them.
        has_exploded: whether the run ended because the loss or its gradient exploded.
    """

    def __init__(self, config: Config | Experiment) -> None:
        self._begin(Experiment.trainable(config))

    def _begin(self, experiment: Trainable) -> None:
        self.config, self._data = experiment.config, experiment.dataset
        self.model, self._generator = build_model(self.config, self._data.outputs)
        self._optimizer = build_optimizer(self.config, self.model)
        self._hold_parameters()
        self.has_exploded = False
        self.step = -1
        self._order: Sequence[int] = ()  # the windows that are left of this epoch
        self._batch = self._next_batch()
        self._first_loss: float | None = None

    def __iter__(self) -> Iterator[StepRecord]:
        return self

    def __next__(self) -> StepRecord:
        if self.has_ended:
            raise StopIteration
        if self.step >= 0:
            self._update()
        self.step += 1
        record = self._measure()
        self._first_loss = self._first_loss if self._first_loss is not None else record.loss
        self.has_exploded = has_exploded(record, self._first_loss)
        return record

    @property
    def dataset(self) -> Dataset:
        """The windows of the text."""
        assert isinstance(self._data, Dataset), "a series has no characters"
        return self._data

    @property
    def has_ended(self) -> bool:
        """Whether the last record has been given: all updates made, or the loss exploded."""
        return self.has_exploded or self.step >= self.config.steps

    def fork(self, config: Config) -> Trainer:
        """Return a trainer that goes on from here by a config of its own, and leaves this one as it is.

        Args:
            config: equal to this one's but for `steps` and what may change during a run, as `Config.changed` gives it.
        """
        twin = copy.copy(self)
        twin.config = config
        memo: dict[int, object] = {}
        twin.model = copy.deepcopy(self.model, memo)
        twin._optimizer = copy.deepcopy(self._optimizer, memo)  # of the copied parameters
        twin._hold_parameters()
        for own, theirs in zip(twin._parameters, self._parameters, strict=True):
            own.grad = None if theirs.grad is None else theirs.grad.clone()  # the update that is still to be made
        twin._generator = torch.Generator()
        twin._generator.set_state(self._generator.get_state())
        return twin

    def weights(self) -> dict[str, np.ndarray]:
        """Return a copy of every weight by its name."""
        return {name: frozen(array) for name, array in self.present_weights.items()}

    def trace(self, windows: Sequence[int], weights: Weights | None = None) -> ForwardTrace:
        """Run some windows as one batch through the network, with its own weights or with earlier ones."""
        if weights is not None:
            return trace_windows(self.config, self.dataset, windows, weights)
        return trace_forward(self.config, self.model, torch.from_numpy(self.dataset.input[list(windows)]))

    def _measure(self) -> StepRecord:
        """Run the current batch forward and backward; the update is left for when another record is asked for."""
        batch = self._batch
        logits, _, _ = self.model(batch.input if self.model.embedding is None else self.model.encode(batch.input))
        scores = logits.reshape(-1, logits.shape[-1])  # (N * L, V)
        loss = self._loss(scores, batch.target)
        for parameter in self._parameters:
            parameter.grad = None  # what `zero_grad` does
        loss.backward()
        self._norm = vector_norm(torch.stack([vector_norm(p.grad) for p in self._parameters if p.grad is not None]))
        return self._record(scores.detach(), loss.item())

    def _loss(self, scores: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
        """Return the cross-entropy in nats of scores (M, V), of which are to be the characters (M,)."""
        return cross_entropy(scores, target, reduction=reduction)

    def _record(self, scores: Tensor, loss: float) -> StepRecord:
        """Say what was measured on the current batch."""
        batch = self._batch
        predicted = self._in_window_order(scores.argmax(dim=1)).numpy()
        return StepRecord(
            step=self.step,
            loss=loss,
            grad_norm=self._norm.item(),
            accuracy=int(np.count_nonzero(predicted == batch.wanted)) / len(predicted),
            predicted=tuple([self.dataset.characters[i] for i in predicted.tolist()]),
            target=batch.characters,
            windows=batch.windows,
            val_loss=self._validate(),
        )

    def _update(self) -> None:
        config, optimizer = self.config, self._optimizer
        grad_clip = config.value_at("grad_clip", self.step)
        if grad_clip > 0:
            nn.utils.clip_grads_with_norm_(self._parameters, grad_clip, self._norm)
        for group in optimizer.param_groups:
            group["lr"] = config.value_at("learning_rate", self.step)
        optimizer.step()
        self._batch = self._next_batch()

    def _next_batch(self) -> Batch:
        """Return the next batch: all windows once an epoch, in an order drawn anew, the last batch as it is."""
        count, size = len(self._data.input), self.config.batch_size
        if count <= size:
            return self._batch if self.step >= 0 else self._gather(range(count))
        if not self._order:
            self._order = torch.randperm(count, generator=self._generator).tolist()
        chosen, self._order = self._order[:size], self._order[size:]
        return self._gather(chosen)

    def _gather(self, windows: Sequence[int]) -> Batch:
        chosen = list(windows)
        target = self.dataset.target[chosen]  # (N, L)
        indices = self.model.arrange(torch.from_numpy(self.dataset.input[chosen]))
        return Batch(
            windows=tuple(chosen),
            input=self.model.encode(indices) if self.model.embedding is None else indices,
            target=self.model.arrange(torch.from_numpy(target)).reshape(-1),
            wanted=target.ravel(),
            characters=tuple([self.dataset.characters[i] for i in target.ravel().tolist()]),
        )

    def _hold_parameters(self) -> None:
        """Find the weights once: a walk through the modules at every update would cost as much as some of torch's."""
        named = dict(self.model.named_parameters())
        self._parameters = list(named.values())
        self.present_weights = {name: parameter.detach().numpy() for name, parameter in named.items()}

    def _in_window_order(self, flat: Tensor) -> Tensor:
        """Undo `arrange` on a flat tensor, so that predictions read like the text."""
        if self.model.is_transposed:
            return flat.view(self._batch.input.shape[:2]).T.reshape(-1)
        return flat

    def _validate(self) -> float | None:
        held_out, wanted = self._data.val_input, self._data.val_target
        if not len(held_out) or self.step % VALIDATE_EVERY:
            return None
        total, size = 0.0, self.config.batch_size
        with torch.no_grad():
            for start in range(0, len(held_out), size):
                indices = self.model.arrange(torch.from_numpy(held_out[start : start + size].copy()))
                target = self.model.arrange(torch.from_numpy(wanted[start : start + size].copy()))
                logits, _, _ = self.model(self.model.encode(indices))
                scores = logits.reshape(-1, logits.shape[-1])
                total += self._loss(scores, target.reshape(-1, *wanted.shape[2:]), "sum").item()
        return total / wanted.size


def first_look(config: Config | Experiment, weights: Weights | None = None) -> ForwardTrace:
    """Run a config's first batch through its untrained network, or through the same network with other weights.

    Raises:
        ConfigError: if the text cannot be cut like this, or the config costs too much.
    """
    experiment = Experiment.of(config)
    experiment.check_size()
    config, dataset = experiment.config, experiment.dataset
    if weights is not None:
        return trace_windows(config, dataset, range(min(config.batch_size, len(dataset.input))), weights)
    model, _ = build_model(config, dataset.vocab_size)
    return trace_forward(config, model, torch.from_numpy(dataset.input[: config.batch_size].copy()))


def trace_windows(config: Config, dataset: Dataset, windows: Sequence[int], weights: Weights) -> ForwardTrace:
    """Run some windows as one batch through a network with these weights, which is built for it and no one else's."""
    model = build_with(config, dataset.vocab_size, weights)
    return trace_forward(config, model, torch.from_numpy(dataset.input[list(windows)]))


def trace_forward(config: Config, model: SequenceModel, windows: Tensor) -> ForwardTrace:
    """Run windows of indices (N, L) forward and copy out everything that went in and came out."""
    with torch.no_grad():
        input = model.encode(model.arrange(windows))
        logits, output, state = model(input)
    h_n, c_n = _split(state)
    return ForwardTrace(
        axes=sequence_axes(config, "H_in")[:-1],
        text_axis=0 if model.is_transposed or not config.batched else 1,
        input=frozen(input.numpy()),
        output=frozen(output.numpy()),
        logits=frozen(logits.numpy()),
        h_n=frozen(h_n.numpy()),
        c_n=None if c_n is None else frozen(c_n.numpy()),
    )


def build_optimizer(config: Config, model: SequenceModel) -> optim.Optimizer:
    """Build the optimiser with PyTorch's defaults; fused where PyTorch has it, which pays for the records."""
    parameters, learning_rate = model.parameters(), config.value_at("learning_rate", 0)
    match config.optimizer:
        case "adam":
            return optim.Adam(parameters, lr=learning_rate, fused=True)
        case "adamw":
            return optim.AdamW(parameters, lr=learning_rate, fused=True)
        case "sgd":
            return optim.SGD(parameters, lr=learning_rate, fused=True)
        case "rmsprop":
            return optim.RMSprop(parameters, lr=learning_rate)


def has_exploded(record: StepRecord, first_loss: float) -> bool:
    """Tell whether a run is beyond rescue: a loss or gradient that overflowed, or a loss far above the first one."""
    return not record.is_finite or record.loss > EXPLOSION * max(first_loss, 1.0)


def _split(state: State) -> tuple[Tensor, Tensor | None]:
    return state if isinstance(state, tuple) else (state, None)

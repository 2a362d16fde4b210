"""What is trained or looked at: a config with all that follows from it, each part found once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rnn_core.config import Config, field_info
from rnn_core.data.tasks import build_dataset
from rnn_core.data.vocab import Vocabulary, build_vocabulary
from rnn_core.records.runs import Dataset
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.budget import Cost, check_budget, estimate_cost


@dataclass(frozen=True)
class Lock:
    """A field whose value follows from others, and why."""

    value: int
    reason: Sentence


@dataclass(frozen=True)
class Experiment:
    """A config and what follows from it, found when it is first asked for.

    Attributes:
        asked: the config as it was set; a locked field may have any value there.
    """

    asked: Config

    @classmethod
    def of(cls, config: Config | Experiment) -> Experiment:
        """Return the experiment of a config, whatever its locked fields are set to; one that is given stays itself."""
        return config if isinstance(config, Experiment) else cls(config)

    @classmethod
    def trainable(cls, config: Config | Experiment) -> Experiment:
        """Return the experiment of a config, to be trained.

        Args:
            config: what somebody wrote, who is told of a size that cannot be; or an experiment, whose locked fields
                are what they have to be.

        Raises:
            ConfigError: if it cannot be trained or costs too much, naming a field, its value and what would work.
        """
        experiment = cls.of(config)
        if experiment is not config:
            _check_asked(experiment)
        experiment.check()
        return experiment

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The different characters of the text."""
        return build_vocabulary(self.asked.text)

    @cached_property
    def locks(self) -> Mapping[str, Lock]:
        """The fields that the config leaves no choice about."""
        return _locks(self.asked, len(self.vocabulary))

    @cached_property
    def config(self) -> Config:
        """The config with every locked field at the value it must have (which may exceed the field's own bound)."""
        return self.asked.model_copy(update={name: lock.value for name, lock in self.locks.items()})

    @cached_property
    def dataset(self) -> Dataset:
        """The windows of the text.

        Raises:
            ConfigError: if the text is too short for the task, or val_share leaves no window to learn from.
        """
        return build_dataset(self.asked)

    @cached_property
    def cost(self) -> Cost:
        """What it costs to train."""
        return estimate_cost(self.config, len(self.vocabulary))

    @property
    def settings(self) -> dict[str, Any]:
        """The fields that say something: not at their default, and not forced by others."""
        locks = self.locks
        return {k: v for k, v in self.asked if v != field_info(k).default and k not in locks}

    def check_size(self) -> None:
        """Refuse what would freeze a shared server.

        Raises:
            ConfigError: if the text cannot be cut into windows, or the network or its batch is too large.
        """
        check_budget(self.config, self.dataset.vocab_size)

    def check(self) -> None:
        """Refuse what cannot be trained.

        Raises:
            ConfigError: if fields do not go together, the text cannot be cut into windows, or it costs too much.
        """
        _check_directions(self.asked)
        self.check_size()


def _locks(config: Config, vocab_size: int) -> dict[str, Lock]:
    locks: dict[str, Lock] = {}
    if config.encoding == "onehot":
        reason = Sentence("One-hot: input_size is the vocabulary size, V = {size}.", size=vocab_size)
        locks["input_size"] = Lock(vocab_size, reason)
    if config.head == "none":
        reason = Sentence(
            "Without a head the hidden state is the score of each character: V = {size}.", size=vocab_size
        )
        locks["hidden_size"] = Lock(vocab_size, reason)
    if not config.batched:
        locks["batch_size"] = Lock(1, Sentence("Without a batch axis one sequence goes in at a time."))
    return locks


def _check_directions(config: Config) -> None:
    if config.bidirectional and config.task == "next":
        raise ConfigError(
            Sentence(
                "bidirectional=true cannot be used with task=next: the backward direction would read the very "
                "character that is to be predicted. Use task=same or bidirectional=false.",
                field="bidirectional",
            )
        )
    if config.bidirectional and config.head == "none":
        raise ConfigError(
            Sentence(
                "bidirectional=true cannot be used with head=none: two directions give 2 * hidden_size outputs, not "
                "one score per character. Use head=linear or bidirectional=false.",
                field="bidirectional",
            )
        )


def _check_asked(experiment: Experiment) -> None:
    """Refuse a size that was asked for in so many words and cannot be."""
    config = experiment.asked
    for name in ("input_size", "hidden_size"):
        lock, asked = experiment.locks.get(name), getattr(config, name)
        if lock and name in config.model_fields_set and asked != lock.value:
            raise ConfigError(
                Sentence(
                    "{field}={value} cannot be used with encoding={encoding}, head={head} and this text: it must be "
                    "the vocabulary size, {needed}.",
                    field=name,
                    value=asked,
                    encoding=config.encoding,
                    head=config.head,
                    needed=lock.value,
                )
            )

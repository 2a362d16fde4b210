"""What is trained or looked at: a config with all that follows from it, each part found once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rnn_core.characters import split_characters
from rnn_core.config import Config
from rnn_core.data.tasks import build_dataset
from rnn_core.data.vocab import Vocabulary, build_vocabulary
from rnn_core.records.runs import Dataset
from rnn_core.sentence import ConfigError, Sentence, Setting, ngettext
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
    def short(self) -> Mapping[str, Lock]:
        """The sizes of a batch that the text is too short for: what comes of them, and why."""
        try:
            return _short(self.asked, self.dataset, self.locks)
        except ConfigError:  # said wherever the windows are asked for
            return {}

    @cached_property
    def wanted(self) -> Config:
        """The config with every locked field at the value it must have (which may exceed the field's own bound)."""
        return _held_to(self.asked, self.locks)

    @cached_property
    def config(self) -> Config:
        """The same with a batch that the text can fill: what is trained."""
        return _held_to(self.wanted, self.short)

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
        return {name: value for name, value in self.asked.settings.items() if name not in locks}

    def check_size(self) -> None:
        """Refuse what would freeze a shared server.

        Raises:
            ConfigError: if the text cannot be cut into windows, or the network or its batch is too large.
        """
        check_budget(self.config, self.dataset.vocab_size, self.wanted)

    def check(self) -> None:
        """Refuse what cannot be trained.

        Raises:
            ConfigError: if fields do not go together, the text cannot be cut into windows, or it costs too much.
        """
        _check_directions(self.asked)
        self.check_size()


def _locks(config: Config, vocab_size: int) -> dict[str, Lock]:
    locks: dict[str, Lock] = {}
    if config.head == "none":
        reason = Sentence(
            "Without a head the hidden state is the score of each character: V = {size}.", size=vocab_size
        )
        locks["hidden_size"] = Lock(vocab_size, reason)
    if not config.batched:
        locks["batch_size"] = Lock(1, Sentence("Without a batch axis one sequence goes in at a time."))
    return locks


def _held_to(config: Config, locks: Mapping[str, Lock]) -> Config:
    return config.model_copy(update={name: lock.value for name, lock in locks.items()})


def _short(config: Config, dataset: Dataset, locks: Mapping[str, Lock]) -> dict[str, Lock]:
    found: dict[str, Lock] = {}
    windows, length = dataset.input.shape
    if length < config.seq_len:
        size = len(split_characters(config.text))
        reason = Sentence(
            ngettext(
                "{length} of {asked}: the text has {size} character.",
                "{length} of {asked}: the text has {size} characters.",
                size,
            ),
            length=length,
            asked=config.seq_len,
            size=size,
        )
        found["seq_len"] = Lock(length, reason)
    if windows < config.batch_size and "batch_size" not in locks:
        found["batch_size"] = Lock(
            windows,
            Sentence(
                "{count} of {asked}: the text gives {count} × {length} characters.",
                count=windows,
                asked=config.batch_size,
                length=length,
            ),
        )
    return found


def _check_directions(config: Config) -> None:
    if config.bidirectional and config.task == "next":
        raise ConfigError(
            Sentence(
                "{setting} cannot be used with {other}: the backward direction would read the very character that is "
                "to be predicted. Use {works} or {undone}.",
                field="bidirectional",
                setting=Setting("bidirectional", "true"),
                other=Setting("task", "next"),
                works=Setting("task", "same"),
                undone=Setting("bidirectional", "false"),
            ),
            {"task": "same"},
        )
    if config.bidirectional and config.head == "none":
        raise ConfigError(
            Sentence(
                "{setting} cannot be used with {other}: two directions give 2 * hidden_size outputs, not one score "
                "per character. Use {works} or {undone}.",
                field="bidirectional",
                setting=Setting("bidirectional", "true"),
                other=Setting("head", "none"),
                works=Setting("head", "linear"),
                undone=Setting("bidirectional", "false"),
            ),
            {"head": "linear"},
        )


def _check_asked(experiment: Experiment) -> None:
    """Refuse a size that was asked for in so many words and cannot be."""
    lock, config = experiment.locks.get("hidden_size"), experiment.asked
    if lock and "hidden_size" in config.model_fields_set and config.hidden_size != lock.value:
        raise ConfigError(
            Sentence(
                "{field}={value} cannot be used with head={head} and this text: it must be the vocabulary size, "
                "{needed}.",
                field="hidden_size",
                value=config.hidden_size,
                head=config.head,
                needed=lock.value,
            )
        )

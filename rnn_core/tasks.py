"""Texts as (input, target) windows, for every task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Int

from rnn_core.config import Config
from rnn_core.records import ConfigError, Dataset, Sentence, frozen
from rnn_core.vocab import build_vocabulary

Pair = tuple[Int[np.ndarray, " T"], Int[np.ndarray, " T"]]


def next_character(indices: Int[np.ndarray, " T1"]) -> Pair:
    """Ask for the character after each one: the last has no successor, so one is lost."""
    return indices[:-1], indices[1:]


def same_character(indices: Int[np.ndarray, " T"]) -> Pair:
    """Ask for the very character that goes in, as the lesson does: nothing has to be remembered."""
    return indices, indices


TASKS: Mapping[str, Callable[[Int[np.ndarray, " T"]], Pair]] = {"next": next_character, "same": same_character}


@dataclass(frozen=True)
class Lock:
    """A field whose value follows from others, and why."""

    value: int
    reason: Sentence


def locked_fields(config: Config) -> dict[str, Lock]:
    """Return the fields that this config leaves no choice about."""
    vocab_size = len(build_vocabulary(config.text))
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


def resolve(config: Config) -> Config:
    """Return the config with every locked field at the value it must have (which may exceed the field's own bound)."""
    return config.model_copy(update={name: lock.value for name, lock in locked_fields(config).items()})


def settings(config: Config) -> dict[str, Any]:
    """Return the fields of a config that say something: not at their default, and not forced by others."""
    locked, usual = locked_fields(config), Config()
    return {name: value for name, value in config if value != getattr(usual, name) and name not in locked}


def check_trainable(config: Config) -> None:
    """Refuse a config whose fields do not go together for training on its text.

    Raises:
        ConfigError: naming a field, its value and what would work.
    """
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
    for name, lock in locked_fields(config).items():
        asked = getattr(config, name)
        if name in config.model_fields_set and name in ("input_size", "hidden_size") and asked != lock.value:
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


def build_dataset(config: Config) -> Dataset:
    """Cut the text into windows of seq_len characters, the last one ending with the text.

    A seq_len beyond the text gives one window over the whole text. The last windows, `val_share` of them, are held
    out; at least one is left to learn from.

    Raises:
        ConfigError: if the text is too short for the task.
    """
    return _cut(config.text, config.task, config.seq_len, config.val_share)


@lru_cache(maxsize=16)  # a page asks for the same windows several times, a slider changes other fields
def _cut(text: str, task: str, seq_len: int, val_share: float) -> Dataset:
    vocabulary = build_vocabulary(text)
    source, wanted = TASKS[task](vocabulary.encode(text))
    if not len(source):
        raise ConfigError(
            Sentence(
                "text has one character only: task={task} needs at least two. Write more, or use task=same.",
                field="text",
                task=task,
            )
        )
    length = min(seq_len, len(source))
    starts = [*range(0, len(source) - length, length), len(source) - length]
    held_out = min(round(val_share * len(starts)), len(starts) - 1)
    windows = np.array(starts)[:, None] + np.arange(length)  # (W, L)
    kept = len(starts) - held_out
    return Dataset(
        characters=vocabulary.characters,
        input=frozen(source[windows[:kept]]),
        target=frozen(wanted[windows[:kept]]),
        starts=tuple(starts[:kept]),
        val_input=frozen(source[windows[kept:]]),
        val_target=frozen(wanted[windows[kept:]]),
    )

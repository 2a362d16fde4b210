"""Texts as (input, target) windows, for every task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from jaxtyping import Int

from rnn_core.config import Config
from rnn_core.data.vocab import build_vocabulary
from rnn_core.records.arrays import frozen
from rnn_core.records.runs import Dataset
from rnn_core.sentence import ConfigError, Sentence, Setting

Pair = tuple[Int[np.ndarray, " T"], Int[np.ndarray, " T"]]


def next_character(indices: Int[np.ndarray, " T1"]) -> Pair:
    """Ask for the character after each one: the last has no successor, so one is lost."""
    return indices[:-1], indices[1:]


def same_character(indices: Int[np.ndarray, " T"]) -> Pair:
    """Ask for the very character that goes in, as the lesson does: nothing has to be remembered."""
    return indices, indices


TASKS: Mapping[str, Callable[[Int[np.ndarray, " T"]], Pair]] = {"next": next_character, "same": same_character}


def build_dataset(config: Config) -> Dataset:
    """Cut the text into windows of seq_len characters, the last one ending with the text.

    A seq_len beyond the text gives one window over the whole text. A val_share above 0 divides the text first: its end,
    just long enough for that share of the windows (whole ones, at least one), is held out, and what comes before it is
    cut by itself. No held-out window shares a character with a window that is learnt from, be it an input or a target.
    With `repeat`, what is learnt from goes round until it has batch_size windows of seq_len characters.

    Raises:
        ConfigError: if the text is too short for the task, or val_share leaves no window to learn from.
    """
    wanted = config.seq_len * (config.batch_size if config.batched else 1) if config.repeat else 0
    return _cut(config.text, config.task, config.seq_len, config.val_share, wanted)


@lru_cache(maxsize=16)  # a page asks for the same windows several times, a slider changes other fields
def _cut(text: str, task: str, seq_len: int, val_share: float, wanted: int) -> Dataset:
    """Cut a text; what is learnt from goes round until it has so many characters that are `wanted`."""
    vocabulary = build_vocabulary(text)
    indices = vocabulary.encode(text)
    lost = len(indices) - len(TASKS[task](indices)[0])  # characters without a successor
    if len(indices) == lost and not wanted:
        raise ConfigError(
            Sentence(
                "text has only one character: {setting} needs at least two. Write more, or use {works}.",
                field="text",
                setting=Setting("task", task),
                works=Setting("task", "same"),
            ),
            {"task": "same"},
        )
    length = seq_len if wanted else min(seq_len, len(indices) - lost)
    division = divide(len(indices), lost, length, val_share)
    if division < (1 if wanted else length + lost):
        raise _no_room(len(indices), lost, seq_len, val_share, goes_round=bool(wanted))
    learnt = np.resize(indices[:division], max(division, wanted + lost))  # numpy's goes round
    starts = _starts(len(learnt) - lost, length)
    input, target = _windows(learnt, task, starts, length)
    val_starts = _starts(len(indices) - division - lost, length) if division < len(indices) else []
    val_input, val_target = _windows(indices[division:], task, val_starts, length)
    return Dataset(vocabulary.characters, input, target, tuple(starts), val_input, val_target)


def divide(size: int, lost: int, length: int, val_share: float) -> int:
    """Return how many of a text's first characters are for learning; the held-out windows follow side by side."""
    if not val_share:
        return size
    count = -(-(size - lost) // length)
    return size - max(1, round(val_share * count)) * length - lost


def _starts(size: int, length: int) -> list[int]:
    """Return where windows begin: side by side, but for the last one, which ends with the text."""
    return [*range(0, size - length, length), size - length]


def _windows(
    indices: Int[np.ndarray, " T"], task: str, starts: list[int], length: int
) -> tuple[np.ndarray, np.ndarray]:
    places = np.array(starts, dtype=np.int64)[:, None] + np.arange(length)  # (W, L)
    source, wanted = TASKS[task](indices)
    return frozen(source[places]), frozen(wanted[places])


def _no_room(size: int, lost: int, seq_len: int, val_share: float, *, goes_round: bool) -> ConfigError:
    """Say why a share cannot be held out, and the longest windows with which it can."""
    lengths = range(min(seq_len, size) - 1, 0, -1)
    works = next((n for n in lengths if divide(size, lost, n, val_share) >= (1 if goes_round else n + lost)), None)
    values = {"field": "val_share", "value": val_share, "size": size, "seq_len": seq_len}
    if works is None:
        no_room = Sentence(
            "{field}={value} cannot be used: a text of {size} characters is too short to hold out windows and still "
            "have others to learn from. Use {field}=0 or a longer text.",
            **values,
        )
        return ConfigError(no_room, {"val_share": 0.0})
    too_long = Sentence(
        "{field}={value} cannot be used: with seq_len={seq_len} a text of {size} characters is too short to hold out "
        "windows and still have others to learn from. Use {field}=0 or seq_len={works}.",
        **values,
        works=works,
    )
    return ConfigError(too_long, {"seq_len": works})

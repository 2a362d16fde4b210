"""A sweep as a viewer asks for it: up to four axes, a number of seeds, and the experiment that all of it changes.

An axis is written `learning_rate:0.001:1:16` (from, to, how many values) or `cell:rnn:gru` (words), so that a link
carries it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rnn_core.config import Config, bounds, field_info, format_value, options, parse_value
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.budget import MAX_CELLS
from rnn_core.training.experiment import Experiment

if TYPE_CHECKING:
    from rnn_core.sweep.grid import Sweep

MAX_AXES = 4
MAX_VALUES = 32  # of one axis
MAX_SEEDS = 32
NOT_AXES = ("text", "earlier", "layout")


@dataclass(frozen=True)
class Span:
    """An axis of numbers: `count` of them from `low` to `high`, both included."""

    field: str
    low: int | float
    high: int | float
    count: int

    @property
    def values(self) -> tuple[Any, ...]:
        """The numbers, ascending and different; whole numbers that lie close together may be fewer than `count`."""
        return spaced(self.field, self.low, self.high, self.count)

    def __str__(self) -> str:
        return ":".join((self.field, format_value(self.low), format_value(self.high), str(self.count)))


@dataclass(frozen=True)
class Choice:
    """An axis of words, or of truth values."""

    field: str
    values: tuple[Any, ...]

    def __str__(self) -> str:
        return ":".join((self.field, *map(format_value, self.values)))


Axis = Span | Choice


@dataclass(frozen=True)
class Plan:
    """What is to be trained: every combination of the axes' values, each with several seeds.

    Attributes:
        base: the experiment that the axes change; its seed is the first of the seeds.
        axes: of different fields, one at least.
        seeds: runs of each combination; one if the seed is an axis itself.
    """

    base: Config
    axes: tuple[Axis, ...]
    seeds: int

    @classmethod
    def of(cls, base: Config | Experiment, axes: Sequence[Axis], seeds: int) -> Plan:
        """Put a plan together in the one way in which equal plans are equal: what an axis sets is not in the base."""
        fields = [axis.field for axis in axes]
        experiment = Experiment.of(base)
        kept = experiment.asked.without(*fields, *experiment.locks, "earlier")
        return cls(kept, tuple(axes), 1 if "seed" in fields else seeds)

    @property
    def key(self) -> str:
        """A text that is the same for equal plans only."""
        return f"{format_axes(self.axes)} {self.seeds} {self.base.model_dump_json()}"

    @property
    def values(self) -> dict[str, tuple[Any, ...]]:
        """The values of each axis, the seeds last unless they are an axis."""
        values = {axis.field: axis.values for axis in self.axes}
        return values if "seed" in values else {**values, "seed": tuple(_seeds(self.base.seed, self.seeds))}

    def check(self) -> None:
        """Refuse a run that cannot be trained, as `sweep` does, without torch. The seeds are all alike.

        Raises:
            ConfigError: if one cannot be trained.
        """
        _check(self.base, self.axes)

    def sweep(self) -> Sweep:
        """Check every run and say which are trained together; the seeds of a combination follow one another.

        Raises:
            ConfigError: if a run cannot be trained, or there are too many.
        """
        from rnn_core.sweep.grid import grid

        return grid(self.base, self.values)


@lru_cache(maxsize=32)
def _check(base: Config, axes: tuple[Axis, ...]) -> None:
    if math.prod(len(axis.values) for axis in axes) > MAX_CELLS:
        return  # refused as a whole
    fields = [axis.field for axis in axes]
    for values in itertools.product(*(axis.values for axis in axes)):
        Experiment.trainable(base.replace(**dict(zip(fields, values, strict=True))))


@dataclass(frozen=True)
class Duel:
    """Two experiments on the same seeds.

    Attributes:
        configs: the two of them.
        seeds: how many: the first config's own and those that follow it.
    """

    configs: tuple[Config, Config]
    seeds: int

    @property
    def axes(self) -> tuple[Axis, ...]:
        """The two, as if they were the values of an axis."""
        return (Choice("run", ("A", "B")),)

    @property
    def key(self) -> str:
        """A text that is the same for equal duels only."""
        return " ".join((str(self.seeds), *(config.model_dump_json() for config in self.configs)))

    def sweep(self) -> Sweep:
        """Check both and say which runs are trained together; the seeds of each follow one another.

        Raises:
            ConfigError: if one of them cannot be trained.
        """
        from rnn_core.sweep.grid import put_together

        sides = [Experiment(config).settings for config in self.configs]
        seeds = _seeds(self.configs[0].seed, self.seeds)
        return put_together(Config(), [{**settings, "seed": seed} for settings in sides for seed in seeds])


def fields_for_axes() -> tuple[str, ...]:
    """Return the fields that can be an axis: numbers, words and truth values."""
    return tuple(name for name in Config.model_fields if name not in NOT_AXES)


def is_span(field: str) -> bool:
    """Whether an axis of this field is a span of numbers."""
    return field_info(field).annotation in (int, float)


def default_axis(field: str) -> Axis:
    """Return an axis to begin with: some of the numbers that a field may be, or all of its words."""
    if not is_span(field):
        return Choice(field, options(field) or (False, True))
    usual = {
        "learning_rate": (0.001, 1.0, 16),
        "hidden_size": (2, 32, 4),
        "input_size": (2, 32, 5),
        "num_layers": (1, 3, 3),
        "seq_len": (2, 16, 4),
        "batch_size": (1, 16, 5),
        "steps": (50, 200, 4),
        "val_share": (0.0, 0.5, 6),
        "grad_clip": (0.0, 2.0, 5),
        "seed": (0, 23, 24),
    }
    return Span(field, *usual[field])


def spaced(field: str, low: float, high: float, count: int) -> tuple[Any, ...]:
    """Return numbers from `low` to `high`, evenly spaced; by their logarithm where even steps would be too coarse.

    That is so for a learning rate, and for sizes whose even step would be larger than the smallest of them.
    """
    if count < 2 or high <= low:
        return (low,)
    is_whole = field_info(field).annotation is int
    step = (high - low) / (count - 1)
    by_ratio = low > 0 and (field == "learning_rate" or (is_whole and field != "seed" and step > low))
    inner = [
        low * (high / low) ** (place / (count - 1)) if by_ratio else low + place * step for place in range(1, count - 1)
    ]
    numbers = [round(number) if is_whole else float(f"{number:.3g}") for number in inner]
    return tuple(sorted({low, high, *(number for number in numbers if low < number < high)}))


def format_axes(axes: Sequence[Axis]) -> str:
    """Write axes as a link carries them; the inverse of `parse_axes`."""
    return ",".join(map(str, axes))


@lru_cache(maxsize=32)
def parse_axes(raw: str) -> tuple[Axis, ...]:
    """Read the axes of a link.

    Raises:
        ConfigError: if they cannot be used.
    """
    parts = raw.split(",") if len(raw) < 1000 else []
    try:
        axes = tuple(_parse_axis(part) for part in parts)
        if not 1 <= len(axes) <= MAX_AXES or len({axis.field for axis in axes}) < len(axes):
            raise ValueError(raw)
    except ValueError:  # a ConfigError is one
        raise ConfigError(
            Sentence(
                "{field}={value} cannot be used: write learning_rate:0.001:1:16 or cell:rnn:gru, at most {most} of "
                "different fields, separated by commas.",
                field="axes",
                value=raw[:40],
                most=MAX_AXES,
            )
        ) from None
    return axes


def parse_seeds(raw: str) -> int:
    """Read the number of seeds of a link.

    Raises:
        ConfigError: if it is none, or too large.
    """
    if raw.isascii() and raw.isdigit() and len(raw) < 4 and 1 <= int(raw) <= MAX_SEEDS:
        return int(raw)
    raise ConfigError(
        Sentence(
            "{field}={value} cannot be used: a whole number from {low} to {high} works.",
            field="seeds",
            value=raw[:40],
            low=1,
            high=MAX_SEEDS,
        )
    )


def _seeds(first: int, count: int) -> range:
    """Return seeds that follow one another, none above the largest there is."""
    first = min(first, bounds("seed")[1] - count + 1)
    return range(first, first + count)


def _parse_axis(part: str) -> Axis:
    field, *words = part.split(":")
    if field not in fields_for_axes():
        raise ValueError(part)
    if not is_span(field):
        values = tuple(parse_value(field, word) for word in words)
        for value in values:
            Config(**{field: value})
        if not values or len(set(values)) < len(values):
            raise ValueError(part)
        return Choice(field, values)
    low, high = (parse_value(field, word) for word in words[:2])
    count = int(words[2]) if len(words) == 3 and words[2].isascii() and words[2].isdigit() else 0
    if not (low < high and 2 <= count <= MAX_VALUES):
        raise ValueError(part)
    Config(**{field: low}), Config(**{field: high})
    return Span(field, low, high, count)

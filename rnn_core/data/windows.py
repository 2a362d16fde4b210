"""A series in three parts, one after the other in time, and windows that lie in one of them.

    t = 0            lag + lags - 1              validation         test            T
    |  no input yet  |  training                 |  validation      |  test         |

Nothing of what comes later is known while training: a scale is that of the training part, and no window, be it an input
or a target, crosses a border.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int

from rnn_core.data.refusals import out_of_range
from rnn_core.data.transforms import Scaler, Transform
from rnn_core.records.arrays import frozen
from rnn_core.records.series import Series
from rnn_core.sentence import ConfigError, Sentence


@dataclass(frozen=True)
class Split:
    """Where the parts of a series are: training up to `validation`, validation from there up to `test`, then the test.

    Attributes:
        size: T.
        validation, test: the first time steps of these parts; either may be empty.
    """

    size: int
    validation: int
    test: int

    @classmethod
    def of(cls, size: int, *, horizon: int, val_share: float = 0.0) -> Split:
        """Hold out the last `horizon` values for the test, and a share of those before for validation.

        Raises:
            ConfigError: if nothing is left to learn from.
        """
        test = size - horizon
        validation = test - round(val_share * test)
        if horizon < 1 or validation < 2:
            raise out_of_range("horizon", horizon, 1, max(1, size // 2))
        return cls(size, validation, test)

    def __post_init__(self) -> None:
        if not 0 < self.validation <= self.test <= self.size:
            raise ValueError(f"the borders {self.validation} and {self.test} do not divide 0 to {self.size}")

    @property
    def training(self) -> range:
        """The time steps of the training part."""
        return range(self.validation)

    @property
    def parts(self) -> dict[str, range]:
        """The time steps of all three by name."""
        return {
            "training": self.training,
            "validation": range(self.validation, self.test),
            "test": range(self.test, self.size),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Pieces of a series: at each time step the network reads `input` and is asked for the values one step later.

    Attributes:
        input: C * lags features: all channels at t, then all at t - 1, ...
        target: all channels at t + 1.
        starts: t of the first input of each window.
    """

    input: Float32[np.ndarray, "W L I"]
    target: Float32[np.ndarray, "W L C"]
    starts: Int[np.ndarray, " W"]


@dataclass(frozen=True, eq=False)
class Prepared:
    """A series as a network reads it.

    Attributes:
        series: as it was measured.
        split: where its parts are.
        transform, scaler: what was done to its values, in this order; the scale is that of the training part.
        scaled: (T - lag, C) what came of it; row 0 is t = lag.
        lags: values of the past that are read at each time step.
    """

    series: Series
    split: Split
    transform: Transform
    scaler: Scaler
    scaled: np.ndarray
    lags: int

    @property
    def input_size(self) -> int:
        """Features of a time step: channels times lags."""
        return len(self.series.channels) * self.lags

    @property
    def first(self) -> int:
        """The first time step at which a network can read: all its lags are known there."""
        return self.transform.lag + self.lags - 1

    def features(self, start: int, end: int) -> Float32[np.ndarray, "L I"]:
        """Return what a network reads at t = start, ..., end - 1: known at t, each of it."""
        return stack_lags(self.scaled[start - self.first : end - self.transform.lag], self.lags).astype(np.float32)

    def windows(self, part: str, length: int, *, stride: int = 0) -> Windows:
        """Cut a part into windows, the last one ending with it.

        Args:
            part: training, validation or test.
            length: L.
            stride: time steps from the beginning of one to that of the next; side by side if not given.

        Raises:
            ConfigError: if not even one window of this length fits.
        """
        steps = self.split.parts[part]
        low, high = max(steps.start, 0) + self.first, steps.stop - 1  # the last target is the part's last value
        if high - low < length:
            raise ConfigError(
                Sentence(
                    "seq_len={value} cannot be used: the {part} part of {series} has room for windows of {most} time "
                    "steps.",
                    value=length,
                    part=part,
                    series=self.series.name,
                    most=max(0, high - low),
                )
            )
        starts = np.array([*range(low, high - length, stride or length), high - length])
        input = np.stack([self.features(t, t + length) for t in starts.tolist()])
        after = starts[:, None] + np.arange(1, length + 1) - self.transform.lag  # (W, L)
        return Windows(frozen(input), frozen(self.scaled[after].astype(np.float32)), frozen(starts))

    def restore(self, scaled: np.ndarray, origin: int) -> np.ndarray:
        """Return a network's forecasts (..., K, C) of t = origin, origin + 1, ... in the series' own units."""
        before = self.series.values[:origin]
        return self.transform.undo(
            self.scaler.undo(scaled), np.broadcast_to(before, (*scaled.shape[:-2], *before.shape))
        )


def prepare(series: Series, split: Split, transform: Transform, lags: int = 1) -> Prepared:
    """Transform and scale a series, the scale fitted on its training part alone.

    Raises:
        ConfigError: if the transform cannot be applied, or the training part is too short for it.
    """
    transform.check(series)
    known = split.validation - transform.lag  # transformed values of the training part
    if known < lags + 1:
        raise ConfigError(
            Sentence(
                "transform={name} with {lags} lags needs more than {needed} values to learn from: {series} has {size} "
                "there.",
                name=transform.name,
                lags=lags,
                needed=transform.lag + lags,
                series=series.name,
                size=split.validation,
            )
        )
    changes = transform.apply(series.values)
    scaler = Scaler.fit(changes[:known])
    return Prepared(series, split, transform, scaler, frozen(scaler.apply(changes)), lags)


def stack_lags(values: np.ndarray, lags: int) -> np.ndarray:
    """Return the last `lags` rows side by side, the newest first: (T, C) -> (T - lags + 1, C * lags)."""
    size = len(values) - lags + 1
    return np.concatenate([values[lags - 1 - lag : lags - 1 - lag + size] for lag in range(lags)], axis=1)

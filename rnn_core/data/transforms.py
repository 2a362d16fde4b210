"""What is done to a series before a network sees it, and undone before anything is measured.

    y_t -> log y_t -> minus the same `lag` steps before        (both, one of them or none)

Differences make a trend that goes on beyond all that was learnt from into numbers that stay where they are; logarithms
make growth by a share into growth by an amount.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from rnn_core.data.refusals import no_option
from rnn_core.records.series import Series
from rnn_core.sentence import ConfigError, Sentence

TRANSFORMS = (
    *("none", "log", "difference", "log-difference"),
    *("seasonal-difference", "log-seasonal-difference"),
)


@dataclass(frozen=True)
class Transform:
    """One of TRANSFORMS.

    Attributes:
        name: which.
        period: time steps of a season; a seasonal difference of period 1 is a difference.

    Raises:
        ConfigError: if there is none of this name.
    """

    name: str = "none"
    period: int = 1

    def __post_init__(self) -> None:
        if self.name not in TRANSFORMS:
            raise no_option("transform", self.name, TRANSFORMS)

    @property
    def has_log(self) -> bool:
        """Whether logarithms are taken."""
        return self.name.startswith("log")

    @property
    def lag(self) -> int:
        """How many steps before is what is taken away, and so how many values at the beginning are lost."""
        if not self.name.endswith("difference"):
            return 0
        return self.period if "seasonal" in self.name else 1

    def check(self, series: Series) -> None:
        """Refuse a series of which it cannot be made.

        Raises:
            ConfigError: naming the value that has no logarithm, or the length.
        """
        if len(series) < self.lag + 2:
            raise ConfigError(
                Sentence(
                    "transform={name} cannot be used with period={period}: {series} has {size} values.",
                    name=self.name,
                    period=self.period,
                    series=series.name,
                    size=len(series),
                )
            )
        none = np.flatnonzero((series.values <= 0).any(axis=1))
        if self.has_log and len(none):
            raise ConfigError(
                Sentence(
                    "transform={name} cannot be used: {series} is {value} at {time}, and only numbers above 0 have a "
                    "logarithm. transform=none and transform=difference work.",
                    name=self.name,
                    series=series.name,
                    value=f"{series.values[none[0]].min():g}",
                    time=series.when(int(none[0])),
                )
            )

    def apply(self, values: Float[np.ndarray, "*batch T C"]) -> Float[np.ndarray, "*batch T_lag C"]:
        """Return the transformed values of t = lag, lag + 1, ..., T - 1."""
        levels: np.ndarray = np.log(values) if self.has_log else values
        changes: np.ndarray = levels[..., self.lag :, :] - levels[..., : -self.lag, :] if self.lag else levels
        return changes

    def undo(
        self, changes: Float[np.ndarray, "*batch K C"], before: Float[np.ndarray, "*batch B C"]
    ) -> Float[np.ndarray, "*batch K C"]:
        """Return the K values whose transformed values are `changes`, and which follow on those before.

        Args:
            changes: as `apply` returns them.
            before: at least the last `lag` values before them, not transformed.
        """
        levels = np.array(changes, dtype=float)
        if self.lag:
            known = before[..., before.shape[-2] - self.lag :, :]
            known = np.log(known) if self.has_log else known
            for k in range(levels.shape[-2]):
                levels[..., k, :] += known[..., k, :] if k < self.lag else levels[..., k - self.lag, :]
        with np.errstate(over="ignore"):  # a network that ran away: its forecast is infinite, and is seen to be
            return np.exp(levels) if self.has_log else levels


@dataclass(frozen=True, eq=False)
class Scaler:
    """Standard units: (z - mean) / deviation, channel by channel."""

    mean: Float[np.ndarray, " C"]
    deviation: Float[np.ndarray, " C"]

    @classmethod
    def fit(cls, training: Float[np.ndarray, "T C"]) -> Scaler:
        """Return the scaler that gives the training part mean 0 and deviation 1; a constant channel keeps its unit."""
        deviation = training.std(axis=0)
        return cls(training.mean(axis=0), np.where(deviation > 0, deviation, 1.0))

    def apply(self, values: Float[np.ndarray, "*batch C"]) -> Float[np.ndarray, "*batch C"]:
        """Return values in standard units."""
        scaled: np.ndarray = (values - self.mean) / self.deviation
        return scaled

    def undo(self, scaled: Float[np.ndarray, "*batch C"]) -> Float[np.ndarray, "*batch C"]:
        """Return values in their own units."""
        values: np.ndarray = scaled * self.deviation + self.mean
        return values

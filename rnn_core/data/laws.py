"""Laws by which series are made: whoever knows one knows the best possible forecast, and how far off it will be.

Best is meant as the least mean squared error: the mean of what is still to come, given all that was.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

if TYPE_CHECKING:
    import torch

SETTLING = 500  # time steps after which a start from zero is forgotten


class Law(ABC):
    """How each value follows from those before it, and from chance."""

    @property
    def is_walk(self) -> bool:
        """Whether the last value is the best possible forecast, however far ahead."""
        return False

    @abstractmethod
    def draw(self, size: int, generator: torch.Generator) -> Float[np.ndarray, " T"]:
        """Return a series of `size` values, t = 0, 1, ..., that follows the law."""

    @abstractmethod
    def forecast(self, history: Float[np.ndarray, " t"], horizon: int) -> Float[np.ndarray, " H"]:
        """Return the best possible forecast of the values that follow a history, which begins with t = 0."""

    @abstractmethod
    def deviations(self, horizon: int) -> Float[np.ndarray, " H"]:
        """Return the root mean squared error of that forecast, 1, 2, ..., H steps ahead: less is not possible."""


@dataclass(frozen=True)
class AutoRegression(Law):
    """y_t = a_1 y_(t-1) + ... + a_p y_(t-p) + noise * e_t, where e_t is standard normal; a random walk is a = (1,).

    Attributes:
        coefficients: a_1, ..., a_p.
        noise: standard deviation of what chance adds.
        is_settled: whether a series begins long after its start from zero: not for a walk, which never settles.
    """

    coefficients: tuple[float, ...]
    noise: float = 1.0
    is_settled: bool = True

    @property
    def is_walk(self) -> bool:
        """Whether it is a random walk."""
        return self.coefficients == (1.0,)

    def draw(self, size: int, generator: torch.Generator) -> Float[np.ndarray, " T"]:
        """Return a series of `size` values."""
        before = SETTLING if self.is_settled else 0
        chance = self.noise * _normal(before + size, generator)
        values = [0.0] * len(self.coefficients)
        for e in chance.tolist():
            values.append(self._expected(values) + e)
        return np.array(values[-size:])

    def forecast(self, history: Float[np.ndarray, " t"], horizon: int) -> Float[np.ndarray, " H"]:
        """Return the law's own continuation without chance."""
        values = [0.0] * len(self.coefficients) + history.tolist()
        for _ in range(horizon):
            values.append(self._expected(values))
        return np.array(values[-horizon:])

    def deviations(self, horizon: int) -> Float[np.ndarray, " H"]:
        """Return noise * sqrt(w_0^2 + ... + w_(h-1)^2), where w_j is what one unit of chance has become after j steps.

        G. E. P. Box, G. M. Jenkins: Time Series Analysis, 1976, section 5.1.
        """
        weights = [0.0] * (len(self.coefficients) - 1) + [1.0]
        for _ in range(horizon - 1):
            weights.append(self._expected(weights))
        ahead = np.array(weights[-horizon:])
        deviations: np.ndarray = self.noise * np.sqrt(np.cumsum(ahead**2))
        return deviations

    def _expected(self, values: list[float]) -> float:
        return sum(a * values[-lag] for lag, a in enumerate(self.coefficients, 1) if lag <= len(values))


@dataclass(frozen=True)
class NoisySine(Law):
    """y_t = sin(2 pi t / period) + noise * e_t, where e_t is standard normal."""

    period: int = 25
    noise: float = 0.2

    def draw(self, size: int, generator: torch.Generator) -> Float[np.ndarray, " T"]:
        """Return a series of `size` values."""
        drawn: np.ndarray = self._sine(np.arange(size)) + self.noise * _normal(size, generator)
        return drawn

    def forecast(self, history: Float[np.ndarray, " t"], horizon: int) -> Float[np.ndarray, " H"]:
        """Return the sine itself: nothing in a history tells the noise that is to come."""
        return self._sine(len(history) + np.arange(horizon))

    def deviations(self, horizon: int) -> Float[np.ndarray, " H"]:
        """Return the noise, the same at every step."""
        return np.full(horizon, self.noise)

    def _sine(self, t: np.ndarray) -> Float[np.ndarray, " H"]:
        sine: np.ndarray = np.sin(2 * np.pi * t / self.period)
        return sine


def _normal(size: int, generator: torch.Generator) -> Float[np.ndarray, " T"]:
    import torch

    drawn: np.ndarray = torch.randn(size, generator=generator, dtype=torch.double).numpy()
    return drawn

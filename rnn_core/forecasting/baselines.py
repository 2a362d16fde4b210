"""Forecasts that need no network. A network that does not beat them has learnt nothing worth having.

Each is a function of the history y_0, ..., y_(t-1) alone, and of how many values H are wanted: y_t, ..., y_(t+H-1). So
the value that `last` repeats is the one *before* the first target. Names and equations are those of R. J. Hyndman and
G. Athanasopoulos, Forecasting: Principles and Practice, section 5.2, https://otexts.com/fpp3/simple-methods.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

History = Float[np.ndarray, " t"]
Ahead = Float[np.ndarray, " H"]
Forecaster = Callable[[History, int], Ahead]

MAX_ORDER = 30  # lags that an autoregression has at most


def mean(history: History, horizon: int) -> Ahead:
    """Return the mean of all that was, again and again."""
    return np.full(horizon, history.mean())


def last(history: History, horizon: int) -> Ahead:
    """Return the last value, again and again."""
    return np.full(horizon, history[-1])


def drift(history: History, horizon: int) -> Ahead:
    """Go on along the straight line through the first and the last value."""
    slope = (history[-1] - history[0]) / max(1, len(history) - 1)
    line: np.ndarray = history[-1] + slope * np.arange(1, horizon + 1)
    return line


def seasonal(history: History, horizon: int, period: int) -> Ahead:
    """Return the values of one season before, again and again."""
    season = history[-period:]
    return season[np.arange(horizon) % len(season)]


def seasonal_growth(history: History, horizon: int, period: int) -> Ahead:
    """Add to the values of one season before what a season's mean has grown by from the last but one to the last."""
    growth = history[-period:].mean() - history[-2 * period : -period].mean() if len(history) >= 2 * period else 0.0
    seasons = 1 + np.arange(horizon) // period
    grown: np.ndarray = seasonal(history, horizon, period) + growth * seasons
    return grown


@dataclass(frozen=True)
class FittedAutoRegression:
    """y_t = c + a_1 y_(t-1) + ... + a_p y_(t-p), fitted by least squares."""

    constant: float
    coefficients: tuple[float, ...]

    def __call__(self, history: History, horizon: int) -> Ahead:
        """Let the equation go on, fed with its own values."""
        values = history[-len(self.coefficients) :].tolist()
        for _ in range(horizon):
            lagged = zip(self.coefficients, reversed(values), strict=False)
            values.append(self.constant + sum(a * value for a, value in lagged))
        return np.array(values[-horizon:])


def fit_autoregression(training: History, order: int | None = None) -> FittedAutoRegression:
    """Fit an autoregression to the training part.

    Args:
        training: y_0, ..., y_(T-1).
        order: p; if not given, the one with the least BIC = n ln(RSS / n) + p ln n, all fitted to the same n values:
            G. Schwarz, Estimating the dimension of a model, 1978.
    """
    most = min(MAX_ORDER, len(training) // 4) if order is None else order
    wanted, lagged = training[most:], _lagged(training, most)  # (n,), (n, 1 + most)
    if order is not None:
        return _fitted(_solve(lagged, wanted))
    n, best = len(wanted), (np.inf, np.zeros(1))
    floor = 1e-24 * max(float(np.square(training).mean()), 1e-300)  # what is fitted to the last digit is fitted
    for p in range(most + 1):
        solution = _solve(lagged[:, : p + 1], wanted)
        error = np.square(wanted - lagged[:, : p + 1] @ solution).mean()
        bic = n * np.log(max(error, floor)) + p * np.log(n)
        best = min(best, (bic, solution), key=lambda found: found[0])
    return _fitted(best[1])


def _solve(lagged: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    solution: np.ndarray = np.linalg.lstsq(lagged, wanted)[0]
    return solution


def _lagged(values: np.ndarray, most: int) -> np.ndarray:
    """Return a row (1, y_(t-1), ..., y_(t-most)) for each t = most, ..., T - 1."""
    n = len(values) - most
    return np.stack([np.ones(n), *(values[most - lag : most - lag + n] for lag in range(1, most + 1))], axis=1)


def _fitted(solution: np.ndarray) -> FittedAutoRegression:
    constant, *coefficients = solution.tolist()
    return FittedAutoRegression(constant, tuple(coefficients or [0.0]))


BASELINES: Mapping[str, Forecaster] = {"mean": mean, "last": last, "drift": drift}
SEASONAL: Mapping[str, Callable[[History, int, int], Ahead]] = {
    "seasonal": seasonal,
    "seasonal-growth": seasonal_growth,
}


def forecasters(training: History, period: int, order: int | None = None) -> dict[str, Forecaster]:
    """Return all baselines by name; the seasonal ones if there is a season, and it has passed at least once."""
    found = dict(BASELINES)
    if 1 < period <= len(training):
        for name, of_season in SEASONAL.items():
            found[name] = _with_period(of_season, period)
    return {**found, "ar": fit_autoregression(training, order)}


def _with_period(of_season: Callable[[History, int, int], Ahead], period: int) -> Forecaster:
    return lambda history, horizon: of_season(history, horizon, period)

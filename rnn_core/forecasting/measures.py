"""How far off forecasts are, and whether they only repeat what was just seen."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from rnn_core.records.forecasts import Score


def seasonal_scale(training: Float[np.ndarray, " T"], period: int) -> float:
    """Return the mean absolute error of the seasonal forecast one season ahead on the training part: MASE's unit.

    R. J. Hyndman, A. B. Koehler, Another look at measures of forecast accuracy, 2006. Where there is no season, or it
    has not passed once, the season is one step.
    """
    lag = period if period < len(training) else 1
    return float(np.abs(training[lag:] - training[:-lag]).mean())


def score(errors: Float[np.ndarray, "O H"], scale: float) -> Score:
    """Measure errors (forecast minus truth); without a scale, as of a constant series, MASE is infinite."""
    mae = float(np.abs(errors).mean())
    return Score(mae, float(np.sqrt(np.square(errors).mean())), mae / scale if scale else float("inf"))


def lag_correlations(
    forecast: Float[np.ndarray, " K"], known: Float[np.ndarray, " T"], most: int = 5
) -> Float[np.ndarray, " lags"]:
    """Return the correlation of one-step forecasts with the truth 0, 1, ..., `most` steps before what was asked for.

    A forecast that only repeats the last value correlates best with lag 1.

    Args:
        forecast: of the last K values of `known`, each from all before it.
        known: the series; at least K + most values.
        most: lags.
    """
    size = len(forecast)
    shifted = [known[len(known) - size - lag : len(known) - lag] for lag in range(most + 1)]
    return np.array([_correlation(forecast, truth) for truth in shifted])


def r_squared(forecast: Float[np.ndarray, " K"], truth: Float[np.ndarray, " K"]) -> float:
    """Return 1 - (squared error) / (squared deviation of the truth from its mean): high wherever there is a trend."""
    spread = float(np.square(truth - truth.mean()).sum())
    return 1 - float(np.square(forecast - truth).sum()) / spread if spread else float("nan")


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norm if norm > 0 else float("nan")

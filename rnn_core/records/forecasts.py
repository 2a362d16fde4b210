"""Forecasts, and how far off they were."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What one forecaster said at several origins, free-running: it sees nothing after an origin.

    Attributes:
        name: of a baseline, `oracle`, or `network`.
        values: from each of O origins, 1, 2, ..., H steps ahead, in the series' own units.
        seed: of a network.
    """

    name: str
    values: Float[np.ndarray, "O H"]
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How far off forecasts were, over all origins and steps ahead.

    Attributes:
        mae: mean absolute error, in the series' own units.
        rmse: root mean squared error, in the series' own units.
        mase: `mae` over that of the seasonal forecast one season ahead on the training part.
    """

    mae: float
    rmse: float
    mase: float

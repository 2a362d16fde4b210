"""Whose result hangs on rounding: each network is trained beside a twin that begins with almost the same weights.

Networks trained together are those of `train` within the rounding of single precision. Where training is chaotic that
is no promise: a difference in the last digit grows until the curves have nothing to do with each other. So every
network gets a twin whose first weights are the next numbers that single precision has, at most 1.2e-7 of them away,
and which has all else in common with it. Where the curves of the two part, the result is one of many that rounding
could have given.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int

from rnn_core.sweep.population import Reading

PARTED = 0.02  # of a loss: what can be seen of two curves over a logarithmic axis
LEAST_LOSS = 1e-6  # below it single precision knows no differences


class Twins:
    """Compares P networks with their twins, which are the places P to 2P - 1 of their population.

    Attributes:
        have_parted: whose loss has differed from that of its twin at any step so far.
    """

    def __init__(self, count: int) -> None:
        self.have_parted: Bool[np.ndarray, " P"] = np.zeros(count, dtype=bool)

    def compare(self, reading: Reading) -> Int[np.ndarray, " Q"]:
        """Take up a reading, and return the twins that are not needed any more, by their places."""
        count = len(self.have_parted)
        log_loss = np.full(2 * count, np.nan)  # of those that are still in training
        with np.errstate(invalid="ignore", divide="ignore"):
            log_loss[reading.members] = np.log(np.maximum(reading.loss, LEAST_LOSS))
            self.have_parted |= np.abs(log_loss[:count] - log_loss[count:]) > PARTED
        ended, exploded, present = (np.zeros(2 * count, dtype=bool) for _ in range(3))
        present[reading.members], ended[reading.members] = True, reading.has_finished
        exploded[reading.members] = reading.has_exploded
        self.have_parted |= (exploded[:count] != exploded[count:]) & present[count:]
        return count + np.flatnonzero(present[count:] & (self.have_parted | ended[:count]))

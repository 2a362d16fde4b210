"""Arrays that nobody writes to."""

from __future__ import annotations

import numpy as np


def frozen(array: np.ndarray) -> np.ndarray:
    """Return a copy of an array that cannot be written to."""
    copy = np.array(array)
    copy.setflags(write=False)
    return copy

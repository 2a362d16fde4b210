"""The cards of the home page."""

import numpy as np
import pytest

from rnn_core.config import Config
from tests.claims import SEEDS
from tests.claims.populations import train_all


@pytest.mark.claim("A plain RNN learns to write “hello! world” in fewer than twenty updates")
def test_hello_next_learns_within_twenty_updates_and_stays_right():
    """Twelve seeds; at least 90 % are right from the twentieth record on (of 200 other seeds all, at the latest 14)."""
    course = train_all([Config.preset("hello-next", seed=seed) for seed in SEEDS])
    assert np.mean((course.accuracy[19:] == 1).all(axis=0)) >= 0.9

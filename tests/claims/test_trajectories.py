"""Where one letter leads before training, and where it leads after."""

import itertools

import numpy as np
import pytest

from rnn_core.cells.sequence import encode, trace_cells
from rnn_core.config import Config
from rnn_core.data.tasks import build_dataset
from rnn_core.sweep.population import Population
from rnn_core.training.experiment import Experiment
from tests.claims import SEEDS

FIRST_L, SECOND_L = 2, 3  # of “hello! world”


@pytest.fixture(scope="module")
def distances():
    """(2, 12, 11, 11): between the states of any two characters, before and after training, of twelve seeds."""
    config = Experiment(Config()).config
    window, alone = build_dataset(config).input[0], config.model_copy(update={"batched": False})

    def measured():
        states = [trace_cells(alone, w, encode(alone, w, window)).output for w in map(population.weights, places)]
        return [np.linalg.norm(h[:, None] - h, axis=-1) for h in states]

    population, places = Population([Config(seed=seed) for seed in SEEDS]), range(len(SEEDS))
    next(population)
    before = measured()
    for _ in population:
        pass
    return np.array([before, measured()])


@pytest.mark.claim("In an untrained network the same letter leads to neighbouring places")
def test_untrained_the_same_letter_leads_to_neighbouring_places(distances):
    """At least 90 % of twelve: the three l and the two o are nearer to each other than letters usually are."""
    text = "hello! worl"
    pairs = list(itertools.combinations(range(len(text)), 2))
    same, other = ([pair for pair in pairs if (text[pair[0]] == text[pair[1]]) is is_same] for is_same in (True, False))
    near, usual = (np.median([distances[0, :, i, j] for i, j in chosen], axis=0) for chosen in (same, other))
    assert np.mean(near < 0.8 * usual) >= 0.9


@pytest.mark.claim("a trained one goes to places far apart for what has to be told apart, like the two l of “hello”.")
def test_trained_the_two_l_of_hello_are_far_apart(distances):
    """At least 90 % of twelve: at least four times as far as before, and farther than any two letters were then."""
    before, after = distances[:, :, FIRST_L, SECOND_L]
    assert np.mean(after > 4 * before) >= 0.9
    assert np.mean(after > distances[0].max(axis=(1, 2))) >= 0.9

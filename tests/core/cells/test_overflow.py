"""A run that exploded can be looked at from every side: nothing stops, what is no number stays none."""

import numpy as np
import pytest

from rnn_core import Config
from rnn_core.analysis.dynamics import StateMap, character_input, find_fixed_points, sample_starts
from rnn_core.analysis.gradients import (
    cell_paths,
    loss_gradients,
    saliency_map,
    state_influence,
    step_jacobians,
)
from rnn_core.analysis.plane import nullclines, unit_plane, vector_field
from rnn_core.analysis.spectra import growth_rates, spectrum
from rnn_core.analysis.trajectories import film, match_places, order_units, states_at
from rnn_core.cells.sequence import scale
from rnn_core.figures.gradient import gradient_reach, influence_map
from rnn_core.figures.plane import phase_plane
from rnn_core.figures.spectrum import eigenvalue_plane
from rnn_core.figures.trajectory import trajectory_film
from rnn_core.training.history import Run

TEXT = "hello! world, hello"
BOX = {"low": (-1.0, -1.0), "high": (1.0, 1.0)}


@pytest.mark.parametrize("factor", [1e30, np.inf, np.nan])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_overflowed_weights_can_be_looked_at(cell, factor):
    run = Run(Config(text=TEXT, cell=cell, nonlinearity="relu", hidden_size=2, steps=1))
    weights = scale(run.trainer.weights(), "rnn.weight_hh_l0", factor)
    window, target = run.trainer.dataset.input[0], run.trainer.dataset.target[0]
    of = (run.config, weights, window)
    influence = state_influence(*of)
    gradient_reach({"it": np.diagonal(influence)})
    influence_map(influence, "x" * len(window))
    jacobians = step_jacobians(*of)
    eigenvalue_plane({"steps": spectrum(jacobians).eigenvalues[-1]})
    assert len(growth_rates(jacobians)) == jacobians.shape[1]
    loss_gradients(*of, int(target[-1]))
    saliency_map(*of, target)
    if cell == "lstm":
        cell_paths(*of)
    state_map = StateMap(run.config, weights, character_input(run.config, weights, 0))
    find_fixed_points(state_map, sample_starts(state_map, count=10))
    phase_plane(vector_field(state_map, unit_plane(state_map), **BOX))
    if cell != "lstm":
        nullclines(state_map, **BOX)


def test_an_exploded_run_has_a_film():
    config = Config(text=TEXT, optimizer="rmsprop", nonlinearity="relu", learning_rate=1.0, num_layers=3, seq_len=18)
    run = Run(config.replace(hidden_size=32, steps=30))
    while run.advance():
        pass
    assert run.has_exploded
    broken = {name: np.full_like(weight, np.inf) for name, weight in run.trainer.weights().items()}
    run.moments[0] = type(run.at(0))(run.at(0).record, broken)
    states = states_at(run, run.at(0))
    assert not np.isfinite(states).any()
    assert sorted(order_units(states).tolist()) == list(range(32))
    assert match_places(states, np.arange(18) < 4) is not None
    shown = film(run)
    assert np.isfinite(shown.path[-1]).any()
    trajectory_film([shown.path], shown.steps, ["x" * 18], kept=shown.kept)

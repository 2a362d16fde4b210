"""Derivatives in closed form are autograd's."""

import numpy as np
import pytest
import torch
from torch.autograd.functional import jacobian

from rnn_core.cells.equations import cell_step, cell_weights
from rnn_core.cells.jacobians import stack_steps, step_jacobian
from rnn_core.cells.sequence import trace_cells
from tests.core.networks import KINDS, double, one_step


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_one_step_is_differentiated_as_autograd_does(cell, nonlinearity, seed):
    config, rnn, weights = double(cell, nonlinearity, seed=seed, scale=2.0)
    rng = np.random.default_rng(seed)
    x, h, c = rng.normal(size=3), rng.uniform(-1, 1, 4), rng.normal(size=4)
    w = cell_weights(weights, 0)
    found = step_jacobian(config, w, cell_step(config, w, x, h, c))
    state = torch.tensor(np.concatenate([h, c]) if cell == "lstm" else h)
    by_x, by_state = jacobian(lambda x, s: one_step(rnn, x, s), (torch.tensor(x), state))
    assert np.abs(found.whole - by_state.numpy()).max() < 1e-12
    whole_x = found.h_x if cell != "lstm" else np.concatenate([found.h_x, found.c_x])
    assert np.abs(whole_x - by_x.numpy()).max() < 1e-12


@pytest.mark.parametrize(("cell", "nonlinearity"), KINDS)
def test_many_steps_are_differentiated_at_once(cell, nonlinearity):
    config, _, weights = double(cell, nonlinearity, batched=False)
    steps = trace_cells(config, weights, np.random.default_rng(0).normal(size=(6, 3))).steps[0]
    w = cell_weights(weights, 0)
    together = step_jacobian(config, w, stack_steps(steps))
    for t, step in enumerate(steps):
        assert np.allclose(together.whole[t], step_jacobian(config, w, step.values).whole, atol=1e-15)


def test_a_relu_that_is_off_lets_nothing_through():
    config, _, weights = double("rnn", "relu")
    w = cell_weights({**weights, "bias_ih_l0": np.full(4, -100.0)}, 0)
    assert not step_jacobian(config, w, cell_step(config, w, np.ones(3), np.ones(4))).h_h.any()


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_a_step_that_begins_a_sequence_passes_on_its_input_alone(cell):
    config, _, weights = double(cell)
    w = cell_weights(weights, 0)
    found = step_jacobian(config, w, cell_step(config, w, np.ones(3), np.ones(4)))
    assert not found.from_start.whole.any()
    assert np.array_equal(found.from_start.h_x, found.h_x)

"""Every stacked rule moves each network as torch.optim does with its defaults."""

import pytest
import torch

from rnn_core.sweep.optimizers import RULES, StackedOptimizer
from tests.core.training.test_training import OPTIMIZERS

NAMES = sorted([*OPTIMIZERS, *OPTIMIZERS])


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_there_is_a_rule_for_every_optimizer():
    assert set(RULES) == set(OPTIMIZERS)


@pytest.mark.parametrize("are_equal", [False, True])
def test_every_row_moves_as_torch_moves_it(are_equal):
    weights = draw(8, 20)
    rates = torch.full((8, 1), 0.01) if are_equal else torch.logspace(-4, 0, 8).unsqueeze(1)
    plain = [torch.nn.Parameter(row.clone()) for row in weights]
    optimizers = [OPTIMIZERS[name]([row], lr=rate.item()) for name, row, rate in zip(NAMES, plain, rates, strict=True)]
    stacked = StackedOptimizer(NAMES, weights)
    for step in range(1, 31):
        grads = draw(8, 20, seed=step)
        stacked.step(weights, grads, rates)
        for row, optimizer, grad in zip(plain, optimizers, grads, strict=True):
            row.grad = grad
            optimizer.step()
    assert torch.allclose(weights, torch.stack([row.detach() for row in plain]), rtol=1e-5, atol=1e-6)


def test_rows_that_are_kept_go_on_as_before():
    weights, rates = draw(8, 20), torch.full((8, 1), 0.1)
    all_rows, some_rows = StackedOptimizer(NAMES, weights), StackedOptimizer(NAMES, weights)
    kept = torch.tensor([0, 1, 4, 7])
    mine = weights.clone()
    all_rows.step(weights, draw(8, 20, seed=1), rates)
    some_rows.step(mine, draw(8, 20, seed=1), rates)
    some_rows.keep(kept)
    mine = mine[kept]
    all_rows.step(weights, draw(8, 20, seed=2), rates)
    some_rows.step(mine, draw(8, 20, seed=2)[kept], rates[kept])
    assert torch.allclose(mine, weights[kept])


def test_learning_rates_may_part_and_meet_on_the_way():
    weights = draw(2, 20)
    plain = [torch.nn.Parameter(row.clone()) for row in weights]
    optimizers = [torch.optim.Adam([row]) for row in plain]
    stacked = StackedOptimizer(["adam", "adam"], weights)
    for step, rates in enumerate([(0.1, 0.1), (0.1, 0.3), (0.2, 0.3), (0.2, 0.2)]):
        grads = draw(2, 20, seed=step)
        stacked.step(weights, grads, torch.tensor(rates).unsqueeze(1))
        for row, optimizer, grad, rate in zip(plain, optimizers, grads, rates, strict=True):
            row.grad, optimizer.param_groups[0]["lr"] = grad, rate
            optimizer.step()
    assert torch.allclose(weights, torch.stack([row.detach() for row in plain]), rtol=1e-5, atol=1e-6)

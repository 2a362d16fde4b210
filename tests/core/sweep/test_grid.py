"""Sweeps: every cell is checked first, trained with its like, and comes out as `train` would have it."""

import itertools
import math

import pytest

from rnn_core import Config, ConfigError, train
from rnn_core.records.sweeps import SweepCell, SweepProgress
from rnn_core.sweep import grid as module
from rnn_core.sweep.grid import grid, run_here
from rnn_core.training.budget import (
    MAX_CELLS,
    MAX_FLOATS,
    MAX_MULTIPLY_ADDS,
    MAX_TOGETHER,
    Cost,
    cut_by_budget,
    estimate_cost,
)
from tests.core.sweep.test_population import EXPLOSIVE
from tests.core.training.test_training import LONG_TEXT


def cells(sweep):
    found = {event.index: event for event in run_here(sweep) if isinstance(event, SweepCell)}
    return [found[index] for index in range(len(sweep.configs))]


def test_every_cell_is_the_end_of_its_own_run():
    base = Config(text=LONG_TEXT, seq_len=6, batch_size=4, val_share=0.2, steps=15, learning_rate=0.01)
    axes = {"hidden_size": [4, 9], "cell": ["rnn", "gru"], "optimizer": ["sgd", "adam"], "steps": [5, 12]}
    sweep = grid(base, axes)
    assert [tuple(cell.values.values()) for cell in cells(sweep)] == list(itertools.product(*axes.values()))
    for cell, config in zip(cells(sweep), sweep.configs, strict=True):
        records = list(train(config))
        assert cell.losses == pytest.approx([record.loss for record in records], rel=1e-4)
        assert cell.loss == pytest.approx(records[-1].loss, rel=1e-4)
        assert (cell.step, cell.prediction, cell.accuracy) == (
            records[-1].step,
            records[-1].prediction,
            records[-1].accuracy,
        )
        measured = [record.val_loss for record in records if record.val_loss is not None]
        assert cell.val_loss == pytest.approx(measured[-1], rel=1e-4)
        assert not cell.has_exploded


def test_cells_of_one_shape_are_trained_together():
    sweep = grid(Config(), {"seed": [0, 1], "hidden_size": [4, 8], "optimizer": ["adam", "sgd"], "batch_first": [True]})
    assert sweep.shards == ((0, 1, 4, 5), (2, 3, 6, 7))


def test_a_cell_that_explodes_is_a_result():
    calm, exploded = cells(grid(Config(**EXPLOSIVE, steps=40), {"learning_rate": [1e-4, 1.0]}))
    assert exploded.has_exploded
    assert exploded.step < 40 == calm.step
    assert len(exploded.losses) == exploded.step + 1
    assert math.isnan(exploded.loss) or exploded.loss > 100 or math.isnan(exploded.grad_norm)
    assert not calm.has_exploded


def test_progress_is_told_between_slices(monkeypatch):
    monkeypatch.setattr(module, "SLICE_S", 0.0)
    events = list(run_here(grid(Config(steps=3), {"seed": [0, 1], "hidden_size": [4, 8]})))
    told = [event for event in events if isinstance(event, SweepProgress)]
    assert [(event.step, event.cells.tolist()) for event in told] == [
        *((step, [0, 2]) for step in range(3)),
        (3, []),  # these have ended and were told whole
        *((step, [1, 3]) for step in range(3)),
        (3, []),
    ]
    assert [event.finished for event in told] == [0, 0, 0, 2, 2, 2, 2, 4]
    assert all(event.total == 4 and event.loss.shape == event.accuracy.shape == event.cells.shape for event in told)


def test_stopping_is_ceasing_to_ask(monkeypatch):
    monkeypatch.setattr(module, "SLICE_S", 0.0)
    events = run_here(grid(Config(steps=2000), {"seed": [0, 1]}))
    assert next(events).step == 0
    assert next(events).step == 1
    events.close()
    assert list(events) == []


@pytest.mark.parametrize(
    ("axes", "part"),
    [
        ({"hidden_size": [4, 400]}, "hidden_size=400"),
        ({"momentum": [1]}, "momentum is not a setting"),
        ({"seed": [0], "text": ["ab", "a"]}, "text has only one character"),
        ({"hidden_size": [128], "seq_len": [128], "batch_size": [64], "text": ["ab" * 5000]}, "too large"),
        ({"seed": []}, "no cells"),
        ({"seed": range(MAX_CELLS), "cell": ["rnn", "gru"]}, f"at most {MAX_CELLS}"),
    ],
)
def test_what_cannot_be_trained_is_refused_at_once(axes, part):
    with pytest.raises(ConfigError, match=part):
        grid(Config(), axes)


def test_a_population_costs_no_more_than_one_config_may():
    base = Config(text=LONG_TEXT * 30, hidden_size=64, seq_len=32, batch_size=8, cell="gru", steps=2)
    sweep = grid(base, {"seed": range(40)})
    cost = estimate_cost(base, len(set(LONG_TEXT)))
    assert len(sweep.shards) > 3
    assert all(len(shard) * cost.multiply_adds <= MAX_MULTIPLY_ADDS for shard in sweep.shards)
    assert [place for shard in sweep.shards for place in shard] == list(range(40))


def test_a_list_is_cut_by_count_and_by_what_it_costs():
    small, heavy, large = Cost(0, 1, 1), Cost(0, 1, MAX_MULTIPLY_ADDS // 2), Cost(0, MAX_FLOATS, 1)
    assert cut_by_budget([]) == []
    assert [len(part) for part in cut_by_budget([small] * (2 * MAX_TOGETHER + 1))] == [MAX_TOGETHER, MAX_TOGETHER, 1]
    assert cut_by_budget([heavy, heavy, heavy, small]) == [[0, 1], [2, 3]]
    assert cut_by_budget([large, small, large]) == [[0], [1], [2]]

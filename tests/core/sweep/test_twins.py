"""Which results of a sweep hang on rounding: those that differ from the run alone, and hardly any other."""

import numpy as np
import pytest
import torch

from rnn_core import Config, train
from rnn_core.records.sweeps import SweepCell
from rnn_core.sweep.executors import train_plainly
from rnn_core.sweep.grid import grid, run_here
from rnn_core.sweep.network import nudge
from rnn_core.sweep.population import Population, Reading
from rnn_core.sweep.twins import PARTED, Twins

# Half of these are chaotic: a large learning rate makes rounding grow.
MIXED = grid(
    Config(), {"optimizer": ["rmsprop", "adam", "sgd"], "learning_rate": [0.01, 0.1, 0.5, 1.0], "seed": [1, 2]}
)


@pytest.fixture(scope="module")
def cells():
    found = {event.index: event for event in run_here(MIXED) if isinstance(event, SweepCell)}
    return [found[place] for place in range(len(MIXED.configs))]


def difference(losses, others):
    """Return by how much two curves differ at most, as a ratio; infinite if one of them ends before the other."""
    if len(losses) != len(others):
        return np.inf
    return np.abs(np.log(np.maximum(losses, 1e-6) / np.maximum(others, 1e-6))).max()


def test_what_differs_from_the_run_alone_is_marked_and_what_agrees_is_not(cells):
    alone = [[record.loss for record in train(config)] for config in MIXED.configs]
    differ = np.array([difference(cell.losses, losses) > 0.05 for cell, losses in zip(cells, alone, strict=True)])
    marked = np.array([cell.hangs_on_rounding for cell in cells])
    assert 6 <= differ.sum() <= 18
    assert (differ & ~marked).sum() == 0
    assert (~differ & marked).sum() <= 2


def test_twins_change_nothing_about_the_cells(cells):
    population = Population(MIXED.configs)
    losses = [[] for _ in MIXED.configs]
    for reading in population:
        for member, loss in zip(reading.members, reading.loss, strict=True):
            losses[member].append(loss)
    calm = [place for place, cell in enumerate(cells) if not cell.hangs_on_rounding]
    for place in calm:
        assert cells[place].losses == pytest.approx(losses[place], rel=1e-3)


def test_workers_mark_the_same(cells):
    plain = train_plainly([dict(config) | {"earlier": ""} for config in MIXED.configs])
    marks = {cell["index"]: cell["hangs_on_rounding"] for cell in plain}
    assert all(type(mark) is bool for mark in marks.values())
    assert [marks[place] for place in range(len(cells))] == [cell.hangs_on_rounding for cell in cells]


def test_a_twin_begins_as_near_as_single_precision_allows():
    weights = torch.tensor([[0.3, -0.7, 1.0, -1e-3]])
    moved = nudge(weights)
    assert (moved > weights).all()
    assert ((moved - weights).abs() <= 1.2e-7 * weights.abs()).all()


def test_twins_are_dropped_once_they_have_parted_or_are_alone():
    population = Population(MIXED.configs[:2] * 2, twins=2)
    first = next(population)
    assert first.members.tolist() == [0, 1, 2, 3]
    assert 0 < np.abs(first.loss[:2] - first.loss[2:]).max() < 1e-5
    population.leave(np.array([2]))
    assert next(population).members.tolist() == [0, 1, 3]
    population.leave(np.array([0, 1, 3]))
    assert population.has_ended


def reading(members, loss, finished=(), exploded=()):
    places = np.array(members)
    return Reading(
        step=0,
        members=places,
        loss=np.array(loss, dtype=float),
        grad_norm=np.zeros(len(loss)),
        has_finished=np.isin(places, [*finished, *exploded]),
        has_exploded=np.isin(places, exploded),
    )


def test_twins_part_by_their_loss_or_by_who_explodes():
    twins = Twins(4)
    near, far = 1 + PARTED / 2, 1 + 2 * PARTED
    assert twins.compare(reading(range(8), [1, 1, 1, 1, near, far, 1 / far, 1])).tolist() == [5, 6]
    assert twins.have_parted.tolist() == [False, True, True, False]
    # A twin that explodes is gone; one whose network ends is not needed; a mark stays.
    assert twins.compare(reading([0, 1, 2, 3, 4, 7], [1] * 4 + [np.nan, 1], finished=[3], exploded=[4])).tolist() == [
        4,
        7,
    ]
    assert twins.have_parted.tolist() == [True, True, True, False]


def test_twins_that_explode_together_have_not_parted():
    twins = Twins(2)
    assert twins.compare(reading(range(4), [np.nan, 1, np.inf, 1], exploded=[0, 2])).tolist() == [2]
    assert not twins.have_parted.any()

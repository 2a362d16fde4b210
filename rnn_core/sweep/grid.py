"""A grid over any fields of a config, trained many cells at a time.

    sweep = grid(Config(steps=200), {"learning_rate": [0.01, 0.1], "hidden_size": [4, 8, 16]})
    for event in run_here(sweep):
        if isinstance(event, SweepCell):
            print(event.values, event.loss)

Stopping is ceasing to ask. Cells of one architecture and one shape of data are trained as one population, each beside
a twin that tells whether its result hangs on rounding (`twins`), cut so that a population costs no more than one config
may (`budget.cut_by_budget`), or no more than one cell and its twin.
"""

from __future__ import annotations

import itertools
import math
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int

from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.sweeps import SweepCell, SweepProgress
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.sweep.batches import signature_of
from rnn_core.sweep.population import Population, Reading
from rnn_core.sweep.twins import Twins
from rnn_core.training.budget import add_costs, check_cells, cut_by_budget, estimate_seconds
from rnn_core.training.experiment import Experiment

SLICE_S = 0.1  # seconds of work after which a sweep lets its reader do something else

NO_CELLS = Sentence("grid has no cells: give each field at least one value.", field="grid")

Event = SweepCell | SweepProgress


@dataclass(frozen=True)
class Sweep:
    """Cells that have all been checked, and how they are trained together.

    Attributes:
        values: what sets each cell apart, by field.
        experiments: that of each cell.
        shards: places of the cells that are trained as one.
        costs: about how many seconds one core takes for each shard.
    """

    values: tuple[Mapping[str, Any], ...]
    experiments: tuple[Experiment, ...]
    shards: tuple[tuple[int, ...], ...]
    costs: tuple[float, ...]

    @property
    def configs(self) -> tuple[Config, ...]:
        """The config of each cell."""
        return tuple([experiment.config for experiment in self.experiments])

    @property
    def seconds(self) -> float:
        """About how long one core takes for all of it."""
        return sum(self.costs)

    @property
    def left(self) -> int:
        """How many cells are to be trained."""
        return sum(map(len, self.shards))

    def without(self, done: Collection[int]) -> Sweep:
        """Return what is left of it when the cells at some places have been trained; a shard counts when all of it has.

        The cells keep their places.
        """
        left = [at for at, shard in enumerate(self.shards) if not set(shard) <= set(done)]
        return replace(self, shards=tuple(self.shards[at] for at in left), costs=tuple(self.costs[at] for at in left))


def grid(base: Config, axes: Mapping[str, Sequence[Any]]) -> Sweep:
    """Combine every value of every field; the last field changes fastest.

    Raises:
        ConfigError: if a value is out of bounds, a cell cannot be trained, or there are too many.
    """
    check_cells(math.prod(len(values) for values in axes.values()))
    return put_together(base, [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())])


def run_here(sweep: Sweep, device: torch.device | None = None) -> Iterator[Event]:
    """Train a sweep in this process, yielding each cell when it is done, and its progress every tenth of a second.

    Args:
        sweep: what to train.
        device: where to compute; a GPU if there is one.
    """
    finished, begin = len(sweep.experiments) - sweep.left, time.monotonic()
    for shard in sweep.shards:
        for step in train_together([sweep.experiments[place] for place in shard], device):
            for cell in step.finished:
                finished += 1
                yield replace(cell, index=shard[cell.index], values=sweep.values[shard[cell.index]])
            if time.monotonic() - begin >= SLICE_S:
                goes_on = step.is_cell & ~step.reading.has_finished
                yield SweepProgress(
                    finished=finished,
                    total=len(sweep.experiments),
                    step=step.reading.step,
                    cells=np.array(shard)[step.reading.members[goes_on]],
                    loss=step.reading.loss[goes_on],
                    accuracy=step.population.accuracy()[goes_on],
                )
                begin = time.monotonic()  # what the reader did meanwhile is not our work


@dataclass(frozen=True)
class ShardStep:
    """One step of a population.

    Attributes:
        population: the cells, and a twin of each behind them.
        reading: where they have come to.
        is_cell: which networks of the reading are cells.
        finished: the cells that are finished with this step, by their places in the population.
    """

    population: Population
    reading: Reading
    is_cell: Bool[np.ndarray, " P"]
    finished: list[SweepCell]


def train_together(members: Sequence[Experiment], device: torch.device | None = None) -> Iterator[ShardStep]:
    """Train experiments of one signature as one, each beside a twin that tells whether it hangs on rounding."""
    population, twins = Population([*members, *members], device, twins=len(members)), Twins(len(members))
    losses = np.empty((max(member.config.steps for member in members) + 1, 2 * len(members)), dtype=np.float32)
    val_loss: dict[int, float] = {}
    for reading in population:
        losses[reading.step, reading.members] = reading.loss
        if reading.val_loss is not None:
            val_loss.update(zip(reading.members.tolist(), reading.val_loss.tolist(), strict=True))
        is_cell = reading.members < len(members)
        population.leave(twins.compare(reading))
        done = np.flatnonzero(reading.has_finished & is_cell)
        yield ShardStep(population, reading, is_cell, list(_finished(population, done, losses, val_loss, twins)))


def _finished(
    population: Population,
    done: Int[np.ndarray, " Q"],
    losses: Float[np.ndarray, "S P"],
    val_loss: Mapping[int, float],
    twins: Twins,
) -> Iterator[SweepCell]:
    if not done.size:
        return
    reading = population.reading
    for row, record in zip(done, population.records(done), strict=True):
        member = int(reading.members[row])
        yield SweepCell(
            index=member,
            values={},
            step=record.step,
            loss=record.loss,
            grad_norm=record.grad_norm,
            accuracy=record.accuracy,
            prediction=record.prediction,
            has_exploded=bool(reading.has_exploded[row]),
            losses=frozen(losses[: record.step + 1, member]),
            val_loss=val_loss.get(member),
            hangs_on_rounding=bool(twins.have_parted[member]),
        )


def put_together(base: Config, values: Sequence[Mapping[str, Any]]) -> Sweep:
    """Check every cell before the first is trained, and put together what can be trained together.

    Args:
        base: what all cells have in common.
        values: what sets each cell apart, by field.

    Raises:
        ConfigError: if a value is out of bounds, a cell cannot be trained, or there is none.
    """
    if not values:
        raise ConfigError(NO_CELLS)
    groups: dict[object, list[int]] = defaultdict(list)
    members = [Experiment.trainable(base.replace(**cell)) for cell in values]
    for place, member in enumerate(members):
        groups[signature_of(member)].append(place)
    shards: list[tuple[int, ...]] = []
    seconds: list[float] = []
    for places in groups.values():
        costs = []
        for place in places:
            cost = members[place].cost
            cost = replace(cost, floats=cost.floats + members[place].config.steps + 1)  # its curve is kept
            costs.append(add_costs((cost, cost)))  # of the cell and of its twin
        for part in cut_by_budget(costs):
            shards.append(tuple(places[i] for i in part))
            steps = max(members[place].config.steps for place in shards[-1])
            seconds.append(estimate_seconds(steps, add_costs(costs[i] for i in part)))
    return Sweep(tuple(values), tuple(members), tuple(shards), tuple(seconds))

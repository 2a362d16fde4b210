"""A comparison as it is trained: the three cells side by side, one update of each at a time, lag after lag.

run = ComparisonRun(Comparison(task="echo", lags=(5, 30)))
while run.advance():
    pass
for outcome in run.outcomes.values():
    print(outcome.config.cell, outcome.config.lag, outcome.accuracy)
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from rnn_core.memory.plan import CELLS, Comparison, MemoryConfig
from rnn_core.memory.population import MemoryPopulation, MemoryReading
from rnn_core.records.arrays import frozen

STORED = Path(__file__).with_name("stored.json")
EVERY = 10  # updates whose mean is one point of a curve
OVERHEAD = 8  # time steps that would take as long as what an update takes besides them
DIGITS = 4  # of what is stored of a curve

Key = tuple[str, int]  # cell and lag


@dataclass(frozen=True, eq=False)
class Curves:
    """How networks with the same config have learnt, a column for each seed.

    Attributes:
        steps: the last of the updates that a point is the mean of.
        loss, accuracy: on batches that the networks had not seen before.
    """

    steps: tuple[int, ...]
    loss: Float[np.ndarray, "S P"]
    accuracy: Float[np.ndarray, "S P"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What has become of networks with the same config and different seeds.

    Attributes:
        config: theirs.
        accuracy: of each on fresh sequences, after the last update.
        solved_at: the update at which each had solved the task, -1 if it has not.
        updates: made by all of them.
        seconds: of computing, for all of them together.
        curves: how they got there.
    """

    config: MemoryConfig
    accuracy: tuple[float, ...]
    solved_at: tuple[int, ...]
    updates: int
    seconds: float
    curves: Curves

    @property
    def median(self) -> float:
        """The median of the accuracies."""
        return float(np.median(self.accuracy))


class Lane:
    """The networks of one cell at one lag while they are trained."""

    def __init__(self, config: MemoryConfig, seeds: tuple[int, ...]) -> None:
        self.population = MemoryPopulation(config, seeds)
        self.seconds = 0.0
        self._points: list[tuple[int, np.ndarray]] = []
        self._recent: deque[MemoryReading] = deque(maxlen=EVERY)

    def advance(self) -> None:
        """Make one update of each network."""
        begin = time.perf_counter()
        self._recent.append(next(self.population))
        self.seconds += time.perf_counter() - begin
        if (self.population.step + 1) % EVERY == 0 or self.population.has_ended:
            self._points.append(self._point(self.population.step % EVERY + 1))

    @property
    def curves(self) -> Curves:
        """The points so far, and while training the present one: each picture goes further than the last."""
        points = list(self._points)
        if self._recent and self._recent[-1].step > max((step for step, _ in points), default=-1):
            points.append(self._point(EVERY))
        means = np.array([point for _, point in points]).reshape(-1, 2, len(self.population.solved_at))
        return Curves(tuple(step for step, _ in points), frozen(means[:, 0]), frozen(means[:, 1]))

    def _point(self, count: int) -> tuple[int, np.ndarray]:
        """Return the present step, and the mean of so many of the last readings, or of as many as there are."""
        readings = list(self._recent)[-count:]
        return readings[-1].step, np.mean([[reading.loss, reading.accuracy] for reading in readings], axis=0)

    def outcome(self) -> Outcome:
        """Return what has become of them; to be asked for once, at the end."""
        population = self.population
        accuracy, solved = population.test().tolist(), population.solved_at.tolist()
        return Outcome(population.config, tuple(accuracy), tuple(solved), population.step, self.seconds, self.curves)


class ComparisonRun:
    """A comparison that can be asked for one update of each cell at a time.

    Attributes:
        comparison: what is trained.
        outcomes: what is finished, by cell and lag.
        lanes: what is being trained: the cells at one lag.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.outcomes: dict[Key, Outcome] = {}
        self.lanes: dict[Key, Lane] = {}

    @property
    def is_complete(self) -> bool:
        """Whether everything is trained."""
        return len(self.outcomes) == len(CELLS) * len(self.comparison.lags)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1, by about the time that updates take; those that are spared count as done."""
        lags, steps = self.comparison.lags, self.comparison.steps
        done = 1.0 * sum(lag + OVERHEAD for _, lag in self.outcomes)
        done += sum((lag + OVERHEAD) * max(0, lane.population.step) / steps for (_, lag), lane in self.lanes.items())
        return done / sum(len(CELLS) * (lag + OVERHEAD) for lag in lags)

    def advance(self) -> bool:
        """Make one update of each cell that is not done at the present lag; return whether there is more to do."""
        if not self.lanes and not self.is_complete:
            lag = self.comparison.lags[len(self.outcomes) // len(CELLS)]
            seeds = self.comparison.all_seeds
            self.lanes = {(cell, lag): Lane(self.comparison.config(cell, lag), seeds) for cell in CELLS}
        for key, lane in list(self.lanes.items()):
            lane.advance()
            if lane.population.has_ended:
                self.outcomes[key] = lane.outcome()
                del self.lanes[key]
        return not self.is_complete

    def curves(self, lag: int) -> dict[str, Curves]:
        """Return how each cell has learnt at a lag so far; empty before its turn."""
        found = {}
        for cell in CELLS:
            if (cell, lag) in self.outcomes:
                found[cell] = self.outcomes[cell, lag].curves
            elif (cell, lag) in self.lanes:
                found[cell] = self.lanes[cell, lag].curves
        return found


def train_comparison(comparison: Comparison) -> ComparisonRun:
    """Train a comparison to its end.

    >>> run = train_comparison(Comparison(lags=(1,), seeds=1, steps=20))
    >>> [(cell, lag) for cell, lag in run.outcomes]
    [('rnn', 1), ('lstm', 1), ('gru', 1)]
    """
    run = ComparisonRun(comparison)
    while run.advance():
        pass
    return run


def breaks_at(outcomes: Mapping[Key, Outcome], comparison: Comparison, cell: str) -> int | None:
    """Return the first lag at which the median accuracy is less than half way from chance to 1; None if there is none.

    Lags that are not trained yet say nothing.
    """
    for lag, chance in zip(comparison.lags, comparison.chances, strict=True):
        outcome = outcomes.get((cell, lag))
        if outcome is not None and outcome.median < (1 + chance) / 2:
            return lag
    return None


def largest_difference(outcomes: Mapping[Key, Outcome], others: Mapping[Key, Outcome]) -> float:
    """Return by how much the accuracies of single networks differ at most, where both have been trained; else 0."""
    both = [np.subtract(outcomes[key].accuracy, others[key].accuracy) for key in outcomes.keys() & others.keys()]
    return float(np.abs(both).max()) if both else 0.0


def to_json(run: ComparisonRun) -> str:
    """Write a complete comparison with everything that repeats it."""
    outcomes = [_stored(outcome) for outcome in run.outcomes.values()]
    values = run.comparison.values
    head = json.dumps(values)
    return '{"comparison": ' + head + ',\n"outcomes": [\n' + ",\n".join(map(json.dumps, outcomes)) + "\n]}\n"


def from_json(text: str) -> ComparisonRun:
    """Read what `to_json` wrote."""
    found = json.loads(text)
    values = found["comparison"]
    run = ComparisonRun(Comparison(**{**values, "lags": tuple(values["lags"])}))
    for stored in found["outcomes"]:
        config = MemoryConfig(**stored["config"])
        loss, accuracy = (frozen(np.array(stored[name])) for name in ("curve_loss", "curve_accuracy"))
        run.outcomes[config.cell, config.lag] = Outcome(
            config,
            tuple(stored["accuracy"]),
            tuple(stored["solved_at"]),
            stored["updates"],
            stored["seconds"],
            Curves(tuple(stored["steps"]), loss, accuracy),
        )
    return run


def stored_comparison() -> ComparisonRun:
    """Return the comparison that comes with the app; `python -m rnn_core.memory` trains it."""
    return from_json(STORED.read_text("utf-8"))


def _stored(outcome: Outcome) -> dict[str, Any]:
    return {
        "config": asdict(outcome.config),
        "accuracy": outcome.accuracy,
        "solved_at": outcome.solved_at,
        "updates": outcome.updates,
        "seconds": round(outcome.seconds, 2),
        "steps": outcome.curves.steps,
        "curve_loss": outcome.curves.loss.round(DIGITS).tolist(),
        "curve_accuracy": outcome.curves.accuracy.round(DIGITS).tolist(),
    }

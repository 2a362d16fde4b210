"""What has come out of a plan so far: as a table, as curves, and as rows for a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rnn_core.config import Config, format_value
from rnn_core.records.arrays import frozen
from rnn_core.records.sweeps import SweepCell, SweepProgress, SweepTable
from rnn_core.sweep.grid import Event, Sweep
from rnn_core.sweep.plan import Duel, Plan


class Results:
    """The runs of a plan, filled by the events of its sweep in any order.

    Attributes:
        plan, sweep: what is trained.
        runs: each finished run, by its place in the sweep.
    """

    def __init__(self, plan: Plan | Duel, sweep: Sweep) -> None:
        self.plan, self.sweep = plan, sweep
        self.runs: dict[int, SweepCell] = {}
        self._loss, self._accuracy = (np.full(len(sweep.experiments), np.nan) for _ in range(2))
        self._course: dict[int, tuple[list[int], list[float]]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether every run has finished."""
        return len(self.runs) == len(self.sweep.experiments)

    @property
    def updates(self) -> int:
        """Updates made so far, of all runs together; of one that exploded, those that it was spared count too."""
        done = sum(self.sweep.experiments[place].config.steps for place in self.runs)
        return done + sum(steps[-1] for steps, _ in self._course.values())

    def take(self, event: Event) -> None:
        """Take up what a sweep has yielded."""
        if isinstance(event, SweepProgress):
            self._loss[event.cells], self._accuracy[event.cells] = event.loss, event.accuracy
            for place, loss in zip(event.cells.tolist(), event.loss.tolist(), strict=True):
                steps, losses = self._course.setdefault(place, ([], []))
                steps.append(event.step or 0)
                losses.append(loss)
            return
        self.runs[event.index] = event
        self._course.pop(event.index, None)
        self._loss[event.index] = np.inf if event.has_exploded else event.loss
        self._accuracy[event.index] = event.accuracy

    def table(self) -> SweepTable:
        """Return the newest numbers of every run."""
        count = len(self.sweep.experiments)
        finished, exploded, rounded = np.zeros((3, count), dtype=bool)
        for place, run in self.runs.items():
            finished[place], exploded[place], rounded[place] = True, run.has_exploded, run.hangs_on_rounding
        return SweepTable(
            fields=tuple(axis.field for axis in self.plan.axes),
            values=tuple(tuple(map(format_value, axis.values)) for axis in self.plan.axes),
            **{
                name: frozen(numbers.reshape(-1, self.plan.seeds))
                for name, numbers in (
                    ("loss", self._loss),
                    ("accuracy", self._accuracy),
                    ("has_finished", finished),
                    ("has_exploded", exploded),
                    ("hangs_on_rounding", rounded),
                )
            },
        )

    def curve(self, combination: int, run: int) -> tuple[np.ndarray, np.ndarray]:
        """Return steps and losses of a run: every step of a finished one, else those that were told on the way."""
        place = combination * self.plan.seeds + run
        if place in self.runs:
            losses = self.runs[place].losses
            return np.arange(len(losses)), losses
        steps, told = self._course.get(place, ([], []))
        return np.array(steps, dtype=int), np.array(told)

    def config(self, combination: int, run: int) -> Config:
        """Return the config of a run."""
        return self.sweep.experiments[combination * self.plan.seeds + run].config

    def run(self, combination: int, run: int) -> SweepCell | None:
        """Return a run, if it has finished."""
        return self.runs.get(combination * self.plan.seeds + run)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the finished runs in the order of the grid: what sets each apart, and its last record."""
        for place in sorted(self.runs):
            run = self.runs[place]
            yield {
                **self.sweep.values[place],
                "step": run.step,
                "final_loss": run.loss,
                "accuracy": run.accuracy,
                "grad_norm": run.grad_norm,
                "val_loss": run.val_loss,
                "has_exploded": run.has_exploded,
                "hangs_on_rounding": run.hangs_on_rounding,
            }

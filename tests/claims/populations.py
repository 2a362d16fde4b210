"""Runs of the Training page, trained side by side."""

from dataclasses import dataclass

import numpy as np

from rnn_core.sweep.population import Population


@dataclass(frozen=True)
class Course:
    """Of each config a column: loss and accuracy at every step, NaN after its end, and whether it diverged."""

    loss: np.ndarray
    accuracy: np.ndarray
    diverged: np.ndarray

    @property
    def final_loss(self):
        """The loss at the end, infinite for what diverged."""
        return np.where(self.diverged, np.inf, self.loss[-1])

    @property
    def learnt(self):
        """Which of them predict every character right at the end."""
        return ~self.diverged & (self.accuracy[-1] == 1)


def train_all(configs):
    """Train configs of one architecture to their end."""
    shape = max(config.steps for config in configs) + 1, len(configs)
    loss, accuracy, diverged = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(len(configs), dtype=bool)
    population = Population(configs)
    for reading in population:
        loss[reading.step, reading.members] = reading.loss
        accuracy[reading.step, reading.members] = population.accuracy()
        diverged[reading.members] |= reading.has_exploded
    return Course(loss, accuracy, diverged)

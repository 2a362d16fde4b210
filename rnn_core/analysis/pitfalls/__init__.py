"""Small experiments with real torch, one for each thing that learners get wrong about shapes and data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rnn_core.analysis.pitfalls.axes import (
    batch_first_state,
    indices_as_input,
    input_size_is_features,
    poke_sample,
    shuffle_text,
    unbatched_input,
    view_is_no_transpose,
)
from rnn_core.analysis.pitfalls.found import Found, Tried
from rnn_core.analysis.pitfalls.losses import class_axis, scores_not_probabilities
from rnn_core.analysis.pitfalls.states import (
    count_parameters,
    dropout_between_layers,
    first_state,
    lstm_state,
    output_and_states,
    padded_sequence,
    two_directions,
    width_and_length,
)

__all__ = ["EXPERIMENTS", "Experiment", "Found", "Tried", "run_experiment"]


@dataclass(frozen=True)
class Experiment:
    """An experiment, and the bounds of the one whole number that it can be run with, if there is one.

    Attributes:
        run: makes it; takes the number if there is one.
        low, high, start: the number's bounds and where it begins; all 0 where there is none.
    """

    run: Callable[..., Found]
    low: int = 0
    high: int = 0
    start: int = 0

    @property
    def is_fixed(self) -> bool:
        """Whether there is nothing to choose."""
        return self.low == self.high


EXPERIMENTS: Mapping[str, Experiment] = {
    "poke": Experiment(poke_sample, 0, 3, 1),
    "shuffle": Experiment(shuffle_text, 0, 30, 0),
    "batch-first": Experiment(batch_first_state),
    "unbatched": Experiment(unbatched_input),
    "input-size": Experiment(input_size_is_features),
    "hidden-size": Experiment(width_and_length, 1, 40, 12),
    "parameters": Experiment(count_parameters, 1, 60, 12),
    "output": Experiment(output_and_states),
    "two-directions": Experiment(two_directions),
    "first-state": Experiment(first_state),
    "lstm-state": Experiment(lstm_state),
    "view": Experiment(view_is_no_transpose),
    "class-axis": Experiment(class_axis),
    "softmax": Experiment(scores_not_probabilities, 2, 65, 9),
    "padding": Experiment(padded_sequence, 0, 12, 4),
    "dropout": Experiment(dropout_between_layers, 1, 4, 1),
    "indices": Experiment(indices_as_input),
}


def run_experiment(name: str, number: int | None = None) -> Found:
    """Run an experiment of EXPERIMENTS, its number brought within its bounds."""
    experiment = EXPERIMENTS[name]
    if experiment.is_fixed:
        return experiment.run()
    asked = experiment.start if number is None else number
    return experiment.run(max(experiment.low, min(asked, experiment.high)))

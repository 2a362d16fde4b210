"""What is trained on a series: a config's network and training, on windows of numbers instead of characters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rnn_core.config import Config, bounds
from rnn_core.data.refusals import out_of_range
from rnn_core.data.windows import Prepared, Windows, prepare
from rnn_core.records.runs import SeriesDataset
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.budget import Cost, check_budget, estimate_cost
from rnn_core.training.experiment import Experiment

MAX_FLOATS = 4_000_000  # that all windows together hold: where more would fit, they begin further apart


@dataclass(frozen=True, eq=False)
class SeriesExperiment:
    """A config on a series, and what follows from them; the network asks for the next values at every time step.

    Attributes:
        asked: the config as it was set. `input_size` is channels times lags, and as many as channels where it is not
            given; what concerns text is not read.
        prepared: the series with its parts, its transform and its scale.
    """

    asked: Config
    prepared: Prepared

    @classmethod
    def of(cls, asked: Config, prepared: Prepared) -> SeriesExperiment:
        """Return the experiment with as many lags as input_size has room for.

        Raises:
            ConfigError: if input_size is no multiple of the channels, or the series is too short for its lags.
        """
        channels = len(prepared.series.channels)
        size = asked.input_size if "input_size" in asked.model_fields_set else channels
        if size % channels:
            raise ConfigError(
                Sentence(
                    "input_size={value} cannot be used with {channels} channels: at each time step so many values of "
                    "the past are read of each, so {examples} work.",
                    value=size,
                    channels=channels,
                    examples=", ".join(str(channels * lags) for lags in (1, 2, 3)),
                )
            )
        lags = size // channels
        if lags == prepared.lags:
            return cls(asked, prepared)
        return cls(asked, prepare(prepared.series, prepared.split, prepared.transform, lags))

    @cached_property
    def dataset(self) -> SeriesDataset:
        """The windows of the training part, begun at as many places as there is room for; held-out ones side by side.

        Raises:
            ConfigError: if a part has no room for one.
        """
        prepared, length = self.prepared, self.asked.seq_len
        room = length * (prepared.input_size + len(prepared.series.channels)) * len(prepared.series)
        learnt = prepared.windows("training", length, stride=-(-room // MAX_FLOATS))
        held_out = prepared.windows("validation", length) if prepared.split.parts["validation"] else _none(learnt)
        return SeriesDataset(
            learnt.input, learnt.target, tuple(learnt.starts.tolist()), held_out.input, held_out.target
        )

    @cached_property
    def config(self) -> Config:
        """The config with what a series leaves no choice about, and a batch that it can fill."""
        asked = self.asked
        follows = {
            "input_size": self.prepared.input_size,
            "encoding": "onehot",  # there is no embedding
            "batch_size": min(asked.batch_size, len(self.dataset.input)),
            "batched": True,
            "batch_first": True,
            "repeat": True,  # all of seq_len is there, however long the text
        }
        return asked.model_copy(update=follows)

    @cached_property
    def cost(self) -> Cost:
        """What it costs to train."""
        return estimate_cost(self.config, self.dataset.outputs)

    def check(self) -> None:
        """Refuse what cannot be trained.

        Raises:
            ConfigError: if fields do not go together with a series, no window fits, or it costs too much.
        """
        if self.asked.bidirectional:
            raise ConfigError(
                Sentence(
                    "bidirectional=true cannot be used with a series: the backward direction would read the very "
                    "value that is to be predicted. Use bidirectional=false."
                ),
                {"bidirectional": False},
            )
        if self.asked.head == "none":
            raise ConfigError(
                Sentence(
                    "head=none cannot be used with a series: states are no values, only a Linear layer makes them "
                    "such. Use head=linear."
                ),
                {"head": "linear"},
            )
        most = bounds("input_size")[1]
        if self.prepared.input_size > most:
            raise out_of_range("input_size", self.prepared.input_size, 1, most)
        check_budget(self.config, self.dataset.outputs, self.asked)


Trainable = Experiment | SeriesExperiment


def _none(like: Windows) -> Windows:
    return Windows(like.input[:0], like.target[:0], np.zeros(0, dtype=np.int64))

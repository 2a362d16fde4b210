"""Networks with several seeds against baselines on one series: all forecast the same values from the same origins.

comparison = Comparison(Plan(built_in("airline"), Config(cell="gru", seq_len=24), transform="log-difference"))
for reading in comparison:      # every network at once, a step at a time
    print(reading.step, reading.loss)
print(comparison.outcome().verdict)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from rnn_core.config import Config
from rnn_core.data.builtin import law_of
from rnn_core.data.refusals import out_of_range
from rnn_core.data.transforms import Transform
from rnn_core.data.windows import Prepared, Split, prepare
from rnn_core.forecasting.baselines import Forecaster, forecasters
from rnn_core.forecasting.measures import score, seasonal_scale
from rnn_core.forecasting.network import free_running
from rnn_core.forecasting.verdicts import verdict
from rnn_core.records.forecasts import Forecast, Score
from rnn_core.records.series import Series
from rnn_core.sentence import Sentence
from rnn_core.sweep.population import Population, Reading
from rnn_core.training.model import SequenceModel, build_with
from rnn_core.training.series import SeriesExperiment

NETWORK, ORACLE = "network", "oracle"
MAX_SEEDS = 32


@dataclass(frozen=True, eq=False)
class Plan:
    """What is forecast, and by which networks.

    Attributes:
        series: its first channel is what is judged; networks read and forecast all of them.
        config: of the networks; what concerns text is not read.
        horizon: H, values that are forecast from an origin on.
        origins: O, how many time steps one after the other forecasts begin at; the last one ends with the series.
        transform: one of TRANSFORMS.
        period: time steps of a season, if one is given; `season` is what it is.
        seeds: a network for each.
        order: p of the autoregression; if not given, the data choose.

    Raises:
        ConfigError: if nothing is left to learn from, or fields do not go together.
    """

    series: Series
    config: Config
    horizon: int = 12
    origins: int = 1
    transform: str = "none"
    period: int | None = None
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    order: int | None = None

    def __post_init__(self) -> None:
        counts = {"horizon": self.horizon, "origins": self.origins, "period": self.season, "seeds": len(self.seeds)}
        for name, (low, high) in plan_bounds(self.series).items():
            if not low <= counts[name] <= high:
                raise out_of_range(name, counts[name], low, high)

    @property
    def season(self) -> int:
        """The time steps of a season: the series' own where none is given, if two of them have passed."""
        if self.period is not None:
            return self.period
        return self.series.period if self.series.period <= plan_bounds(self.series)["period"][1] else 1

    @cached_property
    def prepared(self) -> Prepared:
        """The series as the networks read it; the test part is all that is forecast."""
        held_out = self.horizon + self.origins - 1
        split = Split.of(len(self.series), horizon=held_out, val_share=self.config.val_share)
        return prepare(self.series, split, Transform(self.transform, self.season))

    @cached_property
    def experiments(self) -> list[SeriesExperiment]:
        """What is trained, a network for each seed, all on one set of windows."""
        first = SeriesExperiment.of(self.config, self.prepared)
        members = [SeriesExperiment(self.config.model_copy(update={"seed": s}), first.prepared) for s in self.seeds]
        for member in members:
            member.__dict__["dataset"] = first.dataset
        return members

    @property
    def starts(self) -> range:
        """The origins themselves: time steps of the first value that is not seen."""
        test = self.prepared.split.test
        return range(test, test + self.origins)

    @property
    def values(self) -> Float[np.ndarray, " T"]:
        """The channel that is judged."""
        channel: np.ndarray = self.series.values[:, 0]
        return channel

    @property
    def training(self) -> Float[np.ndarray, " T"]:
        """Its training part."""
        return self.values[: self.prepared.split.validation]

    @property
    def truth(self) -> Float[np.ndarray, "O H"]:
        """What came."""
        return np.stack([self.values[t : t + self.horizon] for t in self.starts])

    def baselines(self) -> list[Forecast]:
        """Return the forecasts that need no network; the oracle's is last, where the law is known."""
        known = forecasters(self.training, self.season, self.order)
        law = law_of(self.series)
        if law is not None:
            known[ORACLE] = law.forecast
        return [Forecast(name, self._by(forecaster, self.horizon, self.starts)) for name, forecaster in known.items()]

    def one_step(self) -> dict[str, Float[np.ndarray, " K"]]:
        """Return the baselines' forecasts of each value of the test part, each from all values before it."""
        steps = self.prepared.split.parts["test"]
        known = forecasters(self.training, self.season, self.order)
        return {name: self._by(forecaster, 1, steps)[:, 0] for name, forecaster in known.items()}

    def judge(self, forecast: Forecast) -> Score:
        """Measure a forecast."""
        return score(forecast.values - self.truth, seasonal_scale(self.training, self.season))

    def _by(self, forecaster: Forecaster, horizon: int, origins: range) -> Float[np.ndarray, "O H"]:
        return np.stack([forecaster(self.values[:t], horizon) for t in origins])


def plan_bounds(series: Series) -> dict[str, tuple[int, int]]:
    """Return the least and the largest of the whole numbers of a plan, by name; `seeds` is how many."""
    half = (1, max(1, len(series) // 2))
    return {"horizon": half, "origins": half, "period": half, "seeds": (1, MAX_SEEDS)}


@dataclass(frozen=True, eq=False)
class Outcome:
    """All forecasts, and how far off each was.

    Attributes:
        plan: what was forecast.
        forecasts: of the baselines, then of the networks.
        scores: of each of them.
    """

    plan: Plan
    forecasts: tuple[Forecast, ...]
    scores: tuple[Score, ...]

    @cached_property
    def verdict(self) -> Sentence:
        """Who wins, and by how much."""
        law = law_of(self.plan.series)
        pairs = list(zip(self.forecasts, self.scores, strict=True))
        networks = [scored.mae for forecast, scored in pairs if forecast.name == NETWORK]
        others = {forecast.name: scored.mae for forecast, scored in pairs if forecast.name != NETWORK}
        return verdict(networks, others, self.plan.series.unit, is_walk=law is not None and law.is_walk)


class Comparison:
    """Networks in training, one for each seed of a plan, that can be asked for one update at a time.

    Attributes:
        plan: what is forecast.
        population: the networks.

    Raises:
        ConfigError: if they cannot be trained or cost too much.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.population = Population(plan.experiments)
        self._weights: dict[int, dict[str, np.ndarray]] = {}

    def __iter__(self) -> Iterator[Reading]:
        for reading in self.population:
            for row, member in enumerate(reading.members.tolist()):
                if reading.has_finished[row]:  # it leaves the population with the next step
                    self._weights[member] = self.population.weights(row)
            yield reading

    def model(self, member: int) -> SequenceModel:
        """Return one of the networks as it is now, as a module of torch."""
        experiment = self.plan.experiments[member]
        weights = self._weights.get(member)
        if weights is None:
            row = self.population.reading.members.tolist().index(member)
            weights = self.population.weights(row)
        return build_with(experiment.config, experiment.dataset.outputs, weights)

    def forecasts(self) -> list[Forecast]:
        """Return what each network would say now, free-running."""
        return [
            Forecast(NETWORK, self._run(member, self.plan.starts, self.plan.horizon), seed)
            for member, seed in enumerate(self.plan.seeds)
        ]

    def one_step(self) -> Float[np.ndarray, "P K"]:
        """Return each network's forecasts of each value of the test part, from the true values before it."""
        steps = self.plan.prepared.split.parts["test"]
        return np.stack([self._run(member, steps, 1)[:, 0] for member in range(len(self.plan.seeds))])

    def residuals(self) -> Float[np.ndarray, "P K"]:
        """Return what each network's one-step forecasts of the test part leave unexplained: truth minus forecast."""
        left: np.ndarray = self.plan.values[self.plan.prepared.split.test :] - self.one_step()
        return left

    def outcome(self) -> Outcome:
        """Return all forecasts, the networks' as they are now."""
        forecasts = (*self.plan.baselines(), *self.forecasts())
        return Outcome(self.plan, forecasts, tuple(self.plan.judge(forecast) for forecast in forecasts))

    def _run(self, member: int, origins: range, horizon: int) -> Float[np.ndarray, "O H"]:
        experiment = self.plan.experiments[member]
        return free_running(experiment, self.model(member), origins, horizon)[..., 0]

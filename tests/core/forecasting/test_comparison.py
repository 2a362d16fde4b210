"""Networks on series: torch's own training and forecasts, and sentences that say who wins."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import Config, ConfigError
from rnn_core.data.builtin import built_in
from rnn_core.data.transforms import Transform
from rnn_core.data.windows import Split, prepare
from rnn_core.forecasting.comparison import Comparison, Plan
from rnn_core.forecasting.network import free_running
from rnn_core.forecasting.verdicts import verdict
from rnn_core.records.runs import Course
from rnn_core.records.series import Series
from rnn_core.training.model import build_with
from rnn_core.training.series import SeriesExperiment
from rnn_core.training.series_trainer import SeriesTrainer

SMALL = {"hidden_size": 6, "seq_len": 8, "batch_size": 16, "learning_rate": 0.01, "steps": 12}


def small(cell="rnn", **values):
    return Config(cell=cell, **{**SMALL, **values})


def line(size=40, channels=1):
    values = np.arange(size)[:, None] + 100.0 * np.arange(channels)
    return Series("line", values, tuple("abc"[:channels]), np.arange(size, dtype=float))


def plain_losses(experiment, seed):
    """Train one network as one would by hand: torch's modules, autograd and Adam."""
    config, dataset = experiment.config, experiment.dataset
    generator = torch.Generator().manual_seed(seed)
    state = torch.get_rng_state()
    torch.manual_seed(seed)
    kind = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[config.cell]
    rnn = kind(config.input_size, config.hidden_size, num_layers=config.num_layers, batch_first=True)
    head = nn.Linear(config.hidden_size, dataset.target.shape[-1])
    generator.set_state(torch.get_rng_state())
    torch.set_rng_state(state)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=config.learning_rate, fused=True)
    input, target = (torch.from_numpy(array.copy()) for array in (dataset.input, dataset.target))
    order, losses = [], []
    for _ in range(config.steps + 1):
        if not order:
            order = torch.randperm(len(input), generator=generator).tolist()
        chosen, order = order[: config.batch_size], order[config.batch_size :]
        loss = nn.functional.mse_loss(head(rnn(input[chosen])[0]), target[chosen])
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize(("layers", "size"), [(1, 1), (2, 3)])
def test_networks_of_several_seeds_are_trained_as_torch_does(cell, layers, size):
    plan = Plan(built_in("airline"), small(cell, num_layers=layers, input_size=size), transform="log", seeds=(3, 8))
    readings = list(Comparison(plan))
    assert [reading.step for reading in readings] == list(range(13))
    for member, (experiment, seed) in enumerate(zip(plan.experiments, plan.seeds, strict=True)):
        losses = [reading.loss[member] for reading in readings]
        assert losses == pytest.approx(plain_losses(experiment, seed), rel=2e-4)


def test_held_out_windows_are_measured_on_the_way():
    plan = Plan(built_in("airline"), small(val_share=0.3), seeds=(0,))
    comparison = Comparison(plan)
    *_, reading = (reading for reading in comparison if reading.val_loss is not None)
    assert reading.step == 10
    model = comparison.model(0)
    assert model.rnn.hidden_size == 6
    again = Comparison(plan)
    for reading in again:
        if reading.step == 10:
            break
    dataset = plan.experiments[0].dataset
    with torch.no_grad():
        answers = again.model(0)(torch.from_numpy(dataset.val_input.copy()))[0]
    expected = nn.functional.mse_loss(answers, torch.from_numpy(dataset.val_target.copy())).item()
    assert reading.val_loss[0] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize(("channels", "lags"), [(1, 1), (2, 2)])
def test_a_free_running_forecast_reads_its_own_answers(cell, channels, lags):
    """The same by reading everything anew at each step, each lag looked up in what was and what was answered."""
    series = line(channels=channels)
    prepared = prepare(series, Split.of(40, horizon=8), Transform("difference"), lags)
    experiment = SeriesExperiment(small(cell), prepared)
    weights = {
        name: np.random.default_rng(0).normal(size=shape.shape).astype(np.float32)
        for name, shape in build_with_nothing(experiment).named_parameters()
    }
    model = build_with(experiment.config, channels, weights)
    found = free_running(experiment, model, [32, 35], 4)
    for row, origin in enumerate((32, 35)):
        scaled = [*prepared.scaled[: origin - 1]]
        for step in range(4):
            read = [
                np.concatenate([scaled[t - 1 - lag] for lag in range(lags)]) for t in range(origin - 8, origin + step)
            ]
            with torch.no_grad():
                answer = model(torch.tensor(np.array(read, dtype=np.float32))[None])[0][0, -1].numpy()
            scaled.append(answer)
        changes = prepared.scaler.undo(np.array(scaled[-4:]))
        expected = series.values[origin - 1] + np.cumsum(changes, axis=0)
        assert found[row] == pytest.approx(expected, rel=1e-4)


def build_with_nothing(experiment):
    from rnn_core.training.model import SequenceModel

    return SequenceModel(experiment.config, experiment.dataset.outputs, torch.Generator())


@pytest.mark.parametrize("transform", ["none", "difference"])
def test_a_network_that_has_learnt_a_line_continues_it_without_a_step(transform):
    """One unit of relu and a head that adds one step: y_t = t, forecast from 32 on, begins with 32."""
    prepared = prepare(line(), Split.of(40, horizon=8), Transform(transform))
    experiment = SeriesExperiment(small(nonlinearity="relu", hidden_size=1), prepared)
    far = 100.0  # keeps the unit where relu is straight
    step = (1.0 / prepared.scaler.deviation[0]) if transform == "none" else 0.0
    weights = {
        "rnn.weight_ih_l0": np.ones((1, 1)),
        "rnn.weight_hh_l0": np.zeros((1, 1)),
        "rnn.bias_ih_l0": np.full(1, far),
        "rnn.bias_hh_l0": np.zeros(1),
        "head.weight": np.ones((1, 1)),
        "head.bias": np.full(1, step - far),
    }
    model = build_with(experiment.config, 1, {name: value.astype(np.float32) for name, value in weights.items()})
    assert free_running(experiment, model, [32, 33], 7)[0, :, 0] == pytest.approx(np.arange(32, 39), abs=1e-3)
    assert free_running(experiment, model, [32, 33], 7)[1, :, 0] == pytest.approx(np.arange(33, 40), abs=1e-3)
    steps = range(32, 40)
    assert free_running(experiment, model, steps, 1)[:, 0, 0] == pytest.approx(np.arange(32, 40), abs=1e-3)


def test_all_forecast_the_same_values_and_none_sees_them():
    plan = Plan(built_in("autoregressive"), small(), horizon=4, origins=3, seeds=(0, 1))
    comparison = Comparison(plan)
    for _ in comparison:
        pass
    outcome = comparison.outcome()
    names = [forecast.name for forecast in outcome.forecasts]
    assert names == ["mean", "last", "drift", "ar", "oracle", "network", "network"]
    assert [forecast.seed for forecast in outcome.forecasts[-2:]] == [0, 1]
    assert plan.truth.tolist() == [plan.series.values[t : t + 4, 0].tolist() for t in (594, 595, 596)]
    assert all(forecast.values.shape == (3, 4) for forecast in outcome.forecasts)
    assert comparison.one_step().shape == (2, 6)
    assert comparison.residuals()[1] == pytest.approx(plan.values[594:] - comparison.one_step()[1])
    first = [forecast.values[0, 0] for forecast in outcome.forecasts[-2:]]
    assert comparison.one_step()[:, 0] == pytest.approx(first)  # one step ahead nothing has been fed back
    changed = plan.series.values.copy()
    changed[594:] += 50
    series = Series("autoregressive", changed, plan.series.channels, plan.series.times)
    again = Comparison(Plan(series, small(), horizon=4, origins=3, seeds=(0, 1)))
    for _ in again:
        pass
    for one, other in zip(outcome.forecasts, again.outcome().forecasts, strict=True):
        assert one.values[0].tolist() == other.values[0].tolist(), one.name


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"bidirectional": True}, "bidirectional=true cannot be used with a series"),
        ({"head": "none"}, "head=none cannot be used with a series"),
        ({"hidden_size": 128, "num_layers": 4, "seq_len": 100, "batch_size": 64}, "makes this too large"),
        ({"seq_len": 128, "val_share": 0.5}, "seq_len=128 cannot be used: the training part of airline has room for"),
        ({"input_size": 128}, "seq_len=8 cannot be used"),
    ],
)
def test_what_cannot_be_trained_is_a_sentence(values, said):
    with pytest.raises(ConfigError, match=said):
        Comparison(Plan(built_in("airline"), small(**values)))
    with pytest.raises(ConfigError, match="input_size=3 cannot be used with 2 channels"):
        Comparison(Plan(line(channels=2), small(input_size=3)))


@pytest.mark.parametrize(("field", "value"), [("horizon", 0), ("origins", 73), ("period", 100), ("seeds", ())])
def test_a_plan_that_cannot_be_names_its_bounds(field, value):
    with pytest.raises(
        ConfigError, match=f"{field}={value or 0} cannot be used: a whole number from 1 to (72|32) works"
    ):
        Plan(built_in("airline"), small(), **{field: value})


def test_a_season_that_has_not_passed_twice_is_none():
    short = Series("weeks", np.arange(60.0)[:, None], ("v",), np.arange(60.0), "week", 52)
    plan = Plan(short, small(), horizon=5)
    assert plan.season == 1
    assert [forecast.name for forecast in plan.baselines()] == ["mean", "last", "drift", "ar"]


def test_a_diverged_network_is_seen_to_be_far_off():
    plan = Plan(built_in("airline"), small("rnn", nonlinearity="relu", learning_rate=1.0, steps=60), seeds=(0, 1))
    comparison = Comparison(plan)
    for _ in comparison:
        pass
    assert all(score.mae > 0 for score in comparison.outcome().scores)


@pytest.mark.parametrize(
    ("networks", "others", "is_walk", "said"),
    [
        ([5, 9, 30], {"last": 20, "ar": 18}, False, "wins: in the median it is off by 9 m, ar by 18 m, 2.00 times"),
        (
            [40, 36, 9],
            {"seasonal": 18, "oracle": 1},
            False,
            "36 m, 2.00 times as much as seasonal with 18 m. Of 3 seeds, 1 ",
        ),
        ([18.1], {"seasonal": 18}, False, "The network and seasonal are even: they are off by 18.1 m and 18 m."),
        (
            [18.1, 18.2, 17.0],
            {"seasonal": 18},
            False,
            "are even: in the median it is off by 18.1 m, seasonal by 18 m. Of 3",
        ),
        ([9], {"last": 18}, False, "The network wins: it is off by 9 m, last by 18 m, 2.00 times as much."),
        ([20], {"last": 5}, False, "The network does not win: it is off by 20 m, 4.00 times as much as last with 5 m."),
        ([1.0], {"last": 2.0, "mean": 9}, True, "Nothing beats the last value of a random walk: it is off by 2 m"),
        ([float("inf"), float("inf")], {"last": 2.0}, False, "The network does not win"),
    ],
)
def test_the_verdict_says_who_wins_and_by_how_much(networks, others, is_walk, said):
    assert said in str(verdict(networks, others, "m", is_walk=is_walk))


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_one_network_is_trained_as_torch_does_to_the_last_bit(cell):
    """And as the population trains it, within rounding."""
    plan = Plan(built_in("airline"), small(cell, input_size=2, val_share=0.3), transform="log", seeds=(3,))
    records = list(SeriesTrainer(plan.experiments[0]))
    assert [record.loss for record in records] == plain_losses(plan.experiments[0], 3)
    readings = list(Comparison(plan))
    assert [record.loss for record in records] == pytest.approx([reading.loss[0] for reading in readings], rel=2e-4)
    norms = [reading.grad_norm[0] for reading in readings]  # Adam does not care how long a gradient is
    assert [record.grad_norm for record in records] == pytest.approx(norms, rel=2e-3)
    assert [record.step for record in records if record.val_loss is not None] == [0, 10]
    assert records[10].val_loss == pytest.approx(readings[10].val_loss[0], rel=1e-3)
    last = records[-1]
    assert np.square(last.answers - last.wanted).mean() == pytest.approx(last.loss, rel=1e-5)
    assert (last.predicted, last.target) == ((), ())


def test_a_run_on_a_series_is_repeated_forked_and_told_apart():
    experiment = Plan(built_in("sine"), small(), seeds=(0,)).experiments[0]
    trainer = SeriesTrainer(experiment)
    first = [next(trainer) for _ in range(5)]
    fork = trainer.fork(trainer.config.changed("learning_rate", 0.5, step=4))
    rest, other = list(trainer), list(fork)
    assert first + rest == list(SeriesTrainer(experiment))
    assert [record.step for record in other] == [record.step for record in rest]
    assert other != rest
    course = Course()
    course.append(first[0])
    assert course.loss == [first[0].loss]

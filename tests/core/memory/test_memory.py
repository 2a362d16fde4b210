"""Networks on memory tasks: equal to torch's own training, and what is stored of them is what trains again."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core.memory.comparison import (
    EVERY,
    STORED,
    ComparisonRun,
    Lane,
    breaks_at,
    from_json,
    largest_difference,
    stored_comparison,
    to_json,
    train_comparison,
)
from rnn_core.memory.network import StackedReader, build_reader, draw_readers
from rnn_core.memory.plan import CELLS, Comparison, MemoryConfig, nearest_units
from rnn_core.memory.population import DRAWN, SOLVED, WINDOW, MemoryPopulation
from rnn_core.memory.tasks import MEMORY_TASKS, TOLERANCE
from rnn_core.sentence import ConfigError

SMALL = Comparison(lags=(1, 3), seeds=2, steps=30, hidden_size=5)


def config_of(task, cell, **values):
    width = MEMORY_TASKS[task].widths[0]
    return MemoryConfig(task=task, cell=cell, width=width, **{"lag": 4, "hidden_size": 6, "steps": 20, **values})


def plain_run(config, seed, steps):
    """Train one network as one would by hand: torch's module, autograd, clip and Adam."""
    generator = torch.Generator().manual_seed(seed)
    reader = build_reader(config, generator)
    reader["rnn"].batch_first = True
    optimizer = torch.optim.Adam(reader.parameters(), lr=config.learning_rate)
    batches, losses, accuracies = [], [], []
    for step in range(steps + 1):
        if not batches:
            drawn = config.rules.draw(config.width, config.lag, DRAWN * config.batch_size, generator)
            batches = list(
                zip(drawn.input.split(config.batch_size), drawn.target.split(config.batch_size), strict=True)
            )
        input, target = batches.pop(0)
        answers = reader["head"](reader["rnn"](input)[0][:, -target.shape[1] :])
        scored = config.rules.scored(target.shape[1])
        if config.rules.kind == "class":
            loss = nn.functional.cross_entropy(answers.flatten(0, 1), target.flatten())
            right = answers.argmax(-1) == target
        else:
            loss = nn.functional.mse_loss(answers, target)
            right = answers.sign() == target if config.rules.kind == "sign" else (answers - target).abs() < TOLERANCE
        losses.append(loss.item())
        accuracies.append(right[:, -scored:].double().mean().item())
        if step < steps:
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), config.grad_clip)
            optimizer.step()
    return losses, accuracies


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("task", MEMORY_TASKS)
def test_a_population_trains_as_torch_does(task, cell):
    config, seeds = config_of(task, cell), (3, 8)
    readings = list(MemoryPopulation(config, seeds))
    assert [reading.step for reading in readings] == list(range(21))
    for p, seed in enumerate(seeds):
        losses, accuracies = plain_run(config, seed, 20)
        assert [reading.loss[p] for reading in readings] == pytest.approx(losses, rel=2e-4, abs=2e-6)
        assert [reading.accuracy[p] for reading in readings] == pytest.approx(accuracies, abs=0.05)


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_autograds(cell):
    config = config_of("copy", cell)
    weights, generators = draw_readers(config, (0, 1, 2))
    batch = config.rules.draw(config.width, config.lag, 7, generators[0])
    input = batch.input.transpose(0, 1).expand(3, -1, -1, -1).contiguous()
    network = StackedReader(config, weights)
    with torch.no_grad():
        answers = network.forward(input, batch.asked)
        grads = network.backward(answers)  # of half the sum of squares
    for p, seed in enumerate((0, 1, 2)):
        reader = build_reader(config, torch.Generator().manual_seed(seed))
        reader["rnn"].batch_first = True
        expected = reader["head"](reader["rnn"](batch.input)[0][:, -batch.asked :])
        (expected.square().sum() / 2).backward()
        assert torch.allclose(answers[p].transpose(0, 1), expected, atol=1e-6)
        flat = torch.cat([parameter.grad.flatten() for parameter in reader.parameters()])
        assert torch.allclose(grads[p], flat, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_weights_are_torchs_own_and_gates_start_by_keeping(cell):
    config = config_of("echo", cell, start="default", hidden_size=128)
    reader = build_reader(config, torch.Generator().manual_seed(4))
    torch.manual_seed(4)
    own = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](config.features, 128)
    head = nn.Linear(128, config.answers)
    for mine, theirs in zip(reader.parameters(), [*own.parameters(), *head.parameters()], strict=True):
        assert torch.equal(mine, theirs)
    slow = build_reader(replace(config, start="chrono", lag=50), torch.Generator().manual_seed(4))
    changed = [name for name, p in slow.named_parameters() if not torch.equal(p, dict(reader.named_parameters())[name])]
    if cell == "rnn":
        assert changed == []
        return
    assert changed == ["rnn.bias_ih_l0", "rnn.bias_hh_l0"]
    kept = slow["rnn"].bias_ih_l0[128:256].exp()
    assert 1 <= kept.min() < 3
    assert 45 < kept.max() <= 50
    assert (slow["rnn"].bias_hh_l0[128:256] == 0).all()
    if cell == "lstm":
        assert torch.equal(slow["rnn"].bias_ih_l0[:128], -slow["rnn"].bias_ih_l0[128:256])


def test_parameters_are_counted_as_torch_counts_them():
    for task in MEMORY_TASKS:
        for cell in CELLS:
            config = config_of(task, cell, hidden_size=7)
            built = build_reader(config, torch.Generator())
            assert config.parameters == sum(parameter.numel() for parameter in built.parameters())


def test_equal_parameters_are_as_near_as_whole_units_allow():
    comparison = Comparison(sizes="parameters")
    sizes = {cell: comparison.config(cell, 30) for cell in CELLS}
    assert {cell: config.hidden_size for cell, config in sizes.items()} == {"rnn": 34, "lstm": 16, "gru": 19}
    wanted = sizes["lstm"].parameters
    for cell, config in sizes.items():
        for units in (config.hidden_size - 1, config.hidden_size + 1):
            other = replace(config, hidden_size=units)
            assert abs(config.parameters - wanted) <= abs(other.parameters - wanted), cell
    assert nearest_units("rnn", 4, 4, 0) == 1
    assert {config.hidden_size for config in Comparison().configs} == {16}


@pytest.mark.parametrize("task", MEMORY_TASKS)
def test_equal_parameters_are_equal_up_to_the_largest_networks(task):
    """From eight units on they differ by less than a tenth, from sixteen by less than a twentieth."""
    for width in MEMORY_TASKS[task].widths:
        for hidden_size in (8, 16, 32, 64):
            comparison = Comparison(
                task=task, width=width, hidden_size=hidden_size, sizes="parameters", lags=(2,), seeds=1
            )
            counts = [config.parameters for config in comparison.configs]
            assert max(counts) / min(counts) < (1.1 if hidden_size < 16 else 1.05), (width, hidden_size)


def test_a_network_is_the_same_beside_others():
    config = config_of("flipflop", "gru")
    together = list(MemoryPopulation(config, (0, 1, 2)))
    alone = list(MemoryPopulation(config, (2,)))
    assert [r.loss[2] for r in together] == pytest.approx([r.loss[0] for r in alone], rel=1e-5)


def test_training_ends_when_all_have_solved_the_task():
    population = MemoryPopulation(MemoryConfig(lag=1, width=2, learning_rate=0.02), (0, 1))
    accuracy = np.array([reading.accuracy for reading in population])
    assert population.step < 200
    for p, step in enumerate(population.solved_at):
        assert accuracy[step - WINDOW + 1 : step + 1, p].mean() >= SOLVED
        assert accuracy[step - WINDOW : step, p].mean() < SOLVED
    assert population.step == population.solved_at.max()
    assert population.test() == pytest.approx([1.0, 1.0], abs=0.02)


def test_a_comparison_is_trained_side_by_side_lag_after_lag():
    run = ComparisonRun(SMALL)
    assert (run.share, run.is_complete, run.curves(1)) == (0, False, {})
    assert run.advance()
    assert list(run.lanes) == [("rnn", 1), ("lstm", 1), ("gru", 1)]
    for _ in range(EVERY):
        run.advance()
        assert run.curves(1)["gru"].steps[-1] == run.lanes["gru", 1].population.step  # no picture is the last one again
    assert run.curves(1)["gru"].steps == (EVERY - 1, EVERY)
    assert run.curves(1)["gru"].accuracy.shape == (2, 2)
    assert run.curves(3) == {}
    shares = [run.share]
    while run.advance():
        shares.append(run.share)
    assert shares == sorted(shares)
    assert (run.share, run.is_complete) == (pytest.approx(1), True)
    assert run.advance() is False
    for lag in SMALL.lags:
        for cell, curves in run.curves(lag).items():
            outcome = run.outcomes[cell, lag]
            assert outcome.config == SMALL.config(cell, lag)
            assert curves.steps[-1] == outcome.updates
            assert len(curves.steps) == -(-(outcome.updates + 1) // EVERY)


def test_points_of_a_curve_are_means_of_readings():
    config = SMALL.config("lstm", 3)
    readings = list(MemoryPopulation(config, SMALL.all_seeds))
    lane = Lane(config, SMALL.all_seeds)
    for step in range(EVERY + 4):
        lane.advance()
        last_ten = readings[max(0, step + 1 - EVERY) : step + 1]
        assert lane.curves.loss[-1] == pytest.approx(np.mean([reading.loss for reading in last_ten], axis=0))
    while not lane.population.has_ended:
        lane.advance()
    assert lane.curves.steps == (9, 19, 29, 30)
    expected = np.mean([reading.loss for reading in readings[:EVERY]], axis=0)
    assert lane.curves.loss[0] == pytest.approx(expected)
    assert lane.curves.accuracy[-1] == pytest.approx(np.mean([r.accuracy for r in readings[3 * EVERY :]], axis=0))


def test_a_comparison_survives_being_written_down():
    run = train_comparison(SMALL)
    again = from_json(to_json(run))
    assert again.comparison == SMALL
    assert again.is_complete
    assert largest_difference(run.outcomes, again.outcomes) == 0
    for key, outcome in run.outcomes.items():
        other = again.outcomes[key]
        assert (other.config, other.solved_at, other.updates) == (outcome.config, outcome.solved_at, outcome.updates)
        assert other.curves.steps == outcome.curves.steps
        assert np.abs(other.curves.loss - outcome.curves.loss).max() < 1e-4


def test_differences_are_of_single_networks():
    run = train_comparison(SMALL)
    key = ("gru", 3)
    accuracy = (run.outcomes[key].accuracy[0] - 0.125, run.outcomes[key].accuracy[1])
    other = {**run.outcomes, key: replace(run.outcomes[key], accuracy=accuracy)}
    assert largest_difference(run.outcomes, other) == 0.125
    assert largest_difference(run.outcomes, {}) == 0


def test_where_a_cell_breaks():
    run = stored_comparison()
    outcomes, comparison = run.outcomes, run.comparison
    low = {key: replace(outcome, accuracy=(0.62, 0.1, 0.9)) for key, outcome in outcomes.items()}
    assert breaks_at(low, comparison, "gru") == 2  # half way from 0.25 to 1 is 0.625
    high = {key: replace(outcome, accuracy=(0.63,)) for key, outcome in outcomes.items()}
    assert breaks_at(high, comparison, "gru") is None
    assert breaks_at({}, comparison, "gru") is None


@pytest.mark.parametrize(
    "values",
    [
        {"lags": ()},
        {"lags": (0, 3)},
        {"lags": (5, 3)},
        {"lags": (3, 3)},
        {"lags": (101,)},
        {"lags": tuple(range(1, 10))},
        {"width": 1},
        {"width": 9},
        {"task": "parity"},
        {"hidden_size": 65},
        {"seeds": 0},
        {"steps": 1001},
        {"lags": (90, 100), "hidden_size": 64, "seeds": 8},
    ],
)
def test_what_cannot_be_compared_is_named(values):
    with pytest.raises(ConfigError):
        Comparison(**values)


def test_the_stored_comparison_is_the_default_and_its_file_repeats_it():
    run = stored_comparison()
    assert run.comparison == Comparison()
    assert run.is_complete
    shorter = train_comparison(replace(Comparison(), lags=(2, 5)))
    for key, outcome in shorter.outcomes.items():
        stored = run.outcomes[key]
        # Another machine may round otherwise; a network that has solved the task has solved it there too.
        assert outcome.config == stored.config
        assert outcome.accuracy == pytest.approx(stored.accuracy, abs=0.05)
        assert outcome.curves.loss[0] == pytest.approx(stored.curves.loss[0], abs=1e-3)
    assert len(STORED.read_bytes()) < 60_000
    json.loads(STORED.read_text("utf-8"))

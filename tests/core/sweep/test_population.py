"""A population's runs are those of `train`, one by one."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import Config, ConfigError, train
from rnn_core.sweep.batches import signature_of
from rnn_core.sweep.population import Population
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import Trainer, has_exploded
from tests.core.training.test_training import LONG_TEXT
from tests.strategies import trainable_configs

# Learning rates that leave a run calm: an error of rounding does not grow into another run.
CALM = {"adam": 0.01, "adamw": 0.01, "sgd": 0.05, "rmsprop": 0.001}
EXPLOSIVE = {"optimizer": "rmsprop", "nonlinearity": "relu", "learning_rate": 1.0, "num_layers": 3, "hidden_size": 32}


def run(configs):
    """Train configs as one population and return the records of each."""
    population, records = Population(configs), [[] for _ in configs]
    for reading in population:
        for place, record in enumerate(population.records(range(len(reading.members)))):
            records[reading.members[place]].append(record)
    return records


def assert_same_run(mine, plain, rel=1e-4, abs=1e-6):  # noqa: A002
    assert [(r.step, r.target, r.windows) for r in mine] == [(r.step, r.target, r.windows) for r in plain]
    for name in ("loss", "grad_norm", "val_loss"):
        values, expected = ([getattr(r, name) for r in records] for records in (mine, plain))
        assert [value is None for value in values] == [value is None for value in expected]
        values, expected = ([value or 0.0 for value in numbers] for numbers in (values, expected))
        assert values == pytest.approx(expected, rel=rel, abs=abs), name


@st.composite
def calm_settings(draw):
    """Draw what members of a population may differ in."""
    optimizer = draw(st.sampled_from(sorted(CALM)))
    return {
        "seed": draw(st.integers(0, 5)),
        "optimizer": optimizer,
        "learning_rate": draw(st.floats(1e-4, CALM[optimizer])),
        "grad_clip": draw(st.sampled_from([0.0, 0.1, 1.0])),
        "steps": draw(st.integers(1, 16)),
        "earlier": draw(st.sampled_from(["", "learning_rate:0.0001:3,grad_clip:0.5:9"])),
    }


@given(trainable_configs(), st.lists(calm_settings(), min_size=1, max_size=4))
@settings(max_examples=60)
def test_each_member_is_the_run_that_it_would_be_alone(config, members):
    configs = [config.replace(**values) for values in members]
    for alone, mine in zip(configs, run(configs), strict=True):
        assert_same_run(mine, list(train(alone)))


@pytest.mark.parametrize("preset", ["hello-next", "seed-lesson", "onehot-batch"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_presets_come_to_the_same_predictions(preset, cell):
    configs = [Config.preset(preset, cell=cell, seed=seed) for seed in range(4)]
    for config, mine in zip(configs, run(configs), strict=True):
        plain = list(train(config))
        assert (mine[-1].prediction, mine[-1].accuracy) == (plain[-1].prediction, plain[-1].accuracy)
        assert_same_run(mine[:51], plain[:51], rel=1e-3)


def test_batches_come_in_each_runs_own_order():
    configs = [Config(text=LONG_TEXT, seq_len=6, batch_size=4, steps=12, seed=seed) for seed in (3, 4)]
    first, second = run(configs)
    assert [r.windows for r in first] == [r.windows for r in train(configs[0])]
    assert [r.windows for r in second] == [r.windows for r in train(configs[1])]
    assert [r.windows for r in first] != [r.windows for r in second]


def test_members_may_have_texts_of_their_own_if_the_shapes_agree():
    configs = [Config(text=text, steps=5) for text in ("hello! world", "abcdefghiabc", "world! hello")]
    for config, mine in zip(configs, run(configs), strict=True):
        assert_same_run(mine, list(train(config)))


def test_weights_are_those_of_the_trainer():
    configs = [Config(seed=seed, cell="gru", encoding="embedding", input_size=3, steps=20) for seed in (0, 1)]
    population, trainer = Population(configs), Trainer(configs[1])
    next(population), next(trainer)
    for name, weight in trainer.weights().items():
        assert (population.weights(1)[name] == weight).all()  # bit by bit
    for _ in population:
        next(trainer)
    for name, weight in trainer.weights().items():
        assert population.weights(1)[name] == pytest.approx(weight, abs=1e-4)


def test_runs_end_one_by_one_and_the_others_go_on():
    steps = [7, 2, 5, 2]
    population, seen = Population([Config(steps=count, seed=count) for count in steps]), []
    for reading in population:
        seen.append((reading.step, sorted(reading.members.tolist())))
        assert len(population.accuracy()) == len(reading.members)
        assert (np.array(steps)[reading.members] == reading.step).tolist() == reading.has_finished.tolist()
    assert seen[:3] == [(step, [0, 1, 2, 3]) for step in range(3)]
    assert seen[3:] == [(3, [0, 2]), (4, [0, 2]), (5, [0, 2]), (6, [0]), (7, [0])]
    assert population.has_ended
    assert list(population) == []


def test_a_run_that_explodes_ends_by_the_rule_of_train_and_harms_no_other():
    calm = Config(**{**EXPLOSIVE, "learning_rate": 1e-3}, steps=40, seed=5)
    configs = [Config(**EXPLOSIVE, steps=40, seed=seed) for seed in range(4)] + [calm]
    population, records, exploded = Population(configs), [[] for _ in configs], {}
    for reading in population:
        for place, record in enumerate(population.records(range(len(reading.members)))):
            member = reading.members[place]
            records[member].append(record)
            exploded[member] = reading.has_exploded[place]
            assert has_exploded(record, records[member][0].loss) == reading.has_exploded[place]
    assert any(exploded.values())
    assert not exploded[4]
    for member, run_ in enumerate(records):
        assert len(run_) == 41 or exploded[member]
    assert_same_run(records[4], list(train(calm)))


def test_a_reading_is_a_copy():
    population = Population([Config(seed=seed, steps=3 + seed) for seed in range(3)])
    readings = list(population)
    assert [reading.step for reading in readings] == list(range(6))
    assert [len(reading.members) for reading in readings] == [3, 3, 3, 3, 2, 1]
    with pytest.raises(dataclasses.FrozenInstanceError):
        readings[0].step = 1


def test_accuracy_is_that_of_the_records():
    population = Population([Config(text=LONG_TEXT, batch_size=2, seed=seed, steps=4) for seed in range(3)])
    for reading in population:
        told = [record.accuracy for record in population.records(range(len(reading.members)))]
        assert population.accuracy().tolist() == told


def test_a_population_is_of_one_shape():
    with pytest.raises(ValueError, match="architecture"):
        Population([Config(hidden_size=4), Config(hidden_size=8)])
    with pytest.raises(ConfigError, match="text has only one character"):
        Population([Config(text="a")])
    assert signature_of(Experiment(Config())) == signature_of(Experiment(Config(batch_first=False)))
    lesson = Config(text=LONG_TEXT, batch_first=False, layout="batch_major", batch_size=2)
    assert signature_of(Experiment(lesson)) != signature_of(Experiment(lesson.replace(layout="auto")))


def test_nothing_is_drawn_from_the_global_generator():
    before = torch.get_rng_state()
    list(Population([Config(text=LONG_TEXT, batch_size=2, steps=5, encoding="embedding") for _ in range(2)]))
    assert torch.equal(torch.get_rng_state(), before)

"""What follows from a config: locked fields, what can be trained, and that each part is found once."""

import pytest
from hypothesis import given, settings

from rnn_core import Config, ConfigError, Trainer, build_vocabulary
from rnn_core.sweep.grid import grid
from rnn_core.training import experiment as module
from rnn_core.training.experiment import Experiment
from tests.strategies import trainable_configs


def test_sizes_that_follow_from_the_text_are_locked_with_their_reason():
    locks = Experiment(Config(text="abc", head="none", batched=False)).locks
    assert {name: lock.value for name, lock in locks.items()} == {"hidden_size": 3, "batch_size": 1}
    assert str(locks["batch_size"].reason) == "Without a batch axis one sequence goes in at a time."
    assert Experiment(Config()).locks == {}


def test_resolving_sets_the_locked_fields_only():
    config = Config(text="abc", batch_size=4, hidden_size=7, head="none")
    assert Experiment(config).wanted == config.replace(hidden_size=3)
    free = Config(text="abc", seq_len=2, input_size=20)
    assert Experiment(free).config == Experiment(free).wanted == free


def test_a_batch_that_the_text_cannot_fill_is_as_large_as_it_can_and_says_so():
    experiment = Experiment(Config(seq_len=100, batch_size=20))
    assert (experiment.config.seq_len, experiment.config.batch_size) == (11, 1)
    assert experiment.dataset.input.shape == (1, 11)
    assert {name: str(lock.reason) for name, lock in experiment.short.items()} == {
        "seq_len": "11 of 100: the text has 12 characters.",
        "batch_size": "1 of 20: the text gives 1 × 11 characters.",
    }
    for filled in (Config(), Config(seq_len=100, batch_size=20, repeat=True), Config(text="ab" * 999, seq_len=100)):
        assert (Experiment(filled).short, Experiment(filled).config) == ({}, filled)


@given(trainable_configs(val_share=0.0))
@settings(max_examples=60, deadline=None)
def test_the_sizes_of_a_config_are_those_of_its_first_batch(config):
    experiment = Experiment(config)
    batch = experiment.dataset.input[: experiment.config.batch_size]
    assert batch.shape == (experiment.config.batch_size, experiment.config.seq_len)
    assert config.repeat <= (not experiment.short)


def test_a_vocabulary_may_be_larger_than_input_size_can_be_set_to():
    text = "".join(chr(0xAC00 + i) for i in range(200))
    assert Experiment(Config(text=text)).config.input_size == len(build_vocabulary(text)) == 200


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"bidirectional": True}, "bidirectional=true cannot be used with task=next: the backward direction"),
        ({"bidirectional": True, "task": "same", "head": "none"}, "bidirectional=true cannot be used with head=none"),
        ({"head": "none", "hidden_size": 5}, "hidden_size=5 cannot be used .*head=none.* size, 9"),
    ],
)
def test_fields_that_do_not_go_together_are_refused(values, message):
    with pytest.raises(ConfigError, match=f"^{message}"):
        Experiment.trainable(Config(**values))


@given(trainable_configs())
@settings(max_examples=50)
def test_a_resolved_config_is_trainable_and_stays_what_it_is(config):
    Experiment.trainable(config)
    resolved = Experiment(config).config
    Experiment.trainable(resolved)
    assert Experiment(resolved).config == resolved


@pytest.mark.parametrize("part", ["build_vocabulary", "_locks", "build_dataset"])
def test_each_part_is_found_once_on_the_way_into_a_trainer(monkeypatch, part):
    found, find = [], getattr(module, part)
    monkeypatch.setattr(module, part, lambda *args: found.append(args) or find(*args))
    experiment = Experiment.trainable(Config(steps=1))
    trainer = Trainer(experiment)
    assert (trainer.config, trainer.dataset) == (experiment.config, experiment.dataset)
    assert len(found) == 1


def test_only_what_somebody_wrote_is_taken_at_its_word():
    contradictory = Config(hidden_size=5, head="none")
    assert Experiment.trainable(Experiment(contradictory)).config.hidden_size == 9
    for take in (Experiment.trainable, Trainer, lambda config: grid(config, {"seed": [1]})):
        with pytest.raises(ConfigError, match="hidden_size=5 cannot be used"):
            take(contradictory)


def test_settings_are_what_the_viewer_chose():
    config = Config(text="abc", head="none", hidden_size=7, steps=3, earlier="grad_clip:1:2")
    assert list(Experiment(config).settings) == ["steps", "earlier", "head", "text"]

import math
from functools import cache
from itertools import islice

import pytest

from rnn_core import Config, train
from rnn_core.analysis.divergence import CLIPS, find_divergence, try_remedy
from rnn_core.training.history import Run
from rnn_core.training.trainer import EXPLOSION

SLOW = Config(nonlinearity="relu", optimizer="sgd", learning_rate=1.0, hidden_size=32)
SUDDEN = Config(nonlinearity="relu", optimizer="rmsprop", learning_rate=1.0, num_layers=2)
# Changed on the way: what holds the same network from its first step on does not hold this one.
CHANGED = SLOW.replace(num_layers=2, seed=11, earlier="learning_rate:0.05:40")
# Explodes before the change that the config ends with.
EARLY = SLOW.replace(learning_rate=0.001, earlier="learning_rate:1.0:60", num_layers=2, seed=2)
FIELDS = ("grad_clip", "learning_rate")


@cache
def run_of(config):
    run = Run(config)
    while run.advance():
        pass
    return run


@cache
def trials_of(config, field):
    return list(try_remedy(config, field, exploded_at=run_of(config).step))


def holds(config, step):
    """Whether a run is still on the ground at a step, by the record that it gives there."""
    records = list(islice(train(config), step + 1))
    return records[-1].step == step and records[-1].loss <= EXPLOSION * max(1.0, records[0].loss)


@pytest.mark.parametrize(
    "config", [SLOW, SUDDEN, CHANGED, EARLY], ids=["overflowing loss", "no number at once", "changed", "too early"]
)
def test_what_is_advised_holds_the_very_run_to_its_last_step_and_what_is_larger_does_not(config):
    records = list(train(config))
    last = records[-1]
    assert last.step < config.steps  # the stream has stopped by itself
    assert not math.isfinite(last.loss) or last.loss > EXPLOSION * max(1.0, records[0].loss)
    remedies = [trials_of(config, field)[-1] for field in FIELDS]
    assert any(remedy.value for remedy in remedies)
    for remedy in remedies:
        if remedy.value is not None:
            again = config.replace(**{remedy.field: remedy.value})
            assert dict(remedy.applied_to(config)) == dict(again)
            assert remedy.step == config.steps
            assert holds(again, config.steps)
        for value in remedy.failed:
            assert remedy.value is None or value > remedy.value
            assert not holds(config.replace(**{remedy.field: value}), config.steps)


def test_a_value_counts_from_where_the_run_last_changed_it():
    clip, rate = (trials_of(CHANGED, field)[-1] for field in FIELDS)
    assert (clip.since, rate.since) == (0, 40)
    assert rate.value is not None
    assert rate.applied_to(CHANGED).earlier == CHANGED.earlier


def test_nothing_is_said_of_a_value_that_the_run_had_not_come_to():
    assert run_of(EARLY).step < 60
    rate = trials_of(EARLY, "learning_rate")[-1]
    assert (rate.since, rate.failed, rate.value) == (60, (), None)
    with pytest.raises(ValueError, match="no learning_rate"):
        rate.applied_to(EARLY)


def test_all_values_are_tried_in_order_until_one_holds():
    clip, rate = (trials_of(SUDDEN, field)[-1] for field in FIELDS)
    assert (clip.failed, clip.value) == (CLIPS, None)
    assert (rate.failed, rate.value) == ((0.3, 0.1), 0.03)


def test_whoever_stops_asking_is_told_no_more_than_was_tried():
    trials, exploded_at = trials_of(SLOW, "grad_clip"), run_of(SLOW).step
    assert trials[-1].failed
    assert trials[0].failed == ()
    for remedy in trials:
        assert remedy.failed == trials[-1].failed[: len(remedy.failed)]
    told = {(remedy.value, remedy.step) for remedy in trials if remedy.value is not None}
    assert {step for value, step in told if value == trials[-1].value} == set(range(exploded_at + 1, SLOW.steps + 1))
    assert all(step > exploded_at for _, step in told)
    for value in {value for value, _ in told}:  # one may go beyond the explosion and then explode as well
        assert holds(SLOW.replace(grad_clip=value), max(step for other, step in told if other == value))


def test_a_remedy_that_explodes_at_the_very_end_does_not_hold():
    """A clip far above the gradients changes nothing, so it explodes where the run did: at the last step of all."""
    explosion = run_of(SLOW).step
    config = SLOW.replace(steps=explosion)
    for field in FIELDS:
        remedy = trials_of(config, field)[-1]
        assert remedy.value is None or holds(config.replace(**{field: remedy.value}), explosion)
        for value in remedy.failed:
            assert not holds(config.replace(**{field: value}), explosion)


def test_smaller_values_only_are_tried_and_none_below_the_bound():
    clip = list(try_remedy(SUDDEN.replace(grad_clip=0.5), "grad_clip", exploded_at=1))[-1]
    assert {*clip.failed, clip.value or 0.1} == {0.1}
    rate = list(try_remedy(EARLY.replace(earlier=()), "learning_rate", exploded_at=16))[-1]
    assert (rate.failed, rate.value) == ((), 0.0003)
    assert not list(try_remedy(EARLY.replace(earlier=(), learning_rate=2e-4), "learning_rate", exploded_at=9))[1:]


def test_the_largest_gradient_norm_is_that_of_all_steps_however_few_moments_are_kept(monkeypatch):
    monkeypatch.setattr("rnn_core.training.history.MAX_KEPT_BYTES", 20_000)
    run = Run(SLOW)
    while run.advance():
        pass
    norms = [record.grad_norm for record in train(SLOW)]
    finite = [norm for norm in norms if math.isfinite(norm)]
    found = find_divergence(run.course)
    assert found.step == run.step
    assert repr(found.loss) == repr(run.last.loss)
    assert found.grad_norm == max(finite) == norms[found.grad_norm_step]
    assert found.grad_norm_step not in run.moments  # the record of it is gone

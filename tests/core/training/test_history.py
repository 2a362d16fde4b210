from threading import Thread

import numpy as np
import pytest

from rnn_core import Config, train
from rnn_core.records.runs import Course
from rnn_core.training import history as history_module
from rnn_core.training.history import Run

TEXT = "the quick brown fox jumps over the lazy dog"


def advanced(config, steps):
    run = Run(config)
    while run.step < steps and run.advance():
        pass
    return run


def test_a_run_begins_with_the_untrained_network():
    run = Run(Config(steps=5))
    assert (run.step, run.is_over, list(run.course.steps)) == (0, False, [0])
    assert run.last == next(train(Config(steps=5)))


def test_a_run_remembers_every_number():
    config = Config(text=TEXT, seq_len=6, batch_size=2, steps=25, val_share=0.3)
    run = advanced(config, 25)
    records = list(train(config))
    assert run.is_over
    assert not run.advance()
    assert run.course.steps == [r.step for r in records]
    assert run.course.loss == [r.loss for r in records]
    assert run.course.grad_norm == [r.grad_norm for r in records]
    assert run.course.accuracy == [r.accuracy for r in records]
    measured = [(r.step, r.val_loss) for r in records if r.val_loss is not None]
    assert list(zip(run.course.val_steps, run.course.val_loss, strict=True)) == measured
    assert len(measured) == 3


@pytest.mark.parametrize("encoding", ["onehot", "embedding"])
@pytest.mark.parametrize("step", [0, 7, 20])
def test_a_moment_is_the_network_as_it_was(step, encoding):
    config = Config(text=TEXT, seq_len=6, batch_size=2, steps=20, cell="gru", encoding=encoding)
    moment = advanced(config, 20).at(step)
    then = advanced(config, step)
    assert moment.record == then.last
    assert moment.weights.keys() == then.trainer.weights().keys()
    assert all((moment.weights[name] == weight).all() for name, weight in then.trainer.weights().items())
    now, before = advanced(config, 20).trace(moment), then.trace(then.at(step))
    assert np.abs(now.output - before.output).max() < 1e-6
    assert np.abs(now.logits - before.logits).max() < 1e-6


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(history_module, "MAX_KEPT_BYTES", 30_000)
    run = advanced(Config(steps=200), 200)
    size = sum(w.nbytes for m in run.moments.values() for w in m.weights.values())
    assert size <= 30_000
    assert len(run.moments) > 2
    assert 0 in run.moments
    gaps = set(np.diff(sorted(run.moments)).tolist())
    assert len(gaps) == 1
    for step in (3, 50, 199, 200, 999):
        assert run.at(step).record.step <= step
    assert run.at(200).record.step == 200
    assert len(run.course.steps) == 201  # the curve loses nothing


def test_of_a_large_network_two_moments_stay_at_least_and_few_at_most(monkeypatch):
    monkeypatch.setattr(history_module, "MAX_KEPT_BYTES", 5000)  # a moment takes some 1,700
    run = advanced(Config(steps=60), 60)
    assert 2 <= len(run.moments) <= 3


def test_what_a_moment_predicted_counts_too(monkeypatch):
    monkeypatch.setattr(history_module, "MAX_KEPT_BYTES", 100_000)
    run = advanced(Config(text=TEXT * 12, hidden_size=2, seq_len=32, batch_size=16, steps=60), 60)
    assert len(run.last.predicted) >= 480
    assert 16 * sum(len(moment.record.predicted) for moment in run.moments.values()) <= 100_000


def test_moments_lie_in_blocks_and_stay_as_they_were_handed_out(monkeypatch):
    monkeypatch.setattr(history_module, "MAX_KEPT_BYTES", 30_000)
    config = Config(steps=200)
    run = advanced(config, 3)
    handed_out = run.at(1)
    while run.advance():
        pass
    assert 1 not in run.moments
    then = advanced(config, 1).trainer.weights()
    assert all((handed_out.weights[name] == weight).all() for name, weight in then.items())
    starts = [moment.weights["head.weight"].__array_interface__["data"][0] for moment in run.moments.values()]
    assert len(set(np.diff(starts).tolist())) == 1
    with pytest.raises(ValueError, match="read-only"):
        handed_out.weights["head.weight"][0] = 0


def same(run, fresh):
    """Whether two runs have been the same, weights included."""
    weights, others = run.at(run.step).weights, fresh.at(fresh.step).weights
    is_same = all((weights[name] == others[name]).all() for name in others)
    return is_same and (run.course, run.last, run.is_over) == (fresh.course, fresh.last, fresh.is_over)


@pytest.mark.parametrize("is_thinned", [False, True])
@pytest.mark.parametrize("step", [0, 4, 12, None], ids=str)
def test_a_fork_shares_what_has_been_and_goes_on_by_its_own_config(monkeypatch, step, is_thinned):
    if is_thinned:
        monkeypatch.setattr(history_module, "MAX_KEPT_BYTES", 12_000)
    config = Config(text=TEXT, seq_len=6, batch_size=2, steps=25, val_share=0.3)
    run = advanced(config, 18)
    moment = run.at(18 if step is None else step)
    at = moment.record.step
    fork = run.fork(config.changed("learning_rate", 0.01, step=at).model_copy(update={"steps": 30}), moment)
    assert (fork.step, fork.is_over, fork.course) == (at, False, advanced(config, at).course)
    assert fork.at(99) is moment or not at or step is None
    assert not at or all(fork.moments[kept] is run.moments[kept] for kept in fork.moments)
    made = 0
    while fork.advance():
        made += 1
    assert made == 12 if step is None else made == (31 if at else 30)  # from an earlier moment it begins again
    assert same(fork, advanced(fork.config, 30))
    while run.advance():
        pass
    assert same(run, advanced(config, 25))


def test_a_run_may_be_forked_from_a_moment_that_it_has_forgotten():
    config = Config(text=TEXT, seq_len=6, batch_size=2, steps=20)
    run = advanced(config, 20)
    moment = run.at(5)
    run.thin_out()
    fork = run.fork(run.config, moment)
    assert (fork.step, fork.at(20), 5 in fork.moments) == (5, moment, False)
    fork.advance()
    assert fork.at(20) is moment
    while fork.advance():
        pass
    assert same(fork, advanced(config, 20))


def test_a_step_is_there_only_when_all_of_it_is(monkeypatch):
    run = advanced(Config(steps=3), 1)
    seen = []

    def noting(method):
        def noted(*args):
            seen.append(run.step)
            return method(*args)

        return noted

    monkeypatch.setattr(Course, "append", noting(Course.append))
    monkeypatch.setattr(Run, "_keep", noting(Run._keep))
    run.advance()
    assert seen == [1, 1]
    assert run.step == 2


def test_what_is_kept_can_be_read_while_half_of_it_is_forgotten(monkeypatch):
    run = advanced(Config(steps=20), 20)
    stored = Run._stored

    def storing(run, *args):
        assert [run.kept(step).record.step for step in range(21)] == list(range(21))
        return stored(run, *args)

    monkeypatch.setattr(Run, "_stored", storing)
    run.thin_out()
    assert [run.kept(step).record.step for step in range(5)] == [0, 0, 2, 2, 4]


def test_what_is_kept_can_be_read_while_more_is_trained():
    run = advanced(Config(hidden_size=2, steps=200, text="abab"), 0)
    run.thin_out()
    found = []

    def read():
        while not run.is_over:
            found.append(run.kept(run.step - run.step % 2 + 1).record.step)
        found.append("done")

    reader = Thread(target=read)
    reader.start()
    while run.advance():
        pass
    reader.join()
    assert found[-1] == "done"
    assert not any(step % 2 for step in found[:-1])


def test_a_fork_to_a_step_that_has_been_is_over_at_once():
    run = advanced(Config(steps=12), 12)
    fork = run.fork(run.config.model_copy(update={"steps": 7}), run.at(7))
    assert not fork.advance()
    assert same(fork, advanced(Config(steps=7), 7))


def test_an_explosion_stays_one_in_a_fork():
    config = Config(optimizer="rmsprop", nonlinearity="relu", learning_rate=1.0, num_layers=3, hidden_size=32)
    run = advanced(config, 50)
    fork = run.fork(run.config.model_copy(update={"steps": 200}))
    assert (fork.is_over, fork.has_exploded, fork.advance()) == (True, True, False)


@pytest.mark.parametrize("steps", [50, 1])
def test_an_explosion_is_told_apart_from_an_end(steps):
    config = Config(optimizer="rmsprop", nonlinearity="relu", learning_rate=1.0, num_layers=3, hidden_size=32)
    run = advanced(config.replace(steps=steps), steps)
    assert run.step == 1
    assert run.is_over
    assert run.has_exploded
    assert not advanced(Config(steps=3), 3).has_exploded

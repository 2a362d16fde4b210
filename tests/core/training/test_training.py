import contextlib
import math
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnn_core import Config, build_dataset, train
from rnn_core.config import Change, options
from rnn_core.training.trainer import Trainer, build_optimizer, has_exploded, trace_forward
from tests.core.lesson import run_lesson, seeded
from tests.strategies import change_lists, trainable_configs

LONG_TEXT = "the quick brown fox jumps over the lazy dog, again and again"
OPTIMIZERS = {
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "sgd": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
}


def run_plainly(config, data):
    """Train as a short script would: PyTorch's defaults throughout, one window, a head."""
    with seeded(config.seed):
        rnn = nn.RNN(data.vocab_size, config.hidden_size, batch_first=True)
        head = nn.Linear(config.hidden_size, data.vocab_size)
    parameters = [*rnn.parameters(), *head.parameters()]
    optimizer = OPTIMIZERS[config.optimizer](parameters, lr=config.learning_rate)
    X, y = torch.eye(data.vocab_size)[torch.tensor(data.input)], torch.tensor(data.target)
    run = []
    for _ in range(config.steps + 1):
        optimizer.zero_grad()
        output, _ = rnn(X)
        loss = nn.functional.cross_entropy(head(output).flatten(0, 1), y.flatten())
        loss.backward()
        norm = torch.cat([p.grad.flatten() for p in parameters]).norm().item()
        if config.grad_clip:
            nn.utils.clip_grad_norm_(parameters, config.grad_clip)
        run.append((loss.item(), norm))
        optimizer.step()
    return run


def losses(records):
    return [record.loss for record in records]


def assert_is_the_lesson(records, seed):
    lesson = run_lesson(seed)
    assert [r.step for r in records] == list(range(101))
    assert losses(records[:100]) == pytest.approx(lesson.losses, abs=1e-6)
    assert [r.prediction for r in records[:100]] == lesson.predictions


@contextlib.contextmanager
def meanwhile(*jobs):
    """Repeat some jobs in threads of their own until the block is done."""
    over, done, failures = threading.Event(), [0] * len(jobs), []

    def repeat(place, job):
        try:
            while not over.is_set():
                job()
                done[place] += 1
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=repeat, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []


@pytest.mark.parametrize("seed", [0, 1, 2, 2**31 - 1])
def test_the_lesson_gives_what_its_own_code_gives(seed):
    assert_is_the_lesson(list(train(Config.preset("seed-lesson", seed=seed))), seed)


def test_the_lesson_is_the_same_beside_other_trainings():
    config = Config(text=LONG_TEXT, batch_size=2, steps=30, cell="lstm")
    alone = list(train(config))
    others = [lambda seed=seed: list(train(config.replace(seed=seed))) for seed in (1, 2, 3)]
    with meanwhile(*others):
        runs = {seed: list(train(Config.preset("seed-lesson", seed=seed))) for seed in (0, 1, 2)}
        beside = list(train(config))
    for seed, records in runs.items():
        assert_is_the_lesson(records, seed)
    assert beside == alone


def test_the_global_seed_moves_nothing():
    state = torch.get_rng_state()
    config = Config(text=LONG_TEXT, batch_size=2, steps=30)
    alone = list(train(config))
    seeds = iter(range(10**9))
    try:
        with meanwhile(lambda: (torch.manual_seed(next(seeds)), torch.rand(3))):
            lesson = list(train(Config.preset("seed-lesson")))
            beside = list(train(config))
    finally:
        torch.set_rng_state(state)
    assert beside == alone
    assert_is_the_lesson(lesson, 0)


@given(trainable_configs())
@settings(max_examples=120)
def test_equal_configs_give_equal_records(config):
    records = list(train(config))
    assert [r.step for r in records] == list(range(len(records)))
    assert len(records) == config.steps + 1 or not records[-1].is_finite or records[-1].loss > 100
    assert records == list(train(Config.from_query(config.to_query())[0]))


@given(trainable_configs(text="an apple, a pear"))
@settings(max_examples=60)
def test_a_record_says_what_was_predicted(config):
    data = build_dataset(config)
    for record in train(config):
        assert len(record.predicted) == len(record.target) == len(record.windows) * data.input.shape[1]
        assert record.target == tuple(data.characters[i] for w in record.windows for i in data.target[w])
        hits = sum(p == t for p, t in zip(record.predicted, record.target, strict=True))
        assert record.accuracy == hits / len(record.target)
        assert (record.val_loss is not None) == bool(len(data.val_input) and record.step % 10 == 0)


def test_training_does_not_touch_the_global_generators():
    before = torch.get_rng_state(), np.random.get_state()[1].tolist()  # noqa: NPY002
    for cell in ("rnn", "lstm", "gru"):
        list(train(Config(text=LONG_TEXT, cell=cell, batch_size=2, encoding="embedding", steps=5, val_share=0.3)))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert np.random.get_state()[1].tolist() == before[1]  # noqa: NPY002


def test_hello_next_is_learnt():
    learnt = 0
    for seed in range(10):
        records = list(train(Config.preset("hello-next", seed=seed, steps=200)))
        learnt += any(r.accuracy == 1.0 and r.loss < 0.05 for r in records)
        assert records[0].loss == pytest.approx(np.log(9), abs=0.4)  # the untrained network guesses
        assert records[-1].loss < records[0].loss / 2
    assert learnt >= 9


def test_record_0_is_the_untrained_network():
    trainer = Trainer(Config.preset("hello-next"))
    untrained = trainer.weights()
    next(trainer)
    for name, weight in trainer.weights().items():
        assert (weight == untrained[name]).all()
    next(trainer)
    assert any((weight != untrained[name]).any() for name, weight in trainer.weights().items())


def test_stopping_is_ceasing_to_ask():
    run = train(Config(steps=2000))
    assert [next(run).step for _ in range(3)] == [0, 1, 2]
    whole = train(Config(steps=2))
    assert [record.step for record in whole] == [0, 1, 2]
    assert list(whole) == []


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("grad_clip", [0.0, 0.05, 1.0])
def test_every_optimizer_is_torchs_own_with_its_defaults(optimizer, grad_clip):
    rate = {"sgd": 0.5, "rmsprop": 0.01}.get(optimizer, 0.05)
    config = Config(optimizer=optimizer, learning_rate=rate, grad_clip=grad_clip, steps=30, seed=3)
    plain = run_plainly(config, build_dataset(config))
    records = list(train(config))
    assert losses(records) == pytest.approx([loss for loss, _ in plain], abs=1e-5)
    assert [r.grad_norm for r in records] == pytest.approx([norm for _, norm in plain], abs=1e-5)


def test_the_gradient_is_clipped_and_its_norm_told_from_before():
    config = Config(optimizer="sgd", learning_rate=1.0, grad_clip=0.01, steps=5)
    trainer = Trainer(config)
    record = next(trainer)
    assert record.grad_norm > 0.1
    for record in trainer:
        after = torch.cat([p.grad.flatten() for p in trainer.model.parameters()]).norm().item()
        assert after == pytest.approx(record.grad_norm, rel=1e-5)  # not yet clipped: the record comes first
    first, second = Trainer(config), Trainer(config.replace(grad_clip=0.0))
    moved = []
    for trainer in (first, second):
        before = np.concatenate([w.ravel() for w in trainer.weights().values()])
        norm = next(trainer).grad_norm
        next(trainer)
        moved.append(np.linalg.norm(np.concatenate([w.ravel() for w in trainer.weights().values()]) - before))
    assert moved == pytest.approx([0.01, norm], rel=1e-3)  # with a learning rate of 1 a step is as long as its gradient


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_are_built_with_the_first_learning_rate(optimizer):
    config = Config(optimizer=optimizer, learning_rate=0.5, earlier=(Change(3, "learning_rate", 0.25),))
    built = build_optimizer(config, Trainer(config).model)
    assert isinstance(built, OPTIMIZERS[optimizer])
    assert built.param_groups[0]["lr"] == 0.25


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_batch_first_is_a_matter_of_arrangement(cell):
    config = Config(text=LONG_TEXT, cell=cell, seq_len=7, batch_size=3, steps=10, val_share=0.2, num_layers=2)
    first, last = (list(train(config.replace(batch_first=value))) for value in (True, False))
    assert losses(first) == pytest.approx(losses(last), abs=1e-5)
    for one, other in zip(first, last, strict=True):
        assert (one.predicted, one.target, one.windows) == (other.predicted, other.target, other.windows)
        assert (one.val_loss is None) == (other.val_loss is None) == bool(one.step % 10)
        assert (one.val_loss or 0) == pytest.approx(other.val_loss or 0, abs=1e-5)


def reach(config):
    """Change the first sequence of a batch and return by how much the output of each sequence moves: (N,)."""
    trainer = Trainer(config)
    windows = torch.tensor(trainer.dataset.input[:4])
    other = windows.clone()
    other[0] = (other[0] + 1) % trainer.dataset.vocab_size
    before, after = (trace_forward(trainer.config, trainer.model, w) for w in (windows, other))
    batch_axis = 1 if config.layout == "auto" and not config.batch_first else 0
    moved = np.abs(after.output - before.output)
    return np.moveaxis(moved, batch_axis, 0).reshape(4, -1).max(axis=1), before.axes


@pytest.mark.parametrize("values", [{"batch_first": True}, {"batch_first": False}, {"layout": "batch_major"}])
def test_sequences_of_a_batch_do_not_know_of_each_other(values):
    moved, axes = reach(Config(text=LONG_TEXT, seq_len=6, batch_size=4, **values))
    assert axes == (("N", "L") if values.get("batch_first", True) else ("L", "N"))
    assert moved[0] > 0.01
    assert moved[1:].tolist() == [0, 0, 0]


def test_a_batch_read_as_time_mixes_its_sequences():
    moved, axes = reach(
        Config(text=LONG_TEXT, seq_len=6, batch_size=4, batch_first=False, layout="batch_major", hidden_size=16)
    )
    assert axes == ("L", "N")
    assert (moved > 1e-3).all()


def test_without_a_batch_axis_the_numbers_are_those_of_a_batch_of_one():
    config = Config(text=LONG_TEXT, seq_len=7, batch_size=1, steps=20)
    assert losses(train(config.replace(batched=False))) == pytest.approx(losses(train(config)), abs=1e-6)


def test_an_epoch_visits_every_window_once():
    config = Config(text=LONG_TEXT, task="same", seq_len=6, batch_size=4, steps=11)
    records = list(train(config))
    count = len(build_dataset(config).input)
    assert count == 10
    assert [len(r.windows) for r in records] == [4, 4, 2] * 4
    epochs = [[w for r in records[i : i + 3] for w in r.windows] for i in range(0, 12, 3)]
    assert all(sorted(epoch) == list(range(count)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 1


def test_held_out_windows_are_measured_and_not_learnt_from():
    config = Config(text=LONG_TEXT, seq_len=6, batch_size=4, steps=20, val_share=0.3)
    trainer, data = Trainer(config), build_dataset(config)
    for record in trainer:
        if record.val_loss is not None:
            logits, _, _ = trainer.model(torch.eye(data.vocab_size)[torch.tensor(data.val_input)])
            expected = nn.functional.cross_entropy(logits.flatten(0, 1), torch.tensor(data.val_target).flatten())
            assert record.val_loss == pytest.approx(expected.item(), abs=1e-6)
    assert trainer.step == 20
    assert {w for r in train(config) for w in r.windows} == set(range(len(data.input)))
    assert len(data.val_target) == round(0.3 * 10)


def go(trainer, until):
    return [next(trainer) for _ in range(until - trainer.step)]


def changed(trainer, **values):
    """Go on from here with other values."""
    config = trainer.config
    for name, value in values.items():
        config = config.changed(name, value, step=max(trainer.step, 0))
    return trainer.fork(config)


def test_a_changed_learning_rate_is_part_of_the_config():
    trainer = Trainer(Config(learning_rate=0.1, steps=30))
    records = go(trainer, 12)
    trainer = changed(trainer, learning_rate=0.01)
    records += list(trainer)
    assert trainer.config.learning_rate == 0.01
    assert trainer.config.earlier == (Change(12, "learning_rate", 0.1),)
    assert records == list(train(trainer.config))
    assert losses(records[:13]) == losses(train(Config(learning_rate=0.1, steps=12)))
    assert losses(records) != losses(train(Config(learning_rate=0.1, steps=30)))


def test_a_changed_clip_is_part_of_the_config():
    trainer = Trainer(Config(steps=30))
    records = go(trainer, 5)
    trainer = changed(trainer, grad_clip=0.1)
    records += go(trainer, 11)
    trainer = changed(trainer, grad_clip=0.0)
    records += list(trainer)
    assert trainer.config.earlier == (Change(5, "grad_clip", 0.0), Change(11, "grad_clip", 0.1))
    assert records == list(train(trainer.config))
    assert losses(records) != losses(train(Config(steps=30)))


def test_the_second_change_at_a_step_replaces_the_first():
    trainer = Trainer(Config(learning_rate=0.1, steps=20))
    records = go(trainer, 6)
    trainer = changed(trainer, learning_rate=0.5)
    trainer = changed(trainer, learning_rate=0.02)
    records += list(trainer)
    assert trainer.config.earlier == (Change(6, "learning_rate", 0.1),)
    assert records == list(train(trainer.config))


@pytest.mark.parametrize("field", ["learning_rate", "grad_clip"])
@pytest.mark.parametrize("asked", [0, 1], ids=["before the first record", "after the first record"])
def test_a_change_at_step_0_is_a_run_of_its_own(field, asked):
    trainer = Trainer(Config(learning_rate=0.1, steps=10))
    records = [next(trainer) for _ in range(asked)]
    trainer = changed(trainer, **{field: 0.02})
    records += list(trainer)
    assert trainer.config.earlier == ()
    assert records == list(train(Config(steps=10, **{"learning_rate": 0.1, field: 0.02})))


@given(trainable_configs(most_steps=8), st.data())
@settings(max_examples=60)
def test_a_run_changed_on_the_way_equals_a_fresh_run_of_its_config(config, data):
    trainer, records = Trainer(config), []
    plan = data.draw(change_lists(last_step=config.steps, max_size=4))
    while (record := next(trainer, None)) is not None:
        records.append(record)
        for change in plan:
            if change.step == record.step + 1:
                trainer = changed(trainer, **{change.field: change.value})
    assert records == list(train(trainer.config))


def test_an_extended_run_equals_a_longer_one():
    trainer = Trainer(Config(text=LONG_TEXT, batch_size=2, steps=5))
    records = list(trainer)
    assert trainer.has_ended
    trainer = trainer.fork(trainer.config.model_copy(update={"steps": 12}))
    assert not trainer.has_ended
    records += list(trainer)
    assert records == list(train(trainer.config))
    assert len(records) == 13


@pytest.mark.parametrize("optimizer", options("optimizer"))
@pytest.mark.parametrize("cell", ["lstm", "rnn"])
def test_a_fork_goes_its_own_way_and_leaves_the_other_as_it_is(optimizer, cell):
    config = Config(text=LONG_TEXT, batch_size=3, seq_len=5, steps=30, optimizer=optimizer, cell=cell, val_share=0.2)
    trainer = Trainer(config)
    records = go(trainer, 13)  # within an epoch
    fork = changed(trainer, learning_rate=0.02)
    theirs = records + go(fork, 20)
    records += list(trainer)
    theirs += list(fork)
    assert records == list(train(config))
    assert theirs == list(train(fork.config))
    assert losses(records) != losses(theirs)


def test_changes_are_valid_from_their_step_on():
    config = Config(learning_rate=0.3, earlier="learning_rate:0.1:5,learning_rate:0.2:8,grad_clip:1:6")
    assert [config.value_at("learning_rate", step) for step in (0, 4, 5, 7, 8, 100)] == [0.1, 0.1, 0.2, 0.2, 0.3, 0.3]
    assert [config.value_at("grad_clip", step) for step in (0, 5, 6)] == [1.0, 1.0, 0.0]
    back = config.changed("learning_rate", 0.7, step=6)
    assert [back.value_at("learning_rate", step) for step in (0, 4, 5, 6, 8)] == [0.1, 0.1, 0.2, 0.7, 0.7]


def test_weights_and_traces_are_copies():
    trainer = Trainer(Config())
    next(trainer)
    for array in (*trainer.weights().values(), trainer.trace([0]).output, trainer.trace([0]).h_n):
        assert not array.flags.writeable
    untrained = trainer.weights()
    kept = {name: weight.copy() for name, weight in untrained.items()}
    list(trainer)
    assert all((untrained[name] == kept[name]).all() for name in kept)


def test_a_trace_can_be_taken_with_earlier_weights():
    trainer = Trainer(Config(text=LONG_TEXT, seq_len=6, batch_size=3, cell="lstm"))
    untrained, before = trainer.weights(), trainer.trace([0, 1, 2])
    go(trainer, 10)
    assert (trainer.trace([0, 1, 2]).output != before.output).any()
    again = trainer.trace([0, 1, 2], untrained)
    for one, other in ((again.output, before.output), (again.logits, before.logits), (again.c_n, before.c_n)):
        assert np.abs(one - other).max() < 1e-6
    assert next(trainer).step == 11


def test_the_trace_is_what_the_record_was_measured_on():
    trainer = Trainer(Config())
    for record in trainer:
        logits = trainer.trace(record.windows).logits
        assert "".join(trainer.dataset.characters[i] for i in logits[0].argmax(axis=1)) == record.prediction
        if record.step == 20:
            break


def test_an_exploded_run_ends():
    config = Config(optimizer="rmsprop", nonlinearity="relu", learning_rate=1.0, num_layers=3, steps=50)
    records = list(train(config))
    assert len(records) < 51
    assert not records[-1].is_finite or records[-1].loss > 100
    assert all(r.is_finite for r in records[:-1])
    assert records == list(train(config))  # NaN is not equal to itself, but the run is to its repetition


@pytest.mark.parametrize(
    ("first", "loss", "exploded"),
    [(0.5, 99.0, False), (0.5, 101.0, True), (3.0, 299.0, False), (3.0, 301.0, True), (3.0, math.inf, True)],
)
def test_a_run_is_beyond_rescue_at_a_hundred_times_its_first_loss_or_a_hundred_nats(first, loss, exploded):
    record = replace(next(train(Config())), loss=loss)
    assert has_exploded(record, first) == exploded


def test_a_batch_that_holds_all_windows_keeps_their_order():
    config = Config(text=LONG_TEXT, seq_len=8, batch_size=8, steps=5)
    assert len(build_dataset(config).input) == config.batch_size
    assert {record.windows for record in train(config)} == {tuple(range(8))}

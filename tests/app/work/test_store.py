"""The store of runs: whoever asks for the same run gets it, it is trained once, and nobody sees it change."""

import gc
import threading
import weakref
from contextlib import contextmanager

import pytest

from pages.ui.process import upkeep
from pages.ui.work import engine as engine_module
from pages.ui.work import store as store_module
from pages.ui.work.engine import Engine
from pages.ui.work.store import Store
from rnn_core.config import Config
from rnn_core.sentence import ConfigError
from rnn_core.training import history as history_module
from rnn_core.training.experiment import Experiment
from rnn_core.training.history import Run

SMALL = Config(hidden_size=3, steps=40, text="abcab")
TEXT = "the quick brown fox jumps over the lazy dog"


@pytest.fixture
def store(monkeypatch):
    """A store that holds no run of another test."""
    store = Store()
    monkeypatch.setattr(engine_module, "store", store)
    return store


@contextmanager
def at_once(*works):
    """Do works in threads of their own, begun together; no error is lost."""
    errors, start = [], threading.Barrier(len(works) + 1)

    def do(work):
        start.wait(30)
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=do, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    start.wait(30)
    yield
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []


def to_the_end(engine):
    while engine.is_playing:
        engine.slice()
    return engine


def advanced(config, steps=2000):
    run = Run(config)
    while run.step < steps and run.advance():
        pass
    return run


def check_is(engine, run):
    """Check that a viewer sees what there is to see of a run of his own."""
    assert (engine.step, engine.course, engine.last) == (run.step, run.course, run.last)
    assert (engine.is_over, engine.has_exploded, engine.config) == (run.is_over, run.has_exploded, run.config)
    weights = run.at(run.step).weights
    assert all((engine.at(engine.step).weights[name] == weights[name]).all() for name in weights)


def test_equal_configs_are_one_run_whatever_is_given_for_what_is_locked(store):
    one = store.open(SMALL)
    assert store.open(Config(steps=40, text="abcab", input_size=3, hidden_size=3)) is one
    assert store.open(Experiment(SMALL).config) is one
    assert store.open(SMALL.replace(seed=1)) is not one
    assert store.open(SMALL.replace(learning_rate=0.2)) is not one


def test_fifty_viewers_train_a_run_once(store):
    engines = []

    def view():
        engine = Engine(SMALL.replace(steps=200))
        engines.append(engine)
        to_the_end(engine)

    with at_once(*[view] * 50):
        pass
    assert store.updates == 200
    fresh = advanced(SMALL.replace(steps=200))
    for engine in engines:
        check_is(engine, fresh)


def test_who_asks_while_a_run_is_being_made_waits_for_it(store, monkeypatch):
    made, may_go_on = [], threading.Event()

    def slowly(experiment):
        made.append(experiment.config)
        assert may_go_on.wait(10)
        return Run(experiment)

    monkeypatch.setattr(store_module, "Run", slowly)
    found = []
    with at_once(*[lambda: found.append(store.open(SMALL))] * 5):
        may_go_on.set()
    assert made == [Experiment(SMALL).config]
    assert len(set(map(id, found))) == 1


def test_what_cannot_be_trained_is_said_each_time_and_leaves_nothing(store):
    for _ in range(2):
        with pytest.raises(ConfigError, match="too large"):
            store.open(
                Config(text=TEXT, hidden_size=128, num_layers=4, seq_len=128, batch_size=64, cell="lstm", repeat=True)
            )
        with pytest.raises(ConfigError, match="bidirectional"):
            store.open(SMALL.replace(bidirectional=True))
    assert store.nbytes == 0


def test_a_place_shows_nothing_behind_it(store):
    to_the_end(Engine(SMALL))
    late = Engine(SMALL)
    late.stop_step = 7
    assert (late.step, late.course.steps, list(late.moments), late.is_over) == (0, [0], [0], False)
    to_the_end(late)
    check_is(late, advanced(SMALL, 7))
    assert list(late.moments) == list(range(8))
    assert late.at(30) is late.at(7)
    assert 0 < late.busy_s < Engine(SMALL)._run.seconds[-1]
    late.step_once()
    check_is(late, advanced(SMALL, 8))
    assert store.updates == SMALL.steps


def test_a_run_is_trained_no_further_than_its_farthest_viewer_wants(store):
    engines = [Engine(SMALL) for _ in range(3)]
    for engine, stop in zip(engines, (5, 12, 9), strict=True):
        engine.stop_step = stop
        to_the_end(engine)
    assert [engine.step for engine in engines] == [5, 12, 9]
    assert store.updates == 12


@pytest.mark.parametrize(("steps", "made"), [(60, 20), (15, 0)])
def test_other_steps_share_what_has_been(store, steps, made):
    to_the_end(Engine(SMALL))
    check_is(to_the_end(Engine(SMALL.replace(steps=steps))), advanced(SMALL.replace(steps=steps)))
    assert store.updates == SMALL.steps + made
    first = Engine(SMALL)
    check_is(to_the_end(first), advanced(SMALL))


def test_a_change_on_the_way_leaves_the_run_to_its_other_viewers(store):
    one, other = Engine(SMALL), Engine(SMALL)
    for engine in (one, other):
        engine.stop_step = 20
        to_the_end(engine)
        engine.stop_step = 0
    one.adopt(SMALL.replace(learning_rate=0.02))
    one.play()
    to_the_end(one)
    check_is(one, advanced(SMALL.replace(learning_rate=0.02, earlier="learning_rate:0.1:20")))
    assert store.updates == 40
    other.play()
    check_is(to_the_end(other), advanced(SMALL))
    assert store.updates == 60
    cold = to_the_end(Engine(one.asked))
    check_is(cold, advanced(one.asked))
    assert store.updates == 60  # the link to it finds it


def test_who_has_come_further_does_not_fall_back_to_where_another_has_only_begun(store):
    changed = SMALL.replace(learning_rate=0.02, earlier="learning_rate:0.1:20")
    cold = Engine(changed)
    warm = Engine(SMALL)
    warm.stop_step = 20
    to_the_end(warm)
    warm.stop_step = 0
    warm.adopt(SMALL.replace(learning_rate=0.02))
    check_is(warm, advanced(changed, 20))
    warm.play()
    for engine in (warm, cold):
        check_is(to_the_end(engine), advanced(changed))
    assert store.open(changed) is warm._run


def test_who_changes_a_run_that_others_have_trained_further_begins_it_again_unseen(store):
    to_the_end(Engine(SMALL))
    late = Engine(SMALL)
    late.stop_step = 20
    to_the_end(late)
    late.stop_step = 0
    late.adopt(SMALL.replace(grad_clip=0.1))
    check_is(late, advanced(late.asked, 20))
    late.speed = 20.0
    late.play()
    assert late.slice() == 1  # what has been is made again at full speed
    assert late.step == 21
    late.speed = float("inf")
    check_is(to_the_end(late), advanced(late.asked))
    assert store.updates == 80


@pytest.fixture
def large(monkeypatch):
    """A config of which far fewer moments are kept than are made."""
    monkeypatch.setattr(history_module, "MAX_KEPT_BYTES", 20_000)
    return Config(hidden_size=9, steps=60)


def test_of_a_run_that_forgets_a_place_shows_what_a_run_of_its_own_would(store, large):
    check_is(to_the_end(Engine(large)), advanced(large))
    again = Engine(large)
    check_is(to_the_end(again), advanced(large))
    assert store.updates == 60
    late = Engine(large)
    late.stop_step = 21
    check_is(to_the_end(late), advanced(large, 21))
    assert list(late.moments) == list(advanced(large, 21).moments)
    late.step_once()
    check_is(late, advanced(large, 22))
    late.stop_step = 0
    late.play()
    check_is(to_the_end(late), advanced(large))
    again.restart(large, is_playing=False)
    for step in range(1, 4):
        again.step_once()
        check_is(again, advanced(large, step))


@pytest.mark.usefixtures("store")
def test_a_viewer_whom_another_overtakes_goes_on_from_where_he_is(large):
    slow, fast = Engine(large), Engine(large)
    slow.stop_step = 21
    to_the_end(slow)
    to_the_end(fast)
    check_is(slow, advanced(large, 21))  # its own weights are its own, though the run has forgotten them
    slow.step_once()
    while slow.is_playing:
        slow.slice()
    check_is(slow, advanced(large, 22))


def test_where_a_place_would_stop_is_forgotten_while_it_reads(store, monkeypatch):
    to_the_end(Engine(SMALL))
    late = Engine(SMALL)
    late.stop_step = 21
    kept = Run.kept

    def forgetful(run, step):
        if run.is_whole:
            run.thin_out()
        return kept(run, step)

    with monkeypatch.context() as patch:
        patch.setattr(Run, "kept", forgetful)
        late.slice()
    assert (late.step, late.is_playing) == (20, True)
    check_is(to_the_end(late), advanced(SMALL, 21))
    assert store.updates == SMALL.steps + 21


def test_readers_never_see_a_run_change_under_them(store, large):
    config = large.replace(steps=150)
    expected = advanced(config)
    losses = expected.course.loss
    is_done = threading.Event()

    def train():
        to_the_end(Engine(config))
        is_done.set()

    def read():
        engine = Engine(config)
        while engine.is_playing or not is_done.is_set():
            engine.slice(budget_s=0.001)
            step, course = engine.step, engine.course
            assert course.steps == list(range(len(course.steps)))
            assert course.loss == losses[: len(course.loss)]
            assert len(course.grad_norm) == len(course.accuracy) == len(course.steps) > step
            assert all(moment.record.loss == losses[kept] for kept, moment in engine.moments.items())
            for asked in (0, step // 2, step):
                moment = engine.at(asked)
                assert moment.record.loss == losses[moment.record.step]
                engine.trace(moment)
        check_is(engine, expected)

    with at_once(train, train, read, read):
        pass
    assert store.updates == 150


@pytest.mark.usefixtures("store")
def test_changes_by_many_at_once_are_each_what_a_run_of_its_own_is():
    engines = []

    def view(rate):
        engine = Engine(SMALL)
        engines.append(engine)
        engine.stop_step = 10
        to_the_end(engine)
        engine.stop_step = 0
        engine.adopt(engine.asked.model_copy(update={"learning_rate": rate}))
        engine.play()
        to_the_end(engine)

    with at_once(*[lambda rate=rate: view(rate) for rate in (0.1, 0.02, 0.02, 0.5, 0.5, 0.5)]):
        pass
    for engine in engines:
        check_is(engine, advanced(engine.asked))


def test_runs_that_nobody_looks_at_are_kept_while_there_is_room(store, monkeypatch):
    size = to_the_end(Engine(SMALL))._run.nbytes
    monkeypatch.setattr(store_module, "MAX_RECENT_BYTES", 3.5 * size)
    watched = to_the_end(Engine(SMALL.replace(seed=1)))
    runs = [weakref.ref(to_the_end(Engine(SMALL.replace(seed=seed)))._run) for seed in range(2, 8)]
    gc.collect()
    assert [run() is not None for run in runs] == [False, False, False, True, True, True]
    store.open(SMALL.replace(seed=5))
    to_the_end(Engine(SMALL.replace(seed=8)))
    gc.collect()
    assert [run() is not None for run in runs[3:]] == [True, False, True]  # who was asked for last stays
    assert store.open(SMALL.replace(seed=1)) is watched._run  # it is found as long as somebody looks at it
    engine = weakref.ref(watched)
    del watched
    gc.collect()
    assert engine() is None


def test_all_that_is_looked_at_is_bounded_too(store, monkeypatch):
    monkeypatch.setattr(store_module, "MAX_BYTES", 600_000)
    monkeypatch.setattr(history_module, "TRAINER_BYTES", 20_000)
    engines = [to_the_end(Engine(Config(seed=seed, steps=60))) for seed in range(6)]
    assert store.nbytes <= 600_000
    for seed, engine in enumerate(engines):
        check_is(engine, advanced(Config(seed=seed, steps=60)))
        assert len(engine.moments) >= 4
    assert min(len(engine.moments) for engine in engines) < 61


def test_what_nobody_looks_at_is_forgotten_once_all_viewers_have_gone():
    place = Engine(Config(steps=5, hidden_size=11))
    place.slice(5.0)
    looked_at = Engine(Config(steps=5, hidden_size=12))
    del place
    gc.collect()
    before = store_module.store.nbytes
    upkeep.forget_shared()
    gc.collect()
    assert 0 < store_module.store.nbytes < before
    looked_at.slice(5.0)
    assert looked_at.step == 5  # who looks at one keeps it

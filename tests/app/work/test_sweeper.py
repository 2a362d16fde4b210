"""Sweeps of many viewers on one server: in turn, in slices, bounded, and nobody's place is lost to a closed tab."""

import threading
import time
from concurrent.futures import Executor, Future
from types import SimpleNamespace

import pytest

from pages.ui.work import elsewhere
from pages.ui.work import places as places_module
from pages.ui.work import sweeper as module
from pages.ui.work.places import PATIENCE_S, Places
from pages.ui.work.sweeper import Finished, Sweeper
from rnn_core.config import Config
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.sweep.executors import WorkersLostError, train_plainly
from rnn_core.sweep.plan import Duel, Plan, parse_axes
from rnn_core.training.budget import MAX_SHARED_RUNS
from rnn_core.training.trainer import train

BASE = Config(steps=30, text="abcab")


def plan_of(axes="learning_rate:0.01:0.1:2,hidden_size:3:4:2", seeds=2, base=BASE):
    return Plan.of(base, parse_axes(axes), seeds)


def fail(*_):
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def server(monkeypatch):
    """A server that nobody has used yet."""
    monkeypatch.setattr(module, "places", Places(2))
    monkeypatch.setattr(module, "finished", Finished())


@pytest.fixture
def clock(monkeypatch):
    """Time in which a place is kept; it passes only when a test says so."""
    moment = SimpleNamespace(now=100.0)
    monkeypatch.setattr(places_module, "time", SimpleNamespace(monotonic=lambda: moment.now))
    return moment


def train_all(sweeper):
    while sweeper.is_playing:
        sweeper.slice()
    return sweeper.results.table()


# ---- the queue


@pytest.mark.usefixtures("clock")
def test_the_first_have_a_place_and_the_others_know_how_many_are_before_them():
    places = Places(2)
    assert [places.ask(name) for name in "abcd"] == [0, 0, 1, 2]
    assert [places.ask(name) for name in "dcba"] == [2, 1, 0, 0]
    places.leave("a")
    assert [places.ask(name) for name in "bcd"] == [0, 0, 1]
    assert places.ask("a") == 2
    assert len(places) == 4


def test_who_is_not_heard_of_loses_the_place(clock):
    places = Places(1)
    assert [places.ask(name) for name in "abc"] == [0, 1, 2]
    for _ in range(4):
        clock.now += PATIENCE_S / 2
        waiting = [places.ask(name) for name in "bc"]
    assert waiting == [0, 1]
    assert places.ask("a") == 2  # back again, at the end


@pytest.mark.usefixtures("clock")
def test_leaving_twice_does_no_harm():
    places = Places(1)
    places.ask("a")
    places.leave("a")
    places.leave("a")
    assert len(places) == 0


def test_no_more_have_a_place_than_there_are_with_many_threads_asking():
    places, lock = Places(3), threading.Lock()
    inside, most, served, errors = set(), [0], [], []
    start = threading.Barrier(12)

    def visit(name):
        try:
            start.wait(10)
            for turn in range(20):
                who = (name, turn)
                while places.ask(who):
                    pass
                with lock:
                    inside.add(who)
                    most[0] = max(most[0], len(inside))
                places.ask(who)
                with lock:
                    inside.discard(who)
                    served.append(who)
                places.leave(who)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=visit, args=(name,)) for name in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert sorted(served) == [(name, turn) for name in range(12) for turn in range(20)]
    assert 1 <= most[0] <= 3
    assert len(places) == 0


# ---- one sweep


def test_a_sweep_is_trained_to_its_end():
    sweeper = Sweeper(plan_of())
    table = train_all(sweeper)
    assert sweeper.results.is_complete
    assert (sweeper.share, sweeper.seconds_left) == (1.0, 0.0)
    for place in range(4):
        for run in range(2):
            record = list(train(sweeper.results.config(place, run)))[-1]
            assert table.loss[place, run] == pytest.approx(record.loss, rel=1e-4)
    assert not sweeper.slice()
    assert len(module.places) == 0


def test_a_slice_ends_with_its_time(monkeypatch):
    monkeypatch.setattr("rnn_core.sweep.grid.SLICE_S", 0.0)
    sweeper = Sweeper(plan_of())
    assert sweeper.slice(budget_s=0.0)
    assert sweeper.results.updates == 0  # one event: the untrained networks
    assert sweeper.results.table().middle("loss").tolist() == [0, -1, 0, -1]
    sweeper.slice(budget_s=0.0)
    assert sweeper.results.updates == 4
    assert 0 < sweeper.share < 1
    assert sweeper.seconds_left > 0


def test_what_was_trained_before_is_not_trained_again(monkeypatch):
    first = Sweeper(plan_of())
    table = train_all(first)
    monkeypatch.setattr(module, "run_here", fail)
    again = Sweeper(plan_of())
    assert not again.is_playing
    assert again.results.table().loss.tolist() == table.loss.tolist()
    with pytest.raises(ZeroDivisionError):
        Sweeper(plan_of(seeds=1)).slice()


def test_the_server_forgets_the_oldest_sweeps(monkeypatch):
    monkeypatch.setattr(module, "MAX_KEPT_NUMBERS", 2000)
    plans = [plan_of("seed:0:3:4", base=BASE.replace(hidden_size=size)) for size in (2, 3, 4)]
    for plan in plans:
        train_all(Sweeper(plan))
    assert [module.finished.get(plan) is None for plan in plans] == [True, False, False]


def test_a_stop_keeps_what_there_is_and_gives_the_place_back(monkeypatch):
    monkeypatch.setattr("rnn_core.sweep.grid.SLICE_S", 0.0)
    sweeper = Sweeper(plan_of())
    sweeper.slice(budget_s=0.0)
    assert len(module.places) == 1
    sweeper.stop()
    before = sweeper.results.updates
    assert not sweeper.slice()
    assert not sweeper.is_playing
    assert len(module.places) == 0
    sweeper.go_on()
    table = train_all(sweeper)
    assert sweeper.results.updates > before
    assert table.has_finished.all()


def test_an_error_in_a_slice_stops_the_sweep_and_locks_nobody_out(monkeypatch):
    sweeper = Sweeper(plan_of())
    with monkeypatch.context() as patch:
        patch.setattr("rnn_core.sweep.population.Population._measure", fail)
        for _ in range(20):  # more often than there are cores
            with pytest.raises(ZeroDivisionError):
                sweeper.slice()
            assert sweeper.is_done  # the page is told, and offers to go on
            assert len(module.places) == 0
            sweeper.go_on()
    assert train_all(sweeper).has_finished.all()


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        (plan_of("seed:0:31:32,hidden_size:1:32:32"), "too large for a shared server"),
        (plan_of("hidden_size:60:90:31,cell:rnn:lstm:gru", 5, Config(steps=2000)), "too large for a shared server"),
        (plan_of("bidirectional:false:true"), "bidirectional=true"),
        (plan_of("seed:0:31:32,hidden_size:1:32:32,cell:rnn:gru,optimizer:sgd:adam:adamw"), "at most 4096"),
    ],
)
def test_what_is_too_much_or_cannot_be_is_refused_at_once(plan, why):
    with pytest.raises(ConfigError, match=why):
        Sweeper(plan)
    assert len(module.places) == 0


def test_the_largest_sweep_is_as_large_as_it_says():
    assert Sweeper(plan_of("seed:0:31:32,hidden_size:1:16:16")).results.sweep.seconds < 60
    assert len(Sweeper(plan_of("seed:0:31:32,hidden_size:1:16:16")).results.sweep.configs) == MAX_SHARED_RUNS


def test_a_duel_is_trained_like_a_sweep():
    sweeper = Sweeper(Duel((BASE, BASE.replace(cell="gru")), 3))
    table = train_all(sweeper)
    assert table.values == (("A", "B"),)
    assert table.loss.shape == (2, 3)
    assert table.loss[1, 2] == pytest.approx(list(train(BASE.replace(cell="gru", seed=2)))[-1].loss, rel=1e-4)


# ---- many viewers


def test_two_are_trained_and_a_third_waits_until_one_is_done():
    sweepers = [Sweeper(plan_of(base=BASE.replace(seed=seed))) for seed in (10, 20, 30)]
    for sweeper in sweepers:
        sweeper.slice(budget_s=0.0)
    assert [sweeper.waiting for sweeper in sweepers] == [0, 0, 1]
    assert sweepers[2].results.updates == 0
    assert not sweepers[2].results.runs
    train_all(sweepers[0])
    sweepers[2].slice()
    assert sweepers[2].waiting == 0
    assert all(train_all(sweeper).has_finished.all() for sweeper in sweepers)


def test_a_closed_tab_frees_its_place(clock):
    gone, other, waiting = (Sweeper(plan_of(base=BASE.replace(seed=seed))) for seed in (10, 20, 30))
    for sweeper in (gone, other, waiting):
        sweeper.slice(budget_s=0.0)
    assert waiting.waiting == 1
    for _ in range(3):
        clock.now += PATIENCE_S / 2
        other.slice(budget_s=0.0)
        waiting.slice(budget_s=0.0)
    assert waiting.waiting == 0
    assert train_all(waiting).has_finished.all()


@pytest.mark.parametrize("seed", range(2))
def test_many_threads_share_the_places_and_every_sweep_is_what_it_would_be_alone(monkeypatch, seed):
    inside, most, overlaps, lock = set(), [0], [], threading.Lock()
    real = Sweeper._train

    def watched(sweeper, budget_s):
        with lock:
            overlaps.extend([sweeper] if sweeper in inside else [])
            inside.add(sweeper)
            most[0] = max(most[0], len(inside))
        try:
            real(sweeper, budget_s)
        finally:
            with lock:
                inside.discard(sweeper)

    monkeypatch.setattr(Sweeper, "_train", watched)
    plans = [plan_of("hidden_size:2:3:2", 2, BASE.replace(seed=100 * seed + 10 * n)) for n in range(5)]
    sweepers, errors, start = [Sweeper(plan) for plan in plans], [], threading.Barrier(10)

    def work(sweeper):
        try:
            start.wait(10)
            while sweeper.is_playing:
                sweeper.slice(budget_s=0.002)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(sweeper,)) for sweeper in sweepers * 2]  # two tabs' threads each
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert overlaps == []
    assert 1 <= most[0] <= 2
    assert len(module.places) == 0
    for sweeper in sweepers:
        table = sweeper.results.table()
        last = list(train(sweeper.results.config(1, 1)))[-1]
        assert table.loss[1, 1] == pytest.approx(last.loss, rel=1e-4)


# ---- a cluster


class AtOnce(Executor):
    """An executor that does what it is given while it is given, `most` times; then nobody can be reached any more."""

    def __init__(self, most=100):
        self.shards, self.most, self.is_closed = 0, most, False

    def submit(self, function, *args):
        assert function is train_plainly
        future = Future()
        if self.shards < self.most:
            self.shards += 1
            future.set_result(function(*args))
        return future

    def shutdown(self, wait=True, *, cancel_futures=False):  # noqa: ARG002
        self.is_closed = True


def unreachable():
    raise WorkersLostError(Sentence("scheduler={value} cannot be reached.", value="tcp://nowhere:1"))


@pytest.fixture
def cluster_of(monkeypatch):
    """Let a function open the executor of every cluster."""
    return lambda workers: monkeypatch.setattr(elsewhere, "cluster", lambda address: asked.append(address) or workers)


asked = []


def wait_until(is_so):
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_cluster_does_the_work_and_no_core_waits_for_it(monkeypatch, cluster_of):
    here = train_all(Sweeper(plan_of()))
    module.finished.forget()
    executor = AtOnce()
    cluster_of(lambda: executor)
    monkeypatch.setattr(module, "cores", threading.Semaphore(0))
    table = train_all(Sweeper(plan_of(), "tcp://somewhere:8786"))
    assert asked[-1] == "tcp://somewhere:8786"
    assert executor.shards == 2
    assert table.loss.tolist() == here.loss.tolist()
    assert module.finished.get(plan_of()) is not None


def test_while_a_cluster_is_asked_for_nobody_waits(cluster_of):
    answer = threading.Event()
    cluster_of(lambda: answer.wait(30) and AtOnce())
    sweeper, other = Sweeper(plan_of(), "tcp://slow:1"), Sweeper(plan_of(base=BASE.replace(seed=7)))
    for _ in range(3):
        assert sweeper.slice()
    assert train_all(other).has_finished.all()
    assert not sweeper.results.runs
    answer.set()
    assert train_all(sweeper).has_finished.all()
    assert sweeper.troubles == ()


def test_this_server_takes_over_where_no_cluster_answers(cluster_of):
    cluster_of(unreachable)
    sweeper = Sweeper(plan_of(), "tcp://nowhere:1")
    assert train_all(sweeper).has_finished.all()
    assert "tcp://nowhere:1" in str(sweeper.troubles[0])
    assert str(sweeper.troubles[1]) == "What is left, 8 of 8 networks, is trained here."


class Lost(AtOnce):
    """An executor that is lost with what it has not done."""

    def submit(self, function, *args):
        if self.shards == self.most:
            unreachable()
        return super().submit(function, *args)


def test_this_server_goes_on_where_a_cluster_is_lost(cluster_of):
    plan = plan_of("cell:rnn:gru:lstm")
    here = train_all(Sweeper(plan))
    module.finished.forget()
    cluster_of(lambda: Lost(1))
    sweeper = Sweeper(plan, "tcp://nowhere:1")
    assert train_all(sweeper).loss.tolist() == here.loss.tolist()
    assert str(sweeper.troubles[1]) == "What is left, 6 of 6 networks, is trained here."


def test_what_has_arrived_from_a_lost_cluster_is_not_trained_again(cluster_of):
    plan, executor = plan_of("cell:rnn:gru:lstm"), AtOnce(1)
    cluster_of(lambda: executor)
    sweeper = Sweeper(plan, "tcp://nowhere:1")
    wait_until(lambda: sweeper.slice() and sweeper.results.runs)
    arrived = dict(sweeper.results.runs)
    assert len(arrived) == 2
    sweeper.stop()
    wait_until(lambda: executor.is_closed)
    cluster_of(unreachable)
    sweeper.go_on()
    assert train_all(sweeper).has_finished.all()
    assert all(sweeper.results.runs[place] is run for place, run in arrived.items())
    assert str(sweeper.troubles[1]) == "What is left, 4 of 6 networks, is trained here."


def test_what_is_too_large_for_this_server_waits_for_a_cluster(cluster_of):
    cluster_of(unreachable)
    sweeper = Sweeper(plan_of("seed:0:31:32,hidden_size:1:32:32"), "tcp://nowhere:1")
    assert sweeper.is_playing
    for _ in range(2):
        wait_until(lambda: sweeper.slice() and not sweeper.is_playing)
        assert "tcp://nowhere:1" in str(sweeper.troubles[0])
        assert "too large for a shared server" in str(sweeper.troubles[1])
        assert not sweeper.results.runs
        sweeper.go_on()  # asks the cluster again, not this server


def test_a_closed_tab_takes_its_work_back_from_the_cluster(monkeypatch, cluster_of):
    executor = AtOnce(1)
    cluster_of(lambda: executor)
    sweeper = Sweeper(plan_of("cell:rnn:gru:lstm"), "tcp://somewhere:1")
    sweeper.slice()
    monkeypatch.setattr(elsewhere, "PATIENCE_S", 0.0)
    wait_until(lambda: executor.is_closed)
    monkeypatch.undo()


def test_an_error_of_ours_on_the_way_to_a_cluster_is_told(cluster_of):
    cluster_of(fail)
    sweeper = Sweeper(plan_of(), "tcp://somewhere:1")

    def slices():
        while True:
            sweeper.slice()

    with pytest.raises(ZeroDivisionError):
        slices()
    assert not sweeper.is_playing

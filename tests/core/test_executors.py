"""A sweep trained elsewhere gives the numbers of one trained here, also when workers are killed on the way."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings

from rnn_core import Config, ConfigError
from rnn_core.records import SweepCell, SweepProgress
from rnn_core.sweep.executors import MAX_LOSSES, Workers, cluster, processes, run_on, to_plain, train_plainly
from rnn_core.sweep.grid import grid, run_here
from tests.strategies import trainable_configs

ROOT = Path(__file__).parents[2]
needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is not installed; requirements-cluster.txt names it",
)


def sweep(steps=20, sizes=(3, 4, 5, 6)):
    return grid(Config(steps=steps), {"hidden_size": sizes, "seed": [0, 1, 2]})


def numbers(events):
    """Return everything of the finished cells, by place."""
    cells = {event.index: event for event in events if isinstance(event, SweepCell)}
    return {
        index: (cell.values, cell.step, cell.loss, cell.grad_norm, cell.prediction, cell.losses.tolist())
        for index, cell in sorted(cells.items())
    }


class Forgetful(Executor):
    """Runs what it is given, but breaks for good on call number `last`."""

    def __init__(self, last):
        self.left, self.broken = last, False

    def submit(self, fn, /, *args, **kwargs):
        if self.broken:
            raise BrokenExecutor
        self.left -= 1
        future = Future()
        if self.left <= 0:
            self.broken = True
            future.set_exception(BrokenExecutor())
        else:
            future.set_result(fn(*args, **kwargs))
        return future


@given(trainable_configs())
@settings(max_examples=60)
def test_a_config_travels_as_plain_json(config):
    assert Config(**json.loads(json.dumps(to_plain(config)))) == config


def test_what_comes_back_is_plain():
    plain = train_plainly([to_plain(Config(steps=3, seed=seed)) for seed in (0, 1)])
    assert json.loads(json.dumps(plain)) == plain


def test_any_executor_will_do():
    workers = Workers(lambda: ThreadPoolExecutor(2))
    assert numbers(run_on(workers, sweep())) == numbers(run_here(sweep()))


@pytest.mark.parametrize("last", [1, 2, 3])
def test_what_a_broken_executor_had_is_handed_out_again(last):
    opened = []

    def open_():
        opened.append(Forgetful(last if len(opened) < 2 else 100))
        return opened[-1]

    assert numbers(run_on(Workers(open_), sweep())) == numbers(run_here(sweep()))
    assert len(opened) > 1


def test_a_shard_that_loses_every_worker_is_given_up():
    opened = []
    with pytest.raises(BrokenExecutor):
        list(run_on(Workers(lambda: opened.append(0) or Forgetful(1)), sweep(sizes=(3,))))
    assert len(opened) == MAX_LOSSES + 1


def test_an_error_that_is_no_loss_is_told_at_once():
    class Failing(Executor):
        def submit(self, fn, /, *args, **kwargs):  # noqa: ARG002
            future = Future()
            future.set_exception(ZeroDivisionError())
            return future

    with pytest.raises(ZeroDivisionError):
        list(run_on(Workers(Failing), sweep()))


def test_a_killed_process_loses_nothing():
    pools, events, killed = [], [], False
    standard = processes(2)

    def open_():
        pools.append(standard.open())
        return pools[-1]

    for event in run_on(Workers(open_), long := sweep(steps=100, sizes=range(3, 11))):
        events.append(event)
        if isinstance(event, SweepCell) and not killed:
            os.kill(next(iter(pools[0]._processes)), signal.SIGKILL)
            killed = True
    assert len(pools) == 2
    assert any(isinstance(event, SweepProgress) and event.step is None for event in events)
    assert numbers(events) == numbers(run_here(long))


def test_a_stopped_sweep_hands_out_nothing_more():
    class Waiting(Executor):
        def __init__(self):
            self.futures = []

        def submit(self, fn, /, *args, **kwargs):  # noqa: ARG002
            self.futures.append(Future())
            return self.futures[-1]

        def shutdown(self, wait=True, *, cancel_futures=False):
            assert not wait
            assert cancel_futures
            for future in self.futures:
                future.cancel()

    executor = Waiting()
    events = run_on(Workers(lambda: executor), sweep())
    assert (next(events).finished, len(executor.futures)) == (0, 4)
    events.close()
    assert all(future.cancelled() for future in executor.futures)


def test_without_distributed_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"scheduler=tcp://a:1 .* requirements-cluster\.txt"):
        cluster("tcp://a:1")


@contextmanager
def running(*words):
    """Run a part of Dask in a process of its own, on the loopback only."""
    command = [sys.executable, "-m", *words, "--host", "127.0.0.1", "--no-dashboard"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def two_workers(folder):
    """Start a scheduler with two workers; yield its address and the workers."""
    told = folder / "scheduler.json"
    with ExitStack() as stack:
        words = ("distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(told))
        stack.enter_context(running(*words))
        while not (told.exists() and told.read_text()):
            time.sleep(0.05)
        address = json.loads(told.read_text())["address"]
        worker = ("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny")
        yield address, [stack.enter_context(running(*worker)) for _ in range(2)]


@needs_dask
def test_a_killed_cluster_worker_loses_nothing(tmp_path):
    words = [sys.executable, "-m", "rnn_core", "sweep", "--steps", "100", "--grid", "seed=0,1,2", "--json", "--grid"]
    words.append("hidden_size=" + ",".join(map(str, range(3, 23))))
    with two_workers(tmp_path) as (address, workers):
        elsewhere = subprocess.Popen([*words, "--scheduler", address], cwd=ROOT, stdout=subprocess.PIPE)
        with elsewhere as process:
            first = process.stdout.readline()
            workers[0].kill()
            lines = [first, *process.stdout]
    assert process.returncode == 0
    here = subprocess.run([*words, "--executor", "local"], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    assert lines == here.stdout.splitlines(keepends=True)
    assert len(lines) == 60


@needs_dask
def test_a_scheduler_that_does_not_answer_takes_one_line():
    words = [sys.executable, "-m", "rnn_core", "sweep", "--grid", "seed=0", "--json"]
    done = subprocess.run([*words, "--scheduler", "tcp://127.0.0.1:1"], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"python -m rnn_core: scheduler=tcp://127.0.0.1:1 cannot be reached")
    assert len(done.stderr.splitlines()) == 1

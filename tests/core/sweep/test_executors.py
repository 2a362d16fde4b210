"""A sweep trained elsewhere gives the numbers of one trained here, also when workers are killed on the way."""

import gc
import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings

from rnn_core import Config
from rnn_core.__main__ import main
from rnn_core.records.sweeps import SweepCell, SweepProgress
from rnn_core.sentence import Sentence
from rnn_core.sweep.cluster import cluster
from rnn_core.sweep.executors import MAX_LOSSES, WorkersLostError, processes, run_on, to_plain, train_plainly
from rnn_core.sweep.grid import grid, run_here
from tests.strategies import trainable_configs

ROOT = Path(__file__).parents[3]
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


class Halved(Executor):
    """Does half of what it is given and is gone with the rest."""

    def __init__(self, calls):
        self.calls, self.left = calls, calls

    def submit(self, fn, /, *args, **kwargs):
        if not self.left:
            raise BrokenExecutor
        future, self.left = Future(), self.left - 1
        if self.left >= self.calls / 2:
            future.set_result(fn(*args, **kwargs))
        else:
            future.set_exception(BrokenExecutor())
        return future


@given(trainable_configs())
@settings(max_examples=60)
def test_a_config_travels_as_plain_json(config):
    assert Config(**json.loads(json.dumps(to_plain(config)))) == config


def test_what_comes_back_is_plain():
    plain = train_plainly([to_plain(Config(steps=3, seed=seed)) for seed in (0, 1)])
    assert json.loads(json.dumps(plain)) == plain


def test_any_executor_will_do():
    assert numbers(run_on(lambda: ThreadPoolExecutor(2), sweep())) == numbers(run_here(sweep()))


@pytest.mark.parametrize("last", [1, 2, 3])
def test_what_a_broken_executor_had_is_handed_out_again(last):
    opened = []

    def open_():
        opened.append(Forgetful(last if len(opened) < 2 else 100))
        return opened[-1]

    assert numbers(run_on(open_, sweep())) == numbers(run_here(sweep()))
    assert len(opened) > 1


def test_a_shard_that_loses_every_worker_is_given_up():
    opened = []
    with pytest.raises(WorkersLostError, match="6 times in a row"):
        list(run_on(lambda: opened.append(0) or Forgetful(1), sweep(sizes=(3,))))
    assert len(opened) == MAX_LOSSES + 1


def test_an_error_that_is_no_loss_is_told_at_once():
    class Failing(Executor):
        def submit(self, fn, /, *args, **kwargs):  # noqa: ARG002
            future = Future()
            future.set_exception(ZeroDivisionError("by 0"))
            return future

    with pytest.raises(WorkersLostError, match="cannot train: ZeroDivisionError: by 0"):
        list(run_on(Failing, sweep()))


def test_a_killed_process_loses_nothing():
    pools, events, killed = [], [], False
    standard = processes(2)

    def open_():
        pools.append(standard())
        return pools[-1]

    for event in run_on(open_, long := sweep(steps=100, sizes=range(3, 9))):
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
    events = run_on(lambda: executor, sweep())
    assert (next(events).finished, len(executor.futures)) == (0, 4)
    events.close()
    assert all(future.cancelled() for future in executor.futures)


def test_workers_that_are_lost_on_the_way_take_nothing_with_them_that_has_come():
    def none_left():
        raise WorkersLostError(Sentence("gone"))

    starts, asked, events = iter([lambda: Halved(4), none_left]), sweep(), []

    def train():
        for event in run_on(lambda: next(starts)(), asked):
            events.append(event)  # noqa: PERF402

    with pytest.raises(WorkersLostError, match="gone"):
        train()
    come = numbers(events)
    assert len(come) == 6
    rest = asked.without(come)
    assert (rest.left, rest.seconds) == (6, pytest.approx(asked.seconds / 2, rel=0.5))
    assert come | numbers(run_here(rest)) == numbers(run_here(asked))


def test_a_shard_of_which_one_cell_is_missing_is_left():
    asked = sweep()
    assert asked.without(asked.shards[0][1:]) == asked
    assert asked.without([*asked.shards[0], asked.shards[1][0]]).shards == asked.shards[1:]


# ---- a cluster, with processes of its own


def test_without_distributed_a_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkersLostError, match=r"scheduler=tcp://a:1 .* requirements-cluster\.txt"):
        cluster("tcp://a:1")()


def start(*words, **how):
    command = [sys.executable, "-m", "rnn_core", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", **how)


def printed_here(capsys, *words):
    assert main(words) == 0
    return capsys.readouterr().out.splitlines(keepends=True)


class Page(BaseHTTPRequestHandler):
    """A web page that is served where a scheduler should be."""

    def log_message(self, *_):
        pass


@pytest.fixture
def strangers():
    """Two servers that are no schedulers: one accepts and stays silent, one speaks HTTP; yield their ports."""
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadingHTTPServer(("127.0.0.1", 0), Page) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield silent.getsockname()[1], web.server_port
        web.shutdown()


@needs_dask
def test_without_a_scheduler_a_sentence_says_so_and_the_sweep_is_trained_here(strangers, capsys):
    words = ("sweep", "--steps", "3", "--grid", "seed=0,1", "--json")
    here = printed_here(capsys, *words)
    silent, web = (f"tcp://127.0.0.1:{port}" for port in strangers)
    with start(*words, "--scheduler", silent) as process:  # one in a process of its own, the others in this one
        said = {silent: (process.wait(), process.stdout.read(), process.stderr.read())}
    for address in (web, "x://y"):
        said[address] = (main([*words, "--scheduler", address]), *capsys.readouterr())
    for address, (status, lines, told) in said.items():
        assert (status, lines.splitlines(keepends=True)) == (0, here)
        assert told.startswith(f"scheduler={address} cannot be used: ")
        assert told.endswith(" What is left, 2 of 2 networks, is trained here.\n")
        assert len(told.splitlines()) == 1


@needs_dask
def test_nobody_to_connect_to_leaves_no_thread_and_no_loop_behind(strangers, monkeypatch, capfd):
    monkeypatch.setattr("rnn_core.sweep.cluster.CONNECT_S", 0.3)
    silent, web = strangers
    before = set(threading.enumerate())
    for address, why in (
        (f"tcp://127.0.0.1:{silent}", "no Dask scheduler has answered there within 0.3 s"),
        (f"tcp://127.0.0.1:{web}", "no Dask scheduler has answered there"),
        (f"http://127.0.0.1:{web}", "an address looks like tcp://HOST:PORT"),
        ("tcp://", "an address looks like"),
        ("x://y", "an address looks like"),
        ("tcp://127.0.0.1:99999", "an address looks like"),
        ("127.0.0.1", "an address looks like"),
        ("tcp://127.0.0.1:1", "Connection refused"),
    ):
        with pytest.raises(WorkersLostError, match=re.escape(f"scheduler={address} cannot be")) as lost:
            cluster(address)()
        assert why in str(lost.value)
    for thread in set(threading.enumerate()) - before:
        thread.join(10)
        assert thread.name != "cluster" or not thread.is_alive()
    gc.collect()
    assert capfd.readouterr() == ("", "")


# ---- processes of this machine


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_processes_end_with_the_one_that_started_them_however_it_ends(ending):
    words = ("--steps", "2000", "--grid", "seed=0,1", "--grid", "hidden_size=2,20,40,60,80,100,120")
    with start("sweep", *words, "--executor", "processes", start_new_session=True) as process:
        us = psutil.Process(process.pid)
        while not (children := [child for child in us.children() if "spawn_main" in " ".join(child.cmdline())]):
            time.sleep(0.05)
        if ending == signal.SIGKILL:
            process.kill()
        else:
            os.killpg(process.pid, ending)  # as a terminal does
            (said,) = process.stderr.read().splitlines()
            assert process.wait() == 130
            assert said.startswith("python -m rnn_core: interrupted: 0 of 14 networks trained to the end")
        deadline = time.monotonic() + 60
        while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children):
            assert time.monotonic() < deadline
            time.sleep(0.05)

"""A Dask cluster whose processes are killed, as the command line and the app see it."""

import importlib.util
import json
import multiprocessing
import re
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from pages.ui.work.sweeper import Sweeper, finished
from rnn_core import Config
from rnn_core.__main__ import main
from rnn_core.sweep.plan import Plan, parse_axes
from tests import dask_part

ROOT = Path(__file__).parents[1]
needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is not installed; requirements-cluster.txt names it",
)
PROCESSES = multiprocessing.get_context("forkserver")  # Dask and torch take seconds to load: once for all of them
PROCESSES.set_forkserver_preload(dask_part.PRELOADED)


@contextmanager
def running(*words):
    """Run a part of Dask in a process of its own, on the loopback only."""
    module, *words = (*words, "--host", "127.0.0.1", "--no-dashboard")
    process = PROCESSES.Process(target=dask_part.run, args=(module, words), daemon=True)
    process.start()
    try:
        yield process
    finally:
        process.kill()
        process.join()


@contextmanager
def dask(folder, workers):
    """Start a scheduler and workers; yield its address, its process, and those of the workers."""
    told = folder / "scheduler.json"
    with ExitStack() as stack:
        words = ("distributed.cli.dask_scheduler", "--port", "0", "--scheduler-file", str(told))
        scheduler = stack.enter_context(running(*words))
        while not (told.exists() and told.read_text()):
            time.sleep(0.05)
        address = json.loads(told.read_text())["address"]
        worker = ("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny")
        yield address, scheduler, [stack.enter_context(running(*worker)) for _ in range(workers)]


def follow(sweeper, goes_on):
    """Ask for slices, as pages do: with rests, in which the cluster has the cores."""
    while goes_on():
        sweeper.slice()
        time.sleep(0.02)


def train_all(sweeper):
    follow(sweeper, lambda: sweeper.is_playing)
    return sweeper.results.table()


@needs_dask
def test_the_command_line_loses_nothing_with_a_worker_and_only_time_with_the_scheduler(tmp_path, capsys):
    words = ["sweep", "--steps", "200", "--grid", "seed=0,1", "--json", "--grid"]
    words.append("hidden_size=" + ",".join(map(str, range(3, 11))))
    assert main([*words, "--executor", "local"]) == 0
    here = capsys.readouterr().out.splitlines(keepends=True)
    with dask(tmp_path, workers=2) as (address, scheduler, workers):
        command = [sys.executable, "-m", "rnn_core", *words, "--scheduler", address]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
        with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
            lines = [process.stdout.readline()]
            workers[0].kill()
            lines += [process.stdout.readline() for _ in range(3)]  # in order: what it was at has been done again
            scheduler.kill()
            lines += process.stdout
            told = process.stderr.read()
    assert process.returncode == 0
    assert lines == here
    said = rf"scheduler={address} cannot be reached: .*\. What is left, \d+ of 16 networks, is trained here\.\n"
    assert re.fullmatch(said, told), told


@needs_dask
def test_the_app_goes_on_without_a_scheduler_that_was_killed_and_keeps_what_has_come(tmp_path):
    plan = Plan.of(Config(steps=200), parse_axes("hidden_size:3:10:8"), 2)
    finished.forget()
    here = train_all(Sweeper(plan))
    finished.forget()
    with dask(tmp_path, workers=1) as (address, scheduler, _):
        sweeper = Sweeper(plan, address)
        follow(sweeper, lambda: not sweeper.results.runs)
        arrived = dict(sweeper.results.runs)
        scheduler.kill()
        table = train_all(sweeper)
    finished.forget()
    assert table.loss.tolist() == here.loss.tolist()
    assert all(sweeper.results.runs[place] is run for place, run in arrived.items())
    assert str(sweeper.troubles[0]).startswith(f"scheduler={address} cannot be reached: ")
    left = re.fullmatch(r"What is left, (\d+) of 16 networks, is trained here\.", str(sweeper.troubles[1]))
    assert 0 < int(left[1]) < 16
    assert not {"cluster", "sweep elsewhere"} & {thread.name for thread in threading.enumerate()}

"""What is loaded for good is loaded early and looked through for garbage no more; what viewers leave still is."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from pages.ui.process import libraries

ROOT = Path(__file__).parents[3]
LATER = """
import gc, sys
from pages.ui.process import libraries
libraries.load()
loaded = set(sys.modules)
from rnn_core import Config, train
*_, last = train(Config(steps=3))
print(gc.get_freeze_count(), *set(sys.modules) - loaded, *{"pandas", "pyarrow"} & set(sys.modules))
"""
SIZES = """
import psutil
def resident():
    return psutil.Process().memory_info().rss
def learn(sizes):
    for size in sizes:
        list(train(Config(cell="lstm", hidden_size=size, steps=1)))
learn(range(4, 24))
before = resident()
learn(range(24, 84))
print(round((resident() - before) / 1e6))
"""
ORDERS = """
import threading
from rnn_core.analysis.calls import trace_call
found = set()
def call():
    found.add(trace_call(Config(cell="gru", num_layers=3)).tensors["h_n"].tobytes())
call()
thread = threading.Thread(target=call)
thread.start()
thread.join()
print(len(found))
"""


class Knot:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    is_frozen = gc.get_freeze_count() > 0
    yield
    gc.unfreeze()
    if is_frozen:
        gc.freeze()


def test_what_is_there_is_set_apart() -> None:
    gc.unfreeze()
    libraries.set_apart()
    assert gc.get_freeze_count() > 10_000


def test_what_is_left_behind_afterwards_is_still_found() -> None:
    libraries.set_apart()
    left = weakref.ref(Knot())
    gc.collect()
    assert left() is None


def test_what_was_left_behind_before_is_found_the_next_time() -> None:
    knot = Knot()
    libraries.set_apart()
    left = weakref.ref(knot)
    del knot
    gc.collect()
    assert left() is not None
    libraries.set_apart()
    assert left() is None


@pytest.fixture(scope="module")
def told() -> list[str]:
    """A line of each of the scripts, one after the other in a Python of its own, which takes seconds to load torch."""
    words = [sys.executable, "-c", LATER + ORDERS + SIZES]
    env = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.splitlines()


def test_whatever_training_takes_is_loaded_before_the_first_viewer(told: list[str]) -> None:
    apart, *came_later = told[0].split()
    assert int(apart) > 200_000
    assert came_later == []


def test_every_thread_adds_in_the_same_order(told: list[str]) -> None:
    assert told[1] == "1"


def test_networks_of_ever_other_sizes_leave_little_behind(told: list[str]) -> None:
    assert int(told[2]) < 14  # MB; nearly 30 if all were kept

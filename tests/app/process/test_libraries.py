"""What is loaded for good is loaded early and looked through for garbage no more; what viewers leave still is."""

from __future__ import annotations

import gc
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
import pages.ui.process.threads
from rnn_core import Config, train
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
import pages.ui.process.threads
import threading
from rnn_core.analysis.calls import trace_call
from rnn_core.config import Config
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
    yield
    gc.unfreeze()


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


def said_by(script: str) -> list[str]:
    """Return the words that a script says in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.split()


def test_whatever_training_takes_is_loaded_before_the_first_viewer() -> None:
    apart, *came_later = said_by(LATER)
    assert int(apart) > 200_000
    assert came_later == []


def test_every_thread_adds_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert said_by(ORDERS) == ["1"]


def test_networks_of_ever_other_sizes_leave_little_behind() -> None:
    assert int(said_by(SIZES)[0]) < 14  # MB; nearly 30 if all were kept

"""Whatever is pasted, the reader gets away with a sentence, and nothing outside it has changed."""

import concurrent.futures
import resource
import sys
import threading
import warnings

import numpy as np
import pytest
import torch

from bench import fuzz_reading
from rnn_core.reading import read_code
from tests.core.hostile_pastes import PASTES
from tests.core.pastes import RIGHT, WRONG

TOUCHES = (
    "open",
    "os.",
    "socket.",
    "subprocess.",
    "import",
    "exec",
    "compile",
    "shutil.",
    "ctypes.",
    "pty.",
    "tempfile.",
)
watched: list[str] = []
reading = threading.local()


def watch(event, _):
    if getattr(reading, "is_on", False) and event.startswith(TOUCHES):
        watched.append(event)


sys.addaudithook(watch)


def state():
    """Return what a paste must not change."""
    return (
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.get_num_threads(),
        torch.random.get_rng_state().sum().item(),
        np.random.get_state()[1].sum(),  # noqa: NPY002 - it is the shared one that must not change
        torch.are_deterministic_algorithms_enabled(),
        sys.getrecursionlimit(),
        (torch.nn.LSTM.forward, torch.nn.Module.__call__, torch.randn, torch.nn.functional.relu, torch.Tensor.add),
        len(torch.nn.modules.module._global_forward_hooks),
        [f for f in warnings.filters if f[0] == "error"],
    )


def test_there_are_many_hostile_pastes():
    assert len(set(PASTES)) >= 150


def read_watched(code):
    reading.is_on = True
    try:
        return read_code(code)
    finally:
        reading.is_on = False


@pytest.fixture(scope="module", autouse=True)
def _warm():
    """What torch loads when it is first used is no doing of a paste."""
    for code in (*RIGHT.values(), *PASTES):
        read_code(code)


def test_nothing_is_touched_and_nothing_is_changed():
    before, memory = state(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for code in PASTES:
        watched.clear()
        found = read_watched(code)
        assert [event for event in watched if event != "compile"] == [], code  # ast.parse compiles to a tree
        assert state() == before, code
        assert found.problem is None or str(found.problem)
        assert all(len(name.text) < 500 for name in found.names if name.shape is None)
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024 < 64


def test_what_would_get_out_is_not_understood_or_raises():
    for code in PASTES[:30]:
        assert {f.verdict for f in read_code(code).findings} & {"unknown", "raises"}, code


def test_eight_threads_read_the_same():
    codes = [*list(RIGHT.values())[::6], *list(WRONG.values())[::6], *PASTES[::9]]
    alone = [read_code(code) for code in codes]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        together = list(pool.map(read_code, codes * 2))
    assert together == alone * 2


def test_random_calls_of_what_is_on_the_list_are_bounded():
    """20,000 of them by `python -m bench.fuzz_reading`, in processes of their own; these are a few."""
    assert [line for number in range(300) for line in fuzz_reading.tried(7, number)] == []

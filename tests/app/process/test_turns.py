"""Scripts take turns: as many at a time as there are cores, and one that is stopped leaves its turn to the next."""

import threading

import pytest

from pages.ui import entry
from pages.ui.process import turns


def test_no_more_scripts_run_at_a_time_than_there_are_turns(monkeypatch):
    monkeypatch.setattr(turns, "scripts", threading.BoundedSemaphore(2))
    inside, most, lock = set(), [], threading.Lock()
    both = threading.Barrier(2)  # neither is done before another one is there too

    def draw():
        with lock:
            inside.add(threading.get_ident())
            most.append(len(inside))
        both.wait(10)
        with lock:
            inside.discard(threading.get_ident())

    monkeypatch.setattr(entry, "_draw", draw)
    viewers = [threading.Thread(target=entry.answer) for _ in range(8)]
    for viewer in viewers:
        viewer.start()
    for viewer in viewers:
        viewer.join(10)
    assert (len(most), max(most)) == (8, 2)


def test_a_script_that_is_stopped_leaves_its_turn(monkeypatch):
    monkeypatch.setattr(turns, "scripts", threading.BoundedSemaphore(1))
    monkeypatch.setattr(entry, "_draw", lambda: 1 / 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            entry.answer()
    assert turns.scripts.acquire(blocking=False)

"""What is loaded for good is looked through for garbage no more; what a viewer leaves behind still is."""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Iterator
from types import ModuleType

import pytest

from pages.ui import libraries


class Knot:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(libraries, "_known", 0)
    yield
    gc.unfreeze()


def test_what_is_loaded_is_set_apart_once() -> None:
    gc.unfreeze()
    libraries.set_apart()
    apart = gc.get_freeze_count()
    assert apart > 10_000
    more = [Knot() for _ in range(100)]
    libraries.set_apart()
    assert gc.get_freeze_count() <= apart
    del more


def test_libraries_that_come_later_are_set_apart_too(monkeypatch: pytest.MonkeyPatch) -> None:
    libraries.set_apart()
    before = gc.get_freeze_count()
    kept = [Knot() for _ in range(100)]
    for i in range(libraries.WAVE):
        monkeypatch.setitem(sys.modules, f"came_later_{i}", ModuleType(f"came_later_{i}"))
    libraries.set_apart()
    assert gc.get_freeze_count() >= before + len(kept)


def test_what_is_left_behind_afterwards_is_still_found() -> None:
    libraries.set_apart()
    left = weakref.ref(Knot())
    gc.collect()
    assert left() is None

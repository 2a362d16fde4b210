"""Seats: by what a tab proves that work which goes on is its session's own. No streamlit here."""

from __future__ import annotations

import secrets
import threading
import weakref
from collections.abc import Mapping
from typing import Protocol


class Work(Protocol):
    """What goes on in slices while a tab shows it: a place in a run, a sweep, a comparison."""

    @property
    def is_playing(self) -> bool:
        """Whether another slice is wanted."""

    @property
    def is_done(self) -> bool:
        """Whether it has ended of itself: the page does not know yet."""

    @property
    def mark(self) -> object:
        """What it has come to: another as soon as there is something new to show."""

    @property
    def cursors(self) -> Mapping[str, float]:
        """Where sliders stand that show how far it is, by their names."""

    @property
    def gap_s(self) -> float:
        """Seconds until another slice is worth asking for."""

    def slice(self, budget_s: float = ...) -> int:
        """Go on for a while; return whether, or how far."""


_lock = threading.Lock()
_works: weakref.WeakValueDictionary[str, Work] = weakref.WeakValueDictionary()
_seats: weakref.WeakKeyDictionary[Work, str] = weakref.WeakKeyDictionary()


def seat_of(work: Work) -> str:
    """Return the word that gives a tab a session's work; nobody can guess it, and it ends with the work."""
    with _lock:
        if work not in _seats:
            _seats[work] = secrets.token_urlsafe(16)
            _works[_seats[work]] = work
        return _seats[work]


def find(seat: str) -> Work | None:
    """Return the work of a seat, if there is one."""
    with _lock:
        return _works.get(seat)

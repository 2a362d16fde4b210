"""Seats: by what a tab proves that a place in a run is its session's own. No streamlit here."""

from __future__ import annotations

import secrets
import threading
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pages.ui.work.engine import Engine


_lock = threading.Lock()
_engines: weakref.WeakValueDictionary[str, Engine] = weakref.WeakValueDictionary()
_seats: weakref.WeakKeyDictionary[Engine, str] = weakref.WeakKeyDictionary()


def seat_of(engine: Engine) -> str:
    """Return the word that gives a tab a session's place; nobody can guess it, and it ends with the place."""
    with _lock:
        if engine not in _seats:
            _seats[engine] = secrets.token_urlsafe(16)
            _engines[_seats[engine]] = engine
        return _seats[engine]


def find(seat: str) -> Engine | None:
    """Return the place of a seat, if there is one."""
    with _lock:
        return _engines.get(seat)

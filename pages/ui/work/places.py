"""A limited number of places for work that takes long, given out in the order of asking. No streamlit here.

Nobody tells a server that a tab was closed. So whoever has a place, or waits for one, has to ask again and again; who
is not heard of for some seconds is forgotten, and the next in line moves up.
"""

from __future__ import annotations

import threading
import time

PATIENCE_S = 8.0  # a browser asks twice a second, one that loads the page or sleeps in the background seldom


class Places:
    """A queue whose first few have a place.

    Args:
        count: how many have a place at a time.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._lock = threading.Lock()
        self._heard: dict[object, float] = {}  # in the order of asking

    def ask(self, who: object) -> int:
        """Say that somebody is still here; return how many are waiting or working before it can begin, 0 if it may."""
        now = time.monotonic()
        with self._lock:
            self._heard[who] = now  # a key that is there keeps its turn
            self._heard = {other: heard for other, heard in self._heard.items() if now - heard <= PATIENCE_S}
            return max(0, list(self._heard).index(who) - self.count + 1)

    def leave(self, who: object) -> None:
        """Give a place, or a turn, back."""
        with self._lock:
            self._heard.pop(who, None)

    def __len__(self) -> int:
        """How many have a place or wait for one, as far as is known."""
        with self._lock:
            return len(self._heard)

"""What viewers leave behind, taken away by a clock.

Streamlit drops a session whose viewer has gone only when another viewer goes. What a session was made of holds itself
in circles, which Python finds only now and then, and the C library keeps what was freed in case it is wanted again.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import time
from collections.abc import Callable
from typing import Any

from streamlit import runtime

from pages.ui.process import libraries

TURN_S = 5.0
PATIENCE_S = 5.0  # that a turn waits for a quiet moment
LOOK_S = 0.1  # how long a moment is
QUIET = 0.2  # share of a core that the process takes in it
ARENAS = 1  # every script has a thread of its own, and each thread would get, and keep, a heap of its own
LARGE = 384 * 1024  # bytes: such blocks come from the system and go back to it at once; weights stay below
shared: list[Callable[[], None]] = []  # each forgets something that viewers share; what keeps it says so here
_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # in glibc's malloc.h


async def keep_tidy() -> None:
    """Load the libraries, and from then on tidy up behind the viewers, in moments when nobody computes."""
    await asyncio.to_thread(libraries.load)
    is_tidy = True
    while True:
        await asyncio.sleep(TURN_S)
        is_anybody_there = drop_expired() > 0
        if is_anybody_there:
            await _quiet_moment()
        if is_anybody_there or not is_tidy:
            if not is_anybody_there:
                forget_shared()
            await asyncio.to_thread(gc.collect if is_anybody_there else libraries.set_apart)
            await asyncio.to_thread(trim)
        is_tidy = not is_anybody_there


def forget_shared() -> None:
    """Forget what viewers have shared, once all of them have gone."""
    for forget in shared:
        forget()


def drop_expired() -> int:
    """Drop the sessions that nobody can come back to any more; return how many are left.

    This reaches into Streamlit's insides, which have no other way, and must be called in its event loop.
    """
    manager: Any = runtime.get_instance()._session_mgr
    stored = manager._session_storage._cache
    for _, info in stored.expire():
        info.session.shutdown()
        info.session._session_state = info.session._fragment_storage = None  # that loop still holds the last session
    return len(manager.list_sessions())


def keep_memory_together() -> None:
    """Let the C library keep one heap, without large blocks, if it can be told; before there are threads."""
    if _glibc is not None:
        _glibc.mallopt(_ARENA_MAX, ARENAS)
        _glibc.mallopt(_MMAP_THRESHOLD, LARGE)


def trim() -> None:
    """Give memory that was freed back to the system, where the C library can."""
    if _glibc is not None:
        _glibc.malloc_trim(0)


async def _quiet_moment() -> None:
    """Wait until nothing is computed, though not for ever."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        spent = time.process_time()
        await asyncio.sleep(LOOK_S)
        if time.process_time() - spent < QUIET * LOOK_S:
            return


def _find_glibc() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(None)
        return library if hasattr(library, "malloc_trim") and hasattr(library, "mallopt") else None
    except (OSError, TypeError):  # TypeError: on Windows there is no library without a name
        return None


_glibc = _find_glibc()

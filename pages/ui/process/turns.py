"""Whose script runs: as many at a time as there are cores, whoever has waited longest first.

Python runs one thread at a time. A script hands over at each of its messages, as torch does at each operation, and has
then to wait for all others that want to go on: a hundred scripts at once take several times as long as one after the
other, and everybody waits to the end of all of them.
"""

from __future__ import annotations

import os
import sys
import threading

SWITCH_S = 0.0005  # Python's own is ten times that; for so long what only passes something on waits for what computes
scripts = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))


def keep_short() -> None:
    """Let threads that compute hand over soon."""
    sys.setswitchinterval(SWITCH_S)

"""What a process of a sweep begins with. No torch here: it has to be at work while torch is still being imported."""

from __future__ import annotations

import os
import threading
from multiprocessing.connection import Connection

from rnn_core import eager


def begin(parent: Connection) -> None:
    """Do without torch's compiler, and end this process as soon as nobody holds the other end of a pipe."""

    def watch() -> None:
        try:
            parent.poll(None)  # nothing is ever sent: this waits until the other end is closed
        finally:
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    eager.leave_compiler_out()

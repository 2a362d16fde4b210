"""A sweep that a cluster trains, followed by a thread of its own, so that no page and no core waits for a network.

No streamlit here.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing
from queue import Empty, SimpleQueue

from pages.ui.work.places import PATIENCE_S
from rnn_core.records.sweeps import SweepCell
from rnn_core.sentence import Sentence
from rnn_core.sweep.cluster import cluster
from rnn_core.sweep.executors import WorkersLostError, run_on
from rnn_core.sweep.grid import Sweep


class Elsewhere:
    """Brings the runs of a sweep from a cluster, until nobody has asked for them for some seconds.

    Args:
        address: of the cluster's scheduler.
        sweep: what to train.

    Attributes:
        begun: when it was asked for.
        has_ended: whether nothing more will come.
        lost: why the cluster cannot be used, or not any more.
        error: what went wrong otherwise.
    """

    def __init__(self, address: str, sweep: Sweep) -> None:
        self._arrived: SimpleQueue[SweepCell] = SimpleQueue()
        self.begun = self._asked = time.monotonic()
        self._is_stopped = False
        self.has_ended = False
        self.lost: Sentence | None = None
        self.error: Exception | None = None
        threading.Thread(target=self._follow, args=(address, sweep), daemon=True, name="sweep elsewhere").start()

    def take(self) -> list[SweepCell]:
        """Return the runs that have arrived since."""
        self._asked = time.monotonic()
        cells = []
        try:
            while True:
                cells.append(self._arrived.get_nowait())
        except Empty:
            return cells

    def stop(self) -> None:
        """Bring nothing more, and take back what the cluster has not done."""
        self._is_stopped = True

    def _follow(self, address: str, sweep: Sweep) -> None:
        try:
            with closing(run_on(cluster(address), sweep)) as events:
                for event in events:
                    if isinstance(event, SweepCell):
                        self._arrived.put(event)
                    if self._is_stopped or time.monotonic() - self._asked > PATIENCE_S:
                        break
        except WorkersLostError as error:
            self.lost = error.sentence
        except Exception as error:  # told by the page that asks next
            self.error = error
        finally:
            self.has_ended = True

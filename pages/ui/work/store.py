"""The runs of the process: whoever asks for the same config looks at the same run, and it is trained once.

A run is advanced in slices by whichever viewer needs it further, one thread at a time; the others read what is there.
What a viewer sees of it, and how fast, is the business of an `Engine`. No streamlit here.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pages.ui.process.threads  # noqa: F401
from pages.ui.process import upkeep
from rnn_core.config import Config
from rnn_core.records.runs import Dataset
from rnn_core.training.experiment import Experiment
from rnn_core.training.history import Moment, Run

# What may be held. A run by itself keeps at most `history.MAX_KEPT_BYTES` of moments; most need far less for all.
MAX_RECENT_BYTES = 72_000_000  # of the runs that were asked for last: those of 64 sizes of the lesson's network
MAX_BYTES = 120_000_000  # with all that somebody looks at: beyond it the largest forget every other moment

# However many viewers train at once, only as many slices run at a time as there are cores.
cores = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))

Begun = tuple[Run, list[float]]  # a run and the seconds that it had taken at each of its steps


class SharedRun:
    """A run that several viewers look at. Reading needs no lock; advancing needs a turn.

    Args:
        owner: the store that it belongs to.
        begin: makes the run when it is first needed.

    Attributes:
        run: advanced, forked and asked for its newest weights by who holds the lock.
        lock: nothing under it touches the screen.
        seconds: of computing that the run had taken, by step.
    """

    def __init__(self, owner: Store, begin: Callable[[], Begun]) -> None:
        self.lock = threading.Lock()
        self.run: Run
        self.seconds: list[float] = []
        self._owner = owner
        self._begin: Callable[[], Begun] | None = begin

    def build(self) -> SharedRun:
        """Make the run unless it is there; who asks meanwhile waits.

        Raises:
            ConfigError: if the config cannot be trained or costs too much.
        """
        if self._begin is not None:
            with self.lock:
                if self._begin is not None:
                    self.run, self.seconds = self._begin()
                    self._begin = None
        return self

    @property
    def is_built(self) -> bool:
        """Whether the run is there."""
        return self._begin is None

    @property
    def config(self) -> Config:
        """What reproduces the run, changes made on the way included."""
        return self.run.config

    @property
    def dataset(self) -> Dataset:
        """What it is trained on."""
        return self.run.dataset

    @property
    def step(self) -> int:
        """Updates made so far, by whomever."""
        return self.run.step

    @property
    def nbytes(self) -> int:
        """Memory that it holds, roughly."""
        return self.run.nbytes if self.is_built else 0

    @contextmanager
    def turn(self, wait_s: float) -> Iterator[bool]:
        """Take the run and a core to advance it; False if they were not to be had within that time."""
        end = time.monotonic() + wait_s
        if not self.lock.acquire(timeout=max(0.0, wait_s)):
            yield False
            return
        try:
            has_core = cores.acquire(timeout=max(0.0, end - time.monotonic()))
            try:
                yield has_core
            finally:
                if has_core:
                    cores.release()
        finally:
            self.lock.release()

    def advance(self) -> bool:
        """Make one update, within a turn; False if the run is over."""
        begin = time.monotonic()
        is_made = self.run.advance()
        if self.step == len(self.seconds):  # not an update that a fork repeats
            self.seconds.append(self.seconds[-1] + time.monotonic() - begin)
        if is_made and self.run.trainer.step > 0:
            self._owner.count_update()
        return is_made

    def forked(self, config: Config, moment: Moment) -> Begun:
        """Return a run that shares what this one has been up to a moment, and goes on by a config of its own."""
        with self.lock:
            return self.run.fork(config, moment), self.seconds[: moment.record.step + 1]

    def begun_for(self, config: Config) -> Begun | None:
        """Return a run that differs in `steps` alone, with as much of this one as it has; None if that is nothing."""
        with self.lock:
            step = min(self.step, config.steps)
            moment = self.run.at(step)
            is_exact = moment.record.step == step > 0
            return (self.run.fork(config, moment), self.seconds[: step + 1]) if is_exact else None

    def thin_out(self) -> int:
        """Forget every other moment unless somebody has the turn or there are few; return how many bytes that freed."""
        if not self.is_built or len(self.run.moments) <= 2 or not self.lock.acquire(blocking=False):
            return 0
        try:
            before = self.nbytes
            self.run.thin_out()
            return before - self.nbytes
        finally:
            self.lock.release()


class Store:
    """All runs that somebody looks at, and the newest of those that nobody does any more.

    Attributes:
        updates: made since the process began, each of them once however many look at it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: weakref.WeakValueDictionary[Config, SharedRun] = weakref.WeakValueDictionary()
        self._kept: OrderedDict[Config, SharedRun] = OrderedDict()  # what would go if nobody looked at it
        self._alive: weakref.WeakSet[SharedRun] = weakref.WeakSet()  # those that stand apart too
        self.updates = 0

    def open(self, config: Config | Experiment) -> SharedRun:
        """Return the run of a config, begun if nobody has asked for it; as much of it as is known is not made again.

        Raises:
            ConfigError: if the config cannot be trained or costs too much.
        """
        experiment = Experiment.trainable(config)
        return self._get(experiment.config, lambda: self._begin(experiment))

    def known(self, config: Config) -> SharedRun | None:
        """Return the run of a config if somebody has begun it and it is not forgotten."""
        with self._lock:
            found = self._known.get(config)
        return found if found and found.is_built else None

    def fork(self, shared: SharedRun, moment: Moment, config: Config) -> SharedRun:
        """Return the run that goes on from a moment of another one by a config of its own; that one stays as it is.

        Args:
            shared: the other one.
            moment: of it, at which they part.
            config: the other's with other `steps`, or with a change at the moment, as `Config.changed` gives it.
        """

        def begin() -> Begun:
            return shared.forked(config, moment)

        found = self._get(config, begin)
        if found.step < moment.record.step:  # somebody else has only begun with it
            with self._lock:
                self._known.pop(config, None)
            found = self._get(config, begin)
        return found

    def apart(self, shared: SharedRun, moment: Moment) -> SharedRun:
        """Return a run that goes on from a moment by the same config, for a viewer who sees every step of it."""
        fresh = SharedRun(self, lambda: shared.forked(shared.config, moment)).build()
        with self._lock:
            self._alive.add(fresh)
        return fresh

    def count_update(self) -> None:
        """Count an update that was made."""
        with self._lock:
            self.updates += 1

    def make_room(self) -> None:
        """Forget what is too much: runs that nobody looks at, then every other moment of the largest."""
        with self._lock:
            while sum(run.nbytes for run in self._kept.values()) > MAX_RECENT_BYTES and len(self._kept) > 1:
                self._kept.popitem(last=False)
            excess = self._held() - MAX_BYTES
            for run in sorted(self._alive, key=lambda run: run.nbytes, reverse=True) if excess > 0 else ():
                if excess > 0:
                    excess -= run.thin_out()

    @property
    def nbytes(self) -> int:
        """Memory that all runs hold together, roughly."""
        with self._lock:
            return self._held()

    def forget(self) -> None:
        """Forget all runs; who looks at one keeps it for himself."""
        with self._lock:
            self._known.clear()
            self._kept.clear()

    def _held(self) -> int:
        return sum(run.nbytes for run in self._alive)

    def _get(self, config: Config, begin: Callable[[], Begun]) -> SharedRun:
        with self._lock:
            found = self._known.get(config)
            if found is None:
                found = self._known[config] = SharedRun(self, begin)
                self._alive.add(found)
            self._kept[config] = found
            self._kept.move_to_end(config)
        try:
            found.build()
        except BaseException:
            with self._lock:
                if self._kept.get(config) is found:
                    del self._kept[config]
                if self._known.get(config) is found:
                    del self._known[config]
            raise
        self.make_room()
        return found

    def _begin(self, experiment: Experiment) -> Begun:
        """Begin a run, with what another one of other `steps` has been, where there is such a one."""
        config = experiment.config
        with self._lock:
            others = [run for run in self._known.values() if run.is_built and _differ_in_steps(run.config, config)]
        for other in sorted(others, key=lambda run: min(run.step, config.steps), reverse=True):
            if begun := other.begun_for(config):
                return begun
        return Run(experiment), [0.0]


def _differ_in_steps(one: Config, other: Config) -> bool:
    return one.model_copy(update={"steps": other.steps}) == other


store = Store()
upkeep.shared.append(store.forget)

"""A sweep of a session: trained in slices, one slice at a time, when it is its turn. No streamlit here.

As with `engine`, a slice runs in whatever script thread asks for it, under a plain lock.
"""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

import pages.ui.process.threads  # noqa: F401
from pages.ui.work.elsewhere import Elsewhere
from pages.ui.work.engine import SLICE_S
from pages.ui.work.places import Places
from pages.ui.work.store import cores
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.sweep.executors import trained_here
from rnn_core.sweep.grid import Event, Sweep, run_here
from rnn_core.sweep.plan import Duel, Plan
from rnn_core.sweep.results import Results
from rnn_core.training.budget import check_shared

MAX_AT_ONCE = 2  # sweeps of this server that are trained in turns; the others wait
REST_S = 0.05  # between two slices, for everybody else
WAIT_S = 0.25  # between two questions for a turn
MOST_GAP_S = 1.0  # between two slices that counts as a part of the work: after longer ones it was not asked for
MAX_KEPT_NUMBERS = 4_000_000  # losses of finished sweeps that the server remembers: 16 MB

places = Places(MAX_AT_ONCE)


class Turns(ABC):
    """Long work that is done in slices, when it is its turn.

    Attributes:
        still: held while a slice changes what there is, and by who reads it; nothing under it touches the screen.
        waiting: how much of other viewers' work comes before this; 0 once it has its turn.
        is_stopped: whether the viewer has had enough.
        busy_s: seconds of work so far.
    """

    cursors: ClassVar[Mapping[str, float]] = MappingProxyType({})  # no slider shows how far it is

    def __init__(self) -> None:
        self.still = threading.Lock()
        self._last_slice = self._took_s = 0.0
        self.waiting, self.is_stopped = 0, False
        self.busy_s = 0.0

    @property
    @abstractmethod
    def is_playing(self) -> bool:
        """Whether more slices are wanted."""

    @property
    @abstractmethod
    def share(self) -> float:
        """How much is done, 0 to 1."""

    @abstractmethod
    def _train(self, budget_s: float) -> None:
        """Do the work of a slice."""

    def _spend(self, budget_s: float, advance: Callable[[], bool]) -> None:
        """Advance until there is no more to do, the time is spent, or the viewer has had enough."""
        begin = time.monotonic()
        while advance() and not self.is_stopped and time.monotonic() - begin < budget_s:
            pass
        self.busy_s += time.monotonic() - begin

    @property
    def is_done(self) -> bool:
        """Whether it goes on no more; that it was stopped, by whatever, is worth telling too."""
        return not self.is_playing

    @property
    def mark(self) -> object:
        """What it has come to: another as soon as there is something new to show."""
        return self.busy_s, self.share, self.waiting

    @property
    def gap_s(self) -> float:
        """Seconds in which the server looks after everybody else, between two slices or two questions for a turn."""
        return WAIT_S if self.waiting else REST_S

    @property
    def seconds_left(self) -> float:
        """How long it will take from here at its present pace, idle gaps included; 0 while that is not known."""
        share = self.share
        return self._took_s / share * (1 - share) if share > 0 else 0.0

    def stop(self) -> None:
        """Keep what there is and give the place to somebody else."""
        self.is_stopped = True
        places.leave(self)

    def go_on(self) -> None:
        """Go on after a stop."""
        self.is_stopped = False

    def slice(self, budget_s: float = SLICE_S) -> bool:
        """Work for a fraction of a second if it is this one's turn; return whether it did.

        Asking is what keeps the turn: work that nobody asks for loses it.
        """
        if not self.is_playing:
            return False
        self.waiting = places.ask(self)
        try:
            return not self.waiting and self._take_turn(budget_s)
        finally:
            if not self.is_playing:  # done, stopped, or failed
                places.leave(self)

    def _take_turn(self, budget_s: float) -> bool:
        begin = time.monotonic()
        if not self.still.acquire(blocking=False):
            return False
        try:
            return self._work(budget_s)
        finally:
            gap_s = min(begin - self._last_slice, MOST_GAP_S) if self._last_slice else 0.0
            self._last_slice = time.monotonic()
            self._took_s += self._last_slice - begin + gap_s
            self.still.release()

    def _work(self, budget_s: float) -> bool:
        """Train while a core is ours; return whether one was to be had."""
        if not cores.acquire(timeout=budget_s):
            return False
        try:
            if self.is_playing:  # another thread may have come to the end meanwhile
                self._train(budget_s)
        finally:
            cores.release()
        return True


class Sweeper(Turns):
    """Trains a plan, unless this server has trained it before.

    Args:
        plan: what to train.
        scheduler: address of a Dask cluster that does the work, if there is one.

    Attributes:
        results: what has come out.
        called: what the session calls the two of a duel.
        troubles: why the cluster could not be used, or not to the end, and what follows from it.

    Raises:
        ConfigError: if a run cannot be trained, or the sweep is too large for a shared server.
    """

    def __init__(self, plan: Plan | Duel, scheduler: str | None = None) -> None:
        super().__init__()
        self.plan = plan
        self.called = ("A", "B")
        self._events: Iterator[Event] | None = None
        self._scheduler = scheduler
        self._elsewhere: Elsewhere | None = None
        self.troubles: tuple[Sentence, ...] = ()
        known = finished.get(plan)
        self.results = known or Results(plan, plan.sweep())
        if known is None and scheduler is None:
            check_shared(self.results.sweep.left, self.results.sweep.seconds)

    @property
    def is_playing(self) -> bool:
        """Whether more slices are wanted."""
        return not (self.is_stopped or self.results.is_complete)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1, by updates made."""
        configs = self.results.sweep.configs
        return self.results.updates / sum(config.steps for config in configs)

    @property
    def seconds_left(self) -> float:
        """How long it will take from here at its present pace; 0 while that is not known."""
        if self._elsewhere is None or not self.share:
            return super().seconds_left
        return (time.monotonic() - self._elsewhere.begun) / self.share * (1 - self.share)

    def stop(self) -> None:
        """Keep what there is and give the place to somebody else."""
        super().stop()
        if self._elsewhere is not None:
            self._elsewhere.stop()

    def _work(self, budget_s: float) -> bool:
        """Train, or take what a cluster has trained, for which no core is needed."""
        if self._scheduler is None:
            return super()._work(budget_s)
        self._follow(self._scheduler)
        return True

    def _train(self, budget_s: float) -> None:
        begin = time.monotonic()
        try:
            if self._events is None:
                self._events = run_here(self._rest())
            for event in self._events:
                self.results.take(event)
                if time.monotonic() - begin >= budget_s or self.is_stopped:
                    break
        except Exception:
            self.is_stopped, self._events = True, None
            raise
        self.busy_s += time.monotonic() - begin
        self._keep()

    def _follow(self, scheduler: str) -> None:
        """Take what a cluster has trained; ask it for the rest if nobody does, and train here if it is lost."""
        if self._elsewhere is None:
            self._elsewhere = Elsewhere(scheduler, self._rest())
        has_ended = self._elsewhere.has_ended  # asked first: what arrives at the end is taken too
        for cell in self._elsewhere.take():
            self.results.take(cell)
        self._keep()
        if has_ended:
            ended, self._elsewhere = self._elsewhere, None
            if ended.error is not None:
                self.is_stopped = True
                raise ended.error
            if ended.lost is not None:
                self._fall_back(ended.lost)

    def _rest(self) -> Sweep:
        return self.results.sweep.without(self.results.runs)

    def _keep(self) -> None:
        if self.results.is_complete:
            self._events = None
            finished.keep(self.results)

    def _fall_back(self, why: Sentence) -> None:
        """Train the rest here after all, as far as that is allowed here; else the cluster is asked again on a wish."""
        rest = self._rest()
        try:
            check_shared(rest.left, rest.seconds)
        except ConfigError as error:
            self.troubles, self.is_stopped = (why, error.sentence), True
        else:
            self.troubles, self._scheduler = (why, trained_here(rest)), None


class Finished:
    """What this server has trained before, for all viewers: the newest sweeps, as many as memory allows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, Results] = OrderedDict()

    def get(self, plan: Plan | Duel) -> Results | None:
        """Return the results of a plan, if it has been trained."""
        with self._lock:
            results = self._kept.get(plan.key)
            if results is not None:
                self._kept.move_to_end(plan.key)
            return results

    def keep(self, results: Results) -> None:
        """Remember results that are complete, and forget the oldest where there are too many numbers."""
        with self._lock:
            self._kept[results.plan.key] = results
            while sum(map(_numbers, self._kept.values())) > MAX_KEPT_NUMBERS and len(self._kept) > 1:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


def _numbers(results: Results) -> int:
    return sum(len(run.losses) + 200 for run in results.runs.values())  # and what else a run takes


finished = Finished()

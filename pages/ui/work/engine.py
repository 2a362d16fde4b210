"""The training run of a session: played in slices, paused at once, never two slices at a time. No streamlit here.

A slice runs in whatever script thread asks for it. The lock is a plain one and nothing inside it touches the screen,
because Streamlit may stop a script thread at any of its own calls.
"""

from __future__ import annotations

import math
import os
import threading
import time
from dataclasses import dataclass
from typing import Literal

import pages.ui.process.threads  # noqa: F401
from rnn_core.config import MAX_CHANGES, Change, Config
from rnn_core.training.history import Run

SLICE_S = 0.2
GAP_S = 0.12  # between two slices the server looks after everybody else
FINISH_S = 0.6  # a run that needs no longer is finished at once where a page would be drawn again for its end
SPEEDS = (1.0, 5.0, 20.0, 100.0, math.inf)  # updates a second

# However many viewers train at once, only as many slices run at a time as there are cores.
cores = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))

Outcome = Literal["unchanged", "continued", "extended", "restarted"]


@dataclass(frozen=True)
class Outlook:
    """What adopting a config did to the run, and because of which fields."""

    outcome: Outcome
    fields: tuple[str, ...] = ()
    step: int = 0


class Engine:
    """Plays, pauses and restarts one run.

    Attributes:
        run: the run, with its history.
        is_playing: whether the next slice will go on.
        speed: updates a second; infinite for as fast as the machine allows.
        goal: step at which to pause: where the link says, or the last one.
        stop_step: step at which the viewer wants it paused; 0 never does.
        loss_goal: loss in nats below which to pause; 0 never does.
        busy_s: seconds of computing that the run has taken so far.
        pinned: the step that the screen shows once the run is still; None for the newest.
    """

    def __init__(self, config: Config) -> None:
        self._lock = threading.Lock()
        self._wanted = 0  # a slice in progress gives up when this changes
        self._credit = 0.0
        self._last_slice = 0.0
        self.asked = config
        self.run = Run(config)
        self.is_playing = True
        self.pinned: int | None = None
        self.speed = math.inf
        self.goal = config.steps
        self.stop_step = 0
        self.loss_goal = 0.0
        self.rate = 0.0
        self.busy_s = 0.0
        self.outlook = Outlook("unchanged")

    def play(self) -> None:
        """Go on from the present step."""
        self.goal, self.pinned = self.run.config.steps, None
        self.is_playing = not self.run.is_over
        self._credit, self._last_slice = 1.0, 0.0

    def pause(self) -> None:
        """Stop within one update."""
        self.is_playing = False
        self._wanted += 1

    def step_once(self) -> None:
        """Make a single update."""
        self.pause()
        with self._lock:
            begin = time.monotonic()
            self.run.advance()
            self.busy_s += time.monotonic() - begin
        self.pinned = None

    def restart(self, config: Config, *, is_playing: bool) -> None:
        """Begin again from the first weights of a config.

        Raises:
            ConfigError: if the config cannot be trained; the old run then stays.
        """
        self.pause()
        run = Run(config)
        with self._lock:
            self.run, self.busy_s = run, 0.0
        self.asked, self.goal, self.pinned = config, config.steps, None
        self.is_playing, self._credit, self._last_slice = is_playing, 1.0, 0.0

    def adopt(self, config: Config) -> Outlook:
        """Follow the controls: go on with what can be continued, start over with what cannot.

        Raises:
            ConfigError: if the config cannot be trained; the old run then stays, paused.
        """
        changed = tuple(name for name, value in config if value != getattr(self.asked, name))
        if not changed:
            return Outlook("unchanged")
        was_playing = self.is_playing
        is_under_way = self.run.step > 0 and not self.run.is_over
        has_room = len(self.run.config.earlier) <= MAX_CHANGES - len(Change.CHANGEABLE)
        if set(changed) <= set(Change.CHANGEABLE) and is_under_way and has_room:
            self.pause()
            with self._lock:
                self.run.trainer.change(**{name: getattr(config, name) for name in changed})
            self.asked, self.is_playing = self.run.config, was_playing
            self.outlook = Outlook("continued", changed, self.run.step)
        elif changed == ("steps",) and config.steps >= self.run.step and not self.run.has_exploded:
            with self._lock:
                self.run.extend(config.steps)
            self.asked, self.goal = config, config.steps
            self.is_playing = was_playing or not is_under_way
            self.outlook = Outlook("extended", changed, self.run.step)
        else:
            # A run that was paused on the way waits at its start; one that was playing or done plays again.
            keeps = config.earlier if "earlier" in changed else ()
            step = self.run.step
            self.restart(config.model_copy(update={"earlier": keeps}), is_playing=was_playing or not is_under_way)
            self.outlook = Outlook("restarted", changed, step)
        return self.outlook

    def slice(self, budget_s: float = SLICE_S, gap_s: float = GAP_S) -> int:
        """Make updates for a fraction of a second; return how many. None if another slice is running or just ran."""
        now = time.monotonic()
        if not self.is_playing or now - self._last_slice < gap_s:
            return 0
        if not self._lock.acquire(blocking=False):
            return 0
        made = 0
        try:
            if cores.acquire(timeout=budget_s):
                try:
                    made = self._play_slice(now, budget_s)
                finally:
                    cores.release()
        finally:
            self._last_slice = time.monotonic()
            self._lock.release()
        return made

    def catch_up(self) -> int:
        """Make the updates of a slice, and the few that are then left, before a page is drawn; return how many."""
        made = self.slice()
        if made and self.goal - self.run.step <= self.rate * FINISH_S:
            made += self.slice(FINISH_S, gap_s=0.0)
        return made

    def dash(self) -> int:
        """Make the updates of a run that one slice can finish, before anything of it is drawn; return how many.

        Drawn once and whole, such a run is on the screen sooner than drawn at its start and again at its end.
        """
        is_short = not self.rate or self.goal - self.run.step <= self.rate * SLICE_S
        return self.slice() if is_short else 0

    def _play_slice(self, now: float, budget_s: float) -> int:
        wanted, begin = self._wanted, time.monotonic()
        if self._last_slice and math.isfinite(self.speed):
            self._credit = min(self._credit + self.speed * (now - self._last_slice), max(1.0, self.speed))
        made = 0
        while wanted == self._wanted and self.is_playing:
            if math.isfinite(self.speed):
                if self._credit < 1:
                    break
                self._credit -= 1
            if not self.run.advance():
                self.is_playing = False
                break
            made += 1
            at_stop = self.run.step == self.stop_step or self.run.step >= self.goal
            if self.run.is_over or at_stop or self.run.last.loss < self.loss_goal:
                self.is_playing = False
            if time.monotonic() - begin > budget_s:
                break
        self.busy_s += time.monotonic() - begin
        elapsed = time.monotonic() - (self._last_slice if math.isfinite(self.speed) and self._last_slice else begin)
        if made:
            self.rate = made / max(elapsed, 1e-6)
        return made

    @property
    def seconds_left(self) -> float:
        """How long the run will take from here at its present pace, idle gaps included."""
        left = self.goal - self.run.step
        if not self.rate:
            return 0.0
        pace = min(self.rate, self.speed)
        share = SLICE_S / (2.5 * SLICE_S) if math.isinf(self.speed) else 1.0  # slices come every 0.5 s
        return left / (pace * share) if left > 0 else 0.0

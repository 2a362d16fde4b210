"""The place of a viewer in a run: played in slices, paused at once, never two slices at a time. No streamlit here.

A slice runs in whatever script thread asks for it. The lock is a plain one and nothing inside it touches the screen,
because Streamlit may stop a script thread at any of its own calls.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pages.ui.work.store import store
from rnn_core.config import FOLLOWING, MAX_CHANGES, Change, Config
from rnn_core.records.runs import Course, Dataset, StepRecord
from rnn_core.records.tensors import ForwardTrace
from rnn_core.training.experiment import Experiment
from rnn_core.training.history import Moment
from rnn_core.training.trainer import trace_windows

SLICE_S = 0.2
FINISH_S = 0.6  # a run that needs no longer is finished at once where a page would be drawn again for its end
PATIENCE = 10  # so many times longer it may take to finish it on a machine that others keep busy
PACED = 6  # slices whose pace says how long a run still takes
SPEEDS = (1.0, 5.0, 20.0, 100.0, math.inf)  # updates a second

Outcome = Literal["unchanged", "continued", "extended", "restarted"]


@dataclass(frozen=True)
class Outlook:
    """What adopting a config did to the run, and because of which fields."""

    outcome: Outcome
    fields: tuple[str, ...] = ()
    step: int = 0


class Engine:
    """A viewer's place in a run that others may look at too: what it has come to, and how it goes on.

    Nothing behind the place is shown. Where others have trained the run further, going on costs nothing.

    Attributes:
        asked: what the viewer asked for; `config` is what came of it.
        is_playing: whether the next slice will go on.
        speed: updates a second; infinite for as fast as the machine allows.
        goal: step at which to pause: where the link says, or the last one.
        stop_step: step at which the viewer wants it paused; 0 never does.
        loss_goal: loss in nats below which to pause; 0 never does.
        rate: updates a second in the newest slice, of computing alone unless the viewer set the pace.
        pinned: the step that the screen shows once the run is still; None for the newest.
    """

    gap_s = 0.0  # between two slices, of which each waits for a core that nobody else needs

    def __init__(self, config: Config | Experiment) -> None:
        self._lock = threading.Lock()  # of the place; it is taken before that of the run
        self._wanted = 0  # a slice in progress gives up when this changes
        self._credit = 0.0
        self._most = math.inf  # updates a second, whatever speed is set
        self._last_slice = 0.0
        self._begun = (0.0, 0)  # when the first slice since then began, and at which step
        self._marks: tuple[tuple[float, int], ...] = ()  # likewise where the newest slices ended
        self._run = store.open(config)
        self._wish = Experiment.of(config).asked
        self.asked = self._run.config
        self._here = self._run.run.kept(0)
        self.is_playing = True
        self.pinned: int | None = None
        self.speed = math.inf
        self.goal = self.asked.steps
        self.stop_step = 0
        self.loss_goal = 0.0
        self.rate = 0.0
        self.outlook = Outlook("unchanged")

    @property
    def config(self) -> Config:
        """What reproduces the run, changes made on the way included."""
        return self._run.config

    @property
    def dataset(self) -> Dataset:
        """What it is trained on."""
        return self._run.dataset

    @property
    def step(self) -> int:
        """How far this viewer has come."""
        return self._here.record.step

    @property
    def last(self) -> StepRecord:
        """The newest record that is shown."""
        return self._here.record

    @property
    def course(self) -> Course:
        """The numbers of the run up to here."""
        return self._run.run.course.until(self.step)

    @property
    def stride(self) -> int:
        """Of how many steps one is kept, besides the newest."""
        return self._run.run.stride

    @property
    def moments(self) -> Mapping[int, Moment]:
        """What is kept of the run up to here, by step."""
        return {step: kept for step, kept in self._run.run.moments.copy().items() if step <= self.step}

    @property
    def mark(self) -> int:
        """What it has come to: another as soon as there is something new to show."""
        return self.step

    @property
    def cursors(self) -> Mapping[str, float]:
        """Where sliders stand that show it."""
        return {"step": self.step if self.pinned is None else self.at(self.pinned).record.step}

    @property
    def is_done(self) -> bool:
        """Whether it stands where it was to go, rather than been paused."""
        return not self.is_playing and self._is_to_stop(self.step)

    @property
    def is_over(self) -> bool:
        """Whether no update is left to be made from here."""
        return self._run.run.is_over and self.step == self._run.step

    @property
    def has_exploded(self) -> bool:
        """Whether the run has ended here because the loss exploded."""
        return self.is_over and self._run.run.has_exploded

    @property
    def busy_s(self) -> float:
        """Seconds of computing that the run took up to here, whoever asked for it."""
        return self._run.seconds[: self.step + 1][-1]

    def at(self, step: int) -> Moment:
        """Return the moment at a step, or the nearest one before it that is kept; the place's own always is."""
        return self._here if step >= self.step else self._run.run.kept(step)

    def trace(self, moment: Moment) -> ForwardTrace:
        """Run the batch of a moment through the network as it was then."""
        return trace_windows(self.config, self.dataset, moment.record.windows, moment.weights)

    def play(self, least_s: float = 0.0) -> None:
        """Go on from the present step.

        Args:
            least_s: seconds that it takes at least, so that there is something to see, unless it starts over by then.
        """
        self.goal, self.pinned = self.config.steps, None
        self.is_playing = not self.is_over
        self._most = (self.goal - self.step) / least_s if least_s else math.inf
        self._credit, self._last_slice, self._marks = 1.0, 0.0, ()

    def pause(self) -> None:
        """Stop within one update."""
        self._wanted += 1
        self.is_playing = False

    def step_once(self) -> None:
        """Make a single update."""
        self.pause()
        with self._lock:
            self.pinned = None
            if not self.is_over:
                self.goal, self.is_playing, self._credit = self.step + 1, True, 1.0
                self._play_slice(time.monotonic(), SLICE_S)

    def restart(self, config: Config | Experiment, *, is_playing: bool) -> None:
        """Begin again from the first weights of a config.

        Raises:
            ConfigError: if the config cannot be trained; the old run then stays.
        """
        self.pause()
        run = store.open(config)
        with self._lock:
            self._run, self._here = run, run.run.kept(0)
        self.asked, self.goal, self.pinned = run.config, run.config.steps, None
        self.is_playing, self._credit, self._last_slice, self._marks = is_playing, 1.0, 0.0, ()
        self._most = math.inf
        self.outlook = Outlook("unchanged")

    def adopt(self, config: Config | Experiment) -> Outlook:
        """Follow the controls: go on with what can be continued, start over with what cannot.

        Raises:
            ConfigError: if the config cannot be trained; the old run then stays, paused.
        """
        experiment = Experiment.of(config)
        config, locks = experiment.config, experiment.locks
        changed = tuple(k for k, value in config if k not in locks and value != getattr(self.asked, k))
        wish, self._wish = self._wish, experiment.asked
        if not changed:
            return Outlook("unchanged")
        because = _chosen(changed, wish, experiment.asked)
        was_playing = self.is_playing
        is_under_way = self.step > 0 and not self.is_over
        has_room = len(self.config.earlier) <= MAX_CHANGES - len(Change.CHANGEABLE)
        if set(changed) <= set(Change.CHANGEABLE) and is_under_way and has_room:
            self.pause()
            with self._lock:
                changes = {name: getattr(config, name) for name in changed}
                self._run = store.fork(self._run, self._here, self._changed(changes))
            self.asked, self.is_playing = self.config, was_playing
            self.outlook = Outlook("continued", because, self.step)
        elif changed == ("steps",) and config.steps >= self.step and not self.has_exploded:
            self.pause()
            with self._lock:
                self._run = store.fork(self._run, self._here, self.config.model_copy(update={"steps": config.steps}))
            self.asked, self.goal = config, config.steps
            self.is_playing = was_playing or not is_under_way
            self.outlook = Outlook("extended", because, self.step)
        else:
            # A run that was paused on the way waits at its start; one that was playing or done plays again.
            step, fresh = self.step, experiment
            if config.earlier and "earlier" not in changed:  # they were made on the way of the run that is left
                fresh = Experiment(config.model_copy(update={"earlier": ()}))
            self.restart(fresh, is_playing=was_playing or not is_under_way)
            self.outlook = Outlook("restarted", because, step)
        return self.outlook

    def slice(self, budget_s: float = SLICE_S) -> int:
        """Go on for a fraction of a second; return by how many steps. 0 if another slice is running."""
        now = time.monotonic()
        if not self.is_playing or not self._lock.acquire(blocking=False):
            return 0
        try:
            return self._play_slice(now, budget_s)
        finally:
            self._last_slice = now  # the time that it took counts for the next one
            self._lock.release()

    def catch_up(self) -> int:
        """Go on by a slice, and by the few steps that are then left, before a page is drawn; return by how many."""
        made = self.slice()
        if made and self._left <= self.rate * FINISH_S:
            made += self.slice(FINISH_S * PATIENCE)
        return made

    def dash(self) -> int:
        """Make the updates of a run that one slice can finish, before anything of it is drawn; return how many.

        Drawn once and whole, such a run is on the screen sooner than drawn at its start and again at its end; and all
        others wait less for what a whole page costs the server.
        """
        if not self.rate:
            return self.slice()
        return self.slice(SLICE_S * PATIENCE) if self._left <= self.rate * SLICE_S else 0

    @property
    def pace(self) -> float:
        """Updates a second of the newest slices, gaps between them included; 0 before the first."""
        marks = self._marks if len(self._marks) > 1 else (self._begun, *self._marks)
        seconds = marks[-1][0] - marks[0][0]
        return (marks[-1][1] - marks[0][1]) / seconds if seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float:
        """How long the run will take from here at its pace."""
        return max(0, self.goal - self.step) / self.pace if self.pace > 0 else 0.0

    @property
    def _speed(self) -> float:
        """Updates a second that are not to be exceeded."""
        return min(self.speed, self._most)

    @property
    def _left(self) -> int:
        """Updates that nobody has made yet."""
        return self.goal - max(self.step, self._run.step)

    def _changed(self, changes: Mapping[str, float]) -> Config:
        config = self.config
        for name, value in changes.items():
            config = config.changed(name, value, step=self.step)
        return config

    def _play_slice(self, now: float, budget_s: float) -> int:
        """Go on: by reading as far as others have come, then, if the run and a core are to be had, by training."""
        self._keep_in_sight()
        if self._last_slice and math.isfinite(self._speed):
            self._credit = min(self._credit + self._speed * (now - self._last_slice), max(1.0, self._speed))
        begin, first, wanted = time.monotonic(), self.step, self._wanted
        if self._run.run.is_whole:
            self._go(wanted, begin + budget_s, may_train=False)
        left_s = begin + budget_s - time.monotonic()
        if self._may_go(wanted) and (left_s > 0 or self.step == first):
            with self._run.turn(left_s) as is_ours:
                if is_ours:
                    known, spent_s = self._run.step, -time.thread_time()
                    self._go(wanted, begin + budget_s, may_train=True)
                    self._clock(self._run.step - known, spent_s + time.thread_time())
            store.make_room()
        if not self._marks:
            self._begun = begin, first
        self._marks = (*self._marks[1 - PACED :], (time.monotonic(), self.step))
        return self.step - first

    def _may_go(self, wanted: int) -> bool:
        return wanted == self._wanted and self.is_playing and (math.isinf(self._speed) or self._credit >= 1)

    def _go(self, wanted: int, end: float, *, may_train: bool) -> None:
        """Go on step by step until it is time to stop, or nobody has come further and none may be made."""
        run, step = self._run, self.step
        while self._may_go(wanted):
            known = run.step
            if step == known and not (may_train and run.advance()):
                if may_train:  # it is over
                    self.is_playing = False
                break
            if step < known or run.step > known:  # else a fork has repeated what it knows
                step += 1
                self._credit -= math.isfinite(self._speed)
                if self._is_to_stop(step):
                    self.is_playing = False
            if time.monotonic() > end:
                break
        self._here = run.run.at(step) if may_train else run.run.kept(step)
        if self.step < step:
            self.is_playing = True  # others have gone on, and where it would stop is forgotten: there it must go itself
            if wanted != self._wanted:
                self.is_playing = False  # a pause came in between

    def _is_to_stop(self, step: int) -> bool:
        run = self._run.run
        is_over = run.is_over and step == run.step
        return is_over or step == self.stop_step or step >= self.goal or run.course.loss[step] < self.loss_goal

    def _keep_in_sight(self) -> None:
        """Leave a run that has gone ahead and forgotten steps on the way, unless it is all the same to this place."""
        run = self._run
        is_straight = math.isinf(self.speed) and not (self.stop_step or self.loss_goal) and run.step <= self.goal
        if run.step > self.step and not run.run.is_whole and not is_straight:
            self._run = store.apart(run, self._here)

    def _clock(self, made: int, spent_s: float) -> None:
        """Take the rate of updates that were just made, with so much computing."""
        if made:
            is_paced = math.isfinite(self._speed) and self._last_slice
            self.rate = made / max(time.monotonic() - self._last_slice if is_paced else spent_s, 1e-6)


def _chosen(changed: tuple[str, ...], before: Config, now: Config) -> tuple[str, ...]:
    """Return which of the fields that changed were changed by the viewer: the others follow from them."""
    followed = {name for name in FOLLOWING if name not in now.model_fields_set}
    chosen = (k for k in changed if k not in followed and getattr(now, k) != getattr(before, k))
    return tuple(chosen) or changed

"""The engine of a session: one slice at a time, paused within one update, and always a run that its config repeats."""

import math
import threading
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.ui.work import engine as engine_module
from pages.ui.work.engine import SPEEDS, Engine
from pages.ui.work.store import Store
from rnn_core.config import MAX_CHANGES, Config
from rnn_core.sentence import ConfigError
from rnn_core.training.experiment import Experiment
from rnn_core.training.history import Run
from rnn_core.training.trainer import train

SMALL = Config(hidden_size=3, steps=40, text="abcab")


@pytest.fixture(autouse=True)
def store(monkeypatch):
    """A store that holds no run of another test."""
    store = Store()
    monkeypatch.setattr(engine_module, "store", store)
    return store


def fail(*_):
    raise ZeroDivisionError


@pytest.fixture
def clock(monkeypatch):
    """Time that passes only when a test says so; every reading takes no time at all."""
    moment = SimpleNamespace(now=100.0)
    monkeypatch.setattr(
        engine_module, "time", SimpleNamespace(monotonic=lambda: moment.now, thread_time=lambda: moment.now)
    )
    return moment


def tick(engine, clock, seconds=1.0, **more):
    """Let time pass, then play a slice."""
    clock.now += seconds
    return engine.slice(**more)


def check_repeatable(engine):
    """Check that a fresh run of the same config gives the same records and weights up to here."""
    fresh = Run(engine.config)
    while fresh.step < engine.step:
        assert fresh.advance()
    assert fresh.course == engine.course
    assert fresh.last == engine.last
    assert (fresh.is_over, fresh.has_exploded) == (engine.is_over, engine.has_exploded)
    weights = fresh.trainer.weights()
    assert all((engine.at(engine.step).weights[name] == weights[name]).all() for name in weights)


def play_to(engine, clock, step):
    """Play slice by slice, one update each."""
    while engine.step < step:
        assert tick(engine, clock, budget_s=-1.0) == 1


def test_a_run_is_played_to_its_end(clock):
    engine = Engine(SMALL)
    while engine.is_playing:
        tick(engine, clock)
    assert engine.step == SMALL.steps
    assert engine.is_over
    assert engine.course.loss == [record.loss for record in train(SMALL)]
    assert tick(engine, clock) == 0


def test_a_slice_ends_with_its_time(clock, monkeypatch):
    engine = Engine(SMALL)
    advance = Run.advance

    def slowly(run):
        clock.now += 0.05
        return advance(run)

    monkeypatch.setattr(Run, "advance", slowly)
    assert tick(engine, clock, budget_s=0.2) == 5  # the fifth one passes the 0.2 s
    assert engine.step == 5
    assert tick(engine, clock, 0.5, budget_s=0.2) == 5


@pytest.mark.usefixtures("clock")
def test_a_run_that_fits_into_a_slice_is_finished_before_it_is_drawn():
    engine = Engine(SMALL)
    assert engine.dash() == SMALL.steps
    assert engine.is_over
    check_repeatable(engine)


def test_a_run_that_takes_longer_is_drawn_first(clock, monkeypatch):
    engine = Engine(SMALL.replace(steps=2000))
    advance = Run.advance

    def slowly(run):
        clock.now += 0.05
        return advance(run)

    monkeypatch.setattr(Run, "advance", slowly)
    assert engine.dash() == 5  # how fast it is was not known yet
    clock.now += 1
    assert engine.dash() == 0
    assert engine.slice() == 5


@pytest.mark.parametrize(("computing_s", "made"), [(0.005, 35), (0.05, 0)])
def test_on_a_machine_that_others_keep_busy_it_is_computing_that_counts(clock, monkeypatch, computing_s, made):
    engine, computing = Engine(SMALL), SimpleNamespace(now=0.0)
    monkeypatch.setattr(engine_module.time, "thread_time", lambda: computing.now, raising=False)
    advance = Run.advance

    def slowly(run):
        clock.now += 0.05
        computing.now += computing_s
        return advance(run)

    monkeypatch.setattr(Run, "advance", slowly)
    assert engine.dash() == 5
    assert engine.dash() == made  # in 1.75 s, of which 0.175 s are its own


@pytest.mark.parametrize(("steps", "made"), [(12, 12), (40, 5)])
def test_a_page_waits_for_a_run_that_is_nearly_over_and_for_no_other(clock, monkeypatch, steps, made):
    engine = Engine(SMALL.replace(steps=steps))
    advance = Run.advance

    def slowly(run):
        clock.now += 0.05
        return advance(run)

    monkeypatch.setattr(Run, "advance", slowly)
    assert engine.catch_up() == made
    assert engine.is_playing == (made < steps)
    check_repeatable(engine)


def test_a_run_that_is_watched_takes_as_long_as_it_is_to_and_one_that_starts_over_does_not(clock):
    engine = Engine(SMALL)
    engine.play(least_s=4.0)
    begin = clock.now
    while not engine.is_over:
        engine.slice()
        clock.now += 0.01
    assert clock.now - begin == pytest.approx(4.0, abs=0.2)
    engine.adopt(SMALL.replace(hidden_size=4))
    engine.slice(100.0)
    assert engine.is_over


def test_the_time_that_slices_take_counts(clock, monkeypatch):
    advance = Run.advance

    def slowly(run):
        clock.now += 0.02
        return advance(run)

    monkeypatch.setattr(Run, "advance", slowly)
    engine = Engine(SMALL)
    engine.speed = 20.0
    begin = clock.now
    engine.play()
    while engine.step < 39:
        engine.slice()
        clock.now += 0.005
    assert engine.step / (clock.now - begin) == pytest.approx(20, rel=0.05)


@pytest.mark.parametrize("speed", [speed for speed in SPEEDS if math.isfinite(speed)])
def test_no_more_updates_are_made_than_the_speed_allows(clock, speed):
    engine = Engine(SMALL.replace(steps=2000))
    engine.speed = speed
    engine.play()
    elapsed, made = 0.0, 0
    for seconds in (0.5, 0.13, 0.5, 1.0, 0.5, 0.2, 0.5):
        made += tick(engine, clock, seconds)
        elapsed += seconds
        assert made <= speed * (elapsed - 0.5) + 1 + 1e-9  # the first one is at once
        assert made > speed * (elapsed - 0.5) - 1 - 1e-9
    assert engine.step == made


def test_time_away_is_not_made_up_for(clock):
    engine = Engine(SMALL.replace(steps=2000))
    engine.speed = 20.0
    engine.play()
    tick(engine, clock)
    assert tick(engine, clock, 3600.0) <= 20


def test_a_run_that_is_slowed_down_goes_on_at_that_pace(clock, monkeypatch):
    engine = Engine(SMALL.replace(steps=2000))
    advance = Run.advance

    def slowly(run):
        clock.now += 0.01
        return advance(run)

    monkeypatch.setattr(Run, "advance", slowly)
    assert tick(engine, clock, budget_s=0.2) > 10
    engine.speed = 5.0
    assert tick(engine, clock) == 5


@pytest.mark.usefixtures("clock")
def test_the_first_update_comes_at_once_at_any_speed():
    engine = Engine(SMALL)
    engine.speed = min(SPEEDS)
    engine.pause()
    engine.play()
    assert engine.slice() == 1


def test_it_pauses_at_a_step_and_goes_on_from_there(clock):
    engine = Engine(SMALL)
    engine.stop_step = 7
    tick(engine, clock)
    assert (engine.step, engine.is_playing) == (7, False)
    assert tick(engine, clock) == 0
    engine.play()
    tick(engine, clock)
    assert engine.step == SMALL.steps
    check_repeatable(engine)


def test_it_pauses_below_a_loss(clock):
    losses = [record.loss for record in train(SMALL)]
    goal = losses[10]
    engine = Engine(SMALL)
    engine.loss_goal = goal
    tick(engine, clock)
    assert engine.step == next(step for step, loss in enumerate(losses) if step and loss < goal)
    assert not engine.is_playing


def test_one_step_pauses_and_makes_one_update(clock):
    engine = Engine(SMALL)
    play_to(engine, clock, 3)
    engine.pinned = 1
    engine.step_once()
    assert (engine.step, engine.is_playing, engine.pinned) == (4, False, None)
    for _ in range(SMALL.steps):
        engine.step_once()
    assert engine.step == SMALL.steps


def test_a_restart_begins_with_the_same_first_weights(clock):
    engine = Engine(SMALL)
    first = engine.course.loss[0]
    play_to(engine, clock, 5)
    engine.adopt(SMALL.replace(hidden_size=4))
    engine.restart(SMALL, is_playing=False)
    assert (engine.step, engine.is_playing) == (0, False)
    assert engine.course.loss == [first]
    assert engine.outlook.outcome == "unchanged"  # what led to a run that is left is not said of the next


def test_nothing_changes_when_nothing_was_changed(clock):
    engine = Engine(SMALL)
    play_to(engine, clock, 5)
    assert engine.adopt(engine.asked).outcome == "unchanged"
    assert (engine.step, engine.is_playing) == (5, True)


@pytest.mark.parametrize(
    "change", [{"learning_rate": 0.01}, {"grad_clip": 0.5}, {"learning_rate": 1.0, "grad_clip": 1}]
)
@pytest.mark.parametrize("is_playing", [True, False])
def test_another_learning_rate_or_clip_goes_on_from_here(clock, change, is_playing):
    engine = Engine(SMALL)
    play_to(engine, clock, 5)
    before = engine.course.loss
    engine.is_playing = is_playing
    outlook = engine.adopt(engine.asked.model_copy(update=change))
    assert (outlook.outcome, set(outlook.fields), outlook.step) == ("continued", set(change), 5)
    assert engine.is_playing == is_playing
    assert {(c.step, c.field) for c in engine.config.earlier} == {(5, field) for field in change}
    assert engine.asked == engine.config
    engine.play()
    play_to(engine, clock, 12)
    assert engine.course.loss[:6] == before
    check_repeatable(engine)


def test_at_its_start_a_run_has_no_past_to_keep(clock):
    engine = Engine(SMALL)
    assert engine.adopt(SMALL.replace(learning_rate=0.01)).outcome == "restarted"
    assert engine.config.earlier == ()
    tick(engine, clock)
    check_repeatable(engine)


@pytest.mark.parametrize("steps", [5, 6, 90])
def test_more_steps_extend_the_run(clock, steps):
    engine = Engine(SMALL)
    play_to(engine, clock, 5)
    outlook = engine.adopt(SMALL.replace(steps=steps))
    assert (outlook.outcome, outlook.fields, engine.step) == ("extended", ("steps",), 5)
    while tick(engine, clock):
        pass
    assert engine.step == steps
    check_repeatable(engine)


def test_a_run_that_is_done_goes_on_when_it_is_extended(clock):
    engine = Engine(SMALL)
    while engine.is_playing:
        tick(engine, clock)
    assert engine.adopt(SMALL.replace(steps=50)).outcome == "extended"
    assert engine.is_playing
    while tick(engine, clock):
        pass
    assert engine.step == 50
    check_repeatable(engine)


@pytest.mark.parametrize(
    "change",
    [{"steps": 4}, {"hidden_size": 4}, {"seed": 1}, {"text": "abcd"}, {"hidden_size": 4, "learning_rate": 0.5}],
)
@pytest.mark.parametrize("is_playing", [True, False])
def test_anything_else_starts_over(clock, change, is_playing):
    engine = Engine(SMALL)
    play_to(engine, clock, 5)
    engine.is_playing = is_playing
    outlook = engine.adopt(SMALL.replace(**change))
    assert (outlook.outcome, set(outlook.fields), outlook.step) == ("restarted", set(change), 5)
    assert engine.step == 0
    assert engine.is_playing == is_playing
    assert engine.config == Experiment(SMALL.replace(**change)).config
    engine.play()
    tick(engine, clock)
    check_repeatable(engine)


def test_what_cannot_be_trained_leaves_the_old_run_paused(clock):
    engine = Engine(SMALL)
    play_to(engine, clock, 5)
    for _ in range(2):
        with pytest.raises(ConfigError):
            engine.adopt(SMALL.replace(bidirectional=True))
        assert (engine.config, engine.step) == (Experiment(SMALL).config, 5)
        assert tick(engine, clock) == 0
    engine.adopt(SMALL)
    engine.play()
    tick(engine, clock)
    check_repeatable(engine)


ACTIONS = st.one_of(
    st.sampled_from(["slice", "slice", "slice", "pause", "play", "step", "reset"]),
    st.fixed_dictionaries({"learning_rate": st.sampled_from([0.01, 0.1, 1.0])}),
    st.fixed_dictionaries({"grad_clip": st.sampled_from([0.0, 0.1, 2.0])}),
    st.fixed_dictionaries({"steps": st.integers(1, 12)}),
    st.fixed_dictionaries({"hidden_size": st.integers(1, 3), "learning_rate": st.sampled_from([0.01, 0.1])}),
    st.fixed_dictionaries({"nonlinearity": st.sampled_from(["relu", "tanh"]), "seed": st.integers(0, 2)}),
)


@settings(max_examples=60)
@given(st.lists(ACTIONS, max_size=20))
def test_whatever_is_done_to_it_a_run_is_what_its_config_says(actions):
    engine, now = Engine(SMALL.replace(steps=8)), [100.0]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "time", SimpleNamespace(monotonic=lambda: now[0], thread_time=lambda: now[0]))
        for action in actions:
            now[0] += 1.0
            match action:
                case "slice":
                    engine.slice(budget_s=-1.0)
                case "pause":
                    engine.pause()
                case "play":
                    engine.play()
                case "step":
                    engine.step_once()
                case "reset":
                    engine.restart(engine.asked.model_copy(update={"earlier": ()}), is_playing=False)
                case _:
                    engine.adopt(engine.asked.model_copy(update=action))
                    assert {name: getattr(engine.asked, name) for name in action} == action
            check_repeatable(engine)


class OverlapDetector:
    """Stands around what changes a run, and counts how often two threads were inside at once."""

    def __init__(self, patch):
        self.overlaps, self.calls = 0, 0
        self._inside = {}
        self._lock = threading.Lock()
        for name in ("advance", "fork"):
            patch.setattr(Run, name, self._watched(getattr(Run, name)))

    def _watched(self, method):
        def watched(run, *args, **kwargs):
            with self._lock:
                self.calls += 1
                self._inside[run] = self._inside.get(run, 0) + 1
                self.overlaps += self._inside[run] > 1
            try:
                return method(run, *args, **kwargs)
            finally:
                with self._lock:
                    self._inside[run] -= 1

        return watched


def test_overlaps_are_noticed(monkeypatch):
    meeting = threading.Barrier(2)
    run = Run(SMALL)
    monkeypatch.setattr(Run, "fork", lambda _run, _config: meeting.wait(10))
    detector = OverlapDetector(monkeypatch)
    other = threading.Thread(target=run.fork, args=(SMALL,))
    other.start()
    run.fork(SMALL)
    other.join(10)
    assert detector.overlaps == 1


@pytest.mark.parametrize("seed", range(3))
def test_no_two_threads_are_ever_inside_the_same_run(monkeypatch, seed):
    detector = OverlapDetector(monkeypatch)
    engine = Engine(SMALL.replace(steps=2000, seed=seed))
    errors = []
    start = threading.Barrier(6)

    def repeat(action, choices):
        start.wait()
        try:
            for choice in choices:
                action(*choice)
        except Exception as error:
            errors.append(error)

    def play_slice():
        engine.is_playing = True
        engine.slice(budget_s=0.002)

    def adopt(field, value):
        engine.adopt(engine.asked.model_copy(update={field: value}))

    workers = [
        (play_slice, [()] * 60),
        (play_slice, [()] * 60),
        (adopt, [("learning_rate", rate) for rate in (0.1, 0.05, 0.2) * 7]),
        (adopt, [("hidden_size", size) for size in (2, 3, 4) * 4]),
        (engine.pause, [()] * 200),
        (engine.step_once, [()] * 40),
    ]
    threads = [threading.Thread(target=repeat, args=worker) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert detector.overlaps == 0
    assert engine.course.steps == list(range(engine.step + 1))
    engine.play()
    assert engine.slice() > 0
    check_repeatable(engine)


def test_a_pause_takes_effect_after_the_update_that_is_under_way(monkeypatch):
    engine = Engine(SMALL)
    is_inside, may_go_on = threading.Event(), threading.Event()
    advance = Run.advance

    def held(run):
        is_inside.set()
        assert may_go_on.wait(10)
        return advance(run)

    monkeypatch.setattr(Run, "advance", held)
    thread = threading.Thread(target=lambda: engine.slice(budget_s=60.0))
    thread.start()
    assert is_inside.wait(10)
    assert engine.slice() == 0  # a second slice does not wait for the first
    engine.pause()
    may_go_on.set()
    thread.join(10)
    assert not thread.is_alive()
    assert engine.step == 1
    assert not engine.is_playing


def test_a_pause_and_a_play_do_not_revive_the_old_slice(monkeypatch):
    engine = Engine(SMALL)
    advance = Run.advance

    def interrupted(run):
        if run.step == 2:
            engine.pause()
            engine.play()
        return advance(run)

    monkeypatch.setattr(Run, "advance", interrupted)
    assert engine.slice(budget_s=60.0) == 3
    assert engine.is_playing


def test_a_pause_in_the_middle_of_an_update_is_not_forgotten(monkeypatch):
    engine = Engine(SMALL)
    is_to_stop = Engine._is_to_stop

    def interrupted(engine, step):
        answer = is_to_stop(engine, step)
        if step == 3:
            engine.pause()
        return answer

    monkeypatch.setattr(Engine, "_is_to_stop", interrupted)
    assert engine.slice(budget_s=60.0) == 3
    assert not engine.is_playing


def test_an_error_in_an_update_does_not_lock_the_run_up(clock, monkeypatch):
    engine = Engine(SMALL)
    with monkeypatch.context() as patch:
        patch.setattr(Run, "advance", fail)
        for _ in range(20):  # more often than there are cores
            with pytest.raises(ZeroDivisionError):
                tick(engine, clock)
    assert tick(engine, clock) > 0
    check_repeatable(engine)


@pytest.mark.parametrize(
    ("speed", "gap", "pace"), [(5.0, 1.0, 5.0), (5.0, 0.2, 5.0), (math.inf, 0.5, 2.0), (math.inf, 0.04, 25.0)]
)
def test_the_time_left_is_what_is_left_at_the_pace_that_was_kept(clock, speed, gap, pace):
    engine = Engine(SMALL)
    assert engine.seconds_left == 0.0
    engine.speed = speed
    engine.play()
    for _ in range(5):  # an infinite speed makes one update in a slice of no time
        tick(engine, clock, gap, budget_s=-1.0 if speed == math.inf else 0.2)
    assert 0 < engine.step < SMALL.steps
    assert engine.seconds_left == pytest.approx((SMALL.steps - engine.step) / pace)
    engine.play()  # after a pause, which is not counted, the pace is taken anew
    assert engine.seconds_left == 0.0


def test_a_run_that_is_over_takes_no_more_time(clock):
    engine = Engine(SMALL)
    while engine.is_playing:
        tick(engine, clock)
    assert engine.seconds_left == 0.0


@pytest.mark.parametrize(("changes", "outcome"), [(MAX_CHANGES - 2, "continued"), (MAX_CHANGES - 1, "restarted")])
def test_a_run_goes_on_while_there_is_room_for_a_change_of_both(clock, changes, outcome):
    past = ",".join(f"learning_rate:0.0{1 + step % 2}:{step}" for step in range(1, changes + 1))
    engine = Engine(SMALL.replace(steps=MAX_CHANGES + 10, earlier=past))
    play_to(engine, clock, MAX_CHANGES + 1)
    assert engine.adopt(engine.asked.model_copy(update={"learning_rate": 0.3, "grad_clip": 0.5})).outcome == outcome
    assert len(engine.config.earlier) <= MAX_CHANGES

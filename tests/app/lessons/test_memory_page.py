"""The page of memory: stored numbers at once, and whatever is chosen trained in front of the viewer."""

import re

import pytest

from pages.ui.work import comparer, sweeper
from pages.ui.work.comparer import Comparer, FinishedComparisons
from pages.ui.work.places import Places
from rnn_core.memory.comparison import stored_comparison, train_comparison
from rnn_core.memory.plan import CELLS, Comparison
from rnn_core.memory.tasks import MEMORY_TASKS
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    click,
    find,
    follow_link,
    kept_by,
    keys,
    notices,
    open_app,
    stream,
    unescaped,
    words,
)

SMALL = {"lags": "1,3", "memory_units": "4", "networks": "2", "updates": "20"}
ASKED = Comparison(lags=(1, 3), hidden_size=4, seeds=2, steps=20)


@pytest.fixture(autouse=True)
def server(monkeypatch):
    """A server that nobody has used yet."""
    monkeypatch.setattr(sweeper, "places", Places(2))
    monkeypatch.setattr(comparer, "finished", FinishedComparisons())


def comparer_of(at):
    return kept_by(at, Comparer)


def to_end(at):
    while comparer_of(at).is_playing:
        comparer_of(at).slice()
    return at.run()


def medians(at):
    """Return the thick line of each cell."""
    return {cell: charts(at)["memory_lags"].trace(name=cell) for cell in CELLS}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_first_screen_shows_the_stored_comparison(lang):
    at = open_app("memory", lang=lang)
    check_works(at, "memory")
    assert at.query_params == {"lang": lang}
    assert not comparer_of(at).is_playing
    stored = stored_comparison()
    for cell, line in medians(at).items():
        assert line["x"] == list(stored.comparison.lags)
        expected = [stored.outcomes[cell, lag].median for lag in line["x"]]
        assert line["y"] == pytest.approx(expected, abs=1e-4)
    assert f"{stored.outcomes['lstm', 30].config.parameters:,}" in body(at)
    assert "again_memory" in keys(at)


def test_what_is_said_of_the_stored_comparison_holds():
    alt = charts(open_app("memory"))["memory_lags"].alt
    assert "rnn** breaks at a lag of 20" in alt
    assert "lstm** holds up to a lag of 30" in alt
    assert "gru** holds up to a lag of 30" in alt


def test_every_number_is_that_of_the_core():
    at = to_end(open_app("memory", **SMALL))
    check_works(at, "memory")
    expected = train_comparison(ASKED)
    assert comparer_of(at).run.comparison == ASKED
    for cell, line in medians(at).items():
        assert line["y"] == pytest.approx([expected.outcomes[cell, lag].median for lag in (1, 3)], abs=1e-4)
        learnt = charts(at)["memory_learning"].trace(name=cell)
        assert learnt["x"] == list(expected.outcomes[cell, 3].curves.steps)
        outcome = expected.outcomes[cell, 1]
        assert f"({100 * min(outcome.accuracy):.0f}–\u2060{100 * max(outcome.accuracy):.0f})" in body(at)


def test_it_is_trained_in_front_of_the_viewer(monkeypatch):
    monkeypatch.setattr(sweeper.Turns.slice, "__defaults__", (0.0,))  # one update of each cell a picture
    at = open_app("memory", **SMALL | {"updates": "1000", "gates": "default", "lags": "100"})
    check_works(at, "memory")
    seen = [comparer_of(at).run.share]
    for _ in range(12):
        step = comparer_of(at).run.lanes["gru", 100].population.step
        at.run()
        seen.append(comparer_of(at).run.share)
    assert seen == sorted(set(seen))
    drawn = charts(at)["memory_learning"].trace(name="gru")["x"]
    assert drawn == [9, step]  # each ten updates, and the present one
    assert "not trained yet" in charts(at)["memory_lags"].alt
    click(at, "stop_memory")
    stopped = comparer_of(at).run.share
    at.run()
    assert comparer_of(at).run.share == stopped
    click(at, "resume_memory")
    assert comparer_of(at).run.share > stopped


def test_what_the_channel_shows_is_what_the_page_shows(monkeypatch):
    monkeypatch.setattr(sweeper.Turns.slice, "__defaults__", (0.0,))
    at = open_app("memory", **SMALL, lang="ko")
    click(at, "stop_memory")
    told = stream(at, "memory.course", comparer_of(at))
    assert list(told["pictures"]) == ["memory_status", "memory_lags", "memory_learning"]
    check_same(at, told)
    comparer_of(at).go_on()
    while not comparer_of(at).run.outcomes:
        comparer_of(at).slice()
    later = stream(at, "memory.course", comparer_of(at))
    assert all(later["pictures"][key] != picture for key, picture in told["pictures"].items())


def test_it_is_trained_again_and_the_same_comes_out():
    at = click(to_end(open_app("memory", **SMALL)), "again_memory")
    assert comparer_of(at).known is not None
    to_end(at)
    assert "exactly the accuracy that it had before" in body(at)
    other = open_app("memory", **SMALL)
    assert not comparer_of(other).is_playing  # this server has trained it


def test_a_reload_shows_the_same():
    first = to_end(open_app("memory", **SMALL, memory_task="parity", equal="parameters", gates="default", learnt="1"))
    second = to_end(follow_link("memory", first))
    assert second.query_params == first.query_params
    assert {key: chart.data for key, chart in charts(second).items()} == {
        key: chart.data for key, chart in charts(first).items()
    }
    assert "a lag of **1**" in charts(first)["memory_learning"].alt


@pytest.mark.parametrize("task", MEMORY_TASKS)
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_task_is_shown_with_an_example(task, lang):
    at = open_app("memory", **SMALL, memory_task=task, lang=lang)
    check_works(at, "memory")
    assert comparer_of(at).run.comparison.task == task
    assert at.code[0].value
    assert words(at)


def test_controls_change_the_link():
    at = to_end(open_app("memory", **SMALL))
    change(at, "memory_task", "brackets")
    assert at.query_params["memory_task"] == "brackets"
    change(at, "equal", "parameters")
    change(at, "networks", 3)
    change(at, "lags_picked", [2, 1])
    assert at.query_params["lags"] == "1,2"
    assert at.query_params["networks"] == "3"
    assert comparer_of(at).run.comparison.sizes == "parameters"
    change(at, "lags_picked", [])
    assert at.query_params["lags"] == "1,2"  # one there has to be
    assert not at.exception


def test_what_cannot_be_compared_is_answered_with_a_sentence():
    at = open_app("memory", lags="0,500")
    assert not at.exception
    assert "lags=0 cannot be used" in unescaped(at.error[0].value)
    large = open_app("memory", lags="90,100", memory_units="64", networks="8", updates="1000")
    assert "too large for a shared server" in large.error[0].value


def test_what_a_link_cannot_say_is_named():
    at = open_app("memory", memory_task="chess", alphabet="x", lags="1;2", memory_units="-3", equal="all")
    check_works(at, "memory")
    assert [re.split("=| ", line)[0] for line in notices(at)] == [
        "memory_task", "alphabet", "lags", "memory_units", "equal"
    ]  # fmt: skip


def test_numbers_of_a_link_stay_in_bounds():
    at = open_app("memory", **SMALL | {"memory_units": "999"}, alphabet="77")
    assert comparer_of(at).run.comparison.width == 8
    assert find(at, "alphabet").value == 8
    assert notices(at) == ["memory_units=999 cannot be used: a whole number from 1 to 64 works."]


def test_the_code_trains_the_same_comparison(capsys):
    from pages.ui.lessons.memory import script

    exec(compile(script(ASKED), "script", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    expected = train_comparison(ASKED)
    assert printed == [f"{cell} {lag} {outcome.accuracy}" for (cell, lag), outcome in expected.outcomes.items()]

"""The compare page: what is kept is shown as it was, and two settings compete on the same seeds."""

import json

import pytest

from pages.ui.run import shelf
from pages.ui.session import state
from pages.ui.work import sweeper
from pages.ui.work.places import Places
from pages.ui.work.sweeper import Finished
from rnn_core.config import Config
from rnn_core.training.experiment import Experiment
from rnn_core.training.shelf import MAX_KEPT, KeptRun, to_line
from rnn_core.training.trainer import train
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    click,
    engine_of,
    find,
    kept_by,
    keys,
    open_app,
    run_to_pause,
    stream,
    unescaped,
    words,
)
from tests.core.sweep.test_population import EXPLOSIVE


@pytest.fixture(autouse=True)
def server(monkeypatch):
    """A server that nobody has used yet."""
    monkeypatch.setattr(sweeper, "places", Places(2))
    monkeypatch.setattr(sweeper, "finished", Finished())


def kept(name, **values):
    config = Config(**{"steps": 6} | values)
    records = list(train(config))
    losses = tuple(record.loss for record in records)
    return KeptRun(name, Experiment(config).config, losses, records[-1].accuracy, len(records) <= config.steps, 0.5)


def open_with(*runs, **params):
    """Open the page with runs on the shelf."""
    at = open_app("compare", **params)
    at.session_state["_session"].parts[shelf.Shelf] = shelf.Shelf(list(runs))
    return at.run()


def curves(at):
    return {trace["name"]: trace["y"] for trace in charts(at)["compare"].data if trace.get("name")}


def rows(at):
    """Return the table, row by row."""
    lines = [line for element in at.main.markdown for line in element.value.split("\n") if line.startswith("|")]
    return [[unescaped(cell).strip(" *") for cell in line.strip("|").split(" | ")] for line in lines]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_an_empty_shelf_shows_two_real_runs_and_says_so(lang):
    at = open_app("compare", lang=lang)
    check_works(at, "compare")
    assert ("Your shelf is empty" in at.info[0].value) == (lang == "en")
    expected = [[record.loss for record in train(Config(cell=cell))] for cell in ("rnn", "lstm")]
    for drawn, losses in zip(curves(at).values(), expected, strict=True):
        assert drawn == pytest.approx(losses, rel=1e-5)
    table = rows(at)
    assert [row[1] for row in table[2:]] == ["rnn", "lstm"]
    assert [row[2] for row in table[2:]] == [f"{losses[-1]:.4g}" for losses in expected]
    assert kept_by(at, shelf.Shelf).runs == []
    assert find(at, "download_runs").proto.disabled


def test_a_run_of_the_training_page_is_kept_as_it_is_there():
    at = run_to_pause(open_app("training", steps="9", cell="gru", seed="3"))
    assert "until this page is reloaded" in find(at, "keep_run").proto.help
    click(at, "keep_run")
    run = engine_of(at)
    (found,) = kept_by(at, shelf.Shelf).runs
    assert found.config == run.config
    assert list(found.losses) == run.course.loss
    assert found.accuracy == run.last.accuracy
    assert found.seconds == engine_of(at).busy_s > 0
    at.switch_page("pages/compare.py").run()
    check_works(at, "compare")
    assert curves(at) == {found.name: pytest.approx(run.course.loss, rel=1e-5)}
    assert any("until this page is reloaded" in element.value for element in at.caption)
    assert not at.info
    assert f"{found.seconds:.2f} s" in rows(at)[2]


def test_a_run_that_is_paused_is_kept_as_far_as_it_has_come():
    at = run_to_pause(open_app("training", steps="50", trained="7"))
    click(at, "keep_run")
    (found,) = kept_by(at, shelf.Shelf).runs
    assert found.config.steps == 7
    assert list(found.losses) == [record.loss for record in train(Config(steps=7))]


def test_the_table_says_only_what_differs():
    one, two = kept("one"), kept("two", hidden_size=4, text="abcab")
    at = open_with(one, two)
    check_works(at, "compare")
    head, _line, first, second = rows(at)
    settings = ["Input size H_in", "Hidden size H_out", "Text", "Sequence length L"]
    assert head == ["run", *settings, "final loss", "accuracy", "steps made", "parameters", "time"]
    assert first[:5] == ["one", "9", "9", "hello! world", "11"]
    assert second[:5] == ["two", "3", "4", "abcab", "4"]  # all that this text has
    for row, run in ((first, one), (second, two)):
        assert row[5:] == [f"{run.losses[-1]:.4g}", f"{run.accuracy:.0%}", "6", str(run.parameters), "0.50 s"]


def test_markup_in_a_text_is_shown_as_it_stands():
    at = open_with(kept("one", text="a | b <b>**x**</b>"), kept("two"))
    assert not at.exception
    raw = next(element.value for element in at.main.markdown if element.value.startswith("| "))
    assert r"a \| b \<b\>" in raw


def test_runs_with_the_same_settings_are_named_so():
    assert any("same settings" in element.value for element in open_with(kept("one"), kept("two")).caption)


def test_a_run_that_exploded_is_kept_as_one():
    run = kept("gone", **{**EXPLOSIVE, "steps": 60})
    assert run.has_exploded
    at = open_with(run, kept("calm"))
    check_works(at, "compare")
    assert f"diverged at step {len(run.losses) - 1}" in rows(at)[2]
    crosses = [t for t in charts(at)["compare"].data if t.get("mode") == "markers" and t["x"]]
    assert [cross["x"] for cross in crosses] == [[len(run.losses) - 1]]


def test_the_scale_is_in_the_link():
    at = open_with(kept("one"))
    assert charts(at)["compare"].layout["yaxis"]["type"] == "log"
    change(at, "compare_log", False)
    assert at.query_params == {"losses": "linear"}
    assert "type" not in charts(at)["compare"].layout["yaxis"]
    again = open_app("compare", **at.query_params)
    assert find(again, "compare_log").value is False
    change(again, "compare_log", True)
    assert again.query_params == {}


def test_runs_are_renamed_and_removed():
    at = open_with(kept("one"), kept("two"))
    change(at, "name_0", " <b>best</b>  run ")
    assert [run.name for run in kept_by(at, shelf.Shelf).runs] == ["bbestb run", "two"]
    change(at, "name_1", "bbestb run")  # taken
    assert find(at, "name_1").value == "two"
    change(at, "name_1", "<>")  # nothing is left of it
    assert find(at, "name_1").value == "two"
    click(at, "remove_0")
    assert list(curves(at)) == ["two"]
    click(at, "remove_0")
    assert len(curves(at)) == 2  # the examples
    assert "name_0" not in keys(at)


@pytest.fixture
def session(monkeypatch):
    """A session's shelf without a page around it."""
    values = {}
    monkeypatch.setattr(state.st, "session_state", values)
    return values


@pytest.mark.usefixtures("session")
def test_a_file_brings_the_same_runs_back():
    runs = [kept("one"), kept("two", cell="gru")]
    for run in runs:
        assert shelf.keep(run)
    file = shelf.to_file()
    assert [json.loads(line)["name"] for line in file.splitlines()] == ["one", "two"]
    for name in ("one", "two"):
        shelf.remove(name)
    assert shelf.from_file(file.encode()) == (2, [])
    assert shelf.to_file() == file


@pytest.mark.usefixtures("session")
def test_what_is_wrong_with_a_file_is_told_and_the_rest_is_there():
    good = to_line(kept("one"))
    count, bad = shelf.from_file(f"{good}\noops\n{good}\n".encode())
    assert count == 2
    assert [(number, str(why)) for number, why in bad] == [(2, "This is not a line of JSON.")]
    assert [run.name for run in shelf.runs()] == ["one", "one (2)"]


@pytest.mark.usefixtures("session")
def test_the_shelf_is_bounded_by_number_and_by_size(monkeypatch):
    run = kept("one")
    count, bad = shelf.from_file((to_line(run) + "\n").encode() * (MAX_KEPT + 2))
    assert (count, [number for number, _ in bad]) == (MAX_KEPT, [MAX_KEPT + 1, MAX_KEPT + 2])
    assert not shelf.keep(run)
    assert len({kept.name for kept in shelf.runs()}) == MAX_KEPT
    shelf.remove("one (2)")
    monkeypatch.setattr(shelf, "MAX_BYTES", len(shelf.to_file().encode()))
    assert not shelf.keep(run)
    monkeypatch.setattr(shelf, "MAX_BYTES", 2 * len(shelf.to_file().encode()))
    assert shelf.keep(run)


@pytest.mark.usefixtures("session")
def test_a_name_with_a_number_gets_another_number():
    for _ in range(3):
        shelf.keep(kept("a (2)"))
    assert [run.name for run in shelf.runs()] == ["a (2)", "a (3)", "a (4)"]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_file_that_was_added_is_reported(lang):
    at = open_with(kept("one"), lang=lang)
    at.session_state["_upload"] = (1, list(shelf.read_lines(b'{"name": "a_b"}\n[]')))
    at.run()
    said = unescaped(at.warning[0].value)
    assert ("Line 2: This is not a JSON object." in said) == (lang == "en")
    assert "2" in said
    assert not at.exception


def test_two_settings_compete_on_the_same_seeds():
    at = open_with(kept("one", seed=4, hidden_size=3), kept("two", cell="gru", hidden_size=3, seed=9))
    assert "duel" not in charts(at)
    click(at, "start_duel")
    while at.session_state["_dueller"].is_playing:
        at.session_state["_dueller"].slice()
    at.run()
    check_works(at, "compare")
    _pairs, a, b = charts(at)["duel"].data
    losses = {
        cell: [list(train(Config(cell=cell, hidden_size=3, steps=6, seed=seed)))[-1].loss for seed in range(4, 12)]
        for cell in ("rnn", "gru")
    }
    assert a["x"] == [str(seed) for seed in range(4, 12)]
    assert a["y"] == pytest.approx(losses["rnn"], rel=1e-4)
    assert b["y"] == pytest.approx(losses["gru"], rel=1e-4)
    wins = sum(x < y for x, y in zip(losses["rnn"], losses["gru"], strict=True))
    assert f"A has the lower loss on **{wins}** and B on **{8 - wins}** of 8 seeds" in charts(at)["duel"].alt
    assert "16 of 16 networks trained · done" in next(element.proto.text for element in at.get("progress"))


def test_what_the_channel_shows_of_a_duel_is_what_the_page_shows(monkeypatch):
    monkeypatch.setattr("rnn_core.sweep.grid.SLICE_S", 0.0)
    monkeypatch.setattr(sweeper.Turns.slice, "__defaults__", (0.0,))
    at = open_with(kept("one", hidden_size=3), kept("two", cell="gru", hidden_size=3), lang="ko")
    click(at, "start_duel")
    click(at, "stop_sweep")
    told = stream(at, "compare.both", at.session_state["_dueller"])
    assert list(told["pictures"]) == ["sweep_status", "duel"]
    check_same(at, told)
    assert "A: one" in told["pictures"]["duel"]["figure"]


def test_other_competitors_have_to_be_started():
    at = click(open_app("compare"), "start_duel")
    assert "duel" in charts(at)
    change(at, "duel_b", find(at, "duel_a").value)
    assert "duel" not in charts(at)
    assert not at.exception


def test_one_run_has_nobody_to_compete_with():
    at = open_with(kept("one"))
    assert "start_duel" not in keys(at)
    assert any("Keep a second run" in element.value for element in at.caption)


def test_the_examples_can_compete_in_korean():
    at = click(open_app("compare", lang="ko"), "start_duel")
    assert not at.exception
    assert "A has the lower" not in " ".join(words(at))
    assert "시드" in charts(at)["duel"].alt
    assert body(at)

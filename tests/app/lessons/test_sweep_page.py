"""The sweep page: what the link says is trained, and what is trained is what is shown."""

import json
import math
import re
from contextlib import nullcontext

import pytest

from pages.ui.lessons import sweep_controls, sweeping
from pages.ui.lessons.sweep_controls import LESSONS
from pages.ui.run.shelf import Shelf
from pages.ui.work import sweeper
from pages.ui.work.places import Places
from pages.ui.work.sweeper import Finished
from rnn_core.config import PRESETS, Config
from rnn_core.sweep.plan import parse_axes
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import train
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    click,
    config_of,
    engine_of,
    find,
    follow_link,
    kept_by,
    keys,
    notices,
    open_app,
    run_until,
    stream,
    unescaped,
    words,
)

SMALL = {"axes": "learning_rate:0.01:0.1:2,hidden_size:3:6:2", "seeds": "2", "steps": "8"}


@pytest.fixture(autouse=True)
def server(monkeypatch):
    """A server that nobody has used yet."""
    monkeypatch.setattr(sweeper, "places", Places(2))
    monkeypatch.setattr(sweeper, "finished", Finished())


def open_sweep(**params):
    return open_app("sweep", **SMALL | params)


def sweeper_of(at):
    return at.session_state["_sweeper"]


def to_end(at):
    """Train slice by slice, and look at what it has come to."""
    while sweeper_of(at).is_playing:
        sweeper_of(at).slice()
    return at.run()


def finished(**params):
    return to_end(open_sweep(**params))


def status(at):
    return next(element.proto.text for element in at.get("progress"))


def squares(at):
    return charts(at)["sweep_map"].data[0]


def test_the_first_screen_shows_a_sweep_that_is_being_trained():
    first = {lang: open_app("sweep", lang=lang) for lang in ("en", "ko")}
    for lang, at in first.items():
        check_works(at, "sweep")
        assert at.query_params == {"lang": lang}
        assert any(value is not None for row in squares(at)["z"] for value in row)
    for at in (to_end(first["en"]), follow_link("sweep", first["ko"])):  # the other finds it trained
        check_works(at, "sweep")
        assert all(value is not None for row in squares(at)["z"] for value in row)
        assert (len(squares(at)["x"]), len(squares(at)["y"])) == (16, 4)
        assert at.query_params.keys() == {"lang"}


def test_every_number_is_that_of_its_own_run():
    at = finished()
    losses = {}
    for rate in (0.01, 0.1):
        for size in (3, 6):
            for seed in (0, 1):
                config = Config(learning_rate=rate, hidden_size=size, seed=seed, steps=8)
                losses[rate, size, seed] = list(train(config))[-1].loss
    shown = squares(at)
    assert (shown["x"], shown["y"]) == (["0.01", "0.1"], ["3", "6"])
    for row, size in zip(shown["z"], (3, 6), strict=True):
        for value, rate in zip(row, (0.01, 0.1), strict=True):
            assert 10**value == pytest.approx(min(losses[rate, size, seed] for seed in (0, 1)), rel=1e-3)
    best = min(losses, key=losses.get)
    assert f"Learning rate = {best[0]:g}, Hidden size H_out = {best[1]}" in charts(at)["sweep_map"].alt
    assert f"{losses[best]:.4g}" in charts(at)["sweep_map"].alt
    assert "8 of 8 networks trained · done" in status(at)


def test_the_curves_behind_a_square_are_those_of_its_runs():
    at = finished(picked="2")
    records = {seed: list(train(Config(learning_rate=0.1, hidden_size=3, seed=seed, steps=8))) for seed in (0, 1)}
    drawn = {trace["name"]: trace for trace in charts(at)["sweep_one"].data if trace.get("name")}
    for seed in (0, 1):
        assert drawn[f"seed {seed}"]["x"] == list(range(9))
        assert drawn[f"seed {seed}"]["y"] == pytest.approx([record.loss for record in records[seed]], rel=1e-4)
        assert f"{seed}: {records[seed][-1].loss:.4g}" in body(at) + charts(at)["sweep_one"].alt
    better = min((0, 1), key=lambda seed: records[seed][-1].loss)
    panel = [trace for trace in charts(at)["sweep_curves"].data if trace.get("mode") == "lines"]
    assert len(panel) == 4
    assert panel[1]["y"] == pytest.approx([record.loss for record in records[better]], rel=1e-4)
    assert "Learning rate = 0.1, Hidden size H_out = 3" in charts(at)["sweep_one"].alt


def test_a_reload_shows_the_same():
    first = finished(shown="accuracy", picked="1", seed="4", text="abracadabra", lang="ko")
    second = to_end(follow_link("sweep", first))
    assert second.query_params == first.query_params
    assert {key: chart.data for key, chart in charts(second).items()} == {
        key: chart.data for key, chart in charts(first).items()
    }
    assert sweeper_of(second).results is sweeper_of(first).results  # trained once


def test_the_same_server_shows_a_finished_sweep_at_once():
    finished()
    at = open_sweep()
    assert not sweeper_of(at).is_playing
    assert "8 of 8 networks trained · done" in status(at)


def test_controls_change_the_link_and_the_sweep():
    at = finished()
    change(at, "sweep_seeds", 3)
    assert "seeds" not in at.query_params  # three is usual
    assert len(sweeper_of(at).results.sweep.configs) == 12
    change(at, "sweep_count_hidden_size", 4)
    assert at.query_params["axes"] == "learning_rate:0.01:0.1:2,hidden_size:3:6:4"
    assert sweeper_of(at).results.table().values[1] == ("3", "4", "5", "6")
    change(at, "axis_hidden_size", (2, 4))
    assert at.query_params["axes"] == "learning_rate:0.01:0.1:2,hidden_size:2:4:4"
    change(at, "axis_learning_rate", (0.02, 0.2))
    assert at.query_params["axes"] == "learning_rate:0.02:0.2:2,hidden_size:2:4:4"
    change(at, "shown", "accuracy")
    assert at.query_params["shown"] == "accuracy"
    assert charts(at)["sweep_map"].data[0]["zmax"] == 1
    change(at, "steps", 5)
    assert at.query_params["steps"] == "5"
    assert {config.steps for config in sweeper_of(at).results.sweep.configs} == {5}
    assert not at.exception


def test_axes_are_chosen_of_any_field():
    at = finished()
    change(at, "sweep_axes", ["cell"])
    assert at.query_params["axes"] == "cell:rnn:lstm:gru"
    assert sweeper_of(at).results.table().values == (("rnn", "lstm", "gru"),)
    change(at, "axis_cell", ["gru", "rnn"])
    assert at.query_params["axes"] == "cell:rnn:gru"
    change(at, "sweep_axes", ["cell", "num_layers", "batched"])
    assert at.query_params["axes"] == "cell:rnn:gru,num_layers:1:3:3,batched:false:true"
    to_end(at)
    check_works(at, "sweep")
    assert "sweep_axes_chart" in charts(at)
    change(at, "sweep_axes", [])
    assert at.query_params["axes"] == "cell:rnn:gru,num_layers:1:3:3,batched:false:true"  # one there has to be


def test_more_than_two_axes_are_shown_side_by_side():
    at = finished(axes="learning_rate:0.01:0.1:2,hidden_size:3:6:2,cell:rnn:gru", seeds="1")
    chart = charts(at)["sweep_axes_chart"]
    trace = chart.trace(type="parcoords")
    assert [dimension["label"] for dimension in trace["dimensions"]] == [
        "Learning rate",
        "Hidden size H_out",
        "Cell",
        "final loss",
        "accuracy",
    ]
    losses = sweeper_of(at).results.table().median("loss")
    assert trace["dimensions"][3]["values"] == pytest.approx([math.log10(loss) for loss in losses])
    assert "sweep_axes_chart" not in charts(finished())


def test_seeds_can_be_an_axis():
    at = finished(axes="seed:3:6:4", seeds="5")
    assert find(at, "sweep_seeds").disabled
    assert len(sweeper_of(at).results.sweep.configs) == 4
    losses = [list(train(Config(seed=seed, steps=8)))[-1].loss for seed in (3, 4, 5, 6)]
    assert [10**value for value in squares(at)["z"][0]] == pytest.approx(losses, rel=1e-3)


def test_a_combination_that_diverges_is_a_result():
    lesson = {"nonlinearity": "relu", "optimizer": "sgd", "hidden_size": "32"}
    at = finished(axes="learning_rate:0.001:1:2", seeds="1", steps="60", seed="0", **lesson)
    config = Config(**{**lesson, "hidden_size": 32}, learning_rate=1.0, steps=60)
    records = list(train(config))
    assert len(records) < 60
    crosses = charts(at)["sweep_map"].data[2]
    assert (crosses["marker"]["symbol"], crosses["x"]) == ("x", ["1"])
    assert charts(at)["sweep_map"].data[1]["z"] == [[None, 1.0]]
    assert "at least one seed diverged" in charts(at)["sweep_map"].alt
    ends = [t for t in charts(at)["sweep_curves"].data if t.get("mode") == "markers"]
    assert [trace["x"] for trace in ends] == [[records[-1].step]]


def test_the_best_is_looked_at_until_another_is_picked():
    at = finished()
    best = sweeper_of(at).results.table().best("loss")
    assert "picked" not in at.query_params
    assert find(at, "sweep_picked").value == -1
    labels = words(at)
    other = next(place for place in range(4) if place != best)
    change(at, "sweep_picked", other)
    assert at.query_params["picked"] == str(other)
    assert words(at) != labels
    change(at, "sweep_picked", -1)
    assert "picked" not in at.query_params


def test_another_sweep_has_nothing_picked():
    at = change(finished(picked="3"), "sweep_seeds", 1)
    assert "picked" not in at.query_params


@pytest.mark.parametrize("picked", ["4", "99999999"])
def test_what_cannot_be_picked_is_not(picked):
    at = finished(picked=picked)
    check_works(at, "sweep")
    assert find(at, "sweep_picked").value == -1


def test_a_combination_is_opened_in_training():
    at = finished(picked="3", text="hello", seed="7")
    middle = int(sweeper_of(at).results.table().middle("loss")[3])
    click(at, "open_in_training")
    at.switch_page("pages/training.py").run()  # of itself the harness does not follow
    check_works(at, "training")
    expected = Config(learning_rate=0.1, hidden_size=6, steps=8, text="hello", seed=7 + middle)
    assert config_of(at) == Experiment(expected).config
    run_until(at, lambda: engine_of(at).is_over)
    assert engine_of(at).course.loss == [record.loss for record in train(expected)]


def test_a_run_that_hangs_on_rounding_is_marked_and_its_other_curve_in_training_is_explained():
    at = finished(axes="learning_rate:0.001:0.1:2", optimizer="rmsprop", seed="1", seeds="1", steps="100", picked="1")
    loss = sweeper_of(at).results.run(1, 0).loss
    corner = charts(at)["sweep_map"].trace(mode="text")
    assert (corner["text"], corner["x"]) == ("≈", ["0.1"])
    assert "Combinations in which a result depends on rounding (≈): 1 of 2." in charts(at)["sweep_map"].alt
    assert f"1: {loss:.4g} ≈." in charts(at)["sweep_one"].alt
    assert "This run depends on rounding" in " ".join(words(at))
    click(at, "open_in_training")
    at.switch_page("pages/training.py").run()
    run_until(at, lambda: engine_of(at).is_over)
    at.run()
    assert abs(engine_of(at).last.loss - loss) > 0.1 * loss  # it is another curve indeed
    assert f"In the sweep this run ended with a loss of {loss:.4g}." in at.info[0].value
    change(at, "seed", 2)
    assert not at.info
    calm = finished(axes="learning_rate:0.001:0.1:2", optimizer="rmsprop", seed="1", seeds="1", steps="100", picked="0")
    assert "This run depends on rounding" not in " ".join(words(calm))


def test_one_network_a_square_has_no_median_and_the_best_is_so_far_until_all_are_trained():
    at = finished(axes="seed:3:6:4", seeds="1")
    told = words(at)
    assert any(text.startswith("Best: **Seed = ") for text in told)
    assert not [text for text in told if "median" in text or "losses from" in text]
    assert any("in the median (seeds: 2; losses from" in text for text in words(finished()))
    sweeper = sweeper_of(at)
    place = next(place for place in sweeper.results.runs if place != sweeper.results.table().best("loss"))
    del sweeper.results.runs[place]
    pictures = stream(at, "sweep.course", sweeper)["pictures"]
    assert pictures["sweep_map"]["alt"].startswith("Best so far: **Seed = ")


def test_a_run_is_kept_for_the_shelf():
    at = click(finished(picked="0"), "keep_run")
    (run,) = kept_by(at, Shelf).runs
    results = sweeper_of(at).results
    assert run.config == results.config(0, int(results.table().middle("loss")[0]))
    assert list(run.losses) == pytest.approx([record.loss for record in train(run.config)], rel=1e-4)
    assert run.seconds is None


def test_a_sweep_is_stopped_and_goes_on(monkeypatch):
    monkeypatch.setattr("rnn_core.sweep.grid.SLICE_S", 0.0)
    monkeypatch.setattr(sweeper.Sweeper.slice, "__defaults__", (0.0,))
    at = open_sweep(steps="2000")
    click(at, "stop_sweep")
    updates = sweeper_of(at).results.updates
    at.run()
    assert sweeper_of(at).results.updates == updates
    assert "stopped" in status(at)
    check_works(at, "sweep")
    click(at, "resume_sweep")
    at.run()
    assert sweeper_of(at).results.updates > updates
    assert "s left" in status(at)


def test_what_the_channel_shows_of_a_sweep_is_what_the_page_shows(monkeypatch):
    monkeypatch.setattr("rnn_core.sweep.grid.SLICE_S", 0.0)
    monkeypatch.setattr(sweeper.Sweeper.slice, "__defaults__", (0.0,))
    at = open_sweep(axes="learning_rate:0.01:0.1:2,hidden_size:3:6:2,cell:rnn:gru", picked="3", lang="ko")
    click(at, "stop_sweep")
    told = stream(at, "sweep.course", sweeper_of(at))
    assert list(told["pictures"]) == ["sweep_status", "sweep_map", "sweep_axes_chart", "sweep_curves", "sweep_one"]
    check_same(at, told)
    sweeper_of(at).go_on()
    while sweeper_of(at).is_playing:
        sweeper_of(at).slice()
    later = stream(at, "sweep.course", sweeper_of(at))
    assert all(later["pictures"][key] != picture for key, picture in told["pictures"].items())


def test_a_third_viewer_sees_who_is_before_him_and_begins_when_a_place_is_free():
    others = [sweeper.places.ask(name) for name in ("a", "b", "c")]
    assert others == [0, 0, 1]
    at = open_sweep()
    check_works(at, "sweep")
    assert "2 ahead of you: this server trains 2 sweeps at a time" in status(at)
    assert sweeper_of(at).results.updates == 0
    for name in ("a", "b"):
        sweeper.places.leave(name)
    to_end(at)
    assert "8 of 8" in status(at)


def test_another_sweep_of_the_same_viewer_gives_the_place_of_the_first_back(monkeypatch):
    monkeypatch.setattr("rnn_core.sweep.grid.SLICE_S", 0.0)
    monkeypatch.setattr(sweeper.Sweeper.slice, "__defaults__", (0.0,))
    at = open_sweep(steps="2000")
    first = sweeper_of(at)
    change(at, "sweep_seeds", 4)
    assert sweeper_of(at) is not first
    assert len(sweeper.places) == 1


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"axes": "seed:0:31:32,hidden_size:1:32:32"}, "too large for a shared server"),
        ({"axes": "bidirectional:false:true"}, "Bidirectional = true cannot be used"),
        ({"axes": "val_share:0:0.5:6"}, "Use val_share=0 or seq_len=5"),
        ({"axes": "hidden_size:3:6:2", "head": "none"}, "must be the vocabulary size"),
    ],
)
def test_what_cannot_be_trained_is_answered_with_a_sentence(params, why):
    at = open_sweep(**params)
    assert not at.exception
    assert why in unescaped(at.error[0].value)
    change(at, "sweep_axes", ["learning_rate"])
    assert not at.error
    check_works(at, "sweep")


def test_an_experiment_that_is_refused_keeps_the_last_sweep_and_offers_one_that_works():
    at = open_sweep(lang="en")
    before = charts(at)["sweep_map"].data
    change(at, "bidirectional", True)
    (error,) = [element.value for element in at.error]
    assert unescaped(error).startswith("Bidirectional = true cannot be used with Task = next character")
    assert error.endswith("Meanwhile the page shows Bidirectional = false.")
    assert charts(at)["sweep_map"].data == before
    assert at.query_params["bidirectional"] == "true"
    click(at, "remedy")
    assert not at.error
    assert (at.query_params["task"], config_of(at).bidirectional) == ("same", True)


def test_a_locked_axis_says_why():
    at = open_sweep(axes="batch_size:1:4:2", batched="false")
    assert any("Without a batch axis" in element.value for element in at.caption)


@pytest.mark.parametrize(("preset", "lang"), [*zip(PRESETS, ("en", "ko", "en"), strict=True)])
def test_a_lesson_opens_from_anywhere(monkeypatch, preset, lang):
    monkeypatch.setattr(sweeper.Sweeper.slice, "__defaults__", (0.0,))  # what it trains is not looked at
    at = open_sweep(preset=preset, lang=lang, shown="accuracy", picked="1")
    for name, (_title, _words, axes, seeds, values) in LESSONS.items():
        click(at, f"lesson_{name}")
        plan = sweeper_of(at).plan
        assert (plan.axes, plan.base) == (parse_axes(axes), Config(**values))
        assert len(at.info) == 1
        assert "preset" not in at.query_params
        again = follow_link("sweep", at)
        assert sweeper_of(again).plan == plan
        assert plan.seeds == seeds
    change(at, "text", "something else")
    assert not at.info  # what the lesson says is said of its own text


def test_the_lessons_say_what_comes_out():
    results = {}
    for name in LESSONS:
        at = to_end(click(open_app("sweep"), f"lesson_{name}"))
        results[name] = sweeper_of(at).results.table()
    cliff, small, luck = results["cliff"], results["small"], results["luck"]
    first_useless = {}
    for which, optimizer in enumerate(cliff.values[1]):
        medians = cliff.median("loss")[which::3]
        good = max(place for place, loss in enumerate(medians) if loss < 0.05 and place < 15)
        first_useless[optimizer] = good
    assert first_useless["rmsprop"] < first_useless["adam"] < first_useless["sgd"]
    assert cliff.has_exploded.any()
    accuracy = small.median("accuracy").reshape(8, 3)
    assert (accuracy[0] < 0.6).all()
    assert (accuracy[0] > 0.4).all()
    assert (accuracy[1] > 0.75).all()
    losses = small.median("loss").reshape(8, 3)
    assert (losses[1:] < losses[:-1]).all()
    rows = luck.loss.reshape(32, 4)
    assert (rows.max(axis=0) > 1.5 * rows.min(axis=0)).all()


def test_what_a_link_cannot_say_is_named():
    at = open_app("sweep", axes="learning_rate:9:1:2", seeds="0", shown="colour", picked="-1")
    check_works(at, "sweep")
    assert [line.split("=")[0] for line in notices(at)] == ["axes", "seeds", "shown", "picked"]
    assert at.query_params == {}


@pytest.mark.parametrize("ends", [(2, 999), (0, 5), (4, 4), (2.4, 2.6), (-1e14, 1e14)])
def test_a_slider_cannot_leave_the_bounds_of_its_field(monkeypatch, ends):
    at = finished()
    monkeypatch.setattr(sweep_controls.slider, "is_plain", lambda: False)
    heard = {"axis_hidden_size": ends}
    monkeypatch.setattr(sweep_controls.state, "hear_span", lambda key: nullcontext(heard.get(key)))
    at.run()
    assert not at.exception
    assert at.query_params["axes"] == SMALL["axes"]


@pytest.mark.parametrize(
    ("point", "picked"),
    [
        ({"x": "0.1", "y": "6"}, "3"),
        ({"x": "0.01", "y": "6"}, "1"),
        ({"x": "7", "y": "6"}, None),
        ({"x": 0.1, "y": "6"}, "3"),
        ({"x": "0.1"}, None),
        ({"x": None, "y": []}, None),
    ],
)
def test_a_click_picks_a_square(point, picked):
    at = finished()
    at.session_state["sweep_map"] = {"event": {"kind": "click", "trace": 0, "n": 5, **point}}
    at.run()
    assert not at.exception
    assert at.query_params.get("picked") == picked


def test_the_code_trains_the_same_sweep(capsys):
    at = finished(text="say 'hi'", seed="3", nonlinearity="relu")
    from pages.ui.lessons.sweep import script

    source = script(sweeper_of(at).plan)
    exec(compile(source, "script", "exec"), {})
    printed = capsys.readouterr().out.split("\n")[:-1]
    assert len(printed) == 8
    losses = sorted(float(re.search(r"\} (\S+) ", line).group(1)) for line in printed)
    assert losses == sorted(sweeper_of(at).results.table().loss.ravel().tolist())


def test_there_are_files_to_take_away():
    assert {"sweep_csv", "sweep_parquet"} <= keys(finished())


def test_the_scheduler_comes_from_the_environment_or_from_the_secrets(monkeypatch):
    monkeypatch.delenv("DASK_SCHEDULER_ADDRESS", raising=False)
    assert sweeping.scheduler() is None
    fake = type("Secrets", (dict,), {"load_if_toml_exists": lambda _self: True})
    monkeypatch.setattr(sweeping.st, "secrets", fake({"DASK_SCHEDULER_ADDRESS": "tcp://secret:1"}))
    assert sweeping.scheduler() == "tcp://secret:1"
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://named:1")
    assert sweeping.scheduler() == "tcp://named:1"


def test_a_cluster_that_does_not_answer_is_named_and_done_without(monkeypatch):
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "x://nowhere")
    at = finished()
    assert "8 of 8" in status(at)
    assert any("scheduler=x://nowhere cannot be used" in unescaped(element.value) for element in at.caption)
    assert any("8 of 8 networks, is trained here" in element.value for element in at.caption)


def test_the_picture_is_sent_as_numbers_only():
    json.dumps([chart.data for chart in charts(finished()).values()], allow_nan=False)

"""The trajectories page: states, lines, matches, paths and eigenvalues are the core's, for one text and for several."""

import json
import re

import numpy as np
import pytest

from rnn_core.analysis.trajectories import film, match_places, order_units, states_at, states_over, unit_basis
from rnn_core.cells.window import read_window
from rnn_core.config import Config
from rnn_core.data.vocab import Vocabulary
from rnn_core.training.history import Run
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    click,
    engine_of,
    find,
    follow_link,
    hold,
    open_app,
    run_to_pause,
    stream,
    unescaped,
)
from tests.app.numbers import array_of
from tests.app.test_pages import english_left_in, words

SHARES_RUNS = True
TEXT = "the quick brown fox jumps over the lazy dog"
WINDOWS = {"text": TEXT, "seq_len": "12", "batch_size": "2"}


def open_trajectories(**params):
    return run_to_pause(open_app("trajectories", **{"steps": "12"} | params))


def heat(at, key="map"):
    return array_of(charts(at)[key].data[0]["z"]).T  # (L, H)


def paths(at):
    """Return the paths on the screen."""
    found = [trace for trace in charts(at)["path"].data if "lines" in trace.get("mode", "")]
    return [np.stack([array_of(trace[name]) for name in "xyz" if name in trace], axis=1) for trace in found]


def states_of(at, **place):
    run = engine_of(at)
    return states_at(run, run.at(run.step), **place)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"hidden_size": "1"},
        {"hidden_size": "2", "space": "units"},
        {"cell": "gru", "num_layers": "2", "layer": "0"},
        {**WINDOWS, "window": "2", "cell": "lstm"},
        {"task": "same", "bidirectional": "true", "direction": "reverse"},
        {"preset": "onehot-batch"},
    ],
)
def test_states_are_those_of_the_run_by_torch(params):
    at = open_trajectories(**params)
    if params.get("hidden_size") != "1":
        check_works(at, "trajectories")
    size = engine_of(at).config.hidden_size
    layer = int(params["layer"]) if "layer" in params else None
    theirs = states_of(at, window=int(params.get("window", engine_of(at).last.windows[0])), layer=layer)
    theirs = theirs[:, size:] if "direction" in params else theirs[:, :size]
    assert np.abs(heat(at) - theirs).max() < 1e-6


def test_the_training_page_shows_the_same_states_at_the_same_step():
    training = run_to_pause(open_app("training", steps="12", step="7"))
    at = open_trajectories(step="7")
    theirs = array_of(charts(training)["states"].trace(type="heatmap")["z"])
    assert np.abs(heat(at).T - theirs).max() < 1e-6 or np.abs(heat(at).T[::-1] - theirs).max() < 1e-6
    assert "Step **7**" in body(at)


def test_units_are_ordered_and_a_click_takes_the_one_that_is_there():
    at = open_trajectories(order="similar")
    states = states_of(at)
    order = order_units(states).tolist()
    assert np.abs(heat(at) - states[:, order]).max() < 1e-6
    unit = next(place for place in range(9) if order[place] not in drawn_units(at))
    at.session_state["map"] = {"event": {"kind": "click", "trace": 0, "x": 3, "y": unit, "n": 5}}
    at.run()
    assert order[unit] in drawn_units(at)
    at.session_state["map"] = {"event": {"kind": "click", "trace": 0, "x": 3, "y": unit, "n": 6}}
    at.run()
    assert order[unit] not in drawn_units(at)


def drawn_units(at):
    return [int(trace["name"].split()[1].strip(":")) for trace in charts(at)["lines"].data if "name" in trace]


def test_lines_are_the_chosen_units_and_of_an_lstm_c_beside_h():
    at = open_trajectories(cell="lstm", units="7,2")
    run = engine_of(at)
    cells = read_window(run.config, run.at(12).weights, run.dataset.input[0]).values["c_t"]
    lines = {trace["name"]: array_of(trace["y"]) for trace in charts(at)["lines"].data if "name" in trace}
    assert list(lines) == ["unit 7: h", "unit 7: c", "unit 2: h", "unit 2: c"]
    assert np.allclose(lines["unit 2: h"], states_of(at)[:, 2], atol=1e-6)
    assert np.allclose(lines["unit 7: c"], cells[:, 7], atol=1e-6)
    assert np.abs(heat(at, "map_c") - cells).max() < 1e-5


@pytest.mark.parametrize(("found", "threshold"), [("4", None), ("2-4", None), (None, None), ("4", "0.75")])
def test_units_that_mark_something_are_listed_with_their_scores(found, threshold):
    asked = {"find": found, "threshold": threshold}
    at = open_trajectories(**{name: word for name, word in asked.items() if word})
    window = engine_of(at).dataset.input[0]
    if found and "-" in found:
        wanted = (np.arange(len(window)) >= 2) & (np.arange(len(window)) <= 4)
    else:
        wanted = window == int(found or window[0])
    level = float(threshold or 0.3)
    expected = match_places(states_of(at), wanted, threshold=level)[:5]
    assert {abs(y) for trace in charts(at)["lines"].data if "name" not in trace for y in trace["y"]} == {level}
    rows = re.findall(r"\| (\d+) \| ([+−]) \| ([\d.]+) \| ([✓–]) \| ([✓–]) \|", body(at))
    assert rows == [
        (str(m.unit), "+" if m.sign > 0 else "−", f"{m.score:.3f}", "–✓"[m.covers], "–✓"[m.is_bounded])
        for m in expected
    ]
    click(at, "draw_matches")
    assert drawn_units(at) == list(dict.fromkeys(m.unit for m in expected))


def test_from_where_on_a_unit_counts_as_on_is_the_viewers_choice():
    at = open_trajectories()
    change(at, "threshold", 0.9)
    assert at.query_params["threshold"] == "0.9"
    window = engine_of(at).dataset.input[0]
    best = match_places(states_of(at), window == window[0], threshold=0.9)[0]
    assert f"| {best.unit} | {'+' if best.sign > 0 else '−'} | {best.score:.3f} |" in body(at)
    note = hold(at, "trajectories.units", "threshold", 0.5)["pictures"]["lines"]["note"]
    best = match_places(states_of(at), window == window[0], threshold=0.5)[0]
    assert f" {best.unit} {'+' if best.sign > 0 else '−'} **{best.score:.3f}**" in note


def test_a_span_is_chosen_by_its_ends():
    at = open_trajectories()
    change(at, "span_first", 7)
    change(at, "span_last", 10)
    click(at, "use_span")
    assert at.query_params["find"] == "7-10"
    assert "worl" in find(at, "find").value or find(at, "find").value == "7-10"


@pytest.mark.parametrize(("space", "count"), [(None, 2), ("pca3", 3), ("units", 3)])
def test_the_path_is_that_of_the_film_in_one_basis(space, count):
    at = open_trajectories(**{"space": space} if space else {}, units="1,4,6", step="5")
    run = engine_of(at)
    basis = unit_basis([1, 4, 6], 9) if space == "units" else None
    expected = film(run, count=count, basis=basis)
    place = expected.steps.index(5)
    assert len(paths(at)) == 1
    assert np.allclose(paths(at)[0], expected.path[place], atol=1e-5)
    if basis is None:
        assert f"**{expected.pca.variance_share.sum():.0%}**" in body(at)
    for values in expected.eigenvalues.values():
        points = charts(at)["eigenvalues"].data[1]
        assert np.allclose(np.hypot(array_of(points["x"]), array_of(points["y"])), np.abs(values[place]), atol=1e-5)
        assert f"{np.abs(values[0]).max():.3f} at step 0 to {np.abs(values[-1]).max():.3f} at step 12" in body(at)


def test_the_film_that_rests_chooses_the_step():
    at = open_trajectories()
    at.session_state["path"] = {"event": {"kind": "film", "trace": 0, "x": 4, "y": 4, "n": 5}}
    at.run()
    assert at.query_params["step"] == "4"
    assert find(at, "step").value == 4
    assert "Step **4**" in body(at)


def test_texts_of_the_viewers_own_are_followed_in_the_same_basis():
    at = open_trajectories(also="hello\nworld old")
    run = engine_of(at)
    known = Vocabulary(run.dataset.characters)
    others = [known.encode(text) for text in ("hello", "world old")]
    expected = film(run, others=others)
    assert [path.shape for path in paths(at)] == [(11, 2), (5, 2), (9, 2)]
    for path, frames in zip(paths(at), (expected.path, *expected.others), strict=True):
        assert np.allclose(path, frames[-1], atol=1e-5)
    states = states_over(run, run.at(12), others[1])
    assert np.allclose(expected.others[1][-1], expected.pca.project(states))
    named = [note["text"] for note in charts(at)["path"].layout["annotations"]]
    assert named == ["● hello!␣worl", "■ hello", "◆ world␣old"]
    change(at, "also", "hello")
    assert at.query_params["also"] == "hello"
    assert len(paths(at)) == 2


def test_windows_after_this_one_are_followed_and_no_more_than_can_be():
    at = open_trajectories(**WINDOWS, together="2", also="fox\ndog\nqqq")
    run = engine_of(at)
    windows = run.dataset.input
    first = run.last.windows[0]
    expected = film(run, window=first, others=[windows[(first + i) % len(windows)] for i in (1, 2)])
    assert len(paths(at)) == 4
    assert len(film(run, window=first).others) == 0
    assert any("At most 3" in element.value for element in at.warning)
    assert paths(at)[1].shape == expected.others[0][-1].shape


def test_windows_chosen_by_hand_are_in_the_link():
    at = open_trajectories(**WINDOWS)
    change(at, "together", 2)
    assert at.query_params["together"] == "2"


def test_characters_that_the_network_does_not_know_are_named():
    at = open_trajectories(also="hexe")
    check_works(at, "trajectories")
    assert any("x not in the vocabulary" in element.value for element in at.warning)
    assert len(paths(at)) == 1


def held_heat(told):
    """Return the states in the heat map that the channel drew, and the words above it."""
    picture = told["pictures"]["map"]
    return array_of(json.loads(picture["figure"])["data"][0]["z"]).T, picture["note"]


def test_a_held_size_is_previewed_untrained():
    at = open_trajectories(lang="en")
    states, note = held_heat(hold(at, "trajectories.units", "hidden_size", 5))
    run = Run(Config(hidden_size=5))
    assert np.abs(states - states_at(run, run.at(0))).max() < 1e-6
    assert "untrained" in note


def test_a_live_retrain_is_made_with_the_value_under_the_hand():
    at = open_trajectories(live="on", lang="en")
    states, note = held_heat(hold(at, "trajectories.retrained", "learning_rate", 0.02))
    run = Run(Config(steps=12, learning_rate=0.02))
    while run.advance():
        pass
    assert np.abs(states - states_at(run, run.at(12))).max() < 1e-6
    assert "to step 12" in note
    assert f"loss **{run.last.loss:.4g}**" in note


@pytest.mark.parametrize("name", ["units", "retrained"])
def test_what_cannot_be_is_said_under_the_hand(name):
    at = open_trajectories(text="hello", lang="en")
    for field, value in (("hidden_size", 2.5), ("seq_len", 1000), ("threshold", 7)):
        assert str(value) in unescaped(hold(at, f"trajectories.{name}", field, value)["trouble"])


@pytest.mark.parametrize(("field", "value"), [("step", 5), ("threshold", 0.2)])
def test_what_is_under_the_hand_is_what_the_page_shows_when_it_is_set(field, value):
    at = open_trajectories(cell="lstm", lang="ko", order="similar", find="2-4")
    told = hold(at, "trajectories.units", field, value)
    assert list(told["pictures"]) == ["map", "map_c", "lines"]
    change(at, field, value)
    check_same(at, told)
    other = hold(at, "trajectories.units", field, {"step": 12, "threshold": 0.9}[field])
    assert other["pictures"]["lines"] != told["pictures"]["lines"]


def test_what_the_channel_shows_of_a_run_is_what_the_page_shows():
    params = {"space": "units", "also": "hello\nqx", "cell": "lstm", "trained": "5", "lang": "ko"}
    at = open_trajectories(**params)
    told = [stream(at, f"trajectories.{name}", engine_of(at)) for name in ("units", "way")]
    assert [list(one["pictures"]) for one in told] == [["map", "map_c", "lines"], ["path", "curves", "eigenvalues"]]
    for one in told:
        check_same(at, one)
    engine_of(at).step_once()
    later = stream(at, "trajectories.way", engine_of(at))
    assert all(later["pictures"][key] != picture for key, picture in told[1]["pictures"].items())
    assert len(json.loads(later["pictures"]["path"]["figure"])["frames"]) == 7


@pytest.mark.parametrize(
    "params",
    [
        {"order": "similar", "units": "1,5", "find": "2-4", "step": "5"},
        {"cell": "lstm", "space": "pca3", "also": "hello\nworld", "live": "on"},
        {**WINDOWS, "together": "1", "window": "1", "space": "units"},
    ],
)
def test_the_link_shows_the_same(params):
    at = open_trajectories(**params)
    assert at.query_params == {"steps": "12"} | params
    again = run_to_pause(follow_link("trajectories", at))
    assert {key: (chart.data, chart.alt) for key, chart in charts(again).items()} == {
        key: (chart.data, chart.alt) for key, chart in charts(at).items()
    }
    assert body(again) == body(at)


def test_everything_is_said_in_korean_too():
    at = open_trajectories(**WINDOWS, cell="lstm", lang="ko", together="1", also="fox\n@", live="on")
    check_works(at, "trajectories")
    assert english_left_in(words(at), "ko") == set()


@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_the_largest_film_is_small_and_says_what_of_the_run_it_shows(cell):
    text = (TEXT + " ") * 7
    at = open_trajectories(text=text, cell=cell, hidden_size="128", seq_len="128", steps="60", space="pca3", lang="en")
    run = engine_of(at)
    assert run.step == 60
    kept, shown = len({*run.moments, 60}), body(at)
    if cell == "rnn":
        assert kept == 61
        assert "60 of 61 kept steps are drawn" in shown
        assert "Eigenvalues are shown for 16 of the 60 steps above" in shown
    else:
        assert kept < 60
        assert f"{kept} of 61 steps are kept" in shown
        assert f"Eigenvalues are shown for 4 of the {kept} steps above" in shown
    sent = [len(element.proto.spec) for element in at.get("plotly_chart")]
    sent += [len(element.proto.json) for element in at.get("bidi_component")]
    assert max(sent) < 3_000_000

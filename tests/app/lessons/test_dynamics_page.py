"""The dynamics page: fields, fixed points and eigenvalues are the core's, for the memories and for the viewer's run."""

import re

import numpy as np
import pytest

from pages.ui.lessons import dynamics
from pages.ui.session import cache, state
from pages.ui.session.link import Look
from pages.ui.session.views import DynamicsView
from pages.ui.work.engine import Engine
from rnn_core.analysis.dynamics import StateMap, character_input, sample_starts, search, visited_states
from rnn_core.analysis.flipflop import train_flip_flop
from rnn_core.config import Config
from rnn_core.records.dynamics import FixedPoint, Stillness
from rnn_core.sentence import ConfigError
from rnn_core.training.experiment import Experiment
from tests.app.conftest import (
    body,
    change,
    charts,
    check_works,
    click,
    engine_of,
    find,
    follow_link,
    keys,
    open_app,
    run_to_pause,
)
from tests.app.numbers import array_of
from tests.app.test_pages import english_left_in, words

SHARES_RUNS = True
SMALL = {"system": "mine", "hidden_size": "2"}
ROW = re.compile(r"\| \**(\d+)\** \| (\S)\xa0(\w+) \| ([\d.e+-]+) \| ([\d.]+) \| (.*?) \|")
SIGNS = {"stable": "●", "saddle": "✕", "unstable": "◇", "marginal": "■", "slow": "▲"}


def open_dynamics(**params):
    return run_to_pause(open_app("dynamics", **{"steps": "12"} | params))


def system_of(at, symbol=0, memory=None):
    """Return the map on the screen, and the states that its network visits."""
    if memory:
        found = train_flip_flop(memory[0], hidden_size=memory[1])
        inputs = [np.zeros(memory[0])] + [sign * np.eye(memory[0])[bit] for bit in range(memory[0]) for sign in (1, -1)]
        return StateMap(found.config, found.weights, inputs[symbol]), found.states.reshape(-1, memory[1])
    run = engine_of(at)
    weights = run.at(run.step).weights
    window = run.dataset.input[run.last.windows[0]]
    return (
        StateMap(run.config, weights, character_input(run.config, weights, symbol)),
        visited_states(run.config, weights, window),
    )


def found_in(at):
    """Return the rows of the table of fixed points."""
    return ROW.findall(body(at))


def check_table(at, state_map, visited, count=None):
    """Check that the table is what a search finds, fixed points first, and return its points."""
    found = search(
        state_map, sample_starts(state_map, visited, count=count or (200 if state_map.state_size < 5 else 100))
    )
    listed = [*found.fixed, *found.slow[:12]]
    points = sorted(listed, key=lambda point: (list(SIGNS).index(point.kind), *point.state.round(4)))
    assert [(mark, kind) for _, mark, kind, *_ in found_in(at)] == [(SIGNS[p.kind], p.kind) for p in points]
    assert [radius for *_, radius, _ in found_in(at)] == [f"{np.abs(p.eigenvalues).max():.3f}" for p in points]
    for (_, _, kind, speed, *_), point in zip(found_in(at), points, strict=True):
        moved = np.linalg.norm(state_map(point.state[None])[0] - point.state)
        assert float(speed) == pytest.approx(moved, rel=0.1, abs=1e-13)
        assert moved < 1e-12 if kind != "slow" else 1e-12 < moved < 1e-2
    return points


@pytest.mark.parametrize(("system", "memory"), [(None, (2, 16)), ("one", (1, 2))])
def test_a_memory_has_a_stable_state_for_each_thing_to_remember(system, memory):
    at = open_dynamics(system=system)
    check_works(at, "dynamics")
    points = check_table(at, *system_of(at, memory=memory))
    stable = [value for _, _, kind, *_, value in found_in(at) if kind == "stable"]
    signs = {tuple(number.strip()[0] for number in value.split(",")) for value in stable}
    assert len(signs) == len(stable) == 2 ** memory[0]
    assert f"●\u00a0**{len(stable)}** stable (attracting)" in body(at)
    shown = charts(at)["point_eigenvalues"].data[1]
    sizes = np.hypot(array_of(shown["x"]), array_of(shown["y"]))
    assert np.allclose(np.sort(sizes), np.sort(np.abs(points[0].eigenvalues)), atol=1e-5)


def test_kinds_differ_by_shape_and_not_by_colour_alone():
    data = charts(open_dynamics(system="one"))["phase_plane"].data
    marks = {t["name"]: (t["marker"]["symbol"], t["marker"]["color"]) for t in data if t.get("name") in SIGNS}
    assert set(marks) == {"stable", "saddle"}
    assert len({symbol for symbol, _ in marks.values()}) == len({color for _, color in marks.values()}) == 2


@pytest.mark.parametrize("params", [{}, {"cell": "gru"}, {"cell": "lstm", "hidden_size": "3"}, {"num_layers": "2"}])
def test_the_viewers_own_network_is_that_of_the_run(params):
    at = open_dynamics(**SMALL | params, symbol="3")
    check_works(at, "dynamics")
    state_map, visited = system_of(at, 3)
    points = check_table(at, state_map, visited)
    plane = charts(at)["phase_plane"]
    if state_map.state_size == 2:
        heat = plane.data[0]
        x, y = array_of(heat["x"]), array_of(heat["y"])
        states = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        speed = np.linalg.norm(state_map(states) - states, axis=1)
        assert np.allclose(array_of(heat["customdata"]).ravel(), speed, atol=1e-9)
        assert sum("stands still" in t.get("name", "") for t in plane.data) == 2  # the nullclines
        drawn = np.concatenate(
            [np.stack([array_of(t["x"]), array_of(t["y"])], axis=1) for t in plane.data if t.get("name") in SIGNS]
        )
        assert sorted(drawn.round(6).tolist()) == sorted(np.stack([p.state for p in points]).round(6).tolist())
        assert "the plane is all there is" in body(at)
    else:
        assert "of the variance" in body(at)
    predicted = found_in(at)[0][-1]
    assert predicted[1] in engine_of(at).dataset.characters or predicted.startswith("«␣»")


def test_each_character_has_a_field_of_its_own():
    fields = [array_of(charts(open_dynamics(**SMALL, symbol=str(i)))["phase_plane"].data[0]["z"]) for i in (0, 4)]
    assert fields[0].shape == fields[1].shape
    assert not np.allclose(fields[0], fields[1])
    at = open_dynamics(**SMALL)
    assert len(find(at, "symbol").options) == len(engine_of(at).dataset.characters)


def test_a_click_into_the_plane_starts_a_trajectory_there():
    at = open_dynamics(**SMALL)
    assert sum("circle-open" in str(t["marker"]) for t in paths(at)) == 4
    at.session_state["phase_plane"] = {"event": {"kind": "click", "trace": 0, "x": 0.25, "y": -0.5, "n": 5}}
    at.run()
    assert at.query_params["starts"] == "0.250:-0.500"
    expected = system_of(at)[0].follow(np.array([[0.25, -0.5]]), 40)[:, 0]
    assert len(paths(at)) == 1
    drawn = np.stack([array_of(paths(at)[0]["x"]), array_of(paths(at)[0]["y"])], axis=1)
    assert np.allclose(drawn, expected, atol=1e-9)
    for n in range(6, 20):
        at.session_state["phase_plane"] = {"event": {"kind": "click", "trace": 0, "x": n / 100, "y": 0.0, "n": n}}
        if n in (6, 18, 19):
            at.run()
    assert at.query_params["starts"].count(":") == 4
    assert "starts" not in click(at, "no_starts").query_params


def paths(at):
    return [t for t in charts(at)["phase_plane"].data if t.get("mode") == "lines+markers"]


def test_a_click_on_a_fixed_point_shows_its_eigenvalues():
    at = open_dynamics(system="one")
    data = charts(at)["phase_plane"].data
    saddle = next(t for t in data if t.get("name") == "saddle")
    x, y = array_of(saddle["x"])[0], array_of(saddle["y"])[0]
    at.session_state["phase_plane"] = {"event": {"kind": "click", "trace": 3, "x": float(x), "y": float(y), "n": 5}}
    at.run()
    chosen = int(at.query_params["point"])
    assert found_in(at)[chosen][2] == "saddle"
    assert f"fixed point {chosen}" in body(at)
    assert found_in(at)[chosen][4] in charts(at)["point_eigenvalues"].alt


def test_a_fixed_point_chosen_by_its_number_is_in_the_link():
    at = open_dynamics(system="one")
    change(at, "point", 2)
    assert at.query_params["point"] == "2"
    assert "fixed point 2" in body(at)


def test_of_many_numbers_a_plane_of_two_is_chosen_and_the_search_waits_to_be_asked_for():
    at = open_dynamics(system="mine", hidden_size="70", plane="3,5")
    assert "units 3 and 5" in find(at, "plane").options or "3,5" in find(at, "plane").value
    assert "point_eigenvalues" not in charts(at)
    assert "of the variance" in body(at)
    click(at, "search_now")
    assert at.query_params["search"] == "on"
    check_table(at, *system_of(at), count=12)


NOTHING_FIXED = {
    "system": "mine",
    "nonlinearity": "relu",
    "hidden_size": "4",
    "learning_rate": "1.0",
    "seed": "1",
    "symbol": "2",
}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_where_nothing_is_fixed_the_page_says_what_was_tried_and_shows_what_creeps(lang):
    at = open_dynamics(**NOTHING_FIXED, lang=lang)
    check_works(at, "dynamics")
    state_map, visited = system_of(at, 2)
    found = search(state_map, sample_starts(state_map, visited, count=200))
    assert found.fixed == ()
    assert len(found.slow) == 1
    assert f"= {found.nearest:.1e}" in body(at)
    assert "200" in body(at)
    (row,) = found_in(at)
    assert row[1] == "▲"
    drawn = [t for t in charts(at)["phase_plane"].data if t.get("marker", {}).get("symbol") == "triangle-up"]
    assert len(drawn) == 1
    assert english_left_in(words(at), lang) == set()


def test_samples_of_a_surface_of_fixed_points_are_not_passed_off_as_points(monkeypatch):
    point = FixedPoint(np.zeros(2), 0.0, np.ones(2, dtype=complex), "marginal", is_isolated=False)
    monkeypatch.setattr(cache, "stillness", lambda *_: Stillness((point, point), (), 400, 0.0))
    at = open_dynamics(**SMALL)
    assert "■\u00a0**2** marginal" in body(at)
    assert "2 of these fixed points are samples of a curve or a surface" in body(at)


def test_a_network_that_reads_backwards_too_has_no_next_state():
    at = open_dynamics(system="mine", task="same", bidirectional="true")
    assert not at.exception
    assert "no next state" in at.error[0].value
    assert "phase_plane" not in charts(at)


def test_a_state_of_one_number_has_no_plane_but_fixed_points():
    at = open_dynamics(system="mine", hidden_size="1")
    assert not at.exception
    assert "phase_plane" not in charts(at)
    assert found_in(at)


def test_what_was_chosen_belongs_to_its_network():
    at = open_dynamics(system="one", symbol="1", starts="0.500:0.500", point="1")
    change(at, "system", "two")
    assert at.query_params == {"steps": "12"}
    assert "step" not in keys(at)
    assert "step" in keys(change(at, "system", "mine"))


@pytest.mark.parametrize(
    "params",
    [
        {"system": "one", "symbol": "1", "starts": "0.500:0.500,-0.250:0.125", "point": "1"},
        {**SMALL, "symbol": "5", "step": "4", "cell": "gru"},
    ],
)
def test_the_link_shows_the_same(params):
    at = open_dynamics(**params)
    assert at.query_params == {"steps": "12"} | params
    again = run_to_pause(follow_link("dynamics", at))
    assert {key: (chart.data, chart.alt) for key, chart in charts(again).items()} == {
        key: (chart.data, chart.alt) for key, chart in charts(at).items()
    }
    assert body(again) == body(at)


@pytest.mark.parametrize("params", [{**SMALL, "cell": "lstm"}, {"system": "three", "symbol": "2"}])
def test_everything_is_said_in_korean_too(params):
    at = open_dynamics(**params, lang="ko")
    check_works(at, "dynamics")
    assert english_left_in(words(at), "ko") == set()


def test_an_input_beyond_those_that_there_are_is_the_last_in_the_list_and_in_the_picture():
    beyond, last = (open_dynamics(system="one", symbol=symbol) for symbol in ("99", "2"))
    assert find(beyond, "symbol").value == find(last, "symbol").value == 2
    assert charts(beyond)["phase_plane"] == charts(last)["phase_plane"]


def test_back_to_another_network_shows_it_as_it_was(monkeypatch):
    at = open_dynamics(system="one", symbol="1", starts="0.500:0.500")
    monkeypatch.setattr(state, "_is_history_navigation", lambda: True)
    at.query_params = {"steps": "12", "system": "three", "symbol": "2"}
    at.run()
    assert at.query_params == {"steps": "12", "system": "three", "symbol": "2"}


def run_of(config, pinned=None):
    run = Engine(config)
    run.catch_up()
    run.pinned = pinned
    return run


def test_the_plane_under_the_hand_is_that_of_the_step_set():
    config = Config(hidden_size=2, steps=12)
    look = Look(Experiment(config), {DynamicsView: DynamicsView(system="mine", symbol=2)}, "ko")
    held, there, newest = (
        [picture.content() for picture in dynamics.plane.pictures(*of)]
        for of in ((look.holding("step", 5), run_of(config)), (look, run_of(config, 5)), (look, run_of(config)))
    )
    assert held == there
    assert held != newest
    with pytest.raises(ConfigError, match=r"step=.* cannot be used: a whole number from 0 to 12 works"):
        list(dynamics.plane.pictures(look.holding("step", 1e9), run_of(config)))


@pytest.mark.parametrize(
    ("config", "said"),
    [(Config(hidden_size=1), "no plane"), (Config(bidirectional=True, task="same"), "next state")],
)
def test_where_there_is_no_plane_the_stage_says_so(config, said):
    look = Look(Experiment(config.replace(steps=2)), {DynamicsView: DynamicsView(system="mine")}).holding("step", 1)
    with pytest.raises(ConfigError) as told:
        list(dynamics.plane.pictures(look, run_of(look.base)))
    assert said in look.words.say(told.value.sentence)

"""What a browser says to a real server: numbered messages are heard once, and anything else changes nothing."""

import json
import math

import pytest

from bench.server import OURS, running
from bench.session import visit

NUMBERED = [
    "x" * 1_000_000,
    None,
    True,
    math.nan,
    math.inf,
    -math.inf,
    0,
    129,
    5.5,
    10**30,
    "7",
    "9; DROP TABLE",
    [7],
    {"value": 7},
]
UNNUMBERED = ["x" * 1_000_000, None, 7, [], {}, {"value": 7}, {"value": 7, "n": "1"}, {"value": 7, "n": None}]


@pytest.fixture(scope="module")
def server():
    with running(OURS) as server:
        yield server


@pytest.fixture
def session(server):
    with visit(server.url, "training") as session:
        while value_of(session, "step") < 100:  # on a busy machine the run is not over when the page is first drawn
            session.run()
        yield session
        assert session.errors == []


def value_of(session, key="hidden_size"):
    (value,) = json.loads(session.data[key]["value"])
    return value


def test_a_value_is_taken_once(session):
    session.say("hidden_size", value={"value": 12, "n": 5})
    assert (value_of(session), session.data["hidden_size"]["heard"]) == (12, 5)
    session.say("seq_len", value={"value": 3, "n": 6})
    session.say("hidden_size", value={"value": 20, "n": 5})  # the same message cannot say something else
    assert (value_of(session), value_of(session, "seq_len")) == (12, 3)


@pytest.mark.parametrize("key", ["hidden_size", "learning_rate"])
def test_a_hostile_value_changes_nothing(session, key):
    before = value_of(session, key)
    for number, value in enumerate(NUMBERED):
        if (key, value) != ("learning_rate", 0):
            session.say(key, value={"value": value, "n": 100 + number})
            assert value_of(session, key) == before
    for message in UNNUMBERED:
        session.say(key, value=message, failed="no")
        assert value_of(session, key) == before
    session.say(key, value={"value": 1, "n": 1000})
    assert value_of(session, key) == 1


def test_a_hostile_drag_shows_nothing_else(session):
    shown = session.data["states"]["figure"]
    for number, value in enumerate(NUMBERED):
        session.say("wire_states", drag={"field": "hidden_size", "value": value, "n": 100 + number})
        assert session.data["states"]["figure"] == shown
    for number, field in enumerate(
        ["text", "seed", "_values", "__class__", None, 3, ["hidden_size"], {"a": 1}, "x" * 10**6]
    ):
        session.say("wire_states", drag={"field": field, "value": 7, "n": 200 + number})
        assert session.data["states"]["figure"] == shown
    for message in UNNUMBERED:
        session.say("wire_states", drag=message)
        assert session.data["states"]["figure"] == shown
    session.say("wire_states", drag={"field": "hidden_size", "value": 7, "n": 1000})
    assert "hidden" in session.data["states"]["alt"].lower()
    assert session.data["states"]["figure"] != shown
    session.run()  # the whole script again: nothing was let go, so nothing has changed
    assert (value_of(session), session.data["states"]["figure"]) == (9, shown)


def test_a_hostile_click_moves_nothing(session):
    points = [
        {"x": "7"},
        {"x": math.nan},
        {"x": None},
        {"x": [7]},
        {"x": "x" * 10**6},
        {"trace": "0"},
        {"kind": "exec"},
    ]
    for number, point in enumerate(points):
        click = {"kind": "click", "trace": 0, "x": 7, "y": 1, "n": 100 + number} | point
        session.say("curves", event=click)
        assert value_of(session, "step") == 100
    session.say("curves", event={"kind": "click", "trace": 0, "x": 7, "y": 1, "n": 1000})
    assert value_of(session, "step") == 7


@pytest.mark.parametrize(
    ("page", "key"),
    [
        ("connectivity", "tinted"),
        ("cell", "unrolled_after"),
        ("trajectories", "path"),
        ("paste", "listing"),
        ("sweep", "axis_learning_rate"),
        ("sweep", "sweep_map"),
        ("dynamics", "phase_plane"),
    ],
)
def test_nonsense_moves_nothing_on_any_page(server, page, key):
    with visit(server.url, page) as session:
        session.run()  # the first run may have left something to be trained

        def shown():
            return {name: words for name, words in session.data[key].items() if name not in ("heard", "time")}

        before, number = shown(), 100
        for value in ["x" * 1_000_000, None, True, math.nan, -math.inf, 10**30, "7", [7], {"value": 7}, [1, 2, 3]]:
            for kind in ("click", "film", "nonsense"):
                number += 1
                message = {"kind": kind, "trace": 0, "x": value, "y": value, "value": value, "n": number}
                session.say(key, value=message, event=message, failed="no")
                assert shown() == before, (value, kind)
        for message in UNNUMBERED:
            session.say(key, value=message, event=message)
            assert shown() == before
        assert session.errors == []

"""What a browser says to a real server: numbered messages are heard once, and anything else changes nothing."""

import json
import math
import time

import pytest

from bench.channel import channel, play_on
from bench.server import OURS, running
from bench.session import TIMEOUT_S, visit
from pages import PAGES
from tests.wire import NONSENSE, WIDGET_KINDS

PAGE_NAMES = [spec.name for spec in PAGES]
# Streamlit itself stumbles over the other kinds, before any of our code is asked.
HANDED_ON = {
    "code_box": {kind for kind, _ in WIDGET_KINDS},
    "scale": {"string_array_value", "json_value"},
    "speed": {"bool_value", "int_value", "string_value", "bytes_value"},
    "stop_loss": {"bool_value", "int_value", "double_value"},
}


@pytest.fixture(scope="module")
def server():
    with running(OURS) as server:
        yield server


@pytest.fixture
def session(server):
    with visit(server.url, "training") as session:
        play_out(session, server)  # on a busy machine the run is not over when the page is first drawn
        yield session
        assert session.errors == []


def value_of(session, key="hidden_size"):
    (value,) = json.loads(session.data[key]["value"])
    return value


def shown(session):
    """Return what every component of a page was last sent, without what its messages alone change."""
    without = {"heard", "settled", "time"}
    found = {
        key: {name: said for name, said in data.items() if name not in without} for key, data in session.data.items()
    }
    for stage in (data for key, data in found.items() if key.startswith("live_")):
        stage["spec"] = json.loads(stage["spec"]) | {"keys": list(json.loads(stage["spec"])["keys"])}  # not their times
    return found


def play_out(session, server):
    """Let all that the page shows going on come to its end, as a browser does."""
    with channel(server.url) as tab:
        for key in play_on(session, tab, time.monotonic() + TIMEOUT_S):
            session.say(key, over=1)
    assert "step" not in session.data or value_of(session, "step") == 100


def test_a_value_is_taken_once(session):
    session.say("hidden_size", value={"value": 12, "n": 5})
    assert (value_of(session), session.data["hidden_size"]["heard"]) == (12, 5)
    session.say("seq_len", value={"value": 3, "n": 6})
    session.say("hidden_size", value={"value": 20, "n": 5})  # the same message cannot say something else
    assert (value_of(session), value_of(session, "seq_len")) == (12, 3)


@pytest.mark.parametrize("key", ["hidden_size", "learning_rate"])
def test_a_hostile_value_changes_nothing(session, key):
    before = value_of(session, key)
    for number, value in enumerate([*NONSENSE, -1, 129]):
        session.say(key, value={"value": value, "n": 100 + number})
        assert value_of(session, key) == before
    for message in [*NONSENSE, {"value": 1, "n": "1"}, {"value": 1, "n": None}]:
        session.say(key, value=message, failed="no")
        assert value_of(session, key) == before
    session.say(key, value={"value": 1, "n": 1000})
    assert value_of(session, key) == 1


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


def nonsense(number):
    """Return what a component says: any three numbers in a row, by steps of three, are all there is of nonsense."""
    told = dict.fromkeys(("trace", "x", "y", "value", "field"), NONSENSE[number % len(NONSENSE)])
    message = {"kind": ("click", "film")[number // 3 % 2], "n": number} | told
    return {"value": message, "event": message, "drag": message, "failed": "no"}


@pytest.mark.parametrize("page", PAGE_NAMES)
def test_nonsense_moves_nothing_on_any_page(server, page):
    with visit(server.url, page) as session:
        play_out(session, server)
        session.run()
        before = shown(session)
        for start in range(0, len(NONSENSE), 3):
            number = 100 + start + PAGE_NAMES.index(page)
            session.say_each({key: nonsense(number + place) for place, key in enumerate(session.components)})
            assert shown(session) == before, number
        assert session.errors == []


def test_a_widgets_value_of_another_kind_is_forgotten(server):
    for page in ("training", "paste"):
        with visit(server.url, page) as session:
            before = {key: session.widgets[key] for key in HANDED_ON if key in session.widgets}
            assert len(before) in (1, 3)
            for key in before:
                for kind, value in WIDGET_KINDS:
                    if kind in HANDED_ON[key]:
                        session.set(key, kind, value)
                        assert session.errors == [], (key, kind, value)

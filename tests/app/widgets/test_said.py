"""What Streamlit's widgets say is taken only if they could have said it, whatever kind of value a message brings."""

import math
from types import SimpleNamespace

import pytest

from pages.ui.session import state
from pages.ui.widgets import said
from tests.wire import NONSENSE, WIDGET_KINDS

VALUES = [*NONSENSE, *(value for _, value in WIDGET_KINDS)]
# Each function with bounds, and what of the values above is within them.
READERS = {
    "one_of": (lambda: said.one_of("w", ("7", 5.5)), ["7", 5.5]),
    "some_of": (lambda: said.some_of("w", (7, 8, "a", "b")), [[], [7], ["a", "b"]]),
    "whole": (lambda: said.number("w", 0, 9), [7]),
    "number": (lambda: said.number("w", 0.0, 9.0), [5.5]),
    "text": (lambda: said.text("w", 8), ["", "7", "[NaN]"]),
    "any text": (lambda: said.text("w"), [value for value in VALUES if isinstance(value, str)]),
    "switch": (lambda: said.switch("w"), [True, False]),
}


@pytest.fixture
def session(monkeypatch):
    values = {}
    for module in (said, state):
        monkeypatch.setattr(module, "st", SimpleNamespace(session_state=values))
    return values


def same(value, other):
    return type(value) is type(other) and value == other


@pytest.mark.parametrize("reader", READERS)
def test_what_a_widget_could_not_say_is_forgotten(session, reader):
    read, usable = READERS[reader]
    for value in VALUES:
        session["w"] = value
        if any(same(value, other) for other in usable):
            assert same(read(), value)
        else:
            assert read() is None
            assert session.get("w") is None
    assert usable
    session.pop("w", None)
    assert read() is None


def test_nothing_is_chosen_twice(session):
    session["w"] = [7, 7]
    assert said.some_of("w", (7, 8)) is None


def test_a_widget_goes_on_showing_what_there_was(session):
    session["speed"] = [math.inf]
    assert said.kept("speed", said.one_of("speed", (1.0, math.inf)), 1.0) == session["speed"] == 1.0
    session["speed"] = math.inf
    assert said.kept("speed", said.one_of("speed", (1.0, math.inf)), 1.0) == session["speed"] == math.inf

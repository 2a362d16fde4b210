"""What the viewer sets is kept, also when a run of the script is stopped half-way by the next change."""

from types import SimpleNamespace

import pytest

from pages.ui import state
from rnn_core.config import Config


@pytest.fixture
def session(monkeypatch):
    """A session that has drawn two sliders on the home page."""
    values = {}
    fake = SimpleNamespace(session_state=values, query_params={})
    monkeypatch.setattr(state, "st", fake)
    state.begin("home")
    draw_sliders()
    return values


def draw_sliders():
    for field in ("seq_len", "batch_size"):
        state.place(field)


def test_a_change_is_read_once_it_is_made(session):
    session["seq_len"] = 5
    state.begin("home")
    assert state.value("seq_len") == 5
    assert state.config().seq_len == 5


def test_no_change_is_lost_when_a_run_is_stopped_before_it_drew(session):
    session["seq_len"] = 5
    state.begin("home")  # stopped here by the next change
    session["seq_len"] = 6
    state.begin("home")
    draw_sliders()
    assert (state.value("seq_len"), session["seq_len"]) == (6, 6)


def test_a_change_back_is_not_lost_either(session):
    first = session["seq_len"]
    session["seq_len"] = 5
    state.begin("home")
    session["seq_len"] = first
    state.begin("home")
    assert state.value("seq_len") == first


def test_a_control_on_another_page_is_set_anew(session):
    class Watched(dict):
        def __setitem__(self, key, value):
            self.setdefault("set", []).append(key)
            super().__setitem__(key, value)

    watched = Watched(session)
    state.st.session_state = watched
    state.begin("home")
    draw_sliders()
    assert "seq_len" not in watched["set"]
    state.begin("encoding")
    draw_sliders()
    assert {"seq_len", "batch_size"} <= set(watched["set"])


def test_a_control_that_is_not_drawn_changes_nothing(session):
    del session["seq_len"]  # as Streamlit does with the values of what is not on the screen
    state.begin("home")
    assert state.value("seq_len") == Config().seq_len


def test_what_cannot_be_is_said_and_what_was_before_stays(session):
    session["seq_len"] = 10_000
    state.begin("home")
    assert state.value("seq_len") == session["seq_len"] == Config().seq_len
    assert [sentence.params["field"] for sentence in state.notices()] == ["seq_len"]


def test_what_a_browser_still_reports_of_before_a_new_value_is_not_taken_for_a_wish(session):
    state.put(seq_len=7)
    draw_sliders()
    session["seq_len"] = Config().seq_len  # sent before the new value reached the browser
    state.begin("home")
    assert state.value("seq_len") == 7


@pytest.mark.parametrize(
    ("ends", "heard"),
    [
        ([2, 7], (2, 7)),
        ([7, 2.5], (2.5, 7)),
        ([2], None),
        ([1, 2, 3], None),
        ([2, "7"], None),
        ([True, 7], None),
        ([float("nan"), 7], None),
        ([2, float("inf")], None),
        ("27", None),
        (None, None),
        ({"a": 1, "b": 2}, None),
    ],
)
def test_of_a_slider_with_two_handles_only_two_numbers_are_heard(session, ends, heard):
    session["span"] = {"value": {"value": ends, "n": 4}}
    assert state.hear_span("span") == heard
    assert state.hear_span("span") is None


def test_what_code_has_put_into_a_widget_is_no_choice_of_the_viewer(session):
    state.show("colour", "loss")
    state.show("colour", "accuracy")
    session["colour"] = "loss"  # sent before the new value reached the browser
    assert state.chosen("colour") is None
    session["colour"] = "steps"
    assert state.chosen("colour") == "steps"

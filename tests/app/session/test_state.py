"""What the viewer sets is kept, also when a run of the script is stopped half-way by the next change."""

from types import SimpleNamespace

import pytest

from pages.ui.session import state
from pages.ui.session.views import DynamicsView
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
    assert "seq_len" not in watched.get("set", [])
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
    assert [sentence.params["field"] for sentence in state.session().told] == ["seq_len"]


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
    with state.hear_span("span") as first:
        assert first == heard
    with state.hear_span("span") as again:
        assert again is None


class Stop(BaseException):
    """What Streamlit stops a run with."""


class Stoppable(dict):
    """A session in which a run can be stopped wherever it looks into it."""

    looks = None  # that are left until it is stopped

    def _look(self):
        if self.looks is not None:
            self.looks -= 1
            if self.looks < 0:
                self.looks = None
                raise Stop

    def __getitem__(self, key):
        self._look()
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        self._look()
        super().__setitem__(key, value)

    def __contains__(self, key):
        self._look()
        return super().__contains__(key)

    def get(self, *key):
        self._look()
        return super().get(*key)

    def setdefault(self, *item):
        self._look()
        return super().setdefault(*item)

    def pop(self, *key):
        self._look()
        return super().pop(*key)


def test_a_message_outlives_a_run_that_is_stopped_anywhere(session):
    state.st.session_state = stoppable = Stoppable(session)
    for looks in range(100):
        stoppable["hidden_size"] = {"value": {"value": 20 + looks, "n": 1 + looks}}
        stoppable.looks = looks
        try:
            state.begin("home")
        except Stop:
            state.begin("home")  # with what the browser has said, which is what it said before
        else:
            stoppable.looks = None
        assert state.value("hidden_size") == 20 + looks
        if stoppable.looks is None and looks > 60:
            break


def test_what_is_noted_is_there_whole_or_not_at_all(session):
    state.st.session_state = stoppable = Stoppable(session)
    state.note(DynamicsView, starts=((0.5, 0.5),))
    for looks in range(3):
        stoppable.looks = looks
        try:
            state.note(DynamicsView, starts=((1.5, 0.5),))
        except Stop:
            assert state.view(DynamicsView).starts == ((0.5, 0.5),)
        else:
            stoppable.looks = None
            assert state.view(DynamicsView).starts == ((1.5, 0.5),)


def test_a_message_is_heard_once_its_block_is_over(session):
    session["plot"] = {"event": {"n": 4}}
    with pytest.raises(Stop), state.hear("plot", "event"):
        raise Stop
    with state.hear("plot", "event") as message:
        assert message == {"n": 4}
    with state.hear("plot", "event") as message:
        assert message is None


def test_a_message_that_brings_about_a_fault_is_not_heard_for_ever(session):
    session["plot"] = {"event": {"n": 4}}
    with pytest.raises(ValueError, match="ours"), state.hear("plot", "event"):
        raise ValueError("ours")
    with state.hear("plot", "event") as message:
        assert message is None


def test_what_code_has_put_into_a_widget_is_no_choice_of_the_viewer(session):
    state.show("colour", "loss")
    state.show("colour", "accuracy")
    session["colour"] = "loss"  # sent before the new value reached the browser
    assert state.chosen("colour") is None
    session["colour"] = "steps"
    assert state.chosen("colour") == "steps"


def test_the_newest_value_is_that_of_the_highest_number(session):
    assert state.newest() == 0
    for key, number in (("seq_len", 7), ("batch_size", 9), ("hidden_size", 8)):
        session[key] = {"value": {"value": 3, "n": number}}
        with state.hear(key):
            pass
    assert state.newest() == 9

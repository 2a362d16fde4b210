"""The page of input and output: what the networks write is on it, whatever is typed."""

import pytest

from pages.ui.lessons import modes
from pages.ui.lessons.modes import NAMES, STOP, wired_steps
from pages.ui.work import rewirer, sweeper
from pages.ui.work.places import Places
from pages.ui.work.rewirer import Rewirer
from rnn_core.wirings import training
from rnn_core.wirings.network import WIRINGS
from rnn_core.wirings.training import answer, right_answer
from rnn_core.wirings.words import best_while_reading
from tests.app.conftest import (
    change,
    charts,
    check_same,
    check_works,
    click,
    find,
    follow_link,
    kept_by,
    notices,
    open_app,
    stream,
)


@pytest.fixture(autouse=True)
def server(monkeypatch):
    """A server that nobody trains on."""
    monkeypatch.setattr(sweeper, "places", Places(2))


def letters(chart, label):
    """Return what is written in the boxes of a row."""
    found = [t for t in chart.data if t.get("hovertemplate", "").startswith(f"{label}:")]
    return "".join(found[0]["text"])


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_first_screen_shows_trained_networks(lang):
    at = open_app("modes", lang=lang)
    check_works(at, "modes")
    assert at.query_params == {"lang": lang}
    assert set(NAMES) == set(WIRINGS)


@pytest.mark.parametrize("word", ["world", "rnn", "a", "streaming"])
def test_what_is_drawn_is_what_the_networks_write(word):
    at = open_app("modes", word=word)
    check_works(at, "modes")
    for name, wiring in rewirer.stored().items():
        written, chart = answer(wiring.model, word), charts(at)[name]
        ended = written + STOP if name in ("one_to_many", "encoder_decoder") else written
        assert letters(chart, "output") == ended
        assert letters(chart, "input") == (word[:6] if name == "one_to_many" else word)
        assert f"`{written}`" in chart.alt
        assert f"`{right_answer(name, word)}`" in chart.alt
    assert any("2 to 6 letters only" in caption.value for caption in at.caption) == (len(word) in (1, 9))


def test_the_encoder_and_decoder_turn_round_what_the_first_wiring_cannot():
    alts = {name: chart.alt for name, chart in charts(open_app("modes")).items()}
    assert alts["encoder_decoder"].startswith("`world` → `dlrow`")
    assert "`dlrow`, wanted" not in alts["many_to_many"]


def test_accuracies_by_place_are_the_measured_ones():
    chart = charts(open_app("modes"))["places"]
    drawn = [trace["y"] for trace in chart.data]
    stored = rewirer.stored()
    assert drawn[0] == pytest.approx(stored["many_to_many"].tested.by_place, abs=1e-4)
    assert drawn[1] == pytest.approx(stored["encoder_decoder"].tested.by_place[:6], abs=1e-4)
    assert drawn[2] == pytest.approx(best_while_reading(), abs=1e-4)


def test_a_typed_word_is_in_the_link():
    at = change(open_app("modes"), "typed_word", "Memory")
    assert at.query_params["word"] == "memory"
    assert find(follow_link("modes", at), "typed_word").value == "memory"
    assert "word" not in change(at, "typed_word", "world").query_params


@pytest.mark.parametrize("typed", ["two words", "<b>x</b>", "naïve", "7"])
def test_what_is_no_word_is_said(typed):
    at = change(open_app("modes", word="rnn"), "typed_word", typed)
    assert not at.exception
    assert "cannot be used" in at.warning[0].value
    assert at.query_params["word"] == "rnn"
    assert find(at, "typed_word").value == "rnn"


def test_what_a_link_cannot_say_is_named():
    at = open_app("modes", word="../etc")
    check_works(at, "modes")
    assert notices(at)[0].startswith("word=")


def test_they_are_trained_again_in_front_of_the_viewer(monkeypatch):
    monkeypatch.setattr(training, "UPDATES", 30)
    monkeypatch.setattr(rewirer, "UPDATES", 30)
    monkeypatch.setattr(sweeper.Turns.slice, "__defaults__", (0.0,))
    at = click(open_app("modes"), "again_modes")
    check_works(at, "modes")
    made = kept_by(at, Rewirer)
    click(at, "stop_modes")
    share = made.share
    at.run()
    assert 0 < made.share == share < 1
    told = stream(at, "modes.course", made)
    assert list(told["pictures"]) == ["modes_status", "wiring_losses"]
    check_same(at, told)
    click(at, "resume_modes")
    while made.is_playing:
        made.slice(1.0)
    at.run()
    check_works(at, "modes")
    assert "just now" in "".join(element.value for element in at.main.markdown)
    assert len(charts(at)["wiring_losses"].data[0]["x"]) == 3
    again = made.trained["many_to_one"]
    assert f"`{answer(again.model, 'world')}`" in charts(at)["many_to_one"].alt


def test_steps_of_each_wiring():
    many = wired_steps("many_to_many", "abc", "cbx")
    assert [(s.input, s.output, s.is_right) for s in many] == [("a", "c", True), ("b", "b", True), ("c", "x", False)]
    one = wired_steps("many_to_one", "abc", "a")
    assert [(s.input, s.output, s.is_right) for s in one] == [("a", "", False), ("b", "", False), ("c", "a", True)]
    out = wired_steps("one_to_many", "ab", "b")
    assert [(s.input, s.output, s.is_right) for s in out] == [("ab", "b", True), ("", STOP, False)]
    both = wired_steps("encoder_decoder", "ab", "baa")
    assert [(s.input, s.output) for s in both] == [("a", ""), ("b", ""), ("", "b"), ("", "a"), ("", "a"), ("", STOP)]
    assert [s.is_right for s in both[2:]] == [True, True, False, False]


def test_the_script_is_python():
    compile(modes.script("rnn"), "script", "exec")
    assert "'rnn'" in modes.script("rnn")

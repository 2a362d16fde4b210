"""The page of pitfalls: one belief at a time, the result after the answer, the numbers those of the experiment."""

import re

import numpy as np
import pytest

from pages.locale.catalogue import LANGUAGES
from pages.ui.words.misconceptions import FIRST, MISCONCEPTIONS
from rnn_core.analysis.pitfalls import EXPERIMENTS, run_experiment
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    click,
    find,
    follow_link,
    hold,
    keys,
    open_app,
    opened,
    unescaped,
    words,
)
from tests.app.numbers import array_of
from tests.app.test_pages import english_left_in


def drawn_cells(at):
    return [array_of(trace["z"]) for trace in charts(at)["pitfall_cells"].data]


def said(sentence):
    """Return a sentence as the page writes it."""
    return re.sub(r"\b0\.0\b", "0", str(sentence))


def is_shown(at):
    return any("measured just now" in m.value or "방금 측정한 값" in m.value for m in at.main.markdown)


def test_every_belief_has_its_experiment():
    assert list(MISCONCEPTIONS) == list(EXPERIMENTS)
    for name, misconception in MISCONCEPTIONS.items():
        assert 0 <= misconception.right < len(misconception.answers) >= 2
        assert bool(misconception.number) != EXPERIMENTS[name].is_fixed
    places = {m.right for m in MISCONCEPTIONS.values()}
    assert len(places) > 1  # the right answer is not always at one place


def test_one_experiment_is_open_on_arrival_with_its_result():
    at = open_app("pitfalls")
    check_works(at, "pitfalls")
    assert is_shown(at)
    found = run_experiment(FIRST)
    for drawn, panel in zip(drawn_cells(at), found.panels, strict=True):
        assert np.allclose(drawn, panel.values)
    for sentence in found.sentences:
        assert said(sentence) in body(at)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", MISCONCEPTIONS)
def test_a_belief_is_put_to_the_test(name, lang):
    at = open_app("pitfalls", pitfall=name, lang=lang)
    assert not at.exception
    assert is_shown(at) == (name == FIRST)
    change(at, f"answer_{name}", MISCONCEPTIONS[name].right)
    assert not at.exception
    assert is_shown(at)
    assert len(at.success) == 1
    assert at.query_params["answer"] == str(MISCONCEPTIONS[name].right)
    found, code = run_experiment(name), [element.value for element in at.main.get("code")]
    assert MISCONCEPTIONS[name].fix in code
    for tried in found.tried:
        assert any(tried.code in shown and tried.result in shown for shown in code)
    if lang == "en":
        assert all(said(sentence) in body(at) for sentence in found.sentences)
    else:
        assert english_left_in(words(at), lang) == set()


def test_a_wrong_answer_is_told_what_happens():
    at = change(open_app("pitfalls", pitfall="padding"), "answer_padding", 0)
    assert [w.value for w in at.warning] == ["What happens instead: no: it goes on moving."]
    assert is_shown(at)


@pytest.mark.parametrize("name", [name for name, e in EXPERIMENTS.items() if not e.is_fixed])
def test_the_number_of_an_experiment_is_in_the_link(name):
    wanted = EXPERIMENTS[name].high
    at = open_app("pitfalls", pitfall=name if name != FIRST else None, answer="0")
    told = hold(at, "pitfalls.pitfall", "number", wanted)
    change(at, "number", wanted)
    check_same(at, told)
    assert at.query_params["number"] == str(wanted)
    found = run_experiment(name, wanted)
    for drawn, panel in zip(drawn_cells(at) if found.panels else [], found.panels, strict=True):
        assert np.allclose(drawn, panel.values)
    other = follow_link("pitfalls", at)
    assert find(other, "number").value == wanted
    assert charts(other) == charts(at)
    change(other, "number", EXPERIMENTS[name].start)
    assert "number" not in other.query_params


@pytest.mark.parametrize("value", [4, -1, 1.5])
def test_where_a_slider_cannot_stand_is_said_under_the_hand(value):
    told = hold(opened("pitfalls", "en"), "pitfalls.pitfall", "number", value)
    assert unescaped(told["trouble"]) == f"number={value} cannot be used: a whole number from 0 to 3 works."


def test_another_belief_begins_unanswered():
    at = change(open_app("pitfalls"), "number", 3)
    change(at, "answer_poke", 0)
    change(at, "pitfall", "view")
    assert at.query_params == {"pitfall": "view"}
    assert not is_shown(at)
    change(at, "pitfall", FIRST)
    assert at.query_params == {}
    assert find(at, "number").value == EXPERIMENTS["poke"].start
    assert find(at, "answer_poke").value is None


def test_the_next_button_goes_through_all_of_them():
    at, seen = open_app("pitfalls"), []
    for _ in MISCONCEPTIONS:
        seen.append(at.query_params.get("pitfall", FIRST))
        click(at, "next_pitfall")
        assert not at.exception
    assert seen == list(MISCONCEPTIONS)
    assert at.query_params == {}


@pytest.mark.parametrize(("number", "answer"), [("99999999", "9"), ("0", "99999999")])
def test_numbers_beyond_what_there_is_are_brought_within(number, answer):
    at = open_app("pitfalls", number=number, answer=answer)
    check_works(at, "pitfalls")
    assert find(at, "number").value in (0, 3)
    assert find(at, "answer_poke").value is None


def test_the_experiment_is_shown_as_code():
    at = open_app("pitfalls")
    assert "code" in keys(at)
    at.session_state["code"] = True
    at.run()
    assert any("def poke_sample" in element.value for element in at.main.get("code"))

"""The side panel: what acts on a page is there and acts, the five sliders come first, and nothing is clamped unsaid."""

import json

import pytest

from pages import PAGES
from pages.locale.catalogue import LANGUAGES, messages
from pages.ui.session.acting import ACTING, EVERY, FIVE
from pages.ui.widgets.panel import GROUPS
from rnn_core.config import Config
from tests.app.conftest import (
    body,
    change,
    charts,
    click,
    config_of,
    engine_of,
    find,
    follow_link,
    keys,
    notices,
    open_app,
    opened,
    run_until,
)

TEXT = "the quick brown fox jumps over the lazy dog"
START = {"text": TEXT, "seq_len": "10", "batch_size": "2", "hidden_size": "5", "steps": "5", "task": "same"}
BESIDE = {
    "dynamics": {"system": "mine"},
    "sweep": {"axes": "seed:0:3:2", "seeds": "1"},
    "gradients": {"length": "3", "begin": "identity"},
}
# Each from what the ones before have left, in an order in which all of them go together.
MOVES = (
    ("input_size", 35),
    ("hidden_size", 6),
    ("seq_len", 9),
    ("batch_size", 5),
    ("learning_rate", 0.05),
    ("seed", 3),
    ("val_share", 0.3),
    ("repeat", True),
    ("optimizer", "sgd"),
    ("grad_clip", 0.1),
    ("steps", 6),
    ("nonlinearity", "relu"),
    ("num_layers", 2),
    ("bidirectional", True),
    ("bidirectional", False),
    ("cell", "gru"),
    ("encoding", "embedding"),
    ("batch_first", False),  # by itself it changes the last bits at most, if any
    ("layout", "batch_major"),
    ("task", "next"),
    ("text", TEXT[::-1]),
    ("batched", False),
    ("head", "none"),
)


def said(at):
    """Return what the pictures of a page show, once what it trains is trained."""
    sweepers = [part for name, part in at.session_state["_session"].parts.items() if name.__name__ == "Sweeper"]
    if sweepers:
        run_until(at, lambda: not sweepers[0].is_playing)
    errors = [element.value for element in at.main.error]
    return errors, {key: json.dumps([one.data, one.layout], sort_keys=True) for key, one in charts(at).items()}


def test_the_table_is_of_pages_and_fields_that_there_are():
    assert set(ACTING) <= {spec.name for spec in PAGES}
    assert set(Config.model_fields) - {"earlier"} == EVERY == {field for field, _ in MOVES}
    assert all(fields <= EVERY for fields in ACTING.values())
    assert {field for _, fields in GROUPS for field in fields} | set(FIVE) | {"text"} == EVERY
    assert ACTING["training"] == EVERY  # the page that a quiet slider leads to


@pytest.mark.parametrize("page", ACTING)
def test_each_control_that_is_not_quiet_changes_its_page(page):
    at = open_app(page, **START, **BESIDE.get(page, {}))
    before = said(at)
    for field, value in MOVES:
        if field not in ACTING[page] or (page == "sweep" and field == "seed"):
            assert field not in keys(at)
            continue
        now = said(change(at, field, value))
        assert not at.exception
        assert now != before or field == "batch_first", f"{field} does nothing on {page}"
        before = now if field != "batch_first" else before


@pytest.mark.parametrize("page", [spec.name for spec in PAGES])
def test_the_five_sliders_come_first_where_a_page_shows_the_network(page):
    at = opened(page, "en")
    labels = [w.label for w in at.sidebar if w.type in ("slider", "select_slider", "text_area")]
    five = ["Input size H_in", "Hidden size H_out", "Sequence length L", "Batch size N", "Learning rate"]
    assert labels[:5] == (five if page in ACTING else [])
    if page not in ACTING:
        assert not [w for w in at.sidebar if w.type in ("slider", "text_area", "expander")]


@pytest.mark.parametrize(
    ("page", "field", "words"),
    [
        ("encoding", "learning_rate", "Takes effect on Training"),
        ("sweep", "hidden_size", "Swept on this page; a single value takes effect on Training"),
        ("dynamics", "batch_size", "Takes effect on Training"),  # the memory of some bits is nobody's network
    ],
)
def test_a_quiet_slider_says_where_it_acts(page, field, words):
    at = opened(page, "en")
    value = getattr(Config(), field)
    assert find(at, f"{field} = {value}").disabled
    assert words in [link.proto.label for link in at.get("page_link")]


def test_input_size_goes_from_one_hot_to_learnt_vectors_and_back_by_one_click():
    at = open_app("encoding")
    change(at, "input_size", 12)
    assert (config_of(at).encoding, dict(at.query_params)) == ("onehot", {"input_size": "12"})
    assert "One-hot: V = 9 and 3 columns of zeros." in captions(at)
    change(at, "input_size", 4)
    assert (config_of(at).encoding, dict(at.query_params)) == ("embedding", {"input_size": "4"})
    assert "Below V = 9: each character is a learnt vector." in captions(at)
    change(at, "text", "abcd")  # says by itself that they fit again
    assert (config_of(at).input_size, config_of(at).encoding) == (4, "onehot")
    change(at, "text", "abcdef")
    assert (config_of(at).input_size, config_of(at).encoding) == (4, "embedding")
    click(at, "one_hot_again")
    assert (config_of(at).input_size, config_of(at).encoding) == (6, "onehot")
    assert dict(at.query_params) == {"text": "abcdef"}


@pytest.mark.parametrize("page", ["shapes", "training"])
def test_without_a_head_the_hidden_size_says_what_it_is_bound_to_and_how_it_is_free_again(page):
    at = open_app(page, lang="en", head="none")
    locked = find(at, "hidden_size = 9")
    assert locked.disabled
    assert locked.help == "Without a head the hidden state is the score of each character: V = 9."
    click(at, "add_head")
    assert not find(at, "hidden_size").disabled
    assert "head" not in at.query_params


def test_one_hot_that_is_chosen_makes_room_for_every_character():
    at = change(open_app("shapes", input_size="4"), "encoding", "onehot")
    assert (config_of(at).input_size, dict(at.query_params)) == (9, {})
    at = change(open_app("shapes", input_size="12", encoding="embedding"), "encoding", "onehot")
    assert (config_of(at).input_size, dict(at.query_params)) == (12, {"input_size": "12"})


@pytest.mark.parametrize("page", ["encoding", "shapes", "training"])
def test_every_page_says_what_became_of_a_batch_that_the_text_cannot_fill(page):
    at = open_app(page, seq_len="100", batch_size="20")
    assert {"11 of 100: the text has 12 characters.", "1 of 20: the text gives 1 × 11 characters."} <= captions(at)
    assert (config_of(at).seq_len, config_of(at).batch_size) == (11, 1)
    assert dict(at.query_params) == {"seq_len": "100", "batch_size": "20"}
    click(at, "repeat_text")
    assert (config_of(at).seq_len, config_of(at).batch_size) == (100, 20)
    now = dict(at.query_params)
    now.pop("before", "")
    assert now == {"repeat": "true", "seq_len": "100", "batch_size": "20"}
    click(at, "read_once")
    click(at, "longer_text")
    assert (config_of(at).seq_len, config_of(at).batch_size) == (100, 8)


def test_a_batch_that_stays_as_it_is_starts_no_run_over():
    at = open_app("training", steps="20")
    weights = engine_of(at).last.loss
    change(at, "batch_size", 5)
    assert engine_of(at).outlook.outcome == "unchanged"
    assert engine_of(at).last.loss == weights


def test_random_numbers_keep_the_sizes_that_are_asked_for_and_say_that_they_are_another_batch():
    at = open_app("shapes", seq_len="30", batch_size="3", source="random")
    assert "(3, 30, 9)" in charts(at)["flow"].alt
    assert "Random numbers go in: a different batch from the one cut from your text." in body(at)


LARGE = {"cell": "lstm", "num_layers": "4", "seq_len": "128", "batch_size": "16", "repeat": "true", "steps": "4"}


def test_what_is_refused_keeps_the_last_picture_and_offers_a_value_that_works():
    at = open_app("training", **LARGE, hidden_size="12")
    before, params = charts(at)["states"], dict(at.query_params)
    assert not at.error
    change(at, "hidden_size", 128)
    assert charts(at)["states"].data == before.data
    assert dict(at.query_params) == {**params, "hidden_size": "128"}
    (error,) = [element.value for element in at.error]
    assert error.endswith("Meanwhile the page shows Hidden size H_out = 12.")
    again = follow_link("training", at)  # the situation can be shared
    assert again.error
    assert charts(again)["states"].data
    click(at, "remedy")
    assert not at.error
    assert charts(at)["states"].data != before.data
    assert config_of(at).hidden_size == 128


def test_two_fields_that_do_not_go_together_are_refused_with_a_way_out():
    at = change(open_app("home"), "bidirectional", True)
    (error,) = at.error
    assert "Use Task = same character or Bidirectional = false." in error.value
    assert dict(at.query_params) == {"bidirectional": "true"}
    click(at, "remedy")
    assert not at.error
    assert dict(at.query_params) == {"bidirectional": "true", "task": "same"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_text_of_one_character_is_refused_in_the_words_of_the_screen(lang):
    (error,) = change(open_app("home", lang=lang, task="next"), "text", "a").error
    known = messages(lang)
    for word in ("next character", "same character"):
        assert f"{known.get('Task', 'Task')} = {known.get(word, word)}" in error.value
    assert "task=" not in error.value


@pytest.mark.parametrize("page", ["encoding", "training"])
def test_an_emptied_text_box_has_a_sentence_of_its_own(page):
    at = change(open_app(page, text="abcab"), "text", "")
    assert [element.value for element in at.warning] == [
        "The text box is empty, but a network needs something to read: the previous text stays."
    ]
    assert find(at, "text").value == "abcab"
    assert not at.run().warning


@pytest.mark.parametrize(
    ("page", "params", "words"),
    [
        ("memory", {"networks": "999"}, "networks=999 cannot be used: a whole number from 1 to 8 works."),
        (
            "trajectories",
            {"layer": "99", "num_layers": "2"},
            "layer=99 cannot be used: a whole number from 0 to 1 works.",
        ),
        ("trajectories", {"layer": "99"}, "layer=99 cannot be used: only 0 works."),
        ("cell", {"t": "999"}, "t=999 cannot be used: a whole number from 0 to 10 works."),
        ("training", {"step": "-5"}, "step=-5 cannot be used: a whole number from 0 to 100 works."),
        ("shapes", {"question": "-5"}, "question=-5 cannot be used: a whole number of 0 or more works."),
    ],
)
def test_a_number_of_a_link_beyond_what_there_is_is_named_with_its_bounds(page, params, words):
    at = open_app(page, **params)
    assert notices(at) == [words]
    assert dict(at.query_params) == {name: value for name, value in params.items() if name == "num_layers"}


def test_what_starts_a_run_over_is_named_as_its_control_is():
    at = change(open_app("training", lang="ko"), "hidden_size", 7)
    texts = [element.proto.text for element in at.get("progress")]
    assert any("은닉 크기" in text for text in texts)
    assert not any("hidden_size" in text for text in texts)


def test_the_title_of_what_is_folded_names_what_is_not_as_in_the_preset():
    at = open_app("training", cell="gru", steps="50", input_size="5")
    assert [one.label for one in at.sidebar.expander] == ["More settings: Cell, Steps"]


def captions(at):
    return {element.value for element in at.sidebar.caption}

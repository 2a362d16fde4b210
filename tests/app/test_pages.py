"""Every page in every language: it works, it draws real data, and what it says is in the viewer's language."""

import re

import numpy as np
import pytest

from pages import PAGES
from pages.locale.catalogue import LANGUAGES, messages
from pages.ui.lessons.about import ROOT, version
from pages.ui.widgets.navigation import AFTER, BEFORE
from pages.ui.words.glossary import TERMS
from rnn_core.config import DEFAULT_PRESET, PRESETS, Config
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import train
from tests.app.conftest import body, change, charts, check_works, engine_of, open_app, opened, run_to_pause, words
from tests.app.numbers import array_of

SHARES_RUNS = True
HANGUL = re.compile("[가-힣]")
GAP = re.compile(r"\{.*?\}")


def english_left_in(texts, lang):
    """Return the messages that are on the screen in English although there is a translation."""
    left = set()
    for message, translation in messages(lang).items():
        pieces = [piece.strip() for piece in GAP.split(message)]
        longest = max(pieces, key=len)
        if message == translation or longest in translation:
            continue
        for text in texts:
            bare = text.strip(" *")
            if bare == message or (len(longest) >= 12 and longest in text):
                left.add(message)
    return left


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_works_in_every_language(page, lang):
    at = opened(page, lang)
    check_works(at, page)
    assert at.query_params == {"lang": lang}
    if lang != "en":
        assert english_left_in(words(at), lang) == set()


def test_english_that_is_left_would_be_found():
    assert english_left_in(["**Training**"], "ko") == {"Training"}
    assert english_left_in(["The text has **12** characters. A space is shown as ␣."], "ko") != set()
    assert english_left_in(["학습"], "ko") == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("preset", [name for name in PRESETS if name != DEFAULT_PRESET])  # that one is drawn above
def test_a_preset_works_on_every_page(page, preset, lang):
    at = open_app(page, preset=preset, lang=lang)
    check_works(at, page)
    if lang != "en":
        assert english_left_in(words(at), lang) == set()
    expected = {"preset": preset, "lang": lang}
    assert {name: at.query_params.get(name) for name in expected} == expected


def test_korean_is_written_in_hangul(page):
    at = opened(page, "ko")
    prose = [element.value for element in (*at.title, *at.header, *at.subheader, *at.caption)]
    assert [text for text in prose if not HANGUL.search(text) and text not in ("RNN Explorer", BEFORE, AFTER)] == []
    assert all(HANGUL.search(chart.alt) for chart in charts(at).values())
    assert HANGUL.search(body(at))


@pytest.mark.parametrize(("locale", "lang"), [("ko-KR", "ko"), ("ko", "ko"), ("en-GB", "en"), ("de-DE", "en")])
def test_the_browsers_language_is_spoken_until_the_viewer_chooses(locale, lang):
    at = open_app("encoding", locale=locale)
    assert bool(HANGUL.search(at.title[0].value)) == (lang == "ko")
    assert "lang" not in at.query_params  # a link would impose it on the next browser
    other = next(name for name in LANGUAGES if name != lang)
    at.segmented_control(key="lang").set_value(other).run()
    assert bool(HANGUL.search(at.title[0].value)) == (other == "ko")
    assert at.query_params["lang"] == other


def test_a_language_in_the_link_wins_over_the_browser():
    assert HANGUL.search(open_app("encoding", locale="en-US", lang="ko").title[0].value)
    assert not HANGUL.search(open_app("encoding", locale="ko-KR", lang="en").title[0].value)


def states_drawn(at):
    """Return the hidden states that Home draws, a row for each unit, unit 0 on top."""
    _inputs, states = (trace for trace in charts(at)["network"].data if trace["type"] == "heatmap")
    return array_of(states["z"])[::-1, ::2]


def test_the_picture_on_the_home_page_is_a_trained_network():
    last = list(train(Config()))[-1]
    at = run_to_pause(open_app("home"))
    engine = engine_of(at)
    expected = engine.trace(engine.at(last.step)).states_of(0).T
    assert expected.shape == (Experiment(Config()).config.hidden_size, len(last.target))
    assert np.array_equal(states_drawn(at), expected.astype(np.float32))
    assert last.prediction.replace(" ", "␣") in charts(at)["network"].alt
    assert f"step **{last.step}**: loss **{last.loss:.4g}**" in body(at)


def test_the_picture_on_the_home_page_follows_the_controls():
    at = run_to_pause(change(run_to_pause(open_app("home")), "hidden_size", 5))
    last = list(train(Config(hidden_size=5)))[-1]
    assert states_drawn(at).shape[0] == 5
    assert last.prediction.replace(" ", "␣") in charts(at)["network"].alt
    assert "**H\\_out = 5**" in "\n".join(element.value for element in at.main.markdown)


def test_on_home_the_words_of_the_picture_alone_say_how_far_the_run_is():
    """What the script writes beside it is older than the picture while a run plays."""
    three, seven = (
        {*body(at).split("\n"), *(element.value for element in at.caption)}
        for at in (open_app("home", steps="3"), open_app("home", steps="7"))
    )
    assert {line[:13] for line in three ^ seven} == {"At step **3**", "At step **7**"}


def test_home_says_what_its_picture_leaves_out():
    at = open_app("home", text="the quick brown fox jumps", seq_len="20", num_layers="2", hidden_size="30", steps="3")
    said = body(at)
    assert "The first 16 of 20 time steps are drawn." in said
    assert "more than 24 numbers" in said
    assert "Of 2 layers the top one is drawn." in said


def test_the_glossary_explains_each_word_once():
    assert len({term.name for term in TERMS}) == len(TERMS)
    assert {name for term in TERMS for name in term.pages} <= {spec.name for spec in PAGES}
    said = body(opened("glossary", "ko"))
    assert all(messages("ko")[term.name] in said and messages("ko")[term.meaning] in said for term in TERMS)


def test_the_app_is_cited_by_its_version():
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {version()}\n" in citation
    (shown,) = opened("about", "en").code
    assert f"version = {{{version()}}}" in shown.value
    assert f"**{version()}**" in body(opened("about", "ko"))


def test_the_home_page_lists_every_lesson_once():
    at = opened("home", "en")
    listed = [link.proto.label.strip("*") for link in at.main.get("page_link") if " · " in link.proto.label]
    assert listed == [f"{i} · {spec.title}" for i, spec in enumerate(PAGES[1:-2], 1)]


def test_the_encoding_page_draws_the_tensor_of_the_text():
    at = open_app("encoding", made="one_hot", text="abca", seq_len="3", batch_size="2")
    one_hot = array_of(charts(at)["one_hot"].trace(type="heatmap")["z"])
    assert one_hot.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    tensor = charts(at)["tensor"]
    assert array_of(tensor.trace(type="heatmap")["z"]).tolist() == one_hot.tolist()
    assert "N = 1 × L = 3 × H_in = 3" in tensor.alt
    assert "(1, 3, 3)" in body(at)


def test_the_encoding_page_says_that_axes_are_swapped():
    at = open_app("encoding", preset="onehot-batch")
    assert "(3, 5, 4)" in body(at)
    assert "L = 3 × N = 5 × H_in = 4" in charts(at)["tensor"].alt
    assert [element for element in at.warning if "**3**" in element.value and "**5**" in element.value]


def test_the_training_page_draws_the_run():
    at = run_to_pause(open_app("training", trained="20", seed="4"))
    records = list(train(Config(seed=4, steps=20)))
    drawn = charts(at)
    loss = drawn["curves"].trace(name="loss")
    assert loss["x"] == list(range(21))
    assert loss["y"] == [record.loss for record in records]
    assert drawn["curves"].trace(name="gradient norm")["y"] == [record.grad_norm for record in records]
    assert drawn["curves"].trace(name="accuracy")["y"] == [record.accuracy for record in records]
    run = engine_of(at)
    states = array_of(drawn["states"].trace(type="heatmap")["z"])
    assert states.tolist() == run.trace(run.at(20)).states_of(0).T.tolist()
    assert records[-1].prediction in drawn["states"].alt

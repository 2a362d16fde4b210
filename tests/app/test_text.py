"""Whatever is typed into the text box, the page works or says in a sentence why not, and what was typed stays."""

import pytest

from rnn_core.characters import split_characters
from rnn_core.config import MAX_TEXT, Config
from tests.app.conftest import body, change, charts, check_works, config_of, engine_of, find, open_app, unescaped

SHARES_RUNS = True
FAMILY = "👩\u200d👩\u200d👧"
TEXTS = {
    "one repeated character": "aaaaaaaa",
    "two characters": "ab",
    "only spaces": "     ",
    "only line ends": "\n\r\n\n",
    "emoji with joiners": f"{FAMILY}{FAMILY}👍🏽❤\ufe0f🏳\ufe0f\u200d🌈",
    "decomposed hangul": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "right to left": "שלום \u202eאבג\u202c",
    "control characters": "a\x00b\x1b[31m\x07\ufeff",
    "markup": "<script>alert(1)</script><b>|`*_$x$:red[a]",
    "template": "{field} %(a)s {0} \\N{BULLET}",
    "one character of a thousand marks": "a" + "\u0301" * 1000 + "bc",
    "not characters at all": "\ufffe\uffff\U000e0001ab",
    "50 kB": "the quick brown fox jumps over the lazy dog. " * 1130,
    "many characters": "".join(map(chr, range(0xAC00, 0xAC00 + 3000))),
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("page", ["encoding", "training"])
def test_any_text_works(page, text):
    at = change(open_app(page), "text", text)
    check_works(at, page)
    assert not at.error
    assert find(at, "text").value == text
    assert config_of(at).text == text
    if page == "training":
        assert engine_of(at).config.text == text
    else:
        assert f"**{len(split_characters(text))}** characters" in body(at)


@pytest.mark.parametrize("text", ["", "a", FAMILY])
@pytest.mark.parametrize("page", ["encoding", "training"])
def test_a_text_that_is_too_short_is_answered_with_a_sentence(page, text):
    at = change(open_app(page), "text", "typed before")
    change(at, "text", text)
    assert not at.exception
    assert at.title
    said = [unescaped(element.value) for element in (*at.error, *at.warning)]
    assert len(said) == 1
    assert ("text has" if text else "The text box is empty") in said[0]
    assert find(at, "text").value == (text or "typed before")  # an empty text cannot be an experiment
    change(at, "text", "typed again")
    check_works(at, page)
    assert not at.error
    assert config_of(at).text == "typed again"


def test_one_character_is_enough_where_nothing_is_predicted():
    at = change(open_app("training", task="same"), "text", "a")
    check_works(at, "training")
    assert not at.error


def test_a_text_beyond_the_limit_is_answered_with_a_sentence():
    at = open_app("encoding", text="x" * (MAX_TEXT + 1))
    check_works(at, "encoding")
    assert str(MAX_TEXT) in unescaped(at.warning[0].value)
    assert config_of(at).text == Config().text


def test_a_text_survives_a_visit_to_every_other_page():
    at = change(open_app("encoding"), "text", "다람쥐")
    for page in ("home", "training", "encoding"):
        at.switch_page(f"pages/{page}.py").run()
        check_works(at, page)
        assert find(at, "text").value == "다람쥐"


def test_decomposed_hangul_is_one_character_a_syllable():
    at = change(open_app("encoding"), "text", TEXTS["decomposed hangul"])
    assert "**2** characters" in body(at)
    change(at, "made", "one_hot")
    assert charts(at)["one_hot"].layout["yaxis"]["ticktext"] == ["한"]  # the last one has no successor


def test_invisible_characters_are_written_visibly():
    at = change(open_app("encoding", made="one_hot"), "text", "a b\x00\n\u202ec")
    ticks = charts(at)["one_hot"].layout["xaxis"]["ticktext"]
    assert ticks == ["␀", "⏎", "␣", "a", "b", "c", "U+202E"]


def test_markup_is_shown_as_it_stands():
    at = change(open_app("encoding", made="vocabulary"), "text", TEXTS["markup"])
    table = "\n".join(element.value for element in at.main.markdown if "| Unicode |" in element.value)
    for character in "<>|`*_$":
        assert f"| \\{character} |" in table


@pytest.mark.parametrize("page", ["encoding", "training"])
def test_a_character_of_any_length_is_drawn_short(page):
    """A character may have any number of marks; written out in every cell they would fill the memory."""
    at = change(open_app(page), "text", "a" + "\u0301" * 20_000 + "bcdefghijklmnop")
    check_works(at, page)
    assert sum(len(str(chart.data)) for chart in charts(at).values()) < 300_000
    assert max(len(element.value) for element in at.main.markdown) < 20_000

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import ConfigError, build_vocabulary, one_hot
from rnn_core.characters import split_characters
from rnn_core.data.vocab import character_name, visible
from tests.strategies import CHARACTERS

texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    st.lists(st.sampled_from(CHARACTERS), min_size=1, max_size=30).map("".join),
)


def test_the_lessons_vocabulary():
    vocabulary = build_vocabulary("hello! world")
    assert vocabulary.characters == (" ", "!", "d", "e", "h", "l", "o", "r", "w")
    assert len(vocabulary) == 9
    assert vocabulary.encode("hello").tolist() == [4, 3, 5, 5, 6]
    assert vocabulary.decode([8, 6, 7]) == ("w", "o", "r")


@given(texts)
@settings(max_examples=150)
def test_characters_are_different_and_sorted_whatever_their_order(text):
    characters = build_vocabulary(text).characters
    assert list(characters) == sorted(set(characters))
    assert set(characters) == set(split_characters(text))


@given(texts)
@settings(max_examples=150)
def test_decoding_undoes_encoding(text):
    vocabulary = build_vocabulary(text)
    indices = vocabulary.encode(text)
    assert "".join(vocabulary.decode(indices.tolist())) == unicodedata.normalize("NFC", text)
    assert indices.dtype == np.int64
    assert set(indices.tolist()) == set(range(len(vocabulary)))


def test_the_order_does_not_depend_on_the_run():
    """`list(set(text))`, as in the lesson, changes from run to run: the hashes of strings are seeded."""
    text = "순환 신경망 hello"
    assert build_vocabulary(text) == build_vocabulary(text[::-1])
    assert build_vocabulary(text).characters == (" ", "e", "h", "l", "o", "경", "망", "순", "신", "환")


def test_decomposed_hangul_is_the_same_text():
    composed = "순환 신경망"
    decomposed = unicodedata.normalize("NFD", composed)
    assert decomposed != composed
    assert build_vocabulary(decomposed) == build_vocabulary(composed)
    assert split_characters(decomposed) == list(composed)
    vocabulary = build_vocabulary(composed)
    assert (vocabulary.encode(decomposed) == vocabulary.encode(composed)).all()


@pytest.mark.parametrize(
    "character",
    ["👩‍👩‍👧", "👍🏽", "🇰🇷", "❤️", "e\u0301", "q\u0323\u0307", "각", "ᄀ\u1161\u11a8", "\r\n", "நி"],
    ids=["family", "skin tone", "flag", "variation", "accent", "two marks", "hangul", "jamo", "line end", "tamil"],
)
def test_what_a_reader_calls_one_character_is_one(character):
    assert len(split_characters(character)) == 1
    assert split_characters(f"a{character}b") == ["a", unicodedata.normalize("NFC", character), "b"]


def test_unknown_characters_are_named():
    with pytest.raises(ConfigError) as refused:
        build_vocabulary("abc").encode("a z한")
    assert str(refused.value) == "text: ␣ z 한 not in the vocabulary; it knows a b c."


def test_a_long_list_of_unknown_characters_is_cut_short():
    with pytest.raises(ConfigError) as refused:
        build_vocabulary("a").encode("bcdefghijklmnopqrstuvwxyz")
    assert "b c d e f g h i j k l m … not in" in str(refused.value)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=12))
@settings(max_examples=50)
def test_one_hot_rows_have_a_single_one_at_the_index(indices):
    rows = one_hot(np.array(indices), 7)
    assert rows.shape == (len(indices), 7)
    assert rows.dtype == np.float32
    for row, index in zip(rows, indices, strict=True):
        assert row.tolist() == [1.0 if place == index else 0.0 for place in range(7)]


def test_one_hot_keeps_the_axes_of_its_indices():
    indices = np.array([[0, 1, 2, 2, 3], [1, 3, 2, 2, 2], [2, 2, 1, 1, 2]])
    rows = one_hot(indices, 4)
    assert rows.shape == (3, 5, 4)
    assert (rows.argmax(axis=2) == indices).all()
    assert rows.sum() == indices.size


def test_one_hot_refuses_an_index_beyond_the_vocabulary():
    with pytest.raises(IndexError):
        one_hot(np.array([4]), 4)


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        (" ", "␣"),
        ("\n", "⏎"),
        ("\r\n", "⏎"),
        ("\t", "⇥"),
        ("\x00", "␀"),
        ("\u200b", "U+200B"),
        ("\u2003", "U+2003"),
        ("\u0301", "◌\u0301"),
        ("a", "a"),
        ("한", "한"),
        ("👩‍👩‍👧", "👩‍👩‍👧"),
    ],
)
def test_every_character_can_be_seen(character, shown):
    assert visible(character) == shown


def test_characters_have_their_unicode_names():
    assert character_name("h") == "U+0068 LATIN SMALL LETTER H"
    assert character_name("q\u0323") == "U+0071 LATIN SMALL LETTER Q + U+0323 COMBINING DOT BELOW"
    assert character_name("\x00") == "U+0000"

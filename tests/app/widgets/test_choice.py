"""Controls of what a page shows besides the experiment: what there is less of is said where the control stands."""

import pytest

from tests.app.conftest import change, find, open_app

MANY = {"text": "abcdefghijkl", "seq_len": "3", "steps": "2"}  # three windows


@pytest.mark.parametrize(
    ("page", "params", "words"),
    [
        ("memory", {"alphabet": "99"}, "Alphabet or channels=99 cannot be used: a whole number from 2 to 8 works."),
        (
            "memory",
            {"memory_task": "adding", "alphabet": "5"},
            "Alphabet or channels=5 cannot be used: only 2 works.",
        ),
        ("dynamics", {"system": "one", "point": "50"}, "Point=50 cannot be used: a whole number from 0 to 2 works."),
        (
            "dynamics",
            {"system": "two", "symbol": "9"},
            "Constant input=9 cannot be used: a whole number from 0 to 4 works.",
        ),
        (
            "trajectories",
            {"together": "3", **MANY, "seq_len": "5"},
            "Windows after this one=3 cannot be used: a whole number from 0 to 2 works.",
        ),
        ("trajectories", {"together": "3"}, "Windows after this one=3 cannot be used: only 0 works."),
    ],
)
def test_more_than_there_is_gets_a_sentence_where_the_control_stands(page, params, words):
    at = open_app(page, lang="en", **params)
    assert words in [element.value for element in at.caption]


def test_the_sentence_goes_as_soon_as_the_control_is_moved():
    at = change(open_app("dynamics", lang="en", system="one", point="50"), "point", 1)
    assert "Point=50" not in " ".join(element.value for element in at.caption)
    assert find(at, "point").value == 1


def test_what_the_text_has_no_more_of_is_said_too():
    at = open_app("cell", lang="en", window="2", **MANY)
    assert not [element for element in at.main.caption if "cannot be used" in element.value]
    change(at, "seq_len", 11)
    assert "Window=2 cannot be used: only 0 works." in [element.value for element in at.main.caption]

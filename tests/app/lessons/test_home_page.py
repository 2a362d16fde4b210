"""The first page: its picture is of one step, and nothing beside it is of another."""

from tests.app.conftest import body, open_app


def lines(at):
    return {*body(at).split("\n"), *(element.value for element in at.main.caption)}


def test_the_words_of_the_picture_alone_say_how_far_the_run_is():
    """What the script writes beside it is older than the picture while a run plays."""
    three, seven = (lines(open_app("home", steps=steps)) for steps in ("3", "7"))
    assert {line[:13] for line in three ^ seven} == {"At step **3**", "At step **7**"}

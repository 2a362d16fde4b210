"""Pictures of wirings show every letter that went in and came out, and which of them are wrong."""

import pytest

from rnn_core.figures.theme import MUTED, RIGHT, WRONG
from rnn_core.figures.wirings import CELL, INPUT, OUTPUT, WiredStep, accuracy_by_place, wiring_diagram
from tests.figures.conftest import mark, texts

MANY = [WiredStep("a", "x"), WiredStep("b", "b", is_right=True), WiredStep("c", "a", is_right=True)]
APART = [
    WiredStep("a"),
    WiredStep("b"),
    WiredStep("", "b", is_right=True, is_decoder=True),
    WiredStep("", "■", is_decoder=True),
]


def row(figure, height):
    return next(t for t in figure.data if "text" in (t.mode or "") and set(t.y) == {height})


def test_letters_stand_at_their_steps(check_sendable):
    figure = wiring_diagram(MANY)
    assert (list(row(figure, INPUT).x), list(row(figure, INPUT).text)) == ([0, 1, 2], ["a", "b", "c"])
    assert list(row(figure, OUTPUT).text) == ["x", "b", "a"]
    assert list(row(figure, OUTPUT).marker.color) == [WRONG, RIGHT, RIGHT]
    assert next(t for t in figure.data if t.marker.symbol == "x").x == (0,)
    check_sendable(figure)


def test_an_encoder_and_a_decoder_stand_one_after_the_other(check_sendable):
    figure = wiring_diagram(APART)
    assert list(row(figure, INPUT).x) == [0, 1]
    assert list(row(figure, OUTPUT).x) == [2, 3]
    cells = next(t for t in figure.data if t.marker.symbol == "circle")
    assert set(cells.y) == {CELL}
    assert cells.marker.color[0] == cells.marker.color[1] != cells.marker.color[2]
    dotted = next(t for t in figure.data if t.line.dash == "dot")
    assert len([x for x in dotted.x if x is not None]) == 2  # one letter is read by the next step
    check_sendable(figure)


@pytest.mark.parametrize("length", [1, 10])
def test_words_of_any_length_have_room(check_sendable, length):
    steps = [WiredStep("a")] * length + [WiredStep("", "b", is_decoder=True)] * (length + 1)
    figure = wiring_diagram(steps)
    sizes = {t.marker.size for t in figure.data if t.mode in ("markers", "markers+text") and t.marker.size > 8}
    assert max(sizes) * len(steps) <= 250
    check_sendable(figure)


def test_a_word_that_goes_in_at_once_stands_beside_its_box():
    figure = wiring_diagram([WiredStep("hello", "o", is_right=True, is_decoder=True)])
    assert row(figure, INPUT).textposition == "middle right"


def test_accuracy_by_place_draws_what_is_measured(check_sendable):
    figure = accuracy_by_place({"a": [0.1, 0.5], "b": [1.0, 1.0]}, [0.04, 0.6])
    assert [(trace.name, list(trace.x), list(trace.y)) for trace in figure.data] == [
        ("a", [1, 2], [0.1, 0.5]),
        ("b", [1, 2], [1.0, 1.0]),
        ("best possible", [1, 2], [0.04, 0.6]),
    ]
    assert (figure.data[2].line.color, figure.data[2].line.dash) == (MUTED, "dash")
    check_sendable(figure)


def test_every_word_is_translated():
    titles, notes = texts(accuracy_by_place({"⟦a⟧": [0.1]}, [0.2], translate=mark))
    assert all("⟦" in text for text in (*titles, *notes))
    inputs = row(wiring_diagram(MANY, translate=mark), INPUT)
    assert "⟦input⟧" in inputs.hovertemplate

"""Below the target stands what was predicted, and exactly what is wrong of it is marked."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.config import bounds
from rnn_core.figures.predictions import MOST_WRITTEN, WANTED
from rnn_core.figures.theme import RIGHT, WRONG
from rnn_core.figures.unrolled import unrolled
from tests.figures.conftest import drawn_as, mark

TEXT = ["h", "e", "l", "l", "o"]


def draw(target, rows, **more):
    states = np.random.default_rng(0).uniform(-1, 1, (len(target), 3)).astype(np.float32)
    return unrolled(states, target, target=target, rows=rows, **more)


def predictions_of(figure):
    """Return the written target, and by its height each prediction: characters, colours, hover texts, marked places."""
    target, *predicted = drawn_as(figure, "text")
    rows = {}
    for written in predicted:
        points = zip(written.x, written.y, written.text, written.textfont.color, written.customdata, strict=True)
        for t, height, *rest in points:
            row = rows.setdefault(height, ([], []))
            assert t == len(row[0])  # in the order of the text
            row[0].append(rest)
    for marks in drawn_as(figure, "markers"):
        for t, height in zip(marks.x, marks.y, strict=True):
            rows[height][1].append(t)
    return target, rows


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_exactly_the_wrong_characters_are_marked(data):
    length = data.draw(st.integers(1, 12))
    words = st.lists(st.sampled_from("abc"), min_size=length, max_size=length)
    target, *predictions = data.draw(st.lists(words, min_size=1, max_size=4))
    rows = [(f"step {i}", predicted) for i, predicted in enumerate(predictions)]
    written, drawn = predictions_of(draw(target, rows))
    assert list(written.text) == target
    assert len(drawn) == len(rows)
    for (label, predicted), (cells, marked) in zip(rows, drawn.values(), strict=True):
        wrong = [t for t in range(length) if predicted[t] != target[t]]
        assert marked == wrong
        for t, (text, color, hover) in enumerate(cells):
            assert text == predicted[t]
            assert color == (WRONG if t in wrong else RIGHT)
            assert tuple(hover) == (label, target[t])


def test_each_prediction_is_beside_its_label():
    figure = draw(TEXT, [("step 9", list("hello")), ("step 8", list("hallo"))])
    target, drawn = predictions_of(figure)
    labels = dict(zip(figure.layout.yaxis2.tickvals, figure.layout.yaxis2.ticktext, strict=True))
    assert labels[target.y[0]] == "target"
    assert [labels[height] for height in drawn] == ["step 9", "step 8"]
    low, high = figure.layout.yaxis2.range
    assert all(low < place < high for place in labels)


def test_of_a_text_too_long_to_be_written_every_place_is_a_cell(check_sendable):
    length = bounds("seq_len")[1]
    assert length > MOST_WRITTEN
    target = ["👩‍👩‍👧", "b"] * (length // 2)
    rows = [("step 2", ["b"] * length), ("", [""] * length), ("step 1", target)]
    figure = draw(target, rows, translate=mark)
    assert drawn_as(figure, "text") == []
    cells = next(trace for trace in figure.data if trace.yaxis == "y2")
    wanted, one, free, all_right = np.asarray(cells.z)
    assert np.array_equal(wanted, [WANTED] * length)
    assert np.array_equal(one, [1, 0] * (length // 2))
    assert not free.any()
    assert not all_right.any()
    assert [(cells.y0 + cells.dy * i) for i in range(4)] == list(figure.layout.yaxis2.tickvals)
    assert list(figure.layout.yaxis2.ticktext) == ["⟦target⟧", "step 2", "", "step 1"]
    assert tuple(cells.customdata[1][:2]) == ("step 2: «b» / «👩‍👩‍👧»", "step 2: «b» / «b»")
    check_sendable(figure)

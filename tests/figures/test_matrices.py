"""A heat map shows the matrix that it was given, and says of each cell what it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.config import bounds
from rnn_core.figures.matrices import MAX_COLUMNS, MAX_ROWS, one_hot_matrix, states_and_predictions
from rnn_core.figures.theme import AXIS_COLORS, RIGHT, WRONG
from tests.figures.conftest import drawn_as, mark, texts

TEXT = ["h", "e", "l", "l", "o"]
KNOWN = ["e", "h", "l", "o"]


def rows_of(characters, known):
    return np.eye(len(known), dtype=np.float32)[[known.index(c) for c in characters]]


def heat_map(figure):
    return next(trace for trace in figure.data if trace.type == "heatmap")


def hover_of(drawn, row, column):
    """Return what the browser says of a cell."""
    cell = np.array(drawn.customdata, dtype=object)[row][column]
    words = drawn.hovertemplate.removesuffix("<extra></extra>").replace("%{z}", f"{drawn.z[row][column]:g}")
    if not isinstance(cell, list | tuple | np.ndarray):
        labels = drawn.parent.layout.xaxis.ticktext if drawn.parent else ()
        return words.replace("%{customdata}", str(cell)).replace("%{x}", labels[column] if labels else "%{x}")
    for i, part in enumerate(cell):
        words = words.replace(f"%{{customdata[{i}]}}", str(part))
    return words


def test_one_hot_rows_are_drawn_as_they_are(check_sendable):
    figure = one_hot_matrix(rows_of(TEXT, KNOWN), TEXT, KNOWN)
    drawn = heat_map(figure)
    assert np.array_equal(drawn.z, rows_of(TEXT, KNOWN))
    assert (drawn.zmin, drawn.zmax) == (0, 1)
    written = np.full(drawn.z.shape, np.nan)
    for digits in figure.data[1:]:
        written[np.array(digits.y), np.array(digits.x)] = [float(digit) for digit in digits.text]
    assert np.array_equal(written, rows_of(TEXT, KNOWN))
    assert list(figure.layout.yaxis.ticktext) == TEXT
    assert list(figure.layout.xaxis.ticktext) == KNOWN
    assert figure.layout.yaxis.autorange == "reversed"  # the first character on top
    check_sendable(figure)


def test_a_one_hot_cell_says_which_row_index_and_column_it_is():
    matrix = rows_of(TEXT, KNOWN)
    drawn = heat_map(one_hot_matrix(matrix, TEXT, KNOWN))
    for t, character in enumerate(TEXT):
        for v, known in enumerate(KNOWN):
            assert hover_of(drawn, t, v) == (
                f"row {t}: «{character}» → index {KNOWN.index(character)}<br>"
                f"column {v}: «{known}»<br>value {int(matrix[t, v])}"
            )


def test_the_axes_of_a_one_hot_matrix_have_their_colours():
    figure = one_hot_matrix(rows_of(TEXT, KNOWN), TEXT, KNOWN)
    assert figure.layout.xaxis.title.font.color == AXIS_COLORS["V"]
    assert figure.layout.yaxis.title.font.color == AXIS_COLORS["L"]


def test_a_large_one_hot_matrix_is_cut_to_its_beginning(check_sendable):
    size = 3000
    known = [chr(0xAC00 + i) for i in range(size)]
    indices = np.random.default_rng(0).integers(0, size, bounds("seq_len")[1])
    indices[0] = size - 1  # its one is beyond the last column drawn; its index is said all the same
    matrix = np.eye(size, dtype=np.float32)[indices]
    figure = one_hot_matrix(matrix, [known[i] for i in indices], known)
    assert np.array_equal(heat_map(figure).z, matrix[:MAX_ROWS, :MAX_COLUMNS])
    assert f"→ index {size - 1}<br>" in hover_of(heat_map(figure), 0, 0)
    check_sendable(figure)


def states(length, units, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (length, units)).astype(np.float32)


def test_states_are_drawn_one_column_a_character(check_sendable):
    given_states = states(5, 7)
    figure = states_and_predictions(given_states, TEXT, list("ello!"), [("now", list("ellx!"))])
    drawn = heat_map(figure)
    assert np.array_equal(drawn.z, given_states.T)
    assert (drawn.zmin, drawn.zmid, drawn.zmax) == (-1, 0, 1)
    for t, character in enumerate(TEXT):
        for unit in range(7):  # %{x} is written as the axis's label, the character
            assert hover_of(drawn, unit, t) == f"t = {t} «{character}»<br>unit %{{y}}<br>h = %{{z:.4f}}"
    assert list(figure.layout.xaxis.ticktext) == TEXT
    check_sendable(figure)


def test_values_beyond_one_widen_the_scale_on_both_sides():
    drawn = heat_map(states_and_predictions(states(5, 2) * 7, TEXT, TEXT, []))
    assert drawn.zmax == pytest.approx(np.abs(states(5, 2) * 7).max())
    assert drawn.zmin == -drawn.zmax


def test_states_that_overflowed_are_gaps(check_sendable):
    broken = states(5, 4)
    broken[3:] = np.nan
    figure = states_and_predictions(broken, TEXT, TEXT, [])
    assert np.array_equal(heat_map(figure).z, broken.T, equal_nan=True)
    assert np.isfinite(heat_map(figure).zmax)
    check_sendable(figure)


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


@settings(max_examples=60)
@given(st.data())
def test_exactly_the_wrong_characters_are_marked(data):
    length = data.draw(st.integers(1, 12))
    words = st.lists(st.sampled_from("abc"), min_size=length, max_size=length)
    target, *predictions = data.draw(st.lists(words, min_size=1, max_size=4))
    rows = [(f"step {i}", predicted) for i, predicted in enumerate(predictions)]
    figure = states_and_predictions(states(length, 3), target, target, rows)
    written, drawn = predictions_of(figure)
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
    rows = [("step 9", list("hello")), ("step 8", list("hallo"))]
    figure = states_and_predictions(states(5, 3), TEXT, TEXT, rows)
    target, drawn = predictions_of(figure)
    labels = dict(zip(figure.layout.yaxis2.tickvals, figure.layout.yaxis2.ticktext, strict=True))
    assert labels[target.y[0]] == "target"
    assert [labels[height] for height in drawn] == ["step 9", "step 8"]
    low, high = figure.layout.yaxis2.range
    assert all(low < place < high for place in labels)


@pytest.mark.parametrize("units", [128, 256])
def test_the_largest_states_are_cut_and_small_enough(units, check_sendable):
    length = bounds("seq_len")[1]
    family = "👩‍👩‍👧"
    given_states = states(length, units)
    rows = [(f"step {i}", [family] * length) for i in range(5)]
    figure = states_and_predictions(given_states, [family] * length, [family] * length, rows)
    assert np.array_equal(heat_map(figure).z, given_states[:MAX_COLUMNS, :MAX_ROWS].T)
    written, drawn = predictions_of(figure)
    assert len(written.text) == MAX_COLUMNS
    assert all(len(cells) == MAX_COLUMNS for cells, _ in drawn.values())
    check_sendable(figure)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: one_hot_matrix(rows_of(TEXT, KNOWN), TEXT, KNOWN, translate=mark),
        lambda: states_and_predictions(states(5, 3), TEXT, TEXT, [], translate=mark),
    ],
)
def test_every_label_is_translated(draw):
    figure = draw()
    titles, _ = texts(figure)
    assert titles
    assert all(title.startswith("⟦") for title in titles)
    assert "⟦" in heat_map(figure).hovertemplate

"""A heat map shows the matrix that it was given, and says of each cell what it is."""

import numpy as np

from rnn_core.config import bounds
from rnn_core.figures.matrices import MOST_COLUMNS, one_hot_matrix
from rnn_core.figures.theme import AXIS_COLORS
from tests.figures.conftest import heat_map, hover_of, mark, texts

TEXT = ["h", "e", "l", "l", "o"]
KNOWN = ["e", "h", "l", "o"]


def rows_of(characters, known):
    return np.eye(len(known), dtype=np.float32)[[known.index(c) for c in characters]]


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


def test_all_rows_of_a_long_text_are_drawn_and_a_vocabulary_that_is_cut_says_so(check_sendable):
    size, length = 3000, bounds("seq_len")[1]
    known = [chr(0xAC00 + i) for i in range(size)]
    indices = np.random.default_rng(0).integers(0, size, length)
    indices[0] = size - 1  # its one is beyond the last column drawn; its index is said all the same
    matrix = np.eye(size, dtype=np.float32)[indices]
    figure = one_hot_matrix(matrix, [known[i] for i in indices], known)
    assert np.array_equal(heat_map(figure).z, matrix[:, :MOST_COLUMNS])
    assert f"→ index {size - 1}<br>" in hover_of(heat_map(figure), 0, 0)
    assert texts(figure)[1] == [f"the first {MOST_COLUMNS} of {size} columns are drawn"]
    whole = one_hot_matrix(matrix[:, :MOST_COLUMNS], [known[i] for i in indices], known[:MOST_COLUMNS])
    assert texts(whole)[1] == []
    check_sendable(figure)


def test_every_label_is_translated():
    figure = one_hot_matrix(rows_of(TEXT, KNOWN), TEXT, KNOWN, translate=mark)
    titles, _ = texts(figure)
    assert titles
    assert all(title.startswith("⟦") for title in titles)
    assert "⟦" in heat_map(figure).hovertemplate

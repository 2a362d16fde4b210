"""The pictures of experiments show the numbers that they were given."""

from itertools import pairwise

import numpy as np
import pytest

from rnn_core.figures.pitfalls import cell_panels, labelled_lines
from rnn_core.figures.theme import AXIS_COLORS
from rnn_core.records.cells import CellPanel
from rnn_core.records.sweeps import NamedCurve
from rnn_core.sentence import Sentence
from tests.figures.conftest import drawn_as, texts


def panel(height, width, **more):
    drawn = np.random.default_rng(height).normal(size=(height, width)).astype(np.float32)
    return CellPanel(Sentence("panel {height}", height=height), drawn, **{"axes": ("N", "L"), **more})


def say(sentence):
    return f"⟦{sentence}⟧"


def test_panels_are_drawn_as_they_are_and_on_one_scale(check_sendable):
    panels = [panel(2, 5), panel(3, 12, axes=("H_out", "L"))]
    figure = cell_panels(panels, say)
    largest = max(np.abs(p.values).max() for p in panels)
    for drawn, given in zip(figure.data, panels, strict=True):
        assert np.array_equal(drawn.z, given.values)
        assert (drawn.zmin, drawn.zmax) == (pytest.approx(-largest), pytest.approx(largest))
        assert [[float(cell) for cell in row] for row in drawn.text] == [
            [float(f"{value:.2g}") for value in row] for row in given.values
        ]
    titles, notes = texts(figure)
    assert titles == ["L", "L"]
    assert notes == ["<b>⟦panel 2⟧</b>", "N", "<b>⟦panel 3⟧</b>", "H_out"]
    assert figure.layout.annotations[3].font.color == AXIS_COLORS["H_out"]
    check_sendable(figure)


def test_panels_lie_one_below_the_other():
    figure = cell_panels([panel(2, 5), panel(3, 4), panel(1, 20)])
    layout = figure.layout
    domains = [layout.yaxis.domain, layout.yaxis2.domain, layout.yaxis3.domain]
    assert all(0 <= low < high <= 1 for low, high in domains)
    assert all(upper[0] > lower[1] for upper, lower in pairwise(domains))
    assert layout.xaxis3.domain == (0, 1)
    assert layout.xaxis.domain == (0, 0.25)
    assert layout.xaxis3.tickvals == (0, 5, 10, 15)
    assert layout.xaxis.ticktext == ("0", "1", "2", "3", "4")


def test_marked_cells_are_framed_and_labels_are_kept(check_sendable):
    figure = cell_panels([panel(2, 3, rows=("a", "b"), columns=("x", "y", "z"), marked=((1, 2),))])
    (frame,) = figure.layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (1.5, 2.5, 0.5, 1.5)
    assert list(figure.layout.yaxis.ticktext) == ["a", "b"]
    assert list(figure.layout.xaxis.ticktext) == ["x", "y", "z"]
    check_sendable(figure)


def test_nothing_but_zeros_can_be_drawn(check_sendable):
    figure = cell_panels([CellPanel(Sentence("zeros"), np.zeros((2, 2), np.float32))])
    assert figure.data[0].zmax > 0
    check_sendable(figure)


def test_lines_are_drawn_with_their_names_and_places(check_sendable):
    x = np.arange(5, dtype=np.float32)
    curves = [NamedCurve(Sentence("up"), x, x * 2, at=2.5), NamedCurve(Sentence("flat"), x, x * 0 + 3)]
    figure = labelled_lines(curves, (Sentence("steps"), Sentence("count")), say)
    for line, curve in zip(drawn_as(figure, "lines"), curves, strict=True):
        assert np.array_equal(line.x, curve.x)
        assert np.array_equal(line.y, curve.y)
    (point,) = drawn_as(figure, "markers")
    assert (point.x, point.y) == ((2.5,), (5.0,))
    titles, notes = texts(figure)
    assert titles == ["⟦steps⟧", "⟦count⟧"]
    assert notes == ["⟦up⟧: 8", "⟦flat⟧: 3"]
    check_sendable(figure)


def test_the_name_of_the_rows_finds_room_at_their_right():
    full, half = (cell_panels([panel(2, n, axes=("H_out", "L"))]).layout for n in (12, 5))
    assert full.margin.r > 40
    assert half.margin.r == 8
    assert all(layout.font.size >= 16 for layout in (full, half))


def test_the_numbers_of_a_long_row_are_short():
    (drawn,) = cell_panels([panel(1, 12)]).data
    assert all(len(text.lstrip("-")) == 4 for text in drawn.text[0])

"""Pictures of a sweep: every square, line and sign is where its numbers are."""

import math

import numpy as np
import pytest

from rnn_core.figures.overlay import Curve
from rnn_core.figures.sweep import LEAST_LOSS, RAMP, ramp, sweep_axes, sweep_curves, sweep_map
from rnn_core.figures.theme import WRONG
from rnn_core.records.sweeps import SweepTable
from tests.figures.conftest import drawn_as, mark, sent, texts

NAMES = {"learning_rate": "rate", "hidden_size": "size", "cell": "cell"}
RATES, SIZES, CELLS = ("0.01", "0.1", "1"), ("4", "8"), ("rnn", "gru")
# A row a combination, in the order (rate, size); a column a seed.
LOSS = [[0.5, 0.3, 0.4], [0.2, 0.2, 0.2], [0.1, 0.05, 0.2], [0.3, np.inf, 0.1], [np.inf] * 3, [np.nan] * 3]
ACCURACY = [[0.5, 0.7, 0.6], [0.8] * 3, [1.0, 1.0, 0.9], [0.4, 0.1, 1.0], [0.2] * 3, [np.nan] * 3]
HANGING = [[False] * 3, [False] * 3, [True, False, True], [False] * 3, [True] * 3, [False] * 3]


def table_of(*, is_done=True):
    loss = np.array(LOSS)
    done = ~np.isnan(loss)
    done[1] = is_done
    fields, values = ("learning_rate", "hidden_size"), (RATES, SIZES)
    return SweepTable(fields, values, loss, np.array(ACCURACY), done, np.isinf(loss), np.array(HANGING))


def cube():
    """A sweep over three axes whose losses are all different."""
    loss = np.linspace(0.1, 1.2, 12)[:, None]
    done = np.ones_like(loss, dtype=bool)
    fields, values = ("learning_rate", "hidden_size", "cell"), (RATES, SIZES, CELLS)
    return SweepTable(fields, values, loss, 1 - loss / 2, done, ~done, ~done)


def signs(figure, symbol):
    found = next(t for t in drawn_as(figure, "markers") if t.marker.symbol == symbol)
    return list(zip(found.x, found.y, strict=True))


def test_a_square_is_the_median_of_its_seeds():
    figure = sweep_map(table_of(), "loss", NAMES)
    squares, orange = [trace for trace in figure.data if trace.type == "heatmap"]
    assert (list(squares.x), list(squares.y)) == (list(RATES), list(SIZES))
    expected = [[math.log10(0.4), math.log10(0.1), None], [math.log10(0.2), math.log10(0.3), None]]
    assert [[None if v is None else pytest.approx(v, abs=1e-4) for v in row] for row in squares.z] == expected
    assert [list(row) for row in orange.z] == [[None, None, 1.0], [None, None, None]]
    assert {color for _, color in orange.colorscale} == {WRONG}


def test_accuracy_is_coloured_from_none_to_all():
    squares = sweep_map(table_of(), "accuracy", NAMES).data[0]
    assert (squares.zmin, squares.zmax) == (0, 1)
    assert [list(row) for row in squares.z] == [[0.6, 1.0, None], [0.8, 0.4, None]]


@pytest.mark.parametrize("shown", ["loss", "accuracy"])
def test_the_better_the_bluer(shown):
    scale = sweep_map(table_of(), shown, NAMES).data[0].colorscale
    best, worst = (scale[0], scale[-1]) if shown == "loss" else (scale[-1], scale[0])
    assert (best[1], worst[1]) == ("#3F86BF", "#F3EFE0")
    assert [at for at, _ in scale] == sorted(at for at, _ in scale)


def test_signs_say_by_their_shape_what_became_of_a_square():
    figure = sweep_map(table_of(is_done=False), "loss", NAMES, picked=3)
    assert signs(figure, "x") == [("1", "4")]
    assert signs(figure, "x-thin") == [("0.1", "8")]
    assert signs(figure, "circle-open") == [("0.01", "8")]
    assert signs(figure, "star") == [("0.1", "4")]
    (corner,) = drawn_as(figure, "text")
    assert corner.text == "≈"
    assert list(zip(corner.x, corner.y, strict=True)) == [("0.1", "4"), ("1", "4")]
    assert signs(figure, "square-open") == [("0.1", "8")]


def test_pointing_at_a_square_tells_its_spread():
    words = sweep_map(table_of(is_done=False), "loss", NAMES, translate=mark).data[0].text
    assert words[0][0] == "rate = 0.01<br>size = 4<br>⟦final loss⟧ 0.4<br>0.3 – 0.5 (3)<br>⟦accuracy⟧ 50% – 70%"
    assert "⟦3 of 3 diverged⟧" in words[0][2]
    assert "⟦2 of 3 depend on rounding⟧" in words[0][1]
    assert "rounding" not in words[0][0]
    assert "⟦diverged⟧" in words[1][1]
    assert words[1][0].endswith("⟦still being trained⟧")
    assert words[1][2].endswith("⟦not begun⟧")


def test_one_axis_is_one_row():
    loss = np.array([[0.3], [0.2], [0.1]])
    table = SweepTable(("learning_rate",), (RATES,), loss, 1 - loss, loss > 0, loss < 0, loss < 0)
    figure = sweep_map(table, "loss", NAMES)
    assert len(figure.data[0].z) == 1
    assert signs(figure, "star") == [("1", "")]
    panels = sweep_curves(table, curves_of(table), "loss", NAMES, last_step=3)
    assert len([name for name in sent(panels)["layout"] if name.startswith("xaxis")]) == 1


def test_a_sweep_that_has_not_begun_is_drawn_too(check_sendable):
    empty = np.full((6, 3), np.nan)
    nothing = np.zeros((6, 3), dtype=bool)
    table = SweepTable(("learning_rate", "hidden_size"), (RATES, SIZES), empty, empty, nothing, nothing, nothing)
    check_sendable(sweep_map(table, "loss", NAMES))
    check_sendable(sweep_map(table, "accuracy", NAMES))
    check_sendable(sweep_curves(table, {place: Curve("x", [], []) for place in range(6)}, "loss", NAMES, last_step=9))
    assert sweep_axes(table, "loss", NAMES).data[0].type == "parcoords"


def test_a_loss_of_zero_has_a_place_on_the_logarithmic_scale():
    loss = np.array([[0.0], [0.1], [0.2]])
    table = SweepTable(("learning_rate",), (RATES,), loss, 1 - loss, loss >= 0, loss < 0, loss < 0)
    assert sweep_map(table, "loss", NAMES).data[0].z[0][0] == math.log10(LEAST_LOSS)


def curves_of(table):
    return {
        place: Curve(f"c{place}", [0, 1, 2, 3], [2.0, 1.0, 0.5, 0.1 + place], bool(table.has_exploded[place, 0]))
        for place in range(len(table.loss))
    }


def test_a_panel_holds_the_curves_of_its_row():
    table = table_of()
    figure = sweep_curves(table, curves_of(table), "loss", NAMES, last_step=3, translate=mark)
    lines = drawn_as(figure, "lines")
    assert [(line.name, line.xaxis) for line in lines] == [
        *((f"c{place}", "x") for place in (0, 2, 4)),
        *((f"c{place}", "x2") for place in (1, 3, 5)),
    ]
    assert list(lines[1].y) == [2.0, 1.0, 0.5, 2.1]
    assert [line.line.color for line in lines[:3]] == [ramp(place, 3) for place in range(3)]
    _titles, notes = texts(figure)
    assert "size = 4" in notes
    assert "size = 8" in notes
    (cross,) = drawn_as(figure, "markers")
    assert (list(cross.x), list(cross.y), cross.marker.symbol) == ([3], [4.1], "x")


def test_many_curves_keep_few_points(check_sendable):
    rates, sizes = tuple(map(str, range(32))), tuple(map(str, range(16)))
    loss = np.ones((512, 1))
    table = SweepTable(("learning_rate", "hidden_size"), (rates, sizes), loss, loss, loss > 0, loss < 0, loss < 0)
    curves = {place: Curve("c", range(2001), np.linspace(2, 0.12345678, 2001)) for place in range(512)}
    figure = sweep_curves(table, curves, "loss", NAMES, last_step=2000)
    lines = drawn_as(figure, "lines")
    assert len(lines) == 512
    assert all(line.x[-1] == 2000 for line in lines)
    check_sendable(figure)
    check_sendable(sweep_map(table, "loss", NAMES))


def test_parallel_axes_hold_every_combination():
    figure = sweep_axes(cube(), "loss", NAMES, translate=mark)
    rate, size, cell, loss, accuracy = figure.data[0].dimensions
    assert [d.label for d in (rate, size, cell)] == ["rate", "size", "cell"]
    assert list(rate.values) == [place // 4 for place in range(12)]
    assert list(size.values) == [place // 2 % 2 for place in range(12)]
    assert list(cell.values) == [place % 2 for place in range(12)]
    assert list(cell.ticktext) == ["rnn", "gru"]
    assert list(loss.values) == pytest.approx(np.log10(np.linspace(0.1, 1.2, 12)))
    assert list(accuracy.values) == pytest.approx(1 - np.linspace(0.1, 1.2, 12) / 2)
    assert list(figure.data[0].line.color) == list(loss.values)


def test_what_exploded_has_a_place_above_all_numbers():
    loss = sweep_axes(table_of(), "loss", NAMES, translate=mark).data[0].dimensions[2]
    assert loss.values[4] == loss.tickvals[-1] > max(loss.values[:4])
    assert loss.ticktext[-1] == "⟦diverged⟧"
    assert len(loss.values) == 5  # one has not begun


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_ramp_goes_from_its_first_colour_to_its_last(count):
    colors = [ramp(place, count) for place in range(count)]
    assert colors[0] == "rgb({}, {}, {})".format(*RAMP[0])
    assert count == 1 or colors[-1] == "rgb({}, {}, {})".format(*RAMP[-1])
    assert len(set(colors)) == count


@pytest.mark.parametrize("shown", ["loss", "accuracy"])
def test_what_is_written_can_be_translated(check_sendable, shown):
    figure = sweep_map(table_of(), shown, NAMES, translate=mark)
    check_sendable(figure)
    assert texts(figure)[0] == ["rate", "size"]
    figure = sweep_curves(table_of(), curves_of(table_of()), shown, NAMES, last_step=3, translate=mark)
    check_sendable(figure)
    assert set(texts(figure)[0]) == {"⟦step⟧", "⟦loss (nats)⟧"}

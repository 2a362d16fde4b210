"""Several runs in one picture: each curve with its numbers, and an explosion that does not flatten the others."""

import math

import numpy as np
import pytest

from rnn_core.figures.duel import seed_pairs
from rnn_core.figures.overlay import MAX_POINTS, ROOM, Curve, overlaid_losses
from rnn_core.figures.theme import MUTED, SERIES, WRONG
from rnn_core.records.sweeps import SweepTable
from tests.figures.conftest import drawn_as, mark, texts

CALM = Curve("calm", range(4), [2.0, 1.0, 0.5, 0.25])
GONE = Curve("gone", range(3), [2.0, 50.0, math.nan], has_exploded=True)


def test_every_curve_is_drawn_with_its_numbers(check_sendable):
    figure = overlaid_losses([CALM, GONE], translate=mark)
    calm, gone = drawn_as(figure, "lines")
    assert (list(calm.x), list(calm.y)) == ([0, 1, 2, 3], [2.0, 1.0, 0.5, 0.25])
    assert list(gone.y) == [2.0, 50.0, None]
    assert [calm.line.color, gone.line.color] == list(SERIES[:2])
    check_sendable(figure)
    titles, (names,) = texts(figure)
    assert titles == ["⟦step (updates made)⟧", "⟦loss (nats)⟧"]
    assert "calm" in names
    assert "gone" in names


@pytest.mark.parametrize("is_log", [True, False])
def test_an_explosion_is_crossed_at_the_upper_edge(is_log):
    figure = overlaid_losses([CALM, GONE], is_log=is_log)
    top = figure.layout.yaxis.range[1]
    top = 10**top if is_log else top
    none, cross = drawn_as(figure, "markers")
    assert list(none.x) == []
    assert (list(cross.x), list(cross.y)) == ([2], [pytest.approx(top)])
    assert (cross.marker.symbol, cross.marker.color) == ("x", WRONG)
    assert top < 2 * ROOM * 2.0


def test_a_long_curve_keeps_its_ends():
    line = drawn_as(overlaid_losses([Curve("a", range(2001), np.linspace(2, 1, 2001))]), "lines")[0]
    assert len(line.x) <= MAX_POINTS + 1
    assert (line.x[0], line.x[-1], line.y[0], line.y[-1]) == (0, 2000, 2, 1)


def test_more_runs_than_colours_differ_by_their_dash():
    figure = overlaid_losses([Curve(f"run {n}", [0, 1], [2, 1]) for n in range(12)])
    looks = {(line.line.color, line.line.dash) for line in drawn_as(figure, "lines")}
    assert len(looks) == 12


def test_a_quiet_curve_takes_no_colour():
    quiet, loud = drawn_as(overlaid_losses([Curve("a", [0], [1], is_quiet=True), Curve("b", [0], [1])]), "lines")
    assert (quiet.line.color, loud.line.color) == (MUTED, SERIES[0])


@pytest.mark.parametrize("curves", [[], [Curve("a", [], [])], [Curve("a", [0], [math.nan])], [Curve("a", [0], [0.0])]])
@pytest.mark.parametrize("is_log", [True, False])
def test_runs_with_nothing_to_draw_are_drawn_all_the_same(check_sendable, curves, is_log):
    figure = overlaid_losses(curves, is_log=is_log)
    check_sendable(figure)
    low, high = figure.layout.yaxis.range
    assert low < high


def test_pairs_are_joined_by_their_seed(check_sendable):
    loss = np.array([[0.1, 0.2, np.inf, np.nan], [0.3, 0.05, 0.1, np.nan]])
    table = SweepTable(("run",), (("A", "B"),), loss, np.zeros_like(loss), ~np.isnan(loss), np.isinf(loss), loss < 0)
    figure = seed_pairs(table, [4, 5, 6, 7], ("first", "second"), translate=mark)
    lines = drawn_as(figure, "lines")[0]
    assert list(lines.x) == ["4", "4", None, "5", "5", None, "6", "6", None, "7", "7", None]
    assert list(lines.y) == [0.1, 0.3, None, 0.2, 0.05, None, 0.6, 0.1, None, None, None, None]
    first, second = drawn_as(figure, "markers")
    assert (first.name, list(first.y)) == ("first", [0.1, 0.2, 0.6, None])
    assert list(second.y) == [0.3, 0.05, 0.1, None]
    assert list(first.marker.symbol) == ["circle", "circle", "x", "circle"]
    assert set(second.marker.symbol) == {"diamond"}
    check_sendable(figure)

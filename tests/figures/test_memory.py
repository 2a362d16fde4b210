"""Pictures of memory show the numbers that they were given: every seed, the median, the chance level."""

import numpy as np
import pytest

from rnn_core.figures.memory import BEST, Spread, accuracy_by_lag, learning_by_cell
from tests.figures.conftest import mark, texts

LAGS = (2, 10, 30)
ACCURACY = np.array([[1.0, 0.9, 0.8], [0.5, 0.7, 0.3], [0.25, 0.2, 0.3]])
SPREADS = [Spread("rnn", LAGS, ACCURACY), Spread("gru", LAGS[:1], ACCURACY[:1]), Spread("lstm", (), np.empty((0, 3)))]


def thick(figure, name, axis="y"):
    return next(trace for trace in figure.data if trace.name == name and trace.yaxis == axis)


def test_the_median_is_thick_and_every_seed_is_there(check_sendable):
    figure = accuracy_by_lag(SPREADS, LAGS, (0.25, 0.25, 0.2))
    line = thick(figure, "rnn")
    assert (list(line.x), list(line.y)) == ([2, 10, 30], [0.9, 0.5, 0.25])
    seeds = figure.data[list(figure.data).index(line) - 1]
    assert list(seeds.x) == [2, 10, 30, None] * 3
    assert list(seeds.y) == [1.0, 0.5, 0.25, None, 0.9, 0.7, 0.2, None, 0.8, 0.3, 0.3, None]
    assert seeds.line.width < line.line.width
    assert list(thick(figure, "gru").y) == [0.9]
    assert list(thick(figure, "lstm").y) == []
    check_sendable(figure)


def test_chance_and_the_best_possible_are_drawn(check_sendable):
    figure = accuracy_by_lag(SPREADS, LAGS, (0.25, 0.25, 0.2))
    best, chance = figure.data[:2]
    assert set(best.y) == {BEST}
    assert (list(chance.x), list(chance.y)) == ([0, 2, 10, 30], [0.25, 0.25, 0.25, 0.2])
    assert list(figure.layout.xaxis.tickvals) == list(LAGS)
    (names,) = texts(figure)[1]  # no word lies in the picture, where a curve might go
    assert "best possible 100%" in names
    assert "chance 25.0%" in names
    check_sendable(accuracy_by_lag([], LAGS, (0.25, 0.25, 0.2)))


def test_cells_differ_by_more_than_colour():
    figure = accuracy_by_lag(SPREADS, LAGS, (0.5, 0.5, 0.5))
    lines = [thick(figure, name) for name in ("rnn", "gru", "lstm")]
    assert len({line.marker.symbol for line in lines}) == 3
    assert len({line.line.dash for line in lines}) == 3
    assert len({line.marker.size for line in lines}) == 3  # so that all are seen where they lie on each other


def test_learning_shows_accuracy_and_loss(check_sendable):
    loss = [Spread("rnn", (9, 19), np.array([[1.4, 1.2], [0.5, np.inf]]))]
    accuracy = [Spread("rnn", (9, 19), np.array([[0.25, 0.5], [0.5, 1.0]]))]
    figure = learning_by_cell(accuracy, loss, last_step=600, chance=0.25)
    assert list(thick(figure, "rnn").y) == [0.375, 0.75]
    assert list(thick(figure, "rnn", "y2").y) == [pytest.approx(1.3), None]
    assert list(figure.data[0].y) == [0.25] * len(figure.data[0].y)
    assert figure.layout.meta == {"cursor": {"x": "step"}}
    check_sendable(figure)
    check_sendable(learning_by_cell([], [], last_step=20, chance=0.5))


@pytest.mark.parametrize(
    "figure",
    [
        accuracy_by_lag(SPREADS, LAGS, (0.25,) * 3, translate=mark),
        learning_by_cell(SPREADS, SPREADS, last_step=30, chance=0.5, translate=mark),
    ],
)
def test_every_word_is_translated(figure):
    titles, notes = texts(figure)
    assert all("⟦" in text for text in (*titles, *notes))

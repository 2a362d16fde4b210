"""The inside of a unit: bars that add up, gates as they are, weights as they are written."""

import numpy as np
import pytest

from rnn_core.figures.cell import MAX_NAMED, NEGATIVE, POSITIVE, gate_film, sum_film, weight_map
from tests.figures.conftest import mark, sent, texts

RNG = np.random.default_rng(0)
TERMS = {name: RNG.normal(size=5) for name in ("x_t W_ih^T", "b_ih", "h_prev[0]·W_hh", "b_hh")}
TOTAL = sum(TERMS.values())
GATES = {name: RNG.uniform(size=5) for name in ("input gate i", "forget gate f")}
FLOW = {"before": (np.zeros(5), RNG.normal(size=5)), "forgotten": (RNG.normal(size=5), RNG.normal(size=5))}


def summed(t=2, **values):
    return sum_film(TERMS, TOTAL, np.tanh(TOTAL), "abcde", **{"t": t, **values})


def test_each_bar_begins_where_the_one_before_it_ended(check_sendable):
    figure = summed()
    for t, frame in enumerate(figure.frames):
        bars, point = frame.data
        values = [term[t] for term in TERMS.values()]
        assert np.allclose(bars.x, [*values, TOTAL[t]])
        assert np.allclose(bars.base, [0, *np.cumsum(values)[:-1], 0])
        assert bars.base[-2] + bars.x[-2] == pytest.approx(bars.x[-1])  # the last bar is the sum
        assert list(bars.marker.color[:-1]) == [POSITIVE if value >= 0 else NEGATIVE for value in values]
        assert (point.x[-1], point.y[-1]) == (TOTAL[t], np.tanh(TOTAL[t]))
        assert frame.name == f"t = {t} «{'abcde'[t]}»"
    assert np.allclose(figure.data[0].x, figure.frames[2].data[0].x)
    assert list(figure.layout.yaxis.ticktext) == [*TERMS, "a_t"]
    check_sendable(figure)


@pytest.mark.parametrize(("bend", "function"), [("tanh", np.tanh), ("relu", lambda a: np.maximum(a, 0))])
def test_the_curve_is_that_of_the_nonlinearity(bend, function):
    curve = summed(bend=bend).data[1]
    assert np.allclose(curve.y, function(np.array(curve.x)))


def test_the_axes_hold_all_frames():
    low, high = summed().layout.xaxis.range
    ends = np.cumsum(np.stack(list(TERMS.values())), axis=0)
    assert low < min(0, ends.min()) < max(0, ends.max()) < high


def test_of_many_terms_some_are_named_and_all_are_drawn(check_sendable):
    terms = {f"h_prev[{i}]·W_hh": RNG.normal(size=3) for i in range(128)}
    figure = sum_film(terms, sum(terms.values()), np.zeros(3), "abc", t=0)
    assert len(figure.data[0].x) == 129
    assert len(figure.layout.yaxis.tickvals) <= MAX_NAMED
    assert figure.layout.yaxis.ticktext[-1] == "a_t"
    check_sendable(figure)


def test_gates_are_between_closed_and_open_and_what_they_do_is_below(check_sendable):
    figure = gate_film(GATES, FLOW, "abcde", t=3)
    assert list(figure.layout.xaxis.ticktext) == ["closed", "open"]
    for t, frame in enumerate(figure.frames):
        gates, flow = frame.data
        assert np.allclose(gates.x, [values[t] for values in GATES.values()])
        assert list(gates.text) == [f"{values[t]:.3f}" for values in GATES.values()]
        assert np.allclose(flow.base, [begin[t] for begin, _ in FLOW.values()])
        assert np.allclose(np.add(flow.base, flow.x), [end[t] for _, end in FLOW.values()])
    assert list(figure.data[1].y) == list(GATES)
    assert list(figure.data[2].y) == list(FLOW)
    assert figure.layout.meta["film"]["follows"]
    check_sendable(figure)


def test_a_matrix_is_drawn_as_it_is_written_and_the_chosen_entry_is_framed(check_sendable):
    matrix = RNG.normal(size=(6, 4))
    figure = weight_map(matrix, [f"r{i}" for i in range(6)], "abcd", (4, 1))
    heat, ring, frame = figure.data
    assert np.allclose(heat.z, matrix, atol=1e-6)
    assert heat.zmax == -heat.zmin == np.abs(matrix).max()
    assert figure.layout.yaxis.range == (5.5, -0.5)  # row 0 on top
    assert (min(frame.x), max(frame.x), min(frame.y), max(frame.y)) == (0.5, 1.5, 3.5, 4.5)
    assert list(ring.x) == list(frame.x)
    assert list(figure.layout.yaxis.ticktext) == [f"r{i}" for i in range(6)]
    check_sendable(figure)


def test_a_large_matrix_is_small_enough_and_not_every_row_is_named(check_sendable):
    figure = weight_map(RNG.normal(size=(128, 128)), ["x"] * 128, ["y"] * 128, (127, 127))
    assert len(figure.layout.xaxis.tickvals) <= MAX_NAMED
    check_sendable(figure)
    check_sendable(weight_map(np.zeros((1, 1)), "a", "b", (0, 0)))


def test_numbers_that_overflowed_do_no_harm():
    broken = {**TERMS, "b_hh": np.full(5, np.inf)}
    sent(sum_film(broken, np.full(5, np.nan), np.full(5, np.nan), "abcde", t=0))
    sent(weight_map(np.full((2, 2), np.nan), "ab", "cd", (0, 0)))
    sent(gate_film(GATES, {"before": (np.zeros(5), np.full(5, np.nan))}, "abcde", t=0))


def test_every_label_is_translated():
    titles, _ = texts(summed(translate=mark))
    assert titles == ["⟦sum so far⟧", "tanh(a_t)"]
    assert list(gate_film(GATES, FLOW, "abcde", t=0, translate=mark).layout.xaxis.ticktext) == ["⟦closed⟧", "⟦open⟧"]
    assert "⟦row⟧" in weight_map(np.zeros((1, 1)), "a", "b", (0, 0), translate=mark).data[0].hovertemplate

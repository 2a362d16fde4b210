"""The heat map over the text holds the states it was given, and its frame moves with the time step."""

import numpy as np
import pytest

from rnn_core.config import bounds
from rnn_core.figures.unrolled import MAP_PX, unit_traces, unrolled
from tests.figures.conftest import heat_map, hover_of, mark, sent, texts

STATES = np.tanh(np.random.default_rng(0).normal(size=(7, 5)))
TEXT = "abcdefg"


def test_each_cell_is_a_state_and_says_which():
    figure = unrolled(STATES, TEXT)
    heat = figure.data[0]
    assert np.allclose(heat.z, STATES.T, atol=1e-6)
    assert (heat.zmin, heat.zmax) == (-np.abs(STATES).max(), np.abs(STATES).max())
    for t, character in enumerate(TEXT):
        for unit in range(5):
            assert hover_of(heat, unit, t) == f"t = {t} «{character}»<br>unit {unit}<br>h = {STATES[t, unit]:.4f}"
    assert figure.layout.annotations[0].text.startswith(f"<b>h</b><br>{heat.zmax:.3g}<br>")  # what the colours mean
    assert list(figure.layout.xaxis.ticktext) == list(TEXT)
    assert list(figure.layout.yaxis.ticktext) == ["0", "1", "2", "3", "4"]
    assert figure.layout.meta["cursor"] == {"x": "t"}


def test_units_stand_in_the_order_asked_for_and_the_framed_ones_keep_their_numbers(check_sendable):
    order = [3, 0, 4, 1, 2]
    figure = unrolled(STATES, TEXT, order=order, units=[4, 1], span=1.0)
    assert np.allclose(figure.data[0].z, STATES.T[order], atol=1e-6)
    assert list(figure.layout.yaxis.ticktext) == [str(unit) for unit in order]
    ring, frame = figure.data[1], figure.data[2]
    assert sorted({y for y in frame.y if y is not None}) == [1.5, 2.5, 3.5]  # rows 2 and 3
    assert "unit 4<br>" in hover_of(heat_map(figure), 2, 0)
    assert (list(ring.x), list(ring.y)) == (list(frame.x), list(frame.y))
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1, 1)
    check_sendable(figure)


@pytest.mark.parametrize("units", [[0], []])
def test_as_a_film_only_the_frame_of_the_time_step_moves(units, check_sendable):
    figure = unrolled(STATES, TEXT, units=units, t=4)
    assert [frame.name for frame in figure.frames] == [f"t = {t} «{c}»" for t, c in enumerate(TEXT)]
    for t, frame in enumerate(figure.frames):
        assert list(frame.traces) == ([3, 4] if units else [1, 2])
        assert all((min(trace.x), max(trace.x)) == (t - 0.5, t + 0.5) for trace in frame.data)
    moving = figure.data[figure.frames[0].traces[-1]]
    assert (min(moving.x), max(moving.x)) == (3.5, 4.5)
    film = figure.layout.meta["film"]
    assert (film["first"], film["quantity"], film["follows"]) == (4, "t", False)
    check_sendable(figure)


def test_predictions_stand_below_their_characters():
    figure = unrolled(STATES, TEXT, target="bcdefgh", rows=[("edited", "bcdxfgh"), ("before", "bcdefgh")])
    assert list(figure.layout.yaxis2.ticktext) == ["target", "edited", "before"]
    drawn = [text for trace in figure.data if trace.yaxis == "y2" for text in (trace.text or ())]
    assert "x" in drawn
    free = unrolled(STATES, TEXT, target="bcdefgh", rows=[("edited", "bcdxfgh"), ("", [""] * 7)])
    assert free.layout.height == figure.layout.height
    assert list(free.data[-1].x) == [3]  # what is left free is not marked as wrong


@pytest.mark.parametrize("count", [1, 9, bounds("hidden_size")[1], 2 * bounds("hidden_size")[1]])
def test_all_units_and_characters_are_drawn_at_one_height_unit_0_on_top(count, check_sendable):
    length, family = bounds("seq_len")[1], "👩‍👩‍👧"
    states = np.random.default_rng(0).uniform(-1, 1, (length, count)).astype(np.float32)
    figure = unrolled(states, [family] * length, units=[count - 1], t=None if count > 128 else 9)
    drawn = heat_map(figure)
    assert np.array_equal(drawn.z, states.T)
    assert (drawn.x0, drawn.y0, drawn.x, drawn.y) == (None,) * 4  # row i at height i, column t at t
    assert tuple(figure.layout.yaxis.range) == (count - 0.5, -0.5)
    assert tuple(figure.layout.xaxis.range) == (-0.5, length - 0.5)
    assert figure.layout.height == unrolled(STATES, TEXT).layout.height
    assert count <= MAP_PX
    assert hover_of(drawn, count - 1, 77).startswith(f"t = 77 «{family}»<br>unit {count - 1}<br>")
    assert len(figure.frames) == (0 if count > 128 else length)  # there are films of one direction only
    check_sendable(figure)


def test_states_that_overflowed_are_gaps():
    states = STATES.copy()
    states[2, 1] = np.inf
    figure = unrolled(states, TEXT)
    assert figure.data[0].zmax == np.abs(STATES).max()
    sent(figure)


@pytest.mark.parametrize("has_cells", [False, True])
def test_lines_are_the_units_and_an_lstms_cell_state_is_dotted(has_cells, check_sendable):
    cells = 2 * STATES if has_cells else None
    figure = unit_traces(STATES, [4, 0], TEXT, cell_states=cells, threshold=0.3)
    lines = {trace.name: trace for trace in figure.data if trace.name}
    assert list(lines) == (
        ["unit 4: h", "unit 4: c", "unit 0: h", "unit 0: c"] if has_cells else ["unit 4: h", "unit 0: h"]
    )
    assert np.allclose(lines["unit 4: h"].y, STATES[:, 4])
    if has_cells:
        assert np.allclose(lines["unit 0: c"].y, cells[:, 0])
        assert lines["unit 0: c"].line.dash == "dot"
        assert lines["unit 0: c"].line.color == lines["unit 0: h"].line.color
    levels = [trace.y[0] for trace in figure.data if trace.name is None]
    assert levels == [0.3, -0.3]
    check_sendable(figure)


def test_every_label_is_translated():
    for figure in (unrolled(STATES, TEXT, t=1, translate=mark), unit_traces(STATES, [1], TEXT, translate=mark)):
        titles, notes = texts(figure)
        assert all("⟦" in text for text in notes if not text.startswith("<b>h</b>"))
        assert set(titles) - {"h"} <= {"⟦unit⟧"}

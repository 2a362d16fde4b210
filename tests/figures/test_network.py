"""The unrolled network: every number is drawn where it belongs, and each word's trace is about what the word means."""

import numpy as np
import pytest

from rnn_core.figures.network import COLORS, MOST_STEPS, MOST_UNITS, unrolled_network
from rnn_core.figures.theme import RIGHT, WRONG

INPUT = np.eye(4, dtype=np.float32)[[0, 1, 2]]
STATES = np.arange(6, dtype=np.float32).reshape(3, 2) - 2


def drawn(inputs=INPUT, states=STATES, text="abc", said="bcd", target="bca", **more):
    return unrolled_network(inputs, states, list(text), list(said), list(target), **more)


def test_vectors_stand_over_their_time_steps_with_number_0_on_top():
    inputs, states = (trace for trace in drawn().data if trace.type == "heatmap")
    for trace, values in ((inputs, INPUT), (states, STATES)):
        assert np.array_equal(np.asarray(trace.z)[::-1, ::2], values.T)
        assert np.isnan(np.asarray(trace.z)[:, 1::2]).all()
        edges = np.asarray(trace.x)
        assert np.allclose((edges[::2] + edges[1::2]) / 2, range(3))
        assert trace.text[-1][4].endswith("0 · t = 2 «c»")
    assert (states.zmin, states.zmax) == (-3, 3)


def test_what_is_said_is_right_or_wrong():
    read, said = (trace for trace in drawn().data if trace.type == "scatter" and trace.mode == "text")
    assert list(read.text) == ["a", "b", "c"]
    assert list(said.text) == ["b", "c", "d"]
    assert list(said.textfont.color) == [RIGHT, RIGHT, WRONG]


def outlines(trace):
    """Return how many lines a trace is made of."""
    return sum(x is None for x in [*trace.x, None]) - (trace.x[-1] is None)


@pytest.mark.parametrize(("sequences", "sheets"), [(1, 1), (2, 2), (3, 3), (50, 3)])
def test_each_word_has_a_trace_in_its_colour(sequences, sheets):
    traces = dict(zip(COLORS, drawn(sequences=sequences).data, strict=False))
    assert {name: trace.line.color for name, trace in traces.items()} == COLORS
    inputs, states = (trace for trace in drawn().data if trace.type == "heatmap")
    for name, vectors in (("H_in", inputs), ("H_out", states)):
        assert outlines(traces[name]) == 3
        ys = [y for y in traces[name].y if y is not None]
        assert (min(ys) < min(vectors.y), max(ys) > max(vectors.y)) == (True, True)
    assert (min(traces["L"].x), max(traces["L"].x)) == (-0.22, 2.22)
    assert outlines(traces["N"]) == sheets
    assert outlines(traces["lr"]) == 3 * 3  # into, along and out of each state


def test_long_texts_and_wide_vectors_are_cut_to_what_can_be_seen():
    length, size = MOST_STEPS + 9, MOST_UNITS + 9
    states = np.random.default_rng(0).normal(size=(length, size)).astype(np.float32)
    figure = drawn(states, states, "x" * length, "x" * length, "x" * length)
    _, shown = (trace for trace in figure.data if trace.type == "heatmap")
    cells = np.asarray(shown.z)[::-1, ::2]
    assert cells.shape == (MOST_UNITS, MOST_STEPS)
    assert (cells[0].tolist(), cells[-1].tolist()) == (states[:16, 0].tolist(), states[:16, -1].tolist())


@pytest.mark.parametrize("size", [MOST_UNITS, MOST_UNITS + 1, 65, 128])
def test_of_a_wide_one_hot_vector_the_1_is_drawn_and_called_by_its_number(size):
    """Neighbours too, and those at the ends: all 1s are drawn, and of as many rows as there may be."""
    ones = [0, 1, 2, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 22, size - 1]
    text = "x" * MOST_STEPS
    inputs = np.eye(size, dtype=np.float32)[ones]
    trace, _ = (trace for trace in drawn(inputs, inputs[:, :3], text, text, text).data if trace.type == "heatmap")
    cells = np.asarray(trace.z)[:, ::2]
    assert len(cells) == MOST_UNITS
    rows = [trace.text[row][0] for row in range(MOST_UNITS)]
    numbers = [int(said.split()[1]) for said in rows]
    assert numbers == sorted(set(numbers), reverse=True)
    assert np.array_equal(cells, inputs[:, numbers].T)
    assert cells.sum(axis=0).tolist() == [1] * MOST_STEPS


def test_states_that_overflowed_are_drawn_as_gaps():
    states = STATES.copy()
    states[1, 0] = np.inf
    _, shown = (trace for trace in drawn(states=states).data if trace.type == "heatmap")
    assert shown.zmax == 3

"""All states by layer and time, and one batch read twice: the data, the frames, the arrows."""

import numpy as np
import pytest

from rnn_core.figures.states import LAST, MOST_STEPS, MOST_UNITS, OUTPUT, layers_by_time, two_readings
from tests.figures.conftest import drawn_as, mark, texts


def states(layers=2, directions=2, length=5, size=3):
    return np.random.default_rng(0).normal(size=(layers, directions, length, size)).astype(np.float32)


def heat_maps(figure):
    return [trace for trace in figure.data if trace.type == "heatmap"]


def boxes(trace):
    """Return the frames of a trace as (left, right, bottom, top)."""
    found = []
    for start in range(0, len(trace.x), 6):
        x, y = trace.x[start : start + 5], trace.y[start : start + 5]
        found.append((min(x), max(x), min(y), max(y)))
    return found


@pytest.mark.parametrize(("layers", "directions"), [(1, 1), (3, 1), (1, 2), (2, 2)])
def test_every_row_of_h_n_is_a_row_of_the_grid(layers, directions, check_sendable):
    hidden = states(layers, directions)
    figure = layers_by_time(hidden, translate=mark)
    rows = heat_maps(figure)
    assert [trace.name for trace in rows] == [f"h_n[{row}]" for row in range(layers * directions)]
    for row, trace in enumerate(rows):
        layer, direction = divmod(row, directions)
        np.testing.assert_array_equal(trace.z, hidden[layer, direction].T)
    check_sendable(figure)


def test_frames_are_around_the_top_layer_and_where_each_direction_ends():
    hidden = states()
    figure = layers_by_time(hidden)
    output, last = (next(t for t in drawn_as(figure, "lines") if t.line.color == color) for color in (OUTPUT, LAST))
    bottoms = [trace.y0 - (len(trace.z) - 0.5) / len(trace.z) for trace in heat_maps(figure)]
    for row, (left, right, bottom, top) in enumerate(boxes(last)):
        t = 0 if row % 2 else 4
        assert (left, right) == (t - 0.5, t + 0.5)
        assert (bottom, top) == (pytest.approx(bottoms[row]), pytest.approx(bottoms[row] + 1))
    ((left, right, bottom, top),) = boxes(output)
    assert left < -0.5 < 4.5 < right
    assert bottom < min(bottoms[2:])
    assert max(bottoms[2:]) + 1 < top
    assert max(bottoms[:2]) + 1 < bottom  # the lower layer is outside
    assert bottoms[2] > bottoms[3] > bottoms[0] > bottoms[1]  # forward above backward, layers upwards


def test_the_chosen_row_stands_out():
    figure = layers_by_time(states(), chosen=3)
    assert [trace.opacity for trace in heat_maps(figure)] == [0.4, 0.4, 0.4, 1.0]
    thick = max(drawn_as(figure, "lines"), key=lambda trace: trace.line.width)
    assert boxes(thick)[0][:2] == (-0.5, 0.5)


def test_a_long_wide_grid_is_sampled_and_cells_name_their_true_place(check_sendable):
    hidden = states(length=128, size=128)
    figure = layers_by_time(hidden)
    for row, trace in enumerate(heat_maps(figure)):
        assert np.shape(trace.z) == (MOST_UNITS, MOST_STEPS)
        t, unit = np.moveaxis(np.asarray(trace.customdata), -1, 0)
        np.testing.assert_array_equal(trace.z, hidden[row // 2, row % 2][t, unit])
    assert figure.layout.xaxis.ticktext[-1] == "127"
    check_sendable(figure)


def test_a_batch_is_read_down_and_along(check_sendable):
    rng = np.random.default_rng(1)
    outputs = [rng.normal(size=(3, 5, 2)).astype(np.float32) for _ in range(2)]
    words = [["left"], ["right"]]
    figure = two_readings(outputs, words, ["hello", "eolll", "lleel"], translate=mark)
    for half, (values, trace) in enumerate(zip(outputs, heat_maps(figure), strict=True)):
        z = np.asarray(trace.z).reshape(3, 3, 5)  # two units and an empty row each
        np.testing.assert_array_equal(z[:, :2], np.moveaxis(values, 2, 1))
        assert np.isnan(z[:, 2]).all()
        assert ("L=%{customdata[0]}, N=%{customdata[1]}" in trace.hovertemplate) == (half == 0)
        a, b, unit = np.moveaxis(np.asarray(trace.customdata).reshape(3, 3, 5, 3)[:, :2], -1, 0)
        np.testing.assert_array_equal(values[a, b, unit], z[:, :2])
    assert [trace.marker.symbol for trace in drawn_as(figure, "markers")] == ["triangle-down", "triangle-right"]
    assert [len(trace.x) for trace in drawn_as(figure, "markers")] == [5, 3]  # one arrow for each sequence
    frames = [trace for trace in drawn_as(figure, "lines") if trace.line.color == LAST]
    assert [len(boxes(trace)) for trace in frames] == [5, 3]  # and one state
    assert texts(figure)[1] == ["left", "right"]
    check_sendable(figure)


def test_a_large_batch_is_cut():
    outputs = [np.zeros((64, 128, 128), dtype=np.float32)] * 2
    figure = two_readings(outputs, [["a"], ["b"]], [["x"] * 128] * 64)
    assert [np.shape(trace.z) for trace in heat_maps(figure)] == [(8 * 5, 12)] * 2

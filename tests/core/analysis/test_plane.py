"""Arrows are the motion itself, and on a nullcline a unit stands still."""

import numpy as np
import pytest

from rnn_core import Config, ConfigError
from rnn_core.analysis.dynamics import StateMap, find_fixed_points, sample_starts
from rnn_core.analysis.plane import nullclines, pca_plane, unit_plane, vector_field
from rnn_core.analysis.trajectories import fit_pca
from tests.core.networks import KINDS, double

BOX = {"low": (-1.0, -1.2), "high": (1.0, 1.2)}


def plain(cell="rnn", nonlinearity="tanh", **values):
    config, _, weights = double(cell, nonlinearity, **{"hidden_size": 2, "scale": 2.0, **values})
    return StateMap(config, weights, np.array([0.3, -0.2, 0.1]))


@pytest.mark.parametrize(("cell", "nonlinearity"), [kind for kind in KINDS if kind[0] != "lstm"])
def test_with_two_units_the_field_is_the_whole_motion(cell, nonlinearity):
    state_map = plain(cell, nonlinearity)
    field = vector_field(state_map, unit_plane(state_map), **BOX, count=7)
    assert field.is_exact
    for row, y in enumerate(field.y):
        for column, x in enumerate(field.x):
            motion = state_map(np.array([[x, y]]))[0] - (x, y)
            assert np.allclose((field.dx[row, column], field.dy[row, column]), motion)
            assert field.speed[row, column] == pytest.approx(np.linalg.norm(motion))
    assert np.abs(field.off_plane).max() < 1e-7
    assert (field.x[0], field.y[0], field.x[-1], field.y[-1]) == (-1.0, -1.2, 1.0, 1.2)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_in_a_plane_of_more_units_the_field_says_what_it_loses(cell):
    state_map = plain(cell, hidden_size=5)
    path = state_map.follow(np.random.default_rng(0).uniform(-1, 1, (6, state_map.state_size)), 8)
    plane = pca_plane(fit_pca(list(path)))
    assert not plane.is_exact
    field = vector_field(state_map, plane, **BOX, count=4)
    assert not field.is_exact
    points = np.array([(x, y) for y in field.y for x in field.x])
    states = plane.lift(points)
    assert np.allclose(plane.project(states), points)
    motion = state_map(states) - states
    arrows = np.stack([field.dx.ravel(), field.dy.ravel()], axis=1)
    assert np.allclose(arrows, plane.project(states + motion) - points)
    assert np.allclose(field.off_plane.ravel(), np.linalg.norm(motion - arrows @ plane.axes, axis=1))
    assert np.allclose(field.speed.ravel() ** 2, (arrows**2).sum(axis=1) + field.off_plane.ravel() ** 2)


def test_a_plane_of_two_units_leaves_the_others_where_they_are():
    state_map = plain(hidden_size=4)
    plane = unit_plane(state_map, (3, 1), np.array([0.1, 0.2, 0.3, 0.4]))
    assert np.allclose(plane.lift(np.array([0.7, -0.7])), [0.1, -0.7, 0.3, 0.7])
    assert not plane.is_exact


@pytest.mark.parametrize(("cell", "nonlinearity"), [kind for kind in KINDS if kind[0] != "lstm"])
def test_on_a_nullcline_its_unit_stands_still(cell, nonlinearity):
    state_map = plain(cell, nonlinearity)
    for unit, segments in enumerate(nullclines(state_map, **BOX)):
        assert len(segments) > 10
        ends = segments.reshape(-1, 2)
        assert np.abs(state_map(ends)[:, unit] - ends[:, unit]).max() < 1e-9
        assert np.linalg.norm(segments[:, 0] - segments[:, 1], axis=1).max() < 0.08


def test_a_nullcline_of_an_rnn_is_its_closed_form():
    """Where h_1 stands still: h_2 = (atanh(h_1) - w_11 h_1 - b_1) / w_12."""
    config, _, weights = double("rnn", hidden_size=2, scale=2.0)
    state_map = StateMap(config, weights)
    bias = weights["bias_ih_l0"] + weights["bias_hh_l0"]
    for unit, segments in enumerate(nullclines(state_map, **BOX)):
        own, other = segments.reshape(-1, 2).T[[unit, 1 - unit]]
        w = weights["weight_hh_l0"][unit]
        assert np.allclose(other, (np.arctanh(own) - w[unit] * own - bias[unit]) / w[1 - unit], atol=1e-7)


def test_nullclines_cross_at_the_fixed_points():
    weights = {"weight_ih_l0": np.zeros((2, 1)), "weight_hh_l0": np.array([[1.6, 0.3], [-0.2, 1.4]])}
    weights |= {"bias_ih_l0": np.zeros(2), "bias_hh_l0": np.zeros(2)}
    state_map = StateMap(Config(hidden_size=2), weights)
    points = find_fixed_points(state_map, sample_starts(state_map, count=300))
    assert len(points) > 1
    for point in points:
        for segments in nullclines(state_map, **BOX):
            assert np.linalg.norm(segments.reshape(-1, 2) - point.state, axis=1).min() < 0.05


def test_a_gru_whose_gates_are_shut_has_the_nullclines_of_one_whose_gates_are_open():
    """(1 - z)(n - h) is 0 where n = h. With z = 1 to the last digit every difference F(h) - h is rounded to 0."""
    config, _, weights = double("gru", hidden_size=2, scale=2.0)
    shut = {
        name: value + (60 * (np.arange(6) // 2 == 1) if name == "bias_ih_l0" else 0) for name, value in weights.items()
    }
    for expected, found in zip(*(nullclines(StateMap(config, w), **BOX) for w in (weights, shut)), strict=True):
        assert len(expected)
        assert np.array_equal(expected, found)


def test_a_unit_that_stands_still_nowhere_has_no_nullcline():
    weights = {"weight_ih_l0": np.zeros((2, 1)), "weight_hh_l0": np.zeros((2, 2)), "bias_ih_l0": np.full(2, 50.0)}
    state_map = StateMap(Config(hidden_size=2, nonlinearity="relu"), {**weights, "bias_hh_l0": np.zeros(2)})
    assert [segments.shape for segments in nullclines(state_map, **BOX)] == [(0, 2, 2), (0, 2, 2)]


@pytest.mark.parametrize("values", [{"hidden_size": 3}, {"cell": "lstm"}, {"num_layers": 2}])
def test_there_are_no_nullclines_to_draw_in_more_dimensions(values):
    with pytest.raises(ConfigError, match="state of two numbers"):
        nullclines(plain(**values), **BOX)

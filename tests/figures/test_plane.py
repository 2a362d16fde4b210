"""Arrows, colours, curves and marks of a plane are the numbers they were given."""

import re

import numpy as np
import pytest
from plotly.colors import sample_colorscale

from rnn_core.figures.plane import KINDS, NULLCLINES, SLOWEST, phase_plane
from rnn_core.figures.theme import SEQUENTIAL
from rnn_core.records.dynamics import FixedPoint, SlowPoint, VectorField
from tests.figures.conftest import drawn_as, mark, texts


def field_of(count=6, *, is_exact=True, seed=0):
    rng = np.random.default_rng(seed)
    dx, dy, off = rng.normal(size=(3, count, count + 1))
    off = 0 * off if is_exact else off
    return VectorField(
        x=np.linspace(-1, 1, count + 1),
        y=np.linspace(-2, 2, count),
        dx=dx,
        dy=dy,
        speed=np.sqrt(dx**2 + dy**2 + off**2),
        off_plane=np.abs(off),
        is_exact=is_exact,
    )


def point(stability, *eigenvalues):
    return FixedPoint(np.zeros(2), 1e-12, np.array(eigenvalues, dtype=complex), stability)


POINTS = [
    point("stable", 0.5, 0.2),
    point("saddle", 1.5, 0.2),
    point("stable", 0.1, -0.3),
    point("unstable", 2, 1 + 1j),
    point("marginal", 1, 0.2),
    SlowPoint(np.zeros(2), 1e-4, np.array([0.9, 0.5], dtype=complex)),
]
PLACES = np.array([[0.1, 0.2], [0.3, 0.4], [-0.5, 0.6], [-0.7, 0.8], [0.5, -0.6], [0.7, -0.8]])
NAMES = {kind: kind for kind in KINDS} | {"slow": "slow, not fixed"}


def test_the_colour_is_the_speed(check_sendable):
    field = field_of()
    drawn = phase_plane(field).data[0]
    assert drawn.type == "heatmap"
    assert np.allclose(10 ** np.array(drawn.z), field.speed)
    assert np.array_equal(drawn.customdata, field.speed)
    assert np.array_equal(drawn.x, field.x)
    assert np.array_equal(drawn.y, field.y)
    assert drawn.zmin <= np.log10(field.speed).min() <= np.log10(field.speed).max() <= drawn.zmax
    check_sendable(phase_plane(field))


def test_arrows_are_in_proportion_and_none_is_longer_than_a_square():
    field = field_of()
    shafts = drawn_as(phase_plane(field), "lines")[0]
    ends = np.stack([shafts.x, shafts.y], axis=1).reshape(-1, 3, 2)
    assert np.isnan(ends[:, 2]).all()
    base, drawn = ends[:, 0], ends[:, 1] - ends[:, 0]
    expected = np.stack([field.dx, field.dy], axis=-1).reshape(-1, 2)
    assert np.array_equal(base, np.array([(x, y) for y in field.y for x in field.x]))
    factor = np.linalg.norm(drawn, axis=1) / np.linalg.norm(expected, axis=1)
    assert np.allclose(drawn, expected * factor[0])
    assert np.linalg.norm(drawn, axis=1).max() < 2 / 6
    heads = drawn_as(phase_plane(field), "markers")[0]
    assert np.array_equal(np.stack([heads.x, heads.y], axis=1).reshape(-1, 2, 2), ends[:, :2])
    assert heads.marker.angleref == "previous"
    assert list(heads.marker.size) == [0, 7] * len(base)


def test_what_stands_still_or_overflowed_has_no_arrow(check_sendable):
    field = field_of()
    for array in (field.dx, field.dy, field.speed):
        array[0] = 0
        array[1] = np.nan
    figure = phase_plane(field)
    assert len(drawn_as(figure, "markers")[0].x) == 2 * field.dx[2:].size
    assert np.allclose(figure.data[0].z[0], np.log10(SLOWEST))
    assert np.isnan(figure.data[0].z[1]).all()
    check_sendable(figure)
    for array in (field.dx, field.dy, field.speed):
        array[:] = 0
    check_sendable(phase_plane(field))


def test_fixed_points_are_told_apart_by_shape_and_colour(check_sendable):
    figure = phase_plane(field_of(), POINTS, PLACES)
    drawn = {kind: trace for trace in figure.data for kind in KINDS if trace.name == NAMES[kind]}
    assert set(drawn) == set(KINDS)
    for kind, trace in drawn.items():
        chosen = [i for i, p in enumerate(POINTS) if p.kind == kind]
        assert np.array_equal(np.stack([trace.x, trace.y], axis=1), PLACES[chosen])
        assert (trace.marker.symbol, trace.marker.color) == KINDS[kind]
        assert [row[0] for row in trace.customdata] == [POINTS[i].speed for i in chosen]
    assert drawn["saddle"].customdata[0][1] == "1.500, 0.200"
    assert drawn["unstable"].customdata[0][1] == "2.000, 1.414"
    assert len({symbol for symbol, _ in KINDS.values()}) == len({color for _, color in KINDS.values()}) == 5
    assert texts(figure)[1][:-1] == ["● stable   ✕ saddle   ◇ unstable   ■ marginal   ▲ slow, not fixed"]
    check_sendable(figure)


def test_the_key_names_the_kinds_that_there_are():
    assert texts(phase_plane(field_of(), POINTS[:1], PLACES[:1]))[1][:-1] == ["● stable"]
    assert texts(phase_plane(field_of()))[1][:-1] == []


def test_nullclines_are_their_segments():
    segments = [np.random.default_rng(i).normal(size=(500, 2, 2)) for i in range(2)]
    figure = phase_plane(field_of(), nullclines=segments)
    drawn = [trace for trace in figure.data if trace.name and "stands still" in trace.name]
    assert [trace.name for trace in drawn] == ["h₁ stands still", "h₂ stands still"]
    through, dotted = drawn
    points = np.stack([through.x, through.y], axis=1).reshape(-1, 3, 2)
    assert np.array_equal(points[:, :2], segments[0])
    assert np.isnan(points[:, 2]).all()
    dots, middles = np.stack([dotted.x, dotted.y], axis=1), segments[1].mean(axis=1)
    away = np.linalg.norm(middles[:, None] - dots, axis=2)
    assert np.allclose(away.min(axis=0), 0)  # each dot is on the curve,
    assert away.min(axis=1).max() < 0.03 * np.ptp(middles, axis=0).max()  # and no part of it is without
    assert [(through.line.color, through.mode), (dotted.marker.color, dotted.mode)] == list(NULLCLINES)
    assert texts(figure)[1][:-1] == ["━ h₁ stands still   ┅ h₂ stands still"]


def test_trajectories_are_drawn_from_where_they_start():
    paths = np.random.default_rng(0).normal(size=(9, 3, 2))
    drawn = drawn_as(phase_plane(field_of(), trajectories=paths), "lines+markers")
    assert len(drawn) == 3
    for i, trace in enumerate(drawn):
        assert np.array_equal(np.stack([trace.x, trace.y], axis=1), paths[:, i])
        assert trace.marker.symbol[0] == "circle-open"
        assert list(trace.customdata) == list(range(9))


def test_a_plane_that_is_not_the_whole_space_says_what_it_loses():
    field = field_of(is_exact=False)
    share = field.off_plane.sum() / field.speed.sum()
    assert texts(phase_plane(field))[1][:-1] == [f"{share:.0%} of the motion leaves this plane"]
    note, _ = texts(phase_plane(field, POINTS, PLACES))[1]
    assert "slow, not fixed<br>" in note


def test_both_axes_have_one_scale_and_the_ends_of_the_grid():
    layout = phase_plane(field_of(), titles=("component 1", "component 2")).layout
    assert (list(layout.xaxis.range), list(layout.yaxis.range)) == ([-1, 1], [-2, 2])
    assert layout.yaxis.scaleanchor == "x"
    assert (layout.xaxis.title.text, layout.yaxis.title.text) == ("component 1", "component 2")


@pytest.mark.parametrize("count", [20, 32])
def test_a_fine_grid_is_small_enough(count, check_sendable):
    segments = [np.random.default_rng(i).normal(size=(150, 2, 2)) for i in range(2)]
    paths = np.random.default_rng(0).normal(size=(60, 8, 2))
    check_sendable(
        phase_plane(field_of(count), POINTS * 7, np.tile(PLACES, (7, 1)), nullclines=segments, trajectories=paths)
    )


def test_every_label_is_translated():
    paths = np.zeros((2, 1, 2))
    field = field_of(is_exact=False)
    figure = phase_plane(field, POINTS, PLACES, nullclines=[np.zeros((1, 2, 2))], trajectories=paths, translate=mark)
    assert all(trace.name.startswith("⟦") for trace in figure.data if trace.name)
    assert "⟦speed⟧" in figure.data[0].hovertemplate
    assert "⟦time step" in drawn_as(figure, "lines+markers")[0].hovertemplate
    note, scale = texts(figure)[1]
    assert note.count("⟦") == 7
    assert "⟦speed⟧" in scale


def test_the_scale_names_the_colour_of_each_decade_of_speed():
    figure = phase_plane(field_of())
    drawn, (scale,) = figure.data[0], texts(figure)[1]
    low, high = drawn.zmin, drawn.zmax
    assert low <= np.nanmin(drawn.z)
    assert np.nanmax(drawn.z) <= high
    said = re.findall(r"rgb\((\d+), (\d+), (\d+)\).*?<sup>(-?\d+)</sup>", scale)
    assert int(said[0][-1]) == high
    for *rgb, power in said:
        wanted = sample_colorscale(SEQUENTIAL, (int(power) - low) / (high - low))
        assert [int(part) for part in rgb] == pytest.approx([float(n) for n in re.findall(r"[\d.]+", wanted[0])], abs=1)

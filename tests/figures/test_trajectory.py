"""A path is drawn where it goes, each step with its arrow, each frame of a film as the state was then."""

import numpy as np
import pytest

from rnn_core.figures.trajectory import MAX_LABELS, SERIES, trajectory, trajectory_film
from tests.figures.conftest import drawn_as, mark, sent, texts

MAX_FILM_BYTES = 3_000_000


def drawn_path(length, count=2, seed=0):
    return np.random.default_rng(seed).normal(size=(length, count))


def places(trace, count=2):
    return np.stack([np.array(trace[name], dtype=float) for name in "xyz"[:count]], axis=1)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("length", [1, 2, 11, MAX_LABELS])
def test_every_point_is_where_the_state_is_and_has_its_character(count, length, check_sendable):
    path, read = drawn_path(length, count), [chr(97 + t % 26) for t in range(length)]
    figure = trajectory([path], [read], shares=(0.5, 0.25, 0.125)[:count])
    drawn = figure.data[0]
    assert drawn.type == ("scatter" if count == 2 else "scatter3d")
    assert np.array_equal(places(drawn, count), path)
    assert list(drawn.text) == read
    assert list(drawn.customdata) == list(range(length))
    assert "text" in drawn.mode
    assert list(drawn.marker.color) == list(range(length))  # coloured by time
    assert np.array_equal(places(figure.data[-1], count), path[:1])  # the start is ringed
    check_sendable(figure)


def test_an_arrow_head_is_in_the_middle_of_each_step_and_points_away_from_its_beginning():
    path = drawn_path(7)
    heads = trajectory([path], ["abcdefg"]).data[1]
    points = places(heads)
    assert np.array_equal(points[0::2], path[:-1])
    assert np.allclose(points[1::2], (path[:-1] + path[1:]) / 2)
    assert list(heads.marker.size) == [0, 11] * 6
    assert (heads.marker.symbol, heads.marker.angleref) == ("arrow", "previous")


def test_a_cone_points_along_each_step():
    path = drawn_path(7, 3)
    cones = trajectory([path], ["abcdefg"]).data[1]
    assert cones.type == "cone"
    assert np.allclose(places(cones, 3), (path[:-1] + path[1:]) / 2)
    way = np.diff(path, axis=0)
    assert np.allclose(np.stack([cones.u, cones.v, cones.w], axis=1), way / np.linalg.norm(way, axis=1)[:, None])


def test_several_sequences_differ_by_colour_and_by_mark(check_sendable):
    paths = [drawn_path(5, seed=i) for i in range(3)]
    figure = trajectory(paths, ["abcde"] * 3, names=["one", "two", "three"])
    lines = [trace for trace in figure.data if "lines" in trace.mode]
    assert [trace.name for trace in lines] == ["one", "two", "three"]
    assert [trace.line.color for trace in lines] == list(SERIES[:3])
    assert len({trace.marker.symbol[0] for trace in lines}) == 3
    for trace, path in zip(lines, paths, strict=True):
        assert np.array_equal(places(trace), path)
        assert trace.hovertemplate.startswith(f"{trace.name}<br>")
    check_sendable(figure)


@pytest.mark.parametrize("count", [2, 3])
def test_the_axes_hold_every_point_and_say_their_share(count):
    path = drawn_path(20, count) * 5
    layout = trajectory([path], ["x" * 20], shares=(0.61, 0.2, 0.1)[:count]).layout
    axes = [layout.xaxis, layout.yaxis] if count == 2 else [layout.scene[f"{name}axis"] for name in "xyz"]
    for i, one in enumerate(axes):
        assert one.range[0] < path[:, i].min() <= path[:, i].max() < one.range[1]
    assert axes[0].title.text == "component 1 (61%)"


def test_long_texts_are_labelled_by_the_pointer_alone(check_sendable):
    figure = trajectory([drawn_path(128)], [["한"] * 128])
    assert figure.data[0].mode == "lines+markers"
    assert len(figure.data[0].text) == 128
    check_sendable(figure)


def test_a_state_that_does_not_move_can_be_drawn(check_sendable):
    for count in (2, 3):
        check_sendable(trajectory([np.zeros((4, count))], ["abcd"]))


@pytest.mark.parametrize("count", [2, 3])
def test_each_frame_is_the_path_at_its_snapshot(count):
    path = np.random.default_rng(0).normal(size=(5, 8, count))
    steps = (0, 10, 20, 30, 40)
    figure = trajectory_film([path], steps, ["abcdefgh"], kept=5)
    still = trajectory([path[-1]], ["abcdefgh"])
    assert len(figure.data) == 3
    assert np.allclose(places(figure.data[0], count), path[-1])
    assert list(figure.data[0].text) == list(still.data[0].text)
    assert [frame.name for frame in figure.frames] == [f"step {step}" for step in steps]
    for frame, expected in zip(figure.frames, path, strict=True):
        assert list(frame.traces) == [0, 1, 2]
        points, arrows, start = frame.data
        assert [t.type for t in frame.data] == [t.type for t in figure.data]
        assert np.allclose(places(points, count), expected, atol=1e-6)
        assert np.allclose(places(start, count), expected[:1], atol=1e-6)
        middle = places(arrows, count) if count == 3 else places(arrows)[1::2]
        assert np.allclose(middle, (expected[:-1] + expected[1:]) / 2, atol=1e-6)
    axes = [figure.layout.xaxis, figure.layout.yaxis] if count == 2 else [figure.layout.scene.xaxis]
    for i, one in enumerate(axes):
        assert one.range[0] < path[..., i].min() <= path[..., i].max() < one.range[1]


def test_a_film_of_several_sequences_moves_all_of_them_and_names_them_in_their_colours(check_sendable):
    rng = np.random.default_rng(0)
    paths = [rng.normal(size=(4, length, 2)) for length in (6, 3, 1)]
    figure = trajectory_film(paths, range(4), ["abcdef", "abc", "a"], kept=4, names=["one", "two", "three"])
    assert [note.text for note in figure.layout.annotations] == ["● one", "■ two", "◆ three"]
    assert [note.font.color for note in figure.layout.annotations] == list(SERIES[:3])
    lines = [i for i, trace in enumerate(figure.data) if trace.line.color]
    assert [figure.data[i].line.color for i in lines] == list(SERIES[:3])
    for frame, step in zip(figure.frames, range(4), strict=True):
        assert list(frame.traces) == list(range(len(figure.data)))
        for i, path in zip(lines, paths, strict=True):
            assert np.allclose(places(frame.data[i]), path[step], atol=1e-6)
    for path in paths:
        assert figure.layout.xaxis.range[0] < path[..., 0].min() <= path[..., 0].max() < figure.layout.xaxis.range[1]
    check_sendable(figure)


def test_a_film_says_what_its_controls_are_and_where_it_begins():
    path = np.random.default_rng(0).normal(size=(3, 4, 2))
    for first, expected in ((None, 2), (1, 1)):
        figure = trajectory_film([path], (0, 7, 9), ["abcd"], kept=3, first=first)
        film = figure.layout.meta["film"]
        assert (film["first"], film["quantity"], film["follows"]) == (expected, "step", False)
        assert np.allclose(places(figure.data[0]), path[expected])
        assert texts(figure)[1] == []


def test_axes_that_are_no_components_have_their_own_titles():
    figure = trajectory_film([np.zeros((2, 3, 2))], (0, 5), ["abc"], kept=2, titles=("unit 3", "unit 0"))
    assert texts(figure)[0] == ["unit 3", "unit 0"]


def test_a_film_that_was_sampled_says_so():
    figure = trajectory_film([np.zeros((2, 3, 2))], (0, 50), ["abc"], kept=51)
    assert texts(figure)[1] == ["2 of 51 snapshots"]


@pytest.mark.parametrize("count", [2, 3])
def test_the_largest_film_is_small_enough(count):
    paths = list(np.random.default_rng(0).normal(size=(4, 60, 128, count)))
    figure = trajectory_film(paths, range(60), [["👩‍👩‍👧"] * 128] * 4, kept=2000, names=["a", "b", "c", "d"])
    assert len(figure.to_json()) < MAX_FILM_BYTES
    assert len(figure.frames) == 60


def test_every_label_is_translated():
    path = drawn_path(4)
    for figure in (
        trajectory([path], ["abcd"], translate=mark),
        trajectory_film([path[None]], (0,), ["abcd"], kept=9, translate=mark),
    ):
        titles, notes = texts(figure)
        assert all(text.startswith("⟦") for text in (*titles, *notes))
        assert titles
        assert any("⟦start⟧" in trace.hovertemplate for trace in drawn_as(figure, "markers") if trace.hovertemplate)
    film = sent(figure)["layout"]["meta"]["film"]
    assert film["label"] == "⟦step⟧"
    assert "⟦" in film["play"]
    assert "⟦" in film["pause"]
    assert figure.frames[0].name == "⟦step⟧ 0"

"""The curves of a run are its numbers, its gaps are its NaNs, and every line is at its value."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnn_core.config import bounds
from rnn_core.figures.curves import (
    LABEL,
    MAX_POINTS,
    Ghost,
    Line,
    has_fallen,
    has_zeros,
    stretch_of,
    training_curves,
    window_of,
)
from rnn_core.figures.theme import MUTED
from rnn_core.records.runs import Course
from tests.figures.conftest import drawn_as, mark, sent, texts

LINES = (Line(2.1972, "guessing"), Line(1.9, "frequencies"), Line(0.7337, "floor"))
NAMES = ("loss", "grad_norm", "accuracy")


def course(count, *, seed=0, with_val=False):
    rng = np.random.default_rng(seed)
    made = Course(
        steps=list(range(count)),
        loss=rng.uniform(0.01, 3, count).tolist(),
        grad_norm=rng.uniform(0, 5, count).tolist(),
        accuracy=rng.uniform(0, 1, count).tolist(),
    )
    if with_val:
        made.val_steps = list(range(0, count, 10))
        made.val_loss = rng.uniform(0.01, 3, len(made.val_steps)).tolist()
    return made


def draw(curve, lines=LINES, *, shown_step=0, last_step=100, **more):
    return training_curves(curve, lines, last_step=last_step, shown_step=shown_step, **more)


def curves_of(figure):
    """Return the drawn line of each quantity, in the order of NAMES."""
    drawn = [t for t in drawn_as(figure, "lines") if t.name and t.line.dash is None and ": mean" not in t.name]
    return dict(zip(NAMES, drawn, strict=True))


def means_of(figure):
    return dict(zip(NAMES, [t for t in figure.data if t.name and ": mean" in t.name], strict=True))


def markers_of(figure):
    return dict(zip(NAMES, drawn_as(figure, "markers"), strict=True))


def references_of(figure):
    return [t for t in figure.data if t.line.dash == "dash"]


@pytest.mark.parametrize("count", [1, 2, 101, MAX_POINTS])
def test_a_run_is_drawn_number_by_number(count, check_sendable):
    curve = course(count)
    figure = draw(curve, shown_step=count - 1)
    for name, trace in curves_of(figure).items():
        assert list(trace.x) == curve.steps
        assert list(trace.y) == getattr(curve, name)
        assert "%{x}" in trace.hovertemplate
        assert "%{y:.4g}" in trace.hovertemplate
    check_sendable(figure)


@pytest.mark.parametrize("count", [MAX_POINTS + 1, 1300, 2001])
def test_a_long_run_is_thinned_to_points_that_are_its_own_and_no_jump_is_left_out(count, check_sendable):
    curve = course(count, with_val=True)
    curve.loss[50], curve.loss[60] = math.nan, 1e30
    figure = draw(curve, last_step=count - 1, shown_step=count - 1)
    stretch, window = stretch_of(count - 1), window_of(count - 1)
    for name, trace in curves_of(figure).items():
        values = getattr(curve, name)
        assert len(trace.x) <= MAX_POINTS + 2
        assert [values[step] for step in trace.x] == list(trace.y)
        assert (trace.x[0], trace.x[-1]) == (0, count - 1)
        for start in range(0, count, stretch):
            whole = [value for value in values[start : start + stretch] if math.isfinite(value)]
            assert {min(whole), max(whole)} <= set(trace.y)
        mean = means_of(figure)[name]
        assert f"mean of the last {window} steps" in mean.hovertemplate
        for step, drawn in zip(mean.x, mean.y, strict=True):
            there = [value for value in values[max(0, step - window + 1) : step + 1] if math.isfinite(value)]
            assert drawn == (pytest.approx(sum(there) / len(there)) if math.isfinite(values[step]) else None)
        assert mean.x[-1] == count - 1
    words = texts(figure)[1][0].replace("<br>", "   ")
    assert f"mean of the last {window} steps; thin: lowest and highest of every {stretch}" in words
    check_sendable(figure)


def test_the_lines_of_a_run_stay_what_they_are_while_it_is_trained():
    thin = [curves_of(draw(course(count), last_step=1000))["loss"] for count in (1, 2, 500, 1001)]
    assert {trace.line.width for trace in thin} == {1}
    assert [len(trace.x) for trace in thin[:2]] == [1, 2]
    every = draw(course(400), last_step=500)
    assert "thin: every step" in texts(every)[1][0]
    assert list(curves_of(every)["loss"].y) == course(400).loss
    assert not [t for t in draw(course(101)).data if t.name and ": mean" in t.name]


@pytest.mark.parametrize(("count", "shown"), [(1, 0), (101, 0), (101, 57), (101, 100), (2001, 1), (2001, 1999)])
def test_the_marker_is_at_the_step_on_the_screen(count, shown):
    curve = course(count)
    for name, trace in markers_of(draw(curve, shown_step=shown)).items():
        assert list(trace.x) == [shown]
        assert list(trace.y) == [getattr(curve, name)[shown]]


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
def test_a_number_that_overflowed_is_a_gap(broken, check_sendable):
    curve = course(30, with_val=True)
    curve.loss[29] = curve.grad_norm[12] = curve.val_loss[2] = broken
    figure = draw(curve, shown_step=29)
    drawn = curves_of(figure)
    assert drawn["loss"].y[29] is None
    assert drawn["grad_norm"].y[12] is None
    assert [y is None for y in drawn["loss"].y].count(True) == 1
    assert markers_of(figure)["loss"].y == (None,)
    held_out = next(t for t in sent(figure)["data"] if t.get("name") == "held-out loss")
    assert held_out["y"][2] is None
    assert held_out["y"][:2] == curve.val_loss[:2]
    check_sendable(figure)


@pytest.mark.parametrize("is_log", [False, True])
def test_reference_lines_are_at_their_values_and_say_so(is_log):
    figure = draw(course(5), is_log=is_log)
    drawn = references_of(figure)
    assert sorted(t.y[0] for t in drawn) == sorted(line.value for line in LINES)
    notes = texts(figure)[1]
    for line in LINES:
        trace = next(t for t in drawn if t.y[0] == line.value)
        assert list(trace.y) == [line.value] * 2
        assert list(trace.x) == [0, 100]
        assert f"{line.label}: {line.value:.4f}" in trace.hovertemplate
        assert f"{line.label} {line.value:.3f}" in notes[0]  # the names, above the picture
    heights = {note.text: note.y for note in figure.layout.annotations[1:]}
    apart = {line: math.log10(line.value) if is_log else line.value for line in LINES}
    if not is_log:  # else two of them are too close
        assert heights == {f"{line.value:.3f}": pytest.approx(height) for line, height in apart.items()}


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.01, 3), min_size=1, max_size=4, unique=True), st.booleans())
@example([2.197, 2.1969, 2.1968, 2.1967], False)
@example([3.0, 0.03, 0.02, 0.01], False)
def test_numbers_of_lines_stand_beside_the_axis_in_order_and_never_on_each_other(values, is_log):
    figure = draw(course(5), [Line(value, str(value)) for value in values], is_log=is_log)
    low, high = figure.layout.yaxis.range
    notes = figure.layout.annotations[1:]
    assert all((note.xref, note.x, note.xanchor) == ("x domain", 1, "left") for note in notes)  # where no curve goes
    heights = [note.y for note in notes]
    assert [note.text for note in notes] == [f"{value:.3f}" for value in sorted(values, reverse=True)]
    for above, below in itertools.pairwise(heights):
        assert above - below >= 0.999 * LABEL * (high - low)
    assert all(low - 0.1 * (high - low) <= height <= high for height in heights)


def test_a_line_at_zero_has_no_place_on_a_logarithmic_axis():
    lines = (*LINES, Line(0.0, "no memory"))
    assert len(references_of(draw(course(5), lines))) == 4
    assert len(references_of(draw(course(5), lines, is_log=True))) == 3


@pytest.mark.parametrize("is_log", [False, True])
def test_the_axes_hold_all_there_is_to_see(is_log):
    curve = course(50, with_val=True)
    figure = draw(curve, is_log=is_log, shown_step=49, last_step=80)
    low, high = figure.layout.yaxis.range
    values = [*curve.loss, *curve.val_loss, *(line.value for line in LINES)]
    for value in values:
        assert low <= (math.log10(value) if is_log else value) <= high
    assert figure.layout.yaxis.type == ("log" if is_log else None)
    assert list(figure.layout.xaxis.range) == [0, 80]


@pytest.mark.parametrize("is_log", [False, True])
def test_a_text_of_one_character_has_loss_zero_from_the_start(is_log, check_sendable):
    nothing = Course(steps=[0, 1], loss=[0.0, 0.0], grad_norm=[0.0, 0.0], accuracy=[1.0, 1.0])
    figure = draw(nothing, (Line(0.0, "guessing"), Line(0.0, "frequencies")), shown_step=1, is_log=is_log)
    assert list(curves_of(figure)["loss"].y) == [0.0, 0.0]
    low, high = figure.layout.yaxis.range
    assert low < high
    check_sendable(figure)


def test_every_label_is_translated():
    figure = draw(course(20, with_val=True), translate=mark)
    titles, notes = texts(figure)
    assert [title for title in titles if title != "‖∇‖"] != []
    assert all(title.startswith("⟦") for title in titles if title != "‖∇‖")
    assert len(notes) == 1 + len(LINES)  # these come translated
    for trace in figure.data:
        if trace.name:
            assert trace.name.startswith("⟦")
            assert mark("step") in trace.hovertemplate


@settings(max_examples=40)
@given(
    st.lists(st.floats(), min_size=1, max_size=20),
    st.lists(st.floats(0, 10), max_size=4),
    st.booleans(),
)
@example([5e-324], [], False)
def test_no_run_is_too_wild_to_be_drawn(losses, values, is_log):
    count = len(losses)
    curve = Course(steps=list(range(count)), loss=losses, grad_norm=losses, accuracy=[0.5] * count)
    figure = draw(curve, [Line(value, "line") for value in values], shown_step=count - 1, is_log=is_log)
    assert list(curves_of(figure)["loss"].y) == [loss if math.isfinite(loss) else None for loss in losses]
    assert all(math.isfinite(end) for end in figure.layout.yaxis.range)


def test_the_run_before_stands_behind_in_grey_number_by_number(check_sendable):
    curve, before = course(30), course(101, seed=1)
    before.loss[7] = math.inf
    figure = draw(curve, ghost=Ghost(before, "before: 8"), shown_step=29)
    for drawn, name in zip(figure.data[:3], NAMES, strict=True):  # the first are drawn below all others
        assert (drawn.line.color, drawn.mode) == (MUTED, "lines")
        assert list(drawn.x) == before.steps
        wanted = np.where(np.isfinite(getattr(before, name)), getattr(before, name), np.nan)
        assert np.allclose(drawn.y, wanted, rtol=1e-6, equal_nan=True)
        assert drawn.hovertemplate.startswith("before: 8<br>")
    assert [trace.yaxis for trace in figure.data[:3]] == ["y", "y2", "y3"]
    assert "━</span> before: 8" in texts(figure)[1][0]
    alone = draw(curve, shown_step=29)
    assert [trace.to_plotly_json() for trace in figure.data[3:]] == [trace.to_plotly_json() for trace in alone.data]
    assert figure.layout.yaxis.range == alone.layout.yaxis.range  # the axis is that of the run on the screen
    check_sendable(figure)


def test_a_loss_has_fallen_when_it_is_a_tenth():
    assert not has_fallen(Course())
    for last, is_fallen in ((0.21, False), (0.2, True), (math.nan, False)):
        assert has_fallen(Course(loss=[2.0, 1.0, last, 1.5])) is is_fallen
    assert not has_fallen(Course(loss=[math.nan, 1.0]))
    assert not has_fallen(Course(loss=[0.0, 0.0]))  # of one character only; a logarithmic axis would be empty


def test_only_a_loss_of_exactly_0_has_no_logarithm():
    assert has_zeros(Course(loss=[1.0, 0.0]))
    assert has_zeros(Course(loss=[1.0], val_loss=[0.0]))
    assert not has_zeros(Course(loss=[1.0, 1e-300, math.nan]))


def test_the_longest_run_is_small_enough_to_be_sent_twice_a_second(check_sendable):
    longest = bounds("steps")[1]
    curve = course(longest + 1, with_val=True)
    check_sendable(draw(curve, ghost=Ghost(curve, "before"), last_step=longest, shown_step=longest))

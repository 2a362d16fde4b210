"""Lines and maps of gradients are the norms they were given, on a logarithmic scale."""

import numpy as np
import pytest

from rnn_core.figures.gradient import DASHES, DECADES, LABEL, clipping_curves, gradient_reach, influence_map
from rnn_core.records.dynamics import Descent
from tests.figures.conftest import drawn_as, mark, texts

CURVES = {
    "rnn": np.exp(-np.arange(30.0)),
    "lstm": np.exp(-0.1 * np.arange(40)),
    "gru": np.array([1.0, 0.0, np.nan, 2.0]),
}


def test_each_network_has_its_line(check_sendable):
    figure = gradient_reach(CURVES)
    drawn = drawn_as(figure, "lines")
    assert [trace.name for trace in drawn] == list(CURVES)
    for trace, norms in zip(drawn, CURVES.values(), strict=True):
        assert list(trace.x) == list(range(len(norms)))
        assert list(trace.y) == [norm if norm > 0 else None for norm in norms.tolist()]
    assert figure.layout.yaxis.type == "log"
    assert list(figure.layout.xaxis.range) == [0, 39]
    assert len({(trace.line.color, trace.line.dash) for trace in drawn}) == 3
    assert [trace.line.dash for trace in drawn] == list(DASHES[:3])
    ends = {note.text: (note.x, note.y) for note in figure.layout.annotations}
    assert ends["gru"] == (3, pytest.approx(np.log10(2)))
    assert ends["rnn"] == (29, pytest.approx(np.log10(CURVES["rnn"][-1])))
    check_sendable(figure)


def test_nothing_to_draw_is_no_error(check_sendable):
    check_sendable(gradient_reach({}))
    check_sendable(gradient_reach({"rnn": np.zeros(3)}))


def test_names_of_lines_that_end_together_stand_apart(check_sendable):
    curves = {name: np.geomspace(1, end, 20) for name, end in {"a": 1e-6, "b": 1.1e-6, "c": 1.05e-6, "d": 1e-2}.items()}
    figure = gradient_reach(curves)
    low, high = figure.layout.yaxis.range
    heights = sorted(note.y for note in figure.layout.annotations)
    assert np.diff(heights).min() >= LABEL * (high - low) - 1e-9
    assert {note.text: note.y for note in figure.layout.annotations}["d"] == pytest.approx(-2)
    assert low < heights[0]
    check_sendable(figure)


def test_a_long_name_has_room_beside_its_line():
    short, long = (gradient_reach({name: np.ones(3)}).layout.margin.r for name in ("gru", "before training"))
    assert short < 7 * len("before training") + 8 < long  # a letter of size 14 is about 6 pixels wide


def descent(length, *, grad_clip=0.0, high=5.0):
    values = np.geomspace(high, 0.01, length)
    return Descent(grad_clip, values, 2 * values, np.minimum(2 * values, grad_clip or np.inf), has_exploded=False)


def test_both_trainings_are_drawn_with_their_norms(check_sendable):
    without, clipped = descent(20), descent(50, grad_clip=1.0)
    figure = clipping_curves(without, clipped)
    drawn = drawn_as(figure, "lines")
    expected = [without.loss, clipped.loss, without.grad_norm, clipped.grad_norm, clipped.clipped_norm]
    for trace, values in zip(drawn, expected, strict=True):
        assert list(trace.y) == values.tolist()
        assert list(trace.x) == list(range(len(values)))
    assert [trace.yaxis for trace in drawn] == ["y", "y", "y2", "y2", "y2"]
    assert [trace.line.dash for trace in drawn] == ["solid", "solid", "solid", "dot", "solid"]
    above, below = (note.text for note in figure.layout.annotations)
    assert above.count("■") == 2
    assert "before the cut" in below
    assert list(figure.layout.xaxis.range) == [0, 49]
    check_sendable(figure)


def test_an_explosion_leaves_the_rest_readable(check_sendable):
    wild = Descent(0.0, np.array([2.0, 1e30, np.nan]), np.array([1.0, np.inf, np.nan]), np.ones(3), has_exploded=True)
    figure = clipping_curves(wild, descent(30, grad_clip=1.0))
    assert list(drawn_as(figure, "lines")[0].y) == [2.0, 1e30, None]
    low, high = figure.layout.yaxis.range
    assert high - low < 1.2 * DECADES
    check_sendable(figure)
    nothing = Descent(0.0, np.zeros(1), np.zeros(1), np.zeros(1), has_exploded=False)
    check_sendable(clipping_curves(nothing, nothing))


def lower(length, seed=0):
    return np.tril(np.random.default_rng(seed).uniform(1e-9, 5, (length, length)))


@pytest.mark.parametrize("length", [1, 5, 128])
def test_every_pair_of_steps_is_drawn_on_a_logarithmic_scale(length, check_sendable):
    given = lower(length)
    characters = ["👩‍👩‍👧", *"abc"] * length
    figure = influence_map(given, characters[:length])
    (drawn,) = figure.data
    assert np.array_equal(drawn.customdata, given.astype(np.float32))
    below = np.tril(np.ones((length, length), dtype=bool))
    assert np.allclose(np.array(drawn.z)[below], np.log10(given[below]), atol=1e-5)
    assert np.isnan(np.array(drawn.z)[~below]).all()  # nothing reaches back in time: empty
    assert drawn.x == drawn.y
    assert drawn.x[0] == "0 «👩‍👩‍👧»"
    assert len(set(drawn.x)) == length
    assert figure.layout.yaxis.autorange == "reversed"
    ticks = dict(zip(figure.layout.xaxis.tickvals, figure.layout.xaxis.ticktext, strict=True))
    assert all(place.endswith(f"«{character}»") for place, character in ticks.items())
    assert len(ticks) <= 64
    check_sendable(figure)


def test_the_scale_ends_twelve_decades_below_the_largest():
    given = np.tril(10.0 ** -np.arange(0, 50, 2)[:, None] * np.ones(25))
    drawn = influence_map(given, "x" * 25).data[0]
    assert drawn.zmax - drawn.zmin == DECADES
    assert drawn.zmax == 0


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 1e300, 1.0])
def test_no_matrix_is_too_wild_to_be_drawn(value, check_sendable):
    check_sendable(influence_map(np.full((3, 3), value), "abc"))


def test_what_is_measured_is_named():
    drawn = influence_map(lower(3), "abc", name="|∂logit / ∂x_s|").data[0]
    assert "|∂logit / ∂x_s| = %{customdata" in drawn.hovertemplate
    assert drawn.colorbar.title.text.split("<br>")[0] == "|∂logit / ∂x_s|"


def test_every_label_is_translated():
    for figure in (gradient_reach(CURVES, translate=mark), influence_map(lower(3), "abc", translate=mark)):
        titles, _ = texts(figure)
        assert len(titles) == 2
        assert all(title.startswith("⟦") for title in titles)
    titles, _ = texts(clipping_curves(descent(3), descent(3), translate=mark))
    assert all(title.startswith("⟦") for title in titles if title != "‖∇‖")

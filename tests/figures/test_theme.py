"""One colour for each axis; what the axes share is nobody else's."""

import pytest

from rnn_core.config import Config
from rnn_core.figures.theme import AXIS_COLORS, axis, base_layout
from rnn_core.shapes import sequence_axes

# Two names of one axis: the output's features are the hidden units of each direction.
SAME_AXIS = {"D*H_out": "H_out"}


def test_each_axis_has_a_colour_of_its_own():
    own = {name: color for name, color in AXIS_COLORS.items() if name not in SAME_AXIS}
    assert len(set(own.values())) == len(own)
    for name, same in SAME_AXIS.items():
        assert AXIS_COLORS[name] == AXIS_COLORS[same]


@pytest.mark.parametrize("batched", [True, False])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("last", ["H_in", "D*H_out", "V"])
def test_every_axis_of_a_sequence_has_a_colour(batched, batch_first, last):
    axes = sequence_axes(Config(batched=batched, batch_first=batch_first), last)
    assert set(axes) <= set(AXIS_COLORS)


def test_layouts_are_made_anew_for_every_figure():
    base_layout(10)["margin"]["l"] = 99
    assert base_layout(10)["margin"]["l"] != 99
    assert base_layout(10, hovermode="x")["hovermode"] == "x"
    assert axis("a", nticks=3) == {**axis("a"), "nticks": 3}

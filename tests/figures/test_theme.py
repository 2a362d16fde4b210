"""One colour for each axis; what the axes share is nobody else's."""

import math

import pytest

from rnn_core.config import Config
from rnn_core.figures.theme import AXIS_COLORS, axis, base_layout, log_axis, value_scale
from rnn_core.shapes.specs import sequence_axes

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
    assert "title" not in axis()  # Plotly would make room for an empty text


@pytest.mark.parametrize(
    ("limit", "end"),
    [
        (1.0, "1"),
        (0.4567, "0.457"),
        (7200.0, "7200"),
        (175_000.0, "1.8·10<sup>5</sup>"),
        (2.34e-5, "2.3·10<sup>−5</sup>"),
    ],
)
def test_the_ends_of_a_scale_are_short_enough_to_stand_beside_it(limit, end):
    lines = value_scale(limit)["text"].split("<br>")
    assert (lines[0], lines[-1]) == (end, f"−{end}")


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (-3.0, 1.2, ["0.001", "0.01", "0.1", "1", "10"]),
        (10.8, 11.5, ["10<sup>11</sup>", "2·10<sup>11</sup>"]),
        (-0.4, 0.5, ["0.5", "1", "2"]),
        (-300.0, 2.0, ["10<sup>−300</sup>", "10<sup>−256</sup>", "10<sup>−212</sup>"]),
    ],
)
def test_logarithmic_ticks_are_written_as_one_would_by_hand(low, high, texts):
    drawn = log_axis(low, high)
    assert drawn["ticktext"][: len(texts)] == texts
    assert len(drawn["ticktext"]) <= 7
    for text, value in zip(drawn["ticktext"], drawn["tickvals"], strict=True):
        mantissa, _, power = text.removesuffix("</sup>").rpartition("10<sup>")
        said = float(mantissa.strip("·") or 1) * 10 ** int(power.replace("−", "-")) if "<sup>" in text else float(text)
        assert value == pytest.approx(said)
        assert low <= math.log10(value) <= high


def test_large_numbers_on_other_axes_are_powers_too():
    assert axis()["exponentformat"] == "power"  # Plotly's own would read 200B

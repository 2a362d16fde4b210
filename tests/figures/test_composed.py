"""A figure that is only sent: a browser gets what Plotly would have sent, and Plotly has it when it is asked."""

import copy
import json

import numpy as np
import plotly.graph_objects as go
import pytest

from rnn_core.figures import composed, theme
from rnn_core.figures.composed import Composed, parts_of, to_json


@pytest.fixture
def figure(monkeypatch):
    """A figure as the app makes one."""
    monkeypatch.setattr(theme, "VALIDATES", False)
    trace = {
        "type": "scatter",
        "x": np.arange(3),
        "y": [1.0, np.float32(0.5), np.nan],
        "text": np.array(["a", "b", "c"]),
    }
    return theme.compose([trace], theme.base_layout(200, meta={"cursor": {"x": "t"}}))


def test_plotly_takes_a_figure_up_only_when_it_is_looked_into(figure, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(go.Figure, "__init__", fail)
        assert json.loads(to_json(parts_of(figure)))["layout"]["height"] == 200
        with pytest.raises(ZeroDivisionError):
            _ = figure.data
    assert list(figure.data[0].x) == [0, 1, 2]
    assert figure.update_layout(height=300).layout.height == 300
    assert copy.deepcopy(figure).layout.height == 300
    with pytest.raises(AttributeError):
        _ = figure.nothing_of_that_name


def test_another_figure_is_sent_too():
    figure = go.Figure({"data": [{"type": "bar", "y": [1, 2]}]})
    assert json.loads(to_json(parts_of(figure)))["data"] == [{"type": "bar", "y": [1, 2]}]


def test_what_is_no_number_is_null_and_texts_are_written_out(figure):
    (trace,) = json.loads(to_json(parts_of(figure)))["data"]
    assert (trace["y"], trace["text"]) == ([1, 0.5, None], ["a", "b", "c"])


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.array([-128, 127]), "i1"),
        (np.array([-129, 127]), "i2"),
        (np.array([0, 32768]), "i4"),
        (np.array([0, 2**31]), None),
        (np.array([True, False]), None),
        (np.array([]), None),
        (np.array([[1.5, -2.0], [np.nan, np.inf]], np.float32).T, "f4"),
        (np.array([[[0.1]]]), "f8"),
    ],
)
def test_arrays_are_packed_as_plotly_packs_them(array, kind):
    parts = {"data": [{"type": "heatmap", "z": array}], "layout": {}, "frames": []}
    (trace,) = json.loads(to_json(parts))["data"]
    assert trace == json.loads(go.Figure(parts).to_json())["data"][0]
    assert (trace["z"]["dtype"] if isinstance(trace["z"], dict) else None) == kind


def test_nothing_else_can_be_a_part_of_a_figure():
    with pytest.raises(AssertionError, match="set is no part"):
        to_json({"data": [{"x": {1}}]})


def test_figures_are_composed():
    assert isinstance(theme.compose([], {}), Composed)
    assert composed.parts_of(theme.compose([], {}))["layout"] == {"template": {}}

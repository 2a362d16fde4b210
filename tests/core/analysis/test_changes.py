"""What a change of the controls does to shapes, compared with torch's own tensors."""

import pytest
from hypothesis import given, settings

from rnn_core import Config
from rnn_core.analysis.changes import FIELDS, compare_calls
from tests.core.shapes.test_shapes import small_networks, torch_tensors


def shapes(config):
    return {name: tuple(tensor.shape) for name, tensor in torch_tensors(config)[0].items()}


def said(change):
    return " ".join(map(str, change.reasons))


@given(small_networks(), small_networks())
@settings(max_examples=60)
def test_it_tells_what_torch_would(before, after):
    change = compare_calls(before, after, (11, 11))
    old, new = shapes(before), shapes(after)
    assert set(change.vanished) == set(old) - set(new)
    assert {name for name in new if name not in old or old[name] != new[name]} <= set(change.changed)
    assert change.before == {name: old[name] for name in change.changed if name in old}
    assert set(change.fields) == {name for name in FIELDS if getattr(before, name) != getattr(after, name)}
    for name in ("h_n", "output"):
        if f"{name} stays {new[name]}" in said(change):
            assert old[name] == new[name]


@given(small_networks())
@settings(max_examples=30)
def test_nothing_changes_between_equal_calls(config):
    change = compare_calls(config, config, (5, 5))
    assert (change.fields, change.changed, change.vanished, change.reasons) == ((), (), (), ())


def test_batch_first_moves_what_goes_along_time_and_no_state():
    change = compare_calls(
        Config(batch_size=3, num_layers=2), Config(batch_size=3, num_layers=2, batch_first=False), (9, 9)
    )
    assert {"input", "output", "logits"} <= set(change.changed)
    assert "h_n" not in change.changed
    assert "h_n stays (2, 3, 9)" in said(change)


def test_axes_that_change_places_are_a_change_even_where_the_sizes_are_equal():
    change = compare_calls(Config(batch_size=11), Config(batch_size=11, batch_first=False), (9, 9))
    assert "output" in change.changed
    assert change.before["output"] == (11, 11, 9)


def test_the_lessons_batch_has_another_batch_axis_then():
    change = compare_calls(Config.preset("onehot-batch"), Config.preset("onehot-batch", batch_first=True), (4, 4))
    assert change.before["h_n"] == (1, 5, 2)
    assert "N is 3 instead of 5" in said(change)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"seq_len": 5}, "All 270 parameters stay as they are"),
        ({"seq_len": 5}, "h_n stays (1, 1, 9): it is the last time step only"),
        ({"num_layers": 3}, "output stays (1, 11, 9): it is the top layer alone"),
        ({"bidirectional": True}, "output joins both directions"),
        ({"cell": "lstm"}, "output and h_n stay as they are"),
        ({"head": "none"}, "output stays (1, 11, 9): a head only reads it"),
    ],
)
def test_what_stays_is_said(values, words):
    assert words in said(compare_calls(Config(), Config(**values), (9, 9)))

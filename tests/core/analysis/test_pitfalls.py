"""Every experiment measures what it claims, on real torch, and gives the same numbers again."""

import re

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from rnn_core.analysis.pitfalls import EXPERIMENTS, run_experiment
from rnn_core.analysis.pitfalls.axes import poke_sample, shuffle_text
from rnn_core.sentence import Sentence

RUNS = [(name, number) for name, e in EXPERIMENTS.items() for number in sorted({e.low, e.start, e.high})]


def numbers(found, place):
    return found.sentences[place].params


def values(found, place=0):
    return found.panels[place].values


@pytest.mark.parametrize(("name", "number"), RUNS)
def test_an_experiment_gives_words_and_a_picture(name, number):
    found = run_experiment(name, number)
    assert all(isinstance(sentence, Sentence) and str(sentence) for sentence in found.sentences)
    assert found.panels or found.curves  # a picture for every belief
    assert all(np.isfinite(panel.values).all() for panel in found.panels)
    assert len(found.axes) == (2 if found.curves else 0)
    for panel in found.panels:
        rows, columns = panel.values.shape
        assert all(0 <= row < rows and 0 <= column < columns for row, column in panel.marked)
        assert len(panel.rows) in (0, rows)
        assert len(panel.columns) in (0, columns)


@pytest.mark.parametrize(("name", "number"), RUNS)
def test_an_experiment_repeats_itself_and_leaves_the_global_generator_alone(name, number):
    before = torch.get_rng_state()
    first, second = run_experiment(name, number), run_experiment(name, number)
    assert torch.equal(torch.get_rng_state(), before)
    assert (first.sentences, first.tried) == (second.sentences, second.tried)
    for one, other in zip(first.panels, second.panels, strict=True):
        assert np.array_equal(one.values, other.values)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_the_code_that_is_shown_gives_what_is_shown(name):
    """What is written beside a result is run as it stands."""
    known = {"torch": torch, "nn": nn, "F": functional}
    for tried in run_experiment(name).tried:
        with torch.random.fork_rng(devices=[]):
            if tried.error == "UserWarning":
                with pytest.warns(UserWarning, match=re.escape(tried.result)):
                    eval(tried.code, known)
            elif tried.error:
                with pytest.raises(Exception, match=f"^{re.escape(tried.result)}$") as raised:
                    eval(tried.code, known)
                assert raised.type.__name__ == tried.error
            else:
                assert shape_of(eval(tried.code, known)) == tried.result


def shape_of(value):
    if isinstance(value, torch.Tensor):
        return str(tuple(value.shape))
    return ", ".join(f"({shape_of(part)})" if isinstance(part, tuple) else shape_of(part) for part in value)


def test_the_states_in_the_pictures_are_those_of_torch():
    whole, first, second = (panel.values for panel in run_experiment("first-state").panels)
    assert whole.shape == (2, 3)  # (N, H_out)
    assert np.array_equal(np.concatenate([first, second]), whole)
    h_n, c_n = (panel.values for panel in run_experiment("lstm-state").panels)
    assert h_n.shape == c_n.shape == (2, 3)
    assert np.abs(h_n).max() < 1
    assert not np.allclose(h_n, c_n)
    (sequence,) = run_experiment("input-size").panels
    assert sequence.values.shape == (7, 4)
    assert sequence.axes == ("L", "H_in")


def test_a_number_beyond_its_bounds_is_brought_within():
    assert run_experiment("poke", 99).sentences == run_experiment("poke", 3).sentences
    assert run_experiment("padding", -5).sentences == run_experiment("padding", 0).sentences
    assert run_experiment("view", 7).sentences == run_experiment("view").sentences


@pytest.mark.parametrize("sample", range(4))
def test_only_a_poked_sample_changes_where_the_axes_are_right(sample):
    right, wrong = poke_sample(sample).panels
    changed = np.flatnonzero(right.values.max(axis=1))
    assert changed.tolist() == [sample]
    assert np.flatnonzero(wrong.values.max(axis=1)).tolist() == list(range(sample, 4))
    assert numbers(poke_sample(sample), 0)["change"] == 0
    assert numbers(poke_sample(sample), 1)["count"] == 3 - sample


@pytest.mark.parametrize("shuffle", range(5))
def test_shuffled_characters_keep_their_outputs_without_memory(shuffle):
    found = shuffle_text(shuffle)
    assert numbers(found, 0)["change"] < 1e-6
    assert numbers(found, 1)["change"] > 0.05
    assert sorted(found.panels[0].columns) == sorted("hello!␣world")


def test_batch_first_turns_output_but_not_h_n():
    output, h_n, turned, same = run_experiment("batch-first").panels
    np.testing.assert_allclose(turned.values, output.values.T, atol=1e-6)
    np.testing.assert_allclose(same.values, h_n.values, atol=1e-6)
    np.testing.assert_allclose(output.values[:, -1], h_n.values[0], atol=1e-6)


def test_rows_of_an_unbatched_input_are_steps():
    alone, apart = run_experiment("unbatched").panels
    assert (alone.values[0] > 0).all()
    assert np.flatnonzero(apart.values[0]).tolist() == [0]


@pytest.mark.parametrize("length", [1, 7, 40])
def test_weights_do_not_depend_on_the_length(length):
    found = run_experiment("hidden-size", length)
    assert values(found).shape == (5, length)
    assert numbers(found, 0)["count"] == sum(p.numel() for p in nn.RNN(4, 5).parameters())
    assert numbers(found, 1)["count"] == sum(p.numel() for p in nn.RNN(4, 10).parameters())


def test_counts_are_those_of_torch():
    counted = numbers(run_experiment("parameters", 12), 0)
    assert (counted["rnn"], counted["gru"], counted["lstm"], counted["grown"]) == (640, 1920, 2560, 240)
    found = run_experiment("parameters", 30)
    assert [float(curve.y[-1]) for curve in found.curves] == [640, 1920, 2560, 1200]
    assert numbers(found, 1)["one"] == 620


def test_output_and_h_n_share_one_corner():
    found = run_experiment("output")
    assert numbers(found, 1)["change"] < 1e-6
    assert found.panels[0].marked == ((0, 0), (0, 1), (0, 2), (0, 3), (0, 4), (1, 4))
    assert found.tried[0].result == "(2, 5, 6), ((4, 2, 3), (4, 2, 3))"


def test_each_direction_has_its_own_end():
    forward, backward = values(run_experiment("two-directions"))
    assert forward[-1] < 1e-6
    assert backward[0] < 1e-6
    assert forward[0] > 0.01
    assert backward[-1] > 0.01


@pytest.mark.parametrize("padding", [0, 1, 4, 12])
def test_padding_moves_the_state_and_packing_does_not(padding):
    found = run_experiment("padding", padding)
    assert values(found).shape == (6, 5 + padding)
    assert (numbers(found, 0)["change"] > 0.01) == (padding > 0)
    assert numbers(found, 1)["change"] < 1e-6
    distance = found.curves[0].y
    assert distance[4] < 1e-6
    assert float(distance[-1]) == pytest.approx(numbers(found, 0)["change"], rel=0.01, abs=1e-6)


@pytest.mark.parametrize("layers", [1, 2, 4])
def test_dropout_needs_a_layer_above(layers):
    found = run_experiment("dropout", layers)
    change = values(found)
    assert change.shape == (layers, 6)
    assert (change[0] == 0).all()
    assert (change[1:].max(axis=1, initial=0) > 0).all()
    assert bool(found.tried) == (layers == 1)


def test_classes_on_the_wrong_axis_are_silent_where_sizes_agree():
    losses = numbers(run_experiment("class-axis"), 1)
    assert losses["right"] == losses["flat"]
    assert abs(losses["wrong"] - losses["right"]) > 0.05
    right, wrong = run_experiment("class-axis").panels
    np.testing.assert_allclose(right.values.sum(axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(wrong.values.sum(axis=0), 1, atol=1e-6)


@pytest.mark.parametrize(("size", "floor", "double"), [(2, 0.1269, 0.3133), (4, 0.341, 0.7437), (9, 0.7337, 1.372)])
def test_losses_that_cannot_fall_stay_at_their_floors(size, floor, double):
    found = run_experiment("softmax", size)
    assert numbers(found, 0)["loss"] < 1e-4
    assert numbers(found, 0)["double"] == pytest.approx(double, abs=1e-3)
    assert numbers(found, 1)["tanh"] == pytest.approx(floor, abs=1e-3)
    assert numbers(found, 1)["floor"] == pytest.approx(floor, abs=1e-3)
    scores, softmax, tanh = (curve.y for curve in found.curves)
    assert scores[0] == softmax[0] == tanh[0] == pytest.approx(np.log(size), abs=1e-6)


def test_a_view_is_no_transpose():
    x, transposed, viewed = (panel.values for panel in run_experiment("view").panels)
    assert transposed.tolist() == x.T.tolist()
    assert viewed.tolist() == x.reshape(3, 2).tolist()
    assert numbers(run_experiment("view"), 0)["moved"] == int((transposed != viewed).sum())


@pytest.mark.parametrize(
    ("name", "errors"),
    [
        ("input-size", ["RuntimeError", None, None]),
        ("first-state", ["RuntimeError", "RuntimeError", None]),
        ("lstm-state", ["IndexError", "TypeError", None]),
        ("view", [None, None, "RuntimeError"]),
        ("class-axis", ["RuntimeError", None]),
        ("indices", ["ValueError", "ValueError", None]),
    ],
)
def test_what_stops_and_what_does_not(name, errors):
    assert [tried.error for tried in run_experiment(name).tried] == errors


def test_a_one_hot_row_picks_a_column_of_the_weight():
    assert numbers(run_experiment("indices"), 1)["change"] < 1e-6

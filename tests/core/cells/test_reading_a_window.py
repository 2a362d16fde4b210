"""What is written out of a window adds up: every product, every sum and every result is torch's."""

import re

import numpy as np
import pytest

from rnn_core import Config
from rnn_core.analysis.trajectories import states_at
from rnn_core.cells.equations import CONVENTIONS, GATE_NAMES
from rnn_core.cells.window import MOST_PRODUCTS, read_window, right_sides
from rnn_core.training.history import Run

TEXT = "the quick brown fox jumps over the lazy dog"
CONFIGS = [
    {},
    {"nonlinearity": "relu", "num_layers": 2},
    {"cell": "lstm", "num_layers": 2, "batch_first": False},
    {"cell": "gru", "encoding": "embedding", "input_size": 5, "batched": False},
    {"cell": "gru", "task": "same", "bidirectional": True, "num_layers": 2},
    {"cell": "lstm", "layout": "batch_major", "batch_first": False},
    {"head": "none", "hidden_size": 27},
]


def run_of(**values):
    run = Run(Config(**{"text": TEXT, "seq_len": 12, "batch_size": 2, "steps": 4, "hidden_size": 6, **values}))
    while run.advance():
        pass
    return run


def places(config):
    return [(layer, back) for layer in range(config.num_layers) for back in range(config.num_directions)]


@pytest.mark.parametrize("values", CONFIGS)
def test_every_state_of_every_layer_and_direction_is_torchs(values):
    run = run_of(**values)
    window, weights = run.trainer.dataset.input[1], run.trainer.weights()
    size = run.config.hidden_size
    for layer, back in places(run.config):
        found = read_window(run.config, weights, window, layer=layer, is_reverse=bool(back))
        theirs = states_at(run, run.at(run.step), window=1, layer=layer)[:, back * size : (back + 1) * size]
        assert found.states.shape == theirs.shape
        assert np.abs(found.states - theirs).max() < 1e-6
        assert all(len(array) == len(window) for array in found.values.values())


@pytest.mark.parametrize("values", [values for values in CONFIGS if "layout" not in values])
def test_the_prediction_is_that_of_the_record(values):
    run = run_of(**values, val_share=0.0)
    moment = run.at(run.step)
    window = moment.record.windows[0]
    found = read_window(run.config, moment.weights, run.trainer.dataset.input[window])
    length = len(found.predicted)
    known = run.trainer.dataset.characters
    assert [known[i] if i < len(known) else "?" for i in found.predicted] == list(moment.record.predicted[:length])


@pytest.mark.parametrize("values", CONFIGS)
def test_products_add_up_to_their_terms(values):
    run = run_of(**values)
    found = read_window(run.config, run.trainer.weights(), run.trainer.dataset.input[0])
    for gate in GATE_NAMES[run.config.cell]:
        below, before = found.products(gate, 3)
        letter = "h" if run.config.cell == "rnn" else gate
        name = "x_t W_ih^T" if run.config.cell == "rnn" else f"x_t W_i{gate}^T"
        assert np.allclose(below.sum(axis=1), found.values[name][:, 3], atol=1e-12)
        assert np.allclose(before.sum(axis=1), found.values[f"h_prev W_h{letter}^T"][:, 3], atol=1e-12)


def value_of(numbers):
    """Compute what is written: the numbers of a line, by a reader who knows +, −, ·, tanh, relu and σ."""
    numbers = re.sub(r"Σ\(\d+\) ", "", numbers).replace("−", "-").replace("·", "*").replace("--", "+")
    assert re.fullmatch(r"[\d.eE+\-*() ]*|(tanh|relu|σ)\([\d.+\- ]*\)|[\d.+\-* ]* \* tanh\([\d.+\- ]*\)", numbers), (
        numbers
    )
    functions = {"tanh": np.tanh, "relu": lambda a: np.maximum(a, 0), "s": lambda a: 1 / (1 + np.exp(-a))}
    return eval(numbers.replace("σ", "s"), {"__builtins__": {}}, functions)


@pytest.mark.parametrize("convention", CONVENTIONS)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_what_is_written_can_be_computed_by_hand(cell, convention):
    run = run_of(cell=cell)
    window = run.trainer.dataset.input[0]
    found = read_window(run.config, run.trainer.weights(), window, convention=convention)
    written = found.lines(2)
    assert len(written) == len(window)
    sides = right_sides(run.config, tuple(found.values))
    for t, lines in enumerate(written):
        assert [line.name for line in lines] == [n for n in found.values if n not in ("x_t", "h_prev", "c_prev")]
        assert lines[-1].name == "h_t"
        for line in lines:
            assert line.value == found.values[line.name][t, 2]
            assert line.name in sides
            if line.numbers:
                assert value_of(line.numbers) == pytest.approx(line.value, abs=2e-3), (line.name, line.numbers)


def test_of_many_products_the_largest_are_written_and_the_rest_is_one_number():
    run = run_of(hidden_size=64, text=TEXT)
    found = read_window(run.config, run.trainer.weights(), run.trainer.dataset.input[0])
    line = next(line for line in found.lines(5)[7] if line.name == "h_prev W_hh^T")
    assert line.numbers.count("·") == MOST_PRODUCTS
    assert f"Σ({64 - MOST_PRODUCTS})" in line.numbers
    assert value_of(line.numbers) == pytest.approx(line.value, abs=1e-2)


def test_of_a_one_hot_row_one_product_is_left():
    run = run_of()
    lines = read_window(run.config, run.trainer.weights(), run.trainer.dataset.input[0]).lines(0)[3]
    assert re.fullmatch(r"1·−?\d\.\d{4}", lines[0].numbers)
    first = read_window(run.config, run.trainer.weights(), run.trainer.dataset.input[0]).lines(0)[0]
    assert next(line for line in first if line.name == "h_prev W_hh^T").numbers == "0"  # nothing came before


def test_nothing_that_was_read_can_be_written_to():
    run = run_of()
    found = read_window(run.config, run.trainer.weights(), run.trainer.dataset.input[0])
    with pytest.raises(ValueError, match="read-only"):
        found.states[0] = 1

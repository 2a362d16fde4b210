"""Every term of a step is what its name says, and every step by hand is torch's."""

import numpy as np
import pytest

from rnn_core import Config
from rnn_core.cells.equations import CONVENTIONS, cell_weights, sigmoid
from rnn_core.cells.sequence import trace_cells
from tests.core.networks import drawn_input, torchs


def terms_of(config, t=3):
    _, weights = torchs(config)
    input = drawn_input(config, np.random.default_rng(0), 6, batch=1)
    return weights, trace_cells(config, weights, input).steps[0][t].values


def test_an_rnns_terms_come_in_the_order_of_its_equation():
    weights, v = terms_of(Config(hidden_size=4))
    assert list(v) == ["x_t", "h_prev", "x_t W_ih^T", "b_ih", "h_prev W_hh^T", "b_hh", "a_t", "h_t"]
    assert np.allclose(v["x_t W_ih^T"], v["x_t"] @ weights["weight_ih_l0"].T, atol=1e-12)
    assert np.allclose(v["h_t"], np.tanh(v["x_t W_ih^T"] + v["b_ih"] + v["h_prev W_hh^T"] + v["b_hh"]), atol=1e-12)


def test_an_lstms_terms_come_in_the_order_of_its_equations():
    weights, v = terms_of(Config(cell="lstm", hidden_size=4))
    gate = ["x_t W_i{}^T", "b_i{}", "h_prev W_h{}^T", "b_h{}", "a_{}", "{}_t"]
    expected = ["x_t", "h_prev", "c_prev", *(term.format(name) for name in "ifgo" for term in gate)]
    assert list(v) == [*expected, "f_t * c_prev", "i_t * g_t", "c_t", "tanh(c_t)", "h_t"]
    for k, name in enumerate("ifgo"):
        rows = slice(4 * k, 4 * k + 4)
        assert np.array_equal(v[f"b_i{name}"], weights["bias_ih_l0"][rows])
        assert np.allclose(v[f"h_prev W_h{name}^T"], v["h_prev"] @ weights["weight_hh_l0"][rows].T, atol=1e-12)
    assert np.allclose(v["i_t"], 1 / (1 + np.exp(-v["a_i"])), atol=1e-12)
    assert np.allclose(v["c_t"], v["f_t"] * v["c_prev"] + v["i_t"] * v["g_t"], atol=1e-12)
    assert np.allclose(v["h_t"], v["o_t"] * np.tanh(v["c_t"]), atol=1e-12)


def test_a_grus_reset_comes_after_the_product_and_z_keeps_the_old_state():
    _, v = terms_of(Config(cell="gru", hidden_size=4))
    assert list(v)[-9:] == [
        "h_prev W_hn^T",
        "b_hn",
        "h_prev W_hn^T + b_hn",
        "r_t * (h_prev W_hn^T + b_hn)",
        "a_n",
        "n_t",
        "(1 − z_t) * n_t",
        "z_t * h_prev",
        "h_t",
    ]
    assert np.allclose(v["h_t"], (1 - v["z_t"]) * v["n_t"] + v["z_t"] * v["h_prev"], atol=1e-12)
    assert np.allclose(v["a_n"], v["x_t W_in^T"] + v["b_in"] + v["r_t"] * (v["h_prev W_hn^T"] + v["b_hn"]), atol=1e-12)


def textbook(weights, x, h, *, resets_before, z_keeps):
    """Write one step of a GRU as the papers do, with W_hn and b_hn in one line."""
    W_ir, W_iz, W_in = np.split(weights["weight_ih_l0"].astype(float), 3)
    W_hr, W_hz, W_hn = np.split(weights["weight_hh_l0"].astype(float), 3)
    b_r, b_z, _ = np.split(weights["bias_ih_l0"].astype(float) + weights["bias_hh_l0"], 3)
    b_in, b_hn = weights["bias_ih_l0"][-len(h) :], weights["bias_hh_l0"][-len(h) :]
    r = 1 / (1 + np.exp(-(W_ir @ x + W_hr @ h + b_r)))
    z = 1 / (1 + np.exp(-(W_iz @ x + W_hz @ h + b_z)))
    n = np.tanh(W_in @ x + b_in + (W_hn @ (r * h) + b_hn if resets_before else r * (W_hn @ h + b_hn)))
    return z * h + (1 - z) * n if z_keeps else (1 - z) * h + z * n


def test_the_sigmoid_never_overflows():
    assert sigmoid(np.array([-1e308, -50.0, 0.0, 50.0, 1e308])).tolist() == pytest.approx([0, 0, 0.5, 1, 1], abs=1e-15)


def test_a_layer_is_found_with_and_without_the_networks_prefix():
    _, weights = torchs(Config(num_layers=2, bidirectional=True, hidden_size=4))
    whole = {f"rnn.{name}": weight for name, weight in weights.items()}
    for layer, is_reverse in ((0, False), (1, True)):
        bare, prefixed = (cell_weights(w, layer, is_reverse=is_reverse) for w in (weights, whole))
        assert np.array_equal(bare.weight_hh, prefixed.weight_hh)
        assert np.array_equal(bare.weight_ih, weights[f"weight_ih_l{layer}" + "_reverse" * is_reverse])
        assert bare.weight_ih.dtype == np.float64


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_gru_can_be_computed_as_textbooks_write_it(name):
    config = Config(cell="gru", input_size=3, hidden_size=5, batched=False)
    _, weights = torchs(config)
    input = drawn_input(config, np.random.default_rng(0), 20)
    h = np.zeros(5)
    steps = trace_cells(config, weights, input, convention=name).steps[0]
    for x, step in zip(input, steps, strict=True):
        h = textbook(weights, x, h, **CONVENTIONS[name]._asdict())
        assert np.abs(step.h_t - h).max() < 1e-12

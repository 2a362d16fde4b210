"""Three cells begin as they are told to, and how far a gradient reaches in them is autograd's."""

import tracemalloc

import numpy as np
import pytest
import torch

from rnn_core.analysis.gradients import loss_gradients, step_jacobians
from rnn_core.analysis.reach import (
    BEGINNINGS,
    CELLS,
    Beginning,
    begin,
    endless,
    gradient_reach,
    share_left,
    silenced,
    stretching,
)
from rnn_core.analysis.spectra import recurrent_blocks
from rnn_core.training.initialisation import initialise
from rnn_core.training.model import build_recurrent
from rnn_core.training.trainer import Trainer

TEXT = "hello! world"


def test_a_text_goes_on_for_ever():
    characters, window, target = endless("abca", 6)
    assert [characters[i] for i in window] == list("abcaab")
    assert characters[target] == "c"


@pytest.mark.parametrize("cell", CELLS)
def test_by_default_it_is_the_network_of_the_training_page(cell):
    begun = begin(cell, Beginning(seed=3), TEXT)
    trainer = Trainer(begun.config)
    assert trainer.config == begun.config
    for name, weight in trainer.weights().items():
        assert np.array_equal(begun.weights[name], weight)


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("scheme", BEGINNINGS)
def test_every_beginning_is_its_initialisation(scheme, cell):
    beginning = Beginning(scheme, radius=1.3, forget_bias=2.0, hidden_size=6, seed=1)
    begun = begin(cell, beginning, TEXT)
    fits = {"identity": cell == "rnn", "forget_bias": cell == "lstm"}.get(scheme, True)
    assert begun.config.nonlinearity == ("relu" if scheme == "identity" else "tanh")
    rnn = build_recurrent(begun.config, 9, torch.Generator())
    name, value = {"set": ("spectral_radius", 1.3)}.get(scheme, (scheme if fits else "default", None))
    initialise(rnn, name, generator=torch.Generator().manual_seed(1), value=value)
    for name, parameter in rnn.named_parameters():
        expected = parameter.detach().numpy().copy()
        if scheme == "set" and cell == "lstm" and "bias" in name:
            expected[6:12] = 2.0 if "ih" in name else 0.0
        assert np.array_equal(begun.weights[f"rnn.{name}"], expected)


@pytest.mark.parametrize("cell", CELLS)
def test_what_reads_nothing_rests_at_zero(cell):
    begun = begin(cell, Beginning("set", forget_bias=3.0, hidden_size=5, is_silent=True), TEXT)
    loud = begin(cell, Beginning("set", forget_bias=3.0, hidden_size=5), TEXT)
    assert set(begun.weights) == set(silenced(loud.config, loud.weights)) == set(loud.weights)
    for name, weight in begun.weights.items():
        kept = name.startswith("head") or "weight_hh" in name
        expected = loud.weights[name] if kept else np.zeros_like(weight)
        if cell == "lstm" and name == "rnn.bias_ih_l0":
            expected[5:10] = 3.0
        assert np.array_equal(weight, expected)
    jacobians = step_jacobians(begun.config, begun.weights, np.arange(6) % 9)
    assert np.array_equal(jacobians, np.broadcast_to(jacobians[0], jacobians.shape))
    if cell == "rnn":
        assert np.array_equal(jacobians[0], begun.weights["rnn.weight_hh_l0"].astype(float))


@pytest.mark.parametrize("cell", CELLS)
def test_the_reach_is_the_losss_gradient_by_distance(cell):
    begun = begin(cell, Beginning(), TEXT)
    _, window, target = endless(TEXT, 8)
    found = gradient_reach(begun, window, target)
    gradients = loss_gradients(begun.config, begun.weights, window, target)
    assert set(found) == ({"h", "c"} if cell == "lstm" else {"h"})
    assert found["h"].tolist() == gradients.h[0].tolist()[::-1]
    if cell == "lstm":
        assert found["c"].tolist() == gradients.c[0].tolist()[::-1]


def test_nothing_is_left_of_nothing():
    assert share_left(np.array([2.0, 1.0, 0.5])) == 0.25
    assert share_left(np.array([2.0, 1.0, 0.5]), 1) == 0.5
    assert np.isnan(share_left(np.zeros(3)))


@pytest.mark.parametrize("cell", CELLS)
def test_stretching_is_numpys(cell):
    begun = begin(cell, Beginning("set", radius=1.2), TEXT)
    _, window, _ = endless(TEXT, 12)
    found = stretching(begun.config, begun.weights, window)
    blocks = list(recurrent_blocks(begun.config, begun.weights).values())
    assert found.radius == pytest.approx(1.2)
    assert found.singular_value == pytest.approx(max(np.linalg.norm(block, 2) for block in blocks))
    jacobians = step_jacobians(begun.config, begun.weights, window)
    assert found.step_singular_value == pytest.approx(np.mean([np.linalg.norm(j, 2) for j in jacobians]))
    product = np.linalg.multi_dot(jacobians[:0:-1])
    assert found.growth == pytest.approx(np.log(np.linalg.norm(product, 2)) / 11, abs=0.3)


def test_stretching_never_holds_all_jacobians_at_once():
    begun = begin("lstm", Beginning(hidden_size=32), TEXT)
    tracemalloc.start()
    stretching(begun.config, begun.weights, np.arange(100) % 9)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100 * 64 * 64 * 8  # bytes


def test_an_explosion_has_no_stretching():
    begun = begin("rnn", Beginning(nonlinearity="relu"), TEXT)
    wild = {name: np.full_like(weight, np.nan) for name, weight in begun.weights.items()}
    found = stretching(begun.config, wild, np.arange(9))
    assert np.isnan(found.radius)
    assert np.isnan(found.growth)
    assert np.isnan(found.step_singular_value)

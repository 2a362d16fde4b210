import numpy as np
import pytest
import torch
from torch import nn

from rnn_core import Config
from rnn_core.shapes.specs import GATES
from rnn_core.training.initialisation import SCHEMES, initialise
from rnn_core.training.model import build_recurrent

MODULES = {
    "rnn": lambda: nn.RNN(3, 6, num_layers=2, bidirectional=True),
    "relu": lambda: nn.RNN(3, 6, num_layers=2, nonlinearity="relu"),
    "lstm": lambda: nn.LSTM(3, 6, num_layers=2, bidirectional=True),
    "gru": lambda: nn.GRU(3, 6, num_layers=2),
}


def initialised(name, scheme, value=None, seed=0):
    module = MODULES[name]()
    initialise(module, scheme, value=value, generator=torch.Generator().manual_seed(seed))
    return module, {key: p.detach().numpy() for key, p in module.named_parameters()}


def blocks(name, weights):
    gates = GATES["rnn" if name == "relu" else name]
    return [block for key, w in weights.items() if key.startswith("weight_hh") for block in np.split(w, gates)]


@pytest.mark.parametrize("name", MODULES)
def test_the_default_is_the_networks_own_draw(name):
    config = Config(
        cell="rnn" if name == "relu" else name,
        nonlinearity="relu" if name == "relu" else "tanh",
        hidden_size=6,
        num_layers=2,
        bidirectional=name in ("rnn", "lstm"),
    )
    ours, _ = initialised(name, "default")
    theirs = build_recurrent(config, 3, torch.Generator().manual_seed(0))
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", MODULES)
def test_orthogonal_blocks_keep_lengths(name):
    _, weights = initialised(name, "orthogonal")
    for block in blocks(name, weights):
        assert np.allclose(block @ block.T, np.eye(6), atol=1e-6)


@pytest.mark.parametrize("value", [None, 0.5])
def test_the_identity_starts_as_a_memory(value):
    _, weights = initialised("relu", "identity", value)
    for block in blocks("relu", weights):
        assert np.array_equal(block, np.eye(6, dtype=np.float32) * (value or 1))
    assert not any(w.any() for key, w in weights.items() if key.startswith("bias"))
    inputs = np.concatenate([w.ravel() for key, w in weights.items() if key.startswith("weight_ih")])
    assert 0 < np.abs(inputs).max() < 0.006


@pytest.mark.parametrize("value", [0.0, 1.0, 3.0])
def test_the_forget_bias_is_the_sum_of_both(value):
    _, weights = initialised("lstm", "forget_bias", value)
    _, plain = initialised("lstm", "default")
    for key, bias in weights.items():
        if key.startswith("bias_ih"):
            assert np.array_equal((bias + weights[key.replace("ih", "hh")])[6:12], np.full(6, value, np.float32))
        rest = np.r_[0:6, 12:24] if key.startswith("bias") else slice(None)
        assert np.array_equal(bias[rest], plain[key][rest])


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.parametrize("radius", [0.5, 1.5])
def test_the_spectral_radius_is_what_was_asked_for(name, radius):
    _, weights = initialised(name, "spectral_radius", radius)
    for block in blocks(name, weights):
        assert np.abs(np.linalg.eigvals(block.astype(float))).max() == pytest.approx(radius, rel=1e-5)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nothing_is_drawn_from_the_global_generator_and_equal_seeds_are_equal(scheme):
    name = {"identity": "relu", "forget_bias": "lstm"}.get(scheme, "gru")
    module = MODULES[name]()
    before = torch.get_rng_state()
    initialise(module, scheme, generator=torch.Generator().manual_seed(3))
    assert torch.equal(torch.get_rng_state(), before)
    _, again = initialised(name, scheme, seed=3)
    assert all(np.array_equal(p.detach().numpy(), again[key]) for key, p in module.named_parameters())
    assert all(p.requires_grad and p.grad is None for p in module.parameters())


@pytest.mark.parametrize(
    ("name", "scheme"), [("gru", "identity"), ("rnn", "identity"), ("gru", "forget_bias"), ("rnn", "x")]
)
def test_a_scheme_for_another_cell_is_refused(name, scheme):
    with pytest.raises(ValueError, match=f"scheme={scheme}"):
        initialised(name, scheme)

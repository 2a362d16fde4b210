"""Torch's own networks of a config, to be compared with what the core computes by hand."""

import numpy as np
import torch
from torch import nn

from rnn_core import Config
from tests.core.lesson import seeded

CLASSES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
KINDS = [("rnn", "tanh"), ("rnn", "relu"), ("lstm", "tanh"), ("gru", "tanh")]


def torchs(config, seed=0, dtype=torch.float32):
    """Return torch's own network of a config, and its weights by name."""
    kind = {"nonlinearity": config.nonlinearity} if config.cell == "rnn" else {}
    sizes = {"num_layers": config.num_layers, "bidirectional": config.bidirectional, "batch_first": config.batch_first}
    with seeded(seed):
        rnn = CLASSES[config.cell](config.input_size, config.hidden_size, **sizes, **kind, dtype=dtype)
    return rnn, {name: parameter.detach().numpy() for name, parameter in rnn.named_parameters()}


def drawn_input(config, rng, length, batch=2):
    axes = (length,) if not config.batched else (batch, length) if config.batch_first else (length, batch)
    return rng.normal(size=(*axes, config.input_size)).astype(np.float32)


def double(cell, nonlinearity="tanh", *, seed=0, scale=1.0, **values):
    """Return a config, torch's module of it with weights in double precision, larger by a factor, and those by name."""
    config = Config(**{"cell": cell, "nonlinearity": nonlinearity, "input_size": 3, "hidden_size": 4, **values})
    rnn, weights = torchs(config, seed, torch.float64)
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.mul_(scale)
    return config, rnn, weights  # which see the scaled numbers: they are the parameters' own memory


def one_step(rnn, x, state):
    """Advance a state vector (S,), h and for an LSTM c of each layer in turn, by one step of torch's module."""
    parts = 2 if isinstance(rnn, nn.LSTM) else 1
    blocks = state.view(rnn.num_layers, parts, rnn.hidden_size)
    start = (blocks[:, 0], blocks[:, 1]) if parts == 2 else blocks[:, 0]
    _, end = rnn(x[None], start)
    return torch.stack(end, dim=1).reshape(-1) if parts == 2 else end.reshape(-1)

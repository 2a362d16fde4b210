"""Torch's own networks in double precision, to differentiate by autograd what the core differentiates by hand."""

import torch
from torch import nn

from rnn_core import Config
from tests.core.lesson import seeded

CLASSES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
KINDS = [("rnn", "tanh"), ("rnn", "relu"), ("lstm", "tanh"), ("gru", "tanh")]


def double(cell, nonlinearity="tanh", *, seed=0, scale=1.0, **values):
    """Return a config, torch's module of it with weights drawn in double precision, and those by name."""
    config = Config(**{"cell": cell, "nonlinearity": nonlinearity, "input_size": 3, "hidden_size": 4, **values})
    kind = {"nonlinearity": nonlinearity} if cell == "rnn" else {}
    with seeded(seed):
        rnn = CLASSES[cell](
            config.input_size,
            config.hidden_size,
            num_layers=config.num_layers,
            bidirectional=config.bidirectional,
            dtype=torch.float64,
            **kind,
        )
    with torch.no_grad():
        for parameter in rnn.parameters():
            parameter.mul_(scale)
    return config, rnn, {name: parameter.detach().numpy() for name, parameter in rnn.named_parameters()}


def one_step(rnn, x, state):
    """Advance a state vector (S,), h and for an LSTM c of each layer in turn, by one step of torch's module."""
    parts = 2 if isinstance(rnn, nn.LSTM) else 1
    blocks = state.view(rnn.num_layers, parts, rnn.hidden_size)
    start = (blocks[:, 0], blocks[:, 1]) if parts == 2 else blocks[:, 0]
    _, end = rnn(x[None], start)
    return torch.stack(end, dim=1).reshape(-1) if parts == 2 else end.reshape(-1)

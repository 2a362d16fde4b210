"""The network: torch.nn.RNN, LSTM or GRU, with an optional embedding below and an optional Linear head above.

Weights are drawn from a generator that the caller owns, bit for bit as `torch.manual_seed(seed)` followed by
building nn.Embedding (if any), nn.RNN/LSTM/GRU and nn.Linear (if any) would draw them from the global one.
"""

from __future__ import annotations

import math
from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnn_core.cells.equations import Weights
from rnn_core.config import Config

State = Tensor | tuple[Tensor, Tensor]
M = TypeVar("M", bound=nn.Module)


class SequenceModel(nn.Module):
    """One-hot or embedding -> recurrent layers -> one score per character.

    The axes of input and output are whatever `batch_first`, `batched` and `layout` make them: `to_input` arranges
    them, everything after it passes them on.
    """

    def __init__(self, config: Config, vocab_size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.batched, self.is_transposed = config.batched, config.is_time_first  # N and L exchanged by `arrange`
        self.embedding = build_embedding(config, vocab_size, generator) if config.encoding == "embedding" else None
        self.rnn = build_recurrent(config, config.input_size, generator)
        features = config.num_directions * config.hidden_size
        self.head = build_linear(features, vocab_size, generator) if config.head == "linear" else None

    def arrange(self, windows: Tensor) -> Tensor:
        """Put windows (N, L, ...) into the axis order in which they are handed to the network."""
        if not self.batched:
            return windows[0]  # (L, ...)
        if self.is_transposed:
            return windows.transpose(0, 1)  # (L, N, ...)
        return windows  # (N, L, ...), which a network with batch_first=False reads as (L, N, ...)

    def encode(self, indices: Tensor) -> Float[Tensor, "*batch H_in"]:
        """Turn indices into feature vectors: rows of the identity matrix, zeros from V on, or of the embedding.

        Numbers of a series are features already.
        """
        if indices.is_floating_point():
            return indices
        if self.embedding is not None:
            features: Tensor = self.embedding(indices)
            return features
        return torch.eye(self.vocab_size, self.rnn.input_size)[indices]

    def draw_weights(self, generator: torch.Generator) -> None:
        """Draw every weight anew, as if the network had just been built with this generator."""
        if self.embedding is not None:
            nn.init.normal_(self.embedding.weight, generator=generator)
        _draw_recurrent(self.rnn, generator)
        if self.head is not None:
            _draw_linear(self.head, generator)

    def forward(self, input: Float[Tensor, "*batch H_in"]) -> tuple[Tensor, Tensor, State]:
        """Return (logits, output, state): (..., V), (..., D*H_out), and h_n or (h_n, c_n)."""
        output, state = self.rnn(input)
        logits = output if self.head is None else self.head(output)
        return logits, output, state


def build_model(config: Config, vocab_size: int) -> tuple[SequenceModel, torch.Generator]:
    """Build the network of a config and return it with the generator, which goes on to draw the data order."""
    generator = torch.Generator().manual_seed(config.seed)
    return SequenceModel(config, vocab_size, generator), generator


def build_with(config: Config, vocab_size: int, weights: Weights) -> SequenceModel:
    """Build the network of a config with these weights; those of layers that it lacks are left out."""
    model = SequenceModel(config, vocab_size, torch.Generator())
    model.load_state_dict({name: torch.tensor(weights[name]) for name, _ in model.named_parameters()})
    return model


def build_recurrent(
    config: Config, input_size: int, generator: torch.Generator, *, proj_size: int = 0, bias: bool = True
) -> nn.RNNBase:
    """Build nn.RNN, nn.LSTM or nn.GRU; every weight and bias uniform in ±1/sqrt(hidden_size), in parameter order."""
    sizes = {"input_size": input_size, "hidden_size": config.hidden_size, "num_layers": config.num_layers}
    flags = {"batch_first": config.batch_first, "bidirectional": config.bidirectional, "bias": bias}
    if config.cell == "rnn":
        rnn: nn.RNNBase = nn.RNN(**sizes, **flags, nonlinearity=config.nonlinearity, device="meta")
    elif config.cell == "lstm":
        rnn = nn.LSTM(**sizes, **flags, proj_size=proj_size, device="meta")
    else:
        rnn = nn.GRU(**sizes, **flags, device="meta")
    rnn = with_room(rnn)
    _draw_recurrent(rnn, generator)
    return rnn


def build_linear(in_features: int, out_features: int, generator: torch.Generator) -> nn.Linear:
    """Build nn.Linear as it builds itself: Kaiming-uniform weight, bias uniform in ±1/sqrt(in_features)."""
    linear = with_room(nn.Linear(in_features, out_features, device="meta"))
    _draw_linear(linear, generator)
    return linear


def build_embedding(config: Config, vocab_size: int, generator: torch.Generator) -> nn.Embedding:
    """Build nn.Embedding as it builds itself: weights normal with mean 0 and variance 1."""
    weight = nn.init.normal_(torch.empty(vocab_size, config.input_size), generator=generator)
    embedding: nn.Embedding = nn.Embedding.from_pretrained(weight, freeze=False)
    return embedding


def with_room(module: M) -> M:
    """Give a module that was built on "meta", where nothing is drawn from the global generator, room for its weights.

    As `module.to_empty(device="cpu")`, which would first load sympy, for shapes that are symbols.
    """
    empty = {name: torch.empty(weight.shape) for name, weight in module.state_dict().items()}
    module.load_state_dict(empty, assign=True)
    return module


def _draw_recurrent(rnn: nn.RNNBase, generator: torch.Generator) -> None:
    bound = 1.0 / math.sqrt(rnn.hidden_size)
    for parameter in rnn.parameters():
        nn.init.uniform_(parameter, -bound, bound, generator=generator)


def _draw_linear(linear: nn.Linear, generator: torch.Generator) -> None:
    nn.init.kaiming_uniform_(linear.weight, a=math.sqrt(5), generator=generator)
    bound = 1.0 / math.sqrt(linear.in_features)
    nn.init.uniform_(linear.bias, -bound, bound, generator=generator)

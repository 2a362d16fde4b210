"""Ways to begin: recurrent weights drawn so that gradients vanish, explode or hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from rnn_core.shapes.specs import GATES

FORGET = 1  # the place of f among an LSTM's gates i, f, g, o


def initialise(module: nn.RNNBase, scheme: str, *, generator: torch.Generator, value: float | None = None) -> None:
    """Draw all weights of a recurrent module anew, in place.

    Every scheme begins with PyTorch's own draw (uniform in ±1/sqrt(hidden_size), in parameter order) and then changes
    what it is about, in every layer and direction:

    * `default`: nothing.
    * `orthogonal`: each gate's square block of W_hh is a random orthogonal matrix (Saxe et al. 2014,
      https://arxiv.org/abs/1312.6120).
    * `identity`: W_hh is `value` (1) times the identity, biases are zero, W_ih is normal with standard deviation 0.001
      (Le et al. 2015, https://arxiv.org/abs/1504.00941); for nn.RNN with relu.
    * `forget_bias`: the forget gate's whole bias is `value` (1): bias_ih, with bias_hh zero there (Jozefowicz et al.
      2015, https://proceedings.mlr.press/v37/jozefowicz15.html); for nn.LSTM.
    * `spectral_radius`: each gate's square block of W_hh is scaled so that its largest |eigenvalue| is `value` (1).

    Args:
        module: nn.RNN, nn.LSTM or nn.GRU.
        scheme: one of SCHEMES.
        generator: draws everything.
        value: what the scheme sets.

    Raises:
        ValueError: if there is no such scheme, or it is not for this module.
    """
    if scheme not in SCHEMES:
        raise ValueError(f"scheme={scheme} is not one of {', '.join(SCHEMES)}")
    bound = 1.0 / math.sqrt(module.hidden_size)
    with torch.no_grad():
        for parameter in module.parameters():
            nn.init.uniform_(parameter, -bound, bound, generator=generator)
        SCHEMES[scheme](module, 1.0 if value is None else value, generator)


def set_forget_bias(lstm: nn.LSTM, value: float) -> None:
    """Set the forget gate's whole bias in every layer and direction: bias_ih to a value, bias_hh to zero."""
    rows = slice(FORGET * lstm.hidden_size, (FORGET + 1) * lstm.hidden_size)
    with torch.no_grad():
        for name, parameter in lstm.named_parameters():
            if name.startswith("bias"):
                parameter[rows] = value if name.startswith("bias_ih") else 0.0


def _keep(module: nn.RNNBase, value: float, generator: torch.Generator) -> None:
    """Leave the draw as it is."""


def _orthogonal(module: nn.RNNBase, _value: float, generator: torch.Generator) -> None:
    for block in _recurrent_blocks(module):
        nn.init.orthogonal_(block, generator=generator)


def _identity(module: nn.RNNBase, value: float, generator: torch.Generator) -> None:
    if getattr(module, "nonlinearity", None) != "relu":
        raise ValueError("scheme=identity is for nn.RNN with nonlinearity=relu")
    for name, parameter in module.named_parameters():
        if name.startswith("weight_hh"):
            parameter.copy_(value * torch.eye(module.hidden_size))
        elif name.startswith("weight_ih"):
            nn.init.normal_(parameter, 0.0, 0.001, generator=generator)
        else:
            parameter.zero_()


def _forget_bias(module: nn.RNNBase, value: float, _generator: torch.Generator) -> None:
    if not isinstance(module, nn.LSTM):
        raise ValueError("scheme=forget_bias is for nn.LSTM")
    set_forget_bias(module, value)


def _spectral_radius(module: nn.RNNBase, value: float, _generator: torch.Generator) -> None:
    for block in _recurrent_blocks(module):
        radius = torch.linalg.eigvals(block.double()).abs().max().item()
        block.mul_(value / radius)


def _recurrent_blocks(module: nn.RNNBase) -> list[Tensor]:
    """Return each gate's square block of every W_hh, to be written to."""
    gates = GATES[{"RNN_TANH": "rnn", "RNN_RELU": "rnn"}.get(module.mode, module.mode.lower())]
    weights = [p for name, p in module.named_parameters() if name.startswith("weight_hh")]
    return [block for weight in weights for block in weight.data.chunk(gates)]


SCHEMES: Mapping[str, Callable[[nn.RNNBase, float, torch.Generator], None]] = {
    "default": _keep,
    "orthogonal": _orthogonal,
    "identity": _identity,
    "forget_bias": _forget_bias,
    "spectral_radius": _spectral_radius,
}

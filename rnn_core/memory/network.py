"""P networks that read numbers and answer at their last time steps, as one: gradients by hand, as `sweep.network`."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from rnn_core.config import Config
from rnn_core.memory.plan import MemoryConfig
from rnn_core.sweep.recurrence import Weights, build_recurrence
from rnn_core.training.model import build_linear, build_recurrent


class StackedReader:
    """One recurrent layer with h_0 = 0 and a Linear head on its last outputs; every tensor begins with P.

    Args:
        config: the architecture.
        weights: (P, K), each row the parameters of one network: weight_ih, weight_hh, bias_ih, bias_hh, head.
    """

    def __init__(self, config: MemoryConfig, weights: Float[Tensor, "P K"]) -> None:
        self.weights = weights
        self._recurrence = build_recurrence(config.cell, "tanh")
        shapes = [parameter.shape for parameter in build_reader(config, torch.Generator()).parameters()]
        parts = weights.split([shape.numel() for shape in shapes], dim=1)
        self._views = [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]

    def forward(self, input: Float[Tensor, "P L N I"], asked: int) -> Float[Tensor, "P A N O"]:
        """Return the answers at the last `asked` time steps."""
        *recurrent, head_weight, head_bias = self._views
        self._input = input
        self._last = self._recurrence.forward(input, Weights(*recurrent))[:, -asked:]
        scores = torch.baddbmm(head_bias.unsqueeze(1), self._last.flatten(1, 2), head_weight.mT)
        answers: Tensor = scores.unflatten(1, self._last.shape[1:3])
        return answers

    def backward(self, grad_scores: Float[Tensor, "P A N O"]) -> Float[Tensor, "P K"]:
        """Return the gradients of P losses, each by its own network's weights, from those by the answers."""
        grad, last = grad_scores.flatten(1, 2), self._last.flatten(1, 2)
        grad_output = torch.zeros_like(self._recurrence.output)
        grad_output[:, -grad_scores.shape[1] :] = torch.bmm(grad, self._views[4]).unflatten(1, grad_scores.shape[1:3])
        by_input, by_state = (gates.flatten(1, 2) for gates in self._recurrence.backward(grad_output))
        grads = (
            torch.bmm(by_input.mT, self._input.flatten(1, 2)),
            torch.bmm(by_state.mT, self._recurrence.h_prev.flatten(1, 2)),
            by_input.sum(1),
            by_state.sum(1),
            torch.bmm(grad.mT, last),
            grad.sum(1),
        )
        return torch.cat([part.flatten(1) for part in grads], dim=1)


def build_reader(config: MemoryConfig, generator: torch.Generator) -> nn.ModuleDict:
    """Build one network, `rnn` and `head`, as torch builds it, and let it start as its config says."""
    recurrent = Config(cell=config.cell, hidden_size=config.hidden_size)
    reader = nn.ModuleDict({"rnn": build_recurrent(recurrent, config.features, generator)})
    reader["head"] = build_linear(config.hidden_size, config.answers, generator)
    if config.start == "chrono":
        start_slowly(reader["rnn"], config.lag, generator)
    return reader


def draw_readers(config: MemoryConfig, seeds: Sequence[int]) -> tuple[Float[Tensor, "P K"], list[torch.Generator]]:
    """Draw the weights of a network for each seed, and return the generators that drew them."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    readers = [build_reader(config, generator) for generator in generators]
    return torch.stack([nn.utils.parameters_to_vector(r.parameters()).detach() for r in readers]), generators


def start_slowly(rnn: nn.Module, longest: int, generator: torch.Generator) -> None:
    """Let the gates of an LSTM or GRU begin by keeping what they hold for 1 to `longest` steps, each unit its own time.

    The chrono initialisation of C. Tallec and Y. Ollivier, 2018, https://arxiv.org/abs/1804.11188: b_f = log(u) with u
    uniform in [1, longest], and b_i = -b_f; for a GRU, whose z keeps the state in torch, b_z = log(u). As in
    `initialisation`, all of a bias is in bias_ih. A plain RNN has no gates and stays as it is.
    """
    if not isinstance(rnn, nn.LSTM | nn.GRU):
        return
    H = rnn.hidden_size
    kept = 1 + (longest - 1) * torch.rand(H, generator=generator)
    biases = dict(rnn.named_parameters())
    bias_ih, bias_hh = biases["bias_ih_l0"], biases["bias_hh_l0"]
    with torch.no_grad():
        bias_ih[H : 2 * H], bias_hh[H : 2 * H] = kept.log(), 0.0  # f of i, f, g, o, and z of r, z, n
        if isinstance(rnn, nn.LSTM):
            bias_ih[:H], bias_hh[:H] = -kept.log(), 0.0

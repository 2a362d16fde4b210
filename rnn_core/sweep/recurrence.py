"""Recurrence of P networks at once, forward and backward through time by hand.

Every tensor begins with the axis P of the networks; then come L (time), N (batch) and features. What the input adds to
the gates is one product for all time steps, and whatever else does not need the step before is taken out of the loops
as well: with small networks the number of calls is the cost, and a step backward of a tanh cell is left with two.

Equations and the order of the gates, (i, f, g, o) and (r, z, n), are those of nn.RNN, nn.LSTM and nn.GRU:
https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html and its neighbours. Autograd takes no part: `forward`
keeps what `backward` needs, and gradients of states run from the last step to the first.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

SMALL = 2000  # numbers of a tensor, below which four calls take longer than one slow one

Input = Float[Tensor, "P L N I"]
States = Float[Tensor, "P L N H"]
Gates = Float[Tensor, "P L N GH"]


class Weights(NamedTuple):
    """One direction of one layer of P networks, GH being H for each gate."""

    weight_ih: Float[Tensor, "P GH I"]
    weight_hh: Float[Tensor, "P GH H"]
    bias_ih: Float[Tensor, "P GH"]
    bias_hh: Float[Tensor, "P GH"]


class Recurrence(ABC):
    """One direction of one layer, with h_0 = 0 (and c_0 = 0)."""

    @abstractmethod
    def forward(self, input: Input, weights: Weights) -> States:
        """Return h_1, ..., h_L."""

    @abstractmethod
    def backward(self, grad_output: States) -> tuple[Gates, Gates]:
        """Return the loss's gradient by what enters the gates: from the input, and from h_(t-1)."""

    def _keep(self, h_0: Tensor, states: Sequence[Tensor], weight_hh: Tensor) -> States:
        self.h_prev = torch.stack([h_0, *states[:-1]], dim=1)
        self.output = torch.stack(list(states), dim=1)
        self.weight_hh = weight_hh
        return self.output


class RNNRecurrence(Recurrence):
    """h_t = tanh(x_t W_ih^T + b_ih + h_(t-1) W_hh^T + b_hh), or relu instead of tanh."""

    def __init__(self, nonlinearity: str = "tanh") -> None:
        self.activate = tanh if nonlinearity == "tanh" else torch.relu

    def forward(self, input: Input, weights: Weights) -> States:
        """Return h_1, ..., h_L."""
        gates = from_input(input, weights.weight_ih, weights.bias_ih + weights.bias_hh)
        h_0 = h = no_state(input, weights)
        states = []
        for gates_t in gates.unbind(1):
            h = self.activate(torch.baddbmm(gates_t, h, weights.weight_hh.mT))
            states.append(h)
        return self._keep(h_0, states, weights.weight_hh)

    def backward(self, grad_output: States) -> tuple[Gates, Gates]:
        """Return twice the gradient by the sum under the tanh, which input and state enter alike."""
        h = self.output
        slopes = ((h > 0).to(h.dtype) if self.activate is torch.relu else 1 - h * h).unbind(1)
        grad_outputs = grad_output.unbind(1)
        grads = [grad_outputs[-1] * slopes[-1]]
        for grad_t, slope_t in zip(grad_outputs[-2::-1], slopes[-2::-1], strict=True):
            grads.append(torch.baddbmm(grad_t, grads[-1], self.weight_hh).mul_(slope_t))
        grad_gates = torch.stack(grads[::-1], dim=1)
        return grad_gates, grad_gates


class LSTMRecurrence(Recurrence):
    """c_t = f c_(t-1) + i g and h_t = o tanh(c_t), where i, f and o are sigmoids and g is a tanh."""

    def forward(self, input: Input, weights: Weights) -> States:
        """Return h_1, ..., h_L."""
        weight_ih, weight_hh, bias_ih, bias_hh = weights
        h_0 = c_0 = h = c = no_state(input, weights)
        gates = from_input(input, weight_ih, bias_ih + bias_hh)
        kept: list[tuple[Tensor, ...]] = []
        for gates_t in gates.unbind(1):
            ifgo = torch.baddbmm(gates_t, h, weight_hh.mT)
            i, f, half_g, o = ifgo.chunk(4, dim=-1)
            half_g.mul_(2)  # so that one sigmoid serves all gates: g = 2 half_g - 1, as in `tanh`
            ifgo.sigmoid_()
            c = (f * c).sub_(i).addcmul_(i, half_g, value=2)
            tanh_c = tanh(c)
            h = o * tanh_c
            kept.append((ifgo, c, tanh_c, h))
        ifgos, cs, tanh_cs, states = zip(*kept, strict=True)
        self.i, self.f, half_g, self.o = _apart(ifgos, 4)
        self.g = half_g.mul_(2).sub_(1)
        self.c_prev, self.tanh_c = torch.stack([c_0, *cs[:-1]], dim=1), torch.stack(tanh_cs, dim=1)
        return self._keep(h_0, states, weight_hh)

    def backward(self, grad_output: States) -> tuple[Gates, Gates]:
        """Return twice the gradient by the sums of i, f, g, o, which input and state enter alike."""
        i, f, g, o, tanh_c = self.i, self.f, self.g, self.o, self.tanh_c
        # What dL/dc gives i, f and g, and dL/dh gives o; and what dL/dh gives c.
        by_c_and_h = [g * i * (1 - i), self.c_prev * f * (1 - f), i * (1 - g * g), tanh_c * o * (1 - o)]
        slopes = torch.cat(by_c_and_h, dim=-1).unbind(1)
        c_by_h = (o * (1 - tanh_c * tanh_c)).unbind(1)
        grad_outputs, fs = grad_output.unbind(1), f.unbind(1)
        grad_h, grad_c = grad_outputs[-1], torch.zeros_like(grad_outputs[-1])
        grads: list[Tensor] = []
        for t in reversed(range(len(fs))):
            if grads:
                grad_h = torch.baddbmm(grad_outputs[t], grads[-1], self.weight_hh)
            grad_c = torch.addcmul(grad_c, grad_h, c_by_h[t])
            grads.append(torch.cat([grad_c, grad_c, grad_c, grad_h], dim=-1).mul_(slopes[t]))
            grad_c = grad_c * fs[t]
        grad_gates = torch.stack(grads[::-1], dim=1)
        return grad_gates, grad_gates


class GRURecurrence(Recurrence):
    """h_t = (1 - z) n + z h_(t-1) with n = tanh(x_t W_in^T + b_in + r (h_(t-1) W_hn^T + b_hn)).

    z keeps the old state, as in nn.GRU.
    """

    def forward(self, input: Input, weights: Weights) -> States:
        """Return h_1, ..., h_L."""
        gates = from_input(input, weights.weight_ih, weights.bias_ih)
        h_0 = h = no_state(input, weights)
        sizes = (2 * h.shape[-1], h.shape[-1])
        kept: list[tuple[Tensor, ...]] = []
        for gates_t in gates.unbind(1):
            hidden = torch.baddbmm(weights.bias_hh.unsqueeze(1), h, weights.weight_hh.mT)
            hidden_rz, hidden_n = hidden.split(sizes, dim=-1)
            input_rz, input_n = gates_t.split(sizes, dim=-1)
            rz = (input_rz + hidden_rz).sigmoid_()
            r, z = rz.chunk(2, dim=-1)
            n = tanh(torch.addcmul(input_n, r, hidden_n))
            h = torch.lerp(n, h, z)
            kept.append((rz, n, hidden_n, h))
        rzs, ns, hidden_ns, states = zip(*kept, strict=True)
        self.r, self.z = _apart(rzs, 2)
        self.n, self.hidden_n = torch.stack(ns, dim=1), torch.stack(hidden_ns, dim=1)
        return self._keep(h_0, states, weights.weight_hh)

    def backward(self, grad_output: States) -> tuple[Gates, Gates]:
        """Return the gradients by the sums of r, z, n as the input enters them, and as the state does."""
        r, z, n = self.r, self.z, self.n
        # What dL/dh gives each sum; the state enters n's only through r.
        n_by_h = (1 - z) * (1 - n * n)
        by_h = [n_by_h * self.hidden_n * r * (1 - r), (self.h_prev - n) * z * (1 - z), n_by_h * r]
        slopes = torch.cat(by_h, dim=-1).unbind(1)
        grad_outputs, zs = grad_output.unbind(1), z.unbind(1)
        grad_hs: list[Tensor] = []
        grads: list[Tensor] = []
        for t in reversed(range(len(zs))):
            grad_h = grad_outputs[t]
            if grads:
                straight = torch.addcmul(grad_h, grad_hs[-1], zs[t + 1])
                grad_h = torch.baddbmm(straight, grads[-1], self.weight_hh)
            grad_hs.append(grad_h)
            grads.append(torch.cat([grad_h, grad_h, grad_h], dim=-1).mul_(slopes[t]))
        grad_hidden = torch.stack(grads[::-1], dim=1)
        grad_n = torch.stack(grad_hs[::-1], dim=1).mul_(n_by_h)
        return torch.cat([grad_hidden[..., : -n.shape[-1]], grad_n], dim=-1), grad_hidden


def from_input(input: Input, weight_ih: Float[Tensor, "P GH I"], bias: Float[Tensor, "P GH"]) -> Gates:
    """Return x_t W_ih^T + bias for every t: one product of matrices for each network."""
    product = torch.baddbmm(bias.unsqueeze(1), input.flatten(1, 2), weight_ih.mT)
    gates: Tensor = product.unflatten(1, input.shape[1:3])
    return gates


def no_state(input: Input, weights: Weights) -> Float[Tensor, "P N H"]:
    """Return the state before the first step: zeros."""
    return input.new_zeros(len(input), input.shape[2], weights.weight_hh.shape[2])


def tanh(x: Tensor) -> Tensor:
    """Take the hyperbolic tangent as 2 sigmoid(2x) - 1, the same within 2e-7: torch's sigmoid is the faster.

    Of a small tensor torch's own is taken: there the number of calls decides.
    """
    return torch.tanh(x) if x.numel() < SMALL else (x + x).sigmoid_().mul_(2).sub_(1)


def _apart(steps: Sequence[Tensor], count: int) -> tuple[Tensor, ...]:
    """Stack (P, N, count * H) of all time steps into `count` tensors (P, L, N, H), each contiguous."""
    blocks: Tensor = torch.stack(list(steps), dim=1).unflatten(-1, (count, -1)).movedim(-2, 0)
    return blocks.contiguous().unbind(0)


def build_recurrence(cell: str, nonlinearity: str) -> Recurrence:
    """Build the recurrence of a cell: rnn, lstm or gru."""
    if cell == "rnn":
        return RNNRecurrence(nonlinearity)
    return LSTMRecurrence() if cell == "lstm" else GRURecurrence()

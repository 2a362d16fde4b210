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
Entering = Float[Tensor, "P L N E"]


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

    @property
    def entering(self) -> Entering:
        """Return x_t, h_(t-1) and 1 side by side, E = I + H + 1 numbers: what weights and biases multiply."""
        return torch.cat([self.input, self.h_prev, self.input.new_ones(*self.input.shape[:3], 1)], dim=-1)

    def _keep(self, input: Tensor, h_0: Tensor, states: Sequence[Tensor], weight_hh: Tensor) -> States:
        self.input = input
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
        return self._keep(input, h_0, states, weights.weight_hh)

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
    """c_t = f c_(t-1) + i g and h_t = o tanh(c_t), where i, f and o are sigmoids and g is a tanh.

    What enters the gates of a step, (x_t, h_(t-1), 1), lies side by side, and so do all weights and biases: a step is
    one product, written to where it stays. Gates and cells are kept time first, (L, P, N, ...): with large networks
    memory is what takes the time, and what belongs to one step is then read and written in one go.
    """

    def forward(self, input: Input, weights: Weights) -> States:
        """Return h_1, ..., h_L."""
        (P, L, N, H_in), H = input.shape, weights.weight_hh.shape[2]
        entering = input.new_ones(P, L + 1, N, H_in + H + 1)
        entering[:, :L, :, :H_in] = input
        states = entering[..., H_in:-1].transpose(0, 1)  # the last one enters nothing
        gates, c, tanh_c = (input.new_empty(L + k, P, N, size) for k, size in ((0, 4 * H), (1, H), (0, H)))
        states[0], c[0] = 0, 0
        bias = (weights.bias_ih + weights.bias_hh).unsqueeze(1)
        weight = torch.cat([weights.weight_ih.mT, weights.weight_hh.mT, bias], dim=1)
        weight[..., 2 * H : 3 * H] *= 2  # so that one sigmoid serves all gates: g = 2 half_g - 1, as in `tanh`
        i, f, half_g, o = gates.chunk(4, dim=-1)
        steps = zip(entering.unbind(1), gates, i, f, half_g, o, c, c[1:], tanh_c, states[1:], strict=False)
        for entering_t, gates_t, i_t, f_t, half_g_t, o_t, c_prev, c_t, tanh_c_t, h_t in steps:
            torch.bmm(entering_t, weight, out=gates_t).sigmoid_()
            torch.mul(f_t, c_prev, out=c_t).sub_(i_t).addcmul_(i_t, half_g_t, value=2)
            torch.mul(o_t, torch.tanh(c_t, out=tanh_c_t), out=h_t)
        half_g.mul_(2).sub_(1)
        self.gates, self.c_prev, self.tanh_c, self.weight_hh = gates, c[:-1], tanh_c, weights.weight_hh
        self._entering = entering[:, :-1]
        self.h_prev, self.output = self._entering[..., H_in:-1], entering[:, 1:, :, H_in:-1]
        return self.output

    @property
    def entering(self) -> Entering:
        """Return x_t, h_(t-1) and 1, side by side."""
        return self._entering

    def backward(self, grad_output: States) -> tuple[Gates, Gates]:
        """Return twice the gradient by the sums of i, f, g, o, which input and state enter alike."""
        i, f, g, o = self.gates.chunk(4, dim=-1)
        (L, P, N, H), h = o.shape, self.output.transpose(0, 1)
        # What dL/dc gives i, f and g, and dL/dh gives o, by i' = i (1 - i) and g' = 1 - g g; and what dL/dh gives c.
        grad_gates = grad_output.new_empty(P, L, N, 4 * H)
        grads = grad_gates.transpose(0, 1)
        by_i, by_f, by_g, by_o = grads.chunk(4, dim=-1)
        ig, fc = i * g, f * self.c_prev
        torch.addcmul(ig, ig, i, value=-1, out=by_i)
        torch.addcmul(fc, fc, f, value=-1, out=by_f)
        torch.addcmul(i, ig, g, value=-1, out=by_g)
        torch.addcmul(h, h, o, value=-1, out=by_o)
        c_by_h = torch.addcmul(o, h, self.tanh_c, value=-1)
        by_ifg = grads.unflatten(-1, (4, H))[..., :3, :]
        grad_h, grad_c = grad_output[:, -1], torch.zeros_like(self.c_prev[0])
        for t in reversed(range(L)):
            if t < L - 1:
                grad_h = torch.baddbmm(grad_output[:, t], grads[t + 1], self.weight_hh)
            grad_c.addcmul_(grad_h, c_by_h[t])
            by_ifg[t].mul_(grad_c.unsqueeze(-2))
            by_o[t].mul_(grad_h)
            grad_c.mul_(f[t])
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
        return self._keep(input, h_0, states, weights.weight_hh)

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

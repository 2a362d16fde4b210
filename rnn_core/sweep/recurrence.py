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

ROOMS = 4  # shapes of batches for which an LSTM keeps its room: in training, held out, and the last ones of both

sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input  # grad * s * (1 - s)
tanh_backward = torch.ops.aten.tanh_backward.grad_input  # grad * (1 - t * t)

Input = Float[Tensor, "P L N I"]
States = Float[Tensor, "P L N H"]
Gates = Float[Tensor, "P L N GH"]
OfWeights = tuple[Tensor, Tensor, Tensor, Tensor]  # what there is of each of the four of `Weights`, in their order


class Weights(NamedTuple):
    """One direction of one layer of P networks, GH being H for each gate.

    Attributes:
        joined: all four one below the other, E = I + H + 2 rows, where they lie so: an LSTM would have to join them.
    """

    weight_ih: Float[Tensor, "P GH I"]
    weight_hh: Float[Tensor, "P GH H"]
    bias_ih: Float[Tensor, "P GH"]
    bias_hh: Float[Tensor, "P GH"]
    joined: Float[Tensor, "P E GH"] | None = None


class Recurrence(ABC):
    """One direction of one layer, with h_0 = 0 (and c_0 = 0)."""

    @abstractmethod
    def forward(self, input: Input, weights: Weights) -> States:
        """Return h_1, ..., h_L."""

    @abstractmethod
    def backward(self, grad_output: States) -> tuple[Gates, Gates]:
        """Return the loss's gradient by what enters the gates: from the input, and from h_(t-1)."""

    def by_weights(self, by_input: Gates, by_state: Gates) -> OfWeights:
        """Return the gradients by the four of `Weights` from those that `backward` returned."""
        weights = (_product(by_input, self.input), _product(by_state, self.h_prev))
        return (*weights, by_input.sum((1, 2)), by_state.sum((1, 2)))

    def _keep(self, input: Tensor, h_0: Tensor, states: Sequence[Tensor], weight_hh: Tensor) -> States:
        self.input = input
        self.h_prev = torch.stack([h_0, *states[:-1]], dim=1)
        self.output = torch.stack(list(states), dim=1)
        self.weight_hh = weight_hh
        return self.output


class RNNRecurrence(Recurrence):
    """h_t = tanh(x_t W_ih^T + b_ih + h_(t-1) W_hh^T + b_hh), or relu instead of tanh."""

    def __init__(self, nonlinearity: str = "tanh") -> None:
        self.activate = torch.tanh if nonlinearity == "tanh" else torch.relu

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

    def by_weights(self, by_input: Gates, by_state: Gates) -> OfWeights:  # noqa: ARG002  both are one
        """Return the gradients by the four of `Weights`: of one sum, so that one product gives them all."""
        ones = self.input.new_ones(*self.input.shape[:3], 1)
        product = _product(by_input, torch.cat([self.input, self.h_prev, ones], dim=-1))
        weight_ih, weight_hh, bias = product.split((self.input.shape[-1], self.h_prev.shape[-1], 1), dim=-1)
        return weight_ih, weight_hh, bias.squeeze(-1), bias.squeeze(-1)


class LSTMRecurrence(Recurrence):
    """c_t = f c_(t-1) + i g and h_t = o tanh(c_t), where i, f and o are sigmoids and g is a tanh.

    What enters the gates of a step, (x_t, h_(t-1), 1, 1), lies side by side, and weights and biases lie one below the
    other, as in `Weights.joined`: a step is one product, written to where it stays.
    """

    def __init__(self) -> None:
        self._rooms: dict[torch.Size, _LSTMRoom] = {}

    def forward(self, input: Input, weights: Weights) -> States:
        """Return h_1, ..., h_L; the next call writes over them."""
        self._room = room = self._find_room(input, weights.weight_hh.shape[2])
        self._weights = weights
        weight = join(weights) if weights.joined is None else weights.joined
        room.input.copy_(input)
        for entering_t, gates_t, i_t, f_t, into_g_t, o_t, g_t, c_prev, c_t, tanh_c_t, h_t in room.steps:
            torch.bmm(entering_t, weight, out=gates_t)
            torch.tanh(into_g_t, out=g_t)
            gates_t.sigmoid_()
            torch.mul(f_t, c_prev, out=c_t).addcmul_(i_t, g_t)
            torch.mul(o_t, torch.tanh(c_t, out=tanh_c_t), out=h_t)
        self.input, self.h_prev, self.output = room.input, room.h_prev, room.output
        return self.output

    def backward(self, grad_output: States) -> tuple[Gates, Gates]:
        """Return twice the gradient by the sums of i, f, g, o, which input and state enter alike."""
        room, weight_hh = self._room, self._weights.weight_hh
        if grad_output.shape[2] > 1:  # one row by a matrix that lies the other way is as fast, several are not
            weight_hh = weight_hh.contiguous()
        # What dL/dc gives i, f and g, and dL/dh gives o and (written over tanh(c)) c, were they 1.
        sigmoid_backward(room.g, room.i, grad_input=room.by_i)
        sigmoid_backward(room.c_prev, room.f, grad_input=room.by_f)
        tanh_backward(room.i, room.g, grad_input=room.by_g)
        sigmoid_backward(room.tanh_c, room.o, grad_input=room.by_o)
        tanh_backward(room.o, room.tanh_c, grad_input=room.tanh_c)
        grad_c, grad_h, later = room.grad_c.zero_(), room.grad_h.copy_(grad_output[:, -1]), None
        steps = zip(reversed(grad_output.unbind(1)), reversed(room.steps_back), strict=True)
        for grad_t, (grads_t, by_ifg_t, by_o_t, c_by_h_t, f_t) in steps:
            if later is not None:
                torch.baddbmm(grad_t, later, weight_hh, out=grad_h)
            grad_c.addcmul_(grad_h, c_by_h_t)
            by_ifg_t.mul_(room.grad_c_thrice)
            by_o_t.mul_(grad_h)
            grad_c.mul_(f_t)
            later = grads_t
        return room.grads, room.grads

    def by_weights(self, by_input: Gates, by_state: Gates) -> OfWeights:  # noqa: ARG002  both are one
        """Return the gradients by the four of `Weights`, which lie as these do in `Weights.joined`."""
        product = torch.bmm(self._room.entering.flatten(1, 2).mT, by_input.flatten(1, 2))
        return apart(product, self.input.shape[-1])

    def _find_room(self, input: Input, hidden_size: int) -> _LSTMRoom:
        room = self._rooms.get(input.shape)
        if room is None:
            if len(self._rooms) >= ROOMS or any(shape[0] != len(input) for shape in self._rooms):
                self._rooms.clear()  # fewer networks go on, and what all had needed would stay
            room = self._rooms[input.shape] = _LSTMRoom(input, hidden_size)
        return room


class _LSTMRoom:
    """Room for all that an LSTM computes from one batch, and its views by time steps, for all batches of one shape.

    Gates and cells are kept time first, (L, P, N, ...): with large networks memory is what takes the time, and what
    belongs to one step is then read and written in one go.
    """

    def __init__(self, like: Input, H: int) -> None:
        P, L, N, H_in = like.shape
        entering = like.new_ones(P, L + 1, N, H_in + H + 2)
        states = entering[..., H_in : H_in + H]  # h_0, ..., h_L; the last one enters nothing
        self.entering, self.input = entering[:, :L], entering[:, :L, :, :H_in]
        self.h_prev, self.output = states[:, :L], states[:, 1:]
        gates, c = like.new_empty(L, P, N, 4 * H), like.new_empty(L + 1, P, N, H)
        states[:, 0], c[0] = 0, 0
        self.i, self.f, into_g, self.o = gates.chunk(4, dim=-1)
        self.g, self.tanh_c, self.c_prev = like.new_empty(L, P, N, H), like.new_empty(L, P, N, H), c[:-1]
        ahead = (gates, self.i, self.f, into_g, self.o, self.g, self.c_prev, c[1:], self.tanh_c)
        self.steps = _by_steps(self.entering.transpose(0, 1), *ahead, self.output.transpose(0, 1))
        self.grads = like.new_empty(P, L, N, 4 * H)
        by_gate = self.grads.transpose(0, 1).unflatten(-1, (4, H))
        self.by_i, self.by_f, self.by_g, self.by_o = by_gate.unbind(-2)
        self.steps_back = _by_steps(self.grads.transpose(0, 1), by_gate[..., :3, :], self.by_o, self.tanh_c, self.f)
        self.grad_c, self.grad_h = like.new_empty(P, N, H), like.new_empty(P, N, H)
        self.grad_c_thrice = self.grad_c.unsqueeze(-2)


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
            n = torch.tanh(torch.addcmul(input_n, r, hidden_n))
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


def join(weights: Weights) -> Float[Tensor, "P E GH"]:
    """Put weights and biases one below the other."""
    biases = [weights.bias_ih.unsqueeze(1), weights.bias_hh.unsqueeze(1)]
    return torch.cat([weights.weight_ih.mT, weights.weight_hh.mT, *biases], dim=1)


def apart(joined: Float[Tensor, "P E GH"], input_size: int) -> OfWeights:
    """Return views of weights and biases that lie one below the other."""
    hidden_size = joined.shape[1] - input_size - 2
    weight_ih, weight_hh, bias_ih, bias_hh = joined.split((input_size, hidden_size, 1, 1), dim=1)
    return weight_ih.mT, weight_hh.mT, bias_ih.squeeze(1), bias_hh.squeeze(1)


def _product(grad_gates: Float[Tensor, "P L N GH"], below: Float[Tensor, "P L N I"]) -> Float[Tensor, "P GH I"]:
    """Return the gradient of a weight between what is below and the gates, summed over all positions."""
    return torch.bmm(grad_gates.flatten(1, 2).mT, below.flatten(1, 2))


def _by_steps(*sequences: Float[Tensor, "L ..."]) -> list[tuple[Tensor, ...]]:
    """Return what belongs to each time step, once for all batches: small networks would feel every view taken anew."""
    return list(zip(*(sequence.unbind() for sequence in sequences), strict=True))


def _apart(steps: Sequence[Tensor], count: int) -> tuple[Tensor, ...]:
    """Stack (P, N, count * H) of all time steps into `count` tensors (P, L, N, H), each contiguous."""
    blocks: Tensor = torch.stack(list(steps), dim=1).unflatten(-1, (count, -1)).movedim(-2, 0)
    return blocks.contiguous().unbind(0)


def build_recurrence(cell: str, nonlinearity: str) -> Recurrence:
    """Build the recurrence of a cell: rnn, lstm or gru."""
    if cell == "rnn":
        return RNNRecurrence(nonlinearity)
    return LSTMRecurrence() if cell == "lstm" else GRURecurrence()

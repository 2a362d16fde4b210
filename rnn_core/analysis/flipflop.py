"""A memory of a few bits, trained in seconds: a network whose attractors can be counted.

The task is Sussillo and Barak's flip-flop (2013, Neural Computation 25(3), 626-649): each input channel is mostly
silent and now and then sends +1 or -1; each output channel keeps the last sign sent on its channel. With no input a
network that does this for B bits needs 2^B states that stay where they are.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn, optim

from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.training.model import build_linear, build_recurrent

PULSE_SHARE = 0.2  # how often a channel speaks


@dataclass(frozen=True, slots=True, eq=False)
class FlipFlop:
    """A trained memory.

    Attributes:
        config: its sizes; input_size is the number of bits, not of characters.
        weights: by parameter name, `rnn.…` and `head.…`.
        loss: mean squared error of each update's batch.
        accuracy: share of the fresh test sequences' outputs that have the right sign, once a sign was sent.
        states: the hidden states on test sequences, (count, L, H), (count, L, 2 * H) with c for an LSTM.
        input: what those sequences read, (count, L, bits).
    """

    config: Config
    weights: dict[str, np.ndarray]
    loss: tuple[float, ...]
    accuracy: float
    states: Float[np.ndarray, "W L S"]
    input: Float[np.ndarray, "W L bits"]


def draw_flip_flop(
    bits: int, *, count: int, length: int, generator: torch.Generator
) -> tuple[Float[Tensor, "W L bits"], Float[Tensor, "W L bits"]]:
    """Draw input pulses and the signs to be remembered; before the first pulse of a channel the target is 0."""
    speaks = torch.rand(count, length, bits, generator=generator) < PULSE_SHARE
    signs = torch.randint(0, 2, (count, length, bits), generator=generator) * 2.0 - 1
    steps = torch.arange(1, length + 1)[:, None]
    last = (speaks * steps).cummax(dim=1).values  # the step at which each channel spoke last, from 1; 0 for never
    return speaks * signs, signs.gather(1, (last - 1).clamp(min=0)) * (last > 0)


def train_flip_flop(
    bits: int = 2, *, cell: str = "rnn", hidden_size: int = 16, updates: int = 400, seed: int = 0
) -> FlipFlop:
    """Train a network to remember `bits` signs: mean squared error, Adam at 0.01, 32 fresh sequences an update.

    Everything is drawn from one generator of its own, so equal arguments give equal weights.

    Args:
        bits: how many signs; 2^bits memories.
        cell: rnn, lstm or gru.
        hidden_size: units.
        updates: of the optimiser.
        seed: of weights and data.
    """
    config = Config(cell=cell, hidden_size=hidden_size, input_size=bits, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    network = nn.ModuleDict({"rnn": build_recurrent(config, bits, generator)})
    network["head"] = build_linear(hidden_size, bits, generator)
    optimizer = optim.Adam(network.parameters(), lr=0.01, fused=True)
    losses = []
    for _ in range(updates):
        input, target = draw_flip_flop(bits, count=32, length=25, generator=generator)
        loss = (network["head"](network["rnn"](input)[0]) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    input, target = draw_flip_flop(bits, count=16, length=60, generator=generator)
    with torch.no_grad():
        output = network["head"](network["rnn"](input)[0])
    known = target != 0
    return FlipFlop(
        config=config,
        weights={name: frozen(p.detach().numpy()) for name, p in network.named_parameters()},
        loss=tuple(losses),
        accuracy=(output.sign() == target)[known].float().mean().item(),
        states=frozen(_whole_states(network["rnn"], input)),
        input=frozen(input.numpy()),
    )


def memories(bits: int) -> list[tuple[int, ...]]:
    """List what there is to remember: every combination of signs."""
    return list(itertools.product((-1, 1), repeat=bits))


def _whole_states(rnn: nn.Module, input: Tensor) -> np.ndarray:
    """Step through sequences one time step at a time: nn.LSTM gives its cell states only at the end of a call."""
    states, state = [], None
    with torch.no_grad():
        for t in range(input.shape[1]):
            _, state = rnn(input[:, t : t + 1], state)
            states.append(torch.cat(state, dim=-1)[0] if isinstance(state, tuple) else state[0])
    return torch.stack(states, dim=1).numpy()

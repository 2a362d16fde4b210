"""Three cells that begin in the same way, and how far the gradient of a loss reaches back in each of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import nn

from rnn_core.analysis.gradients import each_step_jacobian, loss_gradients
from rnn_core.analysis.spectra import growth_rates, recurrent_blocks, spectrum
from rnn_core.cells.equations import Weights
from rnn_core.config import DEFAULT_PRESET, Config
from rnn_core.data.vocab import build_vocabulary
from rnn_core.records.arrays import frozen
from rnn_core.training.initialisation import FORGET, initialise, set_forget_bias
from rnn_core.training.model import SequenceModel

CELLS: tuple[Literal["rnn", "lstm", "gru"], ...] = ("rnn", "lstm", "gru")
Scheme = Literal["default", "set", "orthogonal", "identity", "forget_bias"]
BEGINNINGS: tuple[str, ...] = get_args(Scheme)


@dataclass(frozen=True, slots=True)
class Beginning:
    """How three networks of one layer and one size begin.

    A scheme of `initialisation` that is not for a cell leaves that cell at PyTorch's own draw.

    Attributes:
        scheme: one of BEGINNINGS; `set` takes `radius` and `forget_bias` below, the others are those of
            `initialisation.initialise`.
        radius: largest |eigenvalue| of W_hh, of each gate's block of it; with `set`.
        forget_bias: the LSTM's whole forget bias; with `set`.
        nonlinearity: of the plain RNN; with `identity` it is relu whatever this says.
        hidden_size: of all three.
        seed: of every draw.
        is_silent: nothing is read: W_ih is zero and so is every bias except the forget gate's. The states then stay
            at 0, where tanh has slope 1 and each step multiplies by the same matrix.
    """

    scheme: Scheme = "default"
    radius: float = 1.0
    forget_bias: float = 1.0
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    hidden_size: int = 9
    seed: int = 0
    is_silent: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Begun:
    """A network that has not been trained: its config and its weights by name."""

    config: Config
    weights: Weights


@dataclass(frozen=True, slots=True, eq=False)
class Stretching:
    """By how much one step of a network stretches what it carries.

    Attributes:
        radius: largest |eigenvalue| of W_hh, over its blocks.
        singular_value: largest singular value of W_hh, over its blocks.
        step_singular_value: largest singular value of the Jacobian of a step, the mean over the steps of a text.
        growth: fastest growth of a small difference over those steps, in nats per step.
    """

    radius: float
    singular_value: float
    step_singular_value: float
    growth: float


def endless(text: str, length: int) -> tuple[tuple[str, ...], Int[np.ndarray, " L"], int]:
    """Return the vocabulary of a text, indices of the text repeated to a length, and of the character after them."""
    vocabulary = build_vocabulary(text)
    indices = np.resize(vocabulary.encode(text), length + 1)
    return vocabulary.characters, frozen(indices[:-1]), int(indices[-1])


def begin(cell: Literal["rnn", "lstm", "gru"], beginning: Beginning, text: str) -> Begun:
    """Draw one of the networks: one-hot characters of a text, one layer, a linear head as in the Training page."""
    vocab_size = len(build_vocabulary(text).characters)
    nonlinearity = "relu" if beginning.scheme == "identity" else beginning.nonlinearity
    network = {"cell": cell, "nonlinearity": nonlinearity, "hidden_size": beginning.hidden_size}
    sizes = {"text": text, "input_size": vocab_size, "seed": beginning.seed}
    config = Config.preset(DEFAULT_PRESET).model_copy(update=network | sizes)
    model = SequenceModel(config, vocab_size, torch.Generator().manual_seed(beginning.seed))
    _initialise(model.rnn, beginning)
    weights = {name: parameter.detach().numpy() for name, parameter in model.named_parameters()}
    return Begun(config, silenced(config, weights) if beginning.is_silent else weights)


def silenced(config: Config, weights: Weights) -> Weights:
    """Return the weights of a network that reads nothing and rests at 0: see `Beginning.is_silent`."""
    quiet = {name: array if "_hh" in name or "head" in name else 0 * array for name, array in weights.items()}
    rows = slice(FORGET * config.hidden_size, (FORGET + 1) * config.hidden_size)
    for name in [name for name in weights if name.startswith("rnn.bias")]:
        quiet[name] = 0 * weights[name]
        if config.cell == "lstm":
            quiet[name][rows] = weights[name][rows]
    return quiet


def gradient_reach(begun: Begun, window: Int[np.ndarray, " L"], target: int) -> dict[str, Float[np.ndarray, " L"]]:
    """Return |d loss_T / d h_t| at distance T - t = 0, 1, ... by its path: `h`, and of an LSTM also `c`.

    Args:
        begun: the network.
        window: indices of the characters; the loss is that of the last one.
        target: index of the character that should come after them.
    """
    found = loss_gradients(begun.config, begun.weights, window, target)
    paths = {"h": found.h[0], "c": None if found.c is None else found.c[0]}
    return {name: frozen(norms[::-1]) for name, norms in paths.items() if norms is not None}


def share_left(norms: Float[np.ndarray, " L"], distance: int = -1) -> float:
    """Return which share of the gradient is left after so many steps; NaN where there is nothing to begin with."""
    return float(norms[distance] / norms[0]) if norms[0] > 0 else float("nan")


def stretching(config: Config, weights: Weights, window: Int[np.ndarray, " L"], *, layer: int = 0) -> Stretching:
    """Measure what one step does to lengths, for the forward direction of a layer on a text."""
    blocks = spectrum(np.stack(list(recurrent_blocks(config, weights, layer).values())))
    singular_values = [_norm(jacobian) for jacobian in each_step_jacobian(config, weights, window, layer=layer)]
    has_growth = len(window) > 1 and np.isfinite(singular_values).all()
    later = islice(each_step_jacobian(config, weights, window, layer=layer), 1, None)
    return Stretching(
        radius=float(blocks.radius.max()),
        singular_value=float(blocks.singular_values.max()),
        step_singular_value=float(np.mean(singular_values)),
        growth=float(growth_rates(later)[0]) if has_growth else float("nan"),
    )


def _norm(matrix: Float[np.ndarray, "S S"]) -> float:
    """Return the largest singular value; NaN where there is none."""
    return float(np.linalg.svd(matrix, compute_uv=False)[0]) if np.isfinite(matrix).all() else float("nan")


def _initialise(rnn: nn.RNNBase, beginning: Beginning) -> None:
    """Draw the recurrent weights anew with the same seed: every scheme begins with the draw that they have."""
    generator = torch.Generator().manual_seed(beginning.seed)
    fits = {"identity": not isinstance(rnn, nn.LSTM | nn.GRU), "forget_bias": isinstance(rnn, nn.LSTM)}
    if beginning.scheme == "set":
        initialise(rnn, "spectral_radius", generator=generator, value=beginning.radius)
        if isinstance(rnn, nn.LSTM):
            set_forget_bias(rnn, beginning.forget_bias)
    elif fits.get(beginning.scheme, True):
        initialise(rnn, beginning.scheme, generator=generator)

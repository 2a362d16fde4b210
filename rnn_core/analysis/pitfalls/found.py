"""What a small experiment with real torch finds, and the means to make one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rnn_core.records.arrays import frozen
from rnn_core.records.cells import CellPanel
from rnn_core.records.sweeps import NamedCurve
from rnn_core.sentence import Sentence
from rnn_core.training.initialisation import initialise
from rnn_core.training.model import with_room

SEED = 0


@dataclass(frozen=True)
class Tried:
    """Code that was run, and what came of it.

    Attributes:
        code: one expression; torch, nn and F are known in it.
        result: the shape of a tensor, the shapes of several, or the text of the exception.
        error: the class of the exception; None if there was none.
    """

    code: str
    result: str
    error: str | None = None


@dataclass(frozen=True)
class Found:
    """What an experiment found.

    Attributes:
        sentences: what torch did; every number in their gaps was measured just now.
        tried: code that was run, with what came of it.
        panels, curves: the picture.
        axes: what the picture of curves has along x and y.
    """

    sentences: tuple[Sentence, ...]
    tried: tuple[Tried, ...] = ()
    panels: tuple[CellPanel, ...] = ()
    curves: tuple[NamedCurve, ...] = ()
    axes: tuple[Sentence, ...] = ()


def drawn(*shape: int, seed: int = SEED) -> Tensor:
    """Return normal numbers from a generator of our own."""
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def build(cell: Callable[..., nn.RNNBase], *sizes: int, **options: bool | int | float) -> nn.RNNBase:
    """Build nn.RNN, nn.LSTM or nn.GRU with weights as torch draws them, from a generator of our own."""
    module = with_room(cell(*sizes, **options, device="meta"))
    initialise(module, "default", generator=torch.Generator().manual_seed(SEED))
    return module


def attempt(code: str, run: Callable[[], object]) -> Tried:
    """Run something that may raise, and keep torch's own words."""
    try:
        return Tried(code, describe(run()))
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        return Tried(code, str(error), type(error).__name__)


def describe(value: object) -> str:
    """Write a tensor as its shape, a tuple of tensors as theirs."""
    if isinstance(value, Tensor):
        return str(tuple(value.shape))
    if isinstance(value, tuple):
        return ", ".join(f"({describe(part)})" if isinstance(part, tuple) else describe(part) for part in value)
    return str(value)


def largest(difference: Tensor) -> float:
    """Return the largest absolute value, to three digits."""
    return digits(difference.abs().max().item())


def digits(value: float, count: int = 3) -> float:
    """Round to some significant digits: what a sentence shows of a measured number."""
    return float(f"{value:.{count}g}")


def cells(title: Sentence, values: Tensor, axes: tuple[str, str], **more: Any) -> CellPanel:
    """Copy a matrix out as a panel."""
    return CellPanel(title, frozen(values.detach().numpy().astype(np.float32)), axes, **more)

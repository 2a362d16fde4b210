"""The tensors of a call: their shapes, and every value of a forward pass."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from rnn_core.sentence import Sentence


@dataclass(frozen=True, slots=True)
class GateBlock:
    """The rows start to stop - 1 of a weight or bias that belong to one gate, named as PyTorch names it."""

    name: str
    start: int
    stop: int
    meaning: Sentence


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor of a recurrent call: its name in PyTorch, its axes in order, and what it is for.

    Attributes:
        role: what goes in, what is learned, what comes out, what the loss is made of.
        gates: the blocks of rows of a weight or bias, in PyTorch's order; none for other tensors.
        dtype: as PyTorch spells it, without `torch.`.
    """

    name: str
    axes: tuple[str, ...]
    shape: tuple[int, ...]
    meaning: Sentence
    role: Literal["input", "parameter", "result", "loss"]
    gates: tuple[GateBlock, ...] = ()
    dtype: Literal["float32", "int64"] = "float32"

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """What its numbers take: 4 bytes each, indices 8."""
        return self.elements * (8 if self.dtype == "int64" else 4)


@dataclass(frozen=True, slots=True)
class ForwardTrace:
    """What went into the network and what came out, exactly as torch saw it.

    Attributes:
        axes: how torch reads the first axes of input, output and logits: (N, L), (L, N) or (L,).
        text_axis: which of them the text of a window runs along; with axes swapped by mistake it is the one that
            torch reads as the batch.
        input, output, logits: (*axes, H_in), (*axes, D*H_out), (*axes, V).
        h_n, c_n: (D*num_layers, N, H_out); c_n for an LSTM only.
    """

    axes: tuple[str, ...]
    text_axis: int
    input: Float[np.ndarray, "*batch H_in"]
    output: Float[np.ndarray, "*batch H_out"]
    logits: Float[np.ndarray, "*batch V"]
    h_n: Float[np.ndarray, "*layers H_out2"]
    c_n: Float[np.ndarray, "*layers H_out2"] | None

    def inputs_of(self, window: int) -> Float[np.ndarray, "L H_in"]:
        """Return what went in for each character of one window of the batch."""
        return self._of(self.input, window)

    def states_of(self, window: int) -> Float[np.ndarray, "L H_out"]:
        """Return the output for each character of one window of the batch."""
        return self._of(self.output, window)

    def predicted_of(self, window: int) -> Int[np.ndarray, " L"]:
        """Return the index of the most likely character at each place of one window of the batch."""
        predicted: np.ndarray = self._of(self.logits, window).argmax(axis=-1)
        return predicted

    def _of(self, array: np.ndarray, window: int) -> np.ndarray:
        part: np.ndarray = array if len(self.axes) == 1 else np.take(array, window, axis=1 - self.text_axis)
        return part

"""What the dynamics page shows: a network under one constant input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnn_core.analysis.dynamics import StateMap
from rnn_core.cells.equations import Weights


@dataclass(frozen=True)
class System:
    """A network under one constant input.

    Attributes:
        name: which one, and after how many updates: what a cache may call it.
        map: from a state to the next one.
        weights: by parameter name.
        visited: states that it really goes through.
        inputs: what it could read, by label; the symbol that it reads is one of them.
        symbol: the input's place.
        bits: of a memory; 0 for the network of the Training page.
        characters: of a network that reads text.
        note: whose weights these are, where a hand holds what gives another network.
    """

    name: str
    map: StateMap
    weights: Weights
    visited: np.ndarray
    inputs: tuple[str, ...]
    symbol: int
    bits: int = 0
    characters: tuple[str, ...] = ()
    note: str = ""

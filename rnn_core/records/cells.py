"""One time step of a cell, arranged as a drawing wants it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from rnn_core.sentence import Sentence


@dataclass(frozen=True, slots=True, eq=False)
class CellPanel:
    """A small table of numbers to be drawn as coloured cells.

    Attributes:
        title: what it shows.
        values: the numbers.
        axes: the names of the axes that rows and columns run along, as in AXIS_COLORS; empty where there is none.
        rows, columns: labels; their numbers if not given.
        marked: cells that matter, as (row, column).
    """

    title: Sentence
    values: Float[np.ndarray, "R C"]
    axes: tuple[str, str] = ("", "")
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    marked: tuple[tuple[int, int], ...] = ()

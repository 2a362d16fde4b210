"""Changes made to a network's weights by hand, as words that a link can carry.

`weight_hh_l0:2:3:1.5` sets entry (2, 3), `bias_ih_l0:2:0.5` sets entry 2, `weight_hh_l0:x2` multiplies all of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnn_core.cells.equations import Weights
from rnn_core.cells.sequence import scale, set_entry
from rnn_core.sentence import ConfigError, Sentence

MAX_EDITS = 16
LARGEST = 1000.0  # of a value or a factor
EXAMPLE = "weight_hh_l0:2:3:1.5,weight_hh_l0:x2"
_NUMBER = r"-?\d{1,4}(\.\d{1,12})?"
_WORD = re.compile(rf"((?:weight|bias)_(?:ih|hh)_l[0-3](?:_reverse)?)((?::\d{{1,3}}){{0,2}}):(x?)({_NUMBER})", re.ASCII)


@dataclass(frozen=True)
class Edit:
    """One change.

    Attributes:
        name: the parameter as nn.RNN calls it, such as weight_hh_l0.
        index: which entry; empty if all of them are multiplied.
        value: what the entry is set to, or the factor.
    """

    name: str
    index: tuple[int, ...]
    value: float

    def __str__(self) -> str:
        number = self._number()
        return ":".join([self.name, *map(str, self.index), number if self.index else f"x{number}"])

    def formula(self, *, is_alone: bool = False) -> str:
        """Write it as one would on paper: `W_hh_l0[2, 3] = 1.5`, or `W_hh_l0 × 2`.

        Args:
            is_alone: whether the network has one layer and direction only, so that W_hh says enough.
        """
        name = self.name.replace("weight_", "W_").replace("bias_", "b_")
        if is_alone:
            name = name.removesuffix("_l0")
        number = self._number().replace("-", "−")
        return f"{name}[{', '.join(map(str, self.index))}] = {number}" if self.index else f"{name} × {number}"

    def _number(self) -> str:
        return f"{self.value:.12f}".rstrip("0").rstrip(".")


def parse_edits(words: str) -> tuple[Edit, ...]:
    """Read edits, separated by commas, as `write_edits` writes them.

    Raises:
        ConfigError: if something else stands there, or more than MAX_EDITS.
    """
    parts = words.split(",", MAX_EDITS)  # no more than that is looked at
    found = [_parse(part) for part in parts]
    edits = [edit for edit in found if edit is not None]
    if len(edits) < len(parts) or len(parts) > MAX_EDITS:
        raise ConfigError(
            Sentence(
                "{field}={value} cannot be used: write {example}, at most {most} of them.",
                field="edits",
                value=words[:40],
                example=EXAMPLE,
                most=MAX_EDITS,
            )
        )
    return tuple(edits)


def write_edits(edits: Sequence[Edit]) -> str:
    """Write edits as one word; the inverse of `parse_edits` for values of at most twelve decimals."""
    return ",".join(map(str, edits))


def apply_edits(weights: Weights, edits: Sequence[Edit]) -> dict[str, np.ndarray]:
    """Return a copy of a network's weights with the edits made in their order; those that do not fit are left out."""
    edited = dict(weights)
    for edit in edits:
        name = f"rnn.{edit.name}"
        if fits(weights, edit):
            edited = set_entry(edited, name, edit.index, edit.value) if edit.index else scale(edited, name, edit.value)
    return edited


def fits(weights: Weights, edit: Edit) -> bool:
    """Whether the network has such a parameter, with such an entry."""
    array = weights.get(f"rnn.{edit.name}")
    if array is None or not edit.index:
        return array is not None
    return array.ndim == len(edit.index) and all(i < n for i, n in zip(edit.index, array.shape, strict=True))


def _parse(word: str) -> Edit | None:
    found = _WORD.fullmatch(word)
    if found is None:
        return None
    name, places, times, number = found.group(1, 2, 3, 4)
    index = tuple(int(place) for place in places.split(":")[1:])
    is_entry = len(index) == (2 if name.startswith("weight") else 1)
    is_whole = bool(times) and not index
    return Edit(name, index, float(number)) if (is_whole or (is_entry and not times)) and _is_near(number) else None


def _is_near(number: str) -> bool:
    return abs(float(number)) <= LARGEST

"""Figures that cost little as long as they are only sent: plain parts, and their JSON as a browser takes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

_SHORT = ("i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8")  # what plotly.js takes packed
_WIDE = ("i1", "i2", "i4")  # tried in turn for what is wider


class Composed(go.Figure):  # type: ignore[misc]  # Plotly has no types
    """A figure that Plotly takes up only when somebody looks into it.

    Plotly copies whatever it is given several times over: for a figure that goes to a browser as it is, and is never
    looked into, that would be most of its cost.

    Args:
        parts: data, layout and frames, with Plotly's own names for everything. They are kept and not to be changed.
        _validate: whether Plotly checks every attribute, at once.
    """

    def __init__(self, parts: Mapping[str, Any], *, _validate: bool = False) -> None:
        self._parts = parts
        if _validate:
            super().__init__(dict(parts), _validate=True)

    def __getattr__(self, name: str) -> Any:
        """Let Plotly take the figure up: only then is there what was asked for."""
        if "_parts" not in self.__dict__ or "_data_objs" in self.__dict__ or name.startswith("__"):
            raise AttributeError(name)
        super().__init__(dict(self._parts), _validate=False)
        return getattr(self, name)


def parts_of(figure: go.Figure) -> Mapping[str, Any]:
    """Return a figure's data, layout and frames as plain parts."""
    parts: Mapping[str, Any] = figure._parts if isinstance(figure, Composed) else figure.to_dict()
    return parts


def to_json(parts: Mapping[str, Any]) -> str:
    """Return parts as plotly.js takes them: arrays packed as it packs them itself, what is no number as null."""
    try:
        return json.dumps(parts, default=_plain, separators=(",", ":"), allow_nan=False)
    except ValueError:
        return json.dumps(_without_nan(parts), default=_plain, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> object:
    """Return what JSON can say instead of an array or of one of its numbers."""
    if not isinstance(value, np.ndarray):
        assert isinstance(value, np.generic), f"{type(value).__name__} is no part of a figure"
        return value.item()
    kind = value.dtype.str[1:]
    if value.size and kind in ("i8", "u8"):
        kind = next((short for short in _WIDE if _fits(value, np.iinfo(short))), kind)
    if not value.size or kind not in _SHORT:
        return value.tolist()
    packed = value.astype(f"<{kind}").tobytes()
    shape = {"shape": ", ".join(map(str, value.shape))} if value.ndim > 1 else {}
    return {"dtype": kind, "bdata": base64.b64encode(packed).decode("ascii"), **shape}


def _fits(value: np.ndarray, ends: np.iinfo) -> bool:
    return bool(ends.min <= value.min() and value.max() <= ends.max)


def _without_nan(part: Any) -> Any:
    """Return parts with null in the place of what is no number; arrays are packed as they are."""
    if isinstance(part, float | np.floating):
        return float(part) if np.isfinite(part) else None
    if isinstance(part, Mapping):
        return {name: _without_nan(value) for name, value in part.items()}
    return [_without_nan(value) for value in part] if isinstance(part, list | tuple) else part

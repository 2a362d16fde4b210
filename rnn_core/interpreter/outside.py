"""What comes from outside the paste: tables of pandas and scalers of scikit-learn, whose numbers nobody knows here.

A table is given a number of rows that another reading chooses differently; only what both agree on is told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from rnn_core.interpreter.budget import words_of
from rnn_core.interpreter.errors import not_understood
from rnn_core.interpreter.values import Bound, Drawing, Value, is_dark

if TYPE_CHECKING:
    from rnn_core.interpreter.core import Machine

_SCALERS = words_of("MinMaxScaler StandardScaler RobustScaler MaxAbsScaler Normalizer")
_SAME = words_of(
    """astype fillna copy reset_index set_index sort_values sort_index rename interpolate ffill bfill round abs
    infer_objects"""
)


class Outside:
    """Something made of numbers from outside."""

    text = "unknown"

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return what can be asked for."""
        del machine
        raise not_understood(f".{name}")


class Table(Outside):
    """A pandas DataFrame or Series, of which only the numbers of rows and columns are supposed."""

    def __init__(self, machine: Machine, rows: int, columns: int | None) -> None:
        self.machine, self.rows, self.columns = machine, rows, columns
        self.text = "DataFrame" if columns is not None else "Series"
        machine.is_exact = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The supposed shape."""
        return (self.rows,) if self.columns is None else (self.rows, self.columns)

    def numbers(self) -> np.ndarray:
        """Return it as an array."""
        return self.machine.arrays.random_sample(self.shape).view(Drawing)

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return what can be asked for."""
        if name == "values":
            return self.numbers()
        if name == "shape":
            return self.shape
        if name in ("iloc", "loc"):
            return self
        if name in ("to_numpy", "dropna", "head", "tail", "drop", "tolist", "info", "describe", "plot", *_SAME):
            return Bound(self, name, self._method(name))
        if name in ("index", "columns"):
            return Table(machine, self.rows if name == "index" else self.columns or 1, None)
        return (
            Table(machine, self.rows, None)
            if not name.startswith("_") and self.columns is not None
            else super().attribute(machine, name)
        )

    def _method(self, name: str) -> Callable[..., Value]:
        def called(*args: Any, **kwargs: Any) -> Value:
            if name == "to_numpy":
                return self.numbers()
            if name == "tolist":
                return self.numbers().tolist() if self.columns is None else not_understood(name)
            if name in ("info", "describe", "plot"):
                return None
            if name in _SAME:
                return self
            if name == "dropna":
                return Table(self.machine, max(self.rows - 1, 1), self.columns)
            if name in ("head", "tail"):
                return Table(self.machine, min(self.rows, args[0] if args else 5), self.columns)
            dropped = args[0] if args else kwargs.get("columns")
            count = len(dropped) if isinstance(dropped, list) else 1
            return Table(self.machine, self.rows, max((self.columns or 2) - count, 1))

        return called

    def part(self, index: Value) -> Value:
        """Return what an index takes."""
        if is_dark(index):
            raise not_understood("such an index")
        if isinstance(index, str):
            return Table(self.machine, self.rows, None)
        if isinstance(index, list) and all(isinstance(item, str) for item in index):
            return Table(self.machine, self.rows, len(index))
        if isinstance(index, (slice, int)) or (
            isinstance(index, tuple) and all(isinstance(i, (slice, int)) for i in index)
        ):
            made = self.machine.foreign(self.numbers().__getitem__, index)
            if not isinstance(made, np.ndarray):
                return made
            if made.ndim == 0:
                raise not_understood("such an index")
            return Table(self.machine, made.shape[0], made.shape[1] if made.ndim == 2 else None)
        return Table(self.machine, max(self.rows * 2 // 3, 1), self.columns)


class Scaler(Outside):
    """A scaler of scikit-learn: it changes numbers and keeps shapes."""

    def __init__(self, name: str) -> None:
        self.text = name

    def attribute(self, machine: Machine, name: str) -> Value:
        """Return what can be asked for."""
        if name == "fit":
            return Bound(self, name, lambda *_, **__: self)
        if name in ("fit_transform", "transform", "inverse_transform"):
            return Bound(self, name, lambda table, *_: _scaled(machine, table))
        if name in ("data_min_", "data_max_", "mean_", "scale_", "var_", "min_"):
            raise not_understood(f".{name}")
        return super().attribute(machine, name)


def _scaled(machine: Machine, value: Value) -> Value:
    array = value.numbers() if isinstance(value, Table) else machine.foreign(np.asarray, value)
    if array.ndim != 2:  # as scikit-learn says it is in the message of the version that is installed
        raise not_understood("a scaler of something that is no table")
    return array.astype(np.float64).view(Drawing)


def call_outside(machine: Machine, path: str, args: list[Value], kwargs: dict[str, Value]) -> Value:
    """Call something of pandas or scikit-learn."""
    name = path.rsplit(".", 1)[-1]
    if path.startswith("pandas.read_"):
        return Table(machine, machine.varied(180, 320), machine.varied(5, 9))
    if path in ("pandas.DataFrame", "pandas.Series") and args:
        array = machine.foreign(np.asarray, args[0]) if not isinstance(args[0], dict) else None
        if array is not None and array.ndim in (1, 2):
            return Table(machine, array.shape[0], array.shape[1] if array.ndim == 2 else None)
    if path == "pandas.to_datetime" and args:
        return args[0]
    if name in _SCALERS:
        return Scaler(name)
    if name == "train_test_split":
        return _split(machine, args, kwargs)
    raise not_understood(path)


def _split(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> list[Value]:
    """Return train_test_split(...): a share of the rows, rounded up for the test."""
    made: list[Value] = []
    for value in args:
        array = value.numbers() if isinstance(value, Table) else value
        count = machine.foreign(len, array)
        share = kwargs.get("test_size", 0.25)
        test = share if isinstance(share, int) else -int(-count * share // 1)
        made += [array[: count - test], array[count - test :]]
    return made

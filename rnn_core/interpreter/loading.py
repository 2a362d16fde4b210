"""Loaders of batches: what comes together follows from sizes alone, and a batch is made when it is looked at."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.utils import data

from rnn_core.interpreter.budget import MAX_ITEMS
from rnn_core.interpreter.errors import not_understood
from rnn_core.interpreter.values import Value, rewrapped, sampled

if TYPE_CHECKING:
    from rnn_core.interpreter.core import Machine


class Batches(Sequence[Sequence[int]]):
    """Which items come together: `step` of the places at a time, or places that are put together already.

    However many there are, they take no memory before one is asked for.
    """

    def __init__(self, places: Sequence[Any], step: int | None = None, *, drops_last: bool = False) -> None:
        self.places, self.step = places, step
        self._count = len(places) if step is None else (len(places) + (0 if drops_last else step - 1)) // step

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, number: Any) -> Any:
        return self.places[number] if self.step is None else self.places[number * self.step :][: self.step]


class Loader:
    """What torch.utils.data.DataLoader is here."""

    def __init__(self, dataset: Value, given: dict[str, Value]) -> None:
        self.dataset = dataset
        self.batch_size = given.get("batch_size", 1)
        self.sampler, self.batch_sampler = given.get("sampler"), given.get("batch_sampler")
        self.collate_fn = given.get("collate_fn")
        self.drop_last, self.is_shuffled = bool(given.get("drop_last", False)), bool(given.get("shuffle", False))

    def batches(self, machine: Machine) -> Batches:
        """Return the indices that come together, batch by batch."""
        if self.batch_sampler is not None:
            return Batches([list(batch) for batch in machine.items(self.batch_sampler)])
        places = range(machine.foreign(len, self.dataset)) if self.sampler is None else machine.listed(self.sampler)
        return Batches(places, 1 if self.batch_size is None else int(self.batch_size), drops_last=self.drop_last)

    def batch(self, machine: Machine, places: Sequence[int]) -> Value:
        """Return one batch; if it is shuffled, nobody knows which numbers are in it."""
        made = self._batch(machine, places)
        return rewrapped(made) if self.is_shuffled else made

    def _batch(self, machine: Machine, places: Sequence[int]) -> Value:
        collate = self.collate_fn
        if collate is None and isinstance(self.dataset, data.TensorDataset) and self.batch_size is not None:
            return [_rows(t, places) for t in self.dataset.tensors]
        if isinstance(self.dataset, (list, tuple, torch.Tensor)):
            parts = [machine.foreign(self.dataset.__getitem__, place) for place in places]
        else:
            parts = [machine.foreign(lambda place=place: self.dataset[place]) for place in places]
        if self.batch_size is None and self.batch_sampler is None:
            return parts[0]
        if collate is None:
            plain, drawn = sampled(parts)
            made = machine.foreign(data.default_collate, _plain(plain))
            return rewrapped(made) if drawn else made
        return machine.call(collate, [parts], {})

    def walk(self, machine: Machine) -> Iterator[Value]:
        """Go through the batches."""
        return iter(self.batch(machine, places) for places in self.batches(machine))

    def attribute(self, _: Machine, name: str) -> Value:
        """Return what a loader can be asked for."""
        if name in ("dataset", "batch_size", "drop_last", "sampler", "collate_fn"):
            return getattr(self, name)
        raise not_understood(f".{name}")


def _plain(value: Value) -> Value:
    """Return a value with arrays of numpy's own class in it."""
    if isinstance(value, np.ndarray):
        return np.array(value, subok=False)
    return type(value)(map(_plain, value)) if type(value) in (tuple, list) else value


def _rows(t: torch.Tensor, places: Sequence[int]) -> torch.Tensor:
    return t[places.start : places.stop].clone() if isinstance(places, range) else t[torch.tensor(places)]


def make_loader(machine: Machine, args: list[Value], kwargs: dict[str, Value]) -> Loader:
    """Read DataLoader(...)."""
    try:
        given = inspect.signature(data.DataLoader).bind(*args, **kwargs).arguments
    except TypeError:
        machine.foreign(data.DataLoader, *args, **kwargs)  # raises what Python would
        raise
    size = given.get("batch_size", 1)
    if not (size is None or (isinstance(size, int) and size > 0)):
        machine.foreign(data.DataLoader, [0], batch_size=size)
    dataset = given.pop("dataset")
    if not hasattr(type(dataset), "__getitem__"):
        raise not_understood("a data set of this kind")
    return Loader(dataset, given)


def drawn_split(machine: Machine, dataset: Value, lengths: list[Value]) -> list[Value]:
    """Return random_split(dataset, lengths); which item goes where does not matter for shapes."""
    count = machine.foreign(len, dataset)
    if all(isinstance(n, float) for n in lengths) and abs(sum(lengths) - 1) < 1e-6:
        lengths = [int(count * n) for n in lengths]
        for place in range(count - sum(lengths)):
            lengths[place % len(lengths)] += 1
    if sum(lengths) != count:
        machine.foreign(data.random_split, dataset, lengths)  # raises what Python would
    order = torch.randperm(count).tolist() if 0 < count <= MAX_ITEMS else range(count)
    made, start = [], 0
    for n in lengths:
        made.append(data.Subset(dataset, order[start : start + n]))
        start += n
    return made

"""Series that everybody has: some were measured and are stored here, some are made by a law that is known.

A stored one begins with lines `# field: value` that say where its numbers come from; then comes a number a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from rnn_core.data.laws import AutoRegression, Law, NoisySine
from rnn_core.data.refusals import no_option
from rnn_core.records.series import Series

UNITS = {"year": "Y", "month": "M", "day": "D"}  # numpy's names for what is between two rows
MEASURED = ("airline", "sunspots", "co2", "temperature")


@dataclass(frozen=True)
class Made:
    """A series that is drawn anew, always the same, instead of being stored."""

    law: Law
    size: int
    period: int = 1
    seed: int = 0


MADE: Mapping[str, Made] = {
    "walk": Made(AutoRegression((1.0,), is_settled=False), 500),
    "sine": Made(NoisySine(), 500, period=25),
    "autoregressive": Made(AutoRegression((1.6, -0.8)), 600),
}
BUILT_IN = (*MEASURED, *MADE)


def built_in(name: str) -> Series:
    """Return a series by its name.

    Raises:
        ConfigError: if there is none of this name.
    """
    if name not in BUILT_IN:
        raise no_option("series", name, BUILT_IN)
    return _load(name)


def law_of(series: Series) -> Law | None:
    """Return the law that made a series; nobody knows that of one that was measured."""
    made = None if series.sha256 else MADE.get(series.name)
    return made.law if made else None


@lru_cache(maxsize=len(BUILT_IN))
def _load(name: str) -> Series:
    return _draw(name, MADE[name]) if name in MADE else _read(name)


def _draw(name: str, made: Made) -> Series:
    import torch

    values = made.law.draw(made.size, torch.Generator().manual_seed(made.seed))
    return Series(
        name,
        values[:, None],
        (name,),
        np.arange(made.size, dtype=float),
        period=made.period,
        source=f"{made.law}, seed {made.seed}",
        licence="CC0",
    )


def _read(name: str) -> Series:
    lines = (resources.files(__package__) / f"stored.{name}.csv").read_text("utf-8").splitlines()
    about = dict(line.removeprefix("# ").split(": ", 1) for line in lines if line.startswith("#"))
    values = np.array([float(line) for line in lines if not line.startswith("#")])
    start = np.datetime64(about["start"], UNITS[about["frequency"]])  # type: ignore[call-overload]
    return Series(
        name,
        values[:, None],
        (name,),
        start + np.arange(len(values)),
        about["frequency"],
        int(about["period"]),
        about["unit"],
        about["source"],
        about["licence"],
    )

"""A step of P networks trained as one, with their records, against P plain torch loops one after the other.

The loops record nothing. One thread; median of blocks, both sides in turn.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from statistics import median

import torch

from bench.plot import cost_by_size
from bench.server import ROOT
from bench.stream import bare_updates
from bench.table import Row, Target
from rnn_core import Config
from rnn_core.sweep.population import Population

PICTURE = ROOT / "bench" / "population.svg"
ALPHABET = "abcdefghi"  # V = 9
BLOCK_S = 0.05  # of each side, between two looks at the clock
WARM_UP = 2  # blocks
BLOCKS = 25


@dataclass(frozen=True)
class Size:
    """What is trained: P networks, and at least how many times as fast as one after the other."""

    networks: int
    hidden_size: int = 9
    seq_len: int = 12
    batch_size: int = 1
    times: float | None = None

    def __str__(self) -> str:
        return f"P = {self.networks}, H = {self.hidden_size}, L = {self.seq_len}, N = {self.batch_size}"


LARGER = (Size(64, times=25), Size(256, times=45), Size(64, 32, times=18), Size(64, 64, 32, 8, times=3.5))
# For one cell the whole way: the cost of a step is flat as long as calls are what it costs, then it grows with P.
SERIES = (Size(1), Size(4), Size(16), *LARGER[:2], Size(1024), *LARGER[2:])


def rows() -> Iterator[Row]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for cell, sizes in (("rnn", SERIES), ("lstm", LARGER), ("gru", LARGER)):
            measured = []
            for size in sizes:
                measured.append(_measure(cell, size))
                yield measured[-1]
            if sizes is SERIES:
                _draw(measured)
    finally:
        torch.set_num_threads(threads)


def _draw(measured: list[Row]) -> None:
    """Draw the rows that differ in P alone, for `docs/measures.md`."""
    alike = [k for k, size in enumerate(SERIES) if size == Size(size.networks, times=size.times)]
    ours, bare = ([getattr(measured[k], side) for k in alike] for side in ("ours", "bare"))
    PICTURE.write_text(cost_by_size([SERIES[k].networks for k in alike], ours, bare), "utf-8")


def _measure(cell: str, size: Size) -> Row:
    length = size.seq_len * size.batch_size + 1
    base = Config(
        text=(ALPHABET * length)[:length],
        cell=cell,
        hidden_size=size.hidden_size,
        seq_len=size.seq_len,
        batch_size=size.batch_size,
        learning_rate=0.001,
        steps=2000,
    )
    configs = [base.replace(seed=seed) for seed in range(size.networks)]
    _check_sameness(base)
    ours, bare = Population(configs, torch.device("cpu")), bare_updates(base)
    sides: list[tuple[Callable[[], object], list[float]]] = [(lambda: next(ours), []), (lambda: next(bare), [])]
    for block in range(WARM_UP + BLOCKS):
        for step, times in sides if block % 2 else reversed(sides):
            times.append(_time(step))
    mine, plain = (median(times[WARM_UP:]) for _, times in sides)
    target = Target(size.times, "speed-up") if size.times else None
    return Row(f"{cell}, {size}", mine * 1e6, plain * size.networks * 1e6, "µs", target, is_speed_up=True)


def _time(step: Callable[[], object]) -> float:
    """Return the seconds that a step takes, over as many as fill a block."""
    begin, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - begin) < BLOCK_S:
        step()
        count += 1
    return passed / count


def _check_sameness(config: Config) -> None:
    """Make sure that both sides train the same network: equal losses, but for rounding."""
    pairs = zip(islice(Population([config]), 10), bare_updates(config), strict=False)
    if not all(math.isclose(reading.loss[0], loss.item(), rel_tol=1e-4) for reading, loss in pairs):
        raise AssertionError("the bare loop does not train the same network")

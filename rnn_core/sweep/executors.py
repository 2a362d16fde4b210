"""Training the shards of a sweep elsewhere: in processes of this machine, or on a Dask cluster.

Any `concurrent.futures.Executor` will do: what is handed over is a list of plain dicts, configs that is, and what comes
back is a list of plain dicts. How a sweep is cut does not depend on who trains it, and a shard draws from its own
generators only; so the numbers are those of `grid.run_here` on the same kind of processor. A worker that is killed
loses nothing: its shards are handed out again.

A cluster runs code of whoever may connect to its scheduler, and Dask's messages are pickled: name only a scheduler that
is your own. Its workers need this package and the same versions of torch and numpy.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch

from rnn_core.config import Config, format_value
from rnn_core.records import ConfigError, Sentence, SweepCell, SweepProgress
from rnn_core.sweep.grid import SLICE_S, Event, Sweep, train_together

MAX_LOSSES = 5  # times that one shard may lose its worker
CONNECT_S = 5  # seconds in which a scheduler has to answer
SCHEDULER_VARIABLE = "DASK_SCHEDULER_ADDRESS"  # Dask's own name for it

Plain = dict[str, Any]


@dataclass(frozen=True)
class Workers:
    """Who trains.

    Attributes:
        open: starts an executor; called again when one has broken.
        lost: the exceptions which mean that a worker is gone, not that a shard cannot be trained.
    """

    open: Callable[[], Executor]
    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)


def processes(count: int | None = None) -> Workers:
    """Train in processes of this machine, as many as it has processors for us; each computes with one thread."""
    workers = count or len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")  # a fork of a process that has used torch may hang
    return Workers(lambda: ProcessPoolExecutor(workers, mp_context=context))


def cluster(address: str) -> Workers:
    """Train on the Dask cluster of a scheduler, such as tcp://host:8786.

    Raises:
        ConfigError: if `distributed` is not installed; and, once the workers are asked, if no scheduler answers there.
    """
    try:
        from distributed import KilledWorker
    except ImportError:
        raise ConfigError(
            Sentence(
                "scheduler={value} cannot be used: `distributed` is not installed; requirements-cluster.txt names it.",
                field="scheduler",
                value=address,
            )
        ) from None
    # The scheduler itself hands out the tasks of a killed worker again; what reaches us are the ones that it gave up.
    return Workers(lambda: ClusterExecutor(address), (KilledWorker,))


class ClusterExecutor(Executor):
    """A connection to a Dask scheduler, as an Executor that ends with it.

    https://distributed.dask.org/en/stable/api.html#distributed.Client.get_executor

    Raises:
        ConfigError: if no scheduler answers at the address.
    """

    def __init__(self, address: str) -> None:
        import distributed

        try:
            self._client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(
                Sentence("scheduler={value} cannot be reached: {why}", field="scheduler", value=address, why=error)
            ) from None
        self._executor = self._client.get_executor(pure=False)  # pure: equal calls would share one result

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to the cluster."""
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Take back what is not done, unless it is to be waited for, and close the connection."""
        self._executor.shutdown(wait=wait)
        self._client.close()


def run_on(workers: Workers, sweep: Sweep) -> Iterator[Event]:
    """Train a sweep by workers, yielding each cell when its shard is done, and a sign of life every tenth of a second.

    Raises:
        BrokenExecutor, distributed.KilledWorker: if one shard has lost its worker `MAX_LOSSES` times.
    """
    executor, finished = workers.open(), 0
    losses: Counter[int] = Counter()
    waiting: dict[Future[list[Plain]], int] = {}
    unassigned = list(range(len(sweep.shards)))
    try:
        while unassigned or waiting:
            executor = _hand_out(unassigned, waiting, executor, workers, sweep)
            done, _ = wait(waiting, timeout=SLICE_S, return_when=FIRST_COMPLETED)
            for future in done:
                number = waiting.pop(future)
                error = future.exception()
                if error is None:
                    for cell in _read_shard(sweep, number, future.result()):
                        finished += 1
                        yield cell
                elif isinstance(error, workers.lost) and losses[number] < MAX_LOSSES:
                    losses[number] += 1
                    unassigned.append(number)
                else:
                    raise error
            if not done:
                yield _sign_of_life(finished, len(sweep.configs))
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def train_plainly(shard: Sequence[Plain]) -> list[Plain]:
    """Train plain configs of one shard, in a process that is there for nothing else, and return plain cells."""
    torch.set_num_threads(1)
    configs = [Config(**values) for values in shard]
    cells = [cell for step in train_together(configs) for cell in step.finished]
    return [{**asdict(cell), "losses": cell.losses.tolist()} for cell in cells]


def to_plain(config: Config) -> Plain:
    """Return the fields that were set; numbers, words and truth values only."""
    values = {name: getattr(config, name) for name in config.model_fields_set}
    return {name: format_value(value) if name == "earlier" else value for name, value in values.items()}


def _hand_out(
    unassigned: list[int],
    waiting: dict[Future[list[Plain]], int],
    executor: Executor,
    workers: Workers,
    sweep: Sweep,
) -> Executor:
    """Submit shards, to a new executor if the old one has broken, and return the executor that has them."""
    while unassigned:
        number = unassigned[-1]
        shard = [to_plain(sweep.configs[place]) for place in sweep.shards[number]]
        try:
            waiting[executor.submit(train_plainly, shard)] = number
        except BrokenExecutor:
            executor.shutdown(wait=False)
            executor = workers.open()
        else:
            unassigned.pop()
    return executor


def _read_shard(sweep: Sweep, number: int, plain: Sequence[Plain]) -> Iterator[SweepCell]:
    for values in plain:
        cell = SweepCell(**{**values, "losses": np.array(values["losses"], dtype=np.float32)})
        place = sweep.shards[number][cell.index]
        yield replace(cell, index=place, values=sweep.values[place])


def _sign_of_life(finished: int, total: int) -> SweepProgress:
    nothing = np.empty(0)
    return SweepProgress(finished, total, None, nothing.astype(int), nothing, nothing)

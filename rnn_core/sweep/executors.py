"""Training the shards of a sweep elsewhere: in processes of this machine, or on a Dask cluster.

Any `concurrent.futures.Executor` will do: what is handed over is a list of plain dicts, configs that is, and what comes
back is a list of plain dicts. How a sweep is cut does not depend on who trains it, and a shard draws from its own
generators only; so the numbers are those of `grid.run_here` on the same kind of processor. A worker that is killed
loses nothing: its shards are handed out again. Where all workers are lost, what has come back stays, and
`Sweep.without` is what is left to train here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch

from rnn_core.config import Config, format_value
from rnn_core.records.sweeps import SweepCell, SweepProgress
from rnn_core.sentence import Sentence
from rnn_core.sweep.grid import SLICE_S, Event, Sweep, train_together
from rnn_core.sweep.lifeline import begin
from rnn_core.training.experiment import Experiment

MAX_LOSSES = 5  # times that one shard may lose its worker

Plain = dict[str, Any]
Workers = Callable[[], Executor]  # starts an executor; called again when one has broken


class WorkersLostError(Exception):
    """Nobody is there to train, or to go on; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def processes(count: int | None = None) -> Workers:
    """Train in processes of this machine, as many as it has processors for us; each computes with one thread."""
    workers = count or len(os.sched_getaffinity(0))
    return lambda: ProcessExecutor(workers)


class ProcessExecutor(ProcessPoolExecutor):
    """Processes that end with this one, however it ends.

    Each of them watches one end of a pipe whose other end is here only: the system closes it when there is no `here`
    any more.
    """

    def __init__(self, count: int) -> None:
        context = multiprocessing.get_context("spawn")  # a fork of a process that has used torch may hang
        there, self._lifeline = context.Pipe(duplex=False)
        super().__init__(count, mp_context=context, initializer=begin, initargs=(there,))

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to a process; Ctrl-C, which a terminal sends to all of them, reaches only this one."""
        with _deaf_to_interrupts():
            return super().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes: once all is done, or at once, in the middle of it, if that is not waited for."""
        for process in () if wait else list((self._processes or {}).values()):
            process.kill()
        super().shutdown(wait=True, cancel_futures=cancel_futures)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Hold interrupts back; a process that is started meanwhile never gets one, where the system has such a mask."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def run_on(workers: Workers, sweep: Sweep) -> Generator[Event, None, None]:
    """Train a sweep by workers, yielding each cell when its shard is done, and a sign of life every tenth of a second.

    Raises:
        WorkersLostError: if there are no workers (any more), or they cannot train; what has come is whole shards.
    """
    executor, finished = workers(), len(sweep.experiments) - sweep.left
    losses: Counter[int] = Counter()
    waiting: dict[Future[list[Plain]], int] = {}
    unassigned = list(reversed(range(len(sweep.shards))))  # the last one is handed out next
    try:
        while unassigned or waiting:
            executor = _hand_out(unassigned, waiting, executor, workers, sweep)
            done, _ = wait(waiting, timeout=SLICE_S, return_when=FIRST_COMPLETED)
            for future in done:
                number = waiting.pop(future)
                error = BrokenExecutor() if future.cancelled() else future.exception()
                if error is None:
                    for cell in _read_shard(sweep, number, future.result()):
                        finished += 1
                        yield cell
                elif isinstance(error, BrokenExecutor) and losses[number] < MAX_LOSSES:
                    losses[number] += 1
                    unassigned.append(number)
                else:
                    raise WorkersLostError(_given_up(error)) from error
            if not done:
                yield _sign_of_life(finished, len(sweep.experiments))
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def trained_here(rest: Sweep) -> Sentence:
    """Say what becomes of what workers leave undone."""
    total = len(rest.experiments)
    return Sentence("What is left, {left} of {total} networks, is trained here.", left=rest.left, total=total)


def _given_up(error: BaseException) -> Sentence:
    if isinstance(error, BrokenExecutor):
        return Sentence("The workers ended before they were done, {times} times in a row.", times=MAX_LOSSES + 1)
    why = f"{type(error).__name__}: {error}"
    return Sentence("The workers cannot train: {why}.", why=why)


def train_plainly(shard: Sequence[Plain]) -> list[Plain]:
    """Train plain configs of one shard, in a process that is there for nothing else, and return plain cells."""
    torch.set_num_threads(1)
    members = [Experiment.trainable(Config(**values)) for values in shard]
    cells = [cell for step in train_together(members) for cell in step.finished]
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
        shard = [to_plain(sweep.experiments[place].asked) for place in sweep.shards[number]]
        try:
            waiting[executor.submit(train_plainly, shard)] = number
        except BrokenExecutor:
            executor.shutdown(wait=False)
            executor = workers()
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

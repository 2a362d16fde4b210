"""Training the shards of a sweep on a Dask cluster.

A cluster runs code of whoever may connect to its scheduler, and Dask's messages are pickled: name only a scheduler that
is your own. Its workers need this package and the same versions of torch and numpy.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from functools import partial
from typing import Any

from rnn_core.sentence import Sentence
from rnn_core.sweep.executors import Workers, WorkersLostError

CONNECT_S = 2.5  # seconds in which a scheduler has to answer
CLOSE_S = 0.5  # seconds in which it may take leave
SCHEDULER_VARIABLE = "DASK_SCHEDULER_ADDRESS"  # Dask's own name for it


def cluster(address: str) -> Workers:
    """Train on the Dask cluster of a scheduler, such as tcp://host:8786."""
    return partial(ClusterExecutor, address)


class ClusterExecutor(Executor):
    """A connection to a Dask scheduler, with an event loop in a thread of its own that ends with it.

    Its futures fail with `BrokenExecutor` where the connection, or one worker after the other, is lost.

    https://distributed.dask.org/en/stable/api.html#distributed.Client

    Raises:
        WorkersLostError: if `distributed` is not installed, or no scheduler answers at the address in `CONNECT_S`.
    """

    def __init__(self, address: str) -> None:
        _import_distributed(address)
        self._client: Any = None
        self._priorities = itertools.count(0, -1)  # first come, first served: Dask's own order is no order
        self._loop = asyncio.new_event_loop()
        self._leave = asyncio.Event()
        opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(address, opened), daemon=True, name="cluster")
        self._thread.start()
        try:
            opened.result(CONNECT_S + 2 * CLOSE_S)
        except TimeoutError:
            raise WorkersLostError(_unreachable(address, TimeoutError())) from None

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Hand a call to the cluster."""
        if self._client.status != "running":
            raise BrokenExecutor
        call = partial(fn, *args, **kwargs)
        return asyncio.run_coroutine_threadsafe(self._compute(call, next(self._priorities)), self._loop)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002
        """Close the connection; what is not done is taken back."""
        with suppress(RuntimeError):  # the loop has ended before
            self._loop.call_soon_threadsafe(self._leave.set)
        self._thread.join(None if wait else 2 * CLOSE_S)

    async def _compute(self, call: Callable[[], Any], priority: int) -> Any:
        from distributed import KilledWorker

        try:
            # pure: equal calls would share one result
            return await self._client.submit(call, pure=False, priority=priority)
        except (CancelledError, KilledWorker) as error:
            # The scheduler itself hands out the tasks of a killed worker again; these are the ones that it gave up.
            raise BrokenExecutor from error

    def _run(self, address: str, opened: Future[None]) -> None:
        self._loop.set_exception_handler(lambda *_: None)  # all that fails here is told by what fails for its reader
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve(address, opened))

    async def _serve(self, address: str, opened: Future[None]) -> None:
        """Connect, stay until it is time to leave, and leave nothing behind."""
        try:
            async with asyncio.timeout(CONNECT_S):
                self._client = await _connect(address)
        except Exception as error:
            opened.set_exception(WorkersLostError(_unreachable(address, error)))
            return
        opened.set_result(None)
        await self._leave.wait()
        await _close(self._client)


async def _connect(address: str) -> Any:
    import distributed
    from distributed.comm import get_address_host_port

    host, port = get_address_host_port(address)
    _, writer = await asyncio.open_connection(host, port)  # Dask would try again and again where nobody is at home
    writer.close()
    client: Any = distributed.Client(address, timeout=CONNECT_S, set_as_default=False, asynchronous=True)
    try:
        return await client
    except BaseException:
        await _close(client)
        raise


async def _close(client: Any) -> None:
    with suppress(Exception):
        await client.close(CLOSE_S)


def _import_distributed(address: str) -> None:
    """Import Dask, which sets up loggers of its own when it is imported: here it says nothing on stderr.

    Raises:
        WorkersLostError: if it is not installed.
    """
    try:
        import dask

        quiet = {"distributed": "critical", "distributed.client": "critical"}
        with dask.config.set({"logging": {**quiet, **dask.config.get("logging", {})}}):
            import distributed  # noqa: F401
    except ImportError:
        raise WorkersLostError(
            Sentence(
                "scheduler={value} cannot be used: `distributed` is not installed. Install what "
                "requirements-cluster.txt names.",
                field="scheduler",
                value=address,
            )
        ) from None


def _unreachable(address: str, error: Exception) -> Sentence:
    """Say why a scheduler is not there, in the words of the system where it is the system that says so."""
    gaps = {"field": "scheduler", "value": address}
    if isinstance(error, TimeoutError):
        return Sentence(
            "scheduler={value} cannot be used: no Dask scheduler has answered there within {seconds} s.",
            **gaps,
            seconds=CONNECT_S,
        )
    if isinstance(error, ValueError | OverflowError):
        return Sentence("scheduler={value} cannot be used: an address looks like tcp://HOST:PORT.", **gaps)
    if isinstance(error, OSError) and error.errno:
        why = os.strerror(error.errno) if error.errno > 0 else error.strerror  # below 0: no such host
        return Sentence("scheduler={value} cannot be reached: {why}.", **gaps, why=why)
    return Sentence("scheduler={value} cannot be used: what answers there is not a Dask scheduler.", **gaps)

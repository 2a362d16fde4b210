"""Nothing of a viewer stays for good: a session is dropped by the clock, and with it all that it was made of."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime import Runtime, RuntimeConfig
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.memory_session_storage import MemorySessionStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.session_manager import SessionClient

from pages.ui.process import libraries, upkeep
from pages.ui.work.engine import Engine
from tests.app.conftest import ENTRY

TTL_S = 120
MOST_CLASSES = 40  # that a run of a page may make: plotly makes some


class Tab(SessionClient):
    """A viewer's tab, as the runtime sees it."""

    def __init__(self) -> None:
        self.finished = asyncio.Event()

    def write_forward_msg(self, msg) -> None:
        if msg.WhichOneof("type") == "script_finished":
            self.finished.set()


class Host:
    """Streamlit's runtime with our app, in this process, and a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0
        self.storage = MemorySessionStorage(ttl_seconds=TTL_S)
        self.storage._cache._timer = lambda: self.now
        files = MemoryMediaFileStorage("/media"), MemoryUploadedFileManager("/upload")
        self.runtime = Runtime(RuntimeConfig(str(ENTRY), *files, session_storage=self.storage))

    async def open(self, page: str) -> str:
        """Open a page; return the session's id once it is drawn."""
        tab = Tab()
        session = self.runtime.connect_session(tab, {})
        await self.draw(session, page)
        return session

    async def draw(self, session: str, page: str) -> None:
        tab = self.runtime.get_client(session)
        tab.finished.clear()
        message = BackMsg()
        message.rerun_script.page_name = page
        self.runtime.handle_backmsg(session, message)
        await asyncio.wait_for(tab.finished.wait(), 120)
        while self.runtime.get_app_session(session)._scriptrunner is not None:  # its thread has not ended yet
            await asyncio.sleep(0.01)

    def engine_of(self, session: str) -> weakref.ref:
        return weakref.ref(self.runtime.get_app_session(session).session_state["_session"].parts[Engine])


def hosted(scene: Callable[[Host], Awaitable[None]]) -> None:
    """Play a scene in a runtime; in a thread of its own, for in this one another test may have left a loop."""

    async def play() -> None:
        host = Host()
        await host.runtime.start()
        try:
            await scene(host)
        finally:
            host.runtime.stop()
            await host.runtime.stopped

    try:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: asyncio.run(play())).result()
    finally:
        Runtime._instance = None


def test_a_session_that_nobody_can_come_back_to_leaves_nothing() -> None:
    async def scene(host: Host) -> None:
        opened = [await host.open(page) for page in ("training", "trajectories", "sweep", "training")]
        engines = [host.engine_of(session) for session in (opened[0], opened[1], opened[3])]
        for session in opened[:3]:
            host.runtime.disconnect_session(session)
        host.now = TTL_S - 1
        assert upkeep.drop_expired() == 4
        assert all(engine() for engine in engines)
        host.now = TTL_S
        assert upkeep.drop_expired() == 1
        gc.collect()
        assert [engine() is None for engine in engines] == [True, True, False]
        host.runtime.disconnect_session(opened[3])
        host.now = 2 * TTL_S
        assert upkeep.drop_expired() == 0
        gc.collect()
        assert engines[2]() is None  # although Streamlit's own loop still holds the last session

    hosted(scene)


def test_a_run_of_a_page_leaves_hardly_a_class_behind() -> None:
    """Classes are circles; one that holds a session would hold its network until Python looks for garbage."""

    async def scene(host: Host) -> None:
        session = await host.open("training")
        await host.draw(session, "training")
        gc.collect()
        gc.disable()
        try:
            before = _classes()
            await host.draw(session, "training")
            assert _classes() - before < MOST_CLASSES
        finally:
            gc.enable()

    hosted(scene)


def _classes() -> int:
    return sum(issubclass(type(found), type) for found in gc.get_objects())


def test_freed_memory_goes_back_to_the_system() -> None:
    blocks = [bytes(1000) for _ in range(60_000)]
    kept = blocks[::500]  # so that it cannot go by itself
    del blocks
    before = psutil.Process().memory_info().rss
    upkeep.trim()
    given_back = before - psutil.Process().memory_info().rss
    assert given_back > 30e6 or upkeep._glibc is None
    assert kept


@pytest.mark.parametrize("missing", [OSError, TypeError])
def test_where_there_is_no_such_library_nothing_is_done(monkeypatch: pytest.MonkeyPatch, missing: type) -> None:
    def none(_: object) -> None:
        raise missing

    monkeypatch.setattr(upkeep.ctypes, "CDLL", none)
    monkeypatch.setattr(upkeep, "_glibc", upkeep._find_glibc())
    assert upkeep._glibc is None
    upkeep.keep_memory_together()
    upkeep.trim()


@pytest.mark.parametrize(
    ("spent", "looks"),
    [([0.0], 1), ([0.1, 0.1, 0.0], 3), ([0.1] * 10_000, round(upkeep.PATIENCE_S / upkeep.LOOK_S))],
)
def test_a_turn_waits_for_a_quiet_moment_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, spent: list[float], looks: int
) -> None:
    now, computed, made = 0.0, 0.0, 0

    async def sleep(seconds: float) -> None:
        nonlocal now, computed, made
        now, computed, made = now + seconds, computed + spent[made], made + 1

    clock = SimpleNamespace(monotonic=lambda: now, process_time=lambda: computed)
    monkeypatch.setattr(upkeep, "time", clock)
    monkeypatch.setattr(upkeep, "asyncio", SimpleNamespace(sleep=sleep))
    with pytest.raises(StopIteration):
        upkeep._quiet_moment().send(None)
    assert abs(made - looks) <= 1
    assert (made == 1) == (looks == 1)


def test_the_clock_tidies_up_while_somebody_is_there_and_once_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    done, sessions = [], [0, 2, 1, 0, 0]

    def note(what: str) -> Callable[[], None]:
        return lambda: done.append(what)

    async def sleep(_: float) -> None:
        note("turn")()

    async def at_once(work: Callable[[], None]) -> None:
        work()

    async def quiet() -> None:
        note("quiet")()

    monkeypatch.setattr(libraries, "load", note("load"))
    monkeypatch.setattr(libraries, "set_apart", note("set apart"))
    monkeypatch.setattr(upkeep, "gc", SimpleNamespace(collect=note("collect")))
    monkeypatch.setattr(upkeep, "trim", note("trim"))
    monkeypatch.setattr(upkeep, "_quiet_moment", quiet)
    monkeypatch.setattr(upkeep, "drop_expired", lambda: sessions.pop(0))
    monkeypatch.setattr(upkeep, "asyncio", SimpleNamespace(sleep=sleep, to_thread=at_once))
    with pytest.raises(IndexError):  # the last turn
        upkeep.keep_tidy().send(None)
    viewed = ["turn", "quiet", "collect", "trim"]
    assert done == ["load", "turn", *viewed, *viewed, "turn", "set apart", "trim", "turn", "turn"]

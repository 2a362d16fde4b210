"""A hall on one link: everybody sets a slider every few seconds, and runs that nobody asked for before."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from statistics import median, quantiles

from bench.browser import chromium
from bench.channel import Channel, channel, stages
from bench.latency import CURVE, Journey, open_journey, press
from bench.server import OURS, Server, running
from bench.session import TIMEOUT_S, Session, visit
from bench.table import Row, Target

VIEWERS = 100
EVERY_S = 4.0
COMING_S = 20.0  # until the last of them opens the link
HALL_S = 30.0  # from when all are there
LINK = "preset=hello-next"
CREW, BUSY_S = 8, 15.0
JOURNEY = Journey("a change", f"training?{LINK}", "hidden_size", CURVE, "· done")


@dataclass
class Seen:
    """What viewers have met: seconds until the last picture, of opening and of each change, and what went wrong."""

    opening: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


class Viewer:
    """Somebody at Training without a browser: sets sliders, and draws what plays until it is over."""

    def __init__(self, session: Session, tab: Channel) -> None:
        self._session, self._tab, self._numbers = session, tab, count(1)

    def see_the_end(self) -> None:
        """Draw the run until it is over."""
        playing = {key: spec for key, spec in stages(self._session).items() if spec["isPlaying"]}
        if playing and self._tab.play(list(playing.values()), time.monotonic() + 60):
            self._session.say(next(iter(playing)), over=next(self._numbers))

    def set(self, name: str, value: int) -> None:
        """Let a slider go at a value, and see its run to the end."""
        self._session.say(name, value={"value": value, "n": next(self._numbers)})
        self.see_the_end()


def rows() -> Iterator[Row]:
    """Let a hall use one link; then let a few set what nobody has set before."""
    with running(OURS) as server:
        yield from _hall(server)
    with running(OURS) as server:
        yield _anew(server)


def _hall(server: Server) -> Iterator[Row]:
    seen, mine, is_over = Seen(), Seen(), threading.Event()
    most = [0.0]
    watcher = threading.Thread(target=lambda: _watch(server, most, is_over), daemon=True)
    watcher.start()
    are_there = threading.Barrier(VIEWERS + 1)
    crew = [threading.Thread(target=_sit, args=(server, seen, seed, are_there), daemon=True) for seed in range(VIEWERS)]
    for thread in crew:
        thread.start()
    _look(server, mine, are_there)
    for thread in crew:
        thread.join()
    is_over.set()
    watcher.join()
    if seen.troubles:
        raise AssertionError(f"a viewer met: {seen.troubles[0]}")
    name = f"{VIEWERS} viewers open one link within {COMING_S:g} s"
    yield Row(f"{name}: until its last picture, p95", 1000 * _p95(seen.opening), None, "ms")
    name = f"{VIEWERS} viewers on one link, each sets hidden_size every {EVERY_S:g} s"
    yield Row(f"{name}: until its last picture, median", 1000 * median(seen.waits), None, "ms")
    yield Row(f"{name}: until its last picture, p95", 1000 * _p95(seen.waits), None, "ms", Target(1000, "ours"))
    if mine.waits:
        yield Row(
            f"{name}: until the new curve in a Chromium among them, median",
            1000 * median(mine.waits),
            None,
            "ms",
            Target(1000, "ours"),
        )
    yield Row(f"{name}: server memory, the most", most[0], None, "MB", Target(500, "ours"))


def _sit(server: Server, seen: Seen, seed: int, are_there: threading.Barrier) -> None:
    """Open the link and, once everybody has, set the slider every few seconds."""
    chance = random.Random(seed)
    time.sleep(chance.uniform(0, COMING_S))
    begin = time.monotonic()

    def stay(viewer: Viewer) -> None:
        viewer.see_the_end()
        seen.opening.append(time.monotonic() - begin)
        are_there.wait(TIMEOUT_S)
        until = time.monotonic() + HALL_S
        at = time.monotonic() + chance.uniform(0, EVERY_S)
        while at < until:
            time.sleep(max(0.0, at - time.monotonic()))
            asked = time.monotonic()
            viewer.set("hidden_size", chance.randint(1, 64))
            seen.waits.append(time.monotonic() - asked)
            at = max(at + EVERY_S, time.monotonic())

    _visit(server, LINK, seen, stay)


def _visit(server: Server, query: str, seen: Seen, stay: Callable[[Viewer], None]) -> None:
    try:
        with visit(server.url, "training", query) as session, channel(server.url) as tab:
            stay(Viewer(session, tab))
        seen.troubles += session.errors
    except Exception as error:  # said by who waits for all
        seen.troubles.append(f"{type(error).__name__}: {error}")


def _look(server: Server, seen: Seen, are_there: threading.Barrier) -> None:
    """Do the same in a browser, if there is one."""
    with chromium() as browser:
        page = open_journey(browser, server, JOURNEY) if browser else None
        are_there.wait(TIMEOUT_S)
        until = time.monotonic() + HALL_S
        if page is None:
            return
        while time.monotonic() + EVERY_S < until:
            seen.waits.append(press(page, JOURNEY) / 1000)
            page.wait_for_timeout(1000 * EVERY_S)


def _watch(server: Server, most: list[float], is_over: threading.Event) -> None:
    while not is_over.wait(0.5):
        most[0] = max(most[0], server.memory())


def _anew(server: Server) -> Row:
    """Let viewers set one value after the other, each of them new to the server."""
    seen, until = Seen(), time.monotonic() + BUSY_S

    def stay(viewer: Viewer) -> None:
        viewer.see_the_end()
        for size in range(2, 129):
            begin = time.monotonic()
            if begin >= until:
                break
            viewer.set("hidden_size", size)
            seen.waits.append(time.monotonic() - begin)

    queries = [f"{LINK}&seed={seed}" for seed in range(1, CREW + 1)]
    threads = [threading.Thread(target=_visit, args=(server, query, seen, stay), daemon=True) for query in queries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if seen.troubles:
        raise AssertionError(f"a viewer met: {seen.troubles[0]}")
    what = "changes that nobody made before, each to its last picture"
    return Row(what, len(seen.waits) / BUSY_S, None, "/s", Target(10, "ours", "least"))


def _p95(waits: list[float]) -> float:
    return quantiles(waits, n=20)[-1]

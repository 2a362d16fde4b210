"""Tabs without a browser on the live channel: they ask as a dragging hand does, and draw for 16 ms."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from statistics import quantiles

from websockets.asyncio.client import connect

from bench.browser import chromium
from bench.channel import DRAW_S
from bench.drag import SIDES, drive
from bench.latency import open_journey
from bench.server import OURS, Server, running
from bench.table import Row, Target
from pages.ui.channel.protocol import VERSION
from pages.ui.channel.socket import PATH

DRAG_S = 6.0
MOVE_S = 1 / 60
WINDOW = 2
CROWDS = ((30, Target(5, "ours", "least"), Target(300, "ours")), (100, Target(1.5, "ours", "least"), None))


@dataclass
class Tab:
    """What one tab has seen."""

    pictures: int = 0
    waits: list[float] = field(default_factory=list)
    last_s: float = 0.0


def rows() -> Iterator[Row]:
    """Let many tabs drag at once, and a Chromium among them if there is one."""
    with running(OURS) as server, chromium() as browser, ThreadPoolExecutor(1) as pool:
        together = partial(pool.submit, lambda count: asyncio.run(_crowd(server, count)))
        together(2).result()  # everything is loaded
        for count, least, slowest in CROWDS:
            name = f"{count} tabs dragging at once"
            page = browser and open_journey(browser, server, SIDES[0])
            crowd = together(count)
            found = page and drive(page, SIDES[0], server)
            tabs = crowd.result()
            if found:
                yield Row(f"{name}, a Chromium among them: pictures", found.pictures_s, None, "/s", least)
            yield Row(f"{name}, the slowest: pictures", min(tab.pictures for tab in tabs) / DRAG_S, None, "/s", least)
            waits = [1000 * wait for tab in tabs for wait in tab.waits]
            yield Row(f"{name}: a picture, p95", quantiles(waits, n=20)[-1], None, "ms", slowest)
            last = Target(500, "ours") if slowest else None
            yield Row(f"{name}: the last value, the slowest", 1000 * max(tab.last_s for tab in tabs), None, "ms", last)


async def _crowd(server: Server, count: int) -> list[Tab]:
    tabs = [Tab() for _ in range(count)]
    await asyncio.gather(*(_drag(server, tab, seed) for seed, tab in enumerate(tabs)))
    return tabs


async def _drag(server: Server, tab: Tab, seed: int) -> None:
    """Move for some seconds; the newest value is asked for when a picture is drawn, two are under way."""
    draw, asked = random.Random(seed), dict[int, float]()
    async with connect(f"{server.url.replace('http', 'ws')}/{PATH}", origin=server.url, max_size=None) as socket:
        begin, n = time.monotonic(), 0

        async def ask() -> None:
            nonlocal n
            n += 1
            asked[n] = time.monotonic()
            hand = ["hidden_size", draw.randint(1, 128)]
            said = {"v": VERSION, "n": n, "stage": "encoding.network", "query": {}, "hand": hand}
            await socket.send(json.dumps(said))

        await ask()
        while (now := time.monotonic()) - begin < DRAG_S:
            if len(asked) < WINDOW:
                await ask()
            told = json.loads(await socket.recv())
            tab.waits.append(time.monotonic() - asked[told["n"]])
            for number in [number for number in asked if number <= told["n"]]:
                del asked[number]  # an older one is never answered
            await asyncio.sleep(DRAW_S)
            tab.pictures += 1
        await ask()
        now = time.monotonic()
        while json.loads(await socket.recv())["n"] != n:
            pass
        tab.last_s = time.monotonic() - now

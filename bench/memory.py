"""What the server holds: at its start, with one viewer, with ten at once."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

from bench.browser import MISSING, chromium, new_viewer, open_page
from bench.server import BARE, OURS, running
from bench.table import Row, Target

SESSIONS = 10
SETTLE_S = 1.0  # after the last picture, before memory is read


@dataclass(frozen=True)
class Stop:
    """A page that viewers open: its address, its name in the menu, and a chart that says that it is there."""

    path: str
    title: str
    chart: str


OUR_STOPS = (
    Stop("training", "Training", "[class*=st-key-curves]"),
    Stop("encoding", "Encoding", "[class*=st-key-tensor]"),
    Stop("", "Home", "[class*=st-key-states]"),
)
BARE_STOPS = (Stop("", "", "[class*=st-key-states]"),)
MOMENTS = (
    ("server memory, just started", None),
    ("server memory, 1 viewer has opened Training, Encoding, Home", Target(400, of="ours")),
    (f"server memory, {SESSIONS} viewers have at the same time", None),
)


def rows() -> Iterator[Row]:
    """Measure both servers at the same moments of their lives."""
    with chromium() as browser:
        ours, bare = _measure(browser, OURS, OUR_STOPS), _measure(browser, BARE, BARE_STOPS)
    for (what, target), mine, plain in zip(MOMENTS, ours, bare, strict=True):
        yield Row(what, mine, plain, "MB", target, "" if mine else MISSING)


def _measure(browser: Browser | None, script: Path, stops: Sequence[Stop]) -> list[float | None]:
    """Return the memory of a script's server in MB at each moment; without a browser only the first is known."""
    with running(script) as server:
        found: list[float | None] = [server.memory()]
        if browser is None:
            return [*found, None, None]
        viewer = new_viewer(browser)  # one for all sessions: its cache spares the machine nine downloads of everything
        pages: list[Page] = []
        for count in (1, SESSIONS):
            _go(pages, stops[0])
            pages += [open_page(viewer, f"{server.url}/{stops[0].path}") for _ in range(count - len(pages))]
            _wait(pages, stops[0])
            for stop in stops[1:]:
                _go(pages, stop)
                _wait(pages, stop)
            time.sleep(SETTLE_S)
            found.append(server.memory())
        viewer.close()
        return found


def _go(pages: Sequence[Page], stop: Stop) -> None:
    """Let viewers go to a page by its link, so that each keeps its session."""
    for page in pages:
        if stop.title:
            page.locator(".st-key-navigation").get_by_role("link", name=stop.title, exact=True).click()


def _wait(pages: Sequence[Page], stop: Stop) -> None:
    """Wait until all of them have its picture."""
    for page in pages:
        page.wait_for_selector(f"{stop.chart} .js-plotly-plot", state="attached")

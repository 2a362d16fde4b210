"""What other viewers feel of a sweep, and how soon a sweep itself is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from playwright.sync_api import Browser, Page

from bench.browser import MISSING, chromium, new_viewer, open_page
from bench.latency import JOURNEYS, open_journey, press
from bench.server import OURS, Server, running
from bench.table import Row, Target

PRESSES = 12
WARM_UP = 3
# 16 learning rates x 4 hidden sizes x 3 seeds is what the page opens on.
WHOLE = "sweep?steps=200"
LONG = "sweep?steps=2000&seeds=8"
RUN = "training?hidden_size=128&steps=2000&trained=1"


def rows() -> Iterator[Row]:
    """Measure a slider on another page, beside a sweep and without it; then the sweep by itself."""
    with chromium() as browser:
        if browser is None:
            yield Row("A slider while another viewer sweeps", None, None, "ms", None, MISSING)
            return
        with running(OURS) as server:
            yield _beside_a_sweep(browser, server)
            yield from _by_itself(browser, server)


def _beside_a_sweep(browser: Browser, server: Server) -> Row:
    journey = JOURNEYS[0]
    page = open_journey(browser, server, journey)
    idle = _presses(page)
    run = _open(browser, server, RUN)
    run.locator(".st-key-play button").click()
    sweep = _open(browser, server, LONG)
    sweep.wait_for_function("() => /[1-9]\\d* of \\d+/.test(document.body.innerText)")
    busy = _presses(page)
    if "Stop" not in sweep.inner_text("body") or "Pause" not in run.inner_text("body"):
        raise AssertionError("the sweep or the run ended before the measure did")
    for each in (page, run, sweep):
        each.context.close()
    name = "Encoding: hidden size → its states, beside a run and a sweep of others (bare: alone)"
    return Row(name, busy, idle, "ms", Target(1.5))


def _presses(page: Page) -> float:
    taken = [press(page, JOURNEYS[0], "ArrowRight") for _ in range(WARM_UP + PRESSES)]
    return median(taken[WARM_UP:])


def _open(browser: Browser, server: Server, path: str) -> Page:
    return open_page(new_viewer(browser), f"{server.url}/{path}")


def _by_itself(browser: Browser, server: Server) -> Iterator[Row]:
    page = _open(browser, server, "sweep?steps=1")  # the browser has what it needs
    page.wait_for_selector("[class*=st-key-sweep_map] .heatmaplayer image", state="attached")
    page.goto(f"{server.url}/{WHOLE}")
    page.wait_for_selector("[class*=st-key-sweep_map] .heatmaplayer image", state="attached")
    begin = time.monotonic()
    page.wait_for_function("() => document.body.innerText.includes('192 of 192')")
    yield Row(
        "Sweep: 192 networks, 200 steps each, from the first picture to the last",
        1000 * (time.monotonic() - begin),
        None,
        "ms",
        Target(6000, "ours"),
    )
    page.context.close()

"""A run that plays: how many of its pictures a viewer sees, and what they cost the training."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlencode

import torch
from playwright.sync_api import Browser, Page

from bench.browser import MISSING, chromium, new_viewer, open_page, rest
from bench.latency import CURVE, STATES
from bench.server import OURS, running
from bench.stream import ALPHABET, bare_updates
from bench.table import Row, Target
from rnn_core import Config

PLAY_S = 8.0
BARE_UPDATES = 150
WARM_UP = 20
LARGE = Config(text=(ALPHABET * 3)[:65], hidden_size=64, seq_len=64, steps=2000)

# Counts the frames in which each of some charts is another one than before, from now on, and the step that is said.
WATCH = """
(places) => {
  const watch = (window.watch = { pictures: places.map(() => 0), begin: performance.now() });
  watch.step = () => Number(document.body.innerText.match(/step (\\d+) of/)?.[1]);
  watch.first = watch.step();
  const before = places.map(() => null);
  const read = (place) => {
    const all = document.querySelector(place + ' .js-plotly-plot')?.data;
    const data = all?.find(({ name }) => name === 'loss') ?? all?.[0];
    return data && (data.z ?? data.y); // numbers of its own in each picture: to compare them would slow the page down
  };
  const look = () => {
    places.forEach((place, i) => {
      const now = read(place);
      if (now && now !== before[i]) watch.pictures[i] += before[i] === null ? 0 : 1;
      before[i] = now ?? before[i];
    });
    requestAnimationFrame(look);
  };
  look();
  watch.read = () => [...watch.pictures, watch.step() - watch.first, performance.now() - watch.begin];
}
"""


def rows() -> Iterator[Row]:
    """Let a run play at a pace, and a larger one as fast as it can."""
    with chromium() as browser:
        if browser is None:
            yield Row("A run that plays", None, None, "", None, MISSING)
            return
        with running(OURS) as server:
            yield from _at_a_pace(browser, server.url)
        bare = _bare_pace()
        with running(OURS) as server:
            yield from _as_fast_as_possible(browser, server.url, bare)


def _at_a_pace(browser: Browser, url: str) -> Iterator[Row]:
    page = _open(browser, f"{url}/training?steps=2000&trained=1")
    page.get_by_role("button", name="Speed and stop").click()
    page.locator(".st-key-speed [role=combobox]").click()
    page.get_by_role("option", name="20/s").click()
    page.keyboard.press("Escape")
    curves, states, made = _play(page)
    target = Target(18, "ours", "least")
    yield Row(f"Training at {made:.1f} updates a second: pictures of its curve", curves, None, "/s", target)
    yield Row(f"Training at {made:.1f} updates a second: pictures of its states", states, None, "/s", target)


def _as_fast_as_possible(browser: Browser, url: str, bare: float) -> Iterator[Row]:
    words = {"text": LARGE.text, "hidden_size": LARGE.hidden_size, "seq_len": LARGE.seq_len, "steps": LARGE.steps}
    page = _open(browser, f"{url}/training?{urlencode(words | {'trained': 1})}")
    curves, states, made = _play(page)
    target, size = Target(10, "ours", "least"), "H = 64, L = 64"
    yield Row(f"Training as fast as possible, {size}: pictures of its curve", curves, None, "/s", target)
    yield Row(f"Training as fast as possible, {size}: pictures of its states", states, None, "/s", target)
    yield Row(f"Training as fast as possible, {size}: updates", made, bare, "/s", Target(0.85, kind="least"))


def _open(browser: Browser, address: str) -> Page:
    page = open_page(new_viewer(browser), address)
    for picture in (CURVE, STATES):
        page.wait_for_selector(f"{picture.place} {picture.marks}", state="attached")
    rest(page, "· paused")
    return page


def _play(page: Page) -> tuple[float, float, float]:
    """Let it play for some seconds; return pictures of its curve and of its states, and updates, each a second."""
    page.bring_to_front()
    page.locator(".st-key-play button").click()
    page.wait_for_function("() => / updates.s/.test(document.body.innerText)")
    page.wait_for_timeout(1000)  # it is under way
    page.evaluate(WATCH, [CURVE.place, STATES.place])
    page.wait_for_timeout(1000 * PLAY_S)
    curves, states, made, taken = page.evaluate("() => window.watch.read()")
    page.context.close()
    curves_s, states_s, made_s = (1000 * each / taken for each in (curves, states, made))
    return curves_s, states_s, made_s


def _bare_pace() -> float:
    """Return the updates a second of a plain loop on one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        updates = bare_updates(LARGE)
        for _ in islice(updates, WARM_UP):
            pass
        begin = time.perf_counter()
        for _ in islice(updates, BARE_UPDATES):
            pass
        return BARE_UPDATES / (time.perf_counter() - begin)
    finally:
        torch.set_num_threads(threads)

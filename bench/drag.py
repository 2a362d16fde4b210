"""A slider that is dragged with a real mouse: how many pictures follow, how soon, and what they cost."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, Page

from bench.browser import MISSING, chromium, new_viewer, rest
from bench.latency import BARE_JOURNEY, JOURNEYS, STATES, Journey, Picture, open_journey, press, slider_of
from bench.server import BARE, BARE_PAGE, OURS, Server, running
from bench.table import Row, Target

DRAG_S = 5.0
MOVES = 15
WARM_UP = 3
SIDES = (
    JOURNEYS[0],
    Journey("Training: hidden size → its states", "training", "hidden_size", STATES, "· done"),
)
MAP = Picture(".st-key-map", "data[0].z", ".heatmaplayer image")
DONE = "of 101 kept steps"  # said of a run of a hundred updates
# Of these only how soon a picture follows a move of the mouse.
FOLLOWING = (
    Journey("Trajectories: step on the screen → its heat map", "trajectories", "step", MAP, DONE, target=Target(1.6)),
    Journey(
        "Trajectories: hidden size → its heat map, a hundred updates trained live",
        "trajectories?live=on",
        "hidden_size",
        MAP,
        DONE,
        target=Target(4.0),
    ),
)

# Counts pictures (other data, drawn), frames, and frames without a picture, from now on.
WATCH = """
([place, marks]) => {
  const watch = (window.watch = { pictures: 0, frames: 0, blank: 0 });
  let before = null;
  const look = () => {
    const plot = document.querySelector(place + ' .js-plotly-plot');
    const z = plot?.data?.[0]?.z;
    const mark = plot?.querySelector(marks);
    const now = z && mark && (z.bdata?.slice(0, 60) ?? '') + z.shape;
    watch.frames += 1;
    if (!now) watch.blank += 1;
    else if (now !== before) {
      before = now;
      watch.pictures += 1;
    }
    requestAnimationFrame(look);
  };
  look();
}
"""


@dataclass(frozen=True)
class Course:
    """What happened while a slider was dragged for some seconds."""

    pictures_s: float
    blank: int
    frames: int
    bytes_picture: float
    cpu_share: float


def rows() -> Iterator[Row]:
    """Drag our sliders and the bare one, and measure."""
    with chromium() as browser:
        if browser is None:
            yield Row("Dragging", None, None, "", None, MISSING)
            return
        with running(OURS) as ours, running(BARE) as bare, running(BARE_PAGE) as bare_page:
            fetched = drive(_open_page(browser, bare_page), BARE_JOURNEY, bare_page)
            for journey in SIDES:
                found = drive(open_journey(browser, ours, journey), journey, ours)
                name = f"{journey.what}, dragged"
                target = Target(1.1, kind="least")
                yield Row(f"{name}: pictures, beside a bare page", found.pictures_s, fetched.pictures_s, "/s", target)
                yield Row(f"{name}: blank of {found.frames} frames", found.blank, fetched.blank, "", Target(0, "ours"))
                yield Row(f"{name}: received for a picture", found.bytes_picture / 1e3, None, "kB")
                share = (100 * found.cpu_share, 100 * fetched.cpu_share)
                yield Row(f"{name}: the server's share of a core", *share, "%")
                yield _latency(browser, ours, bare, journey, Target(0.6))
            for journey in FOLLOWING:
                yield _latency(browser, ours, bare, journey, journey.target)


def _open_page(browser: Browser, server: Server) -> Page:
    """Open the page that has no Streamlit."""
    page = new_viewer(browser).new_page()
    page.goto(server.url)
    page.wait_for_selector(f"{STATES.place} {STATES.marks}")
    return page


def drive(page: Page, journey: Journey, server: Server) -> Course:
    """Drag to and fro for some seconds."""
    received = [0]
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.on("Network.webSocketFrameReceived", lambda event: received.append(_size(event)))
    _grab(page, journey)
    _wiggle(page, journey, 1.0)  # the browser has compiled what it needs
    page.evaluate(WATCH, [journey.picture.place, journey.picture.marks])
    received.clear()
    cpu = sum(server.process.cpu_times()[:2])
    _wiggle(page, journey, DRAG_S)
    watch, cpu = page.evaluate("() => ({ ...window.watch })"), sum(server.process.cpu_times()[:2]) - cpu
    page.mouse.up()
    page.context.close()
    pictures = watch["pictures"] - 1  # the one that was there
    each = sum(received) / pictures if pictures else 0.0
    return Course(pictures / DRAG_S, watch["blank"], watch["frames"], each, cpu / DRAG_S)


def _size(event: dict[str, dict[str, str]]) -> int:
    return len(event["response"]["payloadData"]) * 3 // 4  # base64


def _place(page: Page, journey: Journey, share: float) -> tuple[float, float]:
    box = slider_of(page, journey).bounding_box()
    assert box is not None
    return box["x"] + 12 + share * (box["width"] - 24), box["y"] + box["height"] / 2


def _grab(page: Page, journey: Journey) -> None:
    """Take hold of a slider's handle."""
    page.bring_to_front()
    handle = slider_of(page, journey)
    handle.scroll_into_view_if_needed()
    low, high, now = (float(handle.evaluate(f"range => range.{name}")) for name in ("min", "max", "value"))
    page.mouse.move(*_place(page, journey, (now - low) / (high - low)))
    page.mouse.down()


def _wiggle(page: Page, journey: Journey, seconds: float) -> None:
    (x, y), (end, _) = _place(page, journey, 0.05), _place(page, journey, 0.95)
    begin = time.monotonic()
    while (now := time.monotonic() - begin) < seconds:
        page.mouse.move(x + (end - x) * (0.5 - 0.5 * math.cos(now * 1.5)), y)
        page.wait_for_timeout(16)


def _latency(browser: Browser, ours: Server, bare: Server, journey: Journey, target: Target) -> Row:
    """Compare from a move of the mouse to the picture with from a key to the picture in the bare app."""
    mine, plain = open_journey(browser, ours, journey), open_journey(browser, bare, BARE_JOURNEY)
    _grab(mine, journey)
    times: tuple[list[float], list[float]] = ([], [])
    for move in range(WARM_UP + MOVES):
        mine.bring_to_front()
        mine.evaluate("() => { window.bench.arm('pointermove'); }")
        mine.mouse.move(*_place(mine, journey, 0.2 + 0.04 * move))
        taken, _ = mine.evaluate("() => window.bench.result")
        rest(mine)
        times[0].append(float(taken))
        times[1].append(press(plain, BARE_JOURNEY))
    for page in (mine, plain):
        page.context.close()
    ours_ms, bare_ms = (median(each[WARM_UP:]) for each in times)
    return Row(f"{journey.what}, from a move of the mouse", ours_ms, bare_ms, "ms", target)

"""A new tab of a viewer who was here before: from the address to the first picture, and to the last."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from urllib.parse import quote

from playwright.sync_api import BrowserContext

from bench.browser import MISSING, profiles, rest
from bench.server import BARE, OURS, running
from bench.table import Row, Target

WARM_UP = 3  # from the third time on a browser keeps scripts compiled
VISITS = 5
LARGEST = "hidden_size=128&seq_len=128&steps=60&text=" + quote(("hello world, how do you do? " * 5)[:129])
PAGES = (
    ("Home", ""),
    ("Trajectories", "trajectories"),
    ("Trajectories, 128 units, 128 characters, 60 steps", f"trajectories?{LARGEST}"),
)
# Notes when the first chart was there, and since when all are.
WATCH = """(() => {
  window.load = { first: null, all: null };
  const look = () => {
    const hosts = [...document.querySelectorAll('.chart, .stPlotlyChart')];
    const isDrawn = (host) => host.matches('.js-plotly-plot') || host.querySelector('.js-plotly-plot');
    const drawn = hosts.filter(isDrawn).length;
    if (drawn) load.first ??= performance.now();
    load.all = drawn && drawn === hosts.length ? load.all ?? performance.now() : null;
    requestAnimationFrame(look);
  };
  look();
})()"""


def rows() -> Iterator[Row]:
    """Open each page in tab after tab, in turn with the bare app."""
    with profiles(2) as viewers:
        if not viewers:
            yield Row("A new tab", None, None, "", None, MISSING)
            return
        with running(OURS) as ours, running(BARE) as bare:
            for name, path in PAGES:
                sides = list(zip(viewers, (f"{ours.url}/{path}", bare.url), strict=True))
                visits = [[_visit(*side) for side in sides] for _ in range(WARM_UP + VISITS)][WARM_UP:]
                for i, what in enumerate(("first picture", "last picture")):
                    taken, plain = (median(visit[side][i] for visit in visits) for side in (0, 1))
                    target = Target(2000, "ours") if LARGEST in path else None
                    yield Row(f"A new tab, {name}: its {what}", taken, plain, "ms", target)


def _visit(viewer: BrowserContext, address: str) -> tuple[float, float]:
    """Open an address in a new tab; return the ms until its first and its last picture."""
    page = viewer.new_page()
    page.add_init_script(WATCH)
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.load.all")
    rest(page)
    page.wait_for_function("() => window.load.all")
    first, last = page.evaluate("() => [load.first, load.all]")
    page.close()
    return first, last

"""From a key press on a slider to the first frame with the new picture, as a viewer has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from playwright.sync_api import Browser, Locator, Page

from bench.browser import MISSING, chromium, new_viewer, open_page, rest
from bench.server import BARE, OURS, Server, running
from bench.table import Row, Target

TARGET = Target(1.5)
WARM_UP = 3
PRESSES = 15


@dataclass(frozen=True)
class Picture:
    """A chart, and what tells a new picture from the same one drawn again.

    Attributes:
        place: CSS of what holds the chart.
        data: what is compared of the figure, as JavaScript in terms of its `data`.
        marks: CSS of what Plotly draws from them.
    """

    place: str
    data: str
    marks: str


@dataclass(frozen=True)
class Journey:
    """Something that a viewer does: a page, a slider on it, and the picture that follows.

    Attributes:
        what: the row's name.
        path: the page's address.
        slider: its key.
        picture: what follows.
        ready: words that the page shows when it has nothing left to do.
        first_key: pressed once before, to bring the slider to where there is room.
        target: what its ratio should be.
        is_last: whether the picture stays; another one follows that is a preview.
    """

    what: str
    path: str
    slider: str
    picture: Picture
    ready: str = ""
    first_key: str = ""
    target: Target = TARGET
    is_last: bool = True


STATES = Picture("[class*=st-key-states]", "data[0].z", ".heatmaplayer image")
# A run is known by its first loss: the rest of its curve still grows after that. Behind it is the run before.
CURVE = Picture("[class*=st-key-curves]", "data.find(({ name }) => name === 'loss').y[0]", ".scatterlayer path")
FLOW = Picture("[class*=st-key-flow]", "data.map((trace) => trace.z)", ".heatmaplayer image")
BARE_JOURNEY = Journey("bare", "", "hidden_size", STATES)
JOURNEYS = (
    Journey("Encoding: hidden size → its states", "encoding", "hidden_size", STATES),
    # A short run only so that each press soon finds the page at rest; its 10 updates are made before it is drawn.
    Journey(
        "Training: hidden size → the new run's final curve, after its preview",
        "training?steps=10",
        "hidden_size",
        CURVE,
        "· done",
        target=Target(2.0),
    ),
    Journey(
        "Training: hidden size → its first picture, the preview",
        "training?steps=10",
        "hidden_size",
        STATES,
        "· done",
        target=Target(0.8),
        is_last=False,
    ),
    Journey("Shapes: hidden size → the data flow, flat", "shapes", "hidden_size", FLOW, target=Target(1.3)),
    Journey("Training: step on the screen → its states", "training", "step", STATES, "· done", "Home"),
)

# Notes the time of the next key press (or other event), and that of the first frame with a picture that was not there:
# other data, and other marks drawn from them. Works for charts that are replaced and for those that are changed.
PROBE = """
([place, expression, marks]) => {
  const read = new Function('data', 'return ' + expression);
  const plain = (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value;
  const shape = (mark) => ['href', 'xlink:href', 'd', 'transform'].map((name) => mark.getAttribute(name)).join();
  const pictures = () => [...document.querySelectorAll(place + ' .js-plotly-plot')]
    .filter((plot) => plot.data?.length)
    .map((plot) => ({
      data: JSON.stringify(read(plot.data), plain),
      drawn: [...plot.querySelectorAll(marks)].map(shape).join(),
    }))
    .filter(({ drawn }) => drawn);
  window.bench = {
    seen: () => pictures().map(({ data }) => data),
    arm(event = 'keydown') {
      this.result = new Promise((resolve, reject) => {
        window.addEventListener(event, () => {
          const begin = performance.now();
          const before = pictures();
          const isNew = (one) => before.every((old) => old.data !== one.data && old.drawn !== one.drawn);
          const look = () => {
            const now = performance.now();
            const found = pictures().find(isNew);
            if (found) resolve([now - begin, found.data]);
            else if (now - begin > 20000) reject(new Error('no new picture within 20 s'));
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }, { once: true, capture: true });
      });
    },
  };
}
"""


def rows() -> Iterator[Row]:
    """Measure each journey, press by press in turn with the bare app."""
    with chromium() as browser:
        if browser is None:
            for journey in JOURNEYS:
                yield Row(journey.what, None, None, "ms", journey.target, MISSING)
            return
        with running(OURS) as ours, running(BARE) as bare:
            for journey in JOURNEYS:
                yield _measure(browser, ours, bare, journey)


def _measure(browser: Browser, ours: Server, bare: Server, journey: Journey) -> Row:
    pages = [(open_journey(browser, ours, journey), journey), (open_journey(browser, bare, BARE_JOURNEY), BARE_JOURNEY)]
    times: list[list[float]] = [[], []]
    for _ in range(WARM_UP + PRESSES):
        for side, (page, each) in enumerate(pages):
            times[side].append(press(page, each))
    for page, _ in pages:
        page.context.close()
    mine, plain = (median(taken[WARM_UP:]) for taken in times)
    return Row(journey.what, mine, plain, "ms", journey.target)


def open_journey(browser: Browser, server: Server, journey: Journey) -> Page:
    """Open a journey's page, at rest and watched."""
    page = open_page(new_viewer(browser), f"{server.url}/{journey.path}")
    page.wait_for_selector(f"{journey.picture.place} .js-plotly-plot", state="attached")
    rest(page, journey.ready)
    page.evaluate(PROBE, [journey.picture.place, journey.picture.data, journey.picture.marks])
    if journey.first_key:
        slider_of(page, journey).press(journey.first_key)
        rest(page, journey.ready)
    return page


def press(page: Page, journey: Journey, key: str = "ArrowRight") -> float:
    """Press a key on the journey's slider; return the ms until its picture, once the page is at rest again.

    Raises:
        AssertionError: if the picture that was found is not the one that stayed.
    """
    page.bring_to_front()
    slider_of(page, journey).focus()
    page.evaluate("() => { window.bench.arm(); }")
    page.keyboard.press(key)
    taken, found = page.evaluate("() => window.bench.result")
    rest(page, journey.ready)
    if journey.is_last and found not in page.evaluate("() => window.bench.seen()"):
        raise AssertionError(f"{journey.what}: the picture that was timed is not the one that stayed")
    return float(taken)


def slider_of(page: Page, journey: Journey) -> Locator:
    """Return the slider that a journey moves."""
    return page.locator(f".st-key-{journey.slider} input[type=range]").first

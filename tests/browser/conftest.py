"""A server of our own and a real Chromium that visits it."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import expect, sync_playwright

from pages import PAGES
from pages.locale.catalogue import messages
from pages.ui.process import assets

ROOT = Path(__file__).parents[2]
# The first of these is the same engine without what is around a window: a page costs a seventh less.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",  # words are as wide without a window as in one
    # One process for all pages of a profile: scripts that are warm in it are warm for the next page.
    "--renderer-process-limit=1",
    "--disable-site-isolation-trials",
    "--disable-features=SpareRendererForSitePerProcess,PaintHolding,Translate,HttpsUpgrades",  # nor one in store
]
USUAL = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US"}
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
PHONE_NAME = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140 Mobile Safari/537"
WAIT_S = 60
TITLES = {
    "home": "RNN Explorer",
    "encoding": "Encoding: from text to tensor",
    "training": "Training: watch it learn",
    "sweep": "Sweep: many networks at once",
    "compare": "Compare: run against run",
    "pitfalls": "Pitfalls: what do you expect?",
    "paste": "Paste your code: shapes line by line",
    "shapes": "Shapes: what goes in, what comes out",
    "cell": "Inside the cell: one time step",
    "trajectories": "Trajectories: where the hidden state goes",
    "dynamics": "Dynamics: where a network comes to rest",
    "connectivity": "Connectivity: what a prediction is made from",
    "gradients": "Gradients: why plain RNNs forget",
    "memory": "Memory: who still knows?",
    "modes": "Input and output: four wirings",
    "glossary": "Glossary: one word for one thing",
    "about": "About RNN Explorer",
}
NUMBERS = re.compile(
    r"At step (\d+): loss ([\d.e+-]+) nats per character · accuracy (\d+)% · gradient norm ([\d.e+-]+)"
)
# Streamlit asks for these below the page's address before it knows where the server's root is.
HARMLESS = re.compile(r"/\w+/_stcore/(health|host-config)$")
# A chart's data as Plotly holds it, as text: arrays written out, and the same for what is not there.
READ_CHART = """key => JSON.stringify(document.querySelector(`.st-key-${key} .chart`).data,
  (name, value) => ArrayBuffer.isView(value) ? [...value] : value)"""
TELL_VIOLATIONS = """addEventListener('securitypolicyviolation', ({violatedDirective, blockedURI, sourceFile}) =>
  console.error(`against the policy: ${violatedDirective} ${blockedURI} ${sourceFile}`))"""
expect.set_options(timeout=WAIT_S * 1000)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(
                    pytest.mark.skip("no Chromium found: get one, on Debian with `apt-get install chromium`")
                )


class Server:
    """The app as a viewer's machine would reach it."""

    def __init__(self, log, script="streamlit_app.py", base=""):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.origin = f"http://localhost:{self.port}{base}"
        self.process = None
        self.log, self.script, self.base = log, script, base

    def start(self):
        command = [sys.executable, "-m", "streamlit", "run", self.script]
        options = ["--server.headless", "true", "--server.port", str(self.port), "--server.baseUrlPath", self.base]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command + options, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + WAIT_S
        while not self._is_healthy():
            assert self.process.poll() is None, "the server ended by itself"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.05)
        return self

    def _is_healthy(self):
        try:
            with urllib.request.urlopen(f"{self.origin}/_stcore/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        """Stop the server, which must still be there and must not have reported an error."""
        code = self.process.poll()
        self.process.terminate()
        self.process.wait(WAIT_S)
        said = self.log.read_text(encoding="utf-8", errors="replace")
        assert code is None, f"the server ended by itself with {code}: {said[-2000:]}"
        assert "Traceback" not in said, said[-4000:]

    def address(self, page="home", **params):
        path = "" if page == PAGES[0].name else page
        return f"{self.origin}/{path}" + (f"?{urlencode(params)}" if params else "")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One server for all tests that do not need one of their own."""
    running = Server(tmp_path_factory.mktemp("server") / "log").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def fresh_server(tmp_path_factory):
    """A server that nobody has visited before the first test of a file."""
    running = Server(tmp_path_factory.mktemp("fresh") / "log").start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium():
    """What starts a Chromium, with or without a profile."""
    with sync_playwright() as playwright:
        yield playwright.chromium


class Visit:
    """One tab, and all that it complained about or asked for."""

    def __init__(self, context, *, expected="^$", is_phone=False, speaks=None):
        self.page = context.new_page()
        self.device = context.new_cdp_session(self.page)
        if is_phone:
            self.device.send("Emulation.setDeviceMetricsOverride", PHONE)
            self.device.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
        if speaks or is_phone:
            name = PHONE_NAME if is_phone else self.page.evaluate("navigator.userAgent")
            self.device.send("Emulation.setUserAgentOverride", {"userAgent": name, "acceptLanguage": speaks or "en-US"})
        self.page.set_default_timeout(WAIT_S * 1000)
        self.expected = re.compile(expected)  # complaints that belong to the test
        self.errors, self.hosts = [], set()
        self.page.add_init_script(TELL_VIOLATIONS)
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._note_host(request.url))
        self.page.on("websocket", lambda websocket: self._note_host(websocket.url))

    def _note(self, message):
        if message.type == "error" and not HARMLESS.search(message.location.get("url", "")):
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def _note_host(self, url):
        if urlsplit(url).scheme not in ("data", "blob", "file"):
            self.hosts.add(urlsplit(url).hostname)

    def open(self, address, page):
        self.page.goto(address)
        return self.wait_for(page)

    def wait_for(self, page):
        """Wait until a page is shown whole and at rest."""
        self.title_is(TITLES[page])
        self.at_rest()
        return self

    def title_is(self, title):
        self.says("h1", f"^{re.escape(title)}$")

    def says(self, selector, pattern):
        """Wait for words frame by frame; `expect` would soon look once a second only."""
        self.page.wait_for_function(
            "([selector, pattern]) => new RegExp(pattern).test(document.querySelector(selector)?.innerText ?? '')",
            arg=[selector, pattern],
        )

    def at_rest(self):
        """Wait until no script runs and every chart is drawn."""
        self.page.wait_for_function(
            """() => {
              const app = document.querySelector('[data-testid=stApp]');
              const charts = [...document.querySelectorAll('.chart')];
              return app?.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
                && (charts.length > 0 || document.querySelector('.st-key-listing, .st-key-glossary, .st-key-about'))
                && charts.every((chart) => chart.classList.contains('js-plotly-plot'));
            }"""
        )

    def settled(self, expression):
        """Return a value once it has not changed for a while: a camera swings on after the mouse has let go."""
        last = None
        while last != (last := self.page.evaluate(expression)):
            self.page.wait_for_timeout(300)
        return last

    def widget(self, key):
        # While a script runs, Streamlit keeps what was there behind what comes.
        return self.page.locator(f".st-key-{key}").first

    def click(self, key):
        self.widget(key).get_by_role("button").first.click()

    def unfold(self):
        """Open what is folded away in the side panel."""
        self.widget("more").locator("summary").click()
        return self

    def slider(self, key):
        return self.widget(key).locator("input[type=range]")

    def drag_to(self, key, value, *, is_let_go=True):
        """Drag a slider's handle to a value with the mouse, on a way that passes others."""
        handle = self.slider(key)
        handle.scroll_into_view_if_needed()
        box = handle.bounding_box()
        low, high, now = (float(handle.evaluate(f"range => range.{name}")) for name in ("min", "max", "value"))
        thumb = float(handle.evaluate("range => parseFloat(getComputedStyle(range).getPropertyValue('--thumb'))"))

        def place(number):
            share = (number - low) / (high - low)
            return box["x"] + thumb / 2 + share * (box["width"] - thumb), box["y"] + box["height"] / 2

        self.page.mouse.move(*place(now))
        self.page.mouse.down()
        self.page.mouse.move(*place(value), steps=6)
        if is_let_go:
            self.page.mouse.up()
        return int(handle.input_value())

    def move(self, key, presses):
        """Move a slider by so many stops with the arrow keys."""
        handle = self.slider(key)
        before = int(handle.input_value())
        handle.focus()
        for _ in range(abs(presses)):
            handle.press("ArrowRight" if presses > 0 else "ArrowLeft")
        expect(handle).to_have_value(str(before + presses))

    def chart(self, key):
        """Return the data of a chart as Plotly holds it."""
        self.has_drawn(key)
        return json.loads(self.page.evaluate(READ_CHART, key))

    def has_drawn(self, key):
        """Wait for one chart: under load the script may rest before the browser has made room for all of them."""
        self.page.locator(f".st-key-{key} .chart.js-plotly-plot").first.wait_for()

    def has_same_chart(self, key, other):
        """Wait until a chart holds exactly what another tab's holds."""
        arg = [key, other.page.evaluate(READ_CHART, key)]
        self.page.wait_for_function(f"([key, wanted]) => ({READ_CHART})(key) === wanted", arg=arg)

    def losses(self, count):
        """Return the losses in the picture, once there are so many."""
        self.page.wait_for_function(
            "count => document.querySelector('.st-key-curves .chart').data"
            ".find(({name}) => name === 'loss').y.length === count",
            arg=count,
        )
        return next(trace["y"] for trace in self.chart("curves") if trace.get("name") == "loss")

    def status(self):
        return self.page.locator(".run-status span").inner_text()

    def has_status(self, pattern):
        self.says(".run-status, [data-testid=stMain] [data-testid=stProgress]", pattern)
        return self

    def numbers(self):
        """Return (step, loss, accuracy in percent, gradient norm) as written on the page."""
        place = self.page.get_by_text(NUMBERS)
        expect(place).to_be_visible()
        return NUMBERS.search(place.inner_text()).groups()

    def go_to(self, page):
        """Follow the list of lessons to a page."""
        self.choose_lesson(page)
        return self.wait_for(page)

    def choose_lesson(self, page, lang="en"):
        title = next(spec.title for spec in PAGES if spec.name == page)
        words = messages(lang).get(title, title)
        self.widget("navigation").get_by_role("link", name=words, exact=True).click()

    def watch_place(self, key):
        """Note from now on every place that a widget is at, frame by frame; the result returns them."""
        self.page.evaluate(
            """key => {
              window.places = new Set();
              const look = () => {
                const box = document.querySelector(`.st-key-${key}`)?.getBoundingClientRect();
                window.places.add(box && `${box.x} ${box.y}`);
                requestAnimationFrame(look);
              };
              look();
            }""",
            key,
        )
        return lambda: self.page.evaluate("() => [...window.places]")

    def has_params(self, **params):
        """Wait until the address has exactly these parameters; which run was before only where that is asked for."""
        self.page.wait_for_function(
            """wanted => JSON.stringify([...new URLSearchParams(location.search)].sort()
              .filter(([name]) => name !== 'before' || name in wanted)) === JSON.stringify(Object.entries(wanted))""",
            arg=dict(sorted(params.items())),
        )
        return self

    def has_not_complained(self):
        assert [error for error in self.errors if not self.expected.search(error)] == []
        assert self.hosts == {"localhost"}

    def close(self):
        self.page.close()
        self.has_not_complained()


@pytest.fixture(scope="session")
def usual_context(chromium, tmp_path_factory):
    """What all tabs share: with a profile on the disk, scripts that were compiled for one are not for the next."""
    profile = tmp_path_factory.mktemp("profile")
    context = chromium.launch_persistent_context(profile, executable_path=CHROMIUM, args=FLAGS, **USUAL)
    yield context
    context.close()


@pytest.fixture
def blank(usual_context):
    """A tab with nothing in it, where a script of ours can be imported alone."""
    page = usual_context.new_page()

    def hand_out(route):
        file = assets.files().get(urlsplit(route.request.url).path.lstrip("/"))
        route.fulfill(path=file) if file else route.fulfill(body="", content_type="text/html")

    page.route("http://localhost/*", hand_out)
    page.goto("http://localhost/")
    yield page
    page.close()


@pytest.fixture
def visit(usual_context):
    """Open tabs, each a session of its own; at the end none of them may have complained."""
    opened = []

    def open_tab(**options):
        opened.append(Visit(usual_context, **options))
        return opened[-1]

    yield open_tab
    for tab in opened:
        tab.close()


@pytest.fixture(scope="module")
def lasting(usual_context):
    """A tab for all tests of a file that need none of their own."""
    tab = Visit(usual_context)
    yield tab
    tab.close()


@pytest.fixture
def turn_to(server, lasting):
    """Load a page into the lasting tab: each is a new session."""
    yield lambda page, **params: lasting.open(server.address(page, **params), page)
    lasting.has_not_complained()

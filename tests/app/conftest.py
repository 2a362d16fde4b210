"""The app as a test sees it: opened with a link, read by what is on the screen."""

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path

import jaxtyping
import pytest
import torch
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from pages import PAGES
from pages.ui.channel.protocol import answer, message, scene
from pages.ui.channel.seats import seat_of
from pages.ui.session.link import Look
from pages.ui.work.engine import Engine
from pages.ui.work.store import store
from rnn_core.figures import theme

torch.set_num_threads(1)  # as the app does: another number of threads adds in another order

ENTRY = Path(__file__).parents[2] / "streamlit_app.py"
PAGE_NAMES = [spec.name for spec in PAGES]
MOST_RUNS = 300  # of the script, until something that is awaited has happened
NOT_WORDS = re.compile(
    "id|form_id|element_id|page|page_script_hash|url_path|type|icon|material_icon|component_name|language|format|spec"
    "|config|js_content|js_source_path|html_content|css_content|css_source_path|json|query_string|code_text|theme"
)
# What every page draws whatever is in the link.
CHARTS = {
    "pitfalls": {"pitfall_cells"},
    "paste": set(),
    "glossary": set(),
    "about": set(),
    "home": {"network"},
    "encoding": {"tensor", "states"},
    "shapes": {"flow", "grid"},
    "training": {"curves", "states"},
    "sweep": {"sweep_map", "sweep_curves", "sweep_one"},
    "compare": {"compare"},
    "cell": {"unrolled_before", "unrolled_after", "inside_before", "inside_after"},
    "trajectories": {"map", "lines", "path", "curves", "eigenvalues"},
    "dynamics": {"phase_plane", "point_eigenvalues"},
    "gradients": {"trained_reach", "map_before", "map_after"},
    "connectivity": {"connections"},
    "modes": {"many_to_many", "many_to_one", "one_to_many", "encoder_decoder", "places", "wiring_losses"},
    "memory": {"memory_lags", "memory_learning"},
}


@dataclass(frozen=True)
class Chart:
    """A chart as it is sent to the browser."""

    alt: str
    data: list[dict]
    layout: dict

    def trace(self, **wanted):
        """Return the first trace with these attributes."""
        return next(t for t in self.data if all(t.get(name) == value for name, value in wanted.items()))


def open_app(page="home", *, locale=None, **params):
    """Open a page with a link, in a session of its own; None for a parameter leaves it out."""
    at = AppTest.from_file(ENTRY, default_timeout=30)
    if locale:
        at.context["locale"] = locale
    at.query_params.update({name: value for name, value in params.items() if value is not None})
    at.switch_page(f"pages/{page}.py")
    return at.run()


@functools.cache
def opened(page, lang):
    """Return a page in a language for tests that only read it: opened once a module."""
    return open_app(page, lang=lang)


def follow_link(page, at):
    """Open the address that another session shows."""
    return open_app(page, **at.query_params)


def run_until(at, condition):
    """Run the script, as the clock of a fragment does, until a condition holds."""
    for _ in range(MOST_RUNS):
        if condition():
            return at
        at.run()
    raise AssertionError(f"still not so after {MOST_RUNS} runs")


def kept_by(at, kind):
    """Return what a room keeps in the session."""
    return at.session_state["_session"].parts[kind]


def engine_of(at):
    return kept_by(at, Engine)


def run_to_pause(at):
    return run_until(at, lambda: not engine_of(at).is_playing)


def config_of(at):
    """Return the experiment on the screen."""
    return at.session_state["_session"].shown.config


def look_of(at):
    """Return what is on the screen."""
    session = at.session_state["_session"]
    return Look(session.seen, session.views)


def find(at, key):
    """Return the widget with a key, whatever its kind."""
    found = [element for element in at if getattr(element, "key", None) == key]
    assert len(found) == 1, f"{len(found)} widgets with the key {key}"
    return found[0]


def keys(at):
    return {element.key for element in at if getattr(element, "key", None)}


def click(at, key):
    return find(at, key).click().run()


def change(at, key, value):
    return find(at, key).set_value(value).run()


def charts(at):
    """Return the charts on the screen by their keys."""
    found = {}
    for element in at.get("plotly_chart"):
        figure = json.loads(element.proto.spec)
        found[_key(element)] = Chart(element.proto.alt, figure["data"], figure["layout"])
    for element in at.get("bidi_component"):
        if element.proto.component_name.endswith("chart"):
            sent = json.loads(element.proto.json)
            figure = json.loads(sent["figure"]) if isinstance(sent["figure"], str) else sent["figure"]
            found[_key(element)] = Chart(sent["alt"], figure["data"], figure["layout"])
    return found


def hold(at, stage, field, value):
    """Return what the live channel answers where a slider of what is on the screen is held at a value."""
    asked = {"v": 1, "n": 1, "stage": stage, "query": dict(at.query_params), "hand": [field, value]}
    return json.loads(answer(message(json.dumps(asked))))


def stream(at, stage, work):
    """Return what the live channel sends of what is on the screen while a work of the session goes on."""
    asked = {"stages": [stage], "query": dict(at.query_params), "seat": seat_of(work)}
    (part,) = message(json.dumps({"v": 1, "play": [asked]})).parts
    return {"pictures": json.loads(scene(part, 1, False))["scene"][stage]}


def check_same(at, told):
    """Check that the page shows what the channel drew: the same charts and the same words."""
    assert told["pictures"]
    for key, picture in told["pictures"].items():
        if "figure" not in picture:
            shown = {(element.proto.value, element.proto.text) for element in at.get("progress")}
            assert (int(100 * float(picture["share"])), picture["words"]) in shown
            continue
        figure = json.loads(picture["figure"])
        assert charts(at)[key] == Chart(picture["alt"], figure["data"], figure["layout"])
        assert unescaped(picture["note"]) in body(at)


def _key(element):
    return element.proto.id.split("-", 2)[2]


def words(at):
    """Return every text that the viewer can read or hear, except code."""
    found = []
    for element in at:
        if getattr(element, "proto", None) is not None and element.type != "code":
            found += _strings(element.proto)
    found += [chart.alt for chart in charts(at).values()]
    for chart in charts(at).values():
        found += _labels(chart)
    return [text for text in found if text.strip()]


def _strings(message):
    for field, value in message.ListFields():
        if NOT_WORDS.fullmatch(field.name):
            continue
        for part in value if field.is_repeated else [value]:
            if isinstance(part, str):
                yield part
            elif hasattr(part, "ListFields"):
                yield from _strings(part)


def _labels(chart):
    for name, value in chart.layout.items():
        if name[1:5] == "axis":
            yield value.get("title", {}).get("text", "")
    yield from (note["text"] for note in chart.layout.get("annotations", []))
    for trace in chart.data:
        yield re.sub(r"%\{.*?\}|<.*?>", "", trace.get("hovertemplate", ""))


def body(at):
    """Return all that is written in the page's Markdown, escapes undone."""
    return unescaped("\n".join(element.value for element in at.main.markdown))


def notices(at):
    """Return the lines that say what of the link could not be used."""
    found = [unescaped(element.value) for element in at.warning if "link" in element.value or "링크" in element.value]
    return [line.removeprefix("- ") for text in found for line in text.split("\n")[1:]]


def unescaped(text):
    return re.sub(r"\\(\W|_)", r"\1", text)


def check_works(at, page, drawn=None):
    """Check that a page is as it should be: no exception, a title, and charts with their words, those named if any."""
    assert not at.exception, [e.value for e in at.exception]
    assert len(at.title) == 1
    assert at.title[0].value
    assert (drawn or CHARTS[page]) <= set(charts(at))
    for chart in charts(at).values():
        assert chart.alt.strip()
        assert chart.data


@pytest.fixture(scope="session", autouse=True)
def installed_components():
    """Look once through the installed packages for components; AppTest would for every session, a tenth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        scan = functools.cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="module", autouse=True)
def no_runs_of_other_modules():
    """Begin each module with a store that knows no run, and with no page open: it may want them checked."""
    store.forget()
    opened.cache_clear()


@pytest.fixture(autouse=True)
def no_runs_of_other_tests(request):
    """Begin each test so too, unless its module says `SHARES_RUNS`: it does not look at how a run has come about."""
    if not getattr(request.module, "SHARES_RUNS", False):
        store.forget()


@pytest.fixture(autouse=True)
def _checks_once(request):
    """Check axes and Plotly's attributes in `test_pages.py`, which opens every page with every preset; nowhere else.

    They are those of the core and of the figures, whose own tests check them for whatever can be set, and the same in
    every language.
    """
    drawn = getattr(request.node, "callspec", None)
    if request.path.name == "test_pages.py" and not (drawn and drawn.params.get("lang", "en") != "en"):
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jaxtyping.config, "jaxtyping_disable", True)
        patch.setattr(theme, "VALIDATES", False)
        yield


@pytest.fixture(params=PAGE_NAMES)
def page(request):
    """Each page in turn."""
    return request.param

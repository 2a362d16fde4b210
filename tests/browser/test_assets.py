"""What the server hands out beside Streamlit's own files."""

import gzip
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path

import pytest

PLOTLY = Path(find_spec("plotly").origin).parent / "package_data" / "plotly.min.js"
# Of each file of ours that a tab has asked for: whether it came from the browser's own store.
STORED = """() => Object.fromEntries(performance.getEntriesByType('resource')
  .filter(({name}) => name.includes('/assets/'))
  .map(({name, transferSize}) => [name.split('/').pop(), transferSize === 0]))"""


def fetch(address, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:
        return answer.read(), answer.headers


def plotly_address(server):
    page, _ = fetch(server.address("training"), Accept="text/html,*/*", **{"Accept-Encoding": "gzip"})
    at = page.decode().split('as="script" href="')[1].split('"')[0]
    return f"{server.origin}/{at}"


def test_plotly_is_packed_once_and_kept_for_good(server):
    address = plotly_address(server)
    packed, headers = fetch(address, **{"Accept-Encoding": "gzip, br"})
    assert headers["Content-Encoding"] == "gzip"
    assert "immutable" in headers["Cache-Control"]
    assert gzip.decompress(packed) == PLOTLY.read_bytes()
    plain, headers = fetch(address)
    assert headers["Content-Encoding"] is None
    assert plain == PLOTLY.read_bytes()


@pytest.mark.parametrize("wrong", ["other/plotly.min.js", "{version}/secrets.js", "{version}/..%2Fassets.py.js"])
def test_nothing_but_the_present_files_is_handed_out(server, wrong):
    version = plotly_address(server).split("/")[-2]
    with pytest.raises(urllib.error.HTTPError) as raised:
        fetch(f"{server.origin}/assets/{wrong.format(version=version)}")
    with raised.value as answer:
        assert answer.code in (400, 404)


def test_a_page_is_never_kept_longer_than_the_files_it_names(server):
    _, headers = fetch(server.address(), Accept="text/html")
    assert headers["Cache-Control"] == "no-cache"
    assert headers["ETag"] is None  # a browser would be told that the page of yesterday is still good
    assert headers["Last-Modified"] is None


def all_is_here(tab):
    tab.slider("hidden_size").wait_for()
    tab.widget("copy_link").get_by_text("Copy link").wait_for()


def test_a_browser_that_was_here_before_fetches_no_script_again(server, visit):
    tab = visit()
    tab.device.send("Network.clearBrowserCache")  # as if it had never been here
    tab.open(server.address("encoding"), "encoding")
    all_is_here(tab)
    first = tab.page.evaluate(STORED)
    assert {"plotly.min.js", "chart.js", "slider.js", "slider.css", "page.css", "ahead.js"} <= set(first)
    assert not any(first[name] for name in ("plotly.min.js", "slider.js"))
    tab.page.reload()
    tab.wait_for("encoding")
    all_is_here(tab)
    again = tab.page.evaluate(STORED)
    assert set(again) == set(first)
    assert all(again.values()), again


def test_plotly_is_loaded_before_any_chart_asks_for_it(server, visit):
    tab = visit().open(server.address("paste"), "paste")
    assert tab.page.locator(".chart").count() == 0
    tab.page.wait_for_function("() => window.Plotly")

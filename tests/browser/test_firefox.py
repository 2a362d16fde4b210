"""The same in Firefox: sliders speak under the hand, charts change in place, films are scrubbed."""

import base64

import numpy as np
import pytest

from rnn_core.config import Config
from rnn_core.training.trainer import first_look
from tests.browser.firefox import FIREFOX, firefox

pytestmark = pytest.mark.skipif(
    not FIREFOX, reason="no Firefox found: get one, on Debian with `apt-get install firefox-esr`"
)
AT_REST = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  const charts = [...document.querySelectorAll('.chart')];
  return app?.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && charts.length > 0 && charts.every((chart) => chart.classList.contains('js-plotly-plot'));
}"""
# Components keep what is theirs in shadow roots of their own.
PIERCE = """(key, what) => {
  const host = document.querySelector(`.st-key-${key}`);
  const all = (root) => [...root.querySelectorAll('*')].flatMap((one) => (one.shadowRoot ? [one.shadowRoot] : []));
  return [host, ...all(host)].map((root) => root.querySelector(what)).find(Boolean);
}"""
FILM = "() => document.querySelector('.st-key-path .film output').textContent"


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    with firefox(tmp_path_factory.mktemp("firefox")) as running:
        yield running
    assert running.errors == []
    assert running.hosts <= {"localhost", None}


def place_of(tab, key, value):
    """Return where the handle of a slider is in the window when it stands at a value, once it is there."""
    tab.wait_for(f"() => Boolean(document.querySelector('.st-key-{key}') && ({PIERCE})('{key}', 'input[type=range]'))")
    return tab.run(
        f"""(key, value) => {{
          const range = ({PIERCE})(key, 'input[type=range]');
          range.scrollIntoView({{ block: 'center' }});
          const box = range.getBoundingClientRect();
          const thumb = parseFloat(getComputedStyle(range).getPropertyValue('--thumb'));
          const share = (value - range.min) / (range.max - range.min);
          return [box.x + thumb / 2 + share * (box.width - thumb), box.y + box.height / 2];
        }}""",
        key,
        value,
    )


def test_a_slider_is_dragged_and_the_chart_changes_in_place(server, tab):
    tab.open(server.address("encoding"))
    tab.wait_for(AT_REST)
    tab.run(
        """() => {
          window.node = document.querySelector('.st-key-states .chart');
          window.sizes = new Set();
          const look = () => { window.sizes.add(window.node.data?.[0].z.shape); requestAnimationFrame(look); };
          look();
        }"""
    )
    start = place_of(tab, "hidden_size", Config().hidden_size)
    tab.drag(start, place_of(tab, "hidden_size", 30), moves=20, is_let_go=False)
    size = int(tab.run(f"() => ({PIERCE})('hidden_size', 'input[type=range]').value"))
    assert abs(size - 30) <= 1
    tab.wait_for("size => window.node.data[0].z.shape.startsWith(`${size},`)", size)  # under the hand
    assert tab.run("() => location.search") == ""  # nothing is decided yet
    tab.let_go()
    tab.wait_for("size => new URLSearchParams(location.search).get('hidden_size') === String(size)", size)
    tab.wait_for(AT_REST)
    drawn = tab.run("() => document.querySelector('.st-key-states .chart').data[0].z.bdata")
    states = first_look(Config(hidden_size=size)).states_of(0).T
    assert base64.b64decode(drawn) == np.ascontiguousarray(states, dtype=np.float32).tobytes()
    assert tab.run("() => document.querySelector('.st-key-states .chart') === window.node")
    assert len(tab.run("() => [...window.sizes]")) >= 4  # it moved with the mouse
    assert tab.run("() => window.node.querySelector('.heatmaplayer image') !== null")


def test_a_film_is_scrubbed_by_keys_in_the_browser(server, tab):
    tab.open(server.address("trajectories", steps=12))
    tab.wait_for(AT_REST)
    assert tab.wait_for(FILM) == "step 12"
    tab.run(
        """() => {
          window.said = 0;
          const { send } = WebSocket.prototype;
          WebSocket.prototype.send = function (data) { window.said += 1; return send.call(this, data); };
          document.querySelector('.st-key-path .film input').focus();
        }"""
    )
    tab.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    tab.wait_for(f"() => ({FILM})() === 'step 9'")
    assert tab.run("() => window.said") <= 1  # at most where the film came to rest
    tab.wait_for("() => new URLSearchParams(location.search).get('step') === '9'")

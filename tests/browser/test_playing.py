"""What goes on is seen going on: pictures change while no script runs, and one run of it shows the end."""

import pytest

from pages.ui.channel.socket import PATH

# Every picture of a chart that is drawn while no script runs, and how often the page is told something.
WATCH = """key => {
  const { send } = WebSocket.prototype;
  window.told = 0;
  window.seen = new Set();
  let last;
  WebSocket.prototype.send = function (data) {
    if (this.url.includes('_stcore')) window.told += 1;
    return send.call(this, data);
  };
  const look = () => {
    const chart = document.querySelector(`.st-key-${key} .chart`);
    const isStill = document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning';
    if (chart?.data && chart.data !== last && isStill && !window.told) {
      last = chart.data;
      window.seen.add(JSON.stringify([chart.data, chart.layout.meta]));
    }
    requestAnimationFrame(look);
  };
  look();
}"""
# Every frame that the film is seen at, and how often the run has brought another film.
WATCH_FILM = """() => {
  window.shown = new Set();
  window.figures = new Set();
  const look = () => {
    window.shown.add(document.querySelector('.st-key-path .film output').textContent);
    window.figures.add(document.querySelector('.st-key-path .chart').words);
    requestAnimationFrame(look);
  };
  look();
}"""
SWEEP = {"axes": "learning_rate:0.001:1:8,hidden_size:8:32:4", "steps": 150, "seed": 71}
MEMORY = {"lags": "3", "memory_units": 8, "networks": 3, "updates": 150, "alphabet": 3}


def seen_going_on(tab, key, count):
    """Wait until a chart has shown so many pictures without a run of the script."""
    tab.has_drawn(key)
    tab.page.evaluate(WATCH, key)
    tab.page.wait_for_function("count => window.seen.size >= count", arg=count)


@pytest.mark.parametrize(
    ("page", "key", "params"), [("sweep", "sweep_map", SWEEP), ("memory", "memory_learning", MEMORY)]
)
def test_pictures_follow_what_is_trained_and_the_end_is_told_once(server, visit, page, key, params):
    tab = visit()
    tab.page.goto(server.address(page, **params))
    seen_going_on(tab, key, 3)
    tab.page.wait_for_function("() => window.told === 1")
    tab.at_rest()
    assert tab.page.evaluate("() => window.told") == 1


def test_without_a_channel_the_page_goes_on_by_itself(server, visit):
    tab = visit(expected="WebSocket")
    tab.page.route_web_socket(f"**/{PATH}", lambda socket: socket.close(code=1011))
    tab.page.goto(server.address("memory", **MEMORY | {"updates": 400, "gates": "default"}))
    tab.says(".run-status", r"lag 3, update \d+")
    tab.page.locator(".st-key-again_memory").wait_for()


def test_the_film_grows_while_the_run_plays_and_stays_where_it_is_put(server, visit):
    tab = visit()
    tab.page.goto(server.address("trajectories", steps=2000, hidden_size=48, seed=72))
    seen_going_on(tab, "path", 3)
    film = tab.page.locator(".st-key-path .film")
    film.get_by_role("slider").press("Home")
    tab.page.evaluate(WATCH_FILM)
    while tab.page.evaluate("() => window.figures.size") < 3:  # the viewer is still at it
        film.get_by_role("slider").press("Home")
        tab.page.wait_for_timeout(200)
    tab.page.wait_for_function("() => new URLSearchParams(location.search).get('step') === '0'")
    assert tab.page.evaluate("() => [...window.shown]") == ["step 0"]

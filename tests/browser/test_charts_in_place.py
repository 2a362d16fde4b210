"""Charts and sliders by themselves: what a viewer did in one stays, whatever else changes."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Server, Visit

CAMERA = "() => document.querySelector('.st-key-spiral .chart')._fullLayout.scene._scene.getCamera().eye"
# Whether the chart and the whole page around it have followed the slider.
SIZE_IS = """size => document.querySelector('.st-key-spiral .chart')?.ariaLabel === `${size} points`
  && document.querySelector('[data-testid=stApp]').innerText.includes(`size ${size}, span`)"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A server of a page that has nothing but charts and sliders."""
    running = Server(tmp_path_factory.mktemp("stage") / "log", "tests/browser/stage_app.py").start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def tab(stage, usual_context):
    """One tab for all of them: each is about a chart or a slider of its own."""
    tab = Visit(usual_context)
    tab.page.goto(stage.origin)
    tab.page.wait_for_selector(".st-key-film .js-plotly-plot", state="attached")
    tab.at_rest()
    yield tab
    tab.close()


def test_the_camera_stays_where_the_viewer_turned_it(tab):
    box = tab.page.locator(".st-key-spiral .chart").bounding_box()
    before = tab.page.evaluate(CAMERA)
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 150)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] / 2 + 120, box["y"] + 110, steps=5)
    tab.page.mouse.up()
    turned = tab.settled(CAMERA)
    assert turned != before
    tab.page.evaluate("() => { window.node = document.querySelector('.st-key-spiral .chart'); }")
    for size, key in ((6, "ArrowRight"), (7, "ArrowRight"), (8, "ArrowRight"), (7, "ArrowLeft"), (6, "ArrowLeft")):
        tab.slider("size").press(key)
        tab.page.wait_for_function(SIZE_IS, arg=size)
    tab.at_rest()
    assert tab.page.evaluate(CAMERA) == pytest.approx(turned)
    assert tab.page.evaluate("() => node === document.querySelector('.st-key-spiral .chart')")


def test_charts_of_the_same_quantity_share_a_cursor(tab):
    box = tab.page.locator(".st-key-left .nsewdrag").bounding_box()
    tab.page.mouse.move(box["x"], box["y"])
    tab.page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + box["height"] / 2, steps=3)
    lines = [tab.page.locator(f".st-key-{key} .cursor") for key in ("left", "right")]
    for line in lines:
        expect(line).to_be_visible()
    left, right = (line.bounding_box()["x"] - line.locator("..").bounding_box()["x"] for line in lines)
    assert left == pytest.approx(right, abs=1)
    tab.page.mouse.move(5, 5)
    for line in lines:
        expect(line).to_be_hidden()


def test_a_click_reaches_the_server(tab):
    box = tab.page.locator(".st-key-left .nsewdrag").bounding_box()
    x = tab.page.evaluate(
        "() => { const { xaxis, yaxis } = document.querySelector('.st-key-left .chart')._fullLayout;"
        " return [xaxis.d2p(4), yaxis.d2p(16)]; }"
    )
    tab.page.mouse.move(box["x"] + x[0] - 3, box["y"] + x[1])
    tab.page.mouse.click(box["x"] + x[0], box["y"] + x[1])
    expect(tab.page.get_by_text("clicked 4")).to_be_visible()


def test_a_film_plays_and_scrubs_without_the_server(tab):
    film = tab.page.locator(".st-key-film .film")
    shown = "() => document.querySelector('.st-key-film .chart').data[0].y[0]"
    expect(film.locator("output")).to_have_text("step 0")
    tab.page.evaluate(
        "() => { window.sent = 0; const send = WebSocket.prototype.send;"
        " WebSocket.prototype.send = function (data) { window.sent += 1; return send.call(this, data); }; }"
    )
    film.get_by_role("slider").focus()
    for key, place in (("ArrowRight", 1), ("ArrowRight", 2), ("End", 5), ("ArrowLeft", 4), ("Home", 0)):
        tab.page.keyboard.press(key)
        expect(film.locator("output")).to_have_text(f"step {place}")
        tab.page.wait_for_function(f"({shown})() === {place}")
    tab.page.keyboard.press("Space")
    expect(film.locator("output")).to_have_text("step 5")
    for name, place in (("Back", 4), ("Back", 3), ("On", 4), ("On", 5), ("On", 5)):
        film.get_by_role("button", name=name).click()
        expect(film.locator("output")).to_have_text(f"step {place}")
        tab.page.wait_for_function(f"({shown})() === {place}")
    film.get_by_role("button", name="Play").click()  # plays again from the start
    expect(film.locator("output")).to_have_text("step 5")
    assert tab.page.evaluate("sent") == 0


def test_a_span_has_two_ends_that_do_not_cross(tab):
    low, high = tab.widget("span").locator("input[type=range]").all()
    low.press("ArrowRight")
    expect(tab.page.get_by_text("span 3 to 7")).to_be_visible()
    high.press("ArrowLeft")
    expect(tab.page.get_by_text("span 3 to 6")).to_be_visible()
    low.press("End")
    expect(tab.page.get_by_text("span 6 to 6")).to_be_visible()
    tab.widget("span").locator(".rail").dblclick(position={"x": 3, "y": 10})
    expect(tab.page.get_by_text("span 2 to 7")).to_be_visible()

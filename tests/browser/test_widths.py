"""Charts are as wide as their place, whatever happens to it."""

import pytest

from tests.browser.conftest import PHONE, USUAL

# Charts whose drawing is not as wide as its place, with both widths.
MISFITS = """() => [...document.querySelectorAll('.chart.js-plotly-plot')].filter((chart) => chart.clientWidth > 0)
  .map((chart) => [chart.closest('[class*=st-key-]')?.className.match(/st-key-(\\w+)/)?.[1], chart.clientWidth,
    chart.querySelector('.main-svg')?.clientWidth ?? 0])
  .filter(([, place, drawing]) => Math.abs(place - drawing) > 1)"""
FITS = f"() => ({MISFITS})().length === 0"
WIDTH = "() => document.querySelector('.chart').clientWidth"
LSTM = {"cell": "lstm", "num_layers": 2, "bidirectional": "true", "seq_len": 6, "batch_size": 2}


def fits(tab, before):
    """Wait until the page has another width than before and every chart has followed."""
    tab.page.wait_for_function(f"before => ({WIDTH})() !== before", arg=before)
    tab.page.wait_for_function(FITS)
    return tab.page.evaluate(WIDTH)


@pytest.mark.parametrize(("page", "params"), [("shapes", LSTM), ("trajectories", {}), ("training", {})])
def test_charts_follow_the_sidebar_and_the_window(turn_to, page, params):
    tab = turn_to(page, **params)
    tab.page.wait_for_function(FITS)
    width = tab.page.evaluate(WIDTH)
    tab.page.get_by_test_id("stSidebar").hover()
    tab.page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    wide = fits(tab, width)
    assert wide > width
    tab.page.get_by_test_id("stExpandSidebarButton").click()  # the browser keeps what the sidebar is: leave it open
    assert fits(tab, wide) == width
    tab.page.set_viewport_size({"width": 1024, "height": 700})
    assert fits(tab, width) < width
    tab.page.set_viewport_size(USUAL["viewport"])


def test_charts_follow_a_phone_that_is_turned(server, visit):
    tab = visit(is_phone=True).open(server.address("training"), "training")
    tab.page.wait_for_function(FITS)
    width = tab.page.evaluate(WIDTH)
    tab.device.send("Emulation.setDeviceMetricsOverride", PHONE | {"width": 844, "height": 390})
    turned = fits(tab, width)
    tab.device.send("Emulation.setDeviceMetricsOverride", PHONE)
    assert fits(tab, turned) == width

"""What a page is about is in one view with what moves it, at any size of the window, and its words are whole."""

import pytest

from tests.browser.conftest import PHONE, TITLES
from tests.browser.test_widths import FITS

SIZES = ((1280, 720), (1400, 900), (1920, 1080))
HEAD = 40  # pixels: one line of title and introduction
SHARE = 0.6  # of the first picture that is in sight, at least

# Where the first picture is, whatever draws it, and what of it is in sight.
PICTURE = """() => {
  const all = document.querySelectorAll('[data-testid=stMain] :is(.chart, .st-key-tinted, .st-key-listing)');
  const box = [...all].find((one) => one.getClientRects().length).getBoundingClientRect();
  const bottom = document.querySelector('[data-testid=stMain]').getBoundingClientRect().bottom;
  return { top: box.top, height: box.height, seen: Math.min(box.bottom, bottom) - Math.max(box.top, 0) };
}"""
# Words in drawings that are cut off, or lie on each other; a pixel or two of a box is not of its letters.
UNREADABLE = """() => [...document.querySelectorAll('.chart.js-plotly-plot')].flatMap((chart) => {
  const place = chart.getBoundingClientRect(), found = [];
  const words = [...chart.querySelectorAll('.main-svg text')]
    .filter((text) => text.textContent.trim() && getComputedStyle(text).opacity > 0 && !text.closest('.hoverlayer'))
    .map((text) => ({ said: text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width);
  const shared = (a, b) => [
    Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
  words.forEach(({ said, box }, i) => {
    const [across, down] = shared(box, place);
    if (across < box.width - 2 || down < box.height - 2) found.push(['cut', said]);
    for (const other of words.slice(i + 1))
      if (shared(box, other.box).every((pixels) => pixels > 4)) found.push(['on each other', said, other.said]);
  });
  return found;
})"""
THERE = "() => !document.querySelector('[data-testid=stMain] [data-testid=stSkeleton]')"
OVERFLOW = """() => {
  const { scrollWidth, clientWidth } = document.querySelector('[data-testid=stMain]');
  return scrollWidth - clientWidth;
}"""


def show(tab, width, height, *, is_phone=False):
    """Give the window a size, and wait until every chart has taken it up."""
    screen = PHONE | {"width": width, "height": height, "mobile": is_phone}
    tab.device.send("Emulation.setDeviceMetricsOverride", screen)
    tab.page.wait_for_function("width => innerWidth === width", arg=width)
    tab.page.wait_for_function(FITS)


def check(tab, where, share=SHARE):
    tab.page.wait_for_function(THERE)
    picture = tab.page.evaluate(PICTURE)
    assert picture["seen"] >= share * min(picture["height"], 400), (where, picture)
    assert tab.page.evaluate(UNREADABLE) == [], where
    assert tab.page.evaluate(OVERFLOW) <= 0, where


@pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("ko", "dark")])
def test_every_page_shows_its_first_picture_and_whole_words_at_any_size(server, visit, lang, theme):
    tab = visit()
    tab.page.emulate_media(color_scheme=theme)
    for page in TITLES:
        tab.page.goto(server.address(page, steps=10, lang=lang))
        tab.says("h1", TITLES[page] if lang == "en" else "[가-힣]|RNN Explorer")
        tab.at_rest()
        for size in SIZES:
            show(tab, *size)
            check(tab, (page, size))
            assert tab.page.locator(".st-key-page_head").bounding_box()["height"] <= HEAD, (page, size)
        show(tab, PHONE["width"], PHONE["height"], is_phone=True)
        check(tab, (page, "phone"), share=0.3)


def test_on_a_phone_the_sliders_come_under_the_picture_and_turning_it_opens_nothing(server, visit):
    tab = visit(is_phone=True).open(server.address("training", steps=10), "training")
    panel = tab.page.get_by_test_id("stSidebar")
    turned = PHONE | {"width": PHONE["height"], "height": PHONE["width"]}
    tab.device.send("Emulation.setDeviceMetricsOverride", turned)
    tab.page.wait_for_function("() => innerWidth > innerHeight")
    tab.page.wait_for_function(FITS)
    assert panel.get_attribute("data-collapsed") == "true"
    tab.device.send("Emulation.setDeviceMetricsOverride", PHONE)
    tab.page.get_by_test_id("stExpandSidebarButton").click()
    top = "() => Math.round(document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().top)"
    assert tab.settled(top) >= 0.6 * PHONE["height"]
    assert tab.page.evaluate(PICTURE)["seen"] > 200
    before = tab.chart("states")
    tab.move("hidden_size", 1)
    tab.has_params(steps="10", hidden_size="10")
    assert tab.chart("states") != before
    assert tab.page.evaluate(PICTURE)["seen"] > 200


def test_an_embed_has_neither_introduction_nor_menu_nor_open_panel(server, visit):
    tab = visit()
    tab.page.add_init_script("localStorage.clear()")  # where the browser keeps that a viewer has opened the panel
    tab.open(server.address("training", steps=10, embed="true"), "training")
    assert tab.page.locator(".st-key-page_head details, [class*=st-key-menu_]").count() == 0
    assert tab.page.get_by_test_id("stSidebar").get_attribute("data-collapsed") == "true"
    tab.has_params(steps="10", embed="true")

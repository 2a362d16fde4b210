"""What a page is about is in one view with what moves it, at any size of the window, and its words are whole."""

from pages.ui.session.acting import FIVE
from tests.browser.conftest import PHONE
from tests.browser.test_widths import FITS

SIZES = ((1280, 720), (1400, 900), (1920, 1080))
NO_TEXT_BELOW = ("encoding", "dynamics")  # in the middle of the page, or not there
SHARE = 0.6  # of the first picture that is in sight, at least

# Where the first picture is, whatever draws it, or where the words are of which a page consists, and what is in sight.
PICTURE = """() => {
  const all = document.querySelectorAll(
    '[data-testid=stMain] :is(.chart, .st-key-tinted, .st-key-listing, .st-key-glossary, .st-key-about)');
  const box = [...all].find((one) => one.getClientRects().length).getBoundingClientRect();
  const bottom = document.querySelector('[data-testid=stMain]').getBoundingClientRect().bottom;
  return { top: box.top, height: box.height, seen: Math.min(box.bottom, bottom) - Math.max(box.top, 0) };
}"""
# Words in drawings that are cut off, or lie on each other; a pixel or two of a box is not of its letters.
UNREADABLE = """() => [...document.querySelectorAll('.chart.js-plotly-plot')].flatMap((chart) => {
  const place = chart.getBoundingClientRect(), found = [], button = chart.parentElement.querySelector('.menu > button');
  const isSeen = button && getComputedStyle(button).opacity > 0;
  const words = [...chart.querySelectorAll('.main-svg text')]
    .filter((text) => text.textContent.trim() && getComputedStyle(text).opacity > 0 && !text.closest('.hoverlayer'))
    .map((text) => ({ said: text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width);
  const shared = (a, b) => [
    Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
  words.forEach(({ said, box }, i) => {
    const [across, down] = shared(box, place);
    if (across < box.width - 2 || down < box.height - 2) found.push(['cut', said]);
    if (isSeen && shared(box, button.getBoundingClientRect()).every((pixels) => pixels > 4))
      found.push(['covered', said]);
    for (const other of words.slice(i + 1))
      if (shared(box, other.box).every((pixels) => pixels > 4)) found.push(['on each other', said, other.said]);
  });
  return found;
})"""
# Numbers of sliders that are cut off, and tables that go on at a side where no key leads; that is found out soon after.
OUT_OF_REACH = """() => [
  ...[...document.querySelectorAll('[data-testid=stMain] *, [data-testid=stSidebar] *')]
    .flatMap((one) => [...(one.shadowRoot?.querySelectorAll('input.number') ?? [])])
    .filter((number) => number.scrollWidth > number.clientWidth || number.closest('.numbers').offsetLeft < 0),
  ...[...document.querySelectorAll('[data-testid=stMain] table')].map((table) => table.parentElement)
    .filter((place) => place.scrollWidth > place.clientWidth + 1
      && !(place.tabIndex === 0 && /local/.test(getComputedStyle(place).backgroundAttachment))),
].map((one) => one.outerHTML.slice(0, 80))"""
# The side of the plane over that of its place, over what the window has room for, and its width over its height.
PLANE = """() => {
  const chart = document.querySelector('.st-key-phase_plane .chart'), { xaxis, yaxis } = chart._fullLayout;
  const place = Math.min(chart.clientWidth, chart.clientHeight);
  const most = Math.min(chart.clientWidth, 0.65 * innerHeight);
  return [xaxis._length / place, place / most, xaxis._length / yaxis._length];
}"""
THERE = "() => !document.querySelector('[data-testid=stMain] [data-testid=stSkeleton]')"
# Pixels by which what there is reaches over a side of the window.
OVERFLOW = """() => {
  const [page, main] = [document.scrollingElement, document.querySelector('[data-testid=stMain]')];
  const charts = [...document.querySelectorAll('.chart')].map((chart) => chart.getBoundingClientRect());
  return Math.max(page.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth,
    ...charts.map(({ left, right }) => Math.max(-left, right - innerWidth)));
}"""
# Words that go on in the next line. Where a word is wider than its place it has to.
BROKEN = """() => {
  const texts = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT);
  const found = [], range = document.createRange();
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode;
    if (!parentElement.checkVisibility() || parentElement.closest('code, pre, svg, textarea, .katex')) continue;
    for (const { 0: word, index } of data.matchAll(/[\\p{L}]+/gu)) {
      range.setStart(texts.currentNode, index);
      range.setEnd(texts.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word);
    }
  }
  return found;
}"""
# A window has its width and, on a page, folds the side panel away or not.
HAS_TAKEN_UP = """([width, isFolded]) => innerWidth === width
  && [undefined, isFolded].includes(document.querySelector('[data-testid=stSidebar]')?.dataset.collapsed)"""
# Top and bottom on the screen of what stands in the side panel.
PLACES = """keys => keys.flatMap((key) => {
  const { top, bottom } = document.querySelector(`[data-testid=stSidebar] .st-key-${key}`).getBoundingClientRect();
  return [top, bottom];
})"""


def show(tab, width, height, *, is_phone=False):
    """Give the window a size, and wait until the side panel and every chart have taken it up."""
    screen = PHONE | {"width": width, "height": height, "mobile": is_phone}
    tab.device.send("Emulation.setDeviceMetricsOverride", screen)
    tab.device.send("Emulation.setTouchEmulationEnabled", {"enabled": is_phone})
    tab.page.wait_for_function(HAS_TAKEN_UP, arg=[width, str(is_phone).lower()])
    tab.page.wait_for_function(FITS)


def check(tab, where, share=SHARE):
    tab.page.wait_for_function(THERE)
    tab.page.wait_for_function(FITS)
    picture = tab.page.evaluate(PICTURE)
    assert picture["seen"] >= share * min(picture["height"], 400), (where, picture)
    for faults in (UNREADABLE, OUT_OF_REACH):
        for _ in range(10):  # a chart that has just come takes its margins a frame later
            if not (found := tab.page.evaluate(faults)):
                break
            tab.page.wait_for_timeout(300)
        assert found == [], where
    assert tab.page.evaluate(OVERFLOW) <= 0, where


def has_five_in_sight(tab, page):
    """The five sliders are in sight, one below the other, and the text box, where it is at the side, below them."""
    for field in FIVE:
        tab.slider(field).wait_for()
    places = tab.page.evaluate(PLACES, [*FIVE, *(["text"] if page not in NO_TEXT_BELOW else [])])
    assert places == sorted(places), page
    assert places[0] >= 0, page
    assert places[9] <= SIZES[0][1], page


def test_all_that_is_said_below_the_five_sliders_leaves_them_in_sight(server, visit):
    tab = visit()
    show(tab, *SIZES[0])
    tab.page.goto(server.address("home", input_size=5, seq_len=100, batch_size=20, lang="ko", steps=3))
    tab.at_rest()
    has_five_in_sight(tab, "home")


def test_two_touches_lead_from_any_lesson_to_any_other_on_a_phone(server, visit):
    tab = visit(is_phone=True).open(server.address("glossary", steps=10), "glossary")
    tab.widget("document").get_by_role("button").click()
    tab.go_to("shapes")


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

"""Every page, visited once in a language: at any size of the window what it is about is in one view with what moves it,
its words are whole, and everybody can use it, in either theme; where it is loaded, nothing jumps while it comes.
"""

from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import expect

from pages.locale.catalogue import messages
from pages.ui.session.acting import ACTING
from pages.ui.widgets.navigation import ORDER
from tests.browser.conftest import PHONE, TITLES
from tests.browser.test_layout import BROKEN, PLANE, SIZES, check, has_five_in_sight, show

HEAD = 40  # pixels: one line of title and introduction
HEIGHT = "() => document.querySelector('.st-key-page_head')?.offsetHeight ?? 0"  # the last pages have a title alone
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
# What a chart draws is one picture with a text beside it; of words in drawings axe-core says nothing.
FOUND = """async (rules) => {
  const { violations } = await axe.run(
    { exclude: ['.svg-container'] }, { resultTypes: ['violations'], ...(rules && { runOnly: rules }) });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
    `${id}: ${html.slice(0, 200)} ${JSON.stringify(any[0]?.data ?? '').slice(0, 120)}`));
}"""
# What moves by itself although no motion is wanted, in shadows too.
MOVING = """() => {
  const below = (one) => [one, ...(one.shadowRoot ? within(one.shadowRoot) : [])];
  const within = (root) => [...root.querySelectorAll('*')].flatMap(below);
  const lasts = (times) => times.split(',').some((time) => parseFloat(time) > 0.001);
  return within(document).filter((one) => {
    const { animationName, animationDuration, transitionDuration } = getComputedStyle(one);
    return (animationName !== 'none' && lasts(animationDuration)) || lasts(transitionDuration);
  }).map((one) => `moves: ${one.outerHTML.slice(0, 120)}`).slice(0, 5);
}"""
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # no other rule can tell one theme from the other
# Whether a page has a theme's background, and nothing fades into its colours any more.
IS_IN = """theme => {
  const [red] = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.match(/\\d+/);
  return red > 127 === (theme === 'light')
    && !document.getAnimations().some(({ playState }) => playState === 'running');
}"""
# Notes what moves on a page from the frame on after its title and the sidebar are there: before that Streamlit's own
# page makes room for these.
WATCH_JUMPS = """
window.jumps = [];
new PerformanceObserver((list) => {
  for (const { startTime, value, sources } of list.getEntries())
    jumps.push({ startTime, value, moved: sources.map(({ node }) => node?.parentElement?.innerText?.slice(0, 40)) });
}).observe({ type: 'layout-shift', buffered: true });
const look = () => {
  if (!document.querySelector('h1') || !document.querySelector('[data-testid=stSidebar]')) requestAnimationFrame(look);
  else requestAnimationFrame(() => requestAnimationFrame(() => { window.begun = performance.now(); }));
};
look();
"""


def has_not_jumped(tab, page):
    tab.page.wait_for_timeout(100)
    jumps = tab.page.evaluate("() => jumps.filter(({ startTime }) => startTime > begun)")
    assert sum(jump["value"] for jump in jumps) < 0.25, (page, jumps)


def fits(tab, page, size):
    """At a size of a window all is as it should be."""
    check(tab, (page, size))
    assert tab.page.evaluate(BROKEN) == [], (page, size)
    assert tab.page.evaluate(HEIGHT) <= HEAD, (page, size)
    if page == "dynamics":
        share, used, ratio = tab.page.evaluate(PLANE)
        assert share >= 0.65, (size, share)
        assert used >= 0.95, (size, used)
        assert abs(ratio - 1) < 0.02, (size, ratio)
    if page in ACTING and size == SIZES[0]:
        has_five_in_sight(tab, page)


def fits_a_phone(tab, page):
    show(tab, PHONE["width"], PHONE["height"], is_phone=True)
    check(tab, (page, "phone"), share=0.3)
    expect(tab.page.get_by_role("heading", level=1)).to_be_in_viewport()


def can_be_used(tab, page, theme, rules=None):
    tab.page.wait_for_function(IS_IN, arg=theme)
    if not tab.page.evaluate("() => 'axe' in window"):
        tab.page.evaluate(AXE)
    if found := tab.page.evaluate(FOUND, rules):
        tab.page.wait_for_timeout(500)  # what Streamlit has just drawn is mended a moment later: see document.js
        found = tab.page.evaluate(FOUND, rules)
    assert found == [], (page, theme)
    assert tab.page.evaluate(MOVING) == [], (page, theme)


def come(tab, server, page, lang, is_loaded, size):
    """Load a page into a window of a size, or follow the link to it."""
    if is_loaded:
        tab.page.goto("about:blank")  # where nothing is drawn for the new size
        show(tab, *size)
        tab.page.goto(server.address(page, steps=10, lang=lang))
    else:
        tab.choose_lesson(page, lang)
    tab.title_is(messages(lang).get(TITLES[page], TITLES[page]))
    tab.at_rest()
    assert tab.page.evaluate("document.documentElement.lang") == lang
    if is_loaded:
        has_not_jumped(tab, page)


@pytest.mark.parametrize(("lang", "is_loaded"), [("en", True), ("ko", False)])
def test_every_page_at_any_size_in_either_theme(server, visit, lang, is_loaded):
    tab = visit()
    sizes, themes = SIZES, ("light", "dark")
    tab.page.emulate_media(color_scheme=themes[0], reduced_motion="reduce")
    show(tab, *sizes[0])
    if is_loaded:
        tab.page.add_init_script(WATCH_JUMPS)
    else:
        tab.page.goto(server.address("about", steps=10, lang=lang))
    for page in ORDER:
        come(tab, server, page, lang, is_loaded, sizes[0])
        fits(tab, page, sizes[0])
        can_be_used(tab, page, themes[0])
        fits_a_phone(tab, page)
        show(tab, *sizes[1])
        fits(tab, page, sizes[1])
        tab.page.emulate_media(color_scheme=themes[1])
        show(tab, *sizes[2])
        fits(tab, page, sizes[2])
        can_be_used(tab, page, themes[1], OF_COLOURS)
        themes = themes[::-1]  # the next page begins as this one ended: nothing is drawn but to be looked at
        sizes = sizes if is_loaded else sizes[::-1]

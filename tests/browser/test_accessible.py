"""Everybody can use every page: axe-core finds nothing in it, in either theme and language."""

from pathlib import Path

import axe_playwright_python
import pytest

from pages.ui.widgets.navigation import ORDER
from tests.browser.conftest import TITLES

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
# What a chart draws is one picture with a text beside it; of words in drawings axe-core says nothing.
FOUND = """async () => {
  const { violations } = await axe.run({ exclude: ['.svg-container'] }, { resultTypes: ['violations'] });
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


@pytest.mark.parametrize(("theme", "lang"), [("light", "en"), ("dark", "ko")])
def test_axe_finds_nothing_on_any_page(server, visit, theme, lang):
    tab = visit()
    tab.page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    tab.page.goto(server.address("glossary", steps=10, lang=lang))
    found = {}
    for page in ORDER:
        tab.choose_lesson(page, lang)
        tab.page.wait_for_function("path => location.pathname === path", arg="/" if page == "home" else f"/{page}")
        tab.says("h1", TITLES[page] if lang == "en" else "[가-힣]|RNN Explorer")
        tab.at_rest()
        tab.page.wait_for_function("() => !document.querySelector('[data-testid=stSkeleton]')")
        tab.page.wait_for_timeout(500)
        assert tab.page.evaluate("document.documentElement.lang") == lang
        if not tab.page.evaluate("() => 'axe' in window"):
            tab.page.evaluate(AXE)
        found[page] = tab.page.evaluate(FOUND) + tab.page.evaluate(MOVING)
    tab.page.emulate_media(color_scheme=None, reduced_motion=None)
    assert {page: what for page, what in found.items() if what} == {}

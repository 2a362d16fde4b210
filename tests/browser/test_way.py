"""The way through the lessons, by mouse, by key and on a phone; what the words of Home light up."""

from playwright.sync_api import expect

from pages.ui.widgets.navigation import ORDER
from tests.browser.conftest import TITLES

FIVE_IN_SIGHT = {"width": 1280, "height": 720}


def test_all_lessons_are_in_sight_and_each_is_one_click_away(server, visit):
    tab = visit()
    tab.page.set_viewport_size(FIVE_IN_SIGHT)
    tab.open(server.address("about"), "about")
    links = tab.widget("navigation").get_by_role("link")
    for page in ("home", "paste", "glossary"):  # the first, the last, and one that is neither
        expect(links).to_have_count(len(ORDER))
        boxes = [link.bounding_box() for link in links.all()]
        assert all(box["x"] > 300 and box["x"] + box["width"] < 1230 and box["y"] + box["height"] < 72 for box in boxes)
        tab.go_to(page)
        expect(tab.widget("navigation").locator("[aria-current=page]")).to_have_text(
            page.title() if page != "paste" else "Paste your code"
        )


def test_keys_lead_to_the_lessons_and_through_them(server, visit):
    tab = visit().open(server.address("about"), "about")
    expect(tab.widget("navigation").get_by_role("link")).to_have_count(len(ORDER))
    tab.page.keyboard.press("Tab")  # the skip link
    tab.page.keyboard.press("Enter")
    for _ in range(20):
        tab.page.keyboard.press("Tab")
        if tab.page.evaluate("document.activeElement.innerText") == "Glossary":
            break
    tab.page.keyboard.press("Enter")
    tab.wait_for("glossary")
    tab.page.keyboard.press("Alt+PageUp")
    tab.wait_for(ORDER[-3])
    tab.page.keyboard.press("Alt+PageDown")
    tab.wait_for("glossary")


def test_the_words_of_home_light_up_what_they_mean(server, visit):
    tab = visit().open(server.address("home", steps=10, batch_size=2, seq_len=4), "home")
    seen = """() => [...document.querySelectorAll('.st-key-network .scatterlayer .trace')].slice(0, 5)
      .map((trace) => getComputedStyle(trace).opacity)"""
    words = tab.page.locator(".legend button")
    expect(words).to_have_count(5)
    for place in range(5):
        words.nth(place).focus()
        lit = ["1" if other == place else "0" for other in range(5)]
        tab.page.wait_for_function(
            f"lit => JSON.stringify(({seen})()) === lit", arg=str(lit).replace("'", '"').replace(" ", "")
        )


def test_a_page_can_be_used_at_twice_its_size(server, visit):
    """Twice the size on 1400 px is a window of 700: no words are cut off, and lessons are two clicks away."""
    tab = visit()
    tab.page.add_init_script("localStorage.clear()")  # where the browser keeps that another test has opened the panel
    tab.page.set_viewport_size({"width": 700, "height": 450})
    tab.open(server.address("home", steps=10), "home")
    overflow = tab.page.evaluate("() => [document.scrollingElement.scrollWidth, innerWidth]")
    assert overflow[0] <= overflow[1]
    tab.widget("document").get_by_role("button").focus()
    tab.page.keyboard.press("Enter")
    tab.page.wait_for_function("() => document.querySelector('.st-key-document [aria-expanded=true]')")
    tab.page.keyboard.press("Tab")  # the first lesson is the next thing that a key reaches
    assert tab.page.evaluate("document.activeElement.innerText") == "Home"
    tab.choose_lesson("shapes")
    tab.title_is(TITLES["shapes"])
    tab.page.set_viewport_size({"width": 1280, "height": 900})

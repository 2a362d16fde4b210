"""The five sliders in a real browser: in sight on every page that shows the session's network, never locked away."""

import re

from playwright.sync_api import expect

from pages.ui.session.acting import ACTING, FIVE

# Of each slider and of the text box below them: top and bottom on the screen.
PLACES = """keys => keys.map((key) => {
  const { top, bottom } = document.querySelector(`[data-testid=stSidebar] .st-key-${key}`).getBoundingClientRect();
  return [top, bottom];
})"""


def test_the_five_sliders_are_in_sight_on_every_page_that_shows_the_network(server, visit):
    tab = visit()
    tab.page.set_viewport_size({"width": 1280, "height": 720})
    # All that can be said below them is said: no more of them would fit.
    said = {"input_size": 5, "seq_len": 100, "batch_size": 20, "lang": "ko", "steps": 3}
    for page in ACTING:
        tab.page.goto(server.address(page, **said))
        for field in FIVE:
            tab.slider(field).wait_for()
        places = tab.page.evaluate(PLACES, list(FIVE))
        assert places == sorted(places), page
        assert places[0][0] >= 0, page
        assert places[-1][1] <= 720, page
        if page != "encoding":  # its text box is in the middle of the page
            assert tab.page.evaluate(PLACES, ["text"])[0][0] >= places[-1][1], page


def test_input_size_is_changed_and_its_effect_seen_with_one_drag_from_a_cold_start(server, visit):
    tab = visit().open(server.address("home"), "home")
    number = tab.widget("input_size").locator("input.number")
    number.fill("4")
    number.press("Enter")
    tab.has_params(input_size="4")
    note = tab.widget("input_size").get_by_role("status")
    expect(note).to_have_text("Below V = 9: each character is a learnt vector.")
    tab.click("ways_out_input_size")
    tab.has_params()
    expect(tab.slider("input_size")).to_have_value("9")
    value = tab.drag_to("input_size", 30)
    tab.has_params(input_size=str(value))
    tab.at_rest()
    tab.go_to("encoding")
    expect(tab.page.locator(".st-key-tensor .chart")).to_have_attribute(
        "aria-label", re.compile(f"L = 11 × H_in = {value}\\.")
    )


def test_a_quiet_slider_leads_to_where_it_acts(server, visit):
    tab = visit().open(server.address("encoding", hidden_size=4), "encoding")
    expect(tab.page.locator(".st-key-five").get_by_label("Learning rate").first).to_be_disabled()
    tab.page.get_by_role("link", name="Takes effect on Training").click()
    tab.wait_for("training").has_params(hidden_size="4")
    expect(tab.slider("learning_rate")).to_be_enabled()

"""The five sliders in a real browser: what they change, and where a quiet one leads."""

from playwright.sync_api import expect


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
    expect(tab.page.get_by_text("torch reads it as")).to_contain_text(f"(1, 11, {value})")


def test_a_quiet_slider_leads_to_where_it_acts(server, visit):
    tab = visit().open(server.address("encoding", hidden_size=4), "encoding")
    expect(tab.page.locator(".st-key-five").get_by_label("Learning rate").first).to_be_disabled()
    tab.page.get_by_role("link", name="Takes effect on Training").click()
    tab.wait_for("training").has_params(hidden_size="4")
    expect(tab.slider("learning_rate")).to_be_enabled()

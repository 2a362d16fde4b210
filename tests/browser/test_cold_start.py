"""The first request that a server ever gets, and a server that goes away and comes back."""

from playwright.sync_api import expect

from rnn_core.config import Config
from rnn_core.training.trainer import train


def test_a_deep_link_to_a_server_that_just_started_shows_its_page_in_the_shell(fresh_server, visit):
    tab = visit().open(fresh_server.address("training", preset="seed-lesson", seed=3), "training")
    tab.has_status("step 100 of 100 · done")
    assert tab.losses(101) == [record.loss for record in train(Config.preset("seed-lesson", seed=3))]
    tab.unfold()
    for key in ("text", "seed", "learning_rate", "lang"):
        expect(tab.page.get_by_test_id("stSidebar").locator(f".st-key-{key}")).to_be_attached()
    expect(tab.widget("seed").locator("input")).to_have_value("3")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    tab.has_params(preset="seed-lesson", seed="3")


def test_a_tab_survives_a_restart_of_the_server(fresh_server, visit):
    tab = visit(expected="ERR_CONNECTION|ERR_EMPTY|in reaching server endpoint|Is Streamlit still running")
    link = {"seed": "2", "hidden_size": "5", "steps": "20", "trained": "9"}
    tab.open(fresh_server.address("training", **link), "training")
    tab.has_status("step 9 of 20 · paused")
    losses, numbers = tab.losses(10), tab.numbers()
    fresh_server.stop()
    tab.page.wait_for_function(
        "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'"
    )
    fresh_server.start()
    tab.wait_for("training")
    units = tab.slider("hidden_size")
    units.press("ArrowRight")
    expect(units).to_have_value("5")  # the next session begins with what the address says
    tab.has_status("step 9 of 20 · paused").has_params(**link)
    assert (tab.losses(10), tab.numbers()) == (losses, numbers)
    assert tab.slider("hidden_size").input_value() == "5"
    expect(tab.unfold().widget("seed").locator("input")).to_have_value("2")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    tab.page.reload()
    tab.wait_for("training").has_status("step 9 of 20 · paused")
    assert (tab.losses(10), tab.numbers()) == (losses, numbers)

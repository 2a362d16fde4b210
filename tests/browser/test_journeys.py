"""What viewers do, done in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from rnn_core.config import Config
from rnn_core.training.trainer import train
from tests.browser.conftest import TITLES

STEP = re.compile(r"step (\d+)")


def step_of(text):
    return int(STEP.search(text).group(1))


def test_a_reload_shows_the_same(server, visit):
    tab = visit().open(server.address("training", seed=5, steps=20, trained=9, step=4), "training")
    tab.has_status("step 9 of 20 · paused")
    before = (tab.losses(10), tab.numbers(), tab.page.url)
    assert before[1][0] == "4"
    tab.page.reload()
    tab.wait_for("training").has_status("step 9 of 20 · paused")
    assert (tab.losses(10), tab.numbers(), tab.page.url) == before


def test_back_and_forward_go_through_values_and_pages(turn_to):
    tab = turn_to("home", seed=1)
    for size in (10, 11):
        tab.move("hidden_size", 1)
        tab.has_params(seed="1", hidden_size=str(size))
    tab.go_to("encoding").has_params(seed="1", hidden_size="11")
    tab.move("hidden_size", 1)
    tab.has_params(seed="1", hidden_size="12")
    journey = [("home", "9"), ("home", "10"), ("home", "11"), ("encoding", "11"), ("encoding", "12")]
    ways = [(tab.page.go_back, place) for place in journey[-2::-1]] + [(tab.page.go_forward, p) for p in journey[1:]]
    for go, (page, size) in ways:
        go()
        tab.title_is(TITLES[page])
        expect(tab.slider("hidden_size")).to_have_value(size)
        tab.has_params(seed="1", **({} if size == "9" else {"hidden_size": size}))


def test_a_run_is_played_paused_stepped_and_finished(server, visit):
    tab = visit().open(server.address("training", steps=200, trained=0), "training")
    tab.has_status("step 0 of 200 · paused")
    tab.page.get_by_role("button", name="Speed and stop").click()
    tab.widget("speed").get_by_role("combobox").click()
    tab.page.get_by_role("option", name="20/s").click()
    tab.page.keyboard.press("Escape")
    places = tab.watch_place("one")
    tab.click("play")
    tab.has_status(r"step ([3-9]|\d\d+) of 200 · \d+ updates/s")
    expect(tab.page.locator("#announced")).to_have_text("Playing.")
    tab.click("pause")
    tab.has_status(r"step \d+ of 200 · paused")
    paused = step_of(tab.status())
    assert 3 <= paused < 200
    tab.click("one")  # were the run still going on, it would be further than one step
    tab.has_status(f"step {paused + 1} of 200 · paused")
    tab.has_params(steps="200", trained=str(paused + 1))
    assert len(places()) == 1, "a button moved under the mouse"
    records = list(train(Config(steps=200)))
    assert tab.losses(paused + 2) == [record.loss for record in records[: paused + 2]]
    assert tab.numbers()[:2] == (str(paused + 1), f"{records[paused + 1].loss:.4g}")
    tab.click("to_end")
    tab.has_status("step 200 of 200 · done").has_params(steps="200")
    expect(tab.page.locator("#announced")).to_have_text("step 200 of 200 · done")
    assert tab.losses(201) == [record.loss for record in records]
    tab.click("reset")
    tab.has_status("step 0 of 200 · paused")
    assert tab.losses(1) == [records[0].loss]


def test_training_goes_on_while_another_page_is_shown(server, visit):
    tab = visit().open(server.address("training", steps=2000, hidden_size=64, num_layers=4), "training")
    tab.go_to("encoding")
    progress = tab.page.get_by_test_id("stSidebar").locator(".run-status span")
    expect(progress).to_contain_text("Training: step")
    first = step_of(progress.inner_text())
    expect(progress).not_to_contain_text(re.compile(rf"step {first}$"))
    later = step_of(progress.inner_text())
    assert later > first
    tab.go_to("training")
    tab.click("pause")
    tab.has_status(r"step \d+ of 2000 · paused")
    assert step_of(tab.status()) >= later


def test_the_copied_link_shows_another_viewer_the_same_numbers(server, visit):
    tab = visit()
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.open(server.address("training", preset="seed-lesson", seed=7, trained=12, step=5, scale="log"), "training")
    tab.has_status("step 12 of 100 · paused")
    tab.losses(13)
    tab.widget("copy_link").get_by_role("button").click()
    expect(tab.widget("copy_link").get_by_role("button")).to_have_text("✓ Copied")
    link = tab.page.evaluate("navigator.clipboard.readText()")
    other = visit(speaks="ko-KR").open(link, "training")
    other.has_status("step 12 of 100 · paused")
    assert other.numbers() == tab.numbers()
    assert other.numbers()[0] == "5"
    for key in ("curves", "states"):
        other.has_same_chart(key, tab)


def test_a_card_opens_its_example(server, visit):
    tab = visit().open(server.address("home", seed=5), "home")
    tab.click("preset_onehot-batch")
    tab.wait_for("encoding").has_params(preset="onehot-batch")
    expect(tab.widget("text").locator("textarea")).to_have_value(Config.preset("onehot-batch").text)
    while "seed=5" not in tab.page.url:  # Streamlit writes the address before it goes to the page: two entries
        tab.page.go_back()
        tab.wait_for("home")
    tab.has_params(seed="5")
    expect(tab.unfold().widget("seed").locator("input")).to_have_value("5")
    expect(tab.widget("text").locator("textarea")).to_have_value(Config().text)


def test_a_text_that_is_typed_goes_along_to_every_page(turn_to):
    tab = turn_to("encoding")
    box = tab.widget("text").locator("textarea")
    box.fill("다람쥐 abc")
    box.press("Control+Enter")
    tab.has_params(text="다람쥐 abc")
    for page in ("home", "training", "encoding"):
        tab.go_to(page)
        expect(box).to_have_value("다람쥐 abc")
    assert "text=" in tab.page.url


def test_a_browser_that_speaks_korean_is_spoken_to_in_korean(server, visit):
    tab = visit(speaks="ko-KR")
    tab.page.goto(server.address("training", steps=10))
    tab.says("h1", "^학습")
    tab.has_status("10 / 10 · 완료")
    assert "lang" not in tab.page.url
    tab.page.goto(server.address("nosuchpage", steps=10))
    expect(tab.page.get_by_test_id("stAlert").first).to_contain_text("/nosuchpage")
    tab.has_params(steps="10")
    expect(tab.page.locator("html")).to_have_attribute("lang", "ko")
    assert tab.page.get_by_role("dialog").count() == 0, "Streamlit's own box"


def test_a_phones_first_screen_has_a_good_part_of_the_picture(server, visit):
    tab = visit(is_phone=True)
    for page, chart in (("cell", "unrolled_before"), ("trajectories", "map"), ("dynamics", "phase_plane")):
        tab.open(server.address(page), page)
        box = tab.widget(chart).locator(".chart").bounding_box()
        assert box["y"] + 0.6 * box["height"] < 844, page


def test_charts_are_drawn_by_streamlit_where_the_library_cannot_be_loaded(server, visit):
    tab = visit(expected="plotly.min.js")
    tab.page.route("**/plotly.min.js", lambda route: route.abort())
    tab.page.goto(server.address("training", steps=10))
    expect(tab.page.get_by_test_id("stPlotlyChart")).to_have_count(2)
    tab.has_status("step 10 of 10 · done")


def test_a_hostile_link_runs_nothing(server, visit):
    tab = visit()
    tab.page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    script = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    tab.open(server.address("encoding", **{"text": script, script: script, "hidden_size": script}), "encoding")
    expect(tab.page.get_by_test_id("stAlert").first).to_contain_text("hidden_size=<img")
    expect(tab.widget("text").locator("textarea")).to_have_value(script)
    assert tab.page.evaluate("() => document.querySelectorAll('img[src=x]').length") == 0

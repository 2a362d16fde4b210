"""Pictures are whole: no word is cut off or lies on another; each can be enlarged, saved and taken along as numbers."""

import csv
import io
import re

import numpy as np
from playwright.sync_api import expect

from rnn_core.config import Config
from rnn_core.training.history import Run

# Words of a chart that leave it, and pairs that lie on each other. What touches at the edge of a letter's box does not.
CLASHES = """key => {
  const chart = document.querySelector(`.st-key-${key} .chart`), frame = chart.getBoundingClientRect();
  const words = [...chart.querySelectorAll('svg text')]
    .filter((text) => text.textContent.trim() && getComputedStyle(text).visibility !== 'hidden')
    .map((text) => ({ said: text.textContent, box: text.getBoundingClientRect() }));
  const cut = words.filter(({ box }) => box.left < frame.left - 1 || box.right > frame.right + 1
    || box.top < frame.top - 1 || box.bottom > frame.bottom + 1).map(({ said }) => said);
  const across = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3;
  const pairs = words.flatMap((one, i) => words.slice(0, i).filter(({ box }) => across(one.box, box))
    .map(({ said }) => [said, one.said]));
  return { count: words.length, cut, pairs };
}"""
SIZES = """() => [...new Set([...document.querySelectorAll('.chart svg text')].filter((text) => text.textContent.trim())
  .map((text) => parseFloat(getComputedStyle(text).fontSize)))]"""
LSTM = {
    "cell": "lstm",
    "num_layers": 2,
    "bidirectional": "true",
    "task": "same",
    "hidden_size": 6,
    "seq_len": 6,
    "batch_size": 2,
}
HARD = (
    ("shapes", "flow", LSTM, (1280, 720)),
    ("shapes", "flow", LSTM | {"drawing": "3d"}, (1920, 1080)),
    ("shapes", "flow", {"seq_len": 100, "batch_size": 20}, (1400, 900)),
    ("training", "curves", {"hidden_size": 128, "before": "hidden_size:9;cell:gru"}, (1280, 720)),
    ("training", "curves", {"learning_rate": 1, "lang": "ko"}, (390, 844)),
    ("training", "states", {"text": "ab, cd. ef? " * 10, "seq_len": 119, "hidden_size": 128}, (390, 844)),
    ("memory", "memory_lags", {}, (1280, 720)),
)


def test_no_word_of_a_picture_is_cut_off_or_lies_on_another_and_all_are_large_enough(server, visit):
    tab = visit()
    for page, key, params, (width, height) in HARD:
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.page.goto(server.address(page, **params))
        tab.at_rest()
        tab.has_drawn(key)
        found = tab.settled(f"() => JSON.stringify(({CLASHES})('{key}'))")
        assert re.fullmatch(r'\{"count":[1-9]\d*,"cut":\[\],"pairs":\[\]\}', found), (page, params, found)
        if width == 1920:
            assert min(tab.page.evaluate(SIZES)) >= 16, (page, params)


def test_a_picture_can_be_enlarged_saved_and_taken_along_by_keys_alone(server, visit, tmp_path):
    tab = visit().open(server.address("training", steps=12), "training")
    tab.has_status("done")
    run = Run(Config(steps=12))
    while run.advance():
        pass

    def choose(key, name):
        tab.widget(key).locator(".menu > button").focus()
        tab.page.keyboard.press("Enter")
        entry = tab.widget(key).get_by_role("menuitem", name=name)
        for _ in range(4):
            if entry.evaluate("entry => entry === document.activeElement"):
                break
            tab.page.keyboard.press("ArrowDown")
        tab.page.keyboard.press("Enter")

    def save(key, name):
        with tab.page.expect_download() as download:
            choose(key, name)
        assert download.value.suggested_filename == f"{key}.{name[-3:].lower()}"
        return (tmp_path / name[-3:], download.value.save_as(tmp_path / name[-3:]))[0].read_bytes()

    rows = list(csv.DictReader(io.StringIO(save("curves", "Save as CSV").decode("utf-8-sig"))))
    assert [float(row["y"]) for row in rows if row["trace"] == "loss"] == run.course.loss
    rows = list(csv.DictReader(io.StringIO(save("states", "Save as CSV").decode("utf-8-sig"))))
    cells = [row for row in rows if row["trace"] == "h"]
    states = run.trace(run.at(12)).states_of(0).T
    assert np.allclose(np.array([row["value"] for row in cells], float).reshape(9, 11), states, rtol=1e-6, atol=1e-7)
    assert [row["x label"] for row in cells[:11]] == list("hello!␣worl")
    assert save("states", "Save as PNG").startswith(b"\x89PNG\r\n")
    picture = save("curves", "Save as SVG").decode()
    assert picture.startswith("<svg")
    assert "‖∇‖" in picture
    chart = tab.widget("curves").locator(".chart")
    before = chart.bounding_box()
    choose("curves", "Enlarge")
    tab.page.wait_for_function(
        """() => { const { width, height } = document.querySelector('.st-key-curves .main-svg').getBoundingClientRect();
          return width > 0.9 * innerWidth && height > 0.75 * innerHeight; }"""
    )
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_function(
        "([width, height]) => { const box = document.querySelector('.st-key-curves .main-svg').getBoundingClientRect();"
        " return Math.abs(box.width - width) < 2 && Math.abs(box.height - height) < 2; }",
        arg=[before["width"], before["height"]],
    )


def test_a_run_goes_by_keys_that_the_page_names(server, visit):
    tab = visit().open(server.address("training", steps=40, trained=30, lang="en"), "training")
    tab.has_status("step 30 of 40 · paused")
    expect(tab.page.locator("p.keys")).to_contain_text("play or pause")
    tab.page.keyboard.press("Shift+ArrowRight")
    tab.has_status("step 31 of 40 · paused")
    tab.page.keyboard.press("ArrowLeft")
    tab.says(".st-key-states .note", "At step 30:")
    tab.page.keyboard.press("ArrowRight")
    tab.says(".st-key-states .note", "At step 31:")
    tab.page.keyboard.press(" ")
    tab.has_status("step 40 of 40 · done")
    box = tab.page.get_by_label("Text", exact=True).first
    box.focus()
    tab.page.keyboard.press(" ")  # where words are typed it is a letter
    tab.page.wait_for_timeout(300)
    assert "done" in tab.status()

"""Pasted code in a real browser: a corrected line is put in by its button, and nothing that is pasted is markup."""

import json
import re

from playwright.sync_api import expect

MARKUP = "x = '<img src=x onerror=\"window.isRun = true\">'\ny = torch.randn(3, 4)\n"


def test_a_corrected_line_is_put_in_and_taken_back(turn_to):
    tab = turn_to("paste")
    lines = tab.page.locator(".corrected")
    expect(lines).to_have_count(2)
    tab.page.get_by_role("button", name="Use this line").first.click()
    expect(lines).to_have_count(1)
    box = tab.widget("code_box").locator("textarea")
    expect(box).to_have_value(re.compile("num_layers=2, batch_first=True"))
    tab.page.go_back()
    expect(lines).to_have_count(2)
    expect(box).not_to_have_value(re.compile("batch_first=True"))


def test_a_notebook_is_dropped_in(turn_to):
    tab = turn_to("paste")
    sources = ["import torch\nfrom torch import nn", ["x = torch.randn(4, 7, 3)\n", "rnn = nn.GRU(3, 8)"], "x.view(5)"]
    cells = [{"cell_type": "code", "source": source, "outputs": ["A" * 500_000]} for source in sources]
    notebook = json.dumps({"cells": cells})
    dropped = tab.widget("dropped").locator("input[type=file]")
    alert = tab.page.get_by_test_id("stAlert")

    def drop(text):
        dropped.set_input_files({"name": "a.ipynb", "mimeType": "application/json", "buffer": text.encode()})

    drop(notebook[:-9])
    expect(alert).to_contain_text("This notebook is damaged or cut off")
    drop(notebook)
    expect(alert).to_contain_text("Python stops at line 7: RuntimeError")
    expect(tab.widget("code_box").locator("textarea")).to_have_value(re.compile("rnn = nn.GRU"))


def test_markup_is_shown_as_text(turn_to):
    tab = turn_to("paste")
    box = tab.widget("code_box").locator("textarea")
    box.fill(MARKUP)
    box.press("Control+Enter")
    expect(tab.page.locator(".source").first).to_have_text(MARKUP.split("\n")[0])
    expect(tab.page.locator(".name").last).to_contain_text("float32")
    assert tab.page.locator(".listing img").count() == 0
    assert tab.page.evaluate("window.isRun") is None

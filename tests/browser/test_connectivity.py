"""Where a prediction comes from is seen at every character by keys alone: the server is not asked."""

import os
import signal
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import expect

from rnn_core.analysis.connectivity import connectivity
from rnn_core.config import Config
from rnn_core.training.history import Run


@contextmanager
def asleep(server):
    """Stop the server's process for a while: nothing can be answered."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def alphas(panel):
    """Return how strongly each character of a network's text is tinted, from 0 to 0.85."""
    read = "spans => spans.map((span) => Number(span.style.background.match(/([\\d.]+)\\)$/)[1]))"
    return np.array(panel.locator(".text > span").evaluate_all(read))


def test_arrow_keys_choose_a_character_without_the_server(server, visit):
    tab = visit().open(server.address("connectivity"), "connectivity")
    place = tab.page.locator(".st-key-tinted .tinted")
    expect(place.locator("section")).to_have_count(3)
    expect(place.locator("output")).to_have_text("t = 10 «l»")
    for i in range(3):  # a page may be drawn before the last of them is trained
        expect(place.locator("h2").nth(i)).to_contain_text("step 100")
    run = Run(Config())
    while run.advance():
        pass
    found = connectivity(run.config, run.at(100).weights, run.trainer.dataset.input[0])
    place.focus()
    with asleep(server):
        for t in (9, 8, 7):
            place.press("ArrowLeft")
            row = found.strength[t]
            expect(place.locator("output")).to_contain_text(f"t = {t} ")
            assert np.allclose(alphas(place.locator("section").first), 0.85 * row / row.max(), atol=6e-3)
        place.locator("section").nth(1).locator(".text > span").nth(2).hover()
        expect(place.locator("output")).to_contain_text("t = 2 ")
        for _ in range(5):
            place.press("ArrowRight")
        best = run.trainer.dataset.characters[found.best[7, 0]]
        expect(place.locator("section").first.locator(".bar").first).to_contain_text(best)
    tab.has_params(at="7")  # told once, for the link
    again = visit().open(tab.page.url, "connectivity")
    expect(again.page.locator(".st-key-tinted output")).to_contain_text("t = 7 ")
    tab.page.bring_to_front()
    tab.at_rest()
    assert tab.drag_to("step", 0, is_let_go=False) == 0
    expect(place.locator("h2").first).to_contain_text("step 0")
    tab.page.mouse.up()

"""An experiment follows its slider while it is dragged, and the link follows when it is let go."""

from playwright.sync_api import expect

from rnn_core.analysis.pitfalls.axes import poke_sample


def test_an_experiment_follows_the_hand(server, visit):
    tab = visit().open(server.address("pitfalls"), "pitfalls")
    measured = tab.page.locator(".st-key-pitfall_cells .note")
    said = [str(sentence).replace(" 0.0", " 0") for sentence in poke_sample(3).sentences]
    tab.drag_to("number", 3, is_let_go=False)
    expect(measured).to_have_text("\n".join(said), use_inner_text=True)  # a line each
    tab.has_params()
    tab.page.mouse.up()
    tab.has_params(number="3")
    tab.page.reload()
    tab.wait_for("pitfalls")
    expect(measured).to_have_text("\n".join(said), use_inner_text=True)
    expect(tab.slider("number")).to_have_value("3")

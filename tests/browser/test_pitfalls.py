"""An experiment follows its slider while it is dragged, and the link follows when it is let go."""

from playwright.sync_api import expect

from rnn_core.analysis.pitfalls.axes import poke_sample


def test_an_experiment_follows_the_hand(server, visit):
    tab = visit().open(server.address("pitfalls"), "pitfalls")
    measured = tab.page.get_by_text("Without it they change by up to")
    tab.drag_to("number_poke", 3, is_let_go=False)
    expect(measured).to_have_text(str(poke_sample(3).sentences[1]).replace(" 0.0,", " 0,"))
    tab.has_params()
    tab.page.mouse.up()
    tab.has_params(number="3")
    tab.page.reload()
    tab.wait_for("pitfalls")
    expect(measured).to_have_text(str(poke_sample(3).sentences[1]).replace(" 0.0,", " 0,"))
    expect(tab.slider("number_poke")).to_have_value("3")

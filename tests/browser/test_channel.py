"""The live channel in a browser: under the hand, cut off, and refused."""

from playwright.sync_api import expect

from pages.ui.channel.socket import PATH
from rnn_core.config import Config
from rnn_core.training.trainer import first_look
from tests.browser.test_dragging import shows_states

SAY = "value => dispatchEvent(new CustomEvent('rnn-drag', { detail: { field: 'hidden_size', value } }))"
IS_OPEN = "() => window.rnnChannel?.socket.readyState === WebSocket.OPEN"


def states_of(size):
    return first_look(Config(hidden_size=size)).states_of(0)


def drag(tab, value):
    return tab.drag_to("hidden_size", value, is_let_go=False)


def test_pictures_follow_the_hand_and_nothing_is_decided(turn_to):
    tab = turn_to("encoding")
    tab.page.wait_for_function(IS_OPEN)
    for value in (40, 3):
        shows_states(tab, states_of(drag(tab, value)))
        assert "hidden_size" not in tab.page.url
        expect(tab.page.locator(".st-key-states .chart")).to_be_visible()
    size = int(tab.slider("hidden_size").input_value())
    tab.page.mouse.up()
    tab.has_params(hidden_size=str(size))
    tab.at_rest()
    shows_states(tab, states_of(size))


def test_a_value_that_cannot_be_is_said_above_the_last_picture(turn_to):
    tab = turn_to("encoding")
    tab.page.wait_for_function(IS_OPEN)
    tab.page.evaluate(SAY, 999)
    words = "hidden_size=999 cannot be used: a whole number from 1 to 128 works."
    expect(tab.page.locator(".st-key-states .note")).to_have_text(words)
    shows_states(tab, states_of(9))


def test_where_the_channel_is_refused_pictures_follow_when_the_hand_lets_go(server, visit):
    tab = visit(expected="WebSocket")
    tab.page.route_web_socket(f"**/{PATH}", lambda socket: socket.close(code=1011))
    tab.open(server.address("encoding"), "encoding")
    size = drag(tab, 40)
    tab.page.wait_for_timeout(500)
    shows_states(tab, states_of(9))
    tab.page.mouse.up()
    tab.has_params(hidden_size=str(size))
    shows_states(tab, states_of(size))


def test_a_connection_that_breaks_is_made_again(turn_to):
    tab = turn_to("encoding")
    tab.page.wait_for_function(IS_OPEN)
    shows_states(tab, states_of(drag(tab, 40)))
    tab.page.evaluate("() => window.rnnChannel.socket.close()")
    tab.page.wait_for_function(IS_OPEN)
    tab.page.mouse.up()
    tab.at_rest()
    shows_states(tab, states_of(drag(tab, 12)))
    tab.page.mouse.up()


def test_equations_follow_the_hand_as_charts_do(turn_to):
    tab = turn_to("cell", steps=12)
    tab.page.wait_for_function(IS_OPEN)
    heads = tab.page.locator(".narration .head")
    for wanted in (6, 3):
        unit = tab.drag_to("unit", wanted, is_let_go=False)
        for head in (heads.first, heads.last):
            expect(head).to_have_text(f"t = 4 «o», unit {unit}")
        assert "unit" not in tab.page.url
    tab.page.mouse.up()
    tab.has_params(steps="12", unit=str(unit))
    tab.at_rest()
    expect(heads.first).to_have_text(f"t = 4 «o», unit {unit}")


def test_the_plane_follows_a_held_step(turn_to):
    tab = turn_to("dynamics", steps=12, system="mine", hidden_size=2)
    tab.page.wait_for_function(IS_OPEN)
    shown = "() => JSON.stringify(document.querySelector('.st-key-phase_plane .js-plotly-plot').data[0].z)"
    newest = tab.page.evaluate(shown)
    tab.drag_to("step", 2, is_let_go=False)
    tab.page.wait_for_function(f"(before) => ({shown})() !== before", arg=newest)
    assert "step" not in tab.page.url.replace("steps", "")
    tab.page.mouse.up()

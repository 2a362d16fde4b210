"""Sliders under the hand of a viewer: what is on the screen, in the address and in the core stays the same thing."""

import base64
import random

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from rnn_core.config import Config
from rnn_core.training.history import Run
from rnn_core.training.trainer import first_look

torch.set_num_threads(1)  # as the app does: another number of threads adds in another order

# Counts from now on the frames and those of them in which the states are not drawn.
WATCH = """() => {
  window.frames_seen = window.blank = 0;
  window.isWatching = true;
  const look = () => {
    if (!window.isWatching) return;
    window.frames_seen += 1;
    const image = document.querySelector('.st-key-states .chart .heatmaplayer image');
    if (!image || image.getBoundingClientRect().width < 10) window.blank += 1;
    requestAnimationFrame(look);
  };
  look();
}"""

# Drags hidden_size to and fro for a while; drawing takes long. Tells how many questions are under way at each picture.
RACE = """() => new Promise((done) => {
  const { react } = Plotly, flights = [];
  Plotly.react = (...args) => {
    flights.push(rnnChannel.flights.size);
    const end = performance.now() + 100;
    while (performance.now() < end);
    return react(...args);
  };
  let value = 2;
  const clock = setInterval(() => {
    value = value < 60 ? value + 1 : 2;
    dispatchEvent(new CustomEvent('rnn-drag', { detail: { field: 'hidden_size', value } }));
    if (flights.length < 12) return;
    clearInterval(clock);
    Plotly.react = react;
    done(flights.slice(2));
  }, 10);
})"""


def shows_states(tab, states, sign="==="):
    """Wait until the picture holds exactly these states (L, H), or no longer."""
    wanted = np.ascontiguousarray(states.T, dtype=np.float32)
    tab.page.wait_for_function(
        f"wanted => document.querySelector('.st-key-states .chart')?.data?.[0].z.bdata {sign} wanted",
        arg=base64.b64encode(wanted.tobytes()).decode(),
    )


def test_drags_end_in_the_address_the_control_and_the_core(server, visit):
    tab = visit().open(server.address("encoding"), "encoding")
    tab.page.evaluate(WATCH)
    draw = random.Random(7)
    for _ in range(8):
        field, high = draw.choice([("hidden_size", 128), ("input_size", 128), ("seq_len", 128)])
        tab.drag_to(field, draw.randint(1, high))
        value = int(tab.slider(field).input_value())
        is_usual = value == getattr(Config(), field) and field != "input_size"  # that is said once it is chosen
        wanted = None if is_usual else str(value)
        tab.page.wait_for_function(
            "([field, wanted]) => new URLSearchParams(location.search).get(field) === wanted", arg=[field, wanted]
        )
        tab.at_rest()
        query = dict(pair.split("=") for pair in tab.page.url.partition("?")[2].split("&") if pair)
        config, unused = Config.from_query(query)
        assert (getattr(config, field), unused) == (value, [])
        expect(tab.slider(field)).to_have_value(str(value))
        shows_states(tab, first_look(config).states_of(0))
    tab.page.wait_for_function("window.frames_seen >= 100")
    assert tab.page.evaluate("window.isWatching = false, window.blank") == 0
    shown = tab.page.url
    tab.page.go_back()
    tab.page.wait_for_url(lambda url: url != shown)
    shows_states(tab, first_look(config).states_of(0), "!==")
    tab.at_rest()
    tab.page.go_forward()
    tab.page.wait_for_url(shown)
    shows_states(tab, first_look(config).states_of(0))


def test_a_drag_shows_the_present_weights_and_letting_go_trains(server, visit):
    tab = visit().open(server.address("training"), "training").has_status("done")
    run = Run(Config())
    while run.advance():
        pass
    tab.drag_to("seq_len", 5, is_let_go=False)
    length = int(tab.slider("seq_len").input_value())
    assert length != 11
    expect(tab.page.get_by_text(f"Preview, Sequence length L = {length}")).to_be_visible()
    config = Config(seq_len=length)
    shows_states(tab, first_look(config, run.at(100).weights).states_of(0))
    assert "seq_len" not in tab.page.url  # nothing is decided yet
    tab.page.mouse.up()
    tab.has_params(seq_len=str(length))
    tab.has_status("done")
    expect(tab.page.get_by_text("Preview")).to_have_count(0)
    assert tab.losses(101)[0] == Run(config).last.loss


def test_another_network_is_shown_untrained_while_it_is_dragged(server, visit):
    tab = visit().open(server.address("training"), "training").has_status("done")
    tab.drag_to("hidden_size", 40, is_let_go=False)
    size = int(tab.slider("hidden_size").input_value())
    expect(tab.page.get_by_text("initial, untrained weights")).to_be_visible()
    shows_states(tab, first_look(Config(hidden_size=size)).states_of(0))
    tab.page.mouse.up()
    tab.has_params(hidden_size=str(size))


def test_the_step_is_scrubbed_while_it_is_dragged(server, visit):
    tab = visit().open(server.address("training"), "training").has_status("done")
    run = Run(Config())
    while run.advance():
        pass
    tab.drag_to("step", 30, is_let_go=False)
    step = int(tab.slider("step").input_value())
    shows_states(tab, run.trace(run.at(step)).states_of(0))
    assert tab.numbers()[0] == str(step)
    expect(tab.page.locator(".st-key-curves .cursor")).to_be_visible()  # the curves point at it too
    tab.page.mouse.up()
    tab.has_params(step=str(step))


def test_the_words_at_the_pointer_stay_and_follow_the_picture(server, visit):
    tab = visit().open(server.address("encoding"), "encoding")
    place = tab.page.locator(".st-key-states .chart")
    place.scroll_into_view_if_needed()
    box = place.locator(".nsewdrag").first.bounding_box()
    tab.page.mouse.move(box["x"] + 5, box["y"] + 5)
    tab.page.mouse.move(box["x"] + 40, box["y"] + 40, steps=3)
    words = place.locator(".hovertext")
    expect(words).to_contain_text("unit")
    before = words.text_content()
    tab.slider("hidden_size").press("ArrowRight")  # by keyboard: the mouse stays where it is
    tab.has_params(hidden_size="10")
    expect(words).not_to_have_text(before)
    expect(words).to_contain_text("unit")


@pytest.mark.parametrize("page", ["encoding", "training"])
def test_the_server_works_at_the_next_value_while_a_picture_is_drawn(turn_to, page):
    tab = turn_to(page)
    if page == "training":
        tab.has_status("done")
    tab.at_rest()
    flights = tab.page.evaluate(RACE)
    assert 2 in flights  # that of this picture, and the next one
    assert set(flights) <= {1, 2}


def test_a_slider_listens_to_the_keyboard_and_to_numbers_that_are_typed(turn_to):
    tab = turn_to("encoding")
    handle, number = tab.slider("hidden_size"), tab.widget("hidden_size").locator("input.number")
    for key, value in (("End", 128), ("Home", 1), ("ArrowRight", 2), ("ArrowUp", 3)):
        handle.press(key)
        tab.has_params(hidden_size=str(value))
    handle.press("PageUp")
    assert int(handle.input_value()) > 4
    number.fill("77")
    number.press("Enter")
    tab.has_params(hidden_size="77")
    for words in ("500", "3.5", "many", ""):
        number.fill(words)
        number.press("Enter")
        expect(tab.widget("hidden_size").get_by_role("status")).to_have_text(
            f"{words} cannot be used: a whole number from 1 to 128 works."
        )
        expect(handle).to_have_value("77")
    handle.dblclick()
    tab.has_params()
    expect(handle).to_have_value("9")


def test_a_key_that_is_held_decides_nothing_until_it_is_let_go(server, visit):
    tab = visit().open(server.address("training"), "training").has_status("done")
    tab.slider("hidden_size").focus()
    for _ in range(3):
        tab.page.keyboard.down("ArrowRight")
    expect(tab.page.get_by_text("Preview, Hidden size H_out = 12")).to_be_visible()
    tab.page.wait_for_timeout(500)
    assert "hidden_size" not in tab.page.url
    tab.page.keyboard.up("ArrowRight")
    tab.has_params(hidden_size="12")
    tab.page.wait_for_function(
        "loss => document.querySelector('.st-key-curves .chart').data.find(({name}) => name === 'loss').y[0] === loss",
        arg=Run(Config(hidden_size=12)).last.loss,
    )


def test_what_is_being_typed_is_not_overwritten_by_a_late_answer(turn_to):
    tab = turn_to("encoding")
    handle, number = tab.slider("hidden_size"), tab.widget("hidden_size").locator("input.number")
    number.fill("77")
    number.press("Enter")
    number.fill("500")
    tab.has_params(hidden_size="77")
    tab.at_rest()
    expect(number).to_have_value("500")
    number.press("Enter")
    expect(tab.widget("hidden_size").get_by_role("status")).to_have_text(
        "500 cannot be used: a whole number from 1 to 128 works."
    )
    number.fill("12")
    number.press("Escape")
    expect(number).to_have_value("77")
    expect(handle).to_have_value("77")


def swallow(tab, wanted, most):
    """Let so many of the messages that `wanted` is true of never reach the server; return the list that they go to."""
    swallowed = []

    def pass_on(browser):
        beyond = browser.connect_to_server()

        def hand(message):
            if len(swallowed) < most and wanted(message):
                swallowed.append(message)
            else:
                beyond.send(message)

        browser.on_message(hand)

    tab.page.route_web_socket("**/_stcore/stream", pass_on)
    return swallowed


def test_where_a_slider_is_held_arrives_although_the_connection_broke(server, visit):
    tab = visit().open(server.address("encoding"), "encoding")
    tab.page.wait_for_function("() => window.rnnChannel?.isOpen")
    tab.page.evaluate("() => { rnnChannel.socket.send = () => rnnChannel.socket.close(); }")  # lost on the way
    tab.slider("hidden_size").focus()
    tab.page.keyboard.down("ArrowRight")
    shows_states(tab, first_look(Config(hidden_size=10)).states_of(0))
    assert "hidden_size" not in tab.page.url
    tab.page.keyboard.up("ArrowRight")
    tab.has_params(hidden_size="10")
    tab.at_rest()


@pytest.mark.parametrize("lost", [1, 2])
def test_the_last_value_arrives_although_its_message_was_lost(server, visit, lost):
    tab = visit()
    swallowed = swallow(tab, lambda message: b"hidden_size" in message, lost)
    tab.open(server.address("encoding"), "encoding")
    swallowed.clear()
    tab.slider("hidden_size").press("ArrowRight")
    tab.has_params(hidden_size="10")
    assert len(swallowed) == lost
    expect(tab.slider("hidden_size")).to_have_value("10")
    tab.at_rest()


def test_the_learning_rate_has_a_logarithmic_scale_and_takes_any_number(turn_to):
    tab = turn_to("home")
    handle, number = tab.slider("learning_rate"), tab.widget("learning_rate").locator("input.number")
    expect(handle).to_have_attribute("aria-valuetext", "0.1")
    handle.press("ArrowLeft")
    tab.has_params(learning_rate="0.07")
    handle.press("Home")
    tab.has_params(learning_rate="0.0001")
    number.fill("0,0123")
    number.press("Enter")
    tab.has_params(learning_rate="0.0123")
    expect(number).to_have_value("0.0123")


def test_a_locked_slider_says_why(turn_to):
    tab = turn_to("encoding", head="none")
    expect(tab.slider("hidden_size")).to_be_disabled()
    expect(tab.widget("hidden_size")).to_contain_text("V = 9")


def test_a_thumb_drags_at_phone_width(server, visit):
    tab = visit(is_phone=True)
    tab.page.add_init_script("localStorage.clear()")  # where the browser keeps that a viewer has opened the panel
    tab.open(server.address("encoding"), "encoding").page.get_by_test_id("stExpandSidebarButton").click()
    handle = tab.slider("hidden_size")
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    assert box["height"] >= 44  # a thumb's width
    y = box["y"] + box["height"] / 2

    def send(kind, *points):
        tab.device.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x in points]})

    start = box["x"] + 13 + (box["width"] - 26) * 8 / 127
    send("touchStart", start)
    for part in (0.2, 0.4, 0.6):
        send("touchMove", box["x"] + part * box["width"])
    send("touchEnd")
    value = int(handle.input_value())
    assert value > 40
    tab.has_params(hidden_size=str(value))


@pytest.mark.parametrize("script", ["slider.js", "chart.js", "live.js", "plotly.min.js"])
def test_a_script_that_cannot_be_had_leaves_a_page_that_works(server, visit, script):
    tab = visit(expected="Failed to load resource")
    tab.page.route(f"**/{script}*", lambda route: route.abort())
    tab.page.goto(server.address("encoding"))
    tab.title_is("Encoding: from text to tensor")
    expect(tab.page.locator(".st-key-states .js-plotly-plot .heatmaplayer image")).to_be_visible()
    handle = tab.slider("hidden_size")
    expect(handle).to_have_value("9")
    handle.press("ArrowRight")
    tab.has_params(hidden_size="10")
    expect(tab.page.get_by_text("The untrained nn.RNN")).to_contain_text("(1, 1, 10)")
    assert any(script in error for error in tab.errors)

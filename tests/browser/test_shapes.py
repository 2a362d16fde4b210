"""The page of shapes under the hand: cells say what they are, blocks follow a slider, the quiz goes by keys."""

import re

import numpy as np
from playwright.sync_api import expect

from rnn_core.analysis.calls import trace_call
from rnn_core.analysis.quiz import ask
from rnn_core.config import Config
from rnn_core.shapes.specs import call_cost
from rnn_core.training.experiment import Experiment

CENTRE = """name => {
  const host = document.querySelector('.st-key-flow .chart');
  const { x0, dx, y0, dy } = host.data.find((trace) => trace.name === name);
  const { xaxis, yaxis } = host._fullLayout, box = host.getBoundingClientRect();
  return [box.x + xaxis._offset + xaxis.d2p(x0 + 3 * dx), box.y + yaxis._offset + yaxis.d2p(y0 + 2 * dy)];
}"""


def test_a_cell_says_its_index_its_value_and_what_it_is(turn_to):
    tab = turn_to("shapes")
    tab.has_drawn("flow")
    tab.page.mouse.move(*tab.page.evaluate(CENTRE, "output"), steps=3)
    label = tab.page.locator(".st-key-flow .hoverlayer")
    value = trace_call(Experiment(Config()).config, source="text").tensors["output"][0, 3, 2]
    expect(label).to_contain_text("output[N=0, L=3, D*H_out=2]")
    said = float(re.search(r"value\s*([−-]?[\d.]+)", label.text_content())[1].replace("−", "-"))
    assert np.isclose(said, value, atol=1e-3)
    expect(label).to_contain_text("Hidden state of the top layer at every time step.")


def test_a_dragged_slider_adds_columns_and_leaves_the_parameters_alone(turn_to):
    tab = turn_to("shapes", source="random")
    note, count = tab.page.locator(".st-key-flow .note"), call_cost(Experiment(Config()).config).parameters
    expect(note).to_contain_text(f"{count} parameters for all 11 time steps")
    length = tab.drag_to("seq_len", 40, is_let_go=False)
    expect(note).to_contain_text(f"{count} parameters for all {length} time steps")
    expect(note).to_contain_text(f"All {count} parameters stay as they are")
    tab.has_params(source="random")  # nothing is decided yet
    tab.page.mouse.up()
    tab.has_params(source="random", seq_len=str(length))


def test_the_quiz_goes_by_keys(turn_to):
    tab = turn_to("shapes")
    right = ask(Experiment(Config()).config, seed=0, number=0).right
    expect(tab.page.get_by_role("button", name=f"Shortcut {right + 1}")).to_be_visible()
    tab.page.keyboard.press(str(right + 1))
    expect(tab.page.get_by_text("streak 1 · best 1")).to_be_visible()
    tab.page.keyboard.press("n")
    tab.has_params(question="1")
    expect(tab.page.get_by_text("Question 2 · streak 1")).to_be_visible()


def test_the_drawing_in_space_keeps_its_camera_while_sizes_change(turn_to):
    tab = turn_to("shapes", drawing="3d")
    tab.has_drawn("flow")
    camera = "() => document.querySelector('.st-key-flow .chart')._fullLayout.scene._scene.getCamera().eye"
    before = tab.settled(camera)
    box = tab.page.locator(".st-key-flow .chart").bounding_box()
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 200)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] + box["width"] / 2 + 80, box["y"] + 180, steps=4)
    tab.page.mouse.up()
    turned = tab.settled(camera)
    assert turned != before
    tab.move("hidden_size", 2)
    expect(tab.page.locator(".st-key-flow .chart")).to_have_attribute("aria-label", re.compile(r"h_n \(1, 1, 11\)"))
    tab.at_rest()
    assert np.allclose([tab.settled(camera)[k] for k in "xyz"], [turned[k] for k in "xyz"])

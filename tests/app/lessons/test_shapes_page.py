"""The page of shapes: its drawing is the call, what it says is measured, and its quiz knows why one is wrong."""

import json
import re
from html import unescape

import pytest
import torch
from torch import nn

from pages.locale.catalogue import LANGUAGES, messages
from pages.ui.lessons.quiz import BELIEFS
from pages.ui.widgets.controls import FIELDS
from rnn_core.analysis.calls import trace_call
from rnn_core.analysis.quiz import ask
from rnn_core.config import Config
from rnn_core.shapes.specs import call_cost, tensor_specs
from rnn_core.training.experiment import Experiment
from rnn_core.training.export import to_shapes_script
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    click,
    config_of,
    find,
    follow_link,
    hold,
    open_app,
    unescaped,
)
from tests.app.numbers import array_of

SHARES_RUNS = True
COLOR = re.compile(r"<[^>]*>")


def titles_of(drawn):
    """Return the titles of the blocks, without their colours."""
    return [COLOR.sub("", text) for text in drawn.trace(mode="text")["text"]]


def table_of(at):
    """Return the table of tensors: name -> its other columns, as written on the screen."""
    (table,) = [element.proto.body for element in at.main.get("html") if 'class="tensors"' in element.proto.body]
    rows = [row.split("<td>")[1:] for row in table.split("<tr>")[2:]]
    cells = [[unescape(re.sub("<[^>]*>", "", cell)).replace("\u00a0", " ") for cell in row] for row in rows]
    return {cell[0]: cell[1:] for cell in cells}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "link",
    [
        {"preset": "onehot-batch", "readings": "both"},
        {"drawing": "3d", "cell": "lstm", "bidirectional": "true", "num_layers": "2"},
        {"source": "random", "batched": "false", "cell": "gru"},
        {"bidirectional": "true", "head": "none", "row": "1", "question": "7"},
        {"text": "a", "batch_size": "3", "seq_len": "128", "repeat": "true"},
    ],
    ids=str,
)
def test_any_network_is_shown_even_one_that_cannot_be_trained(link, lang):
    at = open_app("shapes", lang=lang, **link)
    check_works(at, "shapes")
    assert not at.error
    assert at.query_params == {**link, "lang": lang}


def test_the_drawing_is_the_call():
    at = open_app("shapes", cell="lstm", num_layers="2", hidden_size="5", seq_len="6", batch_size="2", seed="3")
    call = trace_call(config_of(at), source="text")
    drawn = charts(at)["flow"]
    inputs = array_of(drawn.trace(name="input")["z"])
    assert inputs.tolist() == call.tensors["input"][0].T.tolist()
    assert array_of(drawn.trace(name="output")["z"]).tolist() == call.tensors["output"][0].T.tolist()
    assert array_of(drawn.trace(name="layer 0")["z"]).tolist() == call.hidden[0, 0, :, 0].T.tolist()
    assert array_of(drawn.trace(name="weight_ih_l1")["z"]).tolist() == call.tensors["weight_ih_l1"].tolist()
    assert {"output (2, 6, 5)", "weight_ih_l0 (20, 9)", "logits (2, 6, 9)"} <= set(titles_of(drawn))
    assert f"loss {float(call.tensors['loss']):.3f} nats" in drawn.alt


def test_random_numbers_fill_a_tensor_that_the_text_does_not():
    at = open_app("shapes", seq_len="20", batch_size="4")
    assert "output (1, 11, 9)" in titles_of(charts(at)["flow"])
    change(at, "source", "random")
    assert "output (4, 20, 9)" in titles_of(charts(at)["flow"])
    call = trace_call(Config(seq_len=20, batch_size=4))
    assert array_of(charts(at)["flow"].trace(name="input")["z"]).tolist() == call.tensors["input"][0].T.tolist()


def test_the_table_lists_every_tensor_and_the_cost():
    at = open_app("shapes", cell="gru", bidirectional="true", batch_size="2", seq_len="5")
    config = config_of(at)
    specs, cost = tensor_specs(config, 9), call_cost(config, 9)
    listed = table_of(at)
    assert list(listed) == [spec.name for spec in specs]
    for spec in specs:
        axes, shape, elements, size, meaning = listed[spec.name]
        assert (axes, shape) == (f"({', '.join(spec.axes)})", str(spec.shape))
        assert (elements, size) == (f"{spec.elements:,}", f"{spec.bytes:,}")
        assert str(spec.meaning) in meaning
    assert f"**{cost.parameters:,}** parameters · **{cost.multiply_adds_per_t:,}** multiply-adds per time step" in body(
        at
    )


def test_longer_sequences_leave_the_parameters_alone_and_the_page_says_so():
    at = open_app("shapes", text="the quick brown fox jumps over the lazy dog")
    before = re.search(r"\*\*([\d,]+)\*\* parameters for all (\d+) time steps", body(at)).groups()
    change(at, "seq_len", 20)
    after = re.search(r"\*\*([\d,]+)\*\* parameters for all (\d+) time steps", body(at)).groups()
    assert (before[0], before[1], after[1]) == (after[0], "11", "20")
    assert f"All {call_cost(config_of(at), 27).parameters} parameters stay as they are" in body(at)
    assert next(title for title in titles_of(charts(at)["flow"]) if "●" in title).startswith("input (1, 20, 27)")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("link", "field", "value"),
    [
        ({"text": "the quick brown fox jumps over the lazy dog"}, "seq_len", 20),
        ({"cell": "lstm", "drawing": "3d", "bidirectional": "true"}, "hidden_size", 3),
        ({"source": "random", "cell": "gru"}, "num_layers", 3),
        ({"preset": "onehot-batch"}, "batch_size", 2),
    ],
    ids=str,
)
def test_under_the_hand_is_drawn_what_the_page_shows_once_it_is_let_go(link, field, value, lang):
    at = open_app("shapes", lang=lang, **link)
    told = hold(at, "shapes.flow", field, value)
    label = messages(lang).get(FIELDS[field][0], FIELDS[field][0])
    assert label in told["pictures"]["flow"]["note"]  # what changes against what is set
    check_same(change(at, field, value), told)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "seq_len=0 cannot be used: a whole number from 1 to 128 works."), (128, "seq_len=128 makes this too large")],
)
def test_what_cannot_be_called_is_said_under_the_hand(value, said):
    large = {"batch_size": "256", "hidden_size": "128", "num_layers": "4", "bidirectional": "true", "seq_len": "2"}
    at = open_app("shapes", source="random", cell="lstm", **large)
    assert not at.error
    assert unescaped(hold(at, "shapes.flow", "seq_len", value)["trouble"]).startswith(said)


def test_batch_first_moves_the_axes_of_input_and_output_but_not_of_h_n():
    at = open_app("shapes", text="hello! world " * 5, seq_len="7", batch_size="3", num_layers="2")
    assert not [title for title in titles_of(charts(at)["flow"]) if "●" in title]
    change(at, "batch_first", False)
    marked = {title.split(" ")[0] for title in titles_of(charts(at)["flow"]) if "●" in title}
    assert marked == {"input", "output", "logits"}
    assert "h_n stays (2, 3, 9): batch_first moves the axes of input and output" in body(at)
    assert table_of(at)["output"][1] == "(7, 3, 9) ● (3, 7, 9)"


def test_the_lessons_batch_is_read_in_both_ways_as_torch_reads_it():
    at = click(open_app("shapes"), "open_readings")
    assert at.query_params == {"preset": "onehot-batch", "readings": "both"}
    said = body(at)
    input = torch.tensor(trace_call(Experiment(Config.preset("onehot-batch")).config, source="text").tensors["input"])
    for batch_first in (False, True):
        output, h_n = nn.RNN(4, 2, batch_first=batch_first)(input)
        assert f"**{tuple(h_n.shape)}**" in said
        assert f"`output` is **{tuple(output.shape)}**" in said
    assert "3 time steps of 5 sequences" in said
    readings = charts(at)["readings"]
    halves = [array_of(trace["z"]) for trace in readings.data if trace["type"] == "heatmap"]
    assert [half.shape for half in halves] == [(9, 5), (9, 5)]
    assert [COLOR.sub("", text) for text in readings.trace(mode="text")["text"][:5]] == list("hello")
    assert set(charts(click(at, "close_readings"))) == {"flow", "grid"}


@pytest.mark.parametrize("row", range(4))
def test_a_row_of_h_n_lights_the_same_numbers_of_output(row):
    at = open_app("shapes", num_layers="2", bidirectional="true", task="same", row=str(row))
    call = trace_call(config_of(at), source="text")
    said = body(at)
    if row < 2:
        assert f"`h_n[{row}]` is layer 0: `output` holds the top layer alone" in said
    else:
        assert f"`h_n[{row - 4}]` and `{call.slices[row - 2].slices.output_text}` hold the same numbers" in said
        assert "largest difference is **0**" in said
    opaque = [t["name"] for t in charts(at)["grid"].data if t["type"] == "heatmap" and t["opacity"] == 1]
    assert opaque == [f"h_n[{row}]"]
    numbers = next(element.value for element in at.code if element.value.startswith("h_n["))
    assert f"{call.tensors['h_n'][row, 0, 0]:8.4f}" in numbers
    assert at.query_params["row"] == str(row)


def test_a_row_is_chosen_by_name_and_one_that_is_gone_is_forgotten():
    at = open_app("shapes", num_layers="3")
    assert find(at, "shapes_row").value == 2
    change(at, "shapes_row", 1)
    assert at.query_params["row"] == "1"
    assert find(follow_link("shapes", at), "shapes_row").value == 1
    change(at, "num_layers", 1)
    assert find(at, "shapes_row").value == 0


def test_the_switches_are_in_the_link():
    at = change(open_app("shapes"), "drawing", "3d")
    assert {trace["type"] for trace in charts(at)["flow"].data} == {"mesh3d", "scatter3d"}
    change(at, "source", "random")
    assert at.query_params == {"drawing": "3d", "source": "random"}
    again = follow_link("shapes", at)
    assert json.dumps(charts(again)["flow"].data) == json.dumps(charts(at)["flow"].data)
    change(change(at, "drawing", "2d"), "source", "text")
    assert at.query_params == {}


def answers_of(at):
    return [element for element in at.button if (element.key or "").startswith("answer_")]


def test_the_quiz_asks_about_the_network_on_the_screen():
    at = open_app("shapes", hidden_size="6", seed="5")
    question = ask(config_of(at), seed=5, number=0)
    assert [element.label for element in answers_of(at)] == [f"`{choice.text}`" for choice in question.choices]
    assert question.code in [element.value for element in at.code]


def test_right_answers_make_a_streak_and_a_wrong_one_is_met_with_the_belief_behind_it():
    at = open_app("shapes")
    for number in range(3):
        question = ask(config_of(at), seed=0, number=number)
        click(at, f"answer_{question.right}")
        assert len(at.success) == 1
        assert f"streak **{number + 1}**" in body(at)
        assert all(element.disabled for element in answers_of(at))
        click(at, "next_question")
        assert at.query_params["question"] == str(number + 1)
    question = ask(config_of(at), seed=0, number=3)
    wrong = (question.right + 1) % 4
    click(at, f"answer_{wrong}")
    said = unescaped(at.error[0].value)
    assert BELIEFS[question.choices[wrong].misconception] in said
    assert str(question.choices[wrong].sentence) in said.replace("\\", "")
    assert f"`{question.choices[question.right].text}`" in body(at)
    assert "streak **0** · best 3" in body(at)


def test_a_link_opens_the_same_question_and_another_network_begins_anew():
    at = click(click(open_app("shapes"), "next_question"), "next_question")
    labels = [element.label for element in answers_of(at)]
    assert [element.label for element in answers_of(follow_link("shapes", at))] == labels
    change(at, "cell", "gru")
    assert "question" not in at.query_params
    assert ask(config_of(at), seed=0, number=0).code in [element.value for element in at.code]


def test_every_wrong_answer_of_the_quiz_has_a_belief():
    found = {
        choice.misconception
        for seed in range(3)
        for number in range(300)
        for choice in ask(Config(cell="lstm", num_layers=2), seed=seed, number=number).choices
    }
    assert found - {""} <= set(BELIEFS)


def test_the_code_is_the_script_of_the_network():
    at = open_app("shapes", cell="lstm", hidden_size="3", seq_len="5", batch_size="2")
    at.session_state["code"] = True
    assert to_shapes_script(config_of(at), 9).strip() in [element.value.strip() for element in at.run().code]

"""The cell page: its states are those of the run, its numbers are the core's and torch's, its edits are made."""

import re
from dataclasses import replace

import numpy as np
import pytest

from pages.ui.lessons import cell as lesson
from pages.ui.lessons import editing
from pages.ui.run import reading
from pages.ui.session.link import Look, read
from pages.ui.work.engine import Engine
from rnn_core.cells.edits import Edit, apply_edits, parse_edits
from rnn_core.cells.sequence import arrange, compare_conventions, encode, recompute
from rnn_core.cells.window import read_window
from rnn_core.config import Config
from rnn_core.sentence import ConfigError
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import trace_windows
from tests.app.conftest import (
    body,
    change,
    charts,
    check_works,
    click,
    engine_of,
    find,
    follow_link,
    keys,
    open_app,
    run_to_pause,
)
from tests.app.numbers import array_of
from tests.app.test_pages import english_left_in, words

SHARES_RUNS = True
TEXT = "the quick brown fox jumps over the lazy dog"
NETWORKS = [
    {},
    {"nonlinearity": "relu", "hidden_size": "2", "learning_rate": "0.01"},
    {"hidden_size": "1"},
    {"cell": "lstm", "num_layers": "2", "layer": "0"},
    {"cell": "gru", "text": TEXT, "seq_len": "12", "batch_size": "2", "window": "1"},
    {"cell": "gru", "task": "same", "bidirectional": "true", "num_layers": "2", "direction": "reverse", "layer": "0"},
    {"preset": "onehot-batch", "hidden_size": "5"},
    {"text": TEXT * 4, "seq_len": "128", "hidden_size": "32"},
]
VERDICT = re.compile(r"largest difference from torch is \*\*([\d.e-]+)\*\*")


def open_cell(**params):
    return run_to_pause(open_app("cell", **{"steps": "12"} | params))


def opened(at, key):
    """Open what is folded."""
    at.session_state[key] = True
    return at.run()


def states(at, side="after"):
    return array_of(charts(at)[f"unrolled_{side}"].data[0]["z"]).T  # (L, H)


@pytest.mark.parametrize("params", NETWORKS)
def test_states_are_those_of_the_run_by_torch(params):
    at = open_cell(**params)
    check_works(at, "cell")
    run = engine_of(at)
    layer = int(params.get("layer", run.config.num_layers - 1))
    window = int(params.get("window", run.last.windows[0]))
    is_reverse, size = "direction" in params, run.config.hidden_size
    if layer == run.config.num_layers - 1:
        theirs = trace_windows(run.config, run.dataset, [window], run.at(run.step).weights).states_of(0)[
            :, is_reverse * size :
        ][:, :size]
        assert np.abs(states(at) - theirs).max() < 1e-5
    differences = [float(found) for found in VERDICT.findall(body(at))]
    assert len(differences) == 2
    assert max(differences) < 2e-6
    first = read_window(run.config, run.at(0).weights, run.dataset.input[window], layer=layer, is_reverse=is_reverse)
    assert np.abs(states(at, "before") - first.states).max() < 1e-5


def test_the_training_page_shows_the_same_states_at_the_same_step():
    training = run_to_pause(open_app("training", steps="12", step="7"))
    at = open_cell(step="7")
    theirs = array_of(charts(training)["states"].trace(type="heatmap")["z"])
    assert np.abs(states(at).T - theirs).max() < 1e-6 or np.abs(states(at).T[::-1] - theirs).max() < 1e-6
    assert "After 7 updates" in body(at)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_the_equation_has_the_cores_numbers_and_torch_agrees(cell):
    at = open_cell(cell=cell, t="6", unit="4")
    run = engine_of(at)
    window = run.dataset.input[0]
    values = [read_window(run.config, weights, window) for weights in (run.at(12).weights, run.at(0).weights)]
    passages = [element.value for element in at.code if element.value.startswith("t = 6")]
    assert len(passages) == 2
    for found in values:
        expected = next(line for line in found.lines(4)[6] if line.name == "h_t")
        passage = next(text for text in passages if f"{expected.value:.7f}".replace("-", "−") in text)
        lines = passage.split("\n")
        assert "«␣»" in lines[0]
        assert "unit 4" in lines[0]
        names = [line.split(" = ")[0] for line in lines[1:]]
        assert names == [*(line.name for line in found.lines(4)[6]), "torch says"]
        assert float(lines[-1].rsplit(" = ", 1)[-1].replace("−", "-")) == pytest.approx(expected.value, abs=2e-6)


def test_gates_are_those_of_the_cell():
    at = open_cell(cell="lstm", t="3", unit="2")
    run = engine_of(at)
    found = read_window(run.config, run.at(12).weights, run.dataset.input[0])
    bars = charts(at)["inside_after"].data[1]
    assert np.allclose(array_of(bars["x"]), [found.values[name][3, 2] for name in ("i_t", "f_t", "o_t")], atol=1e-6)
    flow = charts(at)["inside_after"].data[2]
    begin, length = array_of(flow["base"]), array_of(flow["x"])
    assert np.allclose((begin + length)[:3], [found.values[name][3, 2] for name in ("c_prev", "f_t * c_prev", "c_t")])


def test_a_gru_by_another_formula_differs_by_what_the_page_says():
    at = open_cell(cell="gru")
    run = engine_of(at)
    input = encode(run.config, run.at(12).weights, arrange(run.config, run.dataset.input[:1]))
    change = compare_conventions(run.config, run.at(12).weights, input)
    said = re.findall(r"by up to \*\*([\d.]+)\*\*", body(at))
    assert said == [f"{change[name]:.3g}" for name in ("reset_before", "z_swapped", "reset_before_z_swapped")]
    other = open_cell(cell="gru", convention="z_swapped")
    assert np.abs(states(other) - states(at)).max() == pytest.approx(change["z_swapped"], abs=1e-5)
    assert "z_t * n_t" in str([element.value for element in other.code])
    assert "convention" not in keys(open_cell())


def test_a_click_chooses_time_step_and_unit_and_a_film_that_rests_the_time_step():
    at = open_cell()
    at.session_state["unrolled_after"] = {"event": {"kind": "click", "trace": 0, "x": 7, "y": 3, "n": 5}}
    at.run()
    assert (at.query_params["t"], at.query_params["unit"]) == ("7", "3")
    assert any(element.value.startswith("t = 7 «w», unit 3") for element in at.code)
    at.session_state["unrolled_after"] = {"event": {"kind": "film", "trace": 0, "x": 2, "y": 2, "n": 6}}
    at.run()
    assert (at.query_params["t"], at.query_params["unit"]) == ("2", "3")
    for x, y in ((1e9, 1e9), (-1, "a")):
        for key in ("unrolled_after", "weights"):
            at.session_state[key] = {"event": {"kind": "click", "trace": 0, "x": x, "y": y, "n": 7}}
        check_works(at.run(), "cell")


def test_an_entry_is_chosen_in_the_table_set_with_the_slider_and_undone():
    at = opened(open_cell(), "editor")
    before = states(at)
    assert np.allclose(
        array_of(charts(at)["weights"].data[0]["z"]), engine_of(at).at(12).weights["rnn.weight_hh_l0"], atol=1e-6
    )
    at.session_state["weights"] = {"event": {"kind": "click", "trace": 0, "x": 5, "y": 4, "n": 5}}
    at.run()
    assert (find(at, "entry_row_weight_hh_l0").value, find(at, "entry_column_weight_hh_l0").value) == (4, 5)
    change(at, "entry", 2.5)
    assert at.query_params["edits"] == "weight_hh_l0:4:5:2.5"
    check_edited(at, "weight_hh_l0:4:5:2.5")
    change(at, "entry", -1.0)  # the same slider again is the same edit
    assert at.query_params["edits"] == "weight_hh_l0:4:5:-1"
    click(at, "double")
    check_edited(at, "weight_hh_l0:4:5:-1,weight_hh_l0:x2")
    assert at.query_params["edits"] == "weight_hh_l0:4:5:-1,weight_hh_l0:x2"
    assert "Edits, in their order: W_hh[4, 5] = −1, W_hh × 2" in body(at)
    heights = {charts(at)[f"unrolled_{side}"].layout["height"] for side in ("before", "after")}
    assert len(heights) == 1  # what belongs together stays side by side
    click(at, "undo")
    check_edited(at, "weight_hh_l0:4:5:-1")
    click(at, "halve")
    click(at, "undo_all")
    assert "edits" not in at.query_params
    assert np.array_equal(states(at), before)
    assert find(at, "undo").disabled


def check_edited(at, word):
    """Check that states and predictions are those of the edited weights."""
    run = engine_of(at)
    edited = apply_edits(run.at(12).weights, parse_edits(word))
    theirs = trace_windows(run.config, run.dataset, [0], edited)
    assert np.abs(states(at) - theirs.states_of(0)).max() < 1e-5
    expected = [run.dataset.characters[i] for i in theirs.predicted_of(0)]
    assert f"predicted {''.join(expected)}".replace(" ", "␣") in charts(at)["unrolled_after"].alt.replace(" ", "␣")
    right = sum(a == b for a, b in zip(expected, run.last.target, strict=False))
    assert f"{right} of 11 predictions right" in body(at)
    assert "weights edited" in body(at)
    assert np.array_equal(states(at, "before"), states(open_cell(), "before"))
    recomputed = recompute(run.config, edited, run.dataset.input[:1])
    assert np.abs(recomputed.output - theirs.output).max() < 1e-5


@pytest.mark.parametrize(
    ("edits", "sentence"),
    [
        ("weight_hh_l3:x2", "do not fit"),
        ("weight_hh_l0:90:0:1", "do not fit"),
        ("weight_hh_l0:0:0:1001", "cannot be used"),
    ],
)
def test_an_edit_that_cannot_be_made_is_named(edits, sentence):
    at = open_cell(edits=edits)
    check_works(at, "cell")
    assert sentence in " ".join(element.value for element in at.warning)
    assert np.array_equal(states(at), states(open_cell()))


@pytest.mark.parametrize(
    "params",
    [
        {"t": "2", "unit": "8", "edits": "weight_hh_l0:4:5:2.5,weight_hh_l0:x2", "step": "5"},
        {"cell": "gru", "convention": "reset_before", "t": "9"},
        {"cell": "lstm", "num_layers": "2", "layer": "0", "t": "1", "trained": "6"},
    ],
)
def test_the_link_shows_the_same(params):
    at = open_cell(**params)
    assert at.query_params == {"steps": "12"} | params
    again = run_to_pause(follow_link("cell", at))
    assert {key: (chart.data, chart.alt) for key, chart in charts(again).items()} == {
        key: (chart.data, chart.alt) for key, chart in charts(at).items()
    }
    assert body(again) == body(at)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_gates_and_edits_are_said_in_korean_too(cell):
    at = open_cell(cell=cell, lang="ko", edits="weight_hh_l0:x2,weight_hh_l2:x2")
    check_works(at, "cell")
    assert english_left_in(words(at), "ko") == set()


def test_the_code_of_the_page_is_that_of_the_cell():
    at = opened(open_cell(cell="gru"), "code")
    shown = "\n".join(element.value for element in at.code)
    assert "def gru_step" in shown
    assert "def read_window" in shown


TWO = Config(cell="gru", num_layers=2, seq_len=4, hidden_size=5, steps=12)
EDITED = {"entry": "weight_hh_l1:7:3", "edits": "bias_ih_l1:2:1"}


def look_at(words):
    """Return the look of a link with these words."""
    return replace(read({name: [word] for name, word in words.items()}, "ko").look, shown=Experiment(TWO))


def contents(stage, look, pinned=None):
    run = Engine(look.base)
    while run.is_playing:  # however busy the machine is
        run.slice()
    run.pinned = pinned
    return [picture.content() for picture in stage.pictures(look, run)]


@pytest.mark.parametrize("stage", [lesson.after_training, lesson.before_training])
@pytest.mark.parametrize(
    ("name", "value", "words", "pinned"),
    [
        ("step", 3, {}, 3),
        ("unit", 4, {"unit": "4"}, None),
        ("window", 0, {"window": "0"}, None),
        ("entry", 2.5, EDITED | {"edits": "bias_ih_l1:2:1,weight_hh_l1:7:3:2.5"}, None),
        ("entry", -1e9, EDITED | {"edits": "bias_ih_l1:2:1,weight_hh_l1:7:3:-1000"}, None),
    ],
)
def test_both_sides_under_the_hand_are_those_of_the_value_set(stage, name, value, words, pinned):
    before = EDITED if name == "entry" else {}
    held, there, plain = (
        contents(stage, look, pinned)
        for look, pinned in (
            (look_at(before).holding(name, value), None),
            (look_at(words), pinned),
            (look_at(before), None),
        )
    )
    assert held == there
    assert (held != plain) == (name in stage.fields)


def test_the_entry_is_the_one_chosen_or_edited_last_or_one_of_the_unit():
    run = Engine(TWO)
    run.catch_up()
    place = reading.place_of(Look(Experiment(TWO)), run)
    for view, entry in (
        ({}, ("weight_hh_l1", (0, 0))),
        ({"unit": "3"}, ("weight_hh_l1", (3, 0))),
        ({"edits": "weight_hh_l1:7:3:1,bias_ih_l0:2:1,weight_hh_l1:x2"}, ("weight_hh_l1", (7, 3))),
        (EDITED, ("weight_hh_l1", (7, 3))),
        (EDITED | {"entry": "weight_hh_l1:90:3"}, ("bias_ih_l1", (2,))),
        ({"entry": "weight_hh_l1:3"}, ("weight_hh_l1", (0, 0))),
        ({"entry": "bias_hh_l0:1"}, ("weight_hh_l1", (0, 0))),
    ):
        look = look_at(view)
        assert editing.entry_of(look, place) == entry
        assert editing.edits_of(look.holding("entry", -1e9), place)[-1] == Edit(*entry, -1000.0)


@pytest.mark.parametrize("stage", [lesson.after_training, lesson.before_training])
@pytest.mark.parametrize(("name", "value"), [("unit", 5), ("unit", 1.5), ("unit", 1e9), ("window", -1), ("step", 13)])
def test_where_a_slider_cannot_stand_is_said_under_the_hand(stage, name, value):
    with pytest.raises(ConfigError, match=f"{name}=.* cannot be used: a whole number from 0 to"):
        contents(stage, look_at({}).holding(name, value))


def test_what_cannot_be_trained_has_a_sentence_and_no_pictures():
    with pytest.raises(ConfigError, match="bidirectional=true cannot be used"):
        list(lesson.after_training.pictures(Look(Experiment(Config(bidirectional=True))).holding("unit", 1)))


def test_the_chosen_entry_is_in_the_link():
    at = opened(open_cell(entry="bias_hh_l0:3"), "editor")
    assert (find(at, "entry_weight").value, find(at, "entry_row_bias_hh_l0").value) == ("bias_hh_l0", 3)
    change(at, "entry_weight", "weight_ih_l0")
    assert at.query_params["entry"] == "weight_ih_l0:3:0"
    change(at, "entry_column_weight_ih_l0", 2)
    assert at.query_params["entry"] == "weight_ih_l0:3:2"
    assert find(at, "entry").label == "weight_ih_l0[3, 2]"

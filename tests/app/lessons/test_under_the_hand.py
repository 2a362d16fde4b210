"""Every picture of the session's network follows a held size: by the present weights if they fit, or the first ones."""

import json
from importlib import import_module

import numpy as np
import pytest

from pages.ui.channel import stages
from pages.ui.channel.stages import find
from pages.ui.run.pictures import DATA_FIELDS, FOLLOWED
from pages.ui.session.link import read
from pages.ui.session.views import RUN_PAGES
from pages.ui.work.engine import Engine
from pages.ui.work.trio import Trio
from rnn_core.config import Config
from rnn_core.sentence import ConfigError
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import trace_windows
from tests.app.numbers import array_of

TEXT = "the quick brown fox jumps over the lazy dog"
BASE = {"text": TEXT, "seq_len": "8", "batch_size": "2", "steps": "3", "cell": "gru", "task": "same"}
BESIDE = {"system": "mine", "window": "1"}
HELD = {
    "hidden_size": 5,
    "num_layers": 2,
    "input_size": 30,
    "seq_len": 5,
    "batch_size": 1,
    "val_share": 0.3,
}
FOLLOWERS = (
    "cell.after",
    "cell.before",
    "trajectories.units",
    "dynamics.plane",
    "gradients.trained_reach",
    "gradients.trained_maps",
    "connectivity.texts",
    "connectivity.whole",
)


def look(**changes):
    return read({name: [word] for name, word in (BASE | BESIDE | changes).items()}, "en").look


def contents(stage, look, work=None):
    """Return what the pictures of a stage are given."""
    return {picture.key: dict(picture.content()) for picture in find(stage).pictures(look, work)}


def beginning(stage, look):
    """Return the place in the run of a look before any training."""
    found = Engine(look.base)
    return Trio(found) if find(stage).of is Trio else found


def test_each_picture_that_follows_the_step_follows_the_sizes():
    for page in RUN_PAGES:
        import_module(f"pages.ui.lessons.{page}")
    for stage in stages._stages.values():
        assert "step" not in stage.fields or set(FOLLOWED) <= set(stage.fields), stage.name


@pytest.mark.parametrize("stage", FOLLOWERS)
def test_another_network_is_drawn_as_it_begins(stage):
    for field in ("hidden_size", "num_layers", "input_size"):
        there = look(**{field: str(HELD[field])})
        held = drawn(contents(stage, look().holding(field, HELD[field])))
        assert held == drawn(contents(stage, there, beginning(stage, there))), field
        assert held != drawn(contents(stage, look())), field


def drawn(contents):
    """Return what is drawn, whatever is said of it."""
    if "tinted" in contents:
        return [cell["strength"] for cell in json.loads(contents["tinted"]["spec"])["cells"]]
    return {key: json.loads(one["figure"])["data"] for key, one in contents.items() if "figure" in one}


@pytest.mark.parametrize(("field", "value"), [(field, HELD[field]) for field in DATA_FIELDS])
def test_other_data_is_read_with_the_present_weights(field, value):
    run = Engine(Config(text=TEXT, seq_len=8, batch_size=2, steps=3, cell="gru", task="same"))
    run.slice(5.0)
    other = Experiment(run.config.replace(**{field: value}))
    wanted = trace_windows(other.config, other.dataset, [1], run.at(3).weights).states_of(0)
    held = drawn(contents("cell.after", look().holding(field, value)))["unrolled_after"][0]["z"]
    assert np.abs(array_of(held).T - wanted).max() < 1e-5


def test_no_measure_of_other_data_is_taken_for_that_of_a_run():
    held = contents("gradients.trained_maps", look().holding("seq_len", 5))
    trained = contents("gradients.trained_maps", look(seq_len="5"))
    assert drawn(held)["map_before"] == drawn(trained)["map_before"]
    assert drawn(held)["map_after"] != drawn(trained)["map_after"]


@pytest.mark.parametrize("stage", FOLLOWERS)
def test_what_cannot_be_trained_is_said_under_the_hand(stage):
    with pytest.raises(ConfigError, match="num_layers"):
        contents(stage, look().holding("num_layers", 9))


def test_a_preview_says_whose_weights_it_shows():
    here = look()
    for stage in ("cell.after", "gradients.trained_maps", "dynamics.plane", "connectivity.whole"):
        for field, words in (("hidden_size", "untrained"), ("seq_len", "step 3")):
            notes = [one.note for one in find(stage).pictures(here.holding(field, HELD[field])) if hasattr(one, "note")]
            assert any("**Preview" in note and words in note for note in notes), (stage, field)


def test_under_a_hand_on_the_learning_rate_it_is_said_what_that_waits_for():
    here = look()
    for name, key in (("training.states", "states"), ("unrolled.network", "network")):
        assert "learning_rate" in find(name).fields
        note = contents(name, here.holding("learning_rate", 0.05))[key]["note"]
        assert note.startswith(
            "**Learning rate = 0.05**: the weights are still those of step 3. Release the slider to train with it."
        )
        with pytest.raises(ConfigError, match="learning_rate"):
            contents(name, here.holding("learning_rate", 9.0))
    words = json.loads(contents("unrolled.network", here.holding("learning_rate", 0.05))["network_words"]["words"])
    assert [value for name, value, *_ in words if name == "lr"] == ["0.05"]


@pytest.mark.parametrize(("lang", "said"), [("en", "7 (of 106 asked for)"), ("ko", "7 (설정값 106)")])
def test_sizes_that_a_short_text_cannot_fill_are_said_with_what_the_sliders_read(lang, said):
    short = read({"text": ["abcdefgh"], "seq_len": ["106"], "batch_size": ["26"], "task": ["next"]}, lang).look
    words = json.loads(contents("unrolled.network", short)["network_words"]["words"])
    values = {name: value for name, value, *_ in words}
    assert values["L"] == said
    assert values["N"] == said.replace("7", "1").replace("106", "26")
    fitting = json.loads(contents("unrolled.network", look())["network_words"]["words"])
    assert [value for name, value, *_ in fitting if name in ("L", "N")] == ["8", "2"]

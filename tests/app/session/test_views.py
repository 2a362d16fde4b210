"""Each field of a view is declared once: what a link reads and writes, where a slider ends, what a hand may hold."""

import re
from dataclasses import fields, replace
from importlib import import_module
from pathlib import Path

import pytest

from pages import PAGES
from pages.ui.channel import stages
from pages.ui.session.fields import Hand, Kind, Number, kinds
from pages.ui.session.link import Look, read
from pages.ui.session.views import MODELS, RUN_PAGES, VIEWS, CellView, GradientsView, PitfallsView, TrainingView, counts
from rnn_core.cells.edits import Edit
from rnn_core.config import Config, number_fields
from rnn_core.sentence import ConfigError
from rnn_core.sweep.plan import parse_axes
from rnn_core.training.experiment import Experiment
from rnn_core.training.history import Run

UI = Path(__file__).parents[3] / "pages" / "ui"
FIELDS = {name: (model, kind) for model in MODELS for name, kind in kinds(model).items()}
# A value of each notation, and how a link writes it.
WRITTEN = {
    "edits": (
        (Edit("weight_hh_l0", (2, 3), 1.5), Edit("weight_hh_l0", (), 2.0)),
        "weight_hh_l0:2:3:1.5,weight_hh_l0:x2",
    ),
    "entry": (("bias_ih_l1_reverse", (7,)), "bias_ih_l1_reverse:7"),
    "units": ((0, 12), "0,12"),
    "find": ("4-6", "4-6"),
    "plane": ((3, 1), "3,1"),
    "starts": (((0.5, -0.25), (1.0, 0.125)), "0.500:-0.250,1.000:0.125"),
    "axes": (parse_axes("seed:0:31:32,cell:rnn:gru"), "seed:0:31:32,cell:rnn:gru"),
    "seeds": (7, "7"),
    "lags": ((2, 10), "2,10"),
    "word": ("abc", "abc"),
    "before": (
        (("hidden_size", "8"), ("earlier", "learning_rate:0.1:60")),
        "hidden_size:8;earlier:learning_rate:0.1:60",
    ),
}


def other(name, kind):
    """Return a value that is not as usual, and how a link writes it."""
    if name in WRITTEN:
        return WRITTEN[name]
    match kind:
        case Number(low=int(low)):
            return low + 1, str(low + 1)
        case Number(low=low):
            return low + 0.125, str(low + 0.125)
        case Kind(words=(_, *_, last)):
            return last, last
    return "a\nb & c", "a\nb & c"


def test_every_page_has_its_views_and_no_parameter_is_there_twice():
    assert set(VIEWS) == {page.name for page in PAGES}
    assert len(FIELDS) == sum(len(fields(model)) for model in MODELS)
    assert not set(FIELDS) & {*Config.model_fields, "preset", "lang"}
    assert set(RUN_PAGES) == {"home", "training", "cell", "trajectories", "dynamics", "gradients", "connectivity"}


@pytest.mark.parametrize("name", FIELDS)
def test_a_link_carries_a_field_there_and_back(name):
    model, kind = FIELDS[name]
    value, word = other(name, kind)
    assert value != kind.default
    view = replace(model(), **{name: value})
    assert view.parameters() == {name: word}
    address = read({name: [word], "num_layers": ["2"], "seq_len": ["6"]}, "en")  # two windows, two layers
    assert (address.unused, address.look.view(model)) == ((), view)
    assert model().parameters() == {}


@pytest.mark.parametrize("name", [name for name, (_, kind) in FIELDS.items() if isinstance(kind, Number)])
def test_a_number_is_brought_back_from_a_link_and_refused_under_the_hand(name):
    model, kind = FIELDS[name]
    there = {kind.of: range(1, 6)} if kind.of else {}
    low, high = (1, min(5, kind.high)) if kind.of else (kind.low, kind.high)
    for beyond, end in ((low - 1, low), (high + 1, high)):
        view = replace(model(), **{name: beyond})
        assert getattr(view.fitted(there), name) == (None if kind.is_place else end)
        with pytest.raises(ConfigError, match=f"^{name}="):
            model().fitted(there, Hand(name, beyond))
    assert getattr(model().fitted(there, Hand(name, high)), name) == high
    with pytest.raises(ConfigError):
        model().fitted(there, Hand(name, float("nan")))


def test_a_hand_that_holds_what_is_counted_waits_for_the_counts():
    look = Look(Experiment(Config())).holding("unit", 1e9)
    assert look.view(CellView) == CellView()
    with pytest.raises(ConfigError) as told:
        look.view(CellView, counts(Run(Config())))
    assert str(told.value) == "unit=1000000000.0 cannot be used: a whole number from 0 to 8 works."
    assert look.view(GradientsView) == GradientsView()


def test_a_number_has_no_more_decimals_than_a_link_carries():
    assert GradientsView(radius=0.12345).radius == 0.123
    assert GradientsView().fitted({}, Hand("radius", 0.12345)).radius == 0.123


def test_counts_are_those_of_the_run():
    run = Run(Config(text="abcab", seq_len=9, hidden_size=3, num_layers=2, steps=7))  # shorter than seq_len
    windows, length = run.dataset.input.shape
    found = {name: len(numbers) for name, numbers in counts(run).items()}
    assert found == {"step": 8, "window": windows, "character": length, "layer": 2, "unit": 3}
    assert length == 4


def test_a_view_refuses_what_no_widget_offers():
    with pytest.raises(ValueError, match="'poked' is none of"):
        PitfallsView(pitfall="poked")
    with pytest.raises(AttributeError):
        TrainingView().step = 3


def test_a_stage_follows_only_what_can_be_held():
    for path in sorted((UI / "lessons").glob("*.py")):
        import_module(f"pages.ui.lessons.{path.stem}")
    held = {*number_fields(), "entry", *(name for name, (_, kind) in FIELDS.items() if isinstance(kind, Number))}
    followed = {name for stage in stages._stages.values() for name in stage.fields}
    assert {"hidden_size", "step", "radius", "number"} <= followed <= held


@pytest.mark.parametrize("room", ["channel", "components", "run", "session", "widgets", "words"])
def test_streamlits_session_holds_one_object_of_ours_and_widgets(room):
    key = re.compile(r"""session_state(?:\.\w+\(|\[)f?["'](_\w+)""")
    found = {(path.name, name) for path in (UI / room).rglob("*.py") for name in key.findall(path.read_text("utf-8"))}
    assert found == ({("state.py", "_session")} if room == "session" else set())

"""What a page's own controls do: each of them, moved, changes what it shows. The side panel's: `test_panel.py`."""

import json
import re
from pathlib import Path

import pytest

from pages import PAGES
from tests.app.conftest import change, charts, open_app

UI = Path(__file__).parents[3] / "pages" / "ui"
CHOSEN = re.compile(r'choice\.(?:choose|number)\(\s*\w+View,\s*"(\w+)"')
TEXT = {"text": "the quick brown fox", "steps": "3", "seq_len": "6", "hidden_size": "4"}
TWO_WAYS = {**TEXT, "num_layers": "2", "bidirectional": "true", "task": "same"}
SMALL = {"lags": "2", "networks": "1", "updates": "100", "memory_units": "4"}
# On a page opened by a link, each control in turn, from what the ones before have left.
MOVES = (
    ("home", {}, {}),
    ("encoding", {}, {"made": "indices"}),
    ("shapes", {}, {"source": "random", "parts": "results", "drawing": "3d"}),
    ("training", TEXT, {"step": 1, "scale": "log"}),
    (
        "cell",
        {**TWO_WAYS, "cell": "gru"},
        {"step": 1, "window": 1, "layer": 0, "direction": "reverse", "unit": 1, "convention": "z_swapped"},
    ),
    (
        "trajectories",
        TWO_WAYS,
        {
            "step": 1,
            "window": 0,
            "layer": 0,
            "direction": "reverse",
            "order": "similar",
            "find": "3",
            "threshold": 0.9,
            "space": "units",
            "together": 1,
            "also": "the fox",
        },
    ),
    ("dynamics", {**TEXT, "system": "mine"}, {"step": 1, "symbol": 1, "plane": (0, 1)}),
    ("dynamics", {"system": "one"}, {"point": 1, "system": "two"}),
    ("gradients", TWO_WAYS, {"step": 1, "window": 0, "layer": 0, "direction": "reverse", "topic": "explosion"}),
    ("gradients", {"topic": "explosion"}, {"start_radius": 1.5, "clip": 0.5}),
    ("gradients", {"topic": "cells"}, {"length": 9, "radius": 0.5, "bias": 3.0, "bend": "relu", "reads": "nothing"}),
    ("gradients", {"topic": "states", "length": "9"}, {"whose": "gru", "begin": "orthogonal"}),
    ("connectivity", TEXT, {"step": 1, "window": 1, "explained": "right", "at": 2}),
    ("memory", SMALL, {"memory_task": "copy", "alphabet": 3, "equal": "parameters", "gates": "default"}),
    ("memory", SMALL, {"memory_units": 5, "networks": 2, "updates": 200, "lags_picked": [2, 3]}),
    ("modes", {}, {"typed_word": "abc"}),
    ("pitfalls", {"pitfall": "width-is-length"}, {}),
    ("paste", {}, {"code_box": "import torch\nx = torch.zeros(2, 3)"}),
    ("sweep", {**TEXT, "axes": "seed:0:3:2", "seeds": "1"}, {"shown": "accuracy", "sweep_axes": ["cell"]}),
)
ELSEWHERE = {
    "live": "changes nothing at rest; what it does under the hand: test_trajectories_page.py",
    "learnt": "there only once a comparison has been trained: test_memory_page.py",
    "number": "of a pitfall that was answered: test_pitfalls_page.py",
}


def shown(at):
    """Return what a page shows, its controls apart."""
    written = [element.value for kind in ("markdown", "code", "caption", "error") for element in getattr(at.main, kind)]
    written += [element.proto.body for element in at.main.get("html")]
    drawn = {key: json.dumps([one.data, one.layout], sort_keys=True) for key, one in charts(at).items()}
    return written, drawn


@pytest.mark.parametrize(("page", "params", "moves"), MOVES)
def test_each_control_of_a_page_changes_what_it_shows(page, params, moves):
    at = open_app(page, lang="en", **params)
    before = shown(at)
    for key, value in moves.items():
        change(at, key, value)
        assert not at.exception, key
        now = shown(at)
        assert now != before, f"{key} does nothing on {page}"
        before = now


def test_no_control_of_a_page_is_left_out():
    found = {name for path in UI.rglob("*.py") for name in CHOSEN.findall(path.read_text("utf-8"))}
    moved = {key for _, _, moves in MOVES for key in moves}
    assert len(found) > 30
    assert found - moved == set(ELSEWHERE)
    assert {page for page, _, _ in MOVES} | {"compare", "glossary", "about"} == {spec.name for spec in PAGES}

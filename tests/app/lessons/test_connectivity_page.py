"""The page of connectivity names what moved each prediction, in three networks that were really trained alike."""

import json
import re

import numpy as np
import pytest

from pages.locale.catalogue import LANGUAGES
from pages.ui.lessons import connectivity as lesson
from pages.ui.session.link import read
from pages.ui.work.store import store
from pages.ui.work.trio import Trio
from rnn_core.analysis.connectivity import connectivity
from rnn_core.analysis.reach import CELLS
from rnn_core.config import Config
from rnn_core.training.history import Run
from tests.app.conftest import (
    body,
    change,
    charts,
    check_same,
    check_works,
    engine_of,
    find,
    follow_link,
    hold,
    kept_by,
    open_app,
    run_to_pause,
    run_until,
)
from tests.app.numbers import array_of

SHARES_RUNS = True
NAMED = re.compile(r"«(.+?)» t=(\d+): ([\d.e+-]+)")


def trained(cell, **values):
    run = Run(Config(cell=cell, **values))
    while run.advance():
        pass
    return run


def trio_of(at):
    return kept_by(at, Trio)


def done(at):
    """Run the script until all three networks are trained."""
    return run_until(at, lambda: not trio_of(at).is_playing)


def paragraph(at, cell):
    """Return what the page says of one cell."""
    return next(part for part in re.split(r"(?=\*\*(?:rnn|lstm|gru)\*\*)", body(at)) if part.startswith(f"**{cell}**"))


def check_says(at, cell, run, moment, t, *, is_right=False):
    dataset = run.trainer.dataset
    window = dataset.input[moment.record.windows[0]]
    target = dataset.target[moment.record.windows[0]] if is_right else None
    found = connectivity(run.config, moment.weights, window, target)
    said = paragraph(at, cell)
    for _character, s, strength in NAMED.findall(said):
        assert float(strength) == pytest.approx(found.strength[t, int(s)], rel=5e-3)
    order = np.argsort(-found.strength[t])
    assert int(NAMED.search(said)[2]) == order[0]
    best = dataset.characters[found.best[t, 0]].replace(" ", "␣")
    assert f"«{best}» {found.probability[t, 0]:.1%}" in said
    assert f"{moment.record.loss:.3f}" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_screen_has_three_trained_networks(lang):
    at = done(open_app("connectivity", lang=lang))
    check_works(at, "connectivity")
    for cell in CELLS:
        run = trained(cell)
        check_says(at, cell, run, run.at(100), 10)


def test_other_pages_have_the_three_runs_at_once():
    store.forget()
    done(open_app("connectivity"))
    made = store.updates
    check_works(open_app("compare"), "compare")
    run_to_pause(open_app("training", cell="gru"))
    assert store.updates == made


@pytest.mark.parametrize("own", CELLS)
def test_any_snapshot_any_place_and_any_score(own):
    at = done(open_app("connectivity", lang="en", cell=own, steps="40", seed="3", explained="right", at="4"))
    change(at, "step", 7)
    assert at.query_params["step"] == "7"
    for cell in CELLS:
        run = trained(cell, steps=40, seed=3)
        check_says(at, cell, run, run.at(7), 4, is_right=True)
    again = done(follow_link("connectivity", at))
    assert [paragraph(again, cell) for cell in CELLS] == [paragraph(at, cell) for cell in CELLS]


def test_the_chosen_character_belongs_to_the_link():
    at = open_app("connectivity", lang="en")
    change(at, "at", 3)
    assert at.query_params == {"lang": "en", "at": "3"}
    change(at, "at", 10)
    assert at.query_params == {"lang": "en"}


def test_the_other_cells_follow_the_settings():
    at = done(open_app("connectivity", steps="20"))
    change(at, "hidden_size", 5)
    done(at)
    for cell in CELLS:
        run = trained(cell, steps=20, hidden_size=5)
        check_says(at, cell, run, run.at(20), 10)
    assert set(trio_of(at).others) == {"lstm", "gru"}
    change(at, "cell", "gru")
    done(at)
    check_says(at, "rnn", trained("rnn", steps=20, hidden_size=5), trained("rnn", steps=20, hidden_size=5).at(20), 10)
    assert set(trio_of(at).others) == {"rnn", "lstm"}


def test_the_matrix_is_that_of_the_viewers_own_network():
    at = open_app("connectivity", lang="en")
    run_to_pause(at)  # on a busy machine a slice is not the whole run
    run = trained("rnn")
    found = connectivity(run.config, run.at(100).weights, run.trainer.dataset.input[0])
    assert np.allclose(array_of(charts(at)["connections"].data[0]["customdata"]), found.strength, rtol=1e-5)


def test_a_cell_that_would_cost_too_much_is_left_out_with_a_word():
    at = open_app(
        "connectivity", lang="en", text="ab" * 700, hidden_size="96", seq_len="128", batch_size="10", steps="1"
    )
    assert not at.exception
    assert not at.error
    assert [warning for warning in at.warning if "lstm" in warning.value]
    assert "**rnn**" in body(at)


def test_a_window_of_a_long_text_and_swapped_axes():
    at = open_app("connectivity", lang="en", text="the quick brown fox", seq_len="5", window="2", steps="3", at="99")
    check_works(at, "connectivity")
    assert "«n»" in body(at)  # the last character of the third window
    swapped = open_app("connectivity", lang="en", preset="seed-lesson", steps="3")
    check_works(swapped, "connectivity")
    assert [warning for warning in swapped.warning if "axes are swapped" in warning.value]
    assert find(swapped, "at").value == 11


@pytest.mark.parametrize("own", ["rnn", "gru"])
def test_what_is_under_the_hand_is_what_the_page_shows_of_that_step(own):
    at = done(open_app("connectivity", lang="ko", cell=own, steps="12", explained="right", at="3"))
    told, newest = (hold(at, "connectivity.texts", "step", step)["pictures"]["tinted"] for step in (5, 12))
    maps = hold(at, "connectivity.whole", "step", 5)
    change(at, "step", 5)
    check_same(at, maps)
    look = read({name: [word] for name, word in at.query_params.items()}, "en").look
    assert trio_of(at).runs[own] is engine_of(at)
    (shown,) = lesson.texts.pictures(look, trio_of(at))
    assert shown.content() == told != newest
    assert shown.at == 3
    for cell in json.loads(told["spec"])["cells"]:
        run = trained(cell["name"], steps=12)
        window = run.trainer.dataset.input[0]
        found = connectivity(run.config, run.at(5).weights, window, run.trainer.dataset.target[0])
        assert np.allclose(cell["strength"], found.strength, rtol=5e-3)


def test_a_run_that_cannot_be_trained_is_said_under_the_hand():
    at = open_app("connectivity", lang="en", text="a")
    assert "text" in hold(at, "connectivity.texts", "step", 1)["trouble"]

"""The page of gradients says what the core computes, follows its sliders, and comes back from its link."""

import re

import numpy as np
import pytest

from pages.locale.catalogue import LANGUAGES
from pages.ui.session import cache
from rnn_core.analysis.clipping import descend
from rnn_core.analysis.gradients import cell_paths, loss_gradients, state_influence
from rnn_core.analysis.reach import CELLS, Beginning, begin, endless, gradient_reach, share_left, stretching
from rnn_core.config import Config
from rnn_core.records.dynamics import Descent
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
    open_app,
    opened,
    unescaped,
)
from tests.app.numbers import array_of

SHARES_RUNS = True
TEXT = Config().text
LINES = ("rnn", "lstm", "lstm: c", "gru")


def expected(beginning, length=51, text=TEXT):
    """Return the curves that the first chart should have."""
    _, window, target = endless(text, length)
    found = {}
    for cell in CELLS:
        for path, norms in gradient_reach(begin(cell, beginning, text), window, target).items():
            found[cell if path == "h" else f"{cell}: {path}"] = norms
    return found


def check_reach(at, beginning, length=51, text=TEXT):
    drawn = charts(at)["reach"]
    wanted = expected(beginning, length, text)
    assert [trace["name"] for trace in drawn.data] == list(LINES)
    for trace in drawn.data:
        norms = [None if norm == 0 else pytest.approx(norm, rel=1e-9) for norm in wanted[trace["name"]]]
        assert trace["y"] == norms
    share = share_left(wanted["rnn"])
    if 0 < share < 0.01:
        assert f"rnn {share:.1e}" in drawn.alt


@pytest.mark.parametrize("lang", LANGUAGES)
def test_three_cells_are_computed_on_the_spot(lang):
    at = open_app("gradients", topic="cells", lang=lang)
    check_works(at, "gradients", {"reach"})
    check_reach(at, Beginning())
    said = charts(at)["reach"].alt
    for name, norms in expected(Beginning()).items():
        assert f"{name} {share_left(norms):.1e}" in said
    assert "**1.7e-11**" in body(at)


@pytest.mark.parametrize(
    ("params", "beginning"),
    [
        ({"begin": "orthogonal"}, Beginning("orthogonal")),
        ({"begin": "identity"}, Beginning("identity")),
        ({"begin": "forget_bias", "hidden_size": "20", "seed": "5"}, Beginning("forget_bias", hidden_size=20, seed=5)),
        (
            {"begin": "set", "radius": "1.5", "bias": "3", "reads": "nothing"},
            Beginning("set", radius=1.5, forget_bias=3.0, is_silent=True),
        ),
        ({"begin": "set", "radius": "0.5", "bend": "relu"}, Beginning("set", radius=0.5, nonlinearity="relu")),
    ],
)
def test_a_link_brings_its_beginning_back(params, beginning):
    at = open_app("gradients", topic="cells", lang="en", **params)
    check_works(at, "gradients", {"reach"})
    check_reach(at, beginning)
    assert at.query_params == {"lang": "en", "topic": "cells", **params}


def test_moving_a_slider_sets_how_they_begin():
    at = open_app("gradients", topic="cells", lang="en")
    change(at, "radius", 0.5)
    check_reach(at, Beginning("set", radius=0.5))
    assert at.query_params == {"lang": "en", "topic": "cells", "begin": "set", "radius": "0.5"}
    change(at, "bias", 3.0)
    change(at, "length", 20)
    check_reach(at, Beginning("set", radius=0.5, forget_bias=3.0), 20)
    check_reach(follow_link("gradients", at), Beginning("set", radius=0.5, forget_bias=3.0), 20)
    change(at, "begin", "default")
    check_reach(at, Beginning(), 20)


def test_the_claims_are_said_in_words():
    vanished = open_app("gradients", topic="cells", lang="en", begin="set", radius="0.5", reads="nothing")
    assert "(vanishes)" in charts(vanished)["reach"].alt.split("·")[0]
    exploded = open_app("gradients", topic="cells", lang="en", begin="set", radius="1.5", reads="nothing")
    assert "(explodes)" in charts(exploded)["reach"].alt.split("·")[0]
    held = open_app("gradients", topic="cells", lang="en", begin="identity")
    assert "(holds)" in charts(held)["reach"].alt.split("·")[0]


@pytest.mark.parametrize("whose", ["rnn", "lstm", "gru", "gates", "detour"])
def test_the_matrix_is_the_cores(whose):
    at = open_app("gradients", topic="states", whose=whose if whose != "rnn" else None, length="20")
    begun = begin(whose if whose in CELLS else "lstm", Beginning(), TEXT)
    _, window, _ = endless(TEXT, 20)
    wanted = state_influence(begun.config, begun.weights, window)
    if whose not in CELLS:
        paths = cell_paths(begun.config, begun.weights, window)
        wanted = paths.direct if whose == "gates" else paths.hidden
    drawn = array_of(charts(at)["matrix"].data[0]["customdata"])
    assert np.allclose(drawn, wanted, rtol=1e-6)


def test_the_table_has_the_cores_numbers():
    at = open_app("gradients", topic="states", lang="en")
    _, window, _ = endless(TEXT, 51)
    columns = [
        stretching(begun.config, begun.weights, window) for begun in (begin(c, Beginning(), TEXT) for c in CELLS)
    ]
    rows = re.findall(r"^\| (.+) \|$", body(at), re.MULTILINE)
    for name in ("radius", "singular_value", "step_singular_value", "growth"):
        cells = " | ".join(f"{getattr(found, name):.3f}".replace("-", "−") for found in columns)
        assert any(row.endswith(cells) for row in rows)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_both_trainings_are_real(lang):
    at = open_app("gradients", topic="explosion", lang=lang, clip="0.5", start_radius="1.5")
    without, clipped = (descend(TEXT, radius=1.5, grad_clip=clip) for clip in (0.0, 0.5))
    drawn = charts(at)["clipping"]
    for trace, values in zip(
        drawn.data,
        (without.loss, clipped.loss, without.grad_norm, clipped.grad_norm, clipped.clipped_norm),
        strict=True,
    ):
        assert [y for y in trace["y"] if y is not None] == values[np.isfinite(values)].tolist()
    assert f"{len(without.loss) - 1}" in drawn.alt
    numbers = [float(number) for number in re.findall(r"\d[\d.]*(?:e[+-]\d+)?", drawn.alt)]
    assert any(number == pytest.approx(clipped.loss[-1], rel=0.05) for number in numbers)
    assert str(int((clipped.grad_norm > 0.5).sum())) in drawn.alt


@pytest.mark.parametrize(
    ("stage", "values"),
    [
        ("reach", {"hidden_size": 5, "length": 20, "radius": 0.5}),
        ("reach", {"bias": 3.0}),  # as the radius, it chooses how they begin
        ("clipping", {"clip": 0.5, "start_radius": 1.5}),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_under_the_hand_is_drawn_what_the_page_shows_once_it_is_let_go(stage, values, lang):
    topic = "cells" if stage == "reach" else "explosion"
    at = open_app("gradients", lang=lang, topic=topic, steps="3", reads="nothing", bend="relu")
    for field, value in values.items():
        before = charts(at)[stage]
        told = hold(at, f"gradients.{stage}", field, value)
        check_same(change(at, field, value), told)
        assert charts(at)[stage] != before


@pytest.mark.parametrize(
    ("stage", "field", "value", "words"),
    [
        ("reach", "hidden_size", 0, "hidden_size=0 cannot be used: a whole number from 1 to 128 works."),
        ("reach", "length", 20.5, "length=20.5 cannot be used: a whole number from 2 to 128 works."),
        ("reach", "radius", 2.5, "radius=2.5 cannot be used: a number from 0.1 to 2 works."),
        ("clipping", "clip", -1, "clip=-1 cannot be used: a number from 0.1 to 10 works."),
    ],
)
def test_where_a_slider_cannot_stand_is_said_under_the_hand(stage, field, value, words):
    assert unescaped(hold(opened("gradients", "en"), f"gradients.{stage}", field, value)["trouble"]) == words


@pytest.mark.parametrize("end", [np.nan, np.inf])
def test_a_loss_that_is_no_number_any_more_is_said_to_be_none(monkeypatch, end):
    """The loss is made up: whether a real explosion ends in a number depends on how a processor rounds."""
    values = np.array([2.0, 3.0, 200.0, end])
    exploded = Descent(0.0, values, values, values, has_exploded=True)
    real = cache.descent
    monkeypatch.setattr(cache, "descent", lambda *given: real(*given) if given[2] else exploded)
    said = charts(open_app("gradients", topic="explosion", lang="en"))["clipping"].alt
    assert "at step 2 and is no longer a number at step 3" in said.replace("**", "")
    assert "–" not in said


def test_only_what_is_shown_is_computed():
    at = open_app("gradients", lang="en", steps="3")
    shown = {"yours": {"trained_reach", "map_before", "map_after"}, "cells": {"reach"}, "states": {"matrix"}}
    for topic, drawn in (shown | {"explosion": {"clipping"}}).items():
        change(at, "topic", topic)
        assert not at.exception
        assert set(charts(at)) == drawn
        assert at.query_params.get("topic", "yours") == topic


def test_the_viewers_run_is_shown_before_and_after():
    at = open_app("gradients", lang="en", cell="lstm", num_layers="2", hidden_size="6", steps="30", layer="0")
    check_works(at, "gradients")
    run = engine_of(at)
    window, target = run.dataset.input[0], int(run.dataset.target[0][-1])
    before, after = charts(at)["trained_reach"].data
    for trace, moment, key in ((before, run.at(0), "map_before"), (after, run.at(30), "map_after")):
        found = loss_gradients(run.config, moment.weights, window, target)
        assert trace["y"] == pytest.approx(found.h[0][::-1].tolist())
        influence = state_influence(run.config, moment.weights, window)
        assert np.allclose(array_of(charts(at)[key].data[0]["customdata"]), influence, rtol=1e-6)
    columns = [stretching(run.config, run.at(step).weights, window) for step in (0, 30)]
    growths = " | ".join(f"{found.growth:.3f}".replace("-", "−") for found in columns)
    assert f"| {growths} |" in body(at)
    find(at, "step").set_value(10).run()
    assert at.query_params["step"] == "10"
    found = loss_gradients(run.config, run.at(10).weights, window, target)
    assert charts(at)["trained_reach"].data[1]["y"] == pytest.approx(found.h[0][::-1].tolist())


def test_the_direction_that_reads_from_the_end_goes_the_other_way():
    at = open_app("gradients", task="same", bidirectional="true", direction="reverse", steps="5")
    check_works(at, "gradients")
    run = engine_of(at)
    shown = run.last.windows[0]
    window, target = run.dataset.input[shown], int(run.dataset.target[shown][0])
    found = loss_gradients(run.config, run.at(0).weights, window, target, t=0)
    assert charts(at)["trained_reach"].data[0]["y"] == pytest.approx(found.h[1].tolist())


def test_swapped_axes_are_said_to_hinder_every_gradient():
    at = open_app("gradients", preset="seed-lesson", lang="en")
    check_works(at, "gradients")
    assert [warning for warning in at.warning if "axes are swapped" in warning.value]
    assert sum(y is not None for y in charts(at)["trained_reach"].data[1]["y"]) == 1


@pytest.mark.parametrize(
    "params",
    [
        {"radius": "99", "bias": "-99", "length": "0", "clip": "0.001", "start_radius": "77", "begin": "set"},
        {"length": "99999999", "hidden_size": "24", "text": "aaa"},
        {"text": "가나다 👩‍👩‍👧 é", "head": "none", "begin": "identity", "bend": "relu"},
    ],
)
def test_values_beyond_the_sliders_are_brought_back(params):
    at = open_app("gradients", topic="cells", **params, steps="3")
    check_works(at, "gradients", {"reach"})
    assert 2 <= len(charts(at)["reach"].data[0]["y"]) <= 128


@pytest.mark.parametrize(("name", "charts_in"), [("trained_reach", 1), ("trained_maps", 2)])
def test_the_viewers_run_under_the_hand_is_that_of_the_step_set(name, charts_in):
    at = open_app("gradients", lang="ko", steps="12")
    told, newest = (hold(at, f"gradients.{name}", "step", step) for step in (5, 12))
    assert len(told["pictures"]) == charts_in
    assert newest["pictures"] != told["pictures"]
    check_same(at, newest)
    change(at, "step", 5)
    check_same(at, told)


def test_a_run_that_cannot_be_trained_is_said_under_the_hand():
    at = open_app("gradients", lang="en", text="a")
    assert "text" in hold(at, "gradients.trained_maps", "step", 1)["trouble"]

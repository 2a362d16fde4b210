"""A link says everything: address, controls, experiment and picture agree, and opening it again shows the same."""

import hashlib
import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages import PAGES
from pages.ui.components import keeper
from pages.ui.session.acting import UNTRAINED
from pages.ui.session.texts import MAX_LINK_TEXT
from rnn_core.config import DEFAULT_PRESET, PRESETS, Change, Config, bounds, format_value, options
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import train
from tests.app.conftest import (
    body,
    change,
    charts,
    check_works,
    click,
    config_of,
    engine_of,
    find,
    follow_link,
    keys,
    notices,
    open_app,
    run_to_pause,
    words,
)
from tests.strategies import configs

SHARES_RUNS = True
# What a field needs beside it to have a say.
BESIDE = {
    "layout": {"batch_first": "false"},
    "bidirectional": {"task": "same"},
    "seq_len": {"repeat": "true"},
    "batch_size": {"repeat": "true"},
}
WITHOUT_WIDGET = ("earlier",)


def cheapest(name):
    """Return a page that has the control of a field: where that is no matter of training, one that trains nothing."""
    return "shapes" if name in UNTRAINED else "home"


def other_value(name):
    """Return a valid value that is not the default."""
    if options(name):
        return options(name)[-1]
    default = getattr(Config(), name)
    match default:
        case bool():
            return not default
        case int():
            return bounds(name)[0] + 3
        case float():
            return round(sum(bounds(name)) / 7, 4)  # no stop of any slider
        case str():
            return "another text"
        case tuple():
            return (Change(5, "learning_rate", 0.02),)


def sent(name, value):
    return {name: format_value(value)}


@pytest.mark.parametrize("name", Config.model_fields)
def test_a_field_is_the_same_in_the_link_the_control_and_the_experiment(name):
    value = other_value(name)
    assert value != getattr(Config(), name)
    link = {**BESIDE.get(name, {}), **sent(name, value)}
    at = open_app(cheapest(name), **link)
    assert not at.exception
    assert notices(at) == []
    assert at.query_params == link
    assert getattr(config_of(at), name) == value
    if name not in WITHOUT_WIDGET:
        assert find(at, name).value == value


@pytest.mark.parametrize("name", [n for n in Config.model_fields if n not in WITHOUT_WIDGET])
def test_a_control_that_is_moved_changes_the_link_and_the_experiment(name):
    value = other_value(name)
    if isinstance(value, float):
        value = {"learning_rate": 0.003}.get(name, bounds(name)[1])
    at = open_app(cheapest(name), **BESIDE.get(name, {}))
    change(at, name, value)
    assert not at.exception
    assert getattr(config_of(at), name) == value
    assert at.query_params == {**BESIDE.get(name, {}), **sent(name, value)}


@pytest.mark.parametrize("rate", ["0.003", "0.0042", "0.000123456789"])
def test_a_learning_rate_is_exactly_the_one_in_the_link(rate):
    at = open_app("training", learning_rate=rate, trained="3")
    run_to_pause(at)
    assert find(at, "learning_rate").value == float(rate)
    assert engine_of(at).config.learning_rate == float(rate)
    assert at.query_params["learning_rate"] == rate
    assert engine_of(at).course.loss == [r.loss for r in train(Config(learning_rate=float(rate), steps=3))]


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_link_is_that_preset(preset):
    at = open_app("training", preset=preset, trained="2")
    run_to_pause(at)
    expected = Experiment(Config.preset(preset)).config
    assert config_of(at) == expected
    assert engine_of(at).config == expected
    shown = {name for name in Config.model_fields if name in keys(at)}
    assert {"text", "task", "seed", "steps"} <= shown
    assert {name: find(at, name).value for name in shown} == {name: getattr(expected, name) for name in shown}
    assert at.query_params == ({} if preset == DEFAULT_PRESET else {"preset": preset}) | {"trained": "2"}


def test_what_a_link_says_beside_a_preset_changes_the_preset():
    at = open_app("training", preset="seed-lesson", seed="7", learning_rate="0.05", trained="4")
    run_to_pause(at)
    expected = Config.preset("seed-lesson", seed=7, learning_rate=0.05)
    assert config_of(at) == Experiment(expected).config
    assert engine_of(at).course.loss == [record.loss for record in train(expected)][:5]
    assert at.query_params == {"preset": "seed-lesson", "seed": "7", "learning_rate": "0.05", "trained": "4"}


def test_a_value_that_is_the_presets_own_leaves_the_link():
    at = open_app("encoding", preset="seed-lesson", task="same", seq_len="12")
    assert at.query_params == {"preset": "seed-lesson"}
    assert config_of(at) == Experiment(Config.preset("seed-lesson")).config


@settings(max_examples=20)
@given(configs())
def test_the_address_of_any_experiment_shows_it_again(config):
    first = open_app("shapes", **config.to_query())
    assert not first.exception
    assert notices(first) == []
    assert config_of(first) == Experiment(config).config
    second = follow_link("shapes", first)
    assert not second.exception
    assert config_of(second) == config_of(first)
    assert second.query_params == first.query_params


@settings(max_examples=5)
@given(st.sampled_from(list(PRESETS)), st.integers(*bounds("seed")), st.integers(0, 12), st.integers(0, 12))
def test_the_address_of_any_run_shows_it_again(preset, seed, trained, step):
    link = {"preset": preset, "seed": str(seed), "steps": "12", "trained": str(trained), "step": str(step)}
    first = run_to_pause(open_app("training", **link))
    second = run_to_pause(follow_link("training", first))
    assert second.query_params == first.query_params
    assert numbers(second) == numbers(first)
    assert charts(second)["curves"].data == charts(first)["curves"].data
    assert charts(second)["states"].data == charts(first)["states"].data
    assert engine_of(second).step == trained


def numbers(at):
    """Return the line with the numbers of the step on the screen."""
    return next(line for line in body(at).split("\n") if "**" in line and "nats per character" in line)


def test_a_link_to_a_paused_run_shows_exactly_that_step():
    records = list(train(Config(seed=5)))
    at = run_to_pause(open_app("training", seed="5", trained="37", step="20", scale="log"))
    run = engine_of(at)
    assert run.step == 37
    assert run.course.loss == [record.loss for record in records[:38]]
    assert find(at, "step").value == 20
    assert find(at, "scale").value == "log"
    assert f"At step **20**: loss **{records[20].loss:.4g}**" in numbers(at)
    assert "paused" in " ".join(words(at))
    drawn = charts(at)["curves"]
    assert drawn.layout["yaxis"]["type"] == "log"
    assert drawn.trace(name="loss")["y"] == [record.loss for record in records[:38]]
    assert drawn.trace(mode="markers")["x"] == [20]
    assert records[20].prediction in charts(at)["states"].alt
    assert at.query_params == {"seed": "5", "trained": "37", "step": "20", "scale": "log"}


@pytest.mark.parametrize(
    ("view", "step", "left"),
    [
        ({"trained": "0"}, 0, {"trained": "0"}),
        ({"trained": "9", "step": "9"}, 9, {"trained": "9"}),
        ({"trained": "9", "step": "50"}, 9, {"trained": "9"}),
        ({"trained": "12"}, 12, {}),
        ({"trained": "99999999"}, 12, {}),
        ({}, 12, {}),
        ({"step": "0"}, 12, {"step": "0"}),
    ],
)
def test_a_run_pauses_where_the_link_says(view, step, left):
    at = run_to_pause(open_app("training", steps="12", **view))
    check_works(at, "training")
    assert engine_of(at).step == step
    assert at.query_params == {"steps": "12"} | left


def test_the_learning_rate_changed_on_the_way_is_in_the_link():
    config = Config(steps=12, learning_rate=0.02, earlier=(Change(5, "learning_rate", 0.1),))
    at = run_to_pause(open_app("training", steps="12", learning_rate="0.02", earlier="learning_rate:0.1:5"))
    assert engine_of(at).config == Experiment(config).config
    assert engine_of(at).course.loss == [record.loss for record in train(config)]
    assert at.query_params["earlier"] == "learning_rate:0.1:5"


def copied_link(at):
    """Return the parameters of the link that the copy button gives away."""
    return dict(parse_qsl(urlsplit(json.loads(find(at, "copy_link").proto.json)["link"]).query, keep_blank_values=True))


@pytest.mark.parametrize("page", [spec.name for spec in PAGES if spec.name not in ("glossary", "about")])
def test_the_copied_link_is_the_address_and_the_language(page):
    at = open_app(page, locale="ko-KR", seed="3", hidden_size="5", text="다람쥐 & 친구+들 100%")
    assert copied_link(at) == {"seed": "3", "hidden_size": "5", "text": "다람쥐 & 친구+들 100%", "lang": "ko"}
    again = open_app(page, **copied_link(at))
    assert config_of(again) == config_of(at)


LONG = "가나다라" * (MAX_LINK_TEXT // 4)
NAMED = {"text_length": str(len(LONG)), "text_hash": hashlib.sha256(LONG.encode()).hexdigest()}


def needed(at):
    return [element.value for element in at.info if "SHA-256" in element.value]


def test_a_text_too_long_for_a_link_is_only_named_by_it_and_that_is_said():
    at = open_app("encoding", text=LONG, seed="3")
    assert config_of(at).text == LONG
    assert at.query_params == {"seed": "3", **NAMED}
    assert copied_link(at) == {"seed": "3", **NAMED, "lang": "en"}
    assert any("too long for a link" in element.value for element in at.caption)
    assert needed(at) == []


def test_a_text_that_is_refused_goes_to_the_browser_as_one_that_is_seen(monkeypatch):
    handed = {}
    monkeypatch.setattr(keeper, "is_there", lambda: True)
    monkeypatch.setattr(keeper, "_mount", lambda _key, kept, _wanted: handed.update(kept))
    at = open_app("training", cell="lstm", hidden_size="128", seq_len="128", batch_size="64")
    text = "a long text, about 20 kB. " * 770
    change(at, "text", text)
    assert "too large" in at.error[0].value
    assert handed == {hashlib.sha256(text.encode()).hexdigest(): text}
    assert at.query_params["text_hash"] in handed


def test_a_link_that_lacks_its_text_says_so_keeps_asking_and_is_taken_up_when_the_text_is_pasted():
    at = open_app("training", seed="3", trained="7", step="4", seq_len="20", **NAMED)
    assert config_of(at).text == Config().text
    (said,) = needed(at)
    assert NAMED["text_length"] in said
    assert NAMED["text_hash"][:12] in said
    assert notices(at) == []
    assert {name: at.query_params[name] for name in NAMED} == NAMED, "a reload asks again"
    change(at, "text", "another text")
    assert (config_of(at).text, at.query_params["text"]) == ("another text", "another text")
    assert "text_hash" not in at.query_params
    assert len(needed(at)) == 1
    change(at, "text", LONG)
    assert config_of(at) == Experiment(Config(text=LONG, seed=3, seq_len=20)).config
    assert at.query_params == {"seed": "3", "seq_len": "20", "trained": "7", "step": "4", **NAMED}
    assert needed(at) == []


def test_code_is_asked_for_on_its_own_page_alone():
    named = {f"code_{what.removeprefix('text_')}": words for what, words in NAMED.items()}
    assert len(needed(open_app("paste", **named))) == 1
    assert "code_hash" not in open_app("training", **named).query_params


def test_what_a_link_waits_for_can_be_dismissed():
    at = open_app("encoding", **NAMED)
    click(at, "dismiss_notices")
    assert needed(at) == []
    assert at.query_params == {}


@pytest.mark.parametrize(
    "words",
    [
        {"text_hash": "0" * 63},
        {"text_hash": "Z" * 64},
        {"text_hash": NAMED["text_hash"].upper()},
        {"text_hash": ""},
        {"text_hash": [NAMED["text_hash"]] * 2},
        {"text_length": "20000"},  # as links were once
    ],
)
def test_a_text_that_is_named_in_no_way_that_makes_sense_is_not_waited_for(words):
    at = open_app("encoding", **words)
    assert len(notices(at)) == 1
    assert "text" in notices(at)[0]
    assert needed(at) == []
    assert at.query_params == {}


def test_a_text_goes_before_the_name_of_another():
    at = open_app("encoding", text="abc", **NAMED)
    assert config_of(at).text == "abc"
    assert at.query_params == {"text": "abc"}
    assert needed(at) == []


def test_a_locked_field_is_not_in_the_link():
    at = open_app("encoding", hidden_size="50", head="none", batched="false", batch_size="7")
    assert config_of(at).hidden_size == len(set(Config().text))
    assert config_of(at).batch_size == 1
    assert at.query_params == {"head": "none", "batched": "false"}

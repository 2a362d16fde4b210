import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import PRESETS, Config, ConfigError
from rnn_core.config import (
    FOLLOWING,
    MAX_CHANGES,
    Change,
    bounds,
    field_info,
    format_value,
    number_fields,
    options,
    parse_value,
)
from tests.strategies import changes, configs, field_values

FIELDS = tuple(Config.model_fields)
NUMBERS = tuple(number_fields())
WORDS = tuple(name for name in FIELDS if options(name))


def test_every_number_field_has_bounds_that_hold_its_default():
    assert {"hidden_size", "learning_rate", "seed", "val_share"} <= set(NUMBERS)
    for name in NUMBERS:
        low, high = bounds(name)
        assert low <= field_info(name).get_default() <= high


@pytest.mark.parametrize("name", NUMBERS)
def test_bounds_are_accepted_and_the_values_beyond_are_refused(name):
    low, high = bounds(name)
    step = 1 if field_info(name).annotation is int else 1e-6
    for value in (low, high):
        assert getattr(Config(**{name: value}), name) == value
    for value in (low - step, high + step):
        with pytest.raises(ConfigError) as refused:
            Config(**{name: value})
        message = str(refused.value)
        assert f"{name}={format_value(value)}" in message
        assert f"from {low} to {high}" in message


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, "many", None, [], 1e400])
def test_what_is_no_number_is_refused_by_name(name, value):
    with pytest.raises(ConfigError, match=f"^{name}="):
        Config(**{name: value})


@pytest.mark.parametrize("name", WORDS)
def test_an_unknown_word_is_refused_with_the_words_that_work(name):
    with pytest.raises(ConfigError) as refused:
        Config(**{name: "perceptron"})
    assert str(refused.value) == f"{name}=perceptron cannot be used: choose {', '.join(options(name))}."


@pytest.mark.parametrize("name", [n for n in FIELDS if field_info(n).annotation is bool])
def test_truth_values_are_true_or_false(name):
    for word, value in {"true": True, "false": False, " TRUE ": True}.items():
        assert parse_value(name, word) is value
    with pytest.raises(ConfigError, match=f"^{name}=maybe cannot be used: choose true, false"):
        parse_value(name, "maybe")


def test_the_length_of_the_text_is_bounded():
    low, high = bounds("text")
    for size in (low, high):
        assert len(Config(text="a" * size).text) == size
    for size in (low - 1, high + 1):
        with pytest.raises(ConfigError, match=f"^text has {size} characters: {low} to {high} work"):
            Config(text="a" * size)


def test_an_unknown_field_is_refused_by_name():
    with pytest.raises(ConfigError, match=r"^momentum is not a setting"):
        Config(momentum=0.9)
    with pytest.raises(ConfigError, match=r"^momentum is not a setting"):
        parse_value("momentum", "0.9")


def test_a_long_or_invisible_value_is_shown_short_and_visible():
    with pytest.raises(ConfigError) as refused:
        Config(cell="\x00\x1b[31m" + "x" * 10_000)
    message = str(refused.value)
    assert message.startswith(r"cell=\x00\x1b[31m")
    assert message.isprintable()
    assert len(message) < 200


@pytest.mark.parametrize(
    ("raw", "value"), [("8", 8), ("8.0", 8), ("1e1", 10), (" 8 ", 8), ("+8", 8), ("٨", 8), ("2147483647", 2**31 - 1)]
)
def test_whole_numbers_are_read_as_people_write_them(raw, value):
    assert parse_value("seed", raw) == value


@pytest.mark.parametrize("raw", ["8.5", "nan", "inf", "1e400", "1_0", "", "0x8", "8" * 50, "--8"])
def test_what_is_no_whole_number_is_not_rounded_to_one(raw):
    with pytest.raises(ConfigError, match=r"^hidden_size="):
        parse_value("hidden_size", raw)


def test_a_config_is_a_value():
    config = Config(hidden_size=4)
    assert config == Config(hidden_size=4)
    assert config != Config(hidden_size=5)
    assert hash(config) == hash(Config(hidden_size=4))
    assert len({config, Config(hidden_size=4), Config()}) == 2
    with pytest.raises(ValueError, match="frozen"):
        config.hidden_size = 5
    assert config.hidden_size == 4


def test_replace_changes_some_fields_and_checks_them():
    config = Config(hidden_size=4, seed=3)
    changed = config.replace(seed=7)
    assert (changed.hidden_size, changed.seed) == (4, 7)
    assert config.seed == 3
    with pytest.raises(ConfigError, match=r"^seed=-1 "):
        config.replace(seed=-1)
    with pytest.raises(ConfigError, match=r"^momentum "):
        config.replace(momentum=1)


def test_replace_does_not_turn_defaults_into_demands():
    """`input_size` was never asked for, so another text may bring its own."""
    changed = Config(seed=1).replace(text="abc")
    assert changed.model_fields_set == {"seed", "text"}


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_reached_by_name_and_by_link(name):
    config, unused = Config.from_query({"preset": name})
    assert config == Config.preset(name)
    assert unused == []
    assert Config.preset(name, seed=5) == config.replace(seed=5)


def test_the_presets_are_the_lessons_experiments():
    lesson = Config.preset("seed-lesson")
    assert (lesson.text, lesson.cell, lesson.head, lesson.task) == ("hello! world", "rnn", "none", "same")
    assert (lesson.optimizer, lesson.learning_rate, lesson.steps) == ("adam", 0.1, 100)
    assert (lesson.batch_first, lesson.layout, lesson.hidden_size) == (False, "batch_major", 9)
    right = Config.preset("hello-next")
    assert (right.text, right.task, right.head, right.batch_first) == ("hello! world", "next", "linear", True)
    batch = Config.preset("onehot-batch")
    assert (batch.batch_size, batch.seq_len, batch.input_size, batch.hidden_size) == (3, 5, 4, 2)


def test_an_unknown_preset_is_refused_with_the_presets_that_exist():
    with pytest.raises(ConfigError, match=r"^preset=nonsense cannot be used: choose hello-next, seed-lesson"):
        Config.preset("nonsense")
    config, unused = Config.from_query({"preset": "nonsense", "seed": "3"})
    assert config == Config(seed=3)
    assert [sentence.params["field"] for sentence in unused] == ["preset"]


@given(configs())
@settings(max_examples=150)
def test_a_config_survives_the_link(config):
    query = config.to_query()
    assert Config.from_query(query) == (config, [])
    assert all(isinstance(word, str) for word in query.values())


@given(st.data(), st.sampled_from(FIELDS))
@settings(max_examples=200)
def test_a_value_survives_the_link(data, name):
    value = data.draw(field_values(name))
    config = Config(**{name: value})
    query = config.to_query()
    assert set(query) <= {name}
    back, unused = Config.from_query(query)
    assert unused == []
    assert getattr(back, name) == value


@given(configs(), st.sampled_from(sorted(PRESETS)))
@settings(max_examples=60)
def test_a_config_survives_a_link_that_starts_from_a_preset(config, preset):
    query = {"preset": preset, **config.to_query(base=Config.preset(preset))}
    assert Config.from_query(query) == (config, [])


def test_the_link_holds_what_differs_from_the_defaults_only():
    assert Config().to_query() == {}
    assert Config(hidden_size=8, learning_rate=0.01, batched=False).to_query() == {
        "learning_rate": "0.01",
        "hidden_size": "8",
        "batched": "false",
    }


hostile_words = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        (
            *("", "nan", "-inf", "1e400", "9" * 400, "-1", "0", "true", "None", "\x00", "\ud800", "٣", "1_0", ":::"),
            *("<script>alert(1)</script>", "{field}", "{0.__class__}", "%s", "../../etc/passwd", "hello\nworld"),
            "learning_rate:nan:3",
        )
    ),
    st.integers().map(str),
    st.floats().map(str),
    st.just("x" * 100_000),
)
hostile_queries = st.dictionaries(
    st.one_of(st.sampled_from([*FIELDS, "preset", "lang", "self", "model_config", "__init__"]), st.text(max_size=20)),
    st.one_of(hostile_words, st.lists(hostile_words, max_size=3)),
    max_size=8,
)


@given(hostile_queries)
@settings(max_examples=300)
def test_no_link_raises_and_every_unused_parameter_is_named(query):
    config, unused = Config.from_query(query)
    named = {sentence.params["field"] for sentence in unused}
    base = Config.preset("hello-next")
    preset = query.get("preset", [])
    if "preset" not in named and preset:
        base = Config.preset(preset if isinstance(preset, str) else preset[0])
    for name, raw in query.items():
        values = [raw] if isinstance(raw, str) else raw
        if name in named:
            if name in FOLLOWING:
                assert name not in config.model_fields_set
            elif name in FIELDS:
                assert getattr(config, name) == getattr(base, name)
        elif name != "preset":
            assert name in FIELDS
            assert len(values) == 1
            assert getattr(config, name) == getattr(Config(**{name: parse_value(name, values[0])}), name)
    for sentence in unused:
        assert sentence.params["field"] in query
        assert str(sentence.params["field"]) in str(sentence)
    assert Config.from_query(config.to_query()) == (config, [])


TEN = "abcdefghij"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, (10, "onehot")),  # not given is V
        ({"input_size": 10}, (10, "onehot")),
        ({"input_size": 11}, (11, "onehot")),  # room to spare
        ({"input_size": 9}, (9, "embedding")),
        ({"input_size": 11, "encoding": "embedding"}, (11, "embedding")),
        ({"encoding": "embedding"}, (10, "embedding")),
        ({"input_size": 11, "encoding": "onehot"}, (11, "onehot")),
    ],
)
def test_features_and_encoding_follow_from_the_text_where_they_are_open(given, found):
    config = Config(text=TEN, **given)
    assert (config.input_size, config.encoding) == found
    assert config.model_fields_set == {"text", *given}
    again, unused = Config.from_query(config.to_query())
    assert (again, unused, again.to_query()) == (config, [], config.to_query())
    assert Config(**config.settings) == config


def test_one_hot_rows_that_do_not_fit_are_one_refusal():
    with pytest.raises(ConfigError, match="input_size=9 cannot be used with encoding=onehot") as no:
        Config(text=TEN, input_size=9, encoding="onehot")
    config, unused = Config.from_query({"text": TEN, "input_size": "9", "encoding": "onehot", "hidden_size": "4"})
    assert [str(sentence) for sentence in unused] == [str(no.value)]
    assert (config.input_size, config.hidden_size) == (10, 4)


def test_another_text_leaves_a_chosen_input_size_alone():
    chosen = Config(text=TEN, input_size=10)
    assert chosen.to_query() == {"input_size": "10", "text": TEN}  # in the link although it is V
    longer = chosen.replace(text=TEN + "klm")
    assert (longer.input_size, longer.encoding) == (10, "embedding")
    assert (longer.replace(text="ab").input_size, longer.replace(text="ab").encoding) == (10, "onehot")
    assert longer.without("input_size").input_size == 13
    followed = Config(text=TEN).replace(text="ab")
    assert (followed.input_size, followed.to_query()) == (2, {"text": "ab"})


def test_a_repeated_parameter_is_not_guessed_at():
    config, unused = Config.from_query({"seed": ["3", "4"], "hidden_size": ["8"], "steps": []})
    assert (config.seed, config.hidden_size) == (Config().seed, 8)
    assert [str(sentence) for sentence in unused] == [
        "seed is given 2 times; give it once.",
        "steps is given 0 times; give it once.",
    ]


def test_one_bad_parameter_does_not_cost_the_good_ones():
    config, unused = Config.from_query({"preset": "seed-lesson", "hidden_size": "900", "seed": "4", "colour": "red"})
    assert config == Config.preset("seed-lesson", seed=4)
    assert [str(sentence) for sentence in unused] == [
        "hidden_size=900 cannot be used: a whole number from 1 to 128 works.",
        "colour is not a setting of this app.",
    ]


def test_earlier_values_are_read_in_the_order_of_their_steps():
    config = Config(earlier="grad_clip:1:60,learning_rate:0.1:20")
    assert config.earlier == (Change(20, "learning_rate", 0.1), Change(60, "grad_clip", 1.0))
    assert config.to_query() == {"earlier": "learning_rate:0.1:20,grad_clip:1.0:60"}
    assert Config(earlier="").earlier == ()


@pytest.mark.parametrize(
    "raw",
    [
        "learning_rate:0.1",
        "learning_rate:0.1:0",
        "learning_rate:0.1:-3",
        "learning_rate:0.1:2.5",
        "learning_rate:5:3",
        "learning_rate:nan:3",
        "grad_clip:1:99999",
        "seed:1:3",
        "__class__:1:3",
        "nonsense",
        ",".join(["grad_clip:1:3"] * (MAX_CHANGES + 1)),
    ],
)
def test_earlier_values_out_of_bounds_are_refused(raw):
    with pytest.raises(ConfigError, match=r"^earlier="):
        Config(earlier=raw)
    config, unused = Config.from_query({"earlier": raw, "seed": "2"})
    assert config == Config(seed=2)
    assert [sentence.params["field"] for sentence in unused] == ["earlier"]


@given(st.lists(changes(), max_size=MAX_CHANGES))
@settings(max_examples=50)
def test_earlier_values_survive_being_written(drawn):
    assert Config(earlier=",".join(str(change) for change in drawn)).earlier == tuple(sorted(drawn))

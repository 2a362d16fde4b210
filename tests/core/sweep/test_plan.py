"""What a link says is to be swept: read, written, and put together in one way only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_core.config import Config, bounds, options
from rnn_core.sentence import ConfigError
from rnn_core.sweep.plan import (
    MAX_AXES,
    MAX_SEEDS,
    MAX_VALUES,
    Choice,
    Duel,
    Plan,
    Span,
    default_axis,
    fields_for_axes,
    format_axes,
    is_span,
    parse_axes,
    parse_seeds,
    spaced,
)
from rnn_core.training.experiment import Experiment


def axes_of(field):
    """Draw any axis of a field."""
    if not is_span(field):
        words = st.lists(st.sampled_from(options(field) or (False, True)), min_size=1, unique=True)
        return words.map(lambda chosen: Choice(field, tuple(chosen)))
    low, high = bounds(field)
    number = st.integers(low, high) if isinstance(low, int) else st.floats(low, high)
    ends = st.tuples(number, number).filter(lambda pair: pair[0] != pair[1]).map(sorted)
    return st.builds(lambda pair, count: Span(field, *pair, count), ends, st.integers(2, MAX_VALUES))


any_axes = st.lists(
    st.one_of([axes_of(field) for field in fields_for_axes()]),
    min_size=1,
    max_size=MAX_AXES,
    unique_by=lambda axis: axis.field,
).map(tuple)


@given(any_axes)
def test_axes_come_back_from_a_link(axes):
    assert parse_axes(format_axes(axes)) == axes


@given(any_axes)
def test_every_value_of_an_axis_is_one_of_its_field(axes):
    for axis in axes:
        values = axis.values
        assert len(set(values)) == len(values) >= 1
        for value in values:
            assert getattr(Config(**{axis.field: value}), axis.field) == value
        if isinstance(axis, Span):
            assert list(values) == sorted(values)
            assert (values[0], values[-1]) == (axis.low, axis.high)
            assert len(values) <= axis.count


@pytest.mark.parametrize("field", fields_for_axes())
def test_every_field_has_an_axis_to_begin_with(field):
    axis = default_axis(field)
    assert parse_axes(str(axis)) == (axis,)


@pytest.mark.parametrize(
    ("field", "low", "high", "count", "values"),
    [
        ("learning_rate", 0.001, 1.0, 4, (0.001, 0.01, 0.1, 1.0)),
        ("hidden_size", 2, 32, 4, (2, 5, 13, 32)),
        ("hidden_size", 1, 12, 12, tuple(range(1, 13))),
        ("hidden_size", 3, 4, 9, (3, 4)),
        ("hidden_size", 4, 16, 3, (4, 8, 16)),  # an even step would be 6, more than the smallest
        ("hidden_size", 4, 12, 3, (4, 8, 12)),  # and here it is 4, no more than that
        ("seed", 0, 31, 32, tuple(range(32))),
        ("seed", 1, 9, 3, (1, 5, 9)),
        ("val_share", 0.0, 0.5, 3, (0.0, 0.25, 0.5)),
        ("steps", 50, 200, 4, (50, 100, 150, 200)),
    ],
)
def test_numbers_are_spaced_as_their_field_wants_it(field, low, high, count, values):
    assert spaced(field, low, high, count) == values


@pytest.mark.parametrize(
    "raw",
    [
        "",
        ",",
        "learning_rate",
        "learning_rate:0.1",
        "learning_rate:0.1:1",
        "learning_rate:1:0.1:4",
        "learning_rate:0.1:0.1:4",
        "learning_rate:0.1:5:4",
        "learning_rate:nan:1:4",
        "learning_rate:0.1:1:1",
        f"learning_rate:0.1:1:{MAX_VALUES + 1}",
        "learning_rate:0.1:1:4:4",
        "learning_rate:0.1:1:4.0",
        "learning_rate:0.1:1:٤",
        "cell",
        "cell:",
        "cell:rnn:rnn",
        "cell:transformer",
        "bidirectional:maybe",
        "text:a:b",
        "earlier:1:2:3",
        "nothing:1:2:3",
        "seed:0:1:2,seed:2:3:2",
        "seed:0:1:2,cell:rnn,task:next,head:linear,optimizer:sgd",
        "<script>:1:2:3",
        "seed:0:1:2," * 200,
    ],
)
def test_axes_that_cannot_be_are_refused_by_name(raw):
    with pytest.raises(ConfigError, match=r"^axes=") as caught:
        parse_axes(raw)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("raw", ["", "0", "-1", "1.5", "x", "٣", str(MAX_SEEDS + 1), "9" * 50])
def test_seeds_that_cannot_be_are_refused_by_name(raw):
    with pytest.raises(ConfigError, match=r"^seeds="):
        parse_seeds(raw)


def test_seeds_are_read():
    assert [parse_seeds(str(count)) for count in (1, 7, MAX_SEEDS)] == [1, 7, MAX_SEEDS]


def test_what_an_axis_sets_is_not_in_the_base():
    axes = parse_axes("learning_rate:0.01:0.1:2,seed:0:3:4")
    plans = [Plan.of(Config(learning_rate=rate, seed=seed), axes, 5) for rate in (0.3, 0.1) for seed in (0, 9)]
    assert len(set(plans)) == len({plan.key for plan in plans}) == 1
    assert plans[0].seeds == 1
    assert Plan.of(Config(hidden_size=4), axes, 1).key != plans[0].key


def test_a_plan_is_every_combination_with_every_seed():
    plan = Plan.of(Config(seed=7, steps=3, hidden_size=4), parse_axes("learning_rate:0.01:0.1:2,cell:rnn:gru"), 3)
    sweep = plan.sweep()
    assert [tuple(values.values()) for values in sweep.values] == [
        (rate, cell, seed) for rate in (0.01, 0.1) for cell in ("rnn", "gru") for seed in (7, 8, 9)
    ]
    assert {(config.steps, config.hidden_size) for config in sweep.configs} == {(3, 4)}


@pytest.mark.parametrize("build", [lambda base: Plan.of(base, parse_axes("cell:rnn"), 4), lambda b: Duel((b, b), 4)])
def test_there_are_enough_seeds_at_the_end_of_their_range(build):
    last = bounds("seed")[1]
    seeds = [config.seed for config in build(Config(seed=last, steps=1)).sweep().configs]
    assert seeds[:4] == [last - 3, last - 2, last - 1, last]


def test_a_locked_field_of_the_base_does_not_stand_in_the_way():
    base = Experiment(Config(text="abcabd", head="none", steps=1)).config
    plan = Plan.of(base, parse_axes("encoding:onehot:embedding"), 1)
    assert [Experiment(config).config.hidden_size for config in plan.sweep().configs] == [4, 4]


def test_a_duel_trains_both_on_the_same_seeds():
    a = Config(cell="rnn", steps=4, seed=3)
    b = Experiment(Config(cell="lstm", steps=6, learning_rate=0.01, seed=3)).config
    sweep = Duel((a, b), 2).sweep()
    found = [(c.cell, c.steps, c.learning_rate, c.seed) for c in sweep.configs]
    assert found == [("rnn", 4, 0.1, 3), ("rnn", 4, 0.1, 4), ("lstm", 6, 0.01, 3), ("lstm", 6, 0.01, 4)]
    assert Duel((a, b), 2).key != Duel((b, a), 2).key

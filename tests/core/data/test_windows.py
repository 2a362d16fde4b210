"""Parts, scales and windows of a series: nothing that comes later is known before."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnn_core import ConfigError
from rnn_core.data.builtin import built_in
from rnn_core.data.transforms import TRANSFORMS, Scaler, Transform
from rnn_core.data.windows import Split, prepare
from rnn_core.records.series import Series

numbers = arrays(float, (st.integers(16, 30)).map(lambda size: (size, 2)), elements=st.floats(0.125, 1000, width=32))


def series_of(values):
    values = np.asarray(values, dtype=float).reshape(len(values), -1)
    return Series("s", values, tuple(f"c{n}" for n in range(values.shape[1])), np.arange(len(values), dtype=float))


@pytest.mark.parametrize("name", TRANSFORMS)
@given(values=numbers, period=st.integers(1, 7), origin=st.integers(8, 15))
def test_every_transform_is_undone(name, values, period, origin):
    transform = Transform(name, period)
    changes = transform.apply(values)
    assert len(changes) == len(values) - transform.lag
    restored = transform.undo(changes[origin - transform.lag :], values[:origin])
    assert restored == pytest.approx(values[origin:], rel=1e-9)
    several = transform.undo(np.stack([changes[origin - transform.lag :]] * 3), np.stack([values[:origin]] * 3))
    assert several.tolist() == [restored.tolist()] * 3


def test_transforms_are_what_they_are_called():
    values = np.array([[1.0], [2.0], [4.0], [8.0], [16.0]])
    assert Transform("difference").apply(values).ravel().tolist() == [1, 2, 4, 8]
    assert Transform("log-difference").apply(values).ravel() == pytest.approx([np.log(2)] * 4)
    assert Transform("seasonal-difference", 2).apply(values).ravel().tolist() == [3, 6, 12]
    assert Transform("log-seasonal-difference", 3).apply(values).ravel() == pytest.approx([np.log(8)] * 2)


@pytest.mark.parametrize(
    ("transform", "values", "said"),
    [
        (Transform("log"), [1, 2, 0, 3, 4], "transform=log cannot be used: s is 0 at 2, and only numbers above 0"),
        (Transform("seasonal-difference", 4), [1, 2, 3, 4, 5], "cannot be used with period=4: s has 5 values."),
    ],
)
def test_a_transform_that_cannot_be_is_a_sentence(transform, values, said):
    with pytest.raises(ConfigError, match=said):
        transform.check(series_of(values))
    with pytest.raises(ConfigError, match="transform=sqrt cannot be used: choose none, log, difference"):
        Transform("sqrt")


@given(values=numbers)
def test_scales_are_of_the_training_part_alone_and_undone(values):
    scaler = Scaler.fit(values[:10])
    scaled = scaler.apply(values)
    assert scaled[:10].mean(0) == pytest.approx(0, abs=1e-6)
    assert scaler.undo(scaled) == pytest.approx(values, rel=1e-9)


@given(
    size=st.integers(30, 60),
    horizon=st.integers(1, 8),
    val_share=st.sampled_from([0.0, 0.2, 0.5]),
    lags=st.integers(1, 3),
    length=st.integers(1, 6),
    name=st.sampled_from(TRANSFORMS),
)
def test_no_window_crosses_a_border_nor_knows_what_comes_after_it(size, horizon, val_share, lags, length, name):
    series = series_of(np.arange(1.0, size + 1))
    split = Split.of(size, horizon=horizon, val_share=val_share)
    prepared = prepare(series, split, Transform(name, 3), lags)
    for part, steps in split.parts.items():
        try:
            windows = prepared.windows(part, length)
        except ConfigError:
            continue  # too short for a window
        first, last = windows.starts - prepared.first, windows.starts + length  # the values that a window is made of
        assert first.min() == steps.start
        assert last.max() == steps.stop - 1
        assert windows.input.shape == (len(windows.starts), length, lags)
    learnt = prepared.windows("training", 1)
    changed = series.values.copy()
    changed[split.validation :] = 1e6
    again = prepare(series_of(changed), split, Transform(name, 3), lags).windows("training", 1)
    assert learnt.input.tolist() == again.input.tolist()
    assert learnt.target.tolist() == again.target.tolist()


def test_a_window_asks_for_the_value_after_each_one_that_it_reads():
    values = np.stack([np.arange(10.0), 100 + np.arange(10.0)], axis=1)
    prepared = prepare(series_of(values), Split(10, 8, 8), Transform(), lags=2)
    windows = prepared.windows("training", 3)
    read, asked = (prepared.scaler.undo(a) for a in (windows.input.reshape(-1, 3, 2, 2), windows.target))
    assert windows.starts.tolist() == [1, 4]
    assert read[0, :, 0, 0] == pytest.approx([1, 2, 3])  # t
    assert read[0, :, 1, 0] == pytest.approx([0, 1, 2], abs=1e-6)  # t - 1
    assert asked[0, :, 1] == pytest.approx([102, 103, 104])
    assert prepared.input_size == 4


def test_the_largest_windows_that_fit_are_named():
    prepared = prepare(built_in("airline"), Split.of(144, horizon=12), Transform("log-seasonal-difference", 12))
    with pytest.raises(
        ConfigError, match="seq_len=120 cannot be used: the training part of airline has room for windows of 119"
    ):
        prepared.windows("training", 120)
    assert len(prepared.windows("training", 119).starts) == 1
    with pytest.raises(ConfigError, match="horizon=143 cannot be used: a whole number from 1 to 72 works"):
        Split.of(144, horizon=143)


def test_forecasts_are_given_back_in_the_units_of_the_series():
    series, split = built_in("airline"), Split.of(144, horizon=12)
    for name in TRANSFORMS:
        prepared = prepare(series, split, Transform(name, 12))
        assert prepared.restore(prepared.scaled[132 - prepared.transform.lag :], 132) == pytest.approx(
            series.values[132:]
        )

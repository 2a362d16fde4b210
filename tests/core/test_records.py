import math

import numpy as np
import pytest

from rnn_core.records.arrays import frozen
from rnn_core.records.runs import StepRecord
from rnn_core.records.tensors import ForwardTrace
from rnn_core.sentence import Sentence


def record(**values):
    given = {"step": 1, "loss": 0.5, "grad_norm": 0.1, "accuracy": 1.0, "predicted": ("a", "b"), "target": ("a", "b")}
    return StepRecord(**{**given, "windows": (0,), **values})


def test_a_record_equals_its_repetition_even_without_numbers():
    assert record(loss=math.nan) == record(loss=math.nan)
    assert hash(record(loss=math.nan)) == hash(record(loss=math.nan))
    assert record() != record(loss=0.5 + 1e-12)
    assert record() != record(val_loss=0.5)
    assert record(loss=0.0) != record(loss=-0.0)
    assert record() != "a record"


@pytest.mark.parametrize("field", ["loss", "grad_norm"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_record_that_overflowed_says_so(field, value):
    assert record().is_finite
    assert not record(**{field: value}).is_finite


def test_a_record_cannot_be_changed():
    with pytest.raises(AttributeError):
        record().loss = 0.0


def test_the_prediction_is_one_text():
    assert record(predicted=("한", "👩‍👩‍👧")).prediction == "한👩‍👩‍👧"


def test_what_is_frozen_is_a_copy():
    array = np.zeros(3)
    copy = frozen(array)
    array[0] = 1
    assert copy.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        copy[0] = 1


def test_a_sentence_keeps_its_gaps_apart_from_what_fills_them():
    sentence = Sentence("{field}={value} cannot be used.", field="cell", value="{field}")
    assert str(sentence) == "cell={field} cannot be used."
    assert sentence.template == "{field}={value} cannot be used."


@pytest.mark.parametrize(("axes", "text_axis"), [(("N", "L"), 1), (("L", "N"), 0), (("L", "N"), 1), (("L",), 0)])
def test_a_trace_gives_the_states_of_one_window(axes, text_axis):
    states = np.arange(24.0, dtype=np.float32).reshape(2, 3, 4)  # 2 windows of 3 characters
    if len(axes) == 1:
        states = states[:1]
    output = states[0] if len(axes) == 1 else states if text_axis == 1 else states.swapaxes(0, 1)
    trace = ForwardTrace(axes, text_axis, output, output, output, states[0], None)
    for window in range(len(states)):
        assert (trace.states_of(window) == states[window]).all()

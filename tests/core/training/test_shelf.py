"""Kept runs: what is written comes back, and whatever else is in a file is named line by line."""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import Config, ConfigError, train
from rnn_core.sentence import Sentence
from rnn_core.training.experiment import Experiment
from rnn_core.training.shelf import MAX_BYTES, MAX_NAME, KeptRun, clean_name, describe, differences, read_lines, to_line
from tests.core.sweep.test_population import EXPLOSIVE
from tests.strategies import configs


def kept(config, name="a run", seconds=0.25):
    records = list(train(config))
    exploded = len(records) <= config.steps
    losses = tuple(record.loss for record in records)
    return KeptRun(name, Experiment(config).config, losses, records[-1].accuracy, exploded, seconds)


def read(text):
    return list(read_lines(text.encode() if isinstance(text, str) else text))


RUN = kept(Config(steps=4, cell="gru", text="ab ca", seed=5))
LINE = json.loads(to_line(RUN))


def test_a_run_comes_back():
    ((number, found),) = read(to_line(RUN))
    assert number == 1
    assert found.config == RUN.config
    assert found.losses == tuple(float(f"{loss:.9g}") for loss in RUN.losses)
    assert (found.name, found.accuracy, found.has_exploded, found.seconds) == ("a run", RUN.accuracy, False, 0.25)
    assert to_line(found) == to_line(RUN)


def test_nothing_is_lost_of_a_number_in_single_precision():
    ((_, found),) = read(to_line(RUN))
    assert [np_single(loss) for loss in found.losses] == [np_single(loss) for loss in RUN.losses]


def np_single(value):
    import numpy as np

    return np.float32(value).tobytes()


def test_a_run_that_exploded_comes_back_with_its_gaps():
    run = kept(Config(**{**EXPLOSIVE, "steps": 60}), seconds=None)
    assert run.has_exploded
    ((_, found),) = read(to_line(run))
    assert found.has_exploded
    assert found.seconds is None
    assert [math.isfinite(a) for a in found.losses] == [math.isfinite(a) for a in run.losses]


@settings(max_examples=30)
@given(configs())
def test_any_config_that_can_be_trained_comes_back(config):
    try:
        Experiment.trainable(config)
        line = to_line(KeptRun("x", Experiment(config).config, (1.0,), 0.5))
    except ConfigError:
        return
    ((_, found),) = read(line)
    if isinstance(found, KeptRun):
        assert found.config == Experiment(config).config
    else:  # too short a text, or too large a network: nobody could have kept it
        assert any(word in str(found) for word in ("too large", "one character", "no room"))


def changed(**values):
    return json.dumps({**LINE, **values})


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "not a line of JSON"),
        ("NaN", "not a line of JSON"),
        ('{"losses": [Infinity]}', "not a line of JSON"),
        ("[" * 100_000, "not a line of JSON"),
        (b"\xff\xfe", "not a line of JSON"),
        ("9" * 5000, "not a line of JSON"),
        ("[]", "not a JSON object"),
        ("3", "not a JSON object"),
        (changed(extra=1), "extra is not a part"),
        (changed(config=3), "config is not an object"),
        (changed(config={"hidden_size": 999}), "hidden_size=999"),
        (changed(config={"momentum": 1}), "momentum is not a setting"),
        (changed(config={"self": 1}), "self is not a setting"),
        (changed(config={"text": "a"}), "text has only one character"),
        (changed(config={"bidirectional": True}), "bidirectional=true"),
        (changed(config={"hidden_size": 128, "num_layers": 4, "text": "ab" * 9000, "batch_size": 64, "seq_len": 128}),
         "too large"),
        (changed(losses=[]), "losses cannot be used"),
        (changed(losses="1"), "losses cannot be used"),
        (changed(losses=[1, "2"]), "losses cannot be used"),
        (changed(losses=[1, True]), "losses cannot be used"),
        (changed(losses=[-1]), "losses cannot be used"),
        (changed(losses=[1] * 6), "at most 5"),
        (changed(losses=[10**400]), "losses cannot be used"),
        (changed(name=""), "name cannot be used"),
        (changed(name=3), "name cannot be used"),
        (changed(name="<b>x</b>"), "name cannot be used"),
        (changed(name="x" * (MAX_NAME + 1)), "name cannot be used"),
        (changed(accuracy=1.1), "accuracy=1.1"),
        (changed(accuracy=None), "accuracy=None"),
        (changed(seconds=-1), "seconds=-1"),
        (changed(seconds="1"), "seconds=1"),
        (changed(has_exploded=1), "has_exploded=1"),
        (changed(losses=[1e400]), "not a line of JSON"),
    ],
)  # fmt: skip
def test_a_bad_line_is_named_and_the_others_are_read(line, why):
    good, bad = to_line(RUN).encode(), line if isinstance(line, bytes) else line.encode()
    found = read(b"\n".join((good, b"", bad, good)) + b"\r\n")
    assert [number for number, _ in found] == [1, 3, 4]
    assert isinstance(found[0][1], KeptRun)
    assert isinstance(found[2][1], KeptRun)
    assert isinstance(found[1][1], Sentence)
    assert why in str(found[1][1])
    assert len(str(found[1][1])) < 400


def test_a_file_that_is_too_large_is_not_read():
    ((_, why),) = read(b" " * (MAX_BYTES + 1))
    assert "larger than 1000 kB" in str(why)


@given(st.binary(max_size=200))
def test_whatever_is_in_a_file_it_is_answered(content):
    for number, found in read_lines(content):
        assert number >= 1
        assert isinstance(found, KeptRun | Sentence)


@given(st.text(max_size=80))
def test_a_clean_name_stays_as_it_is(name):
    clean = clean_name(name)
    assert clean_name(clean) == clean
    assert len(clean) <= MAX_NAME
    assert not set(clean) & set("<>&%{}[]`|*\n")


def test_a_name_says_what_a_run_is():
    assert clean_name(describe(RUN.config)) == describe(RUN.config) == "gru H=9 adam 0.1 seed=5"


def test_only_what_differs_is_listed():
    assert differences([Config(), Config(cell="gru"), Config(cell="gru", seed=3)]) == {
        "cell": ("rnn", "gru", "gru"),
        "seed": (0, 0, 3),
    }
    assert differences([Config()]) == differences([]) == {}


def test_parameters_are_those_of_the_network():
    from rnn_core.training.trainer import Trainer

    model = Trainer(RUN.config).model
    assert RUN.parameters == sum(parameter.numel() for parameter in model.parameters())

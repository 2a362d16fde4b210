import re

import pytest
from hypothesis import given, settings

from rnn_core import Config, ConfigError, build_dataset
from rnn_core.config import bounds
from rnn_core.training.budget import (
    MAX_CELLS,
    MAX_FLOATS,
    MAX_MULTIPLY_ADDS,
    MAX_SHARED_RUNS,
    MAX_SHARED_S,
    MULTIPLY_ADDS_PER_S,
    STEP_S,
    Cost,
    check_budget,
    check_cells,
    check_shared,
    estimate_cost,
    estimate_seconds,
)
from rnn_core.training.experiment import Experiment
from rnn_core.training.model import build_model
from rnn_core.training.trainer import Trainer
from tests.strategies import trainable_configs

LARGEST = {name: bounds(name)[1] for name in ("input_size", "hidden_size", "num_layers", "seq_len", "batch_size")}
HANGUL = "".join(chr(0xAC00 + i) for i in range(4000))
PROSE = "순환 신경망은 앞의 글자를 기억한다. " * 400


@given(trainable_configs(most_steps=1))
@settings(max_examples=60)
def test_parameters_are_counted_as_torch_counts_them(config):
    config, vocab_size = Experiment(config).config, build_dataset(config).vocab_size
    model, _ = build_model(config, vocab_size)
    assert estimate_cost(config, vocab_size).parameters == sum(p.numel() for p in model.parameters())


def test_the_cost_of_a_known_network():
    cost = estimate_cost(Config.preset("hello-next"), 9)
    assert cost.parameters == 9 * 9 * 2 + 9 * 2 + 9 * 9 + 9
    assert cost.multiply_adds == 3 * 11 * (9 * 9 * 2 + 9 * 9)  # 11 characters, forward and twice that backward


def test_a_window_is_no_longer_than_the_text():
    whole, beyond = (estimate_cost(Config(text="hello! world", seq_len=length), 9) for length in (12, 128))
    assert beyond == whole


def test_what_an_optimizer_holds_is_counted():
    config = Experiment(Config(hidden_size=64, seq_len=1, optimizer="adam")).config
    trainer = Trainer(config)
    next(trainer), next(trainer)
    held = [tensor for weight in trainer.model.parameters() for tensor in (weight, weight.grad)]
    held += [value for state in trainer._optimizer.state.values() for value in state.values()]
    assert estimate_cost(config, 9).floats >= sum(tensor.numel() for tensor in held)


def test_the_largest_sweep_is_allowed_and_one_cell_more_is_not():
    check_cells(MAX_CELLS)
    with pytest.raises(ConfigError, match=str(MAX_CELLS + 1)):
        check_cells(MAX_CELLS + 1)


@pytest.mark.parametrize("field", ["hidden_size", "num_layers", "seq_len", "batch_size"])
def test_more_costs_more(field):
    config = Config(text=PROSE)
    least, most = bounds(field)
    small, large = (estimate_cost(config.replace(**{field: value}), 20) for value in (least, most))
    assert small.multiply_adds < large.multiply_adds
    assert small.floats < large.floats


@pytest.mark.parametrize("preset", ["hello-next", "seed-lesson", "onehot-batch"])
def test_the_presets_can_be_afforded(preset):
    config = Config.preset(preset)
    cost = estimate_cost(config, build_dataset(config).vocab_size)
    assert cost.floats < MAX_FLOATS / 100
    assert cost.multiply_adds < MAX_MULTIPLY_ADDS / 100


@pytest.mark.parametrize(
    "values",
    [
        {"text": PROSE, **LARGEST, "cell": "lstm", "encoding": "embedding"},
        {"text": PROSE, **LARGEST, "cell": "gru", "encoding": "embedding", "bidirectional": True, "task": "same"},
        {"text": PROSE, "hidden_size": 128, "num_layers": 4, "batch_size": 64, "seq_len": 128},
        {"text": HANGUL, "hidden_size": 128, "seq_len": 128, "batch_size": 64},
        {"text": HANGUL, "hidden_size": 128, "input_size": 128, "encoding": "embedding", "seq_len": 128},
    ],
    ids=["lstm", "gru", "rnn", "many characters", "a large table"],
)
def test_what_is_refused_can_be_had_as_suggested(values):
    config = Config(**values)
    with pytest.raises(ConfigError) as refused:
        Trainer(config)
    field = refused.value.sentence.params["field"]
    assert str(refused.value).startswith(f"{field}={getattr(config, field)} makes this too large: ")
    smaller = dict(re.findall(r"(\w+)=(\d+)(?=.* it works\.$)", str(refused.value).partition("With ")[2]))
    assert field in smaller
    assert all(int(value) < getattr(config, name) for name, value in smaller.items())
    assert Trainer(config.replace(**{name: int(value) for name, value in smaller.items()})).step == -1


@pytest.mark.parametrize(
    "values",
    [{"seq_len": 1}, {"seq_len": 128, "batch_size": 64, "num_layers": 4, "cell": "lstm"}],
    ids=["rnn", "lstm"],
)
def test_where_nothing_but_the_text_can_be_smaller_it_is_said(values):
    with pytest.raises(ConfigError, match=r"^text has 4000 different characters: .* Use head=linear"):
        Trainer(Config(text=HANGUL, head="none", **values))
    assert Trainer(Config(text=HANGUL, seq_len=1)).step == -1


def test_what_fits_is_not_refused():
    config = Experiment(Config(text=PROSE, hidden_size=128, seq_len=64, batch_size=4)).config
    check_budget(config, build_dataset(config).vocab_size)
    assert estimate_cost(config, 20).multiply_adds > MAX_MULTIPLY_ADDS / 10


def test_a_sweep_on_a_shared_server_is_bounded():
    check_shared(MAX_SHARED_RUNS, MAX_SHARED_S)
    for count, seconds in ((MAX_SHARED_RUNS + 1, 1.0), (1, MAX_SHARED_S + 1)):
        with pytest.raises(ConfigError, match="too large for a shared server") as caught:
            check_shared(count, seconds)
        assert f"{count} networks and about {round(seconds)} s" in str(caught.value)


def test_time_is_estimated_by_steps_and_by_size():
    small, large = Cost(0, 0, 0), Cost(0, 0, MAX_MULTIPLY_ADDS)
    assert estimate_seconds(200, small) == pytest.approx(200 * STEP_S)
    assert estimate_seconds(200, large) == pytest.approx(200 * (STEP_S + MAX_MULTIPLY_ADDS / MULTIPLY_ADDS_PER_S))

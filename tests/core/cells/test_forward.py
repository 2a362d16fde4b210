"""A whole network in numpy gives what torch gives, at every step, also with edited weights."""

import jaxtyping
import numpy as np
import pytest
import torch

from rnn_core import Config, build_dataset
from rnn_core.cells.equations import CONVENTIONS
from rnn_core.cells.sequence import compare_conventions, predictions_of, recompute, scale, set_entry, trace_cells
from rnn_core.training.trainer import Trainer
from tests.core.networks import CLASSES, drawn_input, torchs

TEXT = "the quick brown fox jumps over the lazy dog"


def drawn_config(rng, **fixed):
    values = {
        "cell": str(rng.choice(["rnn", "lstm", "gru"])),
        "nonlinearity": str(rng.choice(["tanh", "relu"])),
        "input_size": int(rng.integers(1, 17)),
        "hidden_size": int(rng.integers(1, 33)),
        "num_layers": int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1])),
        "bidirectional": bool(rng.integers(2)),
        "batch_first": bool(rng.integers(2)),
        "batched": bool(rng.integers(2)),
    }
    return Config(**{**values, **fixed})


def far(ours, theirs):
    """Return the largest difference, in units of the largest number where that is beyond 1 (relu has no bound)."""
    theirs = theirs.detach().numpy()
    return np.abs(ours - theirs).max() / max(1.0, np.abs(theirs).max())


@pytest.mark.parametrize("block", range(4))
def test_two_hundred_networks_over_a_hundred_steps(block, monkeypatch):
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)  # the tests below check the axes of every step
    rng = np.random.default_rng(block)
    for seed in range(50):
        config = drawn_config(rng)
        rnn, weights = torchs(config, seed)
        input = drawn_input(config, rng, 100)
        lines = config.num_layers * config.num_directions
        h_0, c_0 = rng.uniform(-1, 1, (2, lines, *((2,) if config.batched else ()), config.hidden_size))
        start = [torch.tensor(state, dtype=torch.float32) for state in (h_0, c_0)]
        output, state = rnn(torch.tensor(input), tuple(start) if config.cell == "lstm" else start[0])
        h_n, c_n = state if config.cell == "lstm" else (state, None)
        trace = trace_cells(config, weights, input, h_0=h_0, c_0=c_0)
        assert far(trace.output, output) < 1e-6, config
        assert far(trace.h_n, h_n) < 1e-6, config
        assert (trace.c_n is None) == (c_n is None)
        if c_n is not None:
            assert far(trace.c_n, c_n) < 1e-6, config


@pytest.mark.parametrize("cell", CLASSES)
def test_in_double_precision_nothing_is_left_of_the_difference(cell):
    rng = np.random.default_rng(1)
    for seed in range(5):
        config = drawn_config(rng, cell=cell)
        rnn, weights = torchs(config, seed, torch.float64)
        input = drawn_input(config, rng, 100)
        assert far(trace_cells(config, weights, input).output, rnn(torch.tensor(input).double())[0]) < 1e-13


@pytest.mark.parametrize("cell", CLASSES)
def test_every_step_of_every_layer_and_direction_is_there(cell):
    config = Config(cell=cell, num_layers=2, bidirectional=True, input_size=3, hidden_size=4)
    rnn, weights = torchs(config)
    input = drawn_input(config, np.random.default_rng(0), 6)
    trace = trace_cells(config, weights, input)
    assert [[(s.layer, s.is_reverse, s.t) for s in line] for line in trace.steps] == [
        [(layer, is_reverse, t) for t in range(6)] for layer in (0, 1) for is_reverse in (False, True)
    ]
    output = rnn(torch.tensor(input))[0].detach().numpy()  # (N, L, D*H_out)
    for t in range(6):
        top = np.concatenate([line[t].h_t for line in trace.steps[2:]], axis=-1)
        assert np.abs(top - output[:, t]).max() < 1e-6
    forward, backward = trace.steps[0], trace.steps[1]
    assert np.array_equal(forward[3].values["h_prev"], forward[2].h_t)
    assert np.array_equal(backward[3].values["h_prev"], backward[4].h_t)
    assert (forward[0].c_t is not None) == (cell == "lstm")


def test_conventions_differ_on_a_gru_and_on_nothing_else():
    config = Config(cell="gru", input_size=3, hidden_size=8)
    rnn, weights = torchs(config)
    input = drawn_input(config, np.random.default_rng(0), 30)
    change = compare_conventions(config, weights, input)
    assert change["torch"] == 0
    others = {name: trace_cells(config, weights, input, convention=name).output for name in CONVENTIONS}
    for name in set(CONVENTIONS) - {"torch"}:
        assert change[name] > 0.01
        assert change[name] == pytest.approx(far(others[name], rnn(torch.tensor(input))[0]), abs=1e-6)
    for cell in ("rnn", "lstm"):
        config = Config(cell=cell, input_size=3, hidden_size=8)
        assert set(compare_conventions(config, torchs(config)[1], input).values()) == {0.0}


def test_an_unknown_convention_is_refused():
    config = Config(cell="gru", input_size=3)
    with pytest.raises(KeyError):
        trace_cells(config, torchs(config)[1], np.zeros((1, 2, 3)), convention="other")


NETWORKS = [
    Config(text=TEXT, seq_len=12, batch_size=3, num_layers=2, steps=5),
    Config(text=TEXT, seq_len=12, batch_size=3, cell="lstm", batch_first=False, steps=5),
    Config(text=TEXT, seq_len=12, cell="gru", encoding="embedding", input_size=5, batched=False, steps=5),
    Config(text=TEXT, seq_len=12, cell="gru", task="same", bidirectional=True, steps=5),
    Config.preset("seed-lesson", steps=5),
    Config.preset("onehot-batch", steps=5, hidden_size=4),
]


@pytest.mark.parametrize("config", NETWORKS)
def test_a_trained_network_is_recomputed_from_its_weights(config):
    trainer = Trainer(config)
    list(trainer)
    count = trainer.config.batch_size
    windows = build_dataset(trainer.config).input[:count]
    theirs = trainer.trace(range(len(windows)))
    ours = recompute(trainer.config, trainer.weights(), windows)
    assert (ours.axes, ours.text_axis) == (theirs.axes, theirs.text_axis)
    for name in ("input", "output", "logits", "h_n"):
        assert np.abs(getattr(ours, name) - getattr(theirs, name)).max() < 5e-6, name
    assert ours.input.shape == theirs.input.shape
    for window in range(len(windows)):
        predicted = predictions_of(ours, window)
        assert predicted.shape == windows[window].shape
        assert np.array_equal(predicted, predictions_of(theirs, window))


def test_edited_weights_give_what_torch_gives_with_them():
    trainer = Trainer(NETWORKS[0])
    list(trainer)
    weights = trainer.weights()
    windows = build_dataset(trainer.config).input[:1]
    before = recompute(trainer.config, weights, windows)
    for edited in (
        set_entry(weights, "rnn.weight_hh_l0", (2, 3), 1.5),
        scale(weights, "rnn.weight_hh_l1", 2.0),
        set_entry(weights, "head.bias", (0,), 9.0),
    ):
        ours, theirs = recompute(trainer.config, edited, windows), trainer.trace([0], edited)
        assert np.abs(ours.logits - theirs.logits).max() < 5e-6
        assert np.abs(ours.logits - before.logits).max() > 1e-2
    assert all(np.array_equal(weights[name], trainer.weights()[name]) for name in weights)  # nothing was written to


def test_an_edit_changes_one_entry_of_a_copy():
    _, weights = torchs(Config(hidden_size=4))
    edited = set_entry(weights, "weight_hh_l0", (1, 2), 7.0)
    changed = {name: np.argwhere(edited[name] != weights[name]).tolist() for name in weights}
    assert {name: places for name, places in changed.items() if places} == {"weight_hh_l0": [[1, 2]]}
    assert edited["weight_hh_l0"][1, 2] == 7.0
    assert np.array_equal(scale(weights, "weight_hh_l0", 2.0)["weight_hh_l0"], 2 * weights["weight_hh_l0"])


def test_what_is_kept_cannot_be_written_to():
    config = Config(hidden_size=4)
    step = trace_cells(config, torchs(config)[1], np.zeros((1, 2, 9), np.float32)).steps[0][1]
    with pytest.raises(ValueError, match="read-only"):
        step.values["h_t"][0] = 1
    with pytest.raises(TypeError):
        step.values["h_t"] = np.zeros(4)


def test_weights_that_overflowed_are_shown_as_they_are():
    config = Config(nonlinearity="relu", text="abab", hidden_size=3, steps=1)
    trainer = Trainer(config)
    list(trainer)
    broken = scale(trainer.weights(), "rnn.weight_hh_l0", np.inf)
    trace = recompute(trainer.config, broken, build_dataset(trainer.config).input[:1])
    assert not np.isfinite(trace.logits).all()

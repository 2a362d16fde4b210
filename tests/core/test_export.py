import contextlib
import io
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings

from rnn_core import Config, ConfigError, train
from rnn_core.export import to_encoding_steps, to_script
from rnn_core.training import Trainer
from tests.strategies import trainable_configs

TEXT = "the quick brown fox jumps over the lazy dog"
CONFIGS = [
    Config.preset("hello-next", steps=20),
    Config.preset("seed-lesson", steps=20),
    Config.preset("onehot-batch", steps=20),
    Config(text=TEXT, seq_len=6, batch_size=3, steps=15, seed=7),
    Config(text=TEXT, seq_len=6, batch_size=3, steps=15, batch_first=False),
    Config(text=TEXT, seq_len=6, batch_size=4, steps=12, batch_first=False, layout="batch_major", cell="gru"),
    Config(text=TEXT, seq_len=6, batch_size=2, steps=12, cell="lstm", num_layers=2, val_share=0.3, optimizer="adamw"),
    Config(text=TEXT, seq_len=9, steps=12, encoding="embedding", input_size=5, hidden_size=4, cell="gru"),
    Config(text=TEXT, seq_len=9, steps=12, batched=False, batch_size=8, batch_first=False),
    Config(text=TEXT, task="same", bidirectional=True, seq_len=8, steps=12, num_layers=2, hidden_size=5),
    Config(text=TEXT, nonlinearity="relu", optimizer="sgd", grad_clip=0.5, steps=12, seq_len=20),
    Config(text=TEXT, optimizer="rmsprop", learning_rate=0.01, steps=12, head="none"),
    Config(text="한글 '\"\\ e\u0301 👩‍👩‍👧 {text}", steps=12),
    Config(steps=20, learning_rate=0.01, earlier="learning_rate:0.1:4,learning_rate:0.05:9"),
    Config(steps=20, grad_clip=0.1, earlier="grad_clip:0:4,learning_rate:0.3:9,grad_clip:1:12"),
    Config(steps=20, grad_clip=0.0, earlier="grad_clip:0.05:7"),
]


def run_script(script):
    """Run a script of our own making as a learner would, with torch's global seed put back afterwards."""
    printed = io.StringIO()
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(printed):
        exec(compile(script, "script.py", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def read(printed):
    lines = [line.split(" ", 2) for line in printed.split("\n")[:-1]]
    return [(int(step), float(loss), prediction) for step, loss, prediction in lines]


def assert_same_run(printed, config):
    records = list(train(config))
    lines = read(printed)
    assert [step for step, _, _ in lines] == [r.step for r in records] == list(range(config.steps + 1))
    assert [loss for _, loss, _ in lines] == pytest.approx([r.loss for r in records], abs=1e-5)
    assert [prediction for _, _, prediction in lines] == [r.prediction for r in records]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: str(config.to_query()))
def test_the_script_repeats_the_run(config):
    assert_same_run(run_script(to_script(config)), config)


# A large rate would magnify the last bits in which PyTorch's own two ways of computing Adam differ.
@given(trainable_configs(text="순환하는 신경망 e\u0301 👩‍👩‍👧!", learning_rate=0.01, earlier=()))
@settings(max_examples=40, deadline=None)
def test_the_script_repeats_any_run(config):
    records, lines = list(train(config)), read(run_script(to_script(config)))
    assert len(lines) == config.steps + 1
    for record, (step, loss, prediction) in zip(records, lines, strict=False):  # ours ends where it explodes
        if not record.is_finite:
            break
        assert (step, prediction) == (record.step, record.prediction)
        assert loss == pytest.approx(record.loss, abs=1e-5, rel=1e-5)


def test_the_script_of_a_run_changed_on_the_way_repeats_it():
    trainer = Trainer(Config(text=TEXT, seq_len=6, batch_size=3, steps=20))
    for record in trainer:
        if record.step == 5:
            trainer.change(learning_rate=0.02, grad_clip=0.5)
        if record.step == 11:
            trainer.change(grad_clip=0.0)
    assert_same_run(run_script(to_script(trainer.config)), trainer.config)


def test_the_script_needs_nothing_of_ours():
    config = Config(text=TEXT, seq_len=6, batch_size=3, steps=5)
    script = to_script(config)
    assert "rnn_core" not in script
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", cwd="/", check=True)
    assert done.stderr == ""
    assert_same_run(done.stdout, config)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: str(config.to_query()))
def test_the_script_is_short_and_readable(config):
    lines = to_script(config).splitlines()
    assert len(lines) < 60
    assert max(len(line) for line in lines) <= 120


def test_a_text_cannot_become_code():
    text = "'''\"\"\"\\\n#{__import__('os')}\r\x00\u2028"
    config = Config(text=text, steps=1)
    script = to_script(config)
    compile(script, "script.py", "exec")
    assert f"text = {text!r}\n" in script


def test_a_text_too_short_is_refused():
    with pytest.raises(ConfigError, match=r"^text has one character only"):
        to_script(Config(text="a"))


@given(trainable_configs(most_steps=1))
@settings(max_examples=60, deadline=None)
def test_the_encoding_steps_lead_to_the_first_output(config):
    """Run one after the other, the pieces a page shows define what the network is given and gives."""
    names = {}
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(io.StringIO()):
        for piece in to_encoding_steps(config).values():
            exec(compile(piece, "piece.py", "exec"), names)
    trainer = Trainer(config)
    windows = range(min(trainer.config.batch_size, len(trainer.dataset.input)))
    trace = trainer.trace(windows)
    assert names["V"] == trainer.dataset.vocab_size
    assert names["input"].shape == trace.input.shape
    assert torch.equal(names["input"], torch.tensor(trace.input))
    assert torch.allclose(names["output"], torch.tensor(trace.output), atol=1e-6)
    assert torch.allclose(names["h_n"], torch.tensor(trace.h_n), atol=1e-6)

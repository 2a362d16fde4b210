import ast
import contextlib
import io
import json
import random
import subprocess
import sys

import pytest
import torch
from hypothesis import given, settings

from rnn_core import Config, ConfigError, train
from rnn_core.config import options
from rnn_core.training.export import to_encoding_steps, to_script
from rnn_core.training.trainer import Trainer
from tests.strategies import trainable_configs

TEXT = "the quick brown fox jumps over the lazy dog"
CLUSTERS = "한글 '\"\\ e\u0301 👩‍👩‍👧 {text}\r\n"
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
    Config(text=CLUSTERS, steps=12),
    Config(input_size=14, steps=12, cell="lstm"),  # one-hot with room to spare
    Config(input_size=4, steps=12),  # learnt vectors
    Config(repeat=True, seq_len=30, batch_size=4, steps=8),
    Config(text=TEXT, repeat=True, seq_len=10, batch_size=7, steps=8, val_share=0.2, task="same", batch_first=False),
    Config(steps=20, learning_rate=0.01, earlier="learning_rate:0.1:4,learning_rate:0.05:9"),
    Config(steps=20, grad_clip=0.1, earlier="grad_clip:0:4,learning_rate:0.3:9,grad_clip:1:12"),
    Config(steps=20, grad_clip=0.0, earlier="grad_clip:0.05:7"),
]


EXPLODING = Config(
    nonlinearity="relu", optimizer="sgd", hidden_size=32, num_layers=2, learning_rate=1.0, seed=11,
    earlier="learning_rate:0.05:40",
)  # fmt: skip
SENSITIVE = [Config(learning_rate=1.0), Config(learning_rate=0.5, seed=1), EXPLODING]  # the last bit decides
RUN_ALL = """
import contextlib, io, json, sys
for script in json.load(sys.stdin):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "script.py", "exec"), {"__name__": "__main__"})
    print(json.dumps(printed.getvalue()))
"""


def run_script(script):
    """Run a script of our own making as a learner would, with torch's global seed put back afterwards."""
    printed = io.StringIO()
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(printed):
        exec(compile(script, "script.py", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def run_python(code, given=""):
    """Run code in a Python of its own, which knows nothing of ours, and return all that it prints."""
    command = [sys.executable, "-X", "utf8", "-c", code]
    done = subprocess.run(command, input=given.encode(), capture_output=True, cwd="/", check=True)
    assert done.stderr == b""
    return done.stdout.decode()


def printed_by_the_app(config):
    """Return the records of a run as its script must print them: every digit of a loss, and no record more."""
    lines = []
    for record in train(config):
        lines.append(f"{record.step} {record.loss!r} {record.prediction}\n")
        lines += [] if record.val_loss is None else [f"held out: {record.val_loss!r}\n"]
    return "".join(lines)


def drawn_configs(count, seed):
    """Draw configs over all combinations, every other one with a learning rate at which the last bit decides."""
    rng, found = random.Random(seed), []
    while len(found) < count:
        values = {name: rng.choice(options(name)) for name in Config.model_fields if options(name)}
        values |= {name: rng.random() < 0.5 for name in ("bidirectional", "batch_first", "batched", "repeat")}
        values["text"] = "".join(rng.choices(rng.choice(["abc de!", "a\n한e\u0301👍🏽"]), k=rng.choice([8, 60, 90])))
        values |= {"seq_len": rng.randint(1, 20), "batch_size": rng.randint(1, 8), "num_layers": rng.randint(1, 3)}
        values |= {"seed": rng.randrange(2**31), "steps": rng.randint(1, 25), "val_share": rng.choice([0, 0.2, 0.5])}
        values |= {"learning_rate": rng.choice([1.0, rng.uniform(1e-4, 1)]), "grad_clip": rng.choice([0, 0.1, 5])}
        changes = [f"learning_rate:{rng.random() + 1e-4}:7", f"grad_clip:{rng.choice([0, 1])}:13"]
        values["earlier"] = ",".join(rng.sample(changes, rng.randint(0, 2)))
        values |= {"input_size": rng.randint(1, 20)} if rng.random() < 0.5 else {}
        values |= {"hidden_size": rng.randint(1, 40)} if values["head"] == "linear" else {}
        try:
            Trainer(Config(**values))
        except ConfigError:
            continue
        found.append(Config(**values))
    return found


@pytest.mark.parametrize("config", CONFIGS + SENSITIVE, ids=lambda config: str(config.to_query()))
def test_the_script_repeats_the_run_to_the_last_bit(config):
    assert run_script(to_script(config)) == printed_by_the_app(config)


@given(trainable_configs(most_steps=12))
@settings(max_examples=40)
def test_the_script_repeats_any_run_to_the_last_bit(config):
    assert run_script(to_script(config)) == printed_by_the_app(config)


def test_a_python_of_its_own_repeats_runs_of_all_kinds_to_the_last_bit():
    configs = [*SENSITIVE, *drawn_configs(40, seed=0)]
    printed = run_python(RUN_ALL, json.dumps([to_script(config) for config in configs])).splitlines()
    for config, line in zip(configs, printed, strict=True):
        assert json.loads(line) == printed_by_the_app(config), config.to_query()


def test_a_script_alone_repeats_the_run_to_the_last_bit():
    config = Config(text=CLUSTERS, val_share=0.3, seq_len=3)
    script = to_script(config)
    assert "rnn_core" not in script
    assert run_python(script) == printed_by_the_app(config)


def test_the_script_ends_where_the_run_explodes():
    lines = run_script(to_script(EXPLODING)).splitlines()
    assert len(lines) == len(list(train(EXPLODING))) < EXPLODING.steps


def test_the_script_of_a_run_changed_on_the_way_repeats_it():
    config = Config(text=TEXT, seq_len=6, batch_size=3, steps=20).changed("learning_rate", 0.02, step=5)
    config = config.changed("grad_clip", 0.5, step=5).changed("grad_clip", 0.0, step=11)
    assert run_script(to_script(config)) == printed_by_the_app(config)


@pytest.mark.parametrize(
    ("text", "packages"),
    [
        ("hello! 한글 é", ["torch"]),
        ("e\u0301", ["torch"]),  # composed it is one code point
        ("👩‍👩‍👧", ["torch", "regex"]),
        ("a\r\nb", ["torch", "regex"]),
        ("x\u0301y", ["torch", "regex"]),
    ],
)
def test_the_script_says_how_to_install_what_it_imports_and_imports_what_it_needs(text, packages):
    script = to_script(Config(text=text, task="same"))
    nodes = [node for node in ast.walk(ast.parse(script)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name for node in nodes}
    assert script.splitlines()[0] == f"# pip install {' '.join(packages)}"
    assert names == set(packages)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: str(config.to_query()))
def test_the_script_is_short_and_readable(config):
    lines = to_script(config).splitlines()
    assert len(lines) <= 72
    assert max(len(line) for line in lines) <= 120


def test_a_text_cannot_become_code():
    text = "'''\"\"\"\\\n#{__import__('os')}\r\x00\u2028"
    config = Config(text=text, steps=1)
    script = to_script(config)
    compile(script, "script.py", "exec")
    assert f"text = {text!r}\n" in script


def test_a_text_too_short_is_refused():
    with pytest.raises(ConfigError, match=r"^text has only one character"):
        to_script(Config(text="a"))


@given(trainable_configs(most_steps=1))
@settings(max_examples=60)
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
    assert torch.equal(names["output"], torch.tensor(trace.output))
    assert torch.equal(names["h_n"], torch.tensor(trace.h_n))

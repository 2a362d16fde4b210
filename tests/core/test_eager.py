"""Nothing here compiles: torch's compiler stays out, makes no number another, and is there for whoever wants it."""

import json
import subprocess
import sys
from pathlib import Path

from rnn_core import Config, train
from rnn_core.analysis.gradients import saliency
from rnn_core.training.trainer import Trainer

ROOT = Path(__file__).parents[2]
OPTIMIZERS = ("adam", "adamw", "sgd", "rmsprop")
LARGE = "{'sympy', 'torch._inductor', 'torch._dynamo.eval_frame'}"
# Everything that torch once loaded its compiler, or sympy, for.
USES = f"""
import json, sys
from rnn_core import eager
eager.leave_compiler_out()
import torch
torch.set_num_threads(1)
from tests.core.test_eager import numbers
print(json.dumps(numbers()))
print(sorted({LARGE} & set(sys.modules)))
"""
WANTED = """
import sys
from rnn_core import eager
eager.leave_compiler_out()
import torch
import torch._dynamo
assert not hasattr(torch._dynamo, "__file__")
print(torch.compile(lambda x: 2 * x, backend="eager")(torch.ones(1)).item(), "sympy" in sys.modules)
"""


def numbers() -> list[float]:
    """Return numbers of networks with learnt vectors that were trained and differentiated."""
    found = []
    for optimizer in OPTIMIZERS:
        *_, last = train(Config(optimizer=optimizer, encoding="embedding", steps=5))
        found += [last.loss, last.grad_norm]
    trainer = Trainer(Config(cell="lstm", steps=3))
    found += saliency(trainer.config, trainer.weights(), trainer.dataset.input[0], t=2).ravel().tolist()
    return found


def said_by(script: str) -> str:
    """Return what a script says in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    return done.stdout


def test_the_compiler_stays_out_and_no_number_is_another() -> None:
    found, loaded = said_by(USES).splitlines()
    assert json.loads(found) == numbers()
    assert loaded == "[]"


def test_who_wants_the_compiler_gets_it() -> None:
    assert said_by(WANTED) == "2.0 True\n"

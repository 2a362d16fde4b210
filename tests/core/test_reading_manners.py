"""How code comes: in fences, with prompts and tracebacks, as a notebook, as a class alone, with drawn numbers."""

import json

import pytest

from rnn_core.reading import read_code, replace_line
from rnn_core.reading.paste import notebook_code
from tests.core.pastes import run

BARE = "x = torch.randn(3, 4)\ny = x.view(5)"
DRESSED = {
    "fence": "My code:\n```python\n" + BARE + "\n```\nIt fails.",
    "tildes": "~~~\n" + BARE + "\n~~~",
    "traceback": BARE
    + '\nTraceback (most recent call last):\n  File "a.py", line 2\n    y = x.view(5)\nRuntimeError: shape',
    "rule": BARE
    + "\n"
    + "-" * 40
    + "\nRuntimeError      Traceback (most recent call last)\n<ipython> in ()\nRuntimeError: a",
    "prompts": ">>> x = torch.randn(3, 4)\n>>> y = x.view(5)",
    "ipython": "In [1]: x = torch.randn(3, 4)\n\nIn [2]: y = x.view(5)\nOut[2]: 3",
    "no-break spaces": BARE.replace(" ", "\u00a0"),
    "curly quotes": "s = \u201chello\u201d\nt = \u2018a\u2019\n" + BARE,
}


@pytest.mark.parametrize("code", DRESSED.values(), ids=DRESSED)
def test_what_stands_around_code_is_taken_off(code):
    reading = read_code(code)
    assert reading.problem is None
    assert [f.error for f in reading.findings] == ["RuntimeError"]
    line = next(line for line in reading.lines if line.number == reading.stops_at)
    assert "view(5)" in code.split("\n")[line.number - 1]


def test_quotes_in_a_text_that_is_right_stay():
    assert {n.name: n.text for n in read_code("s = 'a \u201cb\u201d'").names} == {"s": "'a \u201cb\u201d'"}


def test_the_cells_of_a_notebook_are_read_in_order():
    cells = [
        {"cell_type": "markdown", "source": ["# no code"]},
        {"cell_type": "code", "source": ["import torch\n", "x = torch.randn(3, 4)"]},
        {"cell_type": "code", "source": "y = x.t()"},
    ]
    text = json.dumps({"cells": cells, "metadata": {}})
    assert notebook_code(text) == "import torch\nx = torch.randn(3, 4)\n\ny = x.t()"
    assert {n.name: n.text for n in read_code(text).names} == {"x": "(3, 4)", "y": "(4, 3)"}
    for other in ("{", '{"cells": 3}', '{"cells": [{"source": 1}]}', "x = 1"):
        assert notebook_code(other) is None
    assert "damaged" in str(read_code(text[:-20]).problem)


def test_a_class_alone_is_given_an_input():
    code = "import torch\nfrom torch import nn\nclass Net(nn.Module):\n    def __init__(self, n_hidden):\n"
    code += "        super().__init__()\n        self.rnn = nn.GRU(10, n_hidden, batch_first=True)\n"
    code += "    def forward(self, x):\n        return self.rnn(x)[0]\n"
    (finding,) = read_code(code).findings
    assert "Nothing calls Net" in str(finding.sentence)
    assert finding.verdict == "doubtful"
    called = replace_line(code, finding.corrected_number, finding.corrected)
    assert run(called)[2] is None
    assert read_code(called).names_after(99)["output"].shape == (3, 5, 16)
    assert read_code(called).findings == ()


def test_a_part_of_a_program_needs_no_imports():
    assert read_code("x = torch.zeros(3)\ny = nn.Linear(3, 2)(x)\nz = np.ones(2)").findings == ()
    reading = read_code("from torch import nn\ny = nn.Linear(3, 2)(torch.zeros(3))")
    assert (reading.findings, reading.given) == ((), ("torch",))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("nn", "from torch import nn"),
        ("F", "import torch.nn.functional as F"),
        ("np", "import numpy as np"),
        ("math", "import math"),
        ("pad_sequence", "from torch.nn.utils.rnn import pad_sequence"),
    ],
)
def test_an_import_that_a_program_forgets_is_put_in(name, line):
    code = f"import torch\nf = {name}"
    (finding,) = read_code(code).findings
    assert (finding.number, finding.error, finding.message) == (2, "NameError", f"name '{name}' is not defined")
    assert finding.corrected == f"import torch\n{line}"
    assert run(replace_line(code, finding.corrected_number, finding.corrected))[2] is None


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("import random\nn = random.randint(2, 9)\nx = torch.zeros(n, 3)", {"n": "a number", "x": "(?, 3)"}),
        ("import random\nx = torch.zeros(3)\ny = x if random.random() < 0.5 else x + 1", {"y": "(3,)"}),
        ("x = torch.randn(3)\nif x.sum() > 0:\n    y = x[:2]\nelse:\n    y = x", {"y": "unknown"}),
        ("x = torch.randn(4)\nif x.sum() > 0:\n    x = x + 1\ny = x.view(2, 2)", {"x": "(4,)", "y": "(2, 2)"}),
        ("import pandas as pd\nd = pd.read_csv('a')\nx = torch.tensor(d['b'].values).view(-1, 1)", {"x": "(?, 1)"}),
        ("xs = []\nfor i in range(5000):\n    xs.append(torch.randn(2).sum().item())\nn = len(xs)", {"n": "5000"}),
        (
            "x = torch.randn(3)\nfor i in range(9):\n    if x.sum() > 0:\n        break\n    x = x[None]",
            {"x": "unknown"},
        ),
    ],
)
def test_what_is_drawn_is_not_invented(code, texts):
    reading = read_code(code)
    assert reading.stops_at is None
    assert {name.name: name.text for name in reading.names if name.name in texts} == texts


DOUBTS = {
    "last-sequence": "out, h = nn.GRU(3, 4, batch_first=True)(torch.randn(5, 5, 3))\ny = out[-1]",
    "broadcast": "loss = F.mse_loss(torch.randn(5, 1), torch.randn(5))",
    "double-sigmoid": "loss = nn.BCEWithLogitsLoss()(torch.sigmoid(torch.randn(3)), torch.ones(3))",
    "first-layer": "out, h = nn.GRU(3, 4, num_layers=2)(torch.randn(5, 2, 3))\ny = h[0]",
    "plain-list": (
        "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.a = [nn.Linear(1, 1)]\nA()"
    ),
    "no-zero-grad": (
        "m = nn.Linear(2, 1)\no = torch.optim.SGD(m.parameters(), lr=1)\nfor i in range(3):\n"
        "    m(torch.randn(4, 2)).mean().backward()\n    o.step()"
    ),
    "fewer-lengths": "p = pack_padded_sequence(torch.randn(7, 5, 3), [4, 2, 3], enforce_sorted=False)",
    "frozen-attribute": "m = nn.Linear(2, 1)\nm.requires_grad = False",
    "view-mixes": (
        "batch, seq = 4, 6\nout, _ = nn.GRU(3, 8, batch_first=True)(torch.randn(batch, seq, 3))\n"
        "y = out.reshape(-1, 8).view(-1, batch, 8)"
    ),
}


@pytest.mark.parametrize(("kind", "code"), DOUBTS.items(), ids=DOUBTS)
def test_silent_mistakes_are_doubted(kind, code):
    assert run(code)[2] is None
    assert {f.kind for f in read_code(code).findings} == {kind}


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("_, h = nn.GRU(8, 16, 2)(torch.randn(6, 3, 8))\nout, _ = nn.GRU(8, 16)(torch.randn(7, 3, 8), h)", "h[-1:]"),
        ("out, _ = nn.LSTM(5, 8, batch_first=True)(torch.randn(4, 6, 5))\n"
         "loss = F.cross_entropy(nn.Linear(8, 3)(out[-1]), torch.randint(0, 3, (4,)))", "out[:, -1]"),
        ("rnn = nn.GRU(3, 4)\nh = torch.zeros(1, 2, 4)\nfor i in range(2):\n    o, h = rnn(torch.randn(5, 2, 3), h)\n"
         "    o.sum().backward()", "h.detach()"),
        ("from torch.utils.data import DataLoader, TensorDataset\n"
         "for (x,) in DataLoader(TensorDataset(torch.randn(7, 5, 3)), batch_size=4):\n"
         "    o, h = nn.GRU(3, 4, batch_first=True)(x, torch.zeros(1, 4, 4))", "drop_last=True"),
    ],
)  # fmt: skip
def test_the_corrected_line_fits_the_cause(code, advice):
    (finding,) = [f for f in read_code(code).findings if f.verdict == "raises"]
    assert advice in (finding.corrected or "")
    assert run(replace_line(code, finding.corrected_number, finding.corrected))[2] is None

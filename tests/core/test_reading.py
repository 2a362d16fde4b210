import random
import time
import traceback
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.reading import read_code, reader
from rnn_core.reading.paste import parse_paste
from tests.core.pastes import NAMES, RIGHT, WRONG, run


@pytest.fixture(autouse=True)
def _no_gaps(monkeypatch):
    """What the reader itself stumbles over fails a test; it only turns into `unknown` for a viewer."""
    monkeypatch.setattr(reader, "GAPS", ())


def shown(name, value, names):
    """Check what is said about a name against what it really holds."""
    held = names[name]
    if value.shape is not None:
        assert isinstance(held, torch.Tensor)
        assert (value.shape, f"torch.{value.dtype}") == (tuple(held.shape), str(held.dtype)), name
        assert value.text == str(tuple(held.shape))
        assert len(value.axes) == held.ndim
    elif isinstance(held, (int, bool)):
        assert value.text in (str(held), "a number"), name
    else:
        assert value.text != "unknown", name


@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT)
def test_what_runs_has_the_shapes_that_torch_gives(code):
    names, printed, error = run(code)
    assert error is None
    reading = read_code(code)
    assert reading.stops_at is None
    assert reading.problem is None
    assert [str(f.sentence) for f in reading.findings if f.verdict == "unknown"] == []
    for value in reading.names:
        shown(value.name, value, names)
    tensors = {name for name, held in names.items() if isinstance(held, torch.Tensor)}
    assert tensors <= {value.name for value in reading.names}
    for line in (text for read in reading.lines for text in read.printed):
        assert f"{line}\n" in printed


@pytest.mark.parametrize("code", WRONG.values(), ids=WRONG)
def test_what_raises_is_told_with_line_and_message(code):
    _, _, error = run(code)
    assert error is not None
    reading = read_code(code)
    (finding,) = [f for f in reading.findings if f.verdict == "raises"]
    assert (finding.number, finding.error, finding.message) == error
    assert reading.stops_at == error[0]
    assert reading.verdict == "raises"
    assert str(finding.sentence)
    assert finding.operator


def with_correction(code, finding):
    lines = code.split("\n")
    lines[finding.corrected_number - 1] = finding.corrected
    return "\n".join(lines)


CORRECTED = [name for name, code in WRONG.items() if any(f.corrected for f in read_code(code).findings)]


@pytest.mark.parametrize("name", CORRECTED)
def test_a_corrected_line_works(name):
    code = WRONG[name]
    (finding,) = [f for f in read_code(code).findings if f.verdict == "raises"]
    assert finding.fix is not None
    fixed = with_correction(code, finding)
    assert run(fixed)[2] is None, fixed
    assert read_code(fixed).stops_at is None


def test_many_errors_come_with_a_corrected_line():
    assert len(CORRECTED) >= 20


DOUBTS = {
    "batch-first": (
        "batch, seq = 3, 5\nrnn = nn.LSTM(4, 6)\nout, h = rnn(torch.randn(batch, seq, 4))",
        "batch, seq = 3, 5\nrnn = nn.LSTM(4, 6, batch_first=True)\nout, h = rnn(torch.randn(batch, seq, 4))",
    ),
    "batch-first by a comment": (
        "x = torch.randn(3, 5, 4)  # (batch, seq, features)\nout, h = nn.GRU(4, 6)(x)",
        "x = torch.randn(5, 3, 4)  # (L, N, H_in)\nout, h = nn.GRU(4, 6)(x)",
    ),
    "batch-first the other way": (
        "x = torch.randn(5, 3, 4)  # (seq_len, batch, features)\nout, h = nn.GRU(4, 6, batch_first=True)(x)",
        "x = torch.randn(3, 5, 4)  # (batch, seq_len, features)\nout, h = nn.GRU(4, 6, batch_first=True)(x)",
    ),
    "state-batch-first": (
        "N, H = 2, 6\nrnn = nn.GRU(4, H, 2)\nout, h = rnn(torch.randn(5, N, 4), torch.zeros(N, 2, H))",
        "N, H = 2, 6\nrnn = nn.GRU(4, H, 2)\nout, h = rnn(torch.randn(5, N, 4), torch.zeros(2, N, H))",
    ),
    "unbatched": (
        "batch = 3\nout, h = nn.GRU(4, 6)(torch.randn(batch, 4))",
        "seq_len = 3\nout, h = nn.GRU(4, 6)(torch.randn(seq_len, 4))",
    ),
    "backward-last": (
        "out, h = nn.GRU(4, 6, batch_first=True, bidirectional=True)(torch.randn(3, 5, 4))\ny = out[:, -1]",
        "out, h = nn.GRU(4, 6, batch_first=True, bidirectional=True)(torch.randn(3, 5, 4))\ny = out[:, -1, :6]",
    ),
    "backward-last, time first": (
        "out, h = nn.GRU(4, 6, bidirectional=True)(torch.randn(5, 3, 4))\ny = out[-1]",
        "out, h = nn.GRU(4, 6)(torch.randn(5, 3, 4))\ny = out[-1]",
    ),
    "one-direction": (
        "out, h = nn.GRU(4, 6, bidirectional=True)(torch.randn(5, 3, 4))\ny = h[-1]",
        "out, h = nn.GRU(4, 6, num_layers=2)(torch.randn(5, 3, 4))\ny = h[-1]",
    ),
    "double-softmax": (
        "p = F.softmax(torch.randn(3, 4), dim=1)\nloss = F.cross_entropy(p, torch.zeros(3).long())",
        "p = torch.randn(3, 4)\nloss = F.cross_entropy(p, torch.zeros(3).long())",
    ),
    "no-head": (
        "out, h = nn.RNN(4, 4)(torch.randn(5, 3, 4))\nloss = F.cross_entropy(h[-1], torch.zeros(3).long())",
        "out, h = nn.RNN(4, 6)(torch.randn(5, 3, 4))\n"
        "loss = F.cross_entropy(nn.Linear(6, 4)(h[-1]), torch.zeros(3).long())",
    ),
    "nll-input": (
        "loss = nn.NLLLoss()(F.softmax(torch.randn(3, 4), dim=1), torch.zeros(3).long())",
        "loss = nn.NLLLoss()(F.log_softmax(torch.randn(3, 4), dim=1), torch.zeros(3).long())",
    ),
    "class-axis": (
        "out, _ = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))\nlogits = nn.Linear(6, 5)(out)\n"
        "loss = F.cross_entropy(logits, torch.zeros(3, 5).long())",
        "out, _ = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))\nlogits = nn.Linear(6, 5)(out)\n"
        "loss = F.cross_entropy(logits.transpose(1, 2), torch.zeros(3, 5).long())",
    ),
    "out-of-range": (
        "x = torch.randint(0, 9, (3, 5))\ny = nn.Embedding(8, 4)(x)",
        "x = torch.randint(0, 8, (3, 5))\ny = nn.Embedding(8, 4)(x)",
    ),
    "view-transpose": (
        "x = torch.randn(3, 5, 4)\ny = x.view(5, 3, 4)",
        "x = torch.randn(3, 5, 4)\ny = x.transpose(0, 1)\nz = torch.randn(1, 3, 4).view(3, 1, 4)",
    ),
    "view-mixes": (
        "out, h = nn.GRU(4, 6, num_layers=2)(torch.randn(5, 3, 4))\ny = h.view(3, -1)",
        "out, h = nn.GRU(4, 6, num_layers=2)(torch.randn(5, 3, 4))\ny = h.transpose(0, 1).reshape(3, -1)",
    ),
    "padded-last": (
        "p = pack_padded_sequence(torch.randn(5, 3, 4), [5, 3, 2])\n"
        "out, lengths = pad_packed_sequence(nn.GRU(4, 6)(p)[0])\ny = out[-1]",
        "p = pack_padded_sequence(torch.randn(5, 3, 4), [5, 3, 2])\nout, h = nn.GRU(4, 6)(p)\ny = h[-1]",
    ),
    "padded-last without packing": (
        "x = pad_sequence([torch.randn(5, 4), torch.randn(3, 4)])\nout, h = nn.GRU(4, 6)(x)\ny = out[-1]",
        "x = pad_sequence([torch.randn(5, 4), torch.randn(5, 4)])\nout, h = nn.GRU(4, 6)(x)\ny = out[-1]",
    ),
    "state-unpacked": (
        "out, (h, c) = nn.GRU(4, 6, num_layers=2)(torch.randn(5, 3, 4))",
        "out, h = nn.GRU(4, 6, num_layers=2)(torch.randn(5, 3, 4))",
    ),
    "dropout": ("rnn = nn.LSTM(4, 6, dropout=0.5)", "rnn = nn.LSTM(4, 6, num_layers=2, dropout=0.5)"),
    "softmax-dim": ("p = nn.Softmax()(torch.randn(3, 4))", "p = nn.Softmax(dim=1)(torch.randn(3, 4))"),
    "broadcast": (
        "error = torch.randn(3, 1) - torch.randn(3)",
        "error = torch.randn(3, 1) - torch.randn(3).unsqueeze(1)",
    ),
}


@pytest.mark.parametrize(("name", "wrong", "right"), [(n, w, r) for n, (w, r) in DOUBTS.items()], ids=DOUBTS)
def test_what_runs_and_is_probably_wrong_is_doubted(name, wrong, right):
    kind = name.split()[0].rstrip(",")
    assert run(wrong)[2] is None or kind == "out-of-range"  # which depends on what is drawn
    assert run(right)[2] is None
    found = read_code(wrong)
    assert [f.kind for f in found.findings] == [kind]
    assert found.verdict == "doubtful"
    assert read_code(right).findings == ()
    (finding,) = found.findings
    if finding.corrected is not None:
        fixed = with_correction(wrong, finding)
        assert run(fixed)[2] is None, fixed
        assert kind not in [f.kind for f in read_code(fixed).findings]


@pytest.mark.parametrize("code", RIGHT.values(), ids=RIGHT)
def test_what_is_right_is_not_doubted(code):
    assert [f.kind for f in read_code(code).findings] in ([], ["unbatched"])


@pytest.mark.parametrize(
    ("code", "named"),
    [
        ("x = torch.randn(3)\nwhile True:\n    x = x + 1", "too many times"),
        ("import requests\nx = requests.get('a')", "import requests"),
        ("import numpy as np\nx = np.fft.fft(np.zeros(3))", "numpy.fft"),
        ("x = __import__('os').system('true')", "__import__"),
        ("x = torch.randn(3)\nmatch x:\n    case None:\n        x = 1", "match"),
        ("x = open('a').read()", "open"),
        ("x = eval('1')", "eval"),
        ("x = 10 ** 10 ** 10", "64 bits"),
        ("x = torch.fft.fft(torch.randn(3))", "torch.fft"),
        ("x = torch.randn(3, 3).cholesky()", "numbers that are not known"),
        ("x = nn.Fold(3, 4)", "torch.nn.Fold"),
        ("%matplotlib inline", "notebook"),
        ("@cache\ndef x():\n    pass", "@cache"),
    ],
)
def test_what_is_not_understood_is_named_and_nothing_is_claimed(code, named):
    reading = read_code(code + "\ny = x\nz = torch.cat([y, torch.zeros(2, 3)]).view(7)")
    assert reading.stops_at is None
    assert reading.verdict == "unknown"
    assert named in str(reading.findings[0].sentence)
    assert all(f.verdict == "unknown" for f in reading.findings)
    assert {name.text for name in reading.names} <= {"unknown", "(3,)"}


@pytest.mark.parametrize("code", [*RIGHT.values(), *WRONG.values()], ids=[*RIGHT, *WRONG])
def test_it_is_known_into_what_a_gradient_flows(code):
    """Otherwise `.backward()` and `.numpy()` could not be judged."""
    names, _, _ = run(code)
    read = reader.Reader(parse_paste(code), tries=False)
    read.run()
    for name, value in read.globals.names.items():
        if isinstance(value, torch.Tensor) and isinstance(names.get(name), torch.Tensor):
            assert value.requires_grad == names[name].requires_grad, name


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("rnn = nn.LTSM(4, 6)", "LSTM"),
        ("x = torch.rnadn(3)", "randn"),
        ("y = torch.randn(3).unsqeeze(0)", "unsqueeze"),
        ("class Net(nn.Module):\n    def foward(self, x):\n        return x\ny = Net()(1)", "foward"),
    ],
)
def test_what_was_probably_meant_is_said(code, meant):
    (finding,) = read_code(code).findings
    assert finding.verdict == "raises"
    assert meant in str(finding.fix)


def test_a_name_that_is_not_there_is_asked_for():
    reading = read_code("rnn = nn.GRU(4, 6)\nout, h = rnn(inputs)\ny = out[-1]")
    assert "inputs is not defined" in str(reading.findings[0].sentence)
    assert [line.verdict for line in reading.lines] == ["ok", "unknown", "unknown"]
    assert reading.names_after(2)["out"].text == "unknown"


def test_the_axes_of_a_result_are_named():
    reading = read_code(
        "rnn = nn.LSTM(4, 6, 2, batch_first=True, bidirectional=True)\nout, (h, c) = rnn(torch.randn(3, 5, 4))"
    )
    names = {name.name: name.axes for name in reading.names}
    assert names["out"] == ("N", "L", "D*H_out")
    assert names["h"] == names["c"] == ("D*num_layers", "N", "H_out")


@pytest.mark.parametrize(
    ("change", "axes"),
    [
        ("transpose(0, 1)", ("L", "N", "H_out")),
        ("permute(2, 0, 1)", ("H_out", "N", "L")),
        ("reshape(15, 6)", ("N*L", "H_out")),
        ("reshape(-1)", ("N*L*H_out",)),
        ("reshape(3, 5, 2, 3)", ("N", "L", "", "")),
        ("unsqueeze(1)", ("N", "", "L", "H_out")),
        ("mean(1)", ("N", "H_out")),
        ("argmax(-1)", ("N", "L")),
        ("float()", ("N", "L", "H_out")),
    ],
)
def test_words_of_axes_are_followed(change, axes):
    reading = read_code(f"out, _ = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))\ny = out.{change}")
    assert reading.names_after(2)["y"].axes == axes


def test_after_a_line_that_raises_the_rest_is_read_but_not_reached():
    code = "x = torch.randn(3, 4)\ny = x.view(5)\nz = x.t()\nw = y + z"
    reading = read_code(code)
    assert [(line.verdict, line.is_reached) for line in reading.lines] == [
        ("ok", True),
        ("raises", True),
        ("ok", False),
        ("unknown", False),
    ]
    assert reading.names_after(4)["z"].shape == (4, 3)


def test_prompts_and_what_was_printed_are_left_out():
    code = ">>> x = torch.randn(3, 4)\n>>> for t in range(2):\n...     y = x[t]\n>>> x.shape\ntorch.Size([3, 4])"
    reading = read_code(code)
    assert {name.name: name.text for name in reading.names} == {"x": "(3, 4)", "t": "1", "y": "(4,)"}
    assert reading.verdict == "ok"


def test_an_indented_paste_is_read():
    reading = read_code("    x = torch.randn(3)\n\n    if len(x) == 3:\n        y = x + 1\n")
    assert [name.name for name in reading.names] == ["x", "y"]


def test_equal_texts_give_equal_readings():
    for code in (*RIGHT.values(), *WRONG.values()):
        assert read_code(code) == read_code(code)


HOSTILE = {
    "huge": "x = torch.randn(10**9, 10**9)",
    "power": "x = 10**10**10",
    "powers": "x = 9**9**9**9**9\ny = 2**-10**9\nz = (-7)**(10**18)",
    "shift": "x = 1 << 10**10",
    "list": "x = [0] * 10**10\ny = (1,) * 10**10\nz = 'a' * 10**10",
    "doubling": "x = (1, 2)\n" + "x = (x, x)\n" * 200,
    "list in itself": "x = []\nx.append(x)\ny = torch.stack(x)",
    "appending": "x = []\nfor i in range(10**6):\n    x.append(i)",
    "loops": "n = 0\nfor i in range(10**9):\n    for j in range(10**9):\n        n = n + j",
    "recursion": "def f(x):\n    return f(x) + f(x)\ny = f(1)",
    "texts": "x = 'a' * 1000\nfor i in range(60):\n    x = x + x\ny = '-'.join([x, x])",
    "lists in lists": "x = []\nfor i in range(3000):\n    x = [x]\nprint(x)",
    "tuple in its list": "x = [0]\nx[0] = (x,)\nx += ((x,),)\nx.append((x,))\nprint(x)",
    "dictionaries": "x = {0: 1}\nfor i in range(200):\n    x = {0: x, 1: x}\nx[2] = x\nprint(x)",
    "growing dictionary": "x = {}\nfor i in range(10**6):\n    x[i] = i",
    "comprehensions": "x = [[i for i in range(1900)] for j in range(1900)]\ny = {i: i for i in range(10**12)}",
    "sorted": "x = sorted(range(10**12))\ny = set(range(10**12))\nz = sorted(torch.randn(3))",
    "while": "i = 0\nwhile i < 10**12:\n    i += 1\nwhile True:\n    while True:\n        if i: break",
    "break": "break\nx = 1\ntry:\n    x = 2\nexcept ValueError:\n    break\ncontinue",
    "lambda": "f = lambda x: f(x) + f(x)\ny = f(1)",
    "einsum": f"x = torch.einsum('{'a' * 9000}->', torch.randn(3))\ny = torch.einsum('{',' * 9000}', torch.randn(3))",
    "modules": "m = nn.Linear(1, 1)\n" + "m = nn.Sequential(m, m)\n" * 60,
    "modules in modules": "m = nn.Linear(1, 1)\nfor i in range(3000):\n    m = nn.Sequential(m)",
    "module in itself": "m = nn.ModuleList()\nm.append(m)\nn = sum(p.numel() for p in m.parameters())\nprint(m)",
    "object in itself": (
        "class A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = self\n"
        "a = A()\nn = sum(p.numel() for p in a.parameters())"
    ),
    "weights": (
        "m = nn.ModuleList([nn.LSTM(9, 9, 100, bidirectional=True) for i in range(150)])\n"
        "for i in range(4000):\n    n = list(m.parameters()) + list(m[0].parameters())"
    ),
    "arrays": "import numpy as np\nx = np.zeros((10**9, 10**9))\nfor r in x: y = r\nz = np.eye(10**9)[[0] * 1999]",
    "spelling": f"x = torch.{'a' * 9000}\ny = nn.{'LSTM' * 2000}(1)",
    "insides": "x = ().__class__.__bases__[0]\ny = (lambda: 0).__globals__\nz = 'a'.__format__('>99999999')",
    "no sizes": "rnn = nn.LSTM(None, 6)\nout, h = rnn(torch.randn(5, 3, 4))",
    "brackets": "(" * 5000,
    "balanced": "x = " + "(" * 150 + "1" + ")" * 150,
    "minus": "x = " + "-" * 9000 + "1",
    "not": "x = " + "not " * 4000 + "1",
    "subscripts": "x = y" + "[0]" * 5000,
    "attributes": "x = y" + ".a" * 8000,
    "sum": "x = " + "+".join("1" * 5000),
    "lambdas": "x = " + "lambda: " * 2000 + "1",
    "conditions": "x = " + "1 if 1 else " * 1500 + "1",
    "indentation": "".join(" " * i + "if 1:\n" for i in range(99)) + " " * 99 + "x = 1",
    "statements": "x=1;" * 4000,
    "lines": "\n" * 10_000,
    "megabyte": "x = torch.randn(3)\n" * 60_000,
    "one line": "x" * 1_000_000,
    "nul": "x = 1\x00",
    "surrogate": "x = '\ud800'",
    "byte order mark": "\ufeffx = 1",
    "digits": "x = " + "9" * 15_000,
    "escape": "x = '\\d'",
    "axes": f"x = torch.randn({', '.join(['1'] * 3000)})\ny = x.view({', '.join(['1'] * 3000)})",
    "unsqueezing": "x = torch.randn(1)\n" + "x = x.unsqueeze(0)\n" * 300,
    "arange": "x = torch.arange(10**18)\ny = torch.arange(0, 1, 1e-300)\nz = torch.arange(-1e308, 1e308, 1e-308)",
    "infinite": "x = 1e999\ny = int(x)\nz = torch.randn(3) * x\nw = torch.arange(x)\nv = x - x\nu = int(v)",
    "rows": "x = torch.randn(10**12, 2)\na, b = x\nfor r in x:\n    y = r",
    "pieces": "x = torch.randn(10**12).split(1)\ny = torch.randn(10**12).chunk(10**12)",
    "repeat": "x = torch.randn(10**9).repeat(10**9, 10**9)\ny = x.expand(10**9, 10**9, 10**9)",
    "layers": (
        "rnn = nn.LSTM(10**9, 10**9, 10**9, bidirectional=True)\n"
        "out, h = rnn(torch.randn(10**9, 10**9, 10**9))\np = rnn.parameters()"
    ),
    "targets": "a, *b, *c = 1, 2\n",
    "targets 2": "a, *b = 1\n(x): int\nx.y.z = 3\nf().a = 2\n[a, [b, *c]] = [1, [2, 3]]",
    "names": "len = 3\ntorch = 4\nx = torch.randn(len)\nnn = F = print",
    "builtins": "x = len\ny = len()\nz = range()\nw = range(1, 2, 0)\nv = print\nu = max()\nt = sum(3)\ns = zip(1)",
    "self": "class A(A):\n    pass\nclass B:\n    def __init__(self):\n        self.b = B()\nb = B()",
    "format": "x = f'{1:{2}}{torch.randn(3)!r:>10}{{}}'\nprint(x, *[1], sep='')",
    "braces": "x = torch.randn(3, 4)\ny = x.view({'{}': '{a}'})\nz = x[{1: 2}]\nw = x.t().view(-1, {'}{'})",
    "empty": "",
    "blank": "   \n\t\n",
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE)
def test_hostile_code_is_answered(code):
    start = time.process_time()
    reading = read_code(code)
    assert time.process_time() - start < 20  # generously: it could go on for ever
    assert reading.problem is not None or isinstance(reading.lines, tuple)
    for finding in reading.findings:
        assert len(str(finding.sentence)) < 1000


def test_what_no_memory_would_hold_has_its_shape_and_a_doubt():
    reading = read_code("x = torch.randn(10**9, 10**9)")
    assert reading.names[0].shape == (10**9, 10**9)
    assert [f.kind for f in reading.findings] == ["too-large"]


WORDS = [
    "x",
    "y",
    "h",
    "out",
    "rnn",
    "torch",
    "nn",
    "F",
    "self",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    ".",
    "=",
    "==",
    "+",
    "-",
]
WORDS += [
    "*",
    "**",
    "/",
    "//",
    "@",
    "\n",
    "\n    ",
    "for ",
    " in ",
    "range",
    "if ",
    "def ",
    "class ",
    "return ",
    "lambda ",
]
WORDS += [
    "0",
    "1",
    "2",
    "-1",
    "3.5",
    "None",
    "True",
    "'a'",
    "...",
    "# (N, L)",
    "torch.randn(3, 4)",
    "nn.LSTM(4, 6)",
    "x, y",
]
WORDS += [
    ".view(",
    ".size(",
    ".shape",
    "[:, -1]",
    "print(",
    "assert ",
    "with ",
    "import ",
    "*x",
    "f'{x}'",
    "\\",
    "\x00",
    ">>> ",
]


@given(st.one_of(st.text(max_size=200), st.lists(st.sampled_from(WORDS), max_size=60).map("".join)))
@settings(max_examples=300)
def test_any_text_is_answered(text):
    reading = read_code(text)
    assert reading.verdict in ("ok", "unknown", "doubtful", "raises")


@given(st.sampled_from(list({**RIGHT, **WRONG}.values())), st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_damaged_code_is_answered(code, draw):
    for _ in range(draw.randint(1, 3)):
        start = draw.randrange(len(code))
        code = code[:start] + draw.choice(["", *WORDS]) + code[start + draw.randint(0, 4) :]
    assert read_code(code) is not None


OPERATIONS = (
    "{x}.view({a}, -1)",
    "{x}.view(-1)",
    "{x}.reshape(-1, {a})",
    "{x}.transpose({i}, {j})",
    "{x}.permute(1, 0, 2)",
    "{x}.squeeze({i})",
    "{x}.unsqueeze({i})",
    "{x}.flatten({i})",
    "{x}.t()",
    "{x}.contiguous()",
    "{x}[:, -1]",
    "{x}[{i}]",
    "{x}[..., :{a}]",
    "{x}[:, None]",
    "{x}[[0, {a}]]",
    "{x} + {y}",
    "{x} / 2",
    "{x} @ {y}",
    "{x} @ {y}.transpose(-1, -2)",
    "torch.cat([{x}, {y}], dim={i})",
    "torch.stack([{x}, {y}], {i})",
    "{x}.mean({i})",
    "{x}.argmax({i})",
    "{x}.softmax({i})",
    "{x}.float()",
    "{x}.long()",
    "nn.Linear({x}.size(-1), {a})({x})",
    "nn.Linear({a}, 3)({x})",
    "nn.{cell}({x}.size(-1), {a}, batch_first={first}, bidirectional={both})({x})[0]",
    "nn.{cell}({a}, 3, 2)({x})[0]",
    "nn.GRU({x}.size(-1), {a}, 2)({x})[1]",
    "nn.RNN({x}.size(-1), 3)({x}, torch.zeros(1, {a}, 3))[0]",
    "F.cross_entropy({x}, {y})",
    "F.cross_entropy({x}, {y}.argmax(-1))",
    "{x}.expand({a}, -1, -1)",
    "{x}.repeat({a}, 1, 1)",
    "{x}.sum({i}, keepdim=True)",
    "{x} > 0",
)


BLOCKS = (
    """class Net{n}(nn.Module):
    def __init__(self, size, hidden={b}):
        super().__init__()
        self.rnn = nn.{cell}(size, hidden, batch_first={first}, bidirectional={both})
        self.head = nn.Linear(hidden, {a})

    def forward(self, x, state=None):
        out, state = self.rnn(x, state)
        return self.head(out[:, -1])

x{n} = Net{n}({x}.shape[-1])({x})""",
    """steps{n} = []
for t in range({x}.size({i})):
    step = {x}[t]
    if t > {a}:
        steps{n}.append(step * t)
    else:
        steps{n}.append(step[:{b}])
x{n} = torch.stack(steps{n})""",
    """m{n} = nn.Linear({x}.size(-1), {b})
o{n} = torch.optim.{optimizer}(m{n}.parameters(), lr=0.1)
for step in range({a}):
    o{n}.zero_grad()
    loss{n} = {loss}(m{n}({x}), {y})
    loss{n}.backward()
    o{n}.step()
x{n} = m{n}.weight.detach()""",
    """cell{n} = nn.{cell}Cell({x}.shape[-1], {b})
state{n} = None
for step in {x}:
    state{n} = cell{n}(step, state{n})
x{n} = state{n}[0] if isinstance(state{n}, tuple) else state{n}""",
    """packed{n} = pack_padded_sequence({x}, [{a}, {b}, 1][:{x}.size(1)], batch_first={first}, enforce_sorted={both})
out{n}, state{n} = nn.{cell}({x}.size(-1), {a})(packed{n})
x{n}, lengths{n} = pad_packed_sequence(out{n}, batch_first={both})""",
    """def scale{n}(x, by={a}, *rest, **more):
    for part in rest:
        x = x + part
    return x * by if {first} else x.sum(more.get("dim", 0))
x{n} = scale{n}({x}, {b}, {y}, dim={i})""",
    """sizes{n} = [len(part) + {a} for part in {x} if part.dim() > {b} - 2]
x{n} = torch.zeros(sizes{n}[:2] + [{a}])""",
    """x{n} = {x}.clone()
x{n}[:, {i}] = {y}[{a} - 1] if x{n}.dim() > 2 else 0
x{n} += 1""",
    """x{n} = nn.Sequential(nn.Linear({x}.shape[-1], {b}), nn.{layer}, nn.Linear({b}, {a}))({x})""",
    """x{n} = nn.Embedding(9, {a})(torch.randint(0, 9, {x}.shape[:2]))
n{n} = sum(p.numel() for p in nn.{cell}({a}, {b}).parameters())""",
    """t{n} = 0
while t{n} < {a}:
    t{n} += 1
    x{n} = {x}[t{n} - 1:] if t{n} % 2 else {x}.transpose({i}, {j})""",
)


def random_program(draw, count=7):
    """Write code that makes a tensor a block, from the ones before; return what torch makes of it, and its error."""
    code, names, error = "x0 = torch.randn(2, 3, 4)\nx1 = torch.randn(3, 2, 4)", dict(NAMES), None
    with warnings.catch_warnings(action="ignore"), torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        exec(code, names)
        for number in range(2, count + 2):
            before = dict(names)
            block = _block(draw, number)
            error = _raised(code, block, names)
            if error is not None and draw.random() < 0.8:
                names, error = before, None
                block = f"x{number} = torch.randn({draw.randint(1, 4)}, {draw.randint(1, 4)}, {draw.randint(1, 4)})"
                exec(block, names)
            code += f"\n{block}"
            if error is not None:
                break
    return code, names, error


def _block(draw, number):
    text = draw.choice(BLOCKS if draw.random() < 0.35 else OPERATIONS)
    filled = text.format(
        n=number,
        x=f"x{draw.randrange(number)}",
        y=f"x{draw.randrange(number)}",
        a=draw.randint(1, 4),
        b=draw.randint(1, 4),
        i=draw.randint(-2, 2),
        j=draw.randint(-2, 2),
        cell=draw.choice(["RNN", "LSTM", "GRU"]),
        first=draw.random() < 0.5,
        both=draw.random() < 0.5,
        loss=draw.choice(["F.mse_loss", "nn.L1Loss()", "F.cross_entropy", "F.binary_cross_entropy_with_logits"]),
        optimizer=draw.choice(["SGD", "Adam", "RMSprop"]),
        layer=draw.choice(["ReLU()", "Tanh()", "Dropout(0.5)", "Softmax(dim=-1)"]),
    )
    return filled if text in BLOCKS else f"x{number} = {filled}"


def _raised(code, block, names):
    """Run a block in its place below the code; return (line, class, message) of an exception."""
    try:
        exec(compile("\n" * (code.count("\n") + 1) + block, "<paste>", "exec"), names)
    except Exception as raised:
        frames = [f for f in traceback.extract_tb(raised.__traceback__) if f.filename == "<paste>"]
        return frames[-1].lineno, type(raised).__name__, str(raised)
    return None


@given(st.integers(0, 10**6))
@settings(max_examples=300)
def test_random_code_is_read_as_torch_runs_it(seed):
    code, names, error = random_program(random.Random(seed))
    reading = read_code(code)
    unknown = {f.number for f in reading.findings if f.verdict == "unknown"}
    if error is None:
        assert reading.stops_at is None, code
    elif " is out of bounds." in error[2] and error[2].startswith("Target "):  # what was drawn decides
        assert "out-of-range" in [f.kind for f in reading.findings if f.number == error[0]], code
    elif error[0] not in unknown:
        told = [(f.number, f.error, f.message) for f in reading.findings if f.verdict == "raises"]
        assert told[0] == error, code
        assert reading.stops_at == error[0]
    for value in reading.names:
        if value.name in names and value.shape is not None:
            assert (value.shape, f"torch.{value.dtype}") == (
                tuple(names[value.name].shape),
                str(names[value.name].dtype),
            ), code

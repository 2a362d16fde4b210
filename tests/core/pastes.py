"""Code as learners paste it, and a way to really run it."""

import contextlib
import io
import traceback
import warnings

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import rnn as packing

from tests.core import forum_pastes
from tests.core.ordinary_pastes import ORDINARY

NAMES = {
    "torch": torch,
    "nn": nn,
    "F": functional,
    "pack_padded_sequence": packing.pack_padded_sequence,
    "pad_packed_sequence": packing.pad_packed_sequence,
    "pad_sequence": packing.pad_sequence,
    "__name__": "__main__",
}


def run(code):
    """Run code as its reader would; return its names, what it printed and (line, class, message) of an exception."""
    names, printed, error = dict(NAMES), io.StringIO(), None
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(printed):
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        try:
            exec(compile(code, "<paste>", "exec"), names)
        except Exception as raised:
            frames = [f for f in traceback.extract_tb(raised.__traceback__) if f.filename == "<paste>"]
            error = (frames[-1].lineno, type(raised).__name__, str(raised))
    return names, printed.getvalue(), error


RIGHT = {
    "lstm": """
import torch
import torch.nn as nn
rnn = nn.LSTM(10, 20, 2, batch_first=True, bidirectional=True)
x = torch.randn(5, 3, 10)
out, (h, c) = rnn(x)
""",
    "named sizes": """
from torch import nn
batch_size, seq_len = 3, 5  # two names
features = 2 * 5
hidden = features ** 2 // 5 - 1 % 7
rnn = nn.GRU(input_size=features, hidden_size=hidden, num_layers=2)
x = torch.zeros(seq_len, batch_size, features)
h_0 = torch.zeros(2, batch_size, hidden)
output, h_n = rnn(x, h_0)
N = output.size(1)
L, _, H = output.shape
y = output.view(L * N, -1)
""",
    "unbatched": "rnn = nn.RNN(4, 6, nonlinearity='relu')\noutput, h_n = rnn(torch.randn(7, 4), torch.zeros(1, 6))",
    "projection": "rnn = nn.LSTM(4, 6, 2, proj_size=3)\noutput, (h, c) = rnn(torch.randn(7, 2, 4))",
    "projection both": (
        "rnn = nn.LSTM(4, 6, 2, proj_size=3, bidirectional=True)\noutput, (h, c) = rnn(torch.randn(7, 2, 4))"
    ),
    "cell loop": """
cell = nn.LSTMCell(10, 20)
x = torch.randn(6, 3, 10)
h, c = torch.zeros(3, 20), torch.zeros(3, 20)
steps = []
for t in range(x.size(0)):
    h, c = cell(x[t], (h, c))
    steps.append(h)
out = torch.stack(steps)
last = steps[-1]
""",
    "gru cell": "cell = nn.GRUCell(4, 5)\nh = None\nfor x in torch.randn(3, 2, 4):\n    h = cell(x, h)",
    "rnn cell unbatched": "h = nn.RNNCell(4, 5)(torch.randn(4))",
    "embedding": """
indices = torch.tensor([[1, 2, 3], [4, 5, 0]])
table = nn.Embedding(6, 4)
x = table(indices)
output, h_n = nn.GRU(4, 8, batch_first=True)(x)
logits = nn.Linear(8, 6)(output)
loss = F.cross_entropy(logits.reshape(-1, 6), indices.reshape(-1))
""",
    "one-hot": """
indices = torch.arange(5)
rows = F.one_hot(indices, num_classes=7)
x = rows.float().unsqueeze(1)
eye = torch.eye(7)[indices]
small = F.one_hot(torch.tensor([0, 3]))
""",
    "class axis": """
logits = torch.randn(2, 5, 7)
target = torch.randint(0, 7, (2, 5))
loss = nn.CrossEntropyLoss()(logits.transpose(1, 2), target)
each = nn.CrossEntropyLoss(reduction="none")(logits.permute(0, 2, 1), target)
soft = F.cross_entropy(torch.randn(3, 4), torch.softmax(torch.randn(3, 4), dim=1))
one = F.cross_entropy(torch.randn(4), torch.tensor(2))
""",
    "nll": "loss = nn.NLLLoss()(nn.LogSoftmax(dim=1)(torch.randn(3, 4)), torch.randint(4, (3,)))",
    "softmax": "p = nn.Softmax(dim=-1)(torch.randn(3, 4))\nq = F.log_softmax(p, dim=0)\nr = p.softmax(1).sum(1)",
    "pointwise": (
        "a = nn.ReLU()(torch.randn(3))\nb = nn.Tanh()(a)\nc = nn.Dropout(0.5)(b)\nd = torch.sigmoid(c) * 2 - 1"
    ),
    "packing": """
lengths = torch.tensor([5, 3, 2])
x = torch.randn(3, 5, 4)
packed = pack_padded_sequence(x, lengths, batch_first=True)
packed_output, h_n = nn.GRU(4, 8, batch_first=True)(packed)
output, again = pad_packed_sequence(packed_output, batch_first=True)
data = packed_output.data
last = output[torch.arange(3), lengths - 1]
""",
    "packing unsorted": """
x = torch.randn(5, 3, 4)
packed = pack_padded_sequence(x, [2, 4, 3], enforce_sorted=False)
output, lengths = pad_packed_sequence(nn.LSTM(4, 6)(packed)[0], total_length=6)
""",
    "packing with a state": """
packed = pack_padded_sequence(torch.randn(5, 3, 4), [5, 4, 1])
out, h = nn.GRU(4, 6)(packed, torch.zeros(1, 3, 6))
out2, (h2, c2) = nn.LSTM(4, 6)(packed, (torch.zeros(1, 3, 6), torch.zeros(1, 3, 6)))
""",
    "padding": "x = pad_sequence([torch.randn(3, 4), torch.randn(5, 4)], batch_first=True)\ny = x.transpose(0, 1)",
    "views": """
x = torch.randn(4, 6)
a, b, c = x.view(2, 2, 6), x.view(-1), x.view(3, -1, 2)
d = x.t().contiguous().view(24)
e = x.T.reshape(2, 12)
f = x[None, :, None].squeeze()
g = x.unsqueeze(-1).squeeze(2).flatten()
h = a.flatten(1)
i = a.permute(2, 0, 1)
j = a.transpose(0, -1)
""",
    "view of a transposed tensor": (
        "x = torch.randn(5, 3, 4).transpose(0, 1)\ny = x.view(3, 5, 2, 2)\nz = x[:, 0].view(12)"
    ),
    "view of what batch_first returns": """
output, _ = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))
a = output[:, -1].view(3, 2, 3)
b = output.reshape(-1, 6)
c = output.transpose(0, 1).view(15, 6)
""",
    "indexing": """
x = torch.randn(5, 3, 8)
a, b, c, d = x[0], x[:, -1], x[..., :4], x[-1, :, 4:]
e, f, g = x[1:4], x[::2], x[:, None]
h = x[[0, 2]]
i = x[torch.tensor([0, 1]), torch.tensor([1, 2])]
j = x[torch.zeros(2, 3).long()]
k = x[4:2]
""",
    "reductions": """
x = torch.randn(5, 3, 8)
a, b, c = x.mean(), x.sum(1), x.mean(dim=(0, 2))
d = x.sum(-1, keepdim=True)
e, f = x.argmax(-1), x.max()
g, h = x.max(1)
i = x.max(dim=2).values
j = torch.ones(3).long().sum()
k = x.argmax(dim=0, keepdim=True)
""",
    "arithmetic": """
x, y = torch.randn(5, 3), torch.randn(3)
a = x + y * 2 - 1 / x
b = x @ y
c = x @ torch.randn(3, 4)
d = torch.randn(2, 5, 3) @ torch.randn(3, 4)
e = torch.bmm(torch.randn(2, 5, 3), torch.randn(2, 3, 4))
f = torch.arange(3) / 2
g = torch.arange(3) * 2
h = x > 0
i = torch.arange(3) + 1.5
x += y
""",
    "joins": """
a, b = torch.randn(2, 3), torch.randn(4, 3)
c = torch.cat([a, b])
d = torch.cat((a, a, torch.zeros(2, 3).long()), dim=1)
e = torch.stack([a, a], dim=1)
f = torch.stack((a,), -1)
""",
    "factories": """
a, b, c = torch.ones(2, 3), torch.rand((2, 3)), torch.zeros([2, 3], dtype=torch.long)
d, e, f = torch.full((2, 3), 7), torch.full((2,), 1.5), torch.arange(1, 9, 3)
g, h = torch.randint(5, (2, 3)), torch.randint(0, 5, size=(4,))
i, j = torch.zeros_like(c), torch.tensor([[1.0, 2.0]])
k = torch.empty(a.shape)
l = torch.randn(*a.shape, 4)
""",
    "sequential": "net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))\ny = net(torch.randn(3, 4))",
    "weights": (
        "rnn = nn.LSTM(3, 4, bidirectional=True)\nw = rnn.weight_ih_l0_reverse\n"
        "n = sum(p.numel() for p in rnn.parameters())"
    ),
    "summary": """
rnn = nn.LSTM(10, 20, 2, bidirectional=True)
out, (h, c) = rnn(torch.randn(5, 3, 10))
summary = torch.cat([h[-2], h[-1]], dim=-1)
forward, backward = out[-1, :, :20], out[0, :, 20:]
layers = h.view(2, 2, 3, 20)
""",
    "class": """
import torch
import torch.nn as nn

class CharRNN(nn.Module):
    def __init__(self, vocab_size, hidden_size, num_layers=1):
        super(CharRNN, self).__init__()
        self.hidden_size = hidden_size
        self.embedding = nn.Embedding(vocab_size, hidden_size)
        self.rnn = nn.LSTM(hidden_size, hidden_size, num_layers, batch_first=True)
        self.fc = nn.Linear(hidden_size, vocab_size)

    def forward(self, x, hidden=None):
        out, hidden = self.rnn(self.embedding(x), hidden)
        return self.fc(out), hidden

model = CharRNN(30, 16)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = model.to(device)
x = torch.randint(0, 30, (4, 12)).to(device)
y = torch.randint(0, 30, (4, 12)).to(device)
for epoch in range(3):
    optimizer.zero_grad()
    out, _ = model(x)
    loss = criterion(out.reshape(-1, 30), y.reshape(-1))
    loss.backward()
    optimizer.step()
    if epoch % 2 == 0:
        print(epoch, loss.item() > 0)
with torch.no_grad():
    best = model(x)[0].argmax(-1)
""",
    "functions": """
def shape_of(x, extra=1):
    n, *rest = x.shape
    return n, len(rest) + extra

n, k = shape_of(torch.randn(4, 5, 6))
m, _ = shape_of(torch.zeros(2, 2), extra=3)
""",
    "conditions": (
        "x = torch.randn(3, 4)\nif x.dim() == 2 and len(x) > 2:\n    x = x[None]\nelse:\n    x = x[0]\n"
        "y = x if x.ndim == 3 else None"
    ),
    "assertions": """
out, h = nn.GRU(4, 6)(torch.randn(5, 3, 4))
assert out.shape == (5, 3, 6)
assert h.shape == torch.Size([1, 3, 6]), "h_n"
assert out.size(-1) == 6 and out.dtype == torch.float32
""",
    "cast of a slice": "x = torch.randn(3, 2, 4)\ny = x[:, -1].long().view(1, -1)",
    "looking for things": "n = 3\nassert n in (3, 4) and n not in [5] and n in range(4) and 'L' in 'NLH'",
    "several lines": (
        "x = torch.zeros(\n    2,\n    3,  # features\n)\ny = (x\n     .unsqueeze(0)\n     .transpose(0, 1))"
    ),
    **forum_pastes.RIGHT,
    **ORDINARY,
}

WRONG = {
    "features": "rnn = nn.LSTM(10, 20)\nout, h = rnn(torch.randn(5, 3, 7))",
    "features first": "rnn = nn.GRU(10, 20)\nx = torch.randn(10, 5, 3)\nout, h = rnn(x)",
    "input of one axis": "out, h = nn.RNN(4, 6)(torch.randn(4))",
    "lstm of one axis": "out, h = nn.LSTM(4, 6)(torch.arange(4).float())",
    "input of four axes": "x = torch.randn(1, 5, 3, 4)\nout, h = nn.GRU(4, 6)(x)",
    "long input": "x = torch.zeros(5, 3, 4).long()\nout, h = nn.LSTM(4, 6)(x)",
    "double input": "x = torch.zeros(5, 3, 4).double()\nout, h = nn.RNN(4, 6)(x)",
    "h_0 batch first": (
        "rnn = nn.GRU(4, 6, 2, batch_first=True)\nx = torch.randn(3, 5, 4)\nh0 = torch.zeros(3, 2, 6)\n"
        "out, h = rnn(x, h0)"
    ),
    "h_0 without layers": "rnn = nn.GRU(4, 6)\nout, h = rnn(torch.randn(5, 3, 4), torch.zeros(3, 6))",
    "h_0 of another batch": "rnn = nn.RNN(4, 6)\nout, h = rnn(torch.randn(5, 2, 4), torch.zeros(1, 3, 6))",
    "h_0 without directions": (
        "rnn = nn.GRU(4, 6, bidirectional=True)\nout, h = rnn(torch.randn(5, 2, 4), torch.zeros(1, 2, 6))"
    ),
    "h_0 batched for unbatched": "rnn = nn.GRU(4, 6)\nout, h = rnn(torch.randn(5, 4), torch.zeros(1, 1, 6))",
    "h_0 unbatched size": "rnn = nn.GRU(4, 6)\nout, h = rnn(torch.randn(5, 4), torch.zeros(2, 6))",
    "lstm with h alone": "rnn = nn.LSTM(4, 6, 2)\nh0 = torch.zeros(2, 3, 6)\nout, h = rnn(torch.randn(5, 3, 4), h0)",
    "lstm with h of one layer": "rnn = nn.LSTM(4, 6)\nout, h = rnn(torch.randn(5, 3, 4), torch.zeros(1, 3, 6))",
    "lstm with three arguments": (
        "rnn = nn.LSTM(4, 6)\nz = torch.zeros(1, 3, 6)\nout, h = rnn(torch.randn(5, 3, 4), z, z)"
    ),
    "c_0 of another size": (
        "rnn = nn.LSTM(4, 6)\nout, h = rnn(torch.randn(5, 3, 4), (torch.zeros(1, 3, 6), torch.zeros(1, 2, 6)))"
    ),
    "gru with a pair": "z = torch.zeros(1, 3, 6)\nout, h = nn.GRU(4, 6)(torch.randn(5, 3, 4), (z, z))",
    "lstm unpacked flat": "out, h, c = nn.LSTM(4, 6)(torch.randn(5, 3, 4))",
    "gru unpacked deep": "out, (h, c) = nn.GRU(4, 6)(torch.randn(5, 3, 4))",
    "not unpacked": "out = nn.LSTM(4, 6)(torch.randn(5, 3, 4))\nprint(out.shape)",
    "state not unpacked": "out, h = nn.LSTM(4, 6)(torch.randn(5, 3, 4))\nlast = h.view(3, 6)",
    "tuple into linear": "out = nn.RNN(4, 6)(torch.randn(5, 3, 4))\ny = nn.Linear(6, 2)(out)",
    "sequential": "net = nn.Sequential(nn.LSTM(4, 6), nn.Linear(6, 2))\ny = net(torch.randn(5, 3, 4))",
    "linear of a bidirectional output": (
        "out, _ = nn.LSTM(4, 6, bidirectional=True)(torch.randn(5, 3, 4))\nfc = nn.Linear(6, 2)\ny = fc(out[-1])"
    ),
    "linear of long": "y = nn.Linear(4, 2)(torch.arange(4))",
    "linear of a vector": "y = nn.Linear(4, 2)(torch.randn(3))",
    "linear of a fraction": "hidden = 6\ny = nn.Linear(4, 2)(torch.randn(3, 4).view(12 / 4, 4))",
    "embedding of floats": "x = torch.rand(3, 4)\ny = nn.Embedding(5, 2)(x)",
    "embedding out of range": "y = nn.Embedding(5, 2)(torch.tensor([0, 5]))",
    "one-hot of floats": "y = F.one_hot(torch.zeros(3), 4)",
    "one-hot too small": "y = F.one_hot(torch.tensor([1, 4]), 4)",
    "class axis": (
        "logits = torch.randn(2, 5, 7)\ntarget = torch.randint(0, 7, (2, 5))\nloss = F.cross_entropy(logits, target)"
    ),
    "flattened scores only": (
        "logits = torch.randn(2, 5, 7)\ntarget = torch.zeros(2, 5).long()\n"
        "loss = nn.CrossEntropyLoss()(logits.view(-1, 7), target)"
    ),
    "flattened target only": (
        "logits = torch.randn(2, 5, 7)\ntarget = torch.zeros(10).long()\nloss = nn.CrossEntropyLoss()(logits, target)"
    ),
    "float target": "loss = F.cross_entropy(torch.randn(3, 4), torch.zeros(3))",
    "one-hot target of ints": "loss = F.cross_entropy(torch.randn(3, 4), F.one_hot(torch.arange(3), 4))",
    "column target": "loss = F.cross_entropy(torch.randn(3, 4), torch.zeros(3, 1).long())",
    "target out of range": "loss = F.cross_entropy(torch.randn(2, 4), torch.tensor([0, 4]))",
    "loss arguments exchanged": (
        "logits = torch.randn(3, 4)\nloss = nn.CrossEntropyLoss()(torch.zeros(3).long(), logits)"
    ),
    "nll of targets": "loss = nn.NLLLoss()(torch.randn(3, 4), torch.zeros(2).long())",
    "bce shapes": "loss = nn.BCEWithLogitsLoss()(torch.randn(3, 1), torch.rand(3))",
    "softmax axis": "p = F.softmax(torch.randn(3, 4), dim=2)",
    "softmax of long": "p = torch.softmax(torch.ones(3, 4).long(), dim=1)",
    "view size": "x = torch.randn(5, 3, 4)\ny = x.view(5, 10)",
    "view with -1": "x = torch.randn(5, 3)\ny = x.view(-1, 4)",
    "two inferred": "x = torch.randn(5, 3).reshape(-1, -1)",
    "view of a transposed tensor": "x = torch.randn(5, 3, 4)\ny = x.transpose(0, 1).view(3, 20)",
    "view of what batch_first returns": (
        "out, _ = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))\ny = out.view(-1, 6)"
    ),
    "transpose axis": "y = torch.randn(5, 3).transpose(1, 2)",
    "transpose with one axis": "y = torch.randn(5, 3).transpose(1)",
    "permute too few": "y = torch.randn(5, 3, 4).permute(1, 0)",
    "permute twice": "y = torch.randn(5, 3, 4).permute(1, 0, 1)",
    "t of three axes": "x = torch.randn(5, 3, 4)\ny = x.t()",
    "squeeze axis": "y = torch.randn(5, 3).squeeze(2)",
    "unsqueeze axis": "y = torch.randn(5, 3).unsqueeze(3)",
    "broadcast": "a = torch.randn(5, 3)\nb = torch.randn(5)\nc = a + b",
    "product": "a = torch.randn(5, 3)\nc = a @ torch.randn(5, 3)",
    "product of batches": "c = torch.randn(2, 5, 3) @ torch.randn(2, 4, 3)",
    "product with a vector": "c = torch.randn(5, 3) @ torch.randn(5)",
    "bmm of matrices": "c = torch.bmm(torch.randn(5, 3), torch.randn(3, 4))",
    "cat sizes": "a = torch.cat([torch.randn(2, 3), torch.randn(2, 4)])",
    "cat axes": "a = torch.cat([torch.randn(2, 3), torch.randn(3)], dim=0)",
    "cat without a list": "a = torch.cat(torch.randn(2, 3), torch.randn(2, 3))",
    "cat of a tuple": "out = nn.GRU(4, 6)(torch.randn(5, 3, 4))\na = torch.cat([out, out])",
    "stack sizes": "a = torch.stack([torch.randn(2, 3), torch.randn(2, 4)])",
    "index": "x = torch.randn(5, 3)\ny = x[:, 3]",
    "index of a loop": "x = torch.randn(3, 4)\nfor t in range(5):\n    y = x[t]",
    "too many indices": "h = nn.GRU(4, 6)(torch.randn(5, 3, 4))[1]\nlast = h[-1, :, :, 0]",
    "fraction as an index": "x = torch.randn(4, 6)\ny = x[:, 6 / 2]",
    "shape index": "n = torch.randn(5, 3).shape[2]",
    "size": "n = torch.randn(5, 3).size(2)",
    "unpacked shape": "N, L, H = torch.randn(5, 3).shape",
    "argmax axis": "y = torch.randn(5, 3).argmax(2)",
    "mean of long": "m = torch.arange(4).mean()",
    "item": "loss = torch.randn(3)\nprint(loss.item())",
    "backward": "loss = nn.Linear(3, 2)(torch.randn(4, 3))\nloss.backward()",
    "packing lengths": "p = pack_padded_sequence(torch.randn(3, 5, 4), [5, 4, 3, 2, 1], batch_first=True)",
    "packing unsorted": "p = pack_padded_sequence(torch.randn(5, 3, 4), [2, 5, 3])",
    "packed shape": (
        "p = pack_padded_sequence(torch.randn(5, 3, 4), [5, 3, 2])\nout, h = nn.GRU(4, 6)(p)\nprint(out.shape)"
    ),
    "packed into linear": "p = pack_padded_sequence(torch.randn(5, 3, 4), [5, 3, 2])\ny = nn.Linear(4, 2)(p)",
    "packed features": "p = pack_padded_sequence(torch.randn(5, 3, 4), [5, 3, 2])\nout, h = nn.LSTM(5, 6)(p)",
    "packed state": (
        "p = pack_padded_sequence(torch.randn(5, 3, 4), [5, 3, 2])\nout, h = nn.GRU(4, 6)(p, torch.zeros(1, 5, 6))"
    ),
    "cell with a sequence": "h = nn.GRUCell(4, 6)(torch.randn(5, 3, 4))",
    "cell features": "h = nn.RNNCell(4, 6)(torch.randn(3, 5))",
    "cell state": "h = nn.GRUCell(4, 6)(torch.randn(3, 4), torch.zeros(2, 6))",
    "lstm cell with h alone": "h = nn.LSTMCell(4, 6)(torch.randn(3, 4), torch.zeros(3, 6))",
    "module without sizes": "rnn = nn.LSTM(10)",
    "unknown argument": "rnn = nn.GRU(10, 20, layers=2)",
    "no layers": "rnn = nn.GRU(10, 20, 0)",
    "fourth argument of nn.RNN": "rnn = nn.RNN(10, 20, 2, True)",
    "unknown keyword in the call": "out, h = nn.GRU(4, 6)(torch.randn(5, 3, 4), h_0=torch.zeros(1, 3, 6))",
    "no input": "out, h = nn.GRU(4, 6)()",
    "negative size": "x = torch.randn(3, -1)",
    "randint without a tuple": "x = torch.randint(0, 5, 3)",
    "mask": "mask = torch.ones(3) > 0\ny = 1 - mask",
    "assertion": "x = torch.randn(3, 4)\nassert x.shape == (4, 3), 'batch first'",
    "called tensor": "x = torch.randn(3)\ny = x(0)",
    "looking into a number": "n = 3\nassert n in 4",
    "looking for a number in words": "n = 3\nassert n in 'LNH'",
    "whole numbers across": "x = torch.zeros(2, 4, 3).long().transpose(1, 2)\ny = nn.Linear(4, 5)(x)",
    "whole numbers without bias": "x = torch.zeros(2, 3).long()\ny = nn.Linear(3, 5, bias=False)(x)",
    "whole numbers of another size": "x = torch.zeros(2, 4).long()\ny = nn.Linear(3, 5, bias=False)(x)",
    "loss of a loss": "x = torch.randn(3, 4)\nloss = F.cross_entropy(x, x)\nloss = F.cross_entropy(loss, loss)",
    "index of a loss": "x = torch.randn(3, 4)\nloss = x.mean()\ny = loss[2]",
    "first of a loss": "x = torch.randn(3, 4)\nloss = x.mean()\ny = loss[0]",
    "new axis before a product": "x = torch.randn(3, 2, 4)\ny = x[:, None] @ torch.randn(2, 4)",
    "division by zero": "n = 0\nx = torch.randn(4 // n)",
    "in a method": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 6, bidirectional=True)
        self.fc = nn.Linear(6, 2)

    def forward(self, x):
        out, h = self.rnn(x)
        return self.fc(out)

y = Net()(torch.randn(5, 3, 4))
""",
    "on a line of its own": "x = torch.randn(3, 5, 4)\ny = (x\n     .transpose(0, 1)\n     .view(3, 20))",
    "in a loop of a cell": (
        "cell = nn.LSTMCell(4, 6)\nh = torch.zeros(3, 6)\nfor t in range(5):\n    h, c = cell(torch.randn(3, 4), h)"
    ),
    **forum_pastes.WRONG,
}

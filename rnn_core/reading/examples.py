"""Code to begin with: right, doubtful and wrong, as learners write it. A test runs each of them."""

from __future__ import annotations

from collections.abc import Mapping

DEFAULT_EXAMPLE = "batch-first"

EXAMPLES: Mapping[str, str] = {
    "batch-first": """\
import torch
import torch.nn as nn

batch_size, seq_len, vocab_size, hidden_size = 3, 12, 9, 20

x = torch.randn(batch_size, seq_len, vocab_size)
target = torch.randint(0, vocab_size, (batch_size, seq_len))

rnn = nn.LSTM(vocab_size, hidden_size, num_layers=2)
head = nn.Linear(hidden_size, vocab_size)

output, (h_n, c_n) = rnn(x)
logits = head(output)
loss = nn.CrossEntropyLoss()(logits, target)
loss.backward()
""",
    "right": """\
import torch
import torch.nn as nn

class CharRNN(nn.Module):
    def __init__(self, vocab_size, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, 16)
        self.rnn = nn.GRU(16, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, vocab_size)

    def forward(self, indices):
        output, h_n = self.rnn(self.embedding(indices))
        return self.head(output)

model = CharRNN(vocab_size=9, hidden_size=20)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)

text = torch.randint(0, 9, (4, 13))
input, target = text[:, :-1], text[:, 1:]
for step in range(10):
    logits = model(input)
    loss = nn.functional.cross_entropy(logits.transpose(1, 2), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(logits.shape, loss.shape)
""",
    "state": """\
import torch
import torch.nn as nn

batch_size, seq_len = 4, 7
rnn = nn.LSTM(input_size=10, hidden_size=20, num_layers=2, batch_first=True)
x = torch.randn(batch_size, seq_len, 10)

h_0 = torch.zeros(2, batch_size, 20)
output, (h_n, c_n) = rnn(x, h_0)
""",
    "two-directions": """\
import torch
import torch.nn as nn

rnn = nn.GRU(8, 16, batch_first=True, bidirectional=True)
head = nn.Linear(16, 2)

x = torch.randn(4, 11, 8)  # (batch, seq, feature)
output, h_n = rnn(x)

last = output[:, -1]
top = h_n[-1]
scores = head(last)
""",
    "view": """\
import torch
import torch.nn as nn

x = torch.randn(5, 3, 8)  # (seq, batch, feature)
batch_first = x.view(3, 5, 8)

rnn = nn.RNN(8, 6, batch_first=True)
output, h_n = rnn(batch_first)
flat = output.view(-1, 6)
""",
    "padding": """\
import torch
import torch.nn as nn
from torch.nn.utils.rnn import pad_sequence, pack_padded_sequence, pad_packed_sequence

sequences = [torch.randn(5, 8), torch.randn(3, 8), torch.randn(2, 8)]
lengths = [5, 3, 2]
x = pad_sequence(sequences, batch_first=True)

rnn = nn.GRU(8, 6, batch_first=True, dropout=0.5)
output, h_n = rnn(x)
last = output[:, -1]

packed = pack_padded_sequence(x, lengths, batch_first=True)
packed_output, h_n = rnn(packed)
output, lengths = pad_packed_sequence(packed_output, batch_first=True)
""",
    "not-understood": """\
import torch
import torch.nn as nn
import pandas as pd

table = pd.read_csv("prices.csv")
prices = torch.tensor(table["price"].values).float()

rnn = nn.RNN(1, 32, batch_first=True)
output, h_n = rnn(prices.view(1, -1, 1))

days = torch.randn(1, 250, 1)
output, h_n = rnn(days)
scores = torch.sigmoid(output[:, -1]) @ torch.randn(1, 32)
""",
}

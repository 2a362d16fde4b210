"""Code as it stands in questions of beginners: what runs, and what raises."""

RIGHT = {
    "char gen": """
text = "hello world"
chars = sorted(set(text))
stoi = {c: i for i, c in enumerate(chars)}
itos = {i: c for c, i in stoi.items()}
ids = torch.tensor([stoi[c] for c in text])
x, y = ids[:-1], ids[1:]
vocab_size = len(chars)
x = F.one_hot(x, vocab_size).float().unsqueeze(0)
rnn = nn.RNN(vocab_size, 16, batch_first=True)
fc = nn.Linear(16, vocab_size)
out, h = rnn(x)
logits = fc(out)
loss = F.cross_entropy(logits.view(-1, vocab_size), y)
""",
    "pytorch tutorial lstm": """
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim

torch.manual_seed(1)
lstm = nn.LSTM(3, 3)  # Input dim is 3, output dim is 3
inputs = [torch.randn(1, 3) for _ in range(5)]  # make a sequence of length 5

# initialize the hidden state.
hidden = (torch.randn(1, 1, 3),
          torch.randn(1, 1, 3))
for i in inputs:
    out, hidden = lstm(i.view(1, 1, -1), hidden)

inputs = torch.cat(inputs).view(len(inputs), 1, -1)
hidden = (torch.randn(1, 1, 3), torch.randn(1, 1, 3))
out, hidden = lstm(inputs, hidden)
print(out.shape)
""",
    "prepare sequence": """
def prepare_sequence(seq, to_ix):
    idxs = [to_ix[w] for w in seq]
    return torch.tensor(idxs, dtype=torch.long)

training_data = [
    ("The dog ate the apple".split(), ["DET", "NN", "V", "DET", "NN"]),
    ("Everybody read that book".split(), ["NN", "V", "DET", "NN"])
]
word_to_ix = {}
for sent, tags in training_data:
    for word in sent:
        if word not in word_to_ix:
            word_to_ix[word] = len(word_to_ix)
x = prepare_sequence(training_data[0][0], word_to_ix)
emb = nn.Embedding(len(word_to_ix), 6)
y = emb(x)
""",
    "sentiment": """
class RNN(nn.Module):
    def __init__(self, vocab_size, embedding_dim, hidden_dim, output_dim, n_layers, bidirectional, dropout, pad_idx):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embedding_dim, padding_idx = pad_idx)
        self.rnn = nn.LSTM(embedding_dim, hidden_dim, num_layers=n_layers, bidirectional=bidirectional, dropout=dropout)
        self.fc = nn.Linear(hidden_dim * 2, output_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, text, text_lengths):
        embedded = self.dropout(self.embedding(text))
        packed_embedded = nn.utils.rnn.pack_padded_sequence(embedded, text_lengths.to('cpu'))
        packed_output, (hidden, cell) = self.rnn(packed_embedded)
        output, output_lengths = nn.utils.rnn.pad_packed_sequence(packed_output)
        hidden = self.dropout(torch.cat((hidden[-2,:,:], hidden[-1,:,:]), dim = 1))
        return self.fc(hidden)

model = RNN(500, 100, 256, 1, 2, True, 0.5, 1)
text = torch.randint(0, 500, (9, 3))
predictions = model(text, torch.tensor([9, 7, 4])).squeeze(1)
loss = nn.BCEWithLogitsLoss()(predictions, torch.tensor([1., 0., 1.]))
rounded_preds = torch.round(torch.sigmoid(predictions))
""",
    "encoder decoder": """
class Encoder(nn.Module):
    def __init__(self, input_dim, emb_dim, hid_dim, n_layers, dropout):
        super().__init__()
        self.hid_dim = hid_dim
        self.n_layers = n_layers
        self.embedding = nn.Embedding(input_dim, emb_dim)
        self.rnn = nn.LSTM(emb_dim, hid_dim, n_layers, dropout = dropout)
        self.dropout = nn.Dropout(dropout)

    def forward(self, src):
        #src = [src len, batch size]
        embedded = self.dropout(self.embedding(src))
        #embedded = [src len, batch size, emb dim]
        outputs, (hidden, cell) = self.rnn(embedded)
        return hidden, cell

class Decoder(nn.Module):
    def __init__(self, output_dim, emb_dim, hid_dim, n_layers, dropout):
        super().__init__()
        self.output_dim = output_dim
        self.embedding = nn.Embedding(output_dim, emb_dim)
        self.rnn = nn.LSTM(emb_dim, hid_dim, n_layers, dropout = dropout)
        self.fc_out = nn.Linear(hid_dim, output_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, input, hidden, cell):
        input = input.unsqueeze(0)
        embedded = self.dropout(self.embedding(input))
        output, (hidden, cell) = self.rnn(embedded, (hidden, cell))
        prediction = self.fc_out(output.squeeze(0))
        return prediction, hidden, cell

class Seq2Seq(nn.Module):
    def __init__(self, encoder, decoder, device):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.device = device
        assert encoder.hid_dim == 512

    def forward(self, src, trg, teacher_forcing_ratio = 0.5):
        batch_size = trg.shape[1]
        trg_len = trg.shape[0]
        trg_vocab_size = self.decoder.output_dim
        outputs = torch.zeros(trg_len, batch_size, trg_vocab_size).to(self.device)
        hidden, cell = self.encoder(src)
        input = trg[0,:]
        for t in range(1, trg_len):
            output, hidden, cell = self.decoder(input, hidden, cell)
            outputs[t] = output
            teacher_force = t % 2 == 0
            top1 = output.argmax(1)
            input = trg[t] if teacher_force else top1
        return outputs

enc = Encoder(100, 256, 512, 2, 0.5)
dec = Decoder(90, 256, 512, 2, 0.5)
model = Seq2Seq(enc, dec, 'cpu')
src = torch.randint(0, 100, (12, 8))
trg = torch.randint(0, 90, (10, 8))
output = model(src, trg)
loss = nn.CrossEntropyLoss()(output[1:].view(-1, 90), trg[1:].view(-1))
""",
    "generate": """
vocab = 9
rnn = nn.GRU(vocab, 16, batch_first=True)
fc = nn.Linear(16, vocab)
x = torch.zeros(1, 1, vocab)
h = None
result = []
for _ in range(20):
    out, h = rnn(x, h)
    probs = F.softmax(fc(out[:, -1]) / 0.8, dim=-1)
    nxt = torch.multinomial(probs, num_samples=1)
    result.append(nxt.item())
    x = F.one_hot(nxt, vocab).float()
""",
    "lesson 1": """
import torch
import numpy as np
from torch.nn import RNN
input_size = 4 # 입력 데이터의 크기. 각 입력 벡터의 길이입니다.
hidden_size = 2
h = [1, 0, 0, 0]
e = [0, 1, 0 , 0]
l = [0, 0, 1, 0]
o = [0, 0, 0, 1]
input_data_np = np.array([[h, e, l, l, o],
[e, o, l, l, l],
[l, l, e, e, l]], dtype = np.float32)
input_data = torch.Tensor(input_data_np)
rnn = RNN(input_size, hidden_size)
outputs, state = rnn(input_data)
print("입력 데이터:", input_data)
print("은닉 상태:", state)
state

""",
    "lesson 2": """
import torch
import numpy as np
from torch.nn import RNN
test = 'hello! world'
string_set = list(set(test))
print(string_set)
string_dic = {c: i for i, c in enumerate(string_set)}
print(string_dic)
input_size = len(string_dic)
print(input_size)
hidden_size = len(string_dic)
test_idx = [string_dic[c] for c in test]
print(test_idx)
x_data = [test_idx[:]]
print(x_data)
x_one_hot = [np.eye(input_size)[x] for x in x_data]
print(x_one_hot)
y_data = [test_idx[:]]
X = torch.FloatTensor(x_one_hot)
y = torch.LongTensor(y_data)
rnn = RNN(input_size, hidden_size)
loss_fun = torch.nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(rnn.parameters(), lr = 0.1)
for i in range(100):
    optimizer.zero_grad()
    outputs, state = rnn(X)
    loss = loss_fun(outputs.view(-1, input_size), y.view(-1))
    loss.backward()
    optimizer.step()
    result = outputs.data.numpy().argmax(axis=2)
    result_str = ''.join([string_set[ch] for ch in np.squeeze(result)])
    print(i, 'loss: ', loss)
    print('prediction: ', result, ' prediction_str: ', result_str)

""",
    "onehot list": """
h = [1,0,0,0]
e = [0,1,0,0]
l = [0,0,1,0]
o = [0,0,0,1]
input_data = torch.FloatTensor([[h,e,l,l,o],[e,o,l,l,l],[l,l,e,e,l]])
print(input_data.size())
rnn = torch.nn.RNN(4, 2)
outputs, status = rnn(input_data)
print(outputs.size(), status.size())
""",
    "config dict": """
config = {'input_size': 10, 'hidden_size': 20, 'num_layers': 2}
rnn = nn.LSTM(**config)
out, _ = rnn(torch.randn(5, 3, config['input_size']))
""",
    "dict args": """
params = dict(hidden_size=20)
rnn = nn.LSTM(10, params['hidden_size'])
out, _ = rnn(torch.randn(5, 3, 10))
""",
    "dict modules": """
kind = 'gru'
rnn = {'rnn': nn.RNN, 'gru': nn.GRU, 'lstm': nn.LSTM}[kind](10, 20)
out, h = rnn(torch.randn(5, 3, 10))
""",
    "modulelist idx": """
cells = nn.ModuleList()
for i in range(3):
    cells.append(nn.LSTMCell(4 if i == 0 else 8, 8))
x = torch.randn(2, 4)
for cell in cells:
    h, c = cell(x)
    x = h
""",
    "stacked list": """
class Stack(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.GRU(a, b, batch_first=True) for a, b in zip(sizes[:-1], sizes[1:])])
    def forward(self, x):
        for layer in self.layers:
            x, _ = layer(x)
        return x
y = Stack([4, 8, 16])(torch.randn(2, 5, 4))
""",
    "class const": """
class Net(nn.Module):
    hidden = 16
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(4, self.hidden)
    def forward(self, x):
        return self.rnn(x)
out, h = Net()(torch.randn(5, 3, 4))
""",
    "static": """
class A:
    k = 3
    @staticmethod
    def f(x):
        return x.view(A.k, -1)
y = A.f(torch.randn(6))
z = A().f(torch.randn(6))
""",
    "kwonly": """
class Net(nn.Module):
    def __init__(self, *, n_in=4, **kwargs):
        super().__init__()
        self.lstm = nn.LSTM(n_in, 6)
    def forward(self, x):
        return self.lstm(x)[0]
y = Net(n_in=4)(torch.randn(5, 3, 4))
""",
    "lambda": """
f = lambda x, k=2: x.view(k, -1)
y = f(torch.randn(4))
z = f(torch.randn(6), 3)
""",
    "while": """
i = 0
x = torch.randn(3, 4)
while i < 3:
    x = x.unsqueeze(0)
    i += 1
""",
    "break": """
x = torch.randn(3, 4)
for i in range(10):
    x = x + 1
    if i == 3:
        break
y = x.t()
""",
    "continue": """
outs = []
for i in range(5):
    if i % 2 == 0:
        continue
    outs.append(torch.randn(2))
y = torch.stack(outs)
""",
    "einsum": """
x = torch.randn(4, 7, 10)
w = torch.randn(20, 10)
y = torch.einsum('bti,hi->bth', x, w)
print(y.shape)
""",
    "einsum implicit": """
a = torch.randn(3, 4)
b = torch.randn(4, 5)
c = torch.einsum('ij,jk', a, b)
d = torch.einsum('ij->ji', a)
e = torch.einsum('ij->', a)
""",
    "attention": """
enc = torch.randn(4, 7, 16)
dec = torch.randn(4, 16)
scores = torch.bmm(enc, dec.unsqueeze(2)).squeeze(2)
alpha = F.softmax(scores, dim=1)
context = torch.bmm(alpha.unsqueeze(1), enc).squeeze(1)
z = torch.cat([context, dec], dim=1)
""",
    "sort lens": """
lengths = torch.tensor([2, 5, 3])
x = torch.randn(3, 5, 4)
lengths, perm = lengths.sort(descending=True)
x = x[perm]
packed = pack_padded_sequence(x, lengths, batch_first=True)
out, h = nn.GRU(4, 6, batch_first=True)(packed)
""",
    "gather": """
out = torch.randn(3, 5, 6)
lengths = torch.tensor([5, 3, 2])
idx = (lengths - 1).view(-1, 1).expand(len(lengths), out.size(2)).unsqueeze(1)
last = out.gather(1, idx).squeeze(1)
""",
    "mask": """
lengths = torch.tensor([5, 3, 2])
mask = torch.arange(5)[None, :] < lengths[:, None]
out = torch.randn(3, 5, 6)
mean = (out * mask.unsqueeze(-1)).sum(1) / lengths.unsqueeze(1)
masked = out.masked_fill(~mask.unsqueeze(-1), float('-inf'))
""",
    "masked": """
x = torch.randn(3, 5)
m = torch.arange(5)[None, :] >= torch.tensor([5, 3, 2])[:, None]
x = x.masked_fill(m, -1e9)
p = x.softmax(-1)
""",
    "list set": """
xs = [torch.randn(2), torch.randn(3)]
xs[0] = torch.randn(4)
y = xs[0]
n = [1, 2]
n[1] = 5
z = torch.zeros(n)
""",
    "data set": """
emb = nn.Embedding(5, 2)
ids = torch.tensor([0, 10])
ids[1] = 3
y = emb(ids)
""",
    "inplace": """
x = torch.randn(3)
x.unsqueeze_(0)
y = x.t()
""",
    "inplace2": """
x = torch.randn(3, 4)
x.t_()
y = nn.Linear(3, 2)(x)
""",
    "aug list": """
a = [1, 2]
b = a
a += [3]
n = len(b)
""",
    "closure": """
def outer():
    k = 3
    def inner(x):
        return x.view(k, -1)
    return inner(torch.randn(6))
y = outer()
""",
    "global": """
n = 1
def f():
    global n
    n = n + 1
f()
f()
x = torch.zeros(n)
""",
    "nonlocal": """
def f():
    k = 1
    def g():
        nonlocal k
        k += 1
    g()
    return k
x = torch.zeros(f())
""",
    "init weights": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(4, 6)
        self.init_weights()
    def init_weights(self):
        for name, p in self.rnn.named_parameters():
            if 'weight' in name:
                nn.init.orthogonal_(p)
            else:
                nn.init.zeros_(p)
    def forward(self, x):
        return self.rnn(x)[0]
y = Net()(torch.randn(5, 3, 4))
""",
    "register buffer": """
class A(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer('h0', torch.zeros(1, 1, 6))
        self.rnn = nn.RNN(4, 6)
    def forward(self, x):
        return self.rnn(x, self.h0.expand(1, x.size(1), 6).contiguous())[0]
y = A()(torch.randn(5, 3, 4))
""",
    "parameters count class": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 4)
        self.rnn = nn.LSTM(4, 6, 2, bidirectional=True, proj_size=3)
        self.norm = nn.LayerNorm(6)
        self.fc = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Dropout(0.1), nn.Linear(8, 2))
        self.w = nn.Parameter(torch.zeros(3, 3))
net = Net()
n = sum(p.numel() for p in net.parameters() if p.requires_grad)
print(n)
m = len(list(net.parameters()))
""",
    "nograd numpy": """
rnn = nn.RNN(4, 6)
with torch.no_grad():
    out, h = rnn(torch.randn(5, 3, 4))
    z = out.numpy()
w = out.numpy()
""",
    "bn": """
out, h = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))
y = nn.BatchNorm1d(6)(out.transpose(1, 2)).transpose(1, 2)
""",
    "layernorm": """
out, h = nn.GRU(4, 6, batch_first=True)(torch.randn(3, 5, 4))
y = nn.LayerNorm(6)(out)
""",
    "nn flatten": """
net = nn.Sequential(nn.Flatten(), nn.Linear(28*28, 10))
y = net(torch.randn(4, 1, 28, 28))
""",
    "acts": """
m = nn.Sequential(nn.Linear(4, 8), nn.GELU(), nn.LeakyReLU(0.1), nn.ELU(), nn.Linear(8, 2), nn.Identity())
y = m(torch.randn(3, 4))
""",
    "norm": """
x = torch.randn(3, 4)
n = x.norm()
m = torch.norm(x, dim=1)
u = F.normalize(x, dim=-1)
""",
    "new_zeros": """
x = torch.randn(3, 5, 4)
h0 = x.new_zeros(1, 3, 6)
out, h = nn.GRU(4, 6, batch_first=True)(x, h0)
""",
    "init_hidden weight new": """
class CharRNN(nn.Module):
    def __init__(self, n_chars, n_hidden=64, n_layers=2, drop_prob=0.5):
        super().__init__()
        self.n_layers = n_layers
        self.n_hidden = n_hidden
        self.lstm = nn.LSTM(n_chars, n_hidden, n_layers, dropout=drop_prob, batch_first=True)
        self.dropout = nn.Dropout(drop_prob)
        self.fc = nn.Linear(n_hidden, n_chars)

    def forward(self, x, hidden):
        ''' Forward pass through the network. '''
        r_output, hidden = self.lstm(x, hidden)
        out = self.dropout(r_output)
        out = out.contiguous().view(-1, self.n_hidden)
        out = self.fc(out)
        return out, hidden

    def init_hidden(self, batch_size):
        weight = next(self.parameters()).data
        hidden = (weight.new(self.n_layers, batch_size, self.n_hidden).zero_(),
                  weight.new(self.n_layers, batch_size, self.n_hidden).zero_())
        return hidden

net = CharRNN(83)
h = net.init_hidden(8)
inputs = torch.randn(8, 50, 83)
targets = torch.randint(0, 83, (8, 50))
output, h = net(inputs, h)
loss = nn.CrossEntropyLoss()(output, targets.view(8*50).long())
nn.utils.clip_grad_norm_(net.parameters(), 5)
""",
    "typecast": """
x = torch.tensor([1, 2, 3])
y = x.type(torch.FloatTensor)
z = x.to(torch.float32)
w = x.float() / 2
v = x.type(torch.float)
u = x.half()
""",
    "torch.Tensor": """
x = torch.Tensor([1, 2, 3])
y = torch.Tensor(2, 3)
z = torch.LongTensor([[1, 2]])
w = torch.FloatTensor(2, 3)
""",
    "nn.Parameter": """
class Cell(nn.Module):
    def __init__(self, i, h):
        super().__init__()
        self.W = nn.Parameter(torch.randn(h, i))
        self.U = nn.Parameter(torch.randn(h, h))
        self.b = nn.Parameter(torch.zeros(h))
    def forward(self, x, h):
        return torch.tanh(x @ self.W.t() + h @ self.U.T + self.b)
cell = Cell(4, 6)
h = torch.zeros(3, 6)
for t in range(5):
    h = cell(torch.randn(3, 4), h)
""",
    "while break": """
n = 0
while True:
    n += 1
    if n == 4:
        break
x = torch.zeros(n)
""",
    "isinstance": """
x = torch.randn(3)
if isinstance(x, torch.Tensor):
    y = x.unsqueeze(0)
rnn = nn.LSTM(3, 4)
if isinstance(rnn, nn.LSTM):
    out, (h, c) = rnn(y)
""",
    "avg loss": """
total = 0
for i in range(4):
    loss = F.mse_loss(torch.randn(3), torch.randn(3))
    total += loss.item()
print('avg', total / 4)
print(f'{total / 4:.3f}')
""",
    "no grad deco": """
m = nn.LSTM(4, 6)
@torch.no_grad()
def predict(x):
    return m(x)[0]
y = predict(torch.randn(5, 3, 4))
""",
    "variable": """
from torch.autograd import Variable
x = Variable(torch.randn(5, 3, 4))
h0 = Variable(torch.zeros(1, 3, 6))
out, h = nn.RNN(4, 6)(x, h0)
""",
    "linspace": """
t = torch.linspace(0, 10, steps=50)
x = torch.sin(t).view(1, 50, 1)
out, h = nn.RNN(1, 8, batch_first=True)(x)
""",
    "sliding": """
series = torch.randn(100)
seq_len = 10
xs = []
ys = []
for i in range(len(series) - seq_len):
    xs.append(series[i:i+seq_len])
    ys.append(series[i+seq_len])
X = torch.stack(xs)
Y = torch.stack(ys)
X = X.unsqueeze(-1)
out, h = nn.LSTM(1, 8, batch_first=True)(X)
pred = nn.Linear(8, 1)(out[:, -1])
loss = F.mse_loss(pred.squeeze(), Y)
""",
    "detach": """
rnn = nn.LSTM(4, 6)
state = None
for i in range(3):
    out, state = rnn(torch.randn(5, 2, 4), state)
    state = tuple(s.detach() for s in state)
h, c = state
""",
    "np tensor": """
import numpy as np
x = torch.tensor(np.random.randn(5, 3, 4), dtype=torch.float32)
y = torch.tensor(np.array([1, 2]))
z = torch.tensor(np.array([1., 2.]))
w = torch.tensor(np.zeros((2, 3)).astype(np.float32))
""",
    "np reshape": """
import numpy as np
x = np.zeros(12).reshape(3, 4)
t = torch.Tensor(x)
n = x.shape[0]
y = x[:, -1]
t2 = torch.from_numpy(y)
""",
    "args": """
def f(*xs, **kw):
    return torch.cat(xs, **kw)
y = f(torch.randn(2, 3), torch.randn(2, 3), dim=1)
""",
    "walrus": """
if (n := 3) > 2:
    x = torch.randn(n)
""",
    "del": """
x = torch.randn(3)
y = x + 1
del x
z = y * 2
""",
    "hstack": """
a = torch.randn(3, 4)
b = torch.randn(3, 5)
c = torch.hstack([a, b])
d = torch.vstack([a, a])
""",
    "movedim": """
x = torch.randn(2, 3, 4)
y = x.movedim(0, 1)
z = x.swapaxes(0, 2)
w = x.swapdims(0, 1)
""",
}

WRONG = {
    "set item bad": """
out = torch.zeros(5, 3, 6)
out[0] = torch.randn(3, 5)
""",
    "set item bad2": """
out = torch.zeros(5, 3, 6)
for t in range(6):
    out[t] = torch.randn(3, 6)
""",
    "item multi": """
loss = nn.CrossEntropyLoss(reduction='none')(torch.randn(3, 4), torch.tensor([0, 1, 2]))
loss.backward()
""",
    "dropout range": "lstm = nn.LSTM(10, 5, 2, dropout=1.5)",
    "typo": "rnn = nn.LTSM(10, 5)",
    "typo2": "rnn = nn.LSTM(10, 5, batch_frist=True)",
    "typo3": """
x = torch.rand(5, 3)
y = x.unsqeeze(0)
""",
    "size attr": """
x = torch.rand(5, 3)
n = x.size[0]
""",
    "embed float": """
emb = nn.Embedding(10, 3)
x = torch.Tensor([1, 2, 3])
y = emb(x)
""",
    "proj gru": "gru = nn.GRU(10, 20, proj_size=5)",
    "proj big": "lstm = nn.LSTM(10, 20, proj_size=20)",
    "bce int": "loss = nn.BCELoss()(torch.sigmoid(torch.randn(4)), torch.randint(0, 2, (4,)))",
    "einsum bad": """
x = torch.randn(4, 7, 10)
w = torch.randn(20, 11)
y = torch.einsum('bti,hi->bth', x, w)
""",
    "layernorm bad": "y = nn.LayerNorm(5)(torch.randn(3, 5, 6))",
    "gather bad": """
out = torch.randn(3, 5, 6)
lengths = torch.tensor([5, 3, 2])
last = out.gather(1, lengths - 1)
""",
    "super missing args": """
class Net(nn.Module):
    def __init__(self, n_in, n_out):
        super(Net, self).__init__()
        self.fc = nn.Linear(n_in, n_out)
    def forward(self, x):
        return self.fc(x)
net = Net(4)
""",
    "missing attr": """
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.lstm = nn.LSTM(4, 6)
    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out)
net = Net()
y = net(torch.randn(5, 3, 4))
""",
    "forward two args missing": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 6)
    def forward(self, x, hidden):
        return self.lstm(x, hidden)
net = Net()
y = net(torch.randn(5, 3, 4))
""",
    "forgot self": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 2)
    def forward(x):
        return self.l(x)
y = Net()(torch.randn(3))
""",
    "forgot init": """
class Net(nn.Module):
    def _init_(self, n):
        super().__init__()
        self.l = nn.Linear(n, 2)
    def forward(self, x):
        return self.l(x)
y = Net(3)(torch.randn(3))
""",
    "no forward": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 2)
    def foward(self, x):
        return self.l(x)
y = Net()(torch.randn(3))
""",
    "model class not instance": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 2)
    def forward(self, x):
        return self.l(x)
model = Net
y = model(torch.randn(3))
""",
    "ce not called": """
loss = nn.CrossEntropyLoss(torch.randn(2, 5), torch.tensor([1, 2]))
print(loss)
""",
    "np into rnn": """
import numpy as np
x = np.random.randn(5, 3, 4)
out, h = nn.LSTM(4, 6)(x)
""",
    "np into linear": """
import numpy as np
x = np.zeros((3, 4))
y = nn.Linear(4, 2)(x)
""",
    "np double": """
import numpy as np
x = torch.from_numpy(np.random.randn(5, 3, 4))
out, h = nn.RNN(4, 6)(x)
""",
    "np view": """
import numpy as np
x = np.zeros((3, 4))
y = x.unsqueeze(0)
""",
    "too many": """
def f(a, b=2):
    return a
y = f(1, 2, 3)
""",
    "unexpected kw": """
def f(a, b=2):
    return a
y = f(1, c=3)
""",
    "inplace add bad": """
x = torch.zeros(3)
x.add_(torch.zeros(2, 3))
""",
    "setitem tuple": """
s = torch.zeros(2, 3).shape
s[0] = 4
""",
    "dict of tensors": """
d = {'x': torch.randn(3, 4)}
d['y'] = d['x'].t()
z = d['y']
n = len(d)
for k, v in d.items():
    w = v
m = 'x' in d
q = d['q']
""",
    "cell bf wrong": """
cell = nn.GRUCell(10, 20)
x = torch.randn(3, 6, 10)
h = torch.zeros(3, 20)
for t in range(6):
    h = cell(x[t], h)
""",
    "h0 size seq": """
class RNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(8, 16, 1)
    def forward(self, x):
        h0 = torch.zeros(1, x.size(0), 16)
        out, h = self.rnn(x, h0)
        return out
m = RNN()
y = m(torch.randn(4, 10, 8))
""",
    "generate bad": """
vocab = 9
rnn = nn.GRU(vocab, 16, batch_first=True)
fc = nn.Linear(16, vocab)
x = torch.zeros(1, 1, vocab)
h = None
for _ in range(20):
    out, h = rnn(x, h)
    nxt = fc(out[:, -1]).argmax(-1)
    x = F.one_hot(nxt, vocab).float()
""",
    "lstm by hand bad": """
H = 6
x, h = torch.randn(3, 4), torch.zeros(3, H)
W, U, b = torch.randn(4 * H, 4), torch.randn(4 * H, H), torch.zeros(4 * H)
gates = x @ W.t() + U @ h + b
""",
    "train fn bad": """
def train(model, x, y, epochs=5):
    for epoch in range(epochs):
        out, _ = model(x)
        loss = F.mse_loss(out, y)
        loss.backward()

train(nn.RNN(4, 6), torch.randn(5, 3, 4), torch.randn(5, 3, 7))
""",
    "teacher": """
target = torch.randint(0, 9, (3, 6))
inp, tgt = target[:, :-1], target[:, 1:]
emb = nn.Embedding(9, 4)
out, h = nn.GRU(4, 8, batch_first=True)(emb(inp))
logits = nn.Linear(8, 9)(out)
loss = F.cross_entropy(logits.view(-1, 9), tgt.view(-1))
""",
    "concat hidden every step": """
h = torch.randn(1, 3, 6)
x = torch.randn(5, 3, 4)
z = torch.cat([x, h], dim=2)
""",
}

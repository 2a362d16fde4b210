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
    "state carried by hand": """
step = nn.LSTM(3, 3)
words = [torch.randn(1, 3) for _ in range(4)]
state = torch.zeros(1, 1, 3), torch.zeros(1, 1, 3)
for word in words:
    out, state = step(word.view(1, 1, -1), state)
joined = torch.cat(words).view(len(words), 1, -1)
out, state = step(joined, state)
""",
    "review scores": """
class Mood(nn.Module):
    def __init__(self, words, dim, units, layers=2):
        super().__init__()
        self.layers, self.units = layers, units
        self.table = nn.Embedding(words, dim, padding_idx=0)
        self.rnn = nn.LSTM(dim, units, layers, batch_first=True, dropout=0.3, bidirectional=True)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(2 * units, 1)

    def init_hidden(self, n):
        any_weight = next(self.parameters())
        return (
            any_weight.new_zeros(2 * self.layers, n, self.units),
            any_weight.new(2 * self.layers, n, self.units).zero_(),
        )

    def forward(self, tokens, lengths):
        x = self.drop(self.table(tokens))
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, (h, c) = self.rnn(packed, self.init_hidden(tokens.size(0)))
        last = torch.cat([h[-2], h[-1]], dim=1)
        return torch.sigmoid(self.out(self.drop(last))).squeeze(1)

reviews = [torch.tensor([3, 9, 4]), torch.tensor([7, 2, 8, 5, 6]), torch.tensor([1])]
lengths = torch.tensor([len(r) for r in reviews])
tokens = nn.utils.rnn.pad_sequence(reviews, batch_first=True)
model = Mood(10, 6, 5)
score = model(tokens, lengths)
loss = nn.BCELoss()(score, torch.tensor([1.0, 0.0, 1.0]))
loss.backward()
""",
    "translate": """
class Reader(nn.Module):
    def __init__(self, vocab, units):
        super().__init__()
        self.embed = nn.Embedding(vocab, units)
        self.gru = nn.GRU(units, units)

    def forward(self, src, state):
        x = self.embed(src).view(1, 1, -1)
        return self.gru(x, state)

    def start(self):
        return torch.zeros(1, 1, self.gru.hidden_size)


class Writer(nn.Module):
    def __init__(self, units, vocab):
        super().__init__()
        self.embed = nn.Embedding(vocab, units)
        self.gru = nn.GRU(units, units)
        self.out = nn.Linear(units, vocab)

    def forward(self, token, state):
        x = F.relu(self.embed(token)).view(1, 1, -1)
        y, state = self.gru(x, state)
        return F.log_softmax(self.out(y[0]), dim=1), state


START, END = 0, 1
reader, writer = Reader(12, 8), Writer(8, 15)
source = torch.tensor([[4], [7], [2], [END]])
target = torch.tensor([[3], [5], [END]])
state = reader.start()
for i in range(source.size(0)):
    out, state = reader(source[i], state)
token = torch.tensor([[START]])
criterion = nn.NLLLoss()
loss = 0
for i in range(target.size(0)):
    scores, state = writer(token, state)
    best, place = scores.topk(1)
    token = place.squeeze().detach()
    loss += criterion(scores, target[i])
loss.backward()
""",
    "numbers of words": """
numbers = {}
for word in "red fox saw red hen".split():
    if word not in numbers:
        numbers[word] = len(numbers)
x = torch.tensor([numbers[word] for word in ["fox", "hen"]], dtype=torch.long)
y = nn.Embedding(len(numbers), 6)(x)
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

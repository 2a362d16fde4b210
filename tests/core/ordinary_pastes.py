"""Python as people write it around their networks: containers, data sets, classes, numpy."""

ORDINARY = {
    "default dictionaries": """
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
losses = defaultdict(list)
for step in range(4):
    losses["train"].append(step)
n = len(losses["train"])
counts = Counter("hello")
l = counts["l"]
first = counts.most_common(1)[0][1]
window = deque(range(9), maxlen=3)
w = len(window)
layers = nn.Sequential(OrderedDict([("a", nn.Linear(3, 4)), ("b", nn.ReLU())]))
y = layers(torch.zeros(2, 3))
Batch = namedtuple("Batch", "x lengths")
batch = Batch(torch.zeros(5, 3, 4), [5, 3, 2])
x = batch.x[:, 0]
x2, lengths = batch
total = batch.lengths[0]
""",
    "data class": """
from dataclasses import dataclass, field
@dataclass
class Config:
    hidden: int
    layers: int = 2
    sizes: list = field(default_factory=list)
    def total(self):
        return self.hidden * self.layers
config = Config(8, sizes=[1, 2])
n = config.total()
m = len(Config(3).sizes) + len(config.sizes)
x = torch.zeros(config.layers, config.hidden)
""",
    "collate": """
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split
class Words(Dataset):
    def __init__(self, lengths):
        self.lengths = lengths
    def __len__(self):
        return len(self.lengths)
    def __getitem__(self, i):
        return torch.ones(self.lengths[i], 4), i
def collate(batch):
    batch = sorted(batch, key=lambda pair: len(pair[0]), reverse=True)
    xs, labels = zip(*batch)
    return pad_sequence(list(xs)), torch.tensor(labels), [len(x) for x in xs]
data = Words([3, 5, 2, 4])
loader = DataLoader(data, batch_size=2, collate_fn=collate)
n = len(loader)
for x, labels, lengths in loader:
    longest = lengths[0]
train, test = random_split(TensorDataset(torch.zeros(10, 3), torch.zeros(10)), [0.8, 0.2])
k = len(train) - len(test)
a, b = next(iter(DataLoader(train, batch_size=4, drop_last=True)))
singles = [i for _, i in data]
""",
    "decorators": """
import functools
def twice(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        return f(*args, **kwargs) + f(*args, **kwargs)
    return inner
@torch.no_grad()
def evaluate(model, x):
    return model(x)
@torch.no_grad
def plain(x):
    return x * 2
class Meter:
    count = 0
    @property
    def double(self):
        return self.count * 2
    @staticmethod
    def of(n):
        return n + 1
    @classmethod
    def make(cls, n):
        made = cls()
        made.count = n
        return made
y = evaluate(nn.Linear(3, 2), torch.zeros(4, 3))
z = plain(y)
m = Meter.make(4)
n = m.double + Meter.of(3)
add = functools.partial(torch.add, torch.ones(3))
w = add(torch.ones(2, 3))
s = functools.reduce(lambda a, b: a * b, [1, 2, 3, 4])
""",
    "generators": """
def batches(x, size):
    for start in range(0, len(x), size):
        yield x[start:start + size]
def numbers():
    n = 0
    while True:
        n = yield n
        n = 3
steps = [b.shape[0] for b in batches(torch.zeros(7, 2), 3)]
last = steps[-1]
for i, part in enumerate(batches(torch.zeros(5, 2), 2)):
    rest = part
g = (i * i for i in range(4))
s = sum(g)
import itertools
c = list(itertools.chain([1], [2, 3]))
p = len(list(itertools.product([1, 2], repeat=2)))
k = next(itertools.count(4))
a = list(itertools.accumulate([1, 2, 3]))[-1]
z = list(itertools.zip_longest([1, 2], [3], fillvalue=0))
q = len(z)
""",
    "copies": """
import copy
net = nn.GRU(3, 4)
other = copy.deepcopy(net)
n = sum(p.numel() for p in other.parameters())
other.load_state_dict(net.state_dict())
best = copy.copy({"a": 1})
m = len(best)
noise = torch.randn_like(torch.zeros(2, 3))
mask = torch.rand_like(noise) > 0.5
k = torch.randint_like(noise, 5)
net.apply(lambda layer: None)
for name, p in net.named_parameters():
    if "weight" in name:
        nn.init.orthogonal_(p)
    else:
        nn.init.zeros_(p)
""",
    "texts": """
words = "the quick brown fox".split()
n = len(words)
index = {w: i for i, w in enumerate(sorted(set(words)))}
ids = torch.tensor([index[w] for w in words])
text = "%s has %d words" % ("it", n)
line = "{} {}".format(n, 2)
padded = "-" * 3 + text.upper()
size = len("".join(words))
chars = sorted(set("".join(words)))
count = len(chars)
inverse = dict(zip(index.values(), index.keys()))
third = inverse[2].title()
first, *middle, last = words
many = len(middle)
is_word = "fox" in words and not "cat" in words
""",
    "numpy": """
import numpy as np
x = np.zeros((6, 3))
x[:, 0] = np.arange(6)
y = np.concatenate([x, np.ones((2, 3))])
n, m = y.shape
z = torch.from_numpy(y).float()
w = z.numpy().mean(axis=0)
v = np.array([[1, 2], [3, 4]], dtype=np.float32) @ np.eye(2)
u = torch.tensor(np.stack([x, x]))
windows = np.array([x[i:i + 2] for i in range(5)])
t = torch.as_tensor(windows, dtype=torch.float32)
big = np.zeros((1000, 600))
b = torch.from_numpy(big)
o = np.outer(np.arange(3), np.arange(4)).T
e = np.where(x > 0, x, 0).sum()
""",
    "exceptions": """
try:
    torch.zeros(2).view(3)
except RuntimeError as error:
    n = 1
else:
    n = 2
finally:
    m = 3
try:
    {}["a"]
except (KeyError, ValueError):
    k = 4
class Stop(Exception):
    pass
try:
    raise Stop("enough")
except Stop as stop:
    a = len(stop.args)
for i in range(9):
    if i == 4:
        break
    elif i % 2:
        continue
    last = i
while n < 9:
    n += 1
    if n == 7:
        break
assert n == 7, "n"
""",
    "dtypes": """
x = torch.zeros(3, dtype=torch.float64)
net = nn.Linear(3, 2).double()
y = net(x)
z = y.to(torch.float32).half()
i = torch.arange(4).int()
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
x = x.to(device)
n = x.numel() * x.element_size()
k = torch.finfo(torch.float32).bits
is_double = y.dtype == torch.double and y.device.type == "cpu"
f = torch.FloatTensor([1, 2, 3])
g = torch.LongTensor(2, 3)
h = x.new_zeros(2, 2)
flags = y.requires_grad and not y.detach().requires_grad
""",
    "containers of modules": """
class Net(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])
        self.heads = nn.ModuleDict({"a": nn.Linear(sizes[-1], 2), "b": nn.Linear(sizes[-1], 3)})
        self.scale = nn.Parameter(torch.ones(sizes[-1]))
        self.register_buffer("mean", torch.zeros(sizes[0]))
    @property
    def device(self):
        return next(self.parameters()).device
    def forward(self, x):
        x = x - self.mean.to(self.device)
        for i, layer in enumerate(self.layers):
            x = F.relu(layer(x))
        x = x * self.scale
        return {name: head(x) for name, head in self.heads.items()}
net = Net([3, 5, 4])
net.train()
out = net(torch.zeros(7, 3))
a, b = out["a"], out["b"]
n = len(list(net.children())) + len(net.layers)
for p in net.layers.parameters():
    p.requires_grad = False
free = [p for p in net.parameters() if p.requires_grad]
k = len(free)
optimizer = torch.optim.Adam([{"params": net.heads.parameters()}, {"params": [net.scale], "lr": 0.1}], lr=0.01)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5)
groups = len(optimizer.param_groups)
loss = a.sum() + b.pow(2).mean()
optimizer.zero_grad()
loss.backward()
nn.utils.clip_grad_norm_(net.parameters(), 1.0)
optimizer.step()
scheduler.step()
shape = net.scale.grad.shape
""",
}

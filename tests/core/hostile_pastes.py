"""Pastes that try to get out, to take everything, or to confuse: a line each."""

OUT = r"""
x = __import__('os').system('id')
import os\nx = os.system('id')
import sys\nx = sys.modules
import subprocess\nx = subprocess.run(['id'])
import pickle\nx = pickle.loads(b'')
import importlib\nx = importlib.import_module('os')
from os import path, system\nx = system('id')
x = print.__self__
x = ().__class__.__base__.__subclasses__()
x = [].__class__.__mro__[1].__subclasses__()
x = (lambda: 0).__globals__
x = (lambda: 0).__code__.co_consts
x = torch.os.system('id')
x = torch.sys.modules
x = nn.modules.module.sys
x = F.torch.os
x = torch.load('/etc/passwd')
x = torch.hub.load('a/b', 'c')
x = torch.ops.load_library('x')
x = torch.jit.script(nn.Linear(1, 1))
x = torch.utils.cpp_extension.load('x', ['y'])
x = torch.classes.load_library('x')
x = torch.compile(lambda x: x)
x = torch.from_file('/etc/passwd', size=10, dtype=torch.uint8)
x = torch.randn(3).untyped_storage()
x = torch.zeros(3).data_ptr()
x = torch.zeros(3).share_memory_()
x = torch.zeros(3).numpy().ctypes
x = torch.multiprocessing.Process(target=print)
x = torch.distributed.init_process_group('gloo')
x = getattr(torch, 'load')('/etc/passwd')
x = getattr((), '__class__')
x = '{0.__class__.__mro__}'.format(1)
x = '{a.__class__}'.format_map({'a': 1})
x = f'{().__class__}'
x = open('/etc/passwd').read()
x = eval('1')
exec('x = 1')
x = compile('1', 'a', 'eval')
x = globals()
x = vars(torch)
x = dir(torch)
x = input()
breakpoint()
exit()
import numpy as np\nx = np.load('/etc/passwd')
import numpy as np\nx = np.fromfile('/etc/passwd')
import numpy as np\nnp.zeros(3).tofile('/nonexistent/bad')
import numpy as np\nx = np.lib.format.open_memmap('a')
import numpy as np\nx = np.memmap('a')
import numpy as np\nx = np.zeros(3).dump('a')
import numpy as np\nx = np.random.bit_generator
import pandas as pd\nx = pd.read_pickle('a').values
import pandas as pd\nx = pd.read_csv('/etc/passwd')\nx.to_csv('/nonexistent/bad')
import json\nx = json.load(open('a'))
import time\ntime.sleep(10**9)
import random\nx = random._os
import collections\nx = collections.abc.sys
import functools\nx = functools.partial(open, 'a')()
from torch import load as zeros\nx = zeros('a')
from torch.nn import *\nfrom torch import *\nx = load('a')
torch.randn = 1\nnn.LSTM.forward = lambda self, x: x\ntorch.Tensor.add = 1
nn.Module.__call__ = print
m = nn.Linear(1, 1)\nm.__class__ = int
m = nn.Linear(1, 1)\nm._parameters = 1\nm.forward = 3\nm._forward_hooks = {}
m = nn.Linear(1, 1)\nm.register_forward_hook(print)
m = nn.Linear(1, 1)\nm.register_buffer('a.b', 3)\nm.add_module('x', 3)
class A(torch.Tensor): pass
class A(nn.Module, metaclass=type): pass
class A(nn.Module):\n    def __getattr__(self, n):\n        return self
class A(nn.Module):\n    def _call_impl(self, *a):\n        return 1\nA()(1)
class A:\n    @classmethod\n    def __torch_function__(cls, f, t, a=(), k=None): return f\nx = torch.add(A(), 1)
class A:\n    def __del__(self):\n        while True: pass\na = A()\ndel a
class A:\n    def __reduce__(self):\n        return print, (1,)\nimport copy\nx = copy.deepcopy(A())
class A:\n    def __array__(self):\n        return 1\nimport numpy as np\nx = np.array(A())
class A(nn.Module):\n    def __init__(self):\n        self.x = super().__getattribute__('__class__')\nA()
def f(): pass\nf.__code__ = 1\nf.x = 1
def f(__x): return 1\nf(1)
def f(**k): return k\nx = f(**{'a b': 1, '__builtins__': 2})
f = lambda x=torch.load: x\nf()('/etc/passwd')
try:\n    1 / 0\nexcept Exception as e:\n    x = e.__traceback__.tb_frame
import warnings\nwarnings.simplefilter('error')
torch.set_default_dtype(torch.float64)\ntorch.set_num_threads(64)\ntorch.manual_seed(1)
torch.set_grad_enabled(False)\ntorch._C._set_grad_enabled(False)\ntorch.set_default_device('cuda')
torch.use_deterministic_algorithms(True)\ntorch.backends.cudnn.enabled = False
torch.set_printoptions(precision=99)\ntorch.autograd.set_detect_anomaly(True)
torch.save(1, '/nonexistent/bad')
torch.seed()\ntorch.random.seed()\ntorch.default_generator.manual_seed(3)
print(1, file=open('/nonexistent/x', 'w'))
x = torch.zeros(2)\nx.names = ['a']\nx._marks = 3
x = torch.zeros(3)\nx.__class__ = int\nx.set_(torch.zeros(4))
x = torch.optim.Adam.__init__.__globals__
x = nn.Linear.forward.__globals__
setattr(nn, 'Linear', 3)\nsetattr(torch, 'zeros', 3)
""".strip().split("\n")
LARGE = r"""
x = torch.randn(10**9, 10**9) + 1
x = torch.zeros(3).resize_(10**12)
x = torch.zeros(3).as_strided((10**9,), (1,))
x = torch.bincount(torch.tensor([10**11]))
x = F.one_hot(torch.tensor([10**11]))
x = F.one_hot(torch.tensor([1]), 10**11)
x = torch.arange(3).repeat_interleave(torch.tensor([10**11, 1, 1]))
x = torch.zeros(3).repeat_interleave(10**11)
a = torch.randn(10**6)\nb = torch.outer(a, a)\nc = a[:, None] * a
a = torch.randn(10**6)\nb = torch.kron(a, a)\nc = torch.cartesian_prod(a, a)
a = torch.randn(10**6)\nb = torch.combinations(a, 3)\nc = torch.cdist(a[:, None], a[:, None])
a = torch.randn(3000)\nb = torch.einsum('i,j,k->ijk', a, a, a)
a = torch.randn(60000)\nb = torch.vander(a, 10**6)\nc = torch.diag(a)
a = torch.randn(60000)\nb = F.pad(a, (10**10, 0))\nc = torch.meshgrid(a, a)
x = torch.tril_indices(10**6, 10**6)\ny = torch.eye(10**6)
x = torch.hann_window(10**11)\ny = torch.linspace(0, 1, 10**11)
x = torch.diag_embed(torch.zeros(60000))\ny = torch.block_diag(*[torch.zeros(1000)] * 1000)
x = torch.normal(0.0, 1.0, (10**6, 10**6))\ny = torch.randperm(10**11)
x = F.interpolate(torch.zeros(1, 1, 4), scale_factor=1e11)
x = F.fold(torch.zeros(1, 4, 4), (10**6, 10**6), 2)
x = nn.Upsample(scale_factor=1e6)(torch.zeros(1, 1, 2, 2))
x = nn.ConvTranspose1d(1, 1, 1, stride=10**10)(torch.zeros(1, 1, 9))
x = nn.ZeroPad2d(10**6)(torch.zeros(1, 1, 2, 2))
x = nn.Embedding(10**9, 10**6)(torch.zeros(3).long())
x = nn.Linear(10**7, 10**7)(torch.randn(10**7))
x = nn.LSTM(10, 20, 10**9)
x = nn.Transformer(d_model=8, nhead=2, num_encoder_layers=10**6)
x = torch.linalg.matrix_power(torch.zeros(500, 500), 10**9)
x = torch.matrix_exp(torch.randn(1000, 1000))
c = nn.Conv2d(64, 64, 31)\nx = c(torch.randn(1, 64, 127, 127))
x = torch.zeros([1] * 3000)
x = torch.tensor([[[[[[[[[[1]]]]]]]]]])
p = nn.Parameter(torch.zeros(2))\np.data = torch.zeros(10**9)
import numpy as np\nx = np.zeros(10**11)\ny = x + 1
import numpy as np\nx = np.random.rand(10**6, 10**6)\ny = x @ x
import numpy as np\nx = np.outer(np.zeros(10**5), np.zeros(10**5))
import numpy as np\nx = np.tile(np.zeros(1000), 10**9)\ny = np.repeat(np.zeros(9), 10**10)
import numpy as np\nx = np.arange(10**12)\ny = np.linspace(0, 1, 10**12)
import numpy as np\nx = np.pad(np.zeros(9), 10**10)\ny = np.eye(10**6)
import numpy as np\nx = np.zeros(60000)[:, None] + np.zeros(60000)
x = sorted([1, 2, 3], key=lambda v: 10**10**10)
x = 'a' * 9000\ny = x.replace('a', x)\nz = x.join([x] * 900)
x = int('9' * 5000)\ny = int(1e308)\nz = 1e308 * 10
import math\nx = math.pow(10, 10**9)\ny = math.factorial(10**9)
import itertools\nx = list(itertools.product(range(1000), repeat=9))
import itertools\nx = list(itertools.permutations(range(1000)))\ny = list(itertools.count())
import random\nx = random.sample(range(10**12), 10**11)\ny = random.choices([1], k=10**11)
from collections import Counter, deque\nx = Counter(range(10**12))\ny = deque(range(10**12))
import json\nx = json.loads('[' * 100000)
x = [0]\nx *= 10**10
x = (1,)\nfor i in range(60):\n    x = (x, x)\ny = {x: 1}
x = (1,)\ny = (1,)\nfor i in range(60):\n    x = (x, x)\n    y = (y, y)\nz = x == y
x = [1]\nfor i in range(60):\n    x = [x, x]\nprint(x)\ny = str(x)\nz = f'{x}'\nw = torch.tensor(x)
f = lambda x: g(x)\ng = lambda x: f(x)\nf(1)
class A(nn.Module):\n    def forward(self, x):\n        return self(x)\nA()(1)
class A(nn.Module):\n    def __init__(s):\n        super().__init__()\n        s.a = s\na = A()\na.train()\na.double()
class A:\n    def __iter__(self):\n        return self\n    def __next__(self):\n        return 1\nx = list(A())
class A:\n    def __getitem__(self, i):\n        return i\nfor x in A():\n    pass\nx = list(A())
class A:\n    def __len__(self):\n        return 10**30\nx = len(A())\nif A(): pass
class A:\n    def __repr__(self):\n        return self\nx = f'{A()}'\nprint(A())
def g():\n    while True:\n        yield 1\nfor x in g():\n    pass\ny = list(g())
def g():\n    yield from g()\nx = list(g())
x = (i for i in iter(int, 1))
try:\n    while True: pass\nexcept BaseException: pass
from torch.utils.data import DataLoader\nx = list(DataLoader(range(10**12), batch_size=1))
from torch.utils.data import *\nx = DataLoader(TensorDataset(torch.zeros(10**9, 2)), num_workers=64)
f = '%99999999d' % 1\ng = f'{1:>999999999}'\nh = '%*d' % (10**9, 1)
from torch.utils.data import *\nd = DataLoader(TensorDataset(torch.zeros(10**9, 2)), 1)\nfor x in d: pass\ny = list(d)
from torch.utils.data import *\na, b = random_split(range(10**9), [10**8, 9 * 10**8])\nx = list(a)\ny = list(a.indices)
x = torch.zeros(300000)\na = torch.utils.data.ConcatDataset(x)\nb = x.unbind()\nc = x.split(1)\nd = x.chunk(10**6)
m = nn.TransformerEncoder(8, 10**9)\nn = nn.TransformerDecoder(nn.ReLU(), 10**9)\no = nn.Transformer(8, 2, 10**9)
import copy\nm = nn.Linear(9, 9)\nfor i in range(10**6):\n    m = nn.Sequential(m, copy.deepcopy(m))
import torch.utils.data as u\nclass D(u.Dataset):\n    def __len__(s): return 10**12\nx = list(u.DataLoader(D(), 9**9))
""".strip().split("\n")
PASTES = [line.replace(r"\n", "\n") for line in (*OUT, *LARGE)]

"""What a paste may touch: an allow list of torch, numpy and Python's library, by identity. Nothing else is reachable.

Nothing on it reads or writes a file, opens a connection, starts a process, imports, compiles, evaluates, or changes a
setting of the process.
"""

from __future__ import annotations

import collections
import copy
import functools
import inspect
import itertools
import json
import math
import random
import string
import types
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional, init
from torch.nn.utils import rnn as packing
from torch.overrides import get_overridable_functions
from torch.utils import data

from rnn_core.interpreter.budget import words_of
from rnn_core.interpreter.errors import not_understood
from rnn_core.interpreter.values import Drawn, Library, Quiet, Value

# Of torch's own list of functions: what holds state, files, raw memory or other devices, and what the fuzz has found to
# crash, to hang, to draw from the shared generator or to take memory that its arguments do not show.
_NOT_TORCH = words_of(
    """from_file frombuffer set_ resize_as_ storage untyped_storage data_ptr share_memory_ apply_ map_ map2_
    register_hook register_post_accumulate_grad_hook pin_memory record_stream to_mkldnn xpu ipu hpu mtia as_subclass
    storage_type module_load put_ ormqr compile seed initial_seed as_strided_ as_strided as_strided_copy
    as_strided_scatter dequantize names rename rename_ refine_names align_as align_to from_dlpack is_shared
    to_dlpack block_diag combinations cartesian_prod histogramdd unravel_index sparse_coo_tensor sparse_csr_tensor
    sparse_compressed_tensor sparse_bsc_tensor sparse_csc_tensor sparse_bsr_tensor empty_strided new_empty_strided
    to_sparse to_sparse_csr to_sparse_csc to_sparse_bsr to_sparse_bsc to_sparse_coo coalesce sparse_resize_
    sparse_resize_and_clear_ sparse_mask quantize_per_tensor quantize_per_channel quantize_per_tensor_dynamic
    fake_quantize_per_tensor_affine fake_quantize_per_channel_affine fused_moving_avg_obs_fake_quant
    choose_qparams_optimized q_scale q_zero_point q_per_channel_axis q_per_channel_scales q_per_channel_zero_points
    qscheme int_repr gumbel_softmax fractional_max_pool2d fractional_max_pool3d fractional_max_pool2d_with_indices
    fractional_max_pool3d_with_indices feature_dropout feature_dropout_ dropout_ alpha_dropout_
    feature_alpha_dropout_ native_dropout rrelu_ rrelu_with_noise binomial lobpcg pca_lowrank svd_lowrank lu_unpack
    matrix_exp matrix_power chain_matmul multi_head_attention_forward scaled_dot_product_attention init_num_threads
    get_num_threads set_num_threads hash_tensor vmap func_ resize quantized_lstm_cell quantized_gru_cell
    quantized_rnn_tanh_cell quantized_rnn_relu_cell quantized_batch_norm quantized_max_pool1d quantized_max_pool2d
    quantized_max_pool3d ctc_loss embedding_bag grid_sampler grid_sampler_2d grid_sampler_3d cudnn_convolution
    miopen_convolution mkldnn_convolution frobenius_norm nuclear_norm retain_grad unsafe_split_with_sizes is_pinned
    conv_tbc fbgemm_pack_quantized_matrix constant_pad_nd fold interpolate upsample upsample_nearest
    upsample_bilinear grid_sample affine_grid affine_grid_generator adaptive_max_pool2d_with_indices
    adaptive_max_pool3d_with_indices max_unpool1d max_unpool2d max_unpool3d tensordot_ trapz result_type_ sspaddmm
    smm sspmm hspmm saddmm stft istft bartlett_window blackman_window hamming_window hann_window kaiser_window
    index mvlgamma mvlgamma_ cudnn_batch_norm miopen_batch_norm sym_float sym_int sym_max sym_min sym_not sym_ite
    sym_constrain_range sym_constrain_range_for_size sym_fresh_size typename unify_type_list"""
)
# What torch says nothing of is left out, but for what people call all the same.
_UNDOCUMENTED = words_of(
    """adaptive_max_pool1d batch_norm binary_cross_entropy_with_logits celu clamp_max clamp_min convolution
    cosine_embedding_loss detach dropout embedding get_device group_norm hinge_embedding_loss index_fill index_put
    instance_norm is_neg is_same_size is_signed kl_div layer_norm log_softmax margin_ranking_loss masked_fill
    masked_scatter max_pool1d max_pool2d max_pool3d poisson_nll_loss put relu rms_norm rsub selu split_with_sizes
    threshold triplet_margin_loss"""
)
_NOT_SHARED = ("cuda", "resize_", "set_default_dtype", "manual_seed", "from_numpy", "retain_grad")
_FACTORIES = words_of(
    """tensor as_tensor from_numpy zeros ones empty full rand randn randint randperm arange linspace logspace eye
    zeros_like ones_like empty_like full_like rand_like randn_like randint_like tril_indices triu_indices normal
    multinomial bernoulli is_tensor is_floating_point numel finfo iinfo Size device dtype no_grad enable_grad
    inference_mode set_grad_enabled set_default_dtype get_default_dtype Generator meshgrid Tensor FloatTensor
    LongTensor DoubleTensor IntTensor BoolTensor ByteTensor HalfTensor ShortTensor is_grad_enabled strided
    contiguous_format channels_last preserve_format"""
)
_NUMBERS = words_of("pi inf nan e float double long int half bool short cfloat")
_QUIET_TORCH = words_of(
    """torch.manual_seed torch.seed torch.set_printoptions torch.cuda.manual_seed torch.cuda.manual_seed_all
    torch.cuda.empty_cache torch.cuda.synchronize torch.use_deterministic_algorithms torch.set_num_threads
    torch.save torch.autograd.set_detect_anomaly torch.autograd.detect_anomaly torch.autocast
    torch.cuda.amp.autocast torch.amp.autocast torch.backends.cudnn torch.random.manual_seed torch.cuda.set_device
    torch.set_float32_matmul_precision torch.autograd.profiler.profile"""
)
QUIET_LIBRARIES = frozenset(
    words_of("matplotlib seaborn warnings logging tensorboardX wandb pprint gc torchinfo torchsummary")
)
QUIET_PATHS = frozenset(
    ("torch.utils.tensorboard", "torch.backends", "torch.backends.cudnn", "torch.amp", "torch.cuda.amp")
)
_NUMPY = words_of(
    """array asarray zeros ones empty full eye identity arange linspace zeros_like ones_like empty_like full_like
    concatenate stack vstack hstack column_stack squeeze expand_dims reshape transpose swapaxes sin cos tan exp log
    log2 log10 log1p sqrt square tanh mean sum std var median argmax argmin argsort sort max min amax amin abs
    absolute dot matmul float32 float64 float16 int64 int32 int16 int8 uint8 bool_ int_ float_ ndarray newaxis pi
    inf nan e prod cumsum cumprod unique sign round rint pad multiply add subtract divide true_divide power maximum
    minimum where isnan isinf nan_to_num clip tile repeat split array_split append delete insert flip roll diff
    ravel ndim shape size all any allclose array_equal ceil floor mod argwhere nonzero count_nonzero percentile
    quantile moveaxis rollaxis atleast_1d atleast_2d column_stack copy ascontiguousarray float floating integer
    number logical_and logical_or logical_not greater less equal set_printoptions isclose take diag outer triu tril
    linalg.norm"""
)
NUMPY_RANDOM = words_of(
    """rand randn randint random random_sample normal uniform choice permutation shuffle standard_normal seed
    default_rng binomial exponential"""
)
RANDOM = frozenset(words_of("random randint randrange uniform choice choices sample shuffle gauss normalvariate seed"))
_MATH = words_of(
    """sqrt ceil floor log log2 log10 exp pi e inf nan sin cos tan tanh isnan isinf fabs pow fmod gcd hypot radians
    degrees trunc atan atan2 acos asin sinh cosh tau isclose log1p expm1 copysign erf"""
)
_ITERTOOLS = words_of(
    "chain islice product zip_longest cycle count repeat accumulate combinations permutations pairwise"
)
_TIME = words_of("time perf_counter process_time monotonic time_ns sleep strftime")
MODULE_METHODS = words_of(
    """train eval parameters named_parameters children named_children modules named_modules zero_grad apply float
    double half requires_grad_ register_buffer register_parameter add_module state_dict buffers named_buffers
    flatten_parameters append extend insert keys values items forward get_parameter get_submodule load_state_dict to
    cpu cuda share_memory update pop clear type bfloat16 reset_parameters extra_repr register_module"""
)
STR_METHODS = words_of(
    """split join lower upper strip lstrip rstrip replace startswith endswith count find index isalpha isdigit isalnum
    isspace islower isupper title capitalize splitlines rsplit partition rpartition rfind isnumeric isdecimal
    swapcase casefold removeprefix removesuffix"""
)
METHODS: dict[type, frozenset[str]] = {
    str: STR_METHODS,
    list: words_of("append extend insert pop remove index count sort reverse copy clear"),
    dict: words_of("get keys values items update setdefault pop popitem copy clear"),
    set: words_of(
        """add union intersection difference symmetric_difference discard remove copy update clear issubset
        issuperset pop"""
    ),
    frozenset: words_of("union intersection difference issubset issuperset copy"),
    tuple: frozenset(("index", "count")),
    torch.Size: frozenset(("index", "count", "numel")),
    int: frozenset(("bit_length", "real", "imag")),
    float: frozenset(("is_integer", "real", "imag")),
    range: frozenset(("index", "count", "start", "stop", "step")),
    slice: frozenset(("start", "stop", "step")),
    collections.deque: words_of("append appendleft pop popleft extend clear rotate copy maxlen count index"),
    collections.Counter: frozenset(("most_common", "total", "elements")),
    collections.OrderedDict: frozenset(("move_to_end",)),
    np.ndarray: words_of(
        """reshape astype mean sum argmax argmin max min squeeze transpose flatten ravel copy tolist item T shape ndim
    dtype size std var swapaxes dot all any clip round cumsum prod repeat fill sort argsort nonzero take conj"""
    ),
    np.generic: words_of("item astype mean sum shape ndim dtype size reshape tolist max min"),
    np.dtype: frozenset(("name", "kind", "itemsize", "type")),
    packing.PackedSequence: words_of("data batch_sizes sorted_indices unsorted_indices to cpu cuda"),
    torch.device: frozenset(("type", "index")),
    torch.dtype: frozenset(("is_floating_point", "is_complex", "itemsize")),
    torch.Generator: frozenset(("manual_seed", "initial_seed")),
    torch.optim.Optimizer: words_of("step zero_grad state_dict load_state_dict param_groups add_param_group"),
    torch.optim.lr_scheduler.LRScheduler: frozenset(
        words_of("step get_last_lr get_lr state_dict load_state_dict last_epoch best num_bad_epochs")
    ),
    data.TensorDataset: frozenset(("tensors",)),
    data.Subset: frozenset(("dataset", "indices")),
    Exception: frozenset(("args",)),
    torch.finfo: words_of("min max eps tiny bits"),
    torch.iinfo: words_of("min max bits"),
    nn.modules.module._IncompatibleKeys: frozenset(("missing_keys", "unexpected_keys")),
}
DUNDERS = words_of(
    """__init__ __len__ __getitem__ __setitem__ __call__ __iter__ __next__ __enter__ __exit__ __contains__ __add__
    __sub__ __mul__ __eq__ __lt__ __repr__ __str__ __post_init__ __doc__"""
)
EXCEPTIONS: dict[str, type[Exception]] = {
    c.__name__: c
    for c in (
        Exception, ValueError, TypeError, RuntimeError, IndexError, KeyError, AssertionError, NotImplementedError,
        AttributeError, StopIteration, ZeroDivisionError, ArithmeticError, LookupError, OverflowError, NameError,
        FileNotFoundError, ImportError, OSError, UnboundLocalError, UserWarning, Warning, DeprecationWarning,
    )
}  # fmt: skip


@cache
def functions() -> dict[str, Any]:
    """Return everything of torch and Python's library that may be taken, by its path."""
    return {**_torch_functions(), **_torch_classes(), **_plain()}


def _torch_functions() -> dict[str, Any]:
    found: dict[str, Any] = {}
    paths = {torch: "torch", functional: "torch.nn.functional", torch.functional: "torch", torch.linalg: "torch.linalg"}
    for place, listed in get_overridable_functions().items():
        if place in paths:
            for f in listed:
                name = getattr(f, "__name__", "_")
                shown = getattr(place, name, f) if place is not torch.functional else getattr(torch, name, f)
                known = getattr(shown, "__doc__", None) or name in _UNDOCUMENTED
                if known and not name.startswith("_") and name not in _NOT_TORCH and name not in _NOT_SHARED:
                    found[f"{paths[place]}.{name}"] = shown
    for name in dir(functional):
        f = getattr(functional, name)
        is_here = getattr(f, "__module__", "").startswith(("torch.nn.functional", "torch._C._nn")) or inspect.isbuiltin(
            f
        )
        if not name.startswith("_") and callable(f) and is_here and name not in _NOT_TORCH:
            found[f"torch.nn.functional.{name}"] = f
    for name in (*_FACTORIES, *_NUMBERS):
        found[f"torch.{name}"] = getattr(torch, name)
    for name in dir(torch):
        if isinstance(getattr(torch, name), torch.dtype):
            found[f"torch.{name}"] = getattr(torch, name)
    for name in ("linalg.norm", "linalg.inv", "linalg.det", "linalg.solve", "linalg.qr", "linalg.svd", "linalg.eigh"):
        found[f"torch.{name}"] = getattr(torch.linalg, name.removeprefix("linalg."))
    return {path: f for path, f in found.items() if "fft" not in path and path != "torch.nn.functional.unfold"}


def _torch_classes() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in nn.modules.__all__:
        if not any(
            part in name for part in ("Parallel", "Lazy", "Sync", "Fractional", "Upsampl", "Fold", "Unfold", "LPPool")
        ):
            found[f"torch.nn.{name}"] = getattr(nn, name)
    for place in ("torch.nn", "torch.nn.parameter"):
        found[f"{place}.Parameter"] = nn.Parameter
    found["torch.nn.Buffer"] = nn.Buffer
    for name in packing.__all__:
        found[f"torch.nn.utils.rnn.{name}"] = getattr(packing, name)
    found["torch.nn.modules.module.Module"] = nn.Module
    for name in ("clip_grad_norm_", "clip_grad_value_", "parameters_to_vector", "clip_grad_norm"):
        found[f"torch.nn.utils.{name}"] = getattr(nn.utils, name)
    for name in dir(init):
        if name.endswith("_") and not name.startswith("_"):
            found[f"torch.nn.init.{name}"] = getattr(init, name)
    optimisers: list[tuple[Any, type]] = [(torch.optim, torch.optim.Optimizer)]
    optimisers.append((torch.optim.lr_scheduler, torch.optim.lr_scheduler.LRScheduler))
    for module, kind in optimisers:
        for name, c in vars(module).items():
            if inspect.isclass(c) and issubclass(c, kind) and not name.startswith("_"):
                found[f"{module.__name__}.{name}"] = c
    for name in words_of(
        """Dataset TensorDataset DataLoader Subset ConcatDataset random_split SubsetRandomSampler RandomSampler
    SequentialSampler WeightedRandomSampler BatchSampler Sampler default_collate"""
    ):
        for place in (
            "torch.utils.data",
            "torch.utils.data.sampler",
            "torch.utils.data.dataset",
            "torch.utils.data.dataloader",
        ):
            found[f"{place}.{name}"] = getattr(data, name)
    found["torch.autograd.Variable"] = found["torch.autograd.variable.Variable"] = torch.autograd.Variable
    found["torch.autograd.grad"] = torch.autograd.grad
    found["torch.cuda.is_available"] = found["torch.backends.mps.is_available"] = torch.cuda.is_available
    found["torch.cuda.device_count"] = torch.cuda.device_count
    return found


def _plain() -> dict[str, Any]:
    found: dict[str, Any] = {f"math.{name}": getattr(math, name) for name in _MATH}
    found |= {f"itertools.{name}": getattr(itertools, name) for name in _ITERTOOLS}
    for name in ("Counter", "defaultdict", "OrderedDict", "deque"):
        found[f"collections.{name}"] = getattr(collections, name)
    for name in (
        "ascii_letters",
        "ascii_lowercase",
        "ascii_uppercase",
        "digits",
        "punctuation",
        "printable",
        "whitespace",
    ):
        found[f"string.{name}"] = getattr(string, name)
    found |= {f"random.{name}": getattr(random, name) for name in RANDOM}
    found |= {
        "copy.deepcopy": copy.deepcopy,
        "copy.copy": copy.copy,
        "json.loads": json.loads,
        "json.dumps": json.dumps,
    }
    found |= {"functools.partial": functools.partial, "functools.reduce": functools.reduce}
    found |= {f"numpy.{name}": _part(np, name) for name in _NUMPY if hasattr(np, name.split(".")[0])}
    found |= {f"numpy.random.{name}": getattr(np.random, name) for name in NUMPY_RANDOM}
    return found


def _part(owner: Any, path: str) -> Any:
    for name in path.split("."):
        owner = getattr(owner, name, None)
    return owner


_LIBRARIES: dict[str, Any] = {
    "torch": torch, "torch.nn": nn, "torch.nn.functional": functional, "torch.nn.utils": nn.utils,
    "torch.nn.utils.rnn": packing, "torch.nn.init": init, "torch.optim": torch.optim,
    "torch.optim.lr_scheduler": torch.optim.lr_scheduler, "torch.cuda": torch.cuda, "torch.autograd": torch.autograd,
    "torch.linalg": torch.linalg, "torch.utils": torch.utils, "torch.utils.data": data,
    "torch.backends": torch.backends,
    "torch.backends.mps": torch.backends.mps, "torch.nn.parameter": nn.parameter, "torch.nn.modules": nn.modules,
    "torch.autograd.variable": torch.autograd.variable, "torch.utils.data.sampler": data.sampler,
    "torch.utils.data.dataset": data.dataset, "torch.utils.data.dataloader": data.dataloader,
    "torch.random": torch.random,
    "torch.nn.modules.module": nn.modules.module, "math": math, "numpy": np, "numpy.random": np.random,
    "numpy.linalg": np.linalg, "random": random, "string": string, "collections": collections, "itertools": itertools,
    "functools": functools, "copy": copy, "json": json, "time": None, "dataclasses": None, "typing": None, "tqdm": None,
    "tqdm.auto": None, "tqdm.notebook": None, "pandas": None, "sklearn": None, "sklearn.preprocessing": None,
    "sklearn.model_selection": None, "os": None, "sys": None, "__future__": None, "collections.abc": None, "re": None,
    "abc": None,
}  # fmt: skip


def is_library(path: str) -> bool:
    """Whether something can be taken from this package."""
    return path in _LIBRARIES or is_quiet(path)


def is_quiet(path: str) -> bool:
    """Whether this package only shows and logs."""
    return path.split(".")[0] in QUIET_LIBRARIES or path in QUIET_PATHS or path in _QUIET_TORCH


class Absent(Exception):  # noqa: N818 - Python's AttributeError or ImportError is made of it
    """A package does not have what is asked of it; `library` is the module itself."""

    def __init__(self, library: types.ModuleType) -> None:
        super().__init__()
        self.library = library


def take(path: str, name: str) -> Value:
    """Return what a package has under a name.

    Raises:
        Absent: if the real package does not have it.
        NotUnderstood: if it has it, and it is not on the list.
    """
    full = f"{path}.{name}"
    if is_quiet(full):
        return Quiet(name)
    if full in _LIBRARIES:
        return Library(full)
    if full in functions():
        return functions()[full]
    if name == "__version__":
        return Drawn("2.0")
    if (
        path.split(".")[0] in ("tqdm", "pandas", "sklearn", "time", "typing", "dataclasses", "abc")
        or path == "collections.abc"
    ):
        return Library(full)
    if full == "collections.namedtuple":
        return Library(full)
    library = _LIBRARIES[path]
    if name.startswith("_") or library is None or hasattr(library, name):
        raise not_understood(full)
    raise Absent(library)


@cache
def listed() -> frozenset[int]:
    """Return the ids of everything that may be called."""
    return frozenset(id(f) for f in functions().values() if callable(f))


@cache
def tensor_names() -> frozenset[str]:
    """Return the methods and attributes of tensors that may be used."""
    overridable = {getattr(f, "__name__", "") for f in get_overridable_functions()[torch.Tensor]}
    names = {n for n in dir(torch.Tensor) if not n.startswith("_") and n not in _NOT_TORCH}
    kinds = (property, types.GetSetDescriptorType)
    properties = {n for n in names if isinstance(inspect.getattr_static(torch.Tensor, n), kinds)}
    properties -= {"volatile", "output_nr", "name", "names", "grad_fn", "untyped_storage", "is_xla"}
    more = {"new", "cpu", "cuda", "numpy", "resize_", "retain_grad", "new_zeros", "new_ones", "new_full", "new_empty"}
    return frozenset(
        (names & overridable) | properties | more | {"new_tensor", "tolist", "item", "type", "to", "T"}
    ) - {"set_"}

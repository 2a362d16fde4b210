"""Whether a call of torch makes anything large, as far as that is plain from its arguments."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch

from rnn_core.interpreter.budget import MAX_SMALL, words_of

RECURRENT = frozenset(("lstm", "gru", "rnn_tanh", "rnn_relu"))
# the size of the result depends on the numbers
DATA_SIZED = words_of(
    """one_hot bincount repeat_interleave nonzero masked_select unique unique_consecutive argwhere histc _unique2
    tensor_split"""
)
_NO_LARGER = words_of(
    """view reshape permute transpose t squeeze unsqueeze flatten sum mean max min argmax argmin softmax log_softmax
    relu tanh sigmoid float long double int half bool to contiguous narrow select split chunk clone unbind unflatten
    layer_norm batch_norm backward item tolist dropout zero_ fill_ copy_ cross_entropy nll_loss sort topk view_as
    movedim detach detach_ requires_grad_ exp log sqrt abs neg round floor ceil sin cos std var prod all any cumsum
    flip roll squeeze_ unsqueeze_ transpose_ t_ masked_fill_ normal_ uniform_ random_ bernoulli_ clamp clamp_ type
    type_as numpy masked_select nonzero unique unique_consecutive argsort norm log1p expm1 square relu_ sigmoid_
    tanh_ lift_fresh kaiming_uniform_ kaiming_normal_ xavier_uniform_ xavier_normal_ orthogonal_ constant_ zeros_
    ones_ from_numpy __get__ __bool__ __int__ __float__ __index__ __format__ __iter__ unsafe_chunk swapaxes swapdims
    ravel adjoint _pack_padded_sequence cpu gelu elu leaky_relu silu softplus hardtanh logsigmoid normalize argwhere"""
)
_BROADCASTS = words_of(
    """add sub mul div pow eq gt lt ge le ne __radd__ __rmul__ __rsub__ __rdiv__ __rtruediv__ where masked_fill
    true_divide add_ sub_ mul_ div_ mse_loss l1_loss smooth_l1_loss rsub __and__ __or__ __xor__ __iadd__ __isub__
    __imul__ __itruediv__ __idiv__ __pow__ __rpow__ remainder fmod floor_divide bitwise_and bitwise_or maximum
    minimum binary_cross_entropy binary_cross_entropy_with_logits logical_and logical_or logical_not addcmul addcdiv
    addcmul_ addcdiv_ lerp lerp_ __eq__ __ne__ __lt__ __gt__ __le__ __ge__ __mod__ __floordiv__ __truediv__"""
)
_PRODUCTS = frozenset(("linear", "matmul", "__matmul__", "mm", "bmm", "__rmatmul__", "mv", "dot"))
_JOINS = frozenset(("cat", "stack", "concat", "hstack", "vstack", "concatenate"))
# at most the product of all sizes and numbers that go in; of others it is supposed that it may be squared
_AT_MOST_A_PRODUCT = words_of(
    """repeat expand expand_as einsum gather index_select conv1d conv2d max_pool1d max_pool2d avg_pool1d avg_pool2d
    linear matmul mm bmm mv dot outer stack cat pad_sequence pack_sequence unpad_sequence arange linspace
    __getitem__ embedding zeros_like ones_like full_like rand_like randn_like scatter_ index_add_ index_copy_
    index_fill_ masked_scatter_ __setitem__ tril triu tile adaptive_avg_pool1d adaptive_max_pool1d cosine_similarity
    unfold_ roll randperm multinomial bernoulli_ addmm addmv baddbmm _pad_packed_sequence batch_norm group_norm
    instance_norm relu6 mish hardswish prelu tensor_split kl_div huber_loss cosine_embedding_loss
    margin_ranking_loss triplet_margin_loss hinge_embedding_loss lift nan_to_num isnan isinf isfinite equal allclose
    sign rsqrt reciprocal trunc frac erf var_mean std_mean cumprod amax amin median mode kthvalue quantile diff
    logsumexp zeros_ one_ take take_along_dim scatter where"""
)
_BY_SIZE = words_of("zeros ones empty rand randn full randint new_zeros new_ones new_full new_empty new eye")


def numbers_in(value: Any, depth: int = 0) -> Iterator[float]:
    """Yield the numbers in arguments, by size."""
    if isinstance(value, bool):
        return
    if isinstance(value, (int, float)):
        yield abs(value)
    elif isinstance(value, (tuple, list)) and depth < 5:
        for item in value:
            yield from numbers_in(item, depth + 1)
    elif isinstance(value, dict) and depth < 5:
        for item in value.values():
            yield from numbers_in(item, depth + 1)


def is_small(name: str, args: Sequence[Any], kwargs: Mapping[str, Any], tensors: Sequence[torch.Tensor]) -> bool | None:
    """Tell whether a call makes at most MAX_SMALL numbers of operands that have no more; None if that is not plain."""
    if any(t.numel() > MAX_SMALL for t in tensors):
        return False
    if name in _NO_LARGER or name.endswith("_cell"):
        return True
    if name in RECURRENT:
        weights = sum(t.numel() for t in tensors[1:])
        return tensors[0].numel() // max(tensors[0].shape[-1], 1) * weights <= 3e7
    if name in DATA_SIZED:
        return stands_alone(name, args, kwargs, tensors)
    most = MAX_SMALL if name in _AT_MOST_A_PRODUCT or name in _BY_SIZE or name in _BROADCASTS else 256  # 256^2 = 2^16
    if _product(tensors, args, kwargs) <= most:
        return True
    if name in ("tensor", "as_tensor", "arange", "linspace", "logspace"):
        return name in ("tensor", "as_tensor") or _steps(name, args, kwargs) <= MAX_SMALL
    if name in _BY_SIZE:
        return _factory(name, args, kwargs) <= MAX_SMALL
    if name in _BROADCASTS and tensors:
        return _broadcast(tensors) <= MAX_SMALL
    if name == "__getitem__" and not isinstance(args[1], (torch.Tensor, list, tuple)):
        return True
    if name == "__getitem__" and isinstance(args[1], tuple) and all(map(_is_plain_index, args[1])):
        return True
    if name in _PRODUCTS and len(tensors) > 1 and all(t.dim() for t in tensors[:2]):
        a, b = tensors[:2]
        inner = max(a.shape[-1], 1)
        return a.numel() // inner * max(b.numel() // inner, 1) <= MAX_SMALL
    if name in _JOINS:
        return sum(t.numel() for t in tensors) <= MAX_SMALL
    if name == "embedding" and len(tensors) > 1 and tensors[1].dim():
        return tensors[0].numel() * tensors[1].shape[-1] <= MAX_SMALL
    return None


def is_linear(name: str) -> bool:
    """Tell whether a call is known to take time and memory that grow with its operands and its result only."""
    return (
        name in _NO_LARGER or name in _BROADCASTS or name in _PRODUCTS or name in _JOINS or name in _AT_MOST_A_PRODUCT
    )


def _is_plain_index(item: Any) -> bool:
    return item is None or item is Ellipsis or isinstance(item, (int, slice))


def stands_alone(name: str, args: Sequence[Any], kwargs: Mapping[str, Any], tensors: Sequence[torch.Tensor]) -> bool:
    """Tell whether a call that cannot be tried without numbers makes nothing large, looked at with its numbers."""
    if any(t.is_meta for t in tensors):
        return name == "repeat_interleave" and len(tensors) == 1
    if name in ("one_hot", "bincount") and tensors:
        first = tensors[0]
        if not first.numel() or first.is_floating_point():
            return True
        asked = max((int(n) for n in numbers_in((args[1:], dict(kwargs)))), default=1)
        size = max(int(first.max()) + 1, asked)
        return size * (first.numel() if name == "one_hot" else 1) <= MAX_SMALL
    if name == "repeat_interleave" and len(tensors) > 1:
        repeats = tensors[1]
        row = tensors[0].numel() // max(len(repeats) if repeats.dim() else 1, 1)
        return repeats.is_floating_point() or int(repeats.clamp(min=0).double().sum()) * max(row, 1) <= MAX_SMALL
    return _product(tensors, args, kwargs) <= MAX_SMALL


def _product(tensors: Sequence[torch.Tensor], args: Any, kwargs: Any) -> float:
    bound = 1.0
    for t in tensors:
        bound *= max(t.numel(), 1)
    for n in numbers_in((args, dict(kwargs))):
        bound *= n if n > 1 else 1 / n if 0 < n < 1 else 1
        if not bound < 1e30:
            return 1e30
    return bound


def _broadcast(tensors: Sequence[torch.Tensor]) -> int:
    sizes = [1] * max(t.dim() for t in tensors)
    for t in tensors:
        for axis, size in enumerate(reversed(t.shape)):
            sizes[-1 - axis] = max(sizes[-1 - axis], size)
    return math.prod(sizes)


def _factory(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> float:
    if name == "eye":
        given = [n for n in args if isinstance(n, int)]
        return float(given[0]) * given[-1] if given else 1e30
    sequences = [a for a in (*args, kwargs.get("size"), kwargs.get("shape")) if isinstance(a, (tuple, list))]
    sizes = sequences[0] if sequences else [a for a in args if isinstance(a, int)]
    return math.prod(float(n) for n in sizes if isinstance(n, (int, float)))


def _steps(name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> float:
    named = [kwargs[key] for key in ("start", "end", "step" if name == "arange" else "steps") if key in kwargs]
    given = [float(n) for n in (*args, *named) if isinstance(n, (int, float))]
    if name != "arange":
        return given[2] if len(given) > 2 else 1
    start, end, step = (0.0, given[0], 1.0) if len(given) == 1 else (*given, 1.0)[:3] if given else (0.0, 0.0, 1.0)
    return abs(end - start) / abs(step) if step else 0.0


def is_integral(tensor: torch.Tensor) -> bool:
    """Whether a tensor holds whole numbers."""
    return not tensor.is_floating_point() and not tensor.is_complex() and tensor.dtype != torch.bool


def plain(tensor: torch.Tensor) -> Any:
    """Return the whole number that a tensor is, where it is one and has it."""
    return int(tensor) if tensor.numel() == 1 and is_integral(tensor) and not tensor.is_meta else tensor

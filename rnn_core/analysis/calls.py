"""One call of a real module, with every tensor copied out, the states of the layers in between included."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnn_core.config import Config
from rnn_core.records.arrays import frozen
from rnn_core.records.runs import Dataset
from rnn_core.records.tensors import TensorSpec
from rnn_core.sentence import Sentence
from rnn_core.shapes.slices import EqualSlices, equal_slices, time_axis
from rnn_core.shapes.specs import check_projection, tensor_specs
from rnn_core.training.budget import check_budget
from rnn_core.training.experiment import Experiment
from rnn_core.training.model import State, build_embedding, build_linear, build_recurrent


@dataclass(frozen=True)
class MeasuredSlices:
    """Two slices that are equal by PyTorch's definition, and the largest difference that was found between them."""

    slices: EqualSlices
    difference: float


@dataclass(frozen=True, eq=False)
class Call:
    """Every tensor of one call, as torch saw it.

    Attributes:
        config: with every size as the module had it, the text's window included.
        vocab_size: V, the number of scores.
        tensors: all that `tensor_specs` lists, by name and in that order; None is never among them.
        hidden: the hidden state of every layer, direction and time step: (num_layers, D, L, N, H_out), without N for
            an unbatched call. Time runs as the text does in both directions.
        slices: where `output` equals `h_n`, measured.
    """

    config: Config
    vocab_size: int
    tensors: Mapping[str, np.ndarray]
    hidden: Float[np.ndarray, "num_layers D L *N H_out"]
    slices: tuple[MeasuredSlices, ...]


def trace_call(
    config: Config | Experiment, *, source: Literal["text", "random"] = "random", proj_size: int = 0, bias: bool = True
) -> Call:
    """Build the module of a config, call it once and copy out every tensor.

    Weights, then the input, h_0 and c_0 (for random input), are drawn from one generator seeded with config.seed, in
    the order in which the script of `to_shapes_script` draws them from the global one.

    Args:
        config: for random input it takes input_size, seq_len and batch_size as given and needs no text.
        source: "text" gives the first windows of the config's own text and zeros as h_0; "random" draws everything
            from a standard normal distribution, and targets uniformly.
        proj_size: size that an LSTM's hidden state is projected to; 0 for none.
        bias: whether the recurrent layers have biases.

    Raises:
        ConfigError: if the text is too short, the call too large, or proj_size not one that an LSTM can have.
    """
    experiment = Experiment.of(config)
    config = experiment.config if source == "text" else experiment.asked
    check_projection(config, proj_size)
    vocab_size = experiment.dataset.vocab_size if source == "text" else config.input_size
    # A budget counts no more steps than the text has characters; drawn input has as many as are asked for.
    check_budget(config if source == "text" else config.model_copy(update={"repeat": True}), vocab_size)
    generator = torch.Generator().manual_seed(config.seed)
    embeds = source == "text" and config.encoding == "embedding"
    embedding = build_embedding(config, vocab_size, generator) if embeds else None
    rnn = build_recurrent(config, config.input_size, generator, proj_size=proj_size, bias=bias)
    width = config.num_directions * (proj_size or config.hidden_size)
    head = build_linear(width, vocab_size, generator) if config.head == "linear" else None
    with torch.no_grad():
        if source == "text":
            input, target = _text_input(config, experiment.dataset, embedding)
            state = _initial_state(config, proj_size, None)
        else:
            input = torch.randn(_shape(config, "input"), generator=generator)
            state = _initial_state(config, proj_size, generator)
            target = torch.randint(vocab_size if head else width, _shape(config, "target"), generator=generator)
        return _run(config, vocab_size, rnn, head, input, state, target)


def layer_outputs(call: Call) -> list[tuple[TensorSpec, np.ndarray]]:
    """Return what every layer hands to the next one, in the shape of `output`, which is the last of them.

    torch returns the last one alone; of the layers below only `h_n` is seen.
    """
    output = next(spec for spec in tensor_specs(call.config, call.vocab_size) if spec.name == "output")
    given = []
    for layer, states in enumerate(call.hidden[:-1]):  # (D, L, *N, H_out)
        joined = np.concatenate(states, axis=-1)  # (L, *N, D*H_out)
        values = frozen(np.moveaxis(joined, 0, time_axis(call.config)))
        given.append((replace(output, name=f"layer {layer}", shape=values.shape, meaning=_BELOW), values))
    return [*given, (replace(output, shape=call.tensors["output"].shape), call.tensors["output"])]


_BELOW = Sentence(
    "Hidden state of a lower layer at every time step: what the layer above reads. torch does not return it."
)


def _run(
    config: Config,
    vocab_size: int,
    rnn: nn.RNNBase,
    head: nn.Linear | None,
    input: Tensor,
    state: State,
    target: Tensor,
) -> Call:
    output, last = rnn(input, state)
    found = {"input": input, **_named(state, "0"), **dict(rnn.named_parameters())}
    found |= {"output": output, **_named(last, "n")}
    logits = output
    if head is not None:
        logits = head(output)
        found |= {"head.weight": head.weight, "head.bias": head.bias, "logits": logits}
    scores = logits.reshape(-1, logits.shape[-1])
    found |= {"scores": scores, "target": target, "loss": cross_entropy(scores, target)}
    tensors = {name: frozen(tensor.detach().numpy()) for name, tensor in found.items()}
    return Call(
        config=config,
        vocab_size=vocab_size,
        tensors=MappingProxyType(tensors),
        hidden=_layer_states(config, rnn, input, state),
        slices=tuple(_measure(pair, tensors) for pair in equal_slices(config, proj_size=rnn.proj_size)),
    )


def _text_input(config: Config, dataset: Dataset, embedding: nn.Embedding | None) -> tuple[Tensor, Tensor]:
    """Arrange the first windows of the text as the network is given them."""
    windows = torch.from_numpy(dataset.input[: config.batch_size].copy())  # (N, L)
    target = torch.from_numpy(dataset.target[: config.batch_size].copy())
    if not config.batched:
        windows, target = windows[0], target[0]  # (L,)
    elif config.is_time_first:
        windows, target = windows.T, target.T  # (L, N)
    rows = torch.eye(dataset.vocab_size, config.input_size) if embedding is None else embedding.weight
    features = rows[windows]
    return features, target.reshape(-1)


def _shape(config: Config, name: str, proj_size: int = 0) -> tuple[int, ...]:
    return next(spec.shape for spec in tensor_specs(config, proj_size=proj_size) if spec.name == name)


def _initial_state(config: Config, proj_size: int, generator: torch.Generator | None) -> State:
    """Return h_0, or (h_0, c_0): drawn from a generator, or zeros without one."""
    names = ("h_0", "c_0") if config.cell == "lstm" else ("h_0",)
    shapes = [_shape(config, name, proj_size) for name in names]
    drawn = [torch.randn(s, generator=generator) if generator else torch.zeros(s) for s in shapes]
    return (drawn[0], drawn[1]) if config.cell == "lstm" else drawn[0]


def _named(state: State, when: str) -> dict[str, Tensor]:
    parts = state if isinstance(state, tuple) else (state,)
    return {f"{name}_{when}": tensor for name, tensor in zip("hc", parts, strict=False)}


def _layer_states(config: Config, rnn: nn.RNNBase, input: Tensor, state: State) -> np.ndarray:
    """Run the layers one after the other with the stacked module's own weights, keeping what each of them gives."""
    D, x, hidden = config.num_directions, input, []
    for layer in range(config.num_layers):
        rows = slice(layer * D, (layer + 1) * D)  # of h_0: (D*num_layers, N, H_out)
        start = (state[0][rows], state[1][rows]) if isinstance(state, tuple) else state[rows]
        x = _run_layer(config, rnn, layer, x, start)
        by_time = x.movedim(time_axis(config), 0)  # (L, N, D*H_out)
        hidden.append(torch.stack(by_time.chunk(D, dim=-1)))  # (D, L, N, H_out)
    return frozen(torch.stack(hidden).numpy())


def _run_layer(config: Config, rnn: nn.RNNBase, layer: int, x: Tensor, state: State) -> Tensor:
    """Run one layer of a stacked module, both of its directions, as a module of its own."""
    one = config.model_copy(update={"num_layers": 1})
    single = build_recurrent(one, x.shape[-1], torch.Generator(), proj_size=rnn.proj_size, bias=rnn.bias)
    weights = {name: getattr(rnn, name.replace("_l0", f"_l{layer}")) for name, _ in single.named_parameters()}
    output: Tensor = torch.func.functional_call(single, weights, (x, state))[0]
    return output


def _measure(pair: EqualSlices, tensors: Mapping[str, np.ndarray]) -> MeasuredSlices:
    difference = np.abs(tensors["output"][pair.output_index] - tensors["h_n"][pair.h_n_index]).max()
    return MeasuredSlices(pair, float(difference))

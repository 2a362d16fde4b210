"""Every tensor of a recurrent call by name, axes and shape: arithmetic only, no network is built.

Axis letters are PyTorch's (https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html): N batch, L sequence,
H_in input features, H_out hidden units, H_cell cell units of an LSTM with proj_size, D directions, V vocabulary.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rnn_core.config import Config
from rnn_core.records.tensors import GateBlock, TensorSpec
from rnn_core.sentence import ConfigError, Sentence

# The blocks of rows in each weight and bias, from the top, as PyTorch packs them.
GATE_NAMES = {"rnn": ("h",), "gru": ("r", "z", "n"), "lstm": ("i", "f", "g", "o")}
GATES = {cell: len(names) for cell, names in GATE_NAMES.items()}
_GATE_MEANINGS = {
    "h": Sentence("the new hidden state"),
    "r": Sentence("reset gate: how much of the old state the candidate sees"),
    "z": Sentence("update gate: how much of the old state stays"),
    "n": Sentence("candidate for the new state"),
    "i": Sentence("input gate: how much of the candidate is written"),
    "f": Sentence("forget gate: how much of the cell state stays"),
    "g": Sentence("candidate for the cell state"),
    "o": Sentence("output gate: how much of the cell state is shown"),
}

Axes = tuple[str, ...]
Row = tuple[str, Axes, Literal["input", "parameter", "result", "loss"], Sentence]


@dataclass(frozen=True)
class CallCost:
    """What one forward call takes.

    Attributes:
        parameters: weights and biases, of the recurrent layers and of the head.
        multiply_adds_per_t: of the matrix products, for one time step of one sequence.
        multiply_adds: of the whole call.
        bytes: of every tensor in the table.
    """

    parameters: int
    multiply_adds_per_t: int
    multiply_adds: int
    bytes: int


def sequence_axes(config: Config, last: str) -> tuple[str, ...]:
    """Return the axes of a sequence tensor as the network reads them."""
    if not config.batched:
        return ("L", last)
    return ("N", "L", last) if config.batch_first else ("L", "N", last)


def axis_sizes(config: Config, vocab_size: int | None = None, *, proj_size: int = 0) -> dict[str, int]:
    """Return the size of each axis as the network reads it.

    A batch-major tensor given to a network with batch_first=False has N and L exchanged: the first axis, meant as the
    batch, is read as time.
    """
    length, batch = config.seq_len, config.batch_size
    if config.has_swapped_axes:
        length, batch = batch, length
    hidden = proj_size or config.hidden_size
    return {
        "N": batch,
        "L": length,
        "N*L": batch * length,
        "L*N": batch * length,
        "H_in": config.input_size,
        "H_out": hidden,
        "H_cell": config.hidden_size,
        "D*H_out": config.num_directions * hidden,
        "D*num_layers": config.num_directions * config.num_layers,
        _rows(config, proj_size): GATES[config.cell] * config.hidden_size,
        "V": vocab_size or config.input_size,
    }


def tensor_specs(
    config: Config, vocab_size: int | None = None, *, proj_size: int = 0, bias: bool = True
) -> list[TensorSpec]:
    """List every tensor of one forward call and of its loss in the order in which it is met.

    Args:
        config: takes input_size, seq_len and batch_size as given; needs no text.
        vocab_size: number of scores that a linear head gives; input_size if not given.
        proj_size: size that an LSTM's hidden state is projected to; 0 for none.
        bias: whether the recurrent layers have biases; the head always has one.

    Raises:
        ConfigError: if proj_size does not go with the cell or the hidden size, as torch.nn.LSTM refuses it.
    """
    check_projection(config, proj_size)
    sizes = axis_sizes(config, vocab_size, proj_size=proj_size)
    return [
        TensorSpec(
            name=name,
            axes=axes,
            shape=tuple(sizes[a] for a in axes),
            meaning=meaning,
            role=role,
            gates=gate_blocks(config) if axes[:1] == (_rows(config, proj_size),) else (),
            dtype="int64" if name == "target" else "float32",
        )
        for name, axes, role, meaning in _tensors(config, proj_size, bias)
    ]


def gate_blocks(config: Config) -> tuple[GateBlock, ...]:
    """Return which rows of every recurrent weight and bias belong to which gate, in PyTorch's order."""
    H = config.hidden_size
    names = GATE_NAMES[config.cell]
    return tuple(GateBlock(name, i * H, (i + 1) * H, _GATE_MEANINGS[name]) for i, name in enumerate(names))


def call_cost(config: Config, vocab_size: int | None = None, *, proj_size: int = 0, bias: bool = True) -> CallCost:
    """Count the parameters, the multiply-adds of the matrix products and the bytes of one forward call."""
    specs = tensor_specs(config, vocab_size, proj_size=proj_size, bias=bias)
    parameters = [spec for spec in specs if spec.role == "parameter"]
    per_t = sum(spec.elements for spec in parameters if len(spec.shape) == 2)  # each weight is used once a time step
    return CallCost(
        parameters=sum(spec.elements for spec in parameters),
        multiply_adds_per_t=per_t,
        multiply_adds=per_t * math.prod(next(s.shape for s in specs if s.name == "target")),
        bytes=sum(spec.bytes for spec in specs),
    )


def check_projection(config: Config, proj_size: int) -> None:
    """Refuse what torch.nn.LSTM refuses.

    Raises:
        ConfigError: saying what proj_size may be.
    """
    if proj_size and config.cell != "lstm":
        raise ConfigError(
            Sentence(
                "{field}={value} cannot be used with cell={cell}: only an LSTM has a projection.",
                field="proj_size",
                value=proj_size,
                cell=config.cell,
            )
        )
    if not 0 <= proj_size < config.hidden_size:
        raise ConfigError(
            Sentence(
                "{field}={value} cannot be used: 0 (none) or a size below hidden_size={high} works.",
                field="proj_size",
                value=proj_size,
                high=config.hidden_size,
            )
        )


def _rows(config: Config, proj_size: int = 0) -> str:
    """Name the first axis of a weight: H_out, or as many times H_out as there are gates."""
    unit = "H_cell" if proj_size else "H_out"
    return unit if config.cell == "rnn" else f"{GATES[config.cell]}*{unit}"


def _tensors(config: Config, proj_size: int, bias: bool) -> Iterator[Row]:
    batch = ("N",) if config.batched else ()
    state, unit = ("D*num_layers", *batch, "H_out"), "H_cell" if proj_size else "H_out"
    yield (
        "input",
        sequence_axes(config, "H_in"),
        "input",
        Sentence("One feature vector for each time step of each sequence."),
    )
    yield "h_0", state, "input", Sentence("Hidden state before the first time step; zeros if not given.")
    if config.cell == "lstm":
        yield (
            "c_0",
            (*state[:-1], unit),
            "input",
            Sentence("Cell state before the first time step; zeros if not given."),
        )
    for layer in range(config.num_layers):
        for direction in ("", "_reverse")[: config.num_directions]:
            yield from _weights(config, layer, direction, proj_size, bias)
    yield (
        "output",
        sequence_axes(config, "D*H_out"),
        "result",
        Sentence("Hidden state of the top layer at every time step."),
    )
    yield (
        "h_n",
        state,
        "result",
        Sentence("Hidden state of every layer after its last time step; batch_first does not move its axes."),
    )
    if config.cell == "lstm":
        yield "c_n", (*state[:-1], unit), "result", Sentence("Cell state of every layer after its last time step.")
    yield from _scores(config)


def _weights(config: Config, layer: int, direction: str, proj_size: int, bias: bool) -> Iterator[Row]:
    rows, name = _rows(config, proj_size), f"l{layer}{direction}"
    if layer == 0:
        meaning = Sentence("From the input to the hidden units; one for all time steps.")
    else:
        meaning = Sentence("From the layer below, all its directions, to the hidden units; one for all time steps.")
    yield f"weight_ih_{name}", (rows, "H_in" if layer == 0 else "D*H_out"), "parameter", meaning
    meaning = Sentence("From the hidden units one time step earlier; one for all time steps.")
    yield f"weight_hh_{name}", (rows, "H_out"), "parameter", meaning
    if bias:
        yield f"bias_ih_{name}", (rows,), "parameter", Sentence("Added to what comes from below.")
        yield f"bias_hh_{name}", (rows,), "parameter", Sentence("Added to what comes from the time step before.")
    if proj_size:
        meaning = Sentence("From the cell's output to the smaller hidden state; one for all time steps.")
        yield f"weight_hr_{name}", ("H_out", "H_cell"), "parameter", meaning


def _scores(config: Config) -> Iterator[Row]:
    V, flat = "D*H_out", "*".join(sequence_axes(config, "")[:-1])
    if config.head == "linear":
        V = "V"
        yield "head.weight", ("V", "D*H_out"), "parameter", Sentence("Maps a hidden state to one score per character.")
        yield "head.bias", ("V",), "parameter", Sentence("Added to the scores.")
        yield (
            "logits",
            sequence_axes(config, "V"),
            "result",
            Sentence("One score per character of the vocabulary at every time step."),
        )
    yield "scores", (flat, V), "loss", Sentence("The scores as cross_entropy takes them: one row for every character.")
    yield "target", (flat,), "loss", Sentence("The index of the right character for every row of the scores.")
    yield "loss", (), "loss", Sentence("Mean cross-entropy over all rows, in nats per character.")

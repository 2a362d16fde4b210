"""Every tensor of a recurrent call by name, axes and shape: arithmetic only, no network is built.

Axis letters are PyTorch's (https://pytorch.org/docs/stable/generated/torch.nn.RNN.html): N batch, L sequence, H_in
input features, H_out hidden units, D directions, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator

from rnn_core.config import Config
from rnn_core.records import TensorSpec

GATES = {"rnn": 1, "gru": 3, "lstm": 4}  # blocks of H_out rows in each weight: (h), (r, z, n), (i, f, g, o)


def sequence_axes(config: Config, last: str) -> tuple[str, ...]:
    """Return the axes of a sequence tensor as the network reads them."""
    if not config.batched:
        return ("L", last)
    return ("N", "L", last) if config.batch_first else ("L", "N", last)


def axis_sizes(config: Config, vocab_size: int | None = None) -> dict[str, int]:
    """Return the size of each axis as the network reads it.

    A batch-major tensor given to a network with batch_first=False has N and L exchanged: the first axis, meant as the
    batch, is read as time.
    """
    length, batch = config.seq_len, config.batch_size
    if config.layout == "batch_major" and not config.batch_first and config.batched:
        length, batch = batch, length
    return {
        "N": batch,
        "L": length,
        "H_in": config.input_size,
        "H_out": config.hidden_size,
        "D*H_out": config.num_directions * config.hidden_size,
        "D*num_layers": config.num_directions * config.num_layers,
        _rows(config): GATES[config.cell] * config.hidden_size,
        "V": vocab_size or config.input_size,
    }


def tensor_specs(config: Config, vocab_size: int | None = None) -> list[TensorSpec]:
    """List every tensor of one forward call in the order in which it is met.

    Args:
        config: takes input_size, seq_len and batch_size as given; needs no text.
        vocab_size: number of scores that a linear head gives; input_size if not given.
    """
    sizes = axis_sizes(config, vocab_size)
    return [TensorSpec(name, axes, tuple(sizes[a] for a in axes), meaning) for name, axes, meaning in _tensors(config)]


def _rows(config: Config) -> str:
    """Name the first axis of a weight: H_out, or as many times H_out as there are gates."""
    return "H_out" if config.cell == "rnn" else f"{GATES[config.cell]}*H_out"


def _tensors(config: Config) -> Iterator[tuple[str, tuple[str, ...], str]]:
    state = ("D*num_layers", "N", "H_out") if config.batched else ("D*num_layers", "H_out")
    yield "input", sequence_axes(config, "H_in"), "One feature vector for each character of each sequence."
    yield "h_0", state, "Hidden state before the first step; zeros if not given."
    if config.cell == "lstm":
        yield "c_0", state, "Cell state before the first step; zeros if not given."
    yield from _weights(config)
    yield "output", sequence_axes(config, "D*H_out"), "Hidden state of the top layer at every step."
    yield "h_n", state, "Hidden state of every layer after its last step; batch_first does not move its axes."
    if config.cell == "lstm":
        yield "c_n", state, "Cell state of every layer after its last step."
    if config.head == "linear":
        yield "head.weight", ("V", "D*H_out"), "Maps a hidden state to one score per character."
        yield "head.bias", ("V",), "Added to the scores."
        yield "logits", sequence_axes(config, "V"), "One score per character of the vocabulary at every step."


def _weights(config: Config) -> Iterator[tuple[str, tuple[str, ...], str]]:
    rows = _rows(config)
    for layer in range(config.num_layers):
        for direction in ("", "_reverse")[: config.num_directions]:
            name = f"l{layer}{direction}"
            below = ("H_in", "the input") if layer == 0 else ("D*H_out", "the layer below")
            yield f"weight_ih_{name}", (rows, below[0]), f"From {below[1]} to the hidden units; one for all steps."
            yield f"weight_hh_{name}", (rows, "H_out"), "From the hidden units one step earlier; one for all steps."
            yield f"bias_ih_{name}", (rows,), "Added to what comes from below."
            yield f"bias_hh_{name}", (rows,), "Added to what comes from the step before."

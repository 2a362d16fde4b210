"""Which part of `output` is which part of `h_n`: the top layer, where each direction has read everything."""

from __future__ import annotations

from dataclasses import dataclass

from rnn_core.config import Config
from rnn_core.sentence import Sentence
from rnn_core.shapes.specs import sequence_axes

Index = tuple[int | slice, ...]


@dataclass(frozen=True)
class EqualSlices:
    """output[output_index] equals h_n[h_n_index], both (N, H_out), or (H_out,) without a batch.

    Attributes:
        output_index, h_n_index: to index an array with.
        output_text, h_n_text: the same as code, H standing for hidden_size (for proj_size where there is one).
        meaning: why they are equal.
    """

    output_index: Index
    h_n_index: Index
    output_text: str
    h_n_text: str
    meaning: Sentence


def equal_slices(config: Config, *, proj_size: int = 0) -> tuple[EqualSlices, ...]:
    """Return the slices of `output` and `h_n` that hold the same numbers: one pair for each direction.

    The forward direction ends at the last time step, the backward one at t = 0; `output` holds the top layer only, so
    only the last D rows of `h_n` are in it. See the notes of
    https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html.
    """
    H, D = proj_size or config.hidden_size, config.num_directions
    halves = [slice(None)] if D == 1 else [slice(None, H), slice(H, None)]
    pairs = []
    for direction, half in enumerate(halves):
        index: list[int | slice] = [slice(None) for _ in sequence_axes(config, "")]
        index[time_axis(config)], index[-1] = 0 if direction else -1, half
        row: Index = (direction - D,)
        meaning = _BACKWARD if direction else _FORWARD
        names = {H: "H"} if D == 2 else {}
        pairs.append(
            EqualSlices(tuple(index), row, index_text("output", index, names), index_text("h_n", row), meaning)
        )
    return tuple(pairs)


def time_axis(config: Config) -> int:
    """Return which axis of input and output the network steps along."""
    return sequence_axes(config, "").index("L")


def state_row(config: Config, layer: int, direction: int = 0) -> int:
    """Return the row of h_0, h_n, c_0 and c_n that belongs to a layer and a direction (0 forward, 1 backward)."""
    return layer * config.num_directions + direction


def index_text(name: str, index: Index | list[int | slice], words: dict[int, str] | None = None) -> str:
    """Write an indexing as code; slice ends that are in `words` are written as words, slices of everything dropped.

    >>> index_text("output", (slice(None), -1, slice(None, 20)), {20: "H"})
    'output[:, -1, :H]'
    """
    parts = list(index)
    while len(parts) > 1 and parts[-1] == slice(None):
        parts.pop()

    def end(value: int | None) -> str:
        return "" if value is None else (words or {}).get(value, str(value))

    shown = [f"{end(p.start)}:{end(p.stop)}" if isinstance(p, slice) else str(p) for p in parts]
    return f"{name}[{', '.join(shown)}]"


_FORWARD = Sentence("The forward direction has read everything at the last time step.")
_BACKWARD = Sentence("The backward direction has read everything at t = 0, the last time step that it reads.")

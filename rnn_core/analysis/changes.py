"""What a change of the controls does to the tensors of a call: which of them change shape, and which stay, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rnn_core.config import Config
from rnn_core.records.tensors import TensorSpec
from rnn_core.sentence import Sentence
from rnn_core.shapes.specs import call_cost, tensor_specs


@dataclass(frozen=True)
class Change:
    """How the tensors of one call differ from those of another.

    Attributes:
        fields: the settings that differ, of those that a shape can depend on.
        changed: tensors whose axes or sizes are others now, or that were not there.
        vanished: tensors that are not there any more.
        before: the shapes that the changed ones had.
        reasons: what is remarkable about what stays.
    """

    fields: tuple[str, ...]
    changed: tuple[str, ...]
    vanished: tuple[str, ...]
    before: dict[str, tuple[int, ...]]
    reasons: tuple[Sentence, ...]


FIELDS = (
    "cell",
    "input_size",
    "hidden_size",
    "num_layers",
    "bidirectional",
    "batch_first",
    "batched",
    "head",
    "seq_len",
    "batch_size",
    "layout",
)


def compare_calls(before: Config, after: Config, vocab_sizes: tuple[int, int]) -> Change:
    """Compare the tensors of two calls.

    Args:
        before: the config of one call, with every size as the module had it.
        after: that of the other.
        vocab_sizes: V of each.
    """
    old = {spec.name: spec for spec in tensor_specs(before, vocab_sizes[0])}
    new = {spec.name: spec for spec in tensor_specs(after, vocab_sizes[1])}
    changed = tuple(
        name
        for name, spec in new.items()
        if name not in old or (spec.axes, spec.shape) != (old[name].axes, old[name].shape)
    )
    fields = tuple(field for field in FIELDS if getattr(before, field) != getattr(after, field))
    return Change(
        fields=fields,
        changed=changed,
        vanished=tuple(name for name in old if name not in new),
        before={name: old[name].shape for name in changed if name in old},
        reasons=tuple(_reasons(fields, old, new, after)),
    )


def _reasons(
    fields: tuple[str, ...], old: dict[str, TensorSpec], new: dict[str, TensorSpec], config: Config
) -> Iterator[Sentence]:
    """Say what stays where a learner may expect otherwise; each sentence is checked against the shapes first."""
    output, h_n = (old[name].shape == new[name].shape for name in ("output", "h_n"))
    weights = [{n: s.shape for n, s in specs.items() if s.role == "parameter"} for specs in (old, new)]
    if "batch_first" in fields and h_n and len(new["h_n"].shape) == 3:
        yield Sentence(
            "h_n stays {shape}: batch_first moves the axes of input and output, never those of a state.",
            shape=new["h_n"].shape,
        )
    elif "batch_first" in fields and len(new["h_n"].shape) == 3:
        yield Sentence(
            "h_n is still (D*num_layers, N, H_out), but torch now takes another axis of the same data for the batch: "
            "N is {new} instead of {old}.",
            new=new["h_n"].shape[1],
            old=old["h_n"].shape[1] if len(old["h_n"].shape) == 3 else 1,
        )
    if {"seq_len", "batch_size"} & set(fields) and weights[0] == weights[1]:
        yield Sentence(
            "All {count} parameters stay as they are: the same weights serve every time step of every sequence.",
            count=call_cost(config, new["scores"].shape[-1]).parameters,
        )
    if "seq_len" in fields and h_n:
        yield Sentence("h_n stays {shape}: it is the last time step only.", shape=new["h_n"].shape)
    if "num_layers" in fields and output:
        yield Sentence("output stays {shape}: it is the top layer alone.", shape=new["output"].shape)
    if "bidirectional" in fields:
        yield Sentence("output joins both directions in its last axis; in h_n each has rows of its own.")
    if "cell" in fields and output and h_n:
        yield Sentence("output and h_n stay as they are: gates are rows of the weights alone.")
    if "head" in fields and output:
        yield Sentence("output stays {shape}: a head only reads it.", shape=new["output"].shape)

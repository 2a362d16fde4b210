import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnn_core import Config, build_dataset
from rnn_core.shapes import tensor_specs
from rnn_core.tasks import resolve
from rnn_core.training import Trainer
from tests.strategies import field_values, trainable_configs

CLASSES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def shapes(config, vocab_size=None):
    return {spec.name: spec.shape for spec in tensor_specs(config, vocab_size)}


def small_networks():
    choices = ("cell", "num_layers", "bidirectional", "batch_first", "batched", "head", "layout")
    sizes = ("input_size", "hidden_size", "seq_len", "batch_size")
    return st.builds(Config, **{name: field_values(name, 6) for name in choices + sizes})


def torch_shapes(config):
    """Build the network, call it as its reader would, and ask torch for every shape."""
    rnn = CLASSES[config.cell](
        config.input_size,
        config.hidden_size,
        num_layers=config.num_layers,
        batch_first=config.batch_first,
        bidirectional=config.bidirectional,
    )
    length, batch, features = config.seq_len, config.batch_size, config.input_size
    if not config.batched:
        input = torch.zeros(length, features)
    elif config.batch_first or config.layout == "batch_major":
        input = torch.zeros(batch, length, features)
    else:
        input = torch.zeros(length, batch, features)
    output, state = rnn(input)
    h_n, c_n = state if config.cell == "lstm" else (state, None)
    found = {"input": input, "h_0": h_n, "output": output, "h_n": h_n, **dict(rnn.named_parameters())}
    if c_n is not None:
        found |= {"c_0": c_n, "c_n": c_n}
    if config.head == "linear":
        head = nn.Linear(output.shape[-1], 11)
        found |= {"head.weight": head.weight, "head.bias": head.bias, "logits": head(output)}
    return {name: tuple(tensor.shape) for name, tensor in found.items()}


@given(small_networks())
@settings(max_examples=120, deadline=None)
def test_the_table_says_what_torch_says(config):
    specs = tensor_specs(config, vocab_size=11)
    assert {spec.name: spec.shape for spec in specs} == torch_shapes(config)
    names = [spec.name for spec in specs]
    assert len(set(names)) == len(names)
    parameters = [name for name in names if name.startswith(("weight", "bias"))]
    rnn = CLASSES[config.cell](2, 2, num_layers=config.num_layers, bidirectional=config.bidirectional)
    assert parameters == [name for name, _ in rnn.named_parameters()]
    for spec in specs:
        assert len(spec.axes) == len(spec.shape)
        assert spec.meaning


@given(small_networks())
@settings(max_examples=60, deadline=None)
def test_an_axis_has_one_size_wherever_it_is(config):
    sizes = {}
    for spec in tensor_specs(config, vocab_size=11):
        for axis, size in zip(spec.axes, spec.shape, strict=True):
            assert sizes.setdefault(axis, size) == size
    if not config.batched:
        assert "N" not in sizes


@given(trainable_configs(most_steps=1))
@settings(max_examples=80, deadline=None)
def test_a_trace_has_the_shapes_of_the_table(config):
    trainer = Trainer(config)
    dataset = build_dataset(config)
    trace = trainer.trace(range(min(trainer.config.batch_size, len(dataset.input))))
    read = resolve(config).model_copy(
        update={
            "seq_len": dataset.input.shape[1],
            "batch_size": min(resolve(config).batch_size, len(dataset.input)),
        }
    )
    expected = shapes(read, dataset.vocab_size)
    assert trace.input.shape == expected["input"]
    assert trace.output.shape == expected["output"]
    assert trace.logits.shape == expected.get("logits", expected["output"])
    assert trace.h_n.shape == expected["h_n"]
    assert (None if trace.c_n is None else trace.c_n.shape) == expected.get("c_n")
    axes = next(spec.axes for spec in tensor_specs(read) if spec.name == "input")
    assert trace.axes == axes[:-1]
    for name, weight in trainer.weights().items():
        if not name.startswith("embedding"):
            assert weight.shape == expected[name.removeprefix("rnn.")]


def test_the_lessons_batch_as_written_and_as_meant():
    as_written = shapes(Config.preset("onehot-batch"))
    assert (as_written["input"], as_written["output"], as_written["h_n"]) == ((3, 5, 4), (3, 5, 2), (1, 5, 2))
    as_meant = shapes(Config.preset("onehot-batch", batch_first=True))
    assert (as_meant["input"], as_meant["output"], as_meant["h_n"]) == ((3, 5, 4), (3, 5, 2), (1, 3, 2))


def test_the_lessons_training_reads_twelve_sequences_of_one_character():
    specs = {spec.name: spec for spec in tensor_specs(Config.preset("seed-lesson"))}
    assert specs["input"].axes == ("L", "N", "H_in")
    assert specs["input"].shape == (1, 12, 9)
    assert specs["h_n"].shape == (1, 12, 9)
    assert "head.weight" not in specs


@pytest.mark.parametrize(("cell", "gates"), [("rnn", 1), ("gru", 3), ("lstm", 4)])
def test_the_rows_of_a_weight_name_its_gates(cell, gates):
    specs = {spec.name: spec for spec in tensor_specs(Config(cell=cell, hidden_size=5))}
    axis = "H_out" if gates == 1 else f"{gates}*H_out"
    assert specs["weight_hh_l0"].axes == (axis, "H_out")
    assert specs["weight_hh_l0"].shape == (gates * 5, 5)
    assert ("c_0" in specs) == (cell == "lstm")

import math
import warnings

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnn_core import Config, ConfigError, build_dataset
from rnn_core.shapes.specs import GATE_NAMES, call_cost, gate_blocks, tensor_specs
from rnn_core.training.budget import estimate_cost
from rnn_core.training.experiment import Experiment
from rnn_core.training.trainer import Trainer
from tests.strategies import field_values, trainable_configs

CLASSES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


def shapes(config, vocab_size=None, **more):
    return {spec.name: spec.shape for spec in tensor_specs(config, vocab_size, **more)}


def small_networks():
    choices = ("cell", "num_layers", "bidirectional", "batch_first", "batched", "head", "layout")
    sizes = ("input_size", "hidden_size", "seq_len", "batch_size")
    return st.builds(Config, **{name: field_values(name, 6) for name in choices + sizes})


def networks_with_options():
    """Draw a network together with a projection that it can have, and with or without biases."""
    return st.tuples(small_networks(), st.integers(0, 5), st.booleans()).map(_fit)


def _fit(drawn):
    config, proj_size, bias = drawn
    most = config.hidden_size - 1 if config.cell == "lstm" else 0
    return config, {"proj_size": min(proj_size, most), "bias": bias}


def torch_tensors(config, proj_size=0, bias=True):
    """Build the network, call it as its reader would, and ask torch for every tensor."""
    options = {"proj_size": proj_size} if config.cell == "lstm" else {}
    rnn = CLASSES[config.cell](
        config.input_size,
        config.hidden_size,
        num_layers=config.num_layers,
        bias=bias,
        batch_first=config.batch_first,
        bidirectional=config.bidirectional,
        **options,
    )
    length, batch, features = config.seq_len, config.batch_size, config.input_size
    if not config.batched:
        input = torch.zeros(length, features)
    elif config.batch_first or config.layout == "batch_major":
        input = torch.zeros(batch, length, features)
    else:
        input = torch.zeros(length, batch, features)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # oneDNN has no projections
        output, state = rnn(input)
    h_n, c_n = state if config.cell == "lstm" else (state, None)
    found = {"input": input, "h_0": h_n, "output": output, "h_n": h_n, **dict(rnn.named_parameters())}
    if c_n is not None:
        found |= {"c_0": c_n, "c_n": c_n}
    logits = output
    if config.head == "linear":
        head = nn.Linear(output.shape[-1], 11)
        logits = head(output)
        found |= {"head.weight": head.weight, "head.bias": head.bias, "logits": logits}
    scores = logits.flatten(0, -2)
    target = torch.zeros(len(scores), dtype=torch.int64)
    loss = nn.functional.cross_entropy(scores, target)
    return {**found, "scores": scores, "target": target, "loss": loss}, rnn


@given(networks_with_options())
@settings(max_examples=500)
def test_the_table_says_what_torch_says(drawn):
    config, more = drawn
    specs = tensor_specs(config, vocab_size=11, **more)
    tensors, rnn = torch_tensors(config, **more)
    assert {spec.name: spec.shape for spec in specs} == {name: tuple(t.shape) for name, t in tensors.items()}
    for spec in specs:
        tensor = tensors[spec.name]
        assert (spec.elements, spec.bytes) == (tensor.numel(), tensor.numel() * tensor.element_size())
        assert spec.dtype == str(tensor.dtype).removeprefix("torch.")
        assert len(spec.axes) == len(spec.shape)
        assert str(spec.meaning)
    assert len({spec.name for spec in specs}) == len(specs)
    learned = [spec.name for spec in specs if spec.role == "parameter"]
    heads = ["head.weight", "head.bias"] if config.head == "linear" else []
    assert learned == [name for name, _ in rnn.named_parameters()] + heads


@given(networks_with_options())
@settings(max_examples=60)
def test_the_cost_counts_what_torch_holds(drawn):
    config, more = drawn
    tensors, rnn = torch_tensors(config, **more)
    head = [tensors["head.weight"], tensors["head.bias"]] if config.head == "linear" else []
    cost = call_cost(config, vocab_size=11, **more)
    assert cost.parameters == sum(p.numel() for p in [*rnn.parameters(), *head])
    assert cost.multiply_adds == cost.multiply_adds_per_t * len(tensors["target"])
    assert cost.bytes == sum(t.numel() * t.element_size() for t in tensors.values())
    if more == {"proj_size": 0, "bias": True}:
        whole = config.model_copy(update={"repeat": True, "encoding": "onehot"})  # as many steps, and no table
        estimate = estimate_cost(whole, 11)
        assert (estimate.parameters, estimate.multiply_adds) == (cost.parameters, 3 * cost.multiply_adds)


@pytest.mark.parametrize(("cell", "parameters"), [("rnn", 640), ("gru", 1920), ("lstm", 2560)])
@pytest.mark.parametrize("seq_len", [1, 100])
def test_parameters_do_not_depend_on_the_number_of_steps(cell, parameters, seq_len):
    cost = call_cost(Config(cell=cell, input_size=10, hidden_size=20, seq_len=seq_len, head="none"))
    assert cost.parameters == parameters
    assert cost.multiply_adds == seq_len * cost.multiply_adds_per_t


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_gates_are_the_blocks_of_rows_that_torch_reads_them_from(cell):
    """Whatever reaches a gate through its own rows shows in that gate alone."""
    config = Config(cell=cell, input_size=1, hidden_size=3)
    blocks = {gate.name: slice(gate.start, gate.stop) for gate in gate_blocks(config)}
    assert tuple(blocks) == GATE_NAMES[cell]
    unit = (nn.RNNCell if cell == "rnn" else nn.LSTMCell if cell == "lstm" else nn.GRUCell)(1, 3)

    def run(**bias):
        """Give each named gate a bias and all else zero; return the new state for h = 0.5 (c = 0.25)."""
        with torch.no_grad():
            for parameter in unit.parameters():
                parameter.zero_()
            for name, value in bias.items():
                unit.bias_ih[blocks[name]] = value
            h = torch.full((3,), 0.5)
            state = unit(torch.zeros(1), (h, torch.full((3,), 0.25)) if cell == "lstm" else h)
        return [part[0].item() for part in (state if cell == "lstm" else (state,))]

    if cell == "rnn":
        assert run(h=0.3) == pytest.approx([math.tanh(0.3)])
    elif cell == "gru":
        assert run(z=50.0) == pytest.approx([0.5])  # the old state stays
        assert run(z=-50.0, n=0.7) == pytest.approx([math.tanh(0.7)])
        assert run(r=50.0) == run(r=-50.0)  # resets what does not reach the candidate here
    else:
        assert run(f=50.0, i=-50.0, o=50.0) == pytest.approx([math.tanh(0.25), 0.25])
        assert run(f=-50.0, i=50.0, g=0.7, o=50.0) == pytest.approx([math.tanh(math.tanh(0.7)), math.tanh(0.7)])
        assert run(o=-50.0)[0] == pytest.approx(0.0, abs=1e-9)


@given(networks_with_options())
@settings(max_examples=60)
def test_gates_cover_the_rows_of_every_recurrent_weight(drawn):
    config, more = drawn
    for spec in tensor_specs(config, **more):
        has_gates = spec.name.startswith(("weight_ih", "weight_hh", "bias"))
        assert bool(spec.gates) == has_gates
        if has_gates:
            edges = [0, *(gate.stop for gate in spec.gates)]
            assert edges == [*(gate.start for gate in spec.gates), spec.shape[0]]


@pytest.mark.parametrize(
    ("values", "proj_size"),
    [({"cell": "rnn"}, 2), ({"cell": "gru"}, 1), ({"cell": "lstm"}, 4), ({"cell": "lstm"}, 9), ({"cell": "lstm"}, -1)],
)
def test_a_projection_that_torch_refuses_is_refused(values, proj_size):
    with pytest.raises((ValueError, TypeError)):
        CLASSES[values["cell"]](3, 4, proj_size=proj_size)
    with pytest.raises(ConfigError, match=f"^proj_size={proj_size} cannot be used"):
        tensor_specs(Config(hidden_size=4, **values), proj_size=proj_size)


@given(small_networks())
@settings(max_examples=60)
def test_an_axis_has_one_size_wherever_it_is(config):
    sizes = {}
    for spec in tensor_specs(config, vocab_size=11):
        for axis, size in zip(spec.axes, spec.shape, strict=True):
            assert sizes.setdefault(axis, size) == size
    if not config.batched:
        assert "N" not in sizes


@given(trainable_configs(most_steps=1))
@settings(max_examples=80)
def test_a_trace_has_the_shapes_of_the_table(config):
    trainer = Trainer(config)
    dataset = build_dataset(config)
    trace = trainer.trace(range(min(trainer.config.batch_size, len(dataset.input))))
    read = Experiment(config).config.model_copy(
        update={
            "seq_len": dataset.input.shape[1],
            "batch_size": min(Experiment(config).config.batch_size, len(dataset.input)),
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

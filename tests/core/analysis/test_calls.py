import contextlib
import io

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import Config, ConfigError
from rnn_core.analysis.calls import layer_outputs, trace_call
from rnn_core.sentence import Sentence
from rnn_core.shapes.slices import time_axis
from rnn_core.shapes.specs import tensor_specs
from rnn_core.training.export import to_shapes_script
from rnn_core.training.trainer import Trainer
from tests.core.shapes.test_shapes import networks_with_options
from tests.strategies import trainable_configs

ONE_DNN = "ignore:LSTM with projections is not supported with oneDNN"


def assert_as_listed(call, config, **more):
    specs = tensor_specs(config, call.vocab_size, **more)
    assert [(spec.name, spec.shape) for spec in specs] == [(n, a.shape) for n, a in call.tensors.items()]
    assert all(spec.dtype == call.tensors[spec.name].dtype for spec in specs)


def assert_consistent(call):
    """Every state of every layer, direction and step is where h_n and output say it is."""
    config, tensors = call.config, call.tensors
    assert len(call.slices) == config.num_directions
    assert all(measured.difference == 0 for measured in call.slices)
    h_n = tensors["h_n"].reshape(config.num_layers, config.num_directions, *tensors["h_n"].shape[1:])
    np.testing.assert_allclose(call.hidden[:, 0, -1], h_n[:, 0], atol=1e-6)
    if config.bidirectional:
        np.testing.assert_allclose(call.hidden[:, 1, 0], h_n[:, 1], atol=1e-6)
    top = np.concatenate(call.hidden[-1], axis=-1)  # (L, N, D*H_out)
    np.testing.assert_allclose(top, np.moveaxis(tensors["output"], time_axis(config), 0), atol=1e-6)


@pytest.mark.filterwarnings(ONE_DNN)
@given(networks_with_options())
@settings(max_examples=150)
def test_a_random_call_has_every_tensor_of_the_table(drawn):
    config, more = drawn
    call = trace_call(config, **more)
    assert call.vocab_size == config.input_size
    assert_as_listed(call, config, **more)
    assert_consistent(call)


@given(trainable_configs(most_steps=1))
@settings(max_examples=100)
def test_a_call_on_the_text_is_what_training_sees(config):
    call = trace_call(config, source="text")
    assert_as_listed(call, call.config)
    assert_consistent(call)
    trainer = Trainer(config)
    trace = trainer.trace(range(min(trainer.config.batch_size, len(trainer.dataset.input))))
    for name in ("input", "output", "h_n"):
        np.testing.assert_array_equal(call.tensors[name], getattr(trace, name))
    np.testing.assert_array_equal(call.tensors.get("logits", call.tensors["output"]), trace.logits)
    assert not call.tensors["h_0"].any()


def test_hidden_states_are_those_of_the_layers_below_too():
    """The lower layer of a stacked network is what a network of one layer gives with the same weights."""
    call = trace_call(Config(cell="gru", num_layers=2, input_size=4, hidden_size=5, seq_len=6, batch_size=3))
    below = torch.nn.GRU(4, 5, batch_first=True)
    with torch.no_grad():
        for name, parameter in below.named_parameters():
            parameter.copy_(torch.tensor(call.tensors[name]))
        output, _ = below(torch.tensor(call.tensors["input"]), torch.tensor(call.tensors["h_0"][:1]))
    np.testing.assert_allclose(call.hidden[0, 0], output.transpose(0, 1), atol=1e-6)
    assert np.abs(call.hidden[0] - call.hidden[1]).max() > 1e-2


def test_what_comes_out_cannot_be_written_to_and_leaves_the_global_generator_alone():
    before = torch.random.get_rng_state()
    call = trace_call(Config())
    assert torch.equal(before, torch.random.get_rng_state())
    with pytest.raises(ValueError, match="read-only"):
        call.tensors["h_n"][0] = 1
    with pytest.raises(TypeError):
        call.tensors["h_n"] = call.tensors["h_0"]


def test_equal_configs_give_equal_calls_and_seeds_differ():
    first, second = trace_call(Config(cell="lstm")), trace_call(Config(cell="lstm"))
    assert all(np.array_equal(first.tensors[name], second.tensors[name]) for name in first.tensors)
    other = trace_call(Config(cell="lstm", seed=1))
    assert not np.array_equal(first.tensors["input"], other.tensors["input"])


def test_what_cannot_be_called_is_refused():
    with pytest.raises(ConfigError, match=r"^proj_size=3 cannot be used"):
        trace_call(Config(cell="gru"), proj_size=3)
    with pytest.raises(ConfigError, match="too large"):
        trace_call(Config(cell="lstm", hidden_size=128, num_layers=4, seq_len=128, batch_size=64, text="ab" * 99))
    with pytest.raises(ConfigError, match=r"^text has only one character"):
        trace_call(Config(text="a"), source="text")


def run_script(script):
    names, printed = {}, io.StringIO()
    with torch.random.fork_rng(devices=[]), contextlib.redirect_stdout(printed):
        exec(compile(script, "script.py", "exec"), names)
    return names, [line.split(" ", 1) for line in printed.getvalue().splitlines()]


@pytest.mark.filterwarnings(ONE_DNN)
@given(networks_with_options(), st.integers(0, 5))
@settings(max_examples=150)
def test_the_script_prints_the_table_and_draws_the_same_numbers(drawn, seed):
    config, more = drawn
    config = config.replace(seed=seed)
    names, printed = run_script(to_shapes_script(config, **more))
    assert printed == [[spec.name, str(spec.shape)] for spec in tensor_specs(config, **more)]
    call = trace_call(config, **more)
    for name, array in call.tensors.items():
        np.testing.assert_allclose(names["tensors"][name].detach().numpy(), array, atol=1e-6, err_msg=name)


def test_the_script_says_what_the_axes_mean_and_needs_nothing_of_ours():
    script = to_shapes_script(Config.preset("onehot-batch"), vocab_size=7)
    assert "laid out (N, L, H_in), read as (L, N, H_in)" in script
    assert "nn.Linear(2, 7)" in script
    assert "rnn_core" not in script
    assert max(len(line) for line in script.splitlines()) <= 120


def test_sentences_are_equal_by_what_they_say():
    assert Sentence("{a} of {b}", a=1, b=2) == Sentence("{a} of {b}", a=1, b=2)
    assert len({Sentence("a"), Sentence("a"), Sentence("b")}) == 2
    assert Sentence("{a}", a=1) != Sentence("{a}", a=2)


@given(networks_with_options())
@settings(max_examples=60)
@pytest.mark.filterwarnings(ONE_DNN)
def test_what_a_layer_hands_on_is_what_the_next_one_reads(drawn):
    """Each layer as a module of its own, with the weights of the stack, turns one into the next."""
    config, more = drawn
    call = trace_call(config, **more)
    given = layer_outputs(call)
    assert [spec.name for spec, _ in given] == [f"layer {i}" for i in range(config.num_layers - 1)] + ["output"]
    np.testing.assert_array_equal(given[-1][1], call.tensors["output"])
    D = config.num_directions
    for layer, (spec, values) in enumerate(given):
        assert values.shape == spec.shape == call.tensors["output"].shape
        last = np.take(values, -1, axis=time_axis(config))[..., : values.shape[-1] // D]
        np.testing.assert_allclose(last, call.tensors["h_n"][layer * D], atol=1e-6)


def test_drawn_input_is_counted_whole_although_the_text_is_short():
    with pytest.raises(ConfigError, match="too large"):
        trace_call(Config(cell="lstm", hidden_size=128, num_layers=4, seq_len=128, batch_size=8))

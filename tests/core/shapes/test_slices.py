import pytest
import torch
from hypothesis import given, settings

from rnn_core import Config
from rnn_core.shapes.slices import equal_slices, index_text, state_row, time_axis
from tests.core.shapes.test_shapes import networks_with_options, torch_tensors


@given(networks_with_options())
@settings(max_examples=200)
def test_the_slices_are_equal_and_the_code_says_the_same(drawn):
    config, more = drawn
    pairs = equal_slices(config, proj_size=more["proj_size"])
    assert len(pairs) == config.num_directions
    tensors, _ = torch_tensors(config, **more)
    output, h_n = tensors["output"].detach(), tensors["h_n"].detach()
    names = {"output": output, "h_n": h_n, "H": more["proj_size"] or config.hidden_size}
    for pair in pairs:
        assert torch.equal(output[pair.output_index], h_n[pair.h_n_index])
        assert torch.equal(eval(pair.output_text, {}, names), output[pair.output_index])
        assert torch.equal(eval(pair.h_n_text, {}, names), h_n[pair.h_n_index])


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ({}, [("output[:, -1]", "h_n[-1]")]),
        ({"batch_first": False}, [("output[-1]", "h_n[-1]")]),
        ({"batched": False}, [("output[-1]", "h_n[-1]")]),
        ({"bidirectional": True}, [("output[:, -1, :H]", "h_n[-2]"), ("output[:, 0, H:]", "h_n[-1]")]),
        (
            {"bidirectional": True, "batch_first": False, "num_layers": 3},
            [("output[-1, :, :H]", "h_n[-2]"), ("output[0, :, H:]", "h_n[-1]")],
        ),
        ({"bidirectional": True, "batched": False}, [("output[-1, :H]", "h_n[-2]"), ("output[0, H:]", "h_n[-1]")]),
    ],
)
def test_the_code_is_what_one_would_write(values, texts):
    assert [(pair.output_text, pair.h_n_text) for pair in equal_slices(Config(**values))] == texts


@given(networks_with_options())
@settings(max_examples=60)
def test_the_last_rows_of_the_state_are_the_top_layer(drawn):
    config, _ = drawn
    D = config.num_directions
    rows = [state_row(config, layer, direction) for layer in range(config.num_layers) for direction in range(D)]
    assert rows == list(range(D * config.num_layers))
    assert [row - len(rows) for row in rows[-D:]] == [pair.h_n_index[0] for pair in equal_slices(config)]
    assert time_axis(config) == (1 if config.batched and config.batch_first else 0)


@pytest.mark.parametrize(
    ("index", "text"),
    [
        ((slice(None), -1, slice(None, 20)), "output[:, -1, :20]"),
        ((slice(None), slice(None)), "output[:]"),
        ((slice(2, 5),), "output[2:5]"),
    ],
)
def test_an_index_is_written_as_code(index, text):
    assert index_text("output", index) == text

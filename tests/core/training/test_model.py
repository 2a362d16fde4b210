import itertools

import pytest
import torch
from torch import nn

from rnn_core import Config
from rnn_core.training.model import build_model
from tests.core.lesson import seeded

V, TEXT = 7, "abcdefg"
CLASSES = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@pytest.mark.parametrize(("encoding", "features"), [("onehot", V), ("onehot", V + 5), ("embedding", 4)])
@pytest.mark.parametrize("head", ["linear", "none"])
@pytest.mark.parametrize("cell", CLASSES)
def test_weights_are_those_of_a_plain_script(cell, head, encoding, features):
    for num_layers, bidirectional, seed in itertools.product((1, 2, 3), (False, True), (0, 12345)):
        config = Config(
            text=TEXT,
            cell=cell,
            head=head,
            encoding=encoding,
            num_layers=num_layers,
            bidirectional=bidirectional,
            seed=seed,
            input_size=features,
            hidden_size=5,
        )
        with seeded(seed):
            embedding = nn.Embedding(V, 4) if encoding == "embedding" else None
            rnn = CLASSES[cell](features, 5, num_layers=num_layers, bidirectional=bidirectional)
            linear = nn.Linear(5 * (1 + bidirectional), V) if head == "linear" else None
            drawn_next = torch.randperm(50)
        model, generator = build_model(config, V)
        theirs = nn.ModuleDict({k: m for k, m in (("embedding", embedding), ("rnn", rnn), ("head", linear)) if m})
        expected = dict(theirs.named_parameters())
        found = dict(model.named_parameters())
        assert list(found) == list(expected)
        for name, parameter in found.items():
            assert torch.equal(parameter, expected[name]), (name, config)
        assert torch.equal(torch.randperm(50, generator=generator), drawn_next)  # the data order goes on from there


@pytest.mark.parametrize("hidden_size", [1, 2, 16, 33, 128])
def test_weights_are_those_of_a_plain_script_at_any_size(hidden_size):
    config = Config(text=TEXT, hidden_size=hidden_size, seed=4)
    with seeded(4):
        rnn, head = nn.RNN(V, hidden_size), nn.Linear(hidden_size, V)
    model, _ = build_model(config, V)
    for ours, theirs in zip(model.parameters(), [*rnn.parameters(), *head.parameters()], strict=True):
        assert torch.equal(ours, theirs)


def test_building_draws_nothing_from_the_global_generator():
    before = torch.get_rng_state()
    for cell in CLASSES:
        build_model(Config(cell=cell, encoding="embedding", num_layers=2), V)
    assert torch.equal(torch.get_rng_state(), before)


def test_one_hot_input_is_the_identity_and_an_embedding_is_a_table():
    indices = torch.tensor([[0, 3], [6, 3]])
    onehot, _ = build_model(Config(text=TEXT), V)
    assert torch.equal(onehot.encode(indices), torch.eye(V)[indices])
    wide, _ = build_model(Config(text=TEXT, input_size=10), V)
    assert torch.equal(wide.encode(indices), torch.nn.functional.one_hot(indices, 10).float())
    embedded, _ = build_model(Config(text=TEXT, encoding="embedding", input_size=3), V)
    assert torch.equal(embedded.encode(indices), embedded.embedding.weight[indices])


@pytest.mark.parametrize(
    ("values", "shape"),
    [
        ({"batch_first": True}, (3, 5)),
        ({"batch_first": False}, (5, 3)),
        ({"batch_first": False, "layout": "batch_major"}, (3, 5)),
        ({"batch_first": True, "layout": "batch_major"}, (3, 5)),
    ],
)
def test_windows_are_arranged_as_the_network_takes_them(values, shape):
    windows = torch.arange(15).view(3, 5)
    model, _ = build_model(Config(**values), 15)
    arranged = model.arrange(windows)
    assert arranged.shape == shape
    assert torch.equal(arranged, windows if shape == (3, 5) else windows.T)
    assert model.rnn.batch_first is values["batch_first"]


def test_without_a_batch_axis_one_sequence_goes_in():
    model, _ = build_model(Config(text=TEXT, batched=False, batch_first=False), V)
    windows = torch.tensor([[1, 2, 3]])
    assert torch.equal(model.arrange(windows), windows[0])
    logits, output, state = model(model.encode(windows[0]))
    assert (logits.shape, output.shape, state.shape) == ((3, V), (3, 9), (1, 9))


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_forward_is_torchs_own(nonlinearity):
    model, _ = build_model(Config(text=TEXT, nonlinearity=nonlinearity, num_layers=2, hidden_size=5), V)
    with seeded(0):
        rnn = nn.RNN(V, 5, num_layers=2, batch_first=True, nonlinearity=nonlinearity)
        head = nn.Linear(5, V)
    input = model.encode(torch.tensor([[0, 1, 6, 6], [2, 3, 4, 5]]))
    logits, output, h_n = model(input)
    expected, state = rnn(input)
    assert torch.equal(output, expected)
    assert torch.equal(h_n, state)
    assert torch.equal(logits, head(expected))

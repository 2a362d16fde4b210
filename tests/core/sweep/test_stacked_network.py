"""P networks at once give the scores, losses and gradients that torch's own modules and autograd give one by one."""

import itertools

import pytest
import torch
from torch import nn

from rnn_core import Config
from rnn_core.sweep.network import StackedNetwork, cross_entropy, draw_weights, parameter_shapes
from rnn_core.training.model import build_model

V, L, N = 5, 4, 3
TEXT = "abcde"
ARCHITECTURES = [
    {"cell": cell, "nonlinearity": nonlinearity, "num_layers": layers, "bidirectional": both, "head": head}
    for cell, layers, both, head in itertools.product(("rnn", "lstm", "gru"), (1, 3), (False, True), ("linear", "none"))
    for nonlinearity in (("tanh", "relu") if cell == "rnn" else ("tanh",))
    if not (both and head == "none")
]


def siblings(encoding="onehot", **values):
    input_size = {"embedding": 4, "onehot": V, "wide": V + 3}[encoding]
    hidden_size = V if values.get("head") == "none" else 6
    return [
        Config(text=TEXT, input_size=input_size, hidden_size=hidden_size, seed=seed, **values)
        for seed in (0, 7, 2**31 - 1)
    ]


@pytest.mark.parametrize("encoding", ["onehot", "embedding", "wide"])
@pytest.mark.parametrize("values", ARCHITECTURES, ids=lambda values: "-".join(map(str, values.values())))
def test_losses_and_gradients_are_torchs_own(values, encoding):
    configs = siblings(encoding, **values)
    generator = torch.Generator().manual_seed(1)
    indices = torch.randint(V, (3, L, N), generator=generator)
    target = torch.randint(V, (3, L * N), generator=generator)
    network = StackedNetwork(configs[0], V, draw_weights(configs, V)[0])
    with torch.no_grad():
        scores = network.forward(indices)
        loss, grad_scores = cross_entropy(scores, target)
        network.backward(grad_scores)
    for p, config in enumerate(configs):
        model, _ = build_model(config.replace(batch_first=False), V)
        logits, _, _ = model(model.encode(indices[p]))
        expected = nn.functional.cross_entropy(logits.flatten(0, 1), target[p])
        expected.backward()
        assert torch.allclose(scores[p], logits.flatten(0, 1), atol=1e-6)
        assert loss[p].item() == pytest.approx(expected.item(), abs=1e-6)
        for name, parameter in model.named_parameters():
            assert torch.allclose(network.grad_views[name][p], parameter.grad, atol=1e-6), name


@pytest.mark.parametrize("values", ARCHITECTURES[::3], ids=lambda values: "-".join(map(str, values.values())))
def test_weights_are_drawn_bit_by_bit_as_for_one_network(values):
    configs = siblings("embedding", **values)
    weights, generators = draw_weights(configs, V)
    network = StackedNetwork(configs[0], V, weights)
    for p, (config, generator) in enumerate(zip(configs, generators, strict=True)):
        model, own = build_model(config, V)
        assert list(network.views) == [name for name, _ in model.named_parameters()]
        assert all(torch.equal(network.views[name][p], weight) for name, weight in model.named_parameters())
        assert torch.equal(generator.get_state(), own.get_state())  # and the data order goes on from the same place


@pytest.mark.parametrize("head", ["linear", "none"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_nothing_stays_of_the_batches_before(cell, head):
    configs = siblings(cell=cell, head=head)
    weights = draw_weights(configs, V)[0]
    generator = torch.Generator().manual_seed(2)

    def learn(network, indices):
        scores = network.forward(indices)
        return scores, network.backward(cross_entropy(scores, indices.flatten(1))[1]).clone()

    one = StackedNetwork(configs[0], V, weights)
    shapes = [(L, N), (L, N), (L, 1), (2, N), (1, 1), (L + 1, N), (L, N)]
    batches = [torch.randint(V, (3, *shape), generator=generator) for shape in shapes]
    learnt = [learn(one, batch) for batch in batches]
    one.hold(one.weights[1:].clone())  # the first has finished
    learnt.append(learn(one, batches[0][1:]))
    fresh = [learn(StackedNetwork(configs[0], V, weights), batch) for batch in batches]
    fresh.append(tuple(part[1:] for part in fresh[0]))
    for (scores, grads), (expected_scores, expected_grads) in zip(learnt, fresh, strict=True):
        assert torch.allclose(scores, expected_scores, atol=1e-6)
        assert torch.allclose(grads, expected_grads, atol=1e-6)


def test_shapes_are_the_models():
    config = Config(cell="lstm", num_layers=2, bidirectional=True)
    assert parameter_shapes(config, V)["rnn.weight_ih_l1_reverse"] == (36, 18)


def test_a_cross_entropy_of_large_scores_does_not_overflow():
    scores = torch.tensor([[[1e4, -1e4, 0.0]], [[-300.0, 0.0, 300.0]]])
    loss, grad = cross_entropy(scores, torch.tensor([[1], [2]]))
    assert loss.tolist() == [20000.0, 0.0]
    assert grad.tolist() == [[[1, -1, 0]], [[0, 0, 0]]]

"""What a prediction was made from is autograd's, beside torch's own probabilities."""

import numpy as np
import pytest
import torch

from rnn_core import Config
from rnn_core.analysis.connectivity import connectivity
from rnn_core.analysis.gradients import saliency
from rnn_core.training.trainer import Trainer


@pytest.mark.parametrize(
    "values",
    [
        {"cell": "rnn"},
        {"cell": "lstm", "num_layers": 2, "encoding": "embedding", "input_size": 4, "batch_first": False},
        {"cell": "gru", "task": "same", "bidirectional": True},
        {"cell": "rnn", "batched": False},
    ],
)
def test_each_entry_is_the_saliency_of_the_explained_character(values):
    trainer = Trainer(Config(text="the quick brown fox", seq_len=9, hidden_size=7, steps=5, **values))
    list(trainer)
    config, weights, window = trainer.config, trainer.weights(), trainer.dataset.input[1]
    target = trainer.dataset.target[1]
    logits = torch.tensor(trainer.trace([1]).logits.reshape(9, -1))
    best = logits.topk(3)
    for explained, found in (
        (best.indices[:, 0].numpy(), connectivity(config, weights, window, count=3)),
        (target, connectivity(config, weights, window, target, count=3)),
    ):
        assert found.explained.tolist() == explained.tolist()
        assert found.best.tolist() == best.indices.tolist()
        odds = logits.softmax(dim=1).gather(1, best.indices)
        assert np.allclose(found.probability, odds, atol=1e-5)
        for t in (0, 4, 8):
            by_hand = saliency(config, weights, window, t=t)[explained[t]]
            assert np.allclose(found.strength[t], np.linalg.norm(by_hand, axis=1), rtol=1e-9, atol=1e-15)


def test_with_swapped_axes_only_the_character_itself_matters():
    trainer = Trainer(Config.preset("seed-lesson", steps=2))
    list(trainer)
    found = connectivity(trainer.config, trainer.weights(), trainer.dataset.input[0])
    assert (np.diag(found.strength) > 0).all()
    assert np.count_nonzero(found.strength) == len(found.strength)


def test_a_network_that_exploded_is_no_error():
    trainer = Trainer(Config(steps=1))
    weights = {name: weight * np.float32(1e30) for name, weight in trainer.weights().items()}
    found = connectivity(trainer.config, weights, trainer.dataset.input[0])
    assert found.best.shape == found.probability.shape == (11, 5)

"""What a character can move where the axes are swapped."""

import pytest
import torch

from rnn_core.config import Config
from rnn_core.data.tasks import build_dataset
from rnn_core.training.experiment import Experiment
from rnn_core.training.model import build_model
from tests.claims import SEEDS


@pytest.mark.claim(
    "to the network, no character of a window follows another, and no gradient goes from one to another",
    "of the window only the character itself can move what is predicted after it.",
)
def test_with_swapped_axes_a_character_moves_its_own_place_alone():
    """Exact, for all of twelve seeds: of its own window no other place, of later windows of the batch the same."""
    for seed in SEEDS:
        config = Experiment(Config.preset("onehot-batch", seed=seed)).config
        dataset = build_dataset(config)
        model, _ = build_model(config, dataset.vocab_size)
        input = model.encode(model.arrange(torch.tensor(dataset.input))).detach().requires_grad_()  # (N, L, V)
        logits = model(input)[0].reshape(3, 5, -1)
        (grad,) = torch.autograd.grad(logits[:, 1].square().sum(), input)
        assert grad[:, 1].abs().amax(-1).min() > 0
        assert grad[:, [0, 2, 3, 4]].abs().max() == 0

"""Clipping is torch's, and the training that shows it is a trainer's."""

import numpy as np
import pytest
import torch
from torch import nn

from rnn_core.analysis.clipping import LEARNING_RATE, LENGTH, STEPS, clipped, descend
from rnn_core.config import Config
from rnn_core.training.initialisation import initialise
from rnn_core.training.trainer import Trainer

TEXT = "hello! world"


@pytest.mark.parametrize("scale", [1e-8, 0.1, 1.0, 50.0, 1e12])
@pytest.mark.parametrize("grad_clip", [0.5, 1.0, 7.0])
def test_a_clipped_norm_is_torchs(scale, grad_clip):
    generator = torch.Generator().manual_seed(0)
    parameters = [nn.Parameter(torch.zeros(3, 4)), nn.Parameter(torch.zeros(5))]
    for parameter in parameters:
        parameter.grad = scale * torch.randn(parameter.shape, generator=generator)
    norm = nn.utils.clip_grad_norm_(parameters, grad_clip).item()
    after = nn.utils.get_total_norm([parameter.grad for parameter in parameters]).item()
    assert clipped(np.array([norm]), grad_clip)[0] == pytest.approx(after, rel=1e-5)


def test_without_clipping_norms_stay_as_they_are():
    norms = np.array([0.0, 3.0, np.inf])
    assert clipped(norms, 0.0).tolist() == norms.tolist()
    assert np.isnan(clipped(norms, 1.0)[2])  # torch makes NaN of it too: inf * 0
    assert clipped(norms, 1.0)[0] == 0


@pytest.mark.parametrize("grad_clip", [0.0, 1.0])
def test_the_descent_is_a_trainers(grad_clip):
    repeated = (TEXT * 3)[: LENGTH + 1]
    sizes = {"hidden_size": 16, "seq_len": LENGTH, "steps": STEPS, "learning_rate": LEARNING_RATE}
    trainer = Trainer(Config(text=repeated, nonlinearity="relu", optimizer="sgd", grad_clip=grad_clip, seed=2, **sizes))
    initialise(trainer.model.rnn, "spectral_radius", generator=torch.Generator().manual_seed(2), value=1.2)
    records = list(trainer)
    found = descend(TEXT, radius=1.2, grad_clip=grad_clip, seed=2)
    assert found.loss.tolist() == [record.loss for record in records]
    assert found.grad_norm.tolist() == [record.grad_norm for record in records]
    assert found.has_exploded == trainer.has_exploded
    assert found.grad_clip == grad_clip
    assert found.clipped_norm.tolist() == clipped(found.grad_norm, grad_clip).tolist()


@pytest.mark.parametrize("text", ["a", "ab", "👩‍👩‍👧é", "the quick brown fox jumps over the lazy dog, again and again"])
def test_any_text_will_do(text):
    found = descend(text, radius=0.9, grad_clip=1.0)
    assert len(found.loss) == len(found.grad_norm) == len(found.clipped_norm)

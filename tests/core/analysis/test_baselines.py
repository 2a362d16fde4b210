import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core import Config, build_dataset
from rnn_core.analysis.baselines import conditional_entropy, entropy, reference_losses, tanh_floor

CONFIGS = [
    Config(text="hello! world"),
    Config(text="abababac", seq_len=3),
    Config(text="hello! world", task="same", head="none"),
    Config(text="순환 신경망은 순환한다", seq_len=4, val_share=0.3),
]


def references(config):
    return {reference.name: reference.value for reference in reference_losses(config, build_dataset(config))}


def best_table_loss(pairs, inputs):
    """Fill a table of frequencies, one row an input, and measure the cross-entropy of looking things up in it."""
    total = 0.0
    for x, y in pairs:
        row = [other for seen, other in pairs if seen == x or not inputs]
        total -= math.log(row.count(y) / len(row))
    return total / len(pairs)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.text)
def test_references_are_what_counting_gives(config):
    data = build_dataset(config)
    pairs = list(zip(data.input.ravel().tolist(), data.target.ravel().tolist(), strict=True))
    found = references(config)
    assert found["uniform"] == pytest.approx(math.log(len(set(config.text))))
    assert found["unigram"] == pytest.approx(best_table_loss(pairs, inputs=False), abs=1e-12)
    assert found["bigram"] == pytest.approx(best_table_loss(pairs, inputs=True), abs=1e-12)
    assert found["uniform"] >= found["unigram"] >= found["bigram"] >= 0


def test_the_lesson_has_a_floor_and_only_networks_like_it():
    assert references(Config.preset("seed-lesson"))["floor"] == pytest.approx(0.7337, abs=1e-4)
    for values in ({"head": "linear"}, {"head": "none", "nonlinearity": "relu"}):
        assert "floor" not in references(Config(**values))
    for cell in ("gru", "lstm"):
        assert "floor" in references(Config(head="none", cell=cell, nonlinearity="relu"))


def test_copying_needs_no_memory():
    assert references(Config.preset("seed-lesson"))["bigram"] == 0.0


@pytest.mark.parametrize("vocab_size", [2, 3, 9, 50])
def test_no_bounded_scores_go_below_the_floor(vocab_size):
    raw = torch.randn(vocab_size, generator=torch.Generator().manual_seed(0), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.Adam([raw], lr=0.2)
    for _ in range(600):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(raw.tanh()[None], torch.tensor([0]))
        loss.backward()
        optimizer.step()
        assert loss.item() >= tanh_floor(vocab_size)
    assert loss.item() == pytest.approx(tanh_floor(vocab_size), abs=1e-3)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=30))
@settings(max_examples=100)
def test_entropies_are_those_of_the_definitions(pairs):
    inputs, outputs = zip(*pairs, strict=True)
    shares = [n / len(outputs) for n in Counter(outputs).values()]
    assert entropy(outputs) == pytest.approx(sum(p * math.log(1 / p) for p in shares), abs=1e-12)
    assert conditional_entropy(pairs) == pytest.approx(best_table_loss(pairs, inputs=True), abs=1e-12)
    assert 0 <= conditional_entropy(pairs) <= entropy(outputs) + 1e-12
    assert math.copysign(1, entropy(inputs[:1])) == 1  # never -0.0, which would be shown with its sign

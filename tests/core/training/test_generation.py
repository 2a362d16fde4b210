import math

import pytest
import torch
from hypothesis import given, settings

from rnn_core import Config, ConfigError
from rnn_core.training.generation import MAX_LENGTH, generate
from rnn_core.training.trainer import Trainer
from tests.strategies import trainable_configs

VARIED = [
    Config(steps=60),
    Config(steps=60, cell="lstm", num_layers=2, hidden_size=7),
    Config(steps=60, cell="gru", encoding="embedding", input_size=4),
    Config(steps=60, head="none"),
    Config(steps=60, batch_first=False, layout="batch_major"),
    Config(steps=60, batched=False),
]


def trained(config):
    trainer = Trainer(config)
    for _ in trainer:
        pass
    return trainer


def written(trainer, prompt="h", **how):
    return "".join(generate(trainer, prompt, **{"length": 20, **how}))


def greedy(trainer, prompt, length):
    """Feed the whole text so far to the network again for every character, and take the highest score."""
    model, characters = trainer.model, list(trainer.dataset.characters)
    indices = [characters.index(c) for c in prompt]
    for _ in range(length):
        output, _ = model.rnn(model.encode(torch.tensor(indices)))
        scores = output if model.head is None else model.head(output)
        indices.append(scores[-1].argmax().item())
    return "".join(characters[i] for i in indices[len(prompt) :])


@pytest.mark.parametrize("config", VARIED, ids=str)
@pytest.mark.parametrize("prompt", ["h", "hello"])
def test_temperature_0_takes_the_most_likely_character(config, prompt):
    trainer = trained(config)
    assert written(trainer, prompt, temperature=0) == greedy(trainer, prompt, 20)


def test_what_was_learnt_is_written():
    assert written(trained(Config.preset("hello-next")), "he", length=10, temperature=0) == "llo! world"


@given(trainable_configs(text="abracadabra", task="next"))
@settings(max_examples=40)
def test_the_same_network_writes_the_same_again(config):
    trainer = trained(config)
    if trainer.has_exploded:
        return
    text = written(trainer, "abra", temperature=1.3)
    assert text == written(trainer, "abra", temperature=1.3)
    assert len(text) == 20
    assert set(text) <= set("abracd")


def test_the_seed_draws_the_characters_and_not_the_global_one():
    trainer = trained(Config(steps=1))
    state = torch.get_rng_state()
    text = written(trainer, length=50)
    assert torch.equal(torch.get_rng_state(), state)
    torch.rand(7)
    try:
        assert written(trainer, length=50) == text
    finally:
        torch.set_rng_state(state)
    assert len(set(text)) > 3
    assert written(trained(Config(steps=1, seed=1)), length=50) != text


def test_characters_come_with_the_probabilities_of_the_softmax():
    """Without training and at a length of 2000 the shares of what follows one character settle."""
    trainer = trained(Config(text="ab", task="next", seq_len=1, steps=1, hidden_size=2))
    model = trainer.model
    trainer.model.rnn.weight_hh_l0.data.zero_()  # no memory: what follows depends on the last character alone
    output, _ = model.rnn(model.encode(torch.tensor([0])))
    chance = (model.head(output)[-1] / 0.7).softmax(0)[1].item()
    text = "a" + written(trainer, "a", length=MAX_LENGTH, temperature=0.7)
    after_a = [text[i + 1] for i in range(len(text) - 1) if text[i] == "a"]
    deviation = math.sqrt(chance * (1 - chance) / len(after_a))
    assert abs(after_a.count("b") / len(after_a) - chance) < 4 * deviation


@pytest.mark.parametrize("temperature", [1e-3, 1e-40, 5e-324])
def test_a_temperature_near_0_is_like_0(temperature):
    trainer = trained(Config.preset("hello-next"))
    assert written(trainer, temperature=temperature) == written(trainer, temperature=0)


def test_characters_of_several_code_points_are_written_whole():
    text = "한👩‍👩‍👧글" * 4
    pieces = list(generate(trained(Config(text=text, steps=80)), "한", length=5, temperature=0))
    assert pieces == ["👩‍👩‍👧", "글", "한", "👩‍👩‍👧", "글"]


@pytest.mark.parametrize(
    ("prompt", "how", "message"),
    [
        ("", {}, r"^prompt is empty"),
        ("hz", {}, r"^text: z not in the vocabulary; it knows ␣ ! d e h l o r w\."),
        ("h", {"length": 0}, r"^length=0 cannot be used: a whole number from 1 to 2000 works"),
        ("h", {"length": MAX_LENGTH + 1}, r"^length=2001 cannot be used"),
        ("h", {"temperature": -0.1}, r"^temperature=-0.1 cannot be used: a number from 0 to 10 works"),
        ("h", {"temperature": 10.1}, r"^temperature=10.1 "),
        ("h", {"temperature": math.nan}, r"^temperature=nan "),
        ("h", {"temperature": math.inf}, r"^temperature=inf "),
    ],
)
def test_what_cannot_be_used_is_refused_at_once(prompt, how, message):
    trainer = Trainer(Config())
    with pytest.raises(ConfigError, match=message):
        generate(trainer, prompt, **{"length": 5, **how})


def test_a_network_that_copies_cannot_write():
    with pytest.raises(ConfigError, match=r"^task=same cannot write text: only task=next"):
        generate(Trainer(Config.preset("seed-lesson")), "h", length=5)


def test_an_exploded_network_says_so():
    config = Config(optimizer="rmsprop", nonlinearity="relu", learning_rate=1.0, num_layers=3, hidden_size=32)
    trainer = trained(config)
    assert trainer.has_exploded
    with pytest.raises(ConfigError, match=r"^learning_rate=1\.0 made the weights overflow"):
        written(trainer)

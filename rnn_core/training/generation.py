"""Let a trained network write: feed it its own predictions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import torch

from rnn_core.config import Config
from rnn_core.data.vocab import Vocabulary
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.trainer import Trainer

MAX_LENGTH, MAX_TEMPERATURE = 2000, 10


def generate(trainer: Trainer, prompt: str, *, length: int, temperature: float = 1.0) -> Iterator[str]:
    """Yield `length` characters that the network writes after a prompt.

    p(character) = softmax(logits / temperature); a temperature of 0 always takes the most likely one.

    Args:
        trainer: a run, trained as far as wanted.
        prompt: what the network reads first; at least one character of its vocabulary.
        length: how many characters to write.
        temperature: below 1 sharper, above 1 flatter.

    Raises:
        ConfigError: if the network does not predict the next character, or a value cannot be used.
    """
    config = trainer.config
    _check(config, prompt, length, temperature)
    vocabulary = Vocabulary(trainer.dataset.characters)
    indices = torch.from_numpy(vocabulary.encode(prompt))
    generator = torch.Generator().manual_seed(config.seed)
    return _write(trainer, vocabulary, indices, generator, length, temperature)


def _write(
    trainer: Trainer,
    vocabulary: Vocabulary,
    indices: torch.Tensor,
    generator: torch.Generator,
    length: int,
    temperature: float,
) -> Iterator[str]:
    model, state = trainer.model, None
    for _ in range(length):
        with torch.no_grad():
            output, state = model.rnn(model.encode(indices), state)  # one unbatched sequence: (L, H_in)
            logits = (output if model.head is None else model.head(output))[-1]  # (V,)
        if not logits.isfinite().all():
            raise ConfigError(
                Sentence(
                    "learning_rate={value} made the weights overflow: this network cannot write. Use a smaller one.",
                    field="learning_rate",
                    value=trainer.config.learning_rate,
                )
            )
        if temperature == 0:
            index = logits.argmax()
        else:
            scores = (logits - logits.max()).double() / temperature  # at most 0: no temperature is too small
            index = torch.multinomial(scores.softmax(0), 1, generator=generator)[0]
        indices = index[None]
        yield vocabulary.characters[int(index)]


def out_of_bounds(field: Literal["length", "temperature"], value: object) -> ConfigError:
    """Say that a length or a temperature cannot be used, and what can."""
    if field == "length":
        whole = "{field}={value} cannot be used: a whole number from {low} to {high} works."
        return ConfigError(Sentence(whole, field=field, value=value, low=1, high=MAX_LENGTH))
    number = "{field}={value} cannot be used: a number from {low} to {high} works."
    return ConfigError(Sentence(number, field=field, value=value, low=0, high=MAX_TEMPERATURE))


def _check(config: Config, prompt: str, length: int, temperature: float) -> None:
    if config.task != "next":
        raise ConfigError(
            Sentence(
                "task={task} cannot write text: only task=next predicts what follows.", field="task", task=config.task
            )
        )
    if not prompt:
        raise ConfigError(Sentence("prompt is empty: write at least one character.", field="prompt"))
    if not 1 <= length <= MAX_LENGTH:
        raise out_of_bounds("length", length)
    if not 0 <= temperature <= MAX_TEMPERATURE:
        raise out_of_bounds("temperature", temperature)

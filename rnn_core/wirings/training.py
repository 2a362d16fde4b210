"""Training a wiring, testing it on words that it has not seen, and the trained ones that come with the app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from jaxtyping import Float
from torch import nn, optim
from torch.nn.functional import cross_entropy

from rnn_core.wirings.network import WIRINGS, Wiring, build_wiring
from rnn_core.wirings.words import END, IGNORED, LETTERS, LONGEST, SHORTEST, draw_words, one_word

STORED = Path(__file__).with_name("stored.npz")
BATCH_SIZE, LEARNING_RATE, GRAD_CLIP = 64, 0.005, 1.0
UPDATES = 1500
EVERY = 10  # updates whose mean loss is a point of the curve
TESTED = 2000  # words


@dataclass(frozen=True, eq=False)
class Tested:
    """What a wiring gets right on fresh words, by itself.

    Attributes:
        by_place: share of right letters at each place of its answer, over the words that are so long.
        whole: share of words whose whole answer is right, its end included.
    """

    by_place: Float[np.ndarray, " A"]
    whole: float


class WiringTrainer:
    """Trains a wiring, one update at a time: Adam, whose learning rate falls in a straight line to 0.

    Everything is drawn from one generator of its own.

    Attributes:
        name: which wiring.
        model: the network.
        step: updates made.
        losses: in nats a letter, the mean of every ten updates.
    """

    def __init__(self, name: str, *, seed: int = 0) -> None:
        self.name, self.step = name, 0
        self._generator = torch.Generator().manual_seed(seed)
        self.model = build_wiring(name, self._generator)
        self._optimizer = optim.Adam(self.model.parameters(), lr=LEARNING_RATE, fused=True)
        self.losses: list[float] = []
        self._recent: list[float] = []

    @property
    def is_done(self) -> bool:
        """Whether all updates were made."""
        return self.step >= UPDATES

    def advance(self) -> None:
        """Make one update, on words that were never drawn before."""
        words = draw_words(BATCH_SIZE, self._generator)
        loss = cross_entropy(self.model(words).flatten(0, 1), self.model.target(words).flatten(), ignore_index=IGNORED)
        self._optimizer.param_groups[0]["lr"] = LEARNING_RATE * (1 - self.step / UPDATES)
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), GRAD_CLIP)
        self._optimizer.step()
        self.step += 1
        self._recent.append(loss.item())
        if len(self._recent) == EVERY:
            self.losses.append(sum(self._recent) / EVERY)
            self._recent = []


@torch.no_grad()
def examine(model: Wiring, *, seed: int = 1) -> Tested:
    """Let a wiring answer about fresh words and count what is right."""
    words = draw_words(TESTED, torch.Generator().manual_seed(seed))
    target, written = model.target(words), model.write(words)
    places = target.shape[1]
    longer = written[:, places:] != IGNORED
    right = (written[:, :places] == target) | (target == IGNORED)
    whole = right.all(1) & ~longer.any(1)
    counts = target != IGNORED
    shares = (right & counts).sum(0) / counts.sum(0)
    return Tested(shares.double().numpy(), whole.double().mean().item())


@torch.no_grad()
def answer(model: Wiring, word: str) -> str:
    """Return what a wiring writes about a word, without END.

    Raises:
        ValueError: if the word is empty or has something else than a to z.
    """
    written = model.write(one_word(word))[0].tolist()
    return "".join(LETTERS[letter] for letter in written if letter not in (END, IGNORED))


@dataclass(frozen=True, eq=False)
class Trained:
    """A wiring after its training, and how it got there."""

    name: str
    model: Wiring
    losses: tuple[float, ...]
    tested: Tested


def finish(trainer: WiringTrainer) -> Trained:
    """Test a trained wiring."""
    return Trained(trainer.name, trainer.model, tuple(trainer.losses), examine(trainer.model))


def train_wiring(name: str) -> Trained:
    """Train a wiring to its end."""
    trainer = WiringTrainer(name)
    while not trainer.is_done:
        trainer.advance()
    return finish(trainer)


def save(trained: dict[str, Trained], file: Path | IO[bytes]) -> None:
    """Write weights and losses of trained wirings: plain arrays, weights in half precision."""
    arrays: dict[str, Any] = {}
    for name, wiring in trained.items():
        arrays[f"{name}/losses"] = np.array(wiring.losses, dtype=np.float32)
        for weight, values in wiring.model.state_dict().items():
            arrays[f"{name}/{weight}"] = values.numpy().astype(np.float16)
    np.savez_compressed(file, **arrays)


def stored_wirings(path: Path = STORED) -> dict[str, Trained]:
    """Return the wirings that come with the app; `python -m rnn_core.wirings` trains them."""
    found = {}
    with np.load(path) as arrays:
        for name in WIRINGS:
            model = build_wiring(name, torch.Generator())
            model.load_state_dict(
                {w: torch.from_numpy(arrays[f"{name}/{w}"].astype(np.float32)) for w in model.state_dict()}
            )
            losses = tuple(arrays[f"{name}/losses"].astype(float).tolist())
            found[name] = Trained(name, model, losses, examine(model))
    return found


def is_usual(word: str) -> bool:
    """Whether a word is as long as those that were learnt from."""
    return SHORTEST <= len(word) <= LONGEST


def right_answer(name: str, word: str) -> str:
    """Return what a wiring should write about a word."""
    return word[0] if name == "many_to_one" else word[::-1]

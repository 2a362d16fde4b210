"""The lesson's own training, written as its reader would: what the preset seed-lesson is compared with."""

import contextlib
from dataclasses import dataclass
from threading import Lock

import torch

_global_seed = Lock()


@dataclass(frozen=True)
class LessonRun:
    losses: list[float]
    predictions: list[str]


@contextlib.contextmanager
def seeded(seed):
    """Seed torch as a script does, and put everything back afterwards."""
    with _global_seed, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def run_lesson(seed, steps=100, text="hello! world"):
    characters = sorted(set(text))
    size = len(characters)
    y = torch.tensor([[characters.index(c) for c in text]])
    X = torch.eye(size)[y]  # (1, 12, 9), read by the network as one time step of 12 sequences

    with seeded(seed):
        rnn = torch.nn.RNN(size, size)
    loss_fun = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(rnn.parameters(), lr=0.1)

    run = LessonRun([], [])
    for _ in range(steps):
        optimizer.zero_grad()
        outputs, _ = rnn(X)
        loss = loss_fun(outputs.view(-1, size), y.view(-1))
        loss.backward()
        optimizer.step()
        run.losses.append(loss.item())
        run.predictions.append("".join(characters[i] for i in outputs.argmax(dim=2).view(-1).tolist()))
    return run

"""The training stream with a record at every step, against a torch loop that records nothing."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median

import torch
from torch import nn

from bench.table import Row, Target
from rnn_core import Config, train
from rnn_core.data.tasks import build_dataset

TARGET = Target(1.15)
ALPHABET = "abcdefghijklmnopqrstuvwxyz "
BLOCK = 40  # updates between two looks at the clock
WARM_UP = 2  # blocks
BLOCKS = 30


def rows() -> Iterator[Row]:
    """Measure three sizes, each as one batch that is the whole text."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield _measure("the lesson's size (H = 9, L = 11, N = 1)", Config(steps=2000))
        for hidden_size, seq_len, batch_size in ((32, 16, 8), (64, 32, 16)):
            text = (ALPHABET * (1 + seq_len * batch_size // len(ALPHABET)))[: seq_len * batch_size + 1]
            config = Config(
                text=text,
                hidden_size=hidden_size,
                seq_len=seq_len,
                batch_size=batch_size,
                learning_rate=0.01,
                steps=2000,
            )
            yield _measure(f"H = {hidden_size}, L = {seq_len}, N = {batch_size}", config)
    finally:
        torch.set_num_threads(threads)


def bare_updates(config: Config) -> Iterator[torch.Tensor]:
    """Train the same network on the same batch as plainly as torch allows; yields the loss of each update."""
    dataset = build_dataset(config)
    torch.manual_seed(config.seed)
    cell = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[config.cell]
    rnn = cell(dataset.vocab_size, config.hidden_size, batch_first=True)
    head = nn.Linear(config.hidden_size, dataset.vocab_size)
    optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=config.learning_rate)
    criterion = nn.CrossEntropyLoss()
    input = torch.eye(dataset.vocab_size)[torch.from_numpy(dataset.input.copy())]  # (N, L, V)
    target = torch.from_numpy(dataset.target.copy()).reshape(-1)
    while True:
        output, _ = rnn(input)
        loss = criterion(head(output).reshape(-1, dataset.vocab_size), target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss


def _measure(size: str, config: Config) -> Row:
    _check_sameness(config)
    ours, bare = train(config), bare_updates(config)
    sides: list[tuple[Callable[[], None], list[float]]] = [
        (lambda: _consume(ours), []),
        (lambda: _consume(bare), []),
    ]
    for block in range(WARM_UP + BLOCKS):
        for run, times in sides if block % 2 else reversed(sides):
            begin = time.perf_counter()
            run()
            times.append((time.perf_counter() - begin) / BLOCK * 1e6)
    mine, plain = (median(times[WARM_UP:]) for _, times in sides)
    return Row(f"an update with its record, {size}", mine, plain, "µs", TARGET)


def _consume(updates: Iterator[object]) -> None:
    for _ in islice(updates, BLOCK):
        pass


def _check_sameness(config: Config) -> None:
    """Make sure that both sides train the same network: equal losses, but for rounding."""
    pairs = zip(islice(train(config), 10), bare_updates(config), strict=False)
    if not all(math.isclose(record.loss, loss.item(), rel_tol=1e-4) for record, loss in pairs):
        raise AssertionError("the bare loop does not train the same network")

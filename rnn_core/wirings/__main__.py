"""Train the four wirings that come with the app and write them down: python -m rnn_core.wirings."""

from __future__ import annotations

import torch

from rnn_core.wirings.network import WIRINGS
from rnn_core.wirings.training import WiringTrainer, finish, save


def main() -> None:
    """Write `stored.npz`."""
    torch.set_num_threads(1)  # as the app does: another number of threads adds in another order
    trainers = [WiringTrainer(name) for name in WIRINGS]
    for trainer in trainers:
        while not trainer.is_done:
            trainer.advance()
    save({trainer.name: finish(trainer) for trainer in trainers})


if __name__ == "__main__":
    main()

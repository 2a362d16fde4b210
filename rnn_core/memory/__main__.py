"""Train the comparison that comes with the app and write it down: python -m rnn_core.memory."""

from __future__ import annotations

import torch

from rnn_core.memory.comparison import STORED, to_json, train_comparison
from rnn_core.memory.plan import Comparison


def main() -> None:
    """Write `stored.json`."""
    torch.set_num_threads(1)  # as the app does: another number of threads adds in another order
    STORED.write_text(to_json(train_comparison(Comparison())), "utf-8")


if __name__ == "__main__":
    main()

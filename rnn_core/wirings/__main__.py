"""Train the four wirings that come with the app and write them down: python -m rnn_core.wirings --out FILE.npz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rnn_core.terminal import Parser, replacing, run

PROG = "python -m rnn_core.wirings"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write weights and losses to the file that is named."""
    parser = Parser(prog=PROG, description=__doc__, allow_abbrev=False)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.npz", help="where to write them")
    with replacing(parser.parse_args(arguments).out) as file:
        import torch

        from rnn_core.wirings.network import WIRINGS
        from rnn_core.wirings.training import save, train_wiring

        torch.set_num_threads(1)  # as the app does: another number of threads adds in another order
        save({name: train_wiring(name) for name in WIRINGS}, file)


if __name__ == "__main__":
    run(main, PROG)

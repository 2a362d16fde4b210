"""Train the comparison that comes with the app and write it down: python -m rnn_core.memory --out FILE.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rnn_core.terminal import Parser, replacing, run

PROG = "python -m rnn_core.memory"


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the comparison to the file that is named."""
    parser = Parser(prog=PROG, description=__doc__, allow_abbrev=False)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.json", help="where to write it")
    with replacing(parser.parse_args(arguments).out) as file:
        import torch

        from rnn_core.memory.comparison import to_json, train_comparison
        from rnn_core.memory.plan import Comparison

        torch.set_num_threads(1)  # as the app does: another number of threads adds in another order
        file.write(to_json(train_comparison(Comparison())).encode())


if __name__ == "__main__":
    run(main, PROG)

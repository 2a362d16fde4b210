"""The same things from a terminal: python -m rnn_core train | shapes | sweep | generate | forecast | read."""

from __future__ import annotations

from collections.abc import Sequence

from rnn_core.terminal import run

PROG = "python -m rnn_core"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    from rnn_core.commands import main  # what takes long to import is imported where it can be interrupted

    return main(PROG, arguments)


if __name__ == "__main__":
    run(main, PROG)

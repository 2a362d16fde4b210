"""What every command of this package has in common: how it says no, how it writes, and how it ends.

One line on stderr says why a command ends early, and its exit status is the usual one: 2 for a bad value, 1 for what
cannot be written, 130 and 143 (128 and the number of the signal) for Ctrl-C and `kill`; a reader who has had enough, as
in `| head`, is no error. A file has its name only when it is complete. No torch here: what is imported later can be
interrupted too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, NoReturn

from rnn_core import eager

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

ENDINGS: dict[int, str] = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}
PATIENCE_S = 0.8  # for putting away what is begun, after a signal

_unfinished: set[Path] = set()  # files that do not have their name yet


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without repeating the usage."""

    def error(self, message: str) -> NoReturn:
        """End with exit status 2."""
        line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in message)
        self.exit(2, f"{self.prog}: {line}\n")

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        """Print help or an error; argparse itself would say nothing of a disk that is full."""
        (print_line if file is sys.stdout else tell)(message.removesuffix("\n"))


class Ended(BaseException):
    """The command ends here.

    Attributes:
        status: the exit status.
        line: why, if it is to be told.
    """

    def __init__(self, status: int, line: str = "") -> None:
        super().__init__(line)
        self.status, self.line = status, line


def run(command: Callable[[], object], prog: str) -> NoReturn:
    """Run a command as a process of its own, and leave.

    Args:
        command: what to do; it may raise `SystemExit`, as argparse does.
        prog: its name, at the beginning of the line that says why it ends early.
    """
    received: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        received.append(number)
        for other in ENDINGS:
            signal.signal(other, signal.SIG_DFL)  # a second one does not wait until all is put away
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, give_up)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
        raise Ended(128 + number, ENDINGS[number])

    def give_up(*_: object) -> None:
        """Leave where somebody's `except:` has swallowed `Ended`, as some libraries do while they are imported."""
        for part in _unfinished:
            part.unlink(missing_ok=True)
        os.write(2, f"{prog}: {ENDINGS[received[0]]}\n".encode())
        os._exit(128 + received[0])

    for number in ENDINGS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` and `&` want it
            signal.signal(number, end)
    eager.leave_compiler_out()
    try:
        status = _status_of(command)
    except BaseException as error:
        # What is written in C makes errors of its own of what interrupts its import.
        is_said = isinstance(error, Ended) or not received
        ended = error if is_said else Ended(128 + received[0], ENDINGS[received[0]])
        if not isinstance(ended, Ended):
            raise
        if received and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        if ended.line:
            tell(f"{prog}: {ended.line}")
        status = ended.status
    if received:
        os._exit(status)  # all is put away: taking torch apart would only take time
    sys.exit(status)


def _status_of(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 0
    except OSError as error:
        raise Ended(1, f"{error.filename or 'a file'} cannot be used: {error.strerror or error}") from error
    else:
        status = 0
    with _writing_to_stdout():
        if sys.stdout:
            sys.stdout.flush()
    return status


def tell(line: str) -> None:
    """Print a line on stderr, if there is one and it is not full itself."""
    if sys.stderr is not None:
        with suppress(OSError):
            print(line, file=sys.stderr, flush=True)  # noqa: T201


def print_line(line: str) -> None:
    """Print a line that is seen at once.

    Raises:
        Ended: if it cannot be written.
    """
    if sys.stdout is None:
        raise Ended(1, "stdout is closed")
    with _writing_to_stdout():
        print(line, flush=True)  # noqa: T201


@contextmanager
def _writing_to_stdout() -> Iterator[None]:
    """Turn what goes wrong into the end of the command, and write the rest, which Python keeps, to nowhere.

    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    try:
        yield
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise Ended(0) from None
        raise Ended(1, f"stdout cannot be written: {error.strerror}") from None


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that gets its name, in the place of an older one, when all of it is written.

    Until then it lies beside under another name; so a place where nothing can be written is known at the start. What
    is no file, such as /dev/stdout, is written as it is.

    Raises:
        OSError: if it cannot be written; what was there before is as it was.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    if path.exists():
        path.open("r+b").close()  # a file that must not be written must not be replaced
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    _unfinished.add(part)
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)
        _unfinished.discard(part)


def finite(value: float) -> float | None:
    """JSON knows no NaN and no infinity: they become null."""
    return value if value - value == 0 else None

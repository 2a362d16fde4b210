"""How commands end: by hand, for want of room, and with a reader who has had enough; and what they leave behind."""

import os
import signal
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from rnn_core.memory import __main__ as memory_command
from rnn_core.memory import comparison
from rnn_core.memory.plan import Comparison
from rnn_core.terminal import PATIENCE_S, replacing
from rnn_core.wirings import __main__ as wirings_command
from rnn_core.wirings import training as wirings

ROOT = Path(__file__).parents[2]


def start(*words, **how):
    """Start a command, with pipes unless it is said otherwise."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, **pipes | how)


def end(process):
    """Wait for the end of a process; return its exit status and what it says on stderr."""
    told = process.communicate()[1]
    return process.returncode, told


# ---- signals


def test_commands_end_by_hand_with_one_line_and_leave_no_file_that_is_not_complete(tmp_path):
    """During the import of torch, during training, and while lines are printed."""
    writers = {name: tmp_path / name for name in ("memory", "wirings")}
    files = {name: start("-m", f"rnn_core.{name}", "--out", str(path)) for name, path in writers.items()}
    printing = start("-m", "rnn_core", "train", "--steps", "2000")
    printing.stdout.readline()
    printing.send_signal(signal.SIGINT)
    assert end(printing) == (130, "python -m rnn_core: interrupted\n")
    for (name, process), number in zip(files.items(), (signal.SIGINT, signal.SIGTERM), strict=True):
        while not list(tmp_path.glob(f".{name}.*.part")):
            time.sleep(0.02)
        process.send_signal(number)
        ending = "interrupted" if number == signal.SIGINT else "terminated"
        assert end(process) == (128 + number, f"python -m rnn_core.{name}: {ending}\n")
    assert list(tmp_path.iterdir()) == []


SWALLOWED = """
import os, pathlib, signal, time
from rnn_core.terminal import replacing, run

def command():
    with replacing(pathlib.Path({path!r})):
        {what}

run(command, "a command")
"""


@pytest.mark.parametrize(
    "what",
    [
        "os.kill(os.getpid(), signal.SIGINT)",
        "exec('try: os.kill(os.getpid(), signal.SIGINT)\\nexcept: raise ImportError')",
        f"exec('try: os.kill(os.getpid(), signal.SIGINT)\\nexcept: time.sleep({PATIENCE_S} + 60)')",
    ],
    ids=["heard", "turned into another error", "swallowed"],
)
def test_an_interrupt_that_a_library_swallows_ends_the_command_all_the_same(tmp_path, what):
    code = SWALLOWED.format(path=str(tmp_path / "file"), what=what)
    assert end(start("-c", code)) == (130, "a command: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_command_looks_after_signals_before_it_imports_what_takes_long():
    code = (
        "import sys, rnn_core.__main__, rnn_core.memory.__main__, rnn_core.wirings.__main__\n"
        "print(sorted({'torch', 'numpy', 'pydantic', 'multiprocessing'} & set(sys.modules)))"
    )
    assert start("-c", code).communicate() == ("[]\n", "")


# ---- what cannot be written


@pytest.mark.parametrize("words", [("shapes",), ("train", "--help")], ids=str)
def test_a_full_disk_takes_one_line(words):
    with open("/dev/full", "w") as full:
        process = start("-m", "rnn_core", *words, stdout=full)
        assert end(process) == (1, "python -m rnn_core: stdout cannot be written: No space left on device\n")


@pytest.mark.parametrize("words", [("shapes",), ("--help",)], ids=str)
def test_a_reader_who_has_had_enough_is_no_error(words):
    process = start("-m", "rnn_core", *words)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == ("", 0)
    process.stderr.close()


def test_a_stdout_that_is_closed_takes_one_line():
    command = f'"{sys.executable}" -m rnn_core shapes >&-'
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"python -m rnn_core: stdout is closed\n")


@pytest.mark.parametrize("name", ["memory", "wirings"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_trained(tmp_path, name):
    where = tmp_path / "nowhere" / "file"
    told = f"python -m rnn_core.{name}: {where} cannot be used: No such file or directory\n"
    assert end(start("-m", f"rnn_core.{name}", "--out", str(where))) == (1, told)


# ---- files


def test_a_file_has_its_name_when_it_is_complete(tmp_path):
    path = tmp_path / "file"
    with replacing(path) as file:
        file.write(b"one")
        assert not path.exists()
    assert path.read_bytes() == b"one"
    path.chmod(0o640)
    with suppress(ZeroDivisionError), replacing(path) as file:
        file.write(b"two")
        raise ZeroDivisionError
    assert path.read_bytes() == b"one"
    with replacing(path) as file:
        file.write(b"three")
    assert path.read_bytes() == b"three"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link_and_what_is_no_file_is_written_as_it_is(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with replacing(tmp_path / "link") as file:
        file.write(b"one")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"one"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with replacing(tmp_path / "pipe") as file:
        file.write(b"two")
    assert os.read(reader, 10) == b"two"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


# ---- the two commands that train what comes with the app


@pytest.mark.parametrize(
    ("command", "stored"), [(memory_command, comparison.STORED), (wirings_command, wirings.STORED)], ids=str
)
def test_help_trains_nothing_and_without_a_file_nothing_is_written(command, stored, capsys):
    before = stored.stat().st_mtime_ns
    for words, status, part in ((["--help"], 0, "--out"), ([], 2, "--out"), (["--ou", "x"], 2, "--out")):
        with pytest.raises(SystemExit) as left:
            command.main(words)
        assert left.value.code == status
        printed = capsys.readouterr()
        assert part in (printed.err if status else printed.out)
    assert stored.stat().st_mtime_ns == before


def test_the_comparison_is_written_where_it_is_told(tmp_path, monkeypatch):
    short = comparison.train_comparison(Comparison(lags=(1,), seeds=1, steps=20))
    monkeypatch.setattr(comparison, "train_comparison", lambda _: short)
    memory_command.main(["--out", str(tmp_path / "file.json")])
    assert (tmp_path / "file.json").read_text("utf-8") == comparison.to_json(short)


def test_the_wirings_are_written_where_it_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(wirings, "UPDATES", wirings.EVERY)
    monkeypatch.setattr(wirings, "TESTED", 5)
    wirings_command.main(["--out", str(tmp_path / "file")])
    found = wirings.stored_wirings(tmp_path / "file")
    assert list(found) == list(wirings.WIRINGS)
    assert all(len(wiring.losses) == 1 and np.isfinite(wiring.losses).all() for wiring in found.values())

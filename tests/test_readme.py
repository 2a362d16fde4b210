"""The README's snippets do what they say."""

import contextlib
import io
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
COMMANDS = [
    line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line.startswith("python -m rnn")
]


SNIPPETS = [at for at, (kind, _) in enumerate(BLOCKS) if kind == "python"]


@pytest.mark.parametrize("at", SNIPPETS)
def test_python_snippet_prints_what_stands_below_it(at):
    assert BLOCKS[at + 1][0] == "text"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(BLOCKS[at][1], "README.md", "exec"), {})
    assert printed.getvalue().split() == BLOCKS[at + 1][1].split()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command):
    words = shlex.split(command)
    assert words[0] == "python"
    done = subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, cwd=README.parent, check=False)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines
    if "--json" in words:
        assert all(isinstance(json.loads(line), dict) for line in lines)


def test_there_are_commands_to_test():
    assert len(COMMANDS) == 4


def test_there_are_snippets_to_test():
    assert len(SNIPPETS) == 3

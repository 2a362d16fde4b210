"""The README and what it leads to: their snippets do what they say, their pictures and links are there."""

import contextlib
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from bench.__main__ import DOCUMENT, PARTS, TABLES
from bench.pictures import MOST_BYTES, PICTURES
from rnn_core.__main__ import main

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DOCUMENTS = (README, *sorted((ROOT / "docs").glob("*.md")))
BLOCKS = [
    block
    for path in (README, ROOT / "docs" / "core.md")
    for block in re.findall(r"```(\w+)\n(.*?)```", path.read_text("utf-8"), flags=re.DOTALL)
]
COMMANDS = [
    line for kind, block in BLOCKS if kind == "sh" for line in block.splitlines() if line.startswith("python -m rnn")
]
SNIPPETS = [at for at, (kind, _) in enumerate(BLOCKS) if kind == "python"]
MOST_LINES = 120


@pytest.mark.parametrize("at", SNIPPETS)
def test_python_snippet_prints_what_stands_below_it(at):
    assert BLOCKS[at + 1][0] == "text"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(BLOCKS[at][1], "README.md", "exec"), {})
    assert printed.getvalue().split() == BLOCKS[at + 1][1].split()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command, capsys):
    words = shlex.split(command)
    assert words[:3] == ["python", "-m", "rnn_core"]
    assert main(words[3:]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines
    if "--json" in words:
        assert all(isinstance(json.loads(line), dict) for line in lines)


def test_there_are_commands_to_test():
    assert len(COMMANDS) == 4


def test_there_are_snippets_to_test():
    assert len(SNIPPETS) == 4


def test_the_readme_is_short():
    assert len(README.read_text("utf-8").splitlines()) < MOST_LINES


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_at_is_there(document):
    targets = re.findall(r"\]\(([^)#]+)\)", document.read_text("utf-8"))
    files = [target for target in targets if not target.startswith("https://")]
    assert [target for target in files if not (document.parent / target).exists()] == []


def test_the_pictures_are_those_that_are_taken_and_small():
    shown = set(re.findall(r"docs/pictures/(\w+)\.png", README.read_text("utf-8")))
    assert shown == set(PICTURES)
    assert len(shown) == 3
    sizes = {name: (ROOT / "docs" / "pictures" / f"{name}.png").stat().st_size for name in shown}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}


def test_the_tables_of_the_measures_have_their_place():
    text = DOCUMENT.read_text("utf-8")
    assert {part for parts in TABLES.values() for part in parts} == set(PARTS)
    for marker in TABLES:
        assert re.search(rf"<!-- {marker} -->\n\| what \|.*?<!-- /{marker} -->", text, flags=re.DOTALL)
    assert all(f"`{part}`" in text for part in PARTS)

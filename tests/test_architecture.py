"""Imports run one way, screens stay thin, and nothing from outside is ever run or unpickled."""

import ast
import re
import subprocess
import sys
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import TypeCheckError

from rnn_core.analysis.spectra import spectrum

ROOT = Path(__file__).parents[1]
INSTALLED_BY = metadata.packages_distributions()
NOT_INSTALLED = {"rnn_core", "pages", "bench", "tests", "_typeshed"}  # the last is known to type checkers alone
PAGE_LINES = 80

# A room imports from its own line and from those above it; `figures` only from records.
LAYERS = (
    ("sentence", "terminal", "eager", "characters", "presets"),
    ("records",),
    ("config",),
    ("data", "shapes", "interpreter", "reading"),
    ("cells",),
    ("training",),
    ("analysis", "sweep"),
    ("memory", "wirings", "forecasting"),
)
RANKS = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
# The same for the rooms of the screen, which import what they like of the core.
ROOMS = ("process", "words", "session", "components", "widgets", "work", "channel", "run", "lessons", "entry")
OUTSIDE = ("figures", "__init__", "__main__", "commands")


def sources(folder, pattern="**/*.py"):
    return sorted((ROOT / folder).glob(pattern))


def is_for_types_only(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


@cache
def tree_of(source):
    """Parse a source, once for all who look at it."""
    return ast.parse(source)


@cache
def imported(source):
    """Return the full name of everything that a source imports when it runs, inside functions too."""
    names, waiting = set(), [tree_of(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        waiting.extend(node.orelse if is_for_types_only(node) else ast.iter_child_nodes(node))
    return frozenset(names)


def find(names, *packages):
    """Return the names that are one of the packages or in one."""
    return sorted(name for name in names if any(name == p or name.startswith(f"{p}.") for p in packages))


def run_or_unpickled(source):
    """Return what of a source could run text from outside as code."""
    found = find(imported(source), "pickle", "cPickle", "dill", "marshal", "shelve", "joblib", "torch.load")
    for node in ast.walk(tree_of(source)):
        match node:
            case ast.Call(func=ast.Name(id="eval" | "exec" | "compile" | "__import__" as name)):
                found.append(name)
            case ast.Attribute(value=ast.Name(id="torch"), attr="load"):
                found.append("torch.load")
            case ast.Attribute(value=ast.Name(id="np" | "pd"), attr="read_pickle"):
                found.append("read_pickle")
            case ast.keyword(arg="allow_pickle", value=ast.Constant(value=True)):
                found.append("allow_pickle")
            case ast.Attribute(value=ast.Name(id="builtins"), attr="eval" | "exec" as name):
                found.append(name)
    return found


def part_of(path, folder):
    """Return the part of a folder that a file belongs to: rnn_core/analysis/x.py -> analysis."""
    return path.relative_to(ROOT / folder).parts[0].removesuffix(".py")


def violations(check, *files):
    """Apply a check to files and return what it found, by file."""
    found = {str(path.relative_to(ROOT)): check(path.read_text("utf-8")) for path in files}
    return {name: what for name, what in found.items() if what}


def upward(part, names):
    """Return the imports of a part of the core that go up, or out of the core."""
    wrong = find(names, "streamlit", "pages", "streamlit_app", "tests", "bench")
    for name in find(names, "rnn_core"):
        target = name.split(".")[1] if "." in name else "__init__"
        if part == "figures":
            allowed = target in ("figures", "records", "sentence")
        else:
            allowed = target in RANKS and RANKS[target] <= RANKS[part]
        if not allowed:
            wrong.append(name)
    return wrong


def above(room, names):
    """Return the imports of a room of the screen that go up, to a later room."""
    targets = {name: name.split(".")[2] for name in find(names, "pages.ui") if name.count(".") > 1}
    return [name for name, target in targets.items() if target not in ROOMS[: ROOMS.index(room) + 1]]


def test_every_part_of_the_core_and_every_room_has_its_place():
    parts = {part_of(path, "rnn_core") for path in sources("rnn_core")}
    assert parts - set(RANKS) - set(OUTSIDE) == set(), "say in LAYERS what the new part may import"
    assert {"records", "config", "training", "analysis"} <= parts
    assert {part_of(path, "pages/ui") for path in sources("pages/ui")} == {*ROOMS, "__init__"}
    rooms = {path.parent.name for path in (ROOT / "pages/ui").glob("*/__init__.py")}
    assert rooms == set(ROOMS) - {"entry"}, "a room says what belongs there"


def test_imports_of_the_core_run_one_way():
    found = {}
    for path in sources("rnn_core"):
        part = part_of(path, "rnn_core")
        if part in OUTSIDE[1:]:
            wrong = find(imported(path.read_text("utf-8")), "streamlit", "pages", "plotly")
        else:
            wrong = upward(part, imported(path.read_text("utf-8")))
        if wrong:
            found[str(path.relative_to(ROOT))] = wrong
    assert found == {}


def test_imports_of_the_screen_run_one_way():
    found = {}
    for path in sources("pages/ui", "*/**/*.py"):
        if wrong := above(part_of(path, "pages/ui"), imported(path.read_text("utf-8"))):
            found[str(path.relative_to(ROOT))] = wrong
    assert found == {}


def test_only_figures_import_plotly():
    others = [
        path
        for folder in ("rnn_core", "pages", "bench")
        for path in sources(folder)
        if not path.is_relative_to(ROOT / "rnn_core" / "figures")
    ]
    assert len(others) > 15
    assert violations(lambda source: find(imported(source), "plotly"), *others, *sources(".", "*.py")) == {}


def test_figures_import_no_torch():
    assert violations(lambda source: find(imported(source), "torch"), *sources("rnn_core/figures")) == {}


def test_pages_import_no_mathematics():
    banned = ("torch", "numpy", "plotly", "pandas", "scipy")
    files = [*sources("pages", "*.py"), *sources(".", "streamlit_app.py")]
    assert violations(lambda source: find(imported(source), *banned), *files) == {}


def test_nothing_imports_a_page():
    """A page is run by the navigation; what two pages share is in pages/ui."""
    lessons = [f"pages.{path.stem}" for path in sources("pages", "*.py") if path.stem != "__init__"]
    files = [*sources("pages"), *sources("rnn_core"), *sources(".", "*.py")]
    assert violations(lambda source: find(imported(source), *lessons), *files) == {}


def test_pages_are_short():
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) for path in sources("pages", "*.py")}
    assert {name: length for name, length in lengths.items() if length > PAGE_LINES} == {}


def test_nothing_from_outside_is_run_or_unpickled():
    files = [*sources("rnn_core"), *sources("pages"), *sources("bench"), *sources(".", "*.py")]
    assert len(files) > 20
    assert violations(run_or_unpickled, *files) == {}


def distributions(tree):
    """Return the names that the packages of a piece of source are installed by, those for types only included."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    outside = {name.split(".")[0] for name in names} - sys.stdlib_module_names - NOT_INSTALLED
    return {INSTALLED_BY.get(name, [name])[0].lower().replace("_", "-") for name in outside}


def imported_by(*folders, pattern="**/*.py"):
    return {
        name
        for folder in folders
        for path in sources(folder, pattern)
        for name in distributions(tree_of(path.read_text("utf-8")))
    }


def declared_in(*names):
    """Return the packages that some of the requirements name."""
    text = "\n".join((ROOT / f"requirements-{name}.txt").read_text("utf-8") for name in names)
    return {match[0].lower().replace("_", "-") for match in re.finditer(r"(?m)^[\w.-]+", text)}


def test_what_the_app_imports_is_declared_and_nothing_else():
    imported = imported_by("rnn_core", "pages") | imported_by(".", pattern="*.py")
    assert imported == declared_in("core", "app", "cluster")


def test_the_core_needs_no_more_than_it_declares():
    """What only some of its functions import, and what draws, comes with an extra."""
    at_once = set()
    for path in sources("rnn_core"):
        if not path.is_relative_to(ROOT / "rnn_core" / "figures"):
            later = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            body = tree_of(path.read_text("utf-8")).body
            body = [node for node in body if not isinstance(node, later) and not is_for_types_only(node)]
            at_once |= distributions(ast.Module(body, []))
    assert at_once - declared_in("core") == set()
    assert imported_by("rnn_core/figures") - declared_in("core") == {"plotly"}


def test_what_tests_and_measurements_import_is_declared():
    assert imported_by("tests", "bench") - declared_in("core", "app", "cluster", "dev") == set()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import numpy.linalg, os", {"numpy"}),
        ("def f():\n    from typing_extensions import TypeIs", {"typing-extensions"}),
        ("if TYPE_CHECKING:\n    from pyarrow import parquet", {"pyarrow"}),
        ("from rnn_core import Config\nimport nobody_has_this", {"nobody-has-this"}),
    ],
)
def test_packages_are_found_wherever_they_are_imported(source, names):
    assert distributions(ast.parse(source)) == names


def loaded_by(code):
    """Return which heavy packages a fresh Python has loaded after running some code."""
    heavy = ("torch", "plotly", "streamlit", "pandas", "wave")
    script = f"import sys\n{code}\nprint(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.split()


def test_the_core_alone_loads_neither_a_screen_nor_torch():
    assert loaded_by("import rnn_core; rnn_core.Config.preset('hello-next')") == []
    assert loaded_by("import rnn_core; rnn_core.train") == ["torch"]


def test_data_from_files_loads_what_reads_them_when_there_is_a_file():
    assert (
        loaded_by("import rnn_core.data.builtin, rnn_core.data.sound, rnn_core.data.tables, rnn_core.data.windows")
        == []
    )


def test_figures_load_no_torch():
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sources("rnn_core/figures")
    ]
    assert set(loaded_by("\n".join(f"import {name}" for name in modules))) <= {"plotly", "pandas"}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import torch.nn as nn", {"torch.nn"}),
        ("from rnn_core import config, tasks", {"rnn_core.config", "rnn_core.tasks"}),
        ("def f():\n    from plotly import io", {"plotly.io"}),
        ("if TYPE_CHECKING:\n    import torch\nelse:\n    import numpy", {"numpy"}),
        ("if typing.TYPE_CHECKING:\n    import torch", set()),
        ("try:\n    import a\nexcept ImportError:\n    import b", {"a", "b"}),
    ],
)
def test_imports_are_found_wherever_they_are(source, names):
    assert imported(source) == names


@pytest.mark.parametrize(
    ("part", "source", "wrong"),
    [
        ("data", "from rnn_core.records.arrays import frozen", []),
        ("data", "from rnn_core.training.trainer import Trainer", ["rnn_core.training.trainer.Trainer"]),
        ("records", "from rnn_core import config", ["rnn_core.config"]),
        ("training", "import streamlit as st", ["streamlit"]),
        ("training", "from rnn_core import train", ["rnn_core.train"]),
        ("figures", "from rnn_core.config import Config", ["rnn_core.config.Config"]),
        ("figures", "from rnn_core.records import Course\nfrom rnn_core.figures.theme import axis", []),
    ],
)
def test_an_import_that_goes_up_is_found(part, source, wrong):
    assert upward(part, imported(source)) == wrong


@pytest.mark.parametrize(
    ("room", "source", "wrong"),
    [
        ("run", "from pages.ui.words.i18n import _", []),
        ("session", "from pages.ui.lessons import cell", ["pages.ui.lessons.cell"]),
        ("work", "def f():\n    import pages.ui.run.player", ["pages.ui.run.player"]),
        ("work", "import pages.ui", []),
    ],
)
def test_an_import_of_a_later_room_is_found(room, source, wrong):
    assert above(room, imported(source)) == wrong


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import pickle", ["pickle"]),
        ("from pickle import loads", ["pickle.loads"]),
        ("eval('1')", ["eval"]),
        ("exec(text)", ["exec"]),
        ("torch.load(path)", ["torch.load"]),
        ("np.load(path, allow_pickle=True)", ["allow_pickle"]),
        ("model.eval()", []),
        ("re.compile('a')", []),
    ],
)
def test_code_from_outside_is_found(source, found):
    assert run_or_unpickled(source) == found


def test_axes_are_checked_as_they_are_stated():
    with pytest.raises(TypeCheckError, match="matrices"):
        spectrum(np.zeros((2, 3)))  # "*batch S S"

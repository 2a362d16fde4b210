"""What an installation gets, by pip and by uv: resolved against indexes of this machine whose wheels are empty."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import zipfile
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TORCH = "2.13.0"
PYTHONS = ("3.11", "3.12", "3.13")
LINUX = "x86_64-manylinux_2_28"
PLATFORMS = {  # as uv calls it: the end of the wheel's name on PyTorch's page, and the version that it is
    LINUX: ("cp{0}-cp{0}-manylinux_2_28_x86_64", f"{TORCH}+cpu"),
    "aarch64-manylinux_2_28": ("cp{0}-cp{0}-manylinux_2_28_aarch64", f"{TORCH}+cpu"),
    "aarch64-apple-darwin": ("cp{0}-none-macosx_11_0_arm64", TORCH),
    "x86_64-pc-windows-msvc": ("cp{0}-cp{0}-win_amd64", f"{TORCH}+cpu"),
}
OLD = {"numpy": "2.1.2", "jinja2": "3.0", "typing-extensions": "4.9.0"}  # PyTorch's index holds such versions too


def parsed(text):
    """Return what requirements ask for, by name, without their comments and options."""
    lines = (line.strip() for line in text.splitlines())
    found = [re.match(r"([\w.-]+)(.*)", line) for line in lines if line and line[0] not in "#-"]
    return {normal(match[1]): match[2] for match in found}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_by(*files):
    return {name: how for file in files for name, how in parsed((ROOT / file).read_text("utf-8")).items()}


def needs_of(name):
    """Return the installed package's requirements, as they stand, without those of extras."""
    return [line for line in metadata.requires(name) or [] if "extra ==" not in line]


def world_of(names):
    """Return (version, requirements) of all that the packages need, on any system, as it is installed here."""
    found, waiting = {}, list(names)
    while waiting:
        name = normal(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = metadata.version(name), needs_of(name)
        except metadata.PackageNotFoundError:  # something for another system
            found[name] = "99", []
        waiting += parsed("\n".join(found[name][1]))
    return found


def wheel(folder, name, version, needs=(), tags="py3-none-any"):
    stem = f"{name.replace('-', '_')}-{version}"
    folder.mkdir(parents=True, exist_ok=True)
    about = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}", *(f"Requires-Dist: {need}" for need in needs)]
    with zipfile.ZipFile(folder / f"{stem}-{tags}.whl", "w") as file:
        file.writestr(f"{stem}.dist-info/METADATA", "\n".join(about) + "\n")
        file.writestr(f"{stem}.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n")
        file.writestr(f"{stem}.dist-info/RECORD", "")


@pytest.fixture(scope="module")
def indexes(tmp_path_factory):
    """The address of `simple/`, a usual index, and `cpu/`, one with torch's CPU builds and old versions of others."""
    root = tmp_path_factory.mktemp("indexes")
    known = world_of(asked_by("requirements-core.txt", "requirements-app.txt"))
    _, of_torch = known.pop("torch")
    for name, (version, needs) in known.items():
        wheel(root / "simple" / name, name, version, needs)
    for name, version in OLD.items():
        wheel(root / "cpu" / name, name, version)
    for python in PYTHONS:
        for tags, version in PLATFORMS.values():
            tags = tags.format(python.replace(".", ""))
            wheel(root / "cpu" / "torch", "torch", version, of_torch, tags)
            cuda = ["nvidia-cuda"] if "linux" in tags else []
            wheel(root / "simple" / "torch", "torch", TORCH, [*of_torch, *cuda], tags)
    wheel(root / "simple" / "nvidia-cuda", "nvidia-cuda", "13")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        pass


def requirements(folder, url, option="--find-links {}/cpu/torch/"):
    """Copy the requirements, PyTorch's page replaced by another; return the file to install from."""
    for file in ROOT.glob("requirements*.txt"):
        shutil.copy(file, folder)
    text, count = re.subn(
        r"(?m)^--find-links .*$", option.format(url), (folder / "requirements.txt").read_text("utf-8")
    )
    assert count == 1
    (folder / "requirements.txt").write_text(text, "utf-8")
    return folder / "requirements.txt"


def run(*command, **options):
    """Run a command that knows nothing of this machine's own indexes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1", "UV_NO_CONFIG": "1", "UV_NO_CACHE": "1"}
    words = [sys.executable, "-m", *map(str, command)]
    return subprocess.run(words, env=kept | own, capture_output=True, encoding="utf-8", timeout=120, **options)


def by_uv(file, url, platform, python):
    """Return what uv would install, by name; None where it finds nothing that fits."""
    aim = ("--python-platform", platform, "--python-version", python)
    here = ("--python", sys.executable, "--index-url", f"{url}/simple")  # it would look for others, for seconds
    done = run("uv", "pip", "compile", file, *here, *aim, "--no-annotate", "--no-header")
    assert done.returncode == 0 or "No solution found" in done.stderr, done.stderr
    return {name: how.removeprefix("==") for name, how in parsed(done.stdout).items()} if done.stdout else None


def is_new(found):
    return found is not None and all(found[name] == metadata.version(name) for name in OLD)


@pytest.mark.parametrize(
    ("platform", "python"), [*((platform, "3.12") for platform in PLATFORMS), (LINUX, "3.11"), (LINUX, "3.13")]
)
def test_uv_finds_the_cpu_build_and_new_packages_for_every_system(tmp_path, indexes, platform, python):
    found = by_uv(requirements(tmp_path, indexes), indexes, platform, python)
    assert is_new(found), found
    assert found["torch"] == PLATFORMS[platform][1]
    assert "nvidia-cuda" not in found
    assert set(found) >= set(asked_by("requirements-core.txt", "requirements-app.txt"))


def test_uv_would_not_with_a_whole_index_in_place_of_the_page(tmp_path, indexes):
    file = requirements(tmp_path, indexes, "--extra-index-url {}/cpu")
    assert not is_new(by_uv(file, indexes, LINUX, "3.11"))


def test_pip_finds_the_cpu_build_and_new_packages(tmp_path, indexes):
    file, report = requirements(tmp_path, indexes), tmp_path / "report.json"
    how = ("--dry-run", "--ignore-installed", "--quiet", "--report", report, "--index-url", f"{indexes}/simple")
    done = run("pip", "install", *how, "-r", file)
    assert done.returncode == 0, done.stderr
    chosen = [item["metadata"] for item in json.loads(report.read_text("utf-8"))["install"]]
    found = {normal(package["name"]): package["version"] for package in chosen}
    assert is_new(found), found
    assert found["torch"] in {version for _, version in PLATFORMS.values()}
    assert "nvidia-cuda" not in found


@contextmanager
def a_silent_address():
    """An address where nobody ever takes a call."""
    with ExitStack() as stack:
        listener, *calls = (stack.enter_context(socket.socket()) for _ in range(4))
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for call in calls:  # more than may wait
            call.setblocking(False)
            call.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


def calls_of_pip(folder, page):
    """Let make install, with a pip that only notes what it is told; return that and what make says."""
    python = folder / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    note = f'shift 3; echo "$@" >> "{folder}/calls"'
    python.write_text(f'#!/bin/sh\nif [ "$1" = -m ]; then {note}; else exec "{sys.executable}" "$@"; fi\n')
    python.chmod(0o755)
    settings = {"VENV": folder / "venv", "PYTHON": "true", "TORCH_PAGE": page, "WAIT_S": 1}
    words = ["make", *(f"{name}={value}" for name, value in settings.items()), f"{folder}/venv/.app"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=120, check=True)
    return (folder / "calls").read_text("utf-8").splitlines(), done.stdout


REST = "install -r requirements-core.txt -r requirements-app.txt"


def test_make_takes_torch_alone_from_the_page(tmp_path, indexes):
    page = f"{indexes}/cpu/torch/"
    calls, _ = calls_of_pip(tmp_path, page)
    assert calls == [f"install --no-deps --find-links {page} torch=={TORCH}", REST]


def test_make_asks_a_page_that_does_not_answer_only_once(tmp_path):
    with a_silent_address() as silent:
        for name, page in {"refused": "http://127.0.0.1:9/", "silent": silent}.items():
            calls, said = calls_of_pip(tmp_path / name, page)
            assert calls == [REST]
            assert f"{page} does not answer" in said


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The wheel, built of what the repository holds."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE", *(path.name for path in ROOT.glob("requirements*.txt"))):
        shutil.copy(ROOT / name, source)
    for name in ("rnn_core", "pages", "tests"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    code = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, target], cwd=source, capture_output=True, check=True, timeout=120)
    (file,) = target.glob("*.whl")
    with zipfile.ZipFile(file) as wheel:
        wheel.extractall(target / "site")
    return target / "site"


def test_the_wheel_holds_the_core_and_nothing_else(built):
    held = {path.relative_to(built) for path in built.rglob("*") if path.is_file()}
    ours = {
        path.relative_to(ROOT)
        for path in (ROOT / "rnn_core").rglob("*")
        if path.suffix in (".py", ".json", ".npz", ".csv")
    }
    assert {path for path in held if not path.parts[0].endswith(".dist-info")} == ours


def test_the_wheel_declares_what_the_requirements_say(built):
    (about,) = metadata.distributions(path=[str(built)])
    wanted = {None: "core", "app": "app", "cluster": "cluster", "dev": "dev"}
    assert about.metadata.get_all("Provides-Extra") == ["app", "cluster", "dev"]
    for extra, name in wanted.items():
        lines = [
            line for line in about.requires if (f'extra == "{extra}"' in line if extra else "extra ==" not in line)
        ]
        assert set(parsed("\n".join(lines))) == set(asked_by(f"requirements-{name}.txt"))


def test_the_core_runs_from_the_wheel_in_any_folder(built, tmp_path):
    code = """
import runpy, sys
import rnn_core
from rnn_core.data.builtin import BUILT_IN, built_in
from rnn_core.memory.comparison import stored_comparison
from rnn_core.wirings.training import stored_wirings
assert rnn_core.__file__.startswith(sys.path[1]), rnn_core.__file__
assert stored_comparison().outcomes and stored_wirings() and all(map(built_in, BUILT_IN))
sys.argv[1:] = ["train", "--steps", "1", "--json"]
runpy.run_module("rnn_core", run_name="__main__")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(built)},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [sorted(json.loads(line))[0] for line in done.stdout.splitlines()] == ["config", "accuracy", "accuracy"]


def test_what_is_installed_here_fits_together():
    done = run("uv", "pip", "check", "--python", sys.executable)
    assert done.returncode == 0, done.stderr

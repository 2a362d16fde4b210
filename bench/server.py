"""A Streamlit server of our own for as long as it is measured."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[1]
OURS = ROOT / "streamlit_app.py"
BARE = ROOT / "bench" / "bare_app.py"
BARE_PAGE = ROOT / "bench" / "bare_page.py"  # no Streamlit
START_S = 60.0


@dataclass(frozen=True)
class Server:
    """A running server: where it is and how much it holds."""

    url: str
    process: psutil.Process

    def memory(self, *, with_children: bool = False) -> float:
        """Return its resident memory in MB."""
        children = self.process.children(recursive=True) if with_children else []
        return sum(process.memory_info().rss for process in (self.process, *children)) / 1e6


@contextmanager
def running(script: Path) -> Iterator[Server]:
    """Serve a script on a free port with the project's own settings, and stop it afterwards."""
    port = _free_port()
    options = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true"}
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [word for name, value in options.items() for word in (f"--{name}", str(value))]
    if script == BARE_PAGE:
        command = [sys.executable, "-m", "bench.bare_page", str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            server = Server(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
            if not _is_healthy(server.url, process):
                log.seek(0)
                raise RuntimeError(f"{script.name} did not start:\n{log.read().decode(errors='replace')}")
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _is_healthy(url: str, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the server says that it is well; False if it ended or took too long."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever proxy the machine has
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with direct.open(f"{url}/_stcore/health", timeout=1) as reply:
                if reply.read() == b"ok":
                    return True
        except OSError:
            time.sleep(0.05)
    return False

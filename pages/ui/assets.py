"""What a browser loads besides Streamlit: our scripts, and plotly.js as the installed plotly package brings it.

`streamlit run` finds the `app` of the entry file, whose server (`pages/ui/server.py`) hands these files out packed
once, under an address that changes with them, so that a browser keeps them, compiled. Streamlit's own way to serve a
component's file packs plotly.js anew for every visitor and lets no browser keep it; it is the way where somebody else
makes the server.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import streamlit.components.v1
from streamlit import runtime

STATIC = Path(__file__).parent / "static"
PLOTLY = "plotly.min"
FOLDER = "assets"
_served: set[str] = set()  # the folder, once this process has a server that knows it


def be_served() -> None:
    """Note that the server of this process hands out the files of `folder()`."""
    _served.add(FOLDER)


def folder() -> str:
    """Return where the server hands out the files as they are now, relative to its root."""
    return f"{FOLDER}/{version()}"


def address(name: str) -> str | None:
    """Return where a browser finds a script of ours, or `PLOTLY`; None if there is no such file or no real server."""
    if not _is_running() or not path(name).is_file():
        return None
    if _served:
        return f"{folder()}/{name}.js"
    kind = "plotly_js" if name == PLOTLY else "rnn_explorer"
    served = streamlit.components.v1.declare_component(kind, path=str(path(name).parent))
    return f"component/{served.name}/{name}.js?{version()}"


def path(name: str) -> Path:
    """Return the file of a script of ours, or of `PLOTLY`; there may be none."""
    if name != PLOTLY:
        return STATIC / f"{name}.js"
    found = find_spec("plotly")
    package = Path(found.origin).parent if found and found.origin else STATIC
    return package / "package_data" / "plotly.min.js"


@cache
def names() -> frozenset[str]:
    """Return the names of all files."""
    return frozenset({PLOTLY, *(script.stem for script in STATIC.glob("*.js"))})


@cache
def version() -> str:
    """Tell versions of the files apart, so that no browser keeps an old one."""
    found = [path(name) for name in sorted(names())]
    return hashlib.sha256(b"".join(file.read_bytes() for file in found if file.is_file())).hexdigest()[:12]


def _is_running() -> bool:
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime  # AppTest's is one by isinstance

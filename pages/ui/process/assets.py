"""What a browser loads besides Streamlit: our scripts and styles, and plotly.js as the plotly package brings it.

`streamlit run` finds the `app` of the entry file, whose server (`server.py`) hands these files out packed once, under
an address that changes with them, so that a browser keeps them, compiled. Streamlit's own way to serve a component's
file packs plotly.js anew for every visitor and lets no browser keep it; it is the way where somebody else makes the
server.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import streamlit.components.v1
from streamlit import config, runtime

ROOMS = Path(__file__).parents[1]  # a script lies in the `static` of its room, and so does a style
PLOTLY = "plotly.min"
KINDS = {".js": "text/javascript", ".css": "text/css"}
STYLES = (
    "page.css",
    "chart.css",
    "legend.css",
    "saved.css",
    "status.css",
)  # of the page itself; what has a shadow of its own wears its own
FOLDER = "assets"
is_served = threading.Event()  # set once, by the server of this process if it hands the files out


def folder() -> str:
    """Return where the server hands out the files as they are now, relative to its root."""
    return f"{FOLDER}/{version()}"


def address(name: str) -> str | None:
    """Return where a browser finds a script of ours, or `PLOTLY`; None if there is no such file or no real server."""
    file = files().get(f"{name}.js") if _is_running() else None
    if file is None:
        return None
    if is_served.is_set():
        return f"{folder()}/{name}.js"
    kind = "plotly_js" if name == PLOTLY else "rnn_explorer"
    served = streamlit.components.v1.declare_component(kind, path=str(file.parent))
    return f"component/{served.name}/{name}.js?{version()}"


def base() -> str:
    """Return what comes before the path of everything: nothing, or a slash and a name."""
    name = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{name}" if name else ""


def unlinked_styles() -> list[Path]:
    """Return the page's styles if the first page does not link to them, as somebody else's server made it."""
    return [] if is_served.is_set() else [files()[name] for name in STYLES]


@cache
def files() -> Mapping[str, Path]:
    """Return the files by name: our scripts, their styles and, if it is there, `PLOTLY`."""
    found = {file.name: file for kind in KINDS for file in sorted(ROOMS.glob(f"*/static/*{kind}"))}
    package = find_spec("plotly")
    library = Path(package.origin).parent / "package_data" / "plotly.min.js" if package and package.origin else None
    return found | {f"{PLOTLY}.js": library} if library and library.is_file() else found


@cache
def version() -> str:
    """Tell versions of the files apart, so that no browser keeps an old one."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in files().values())).hexdigest()[:12]


def _is_running() -> bool:
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime  # AppTest's is one by isinstance

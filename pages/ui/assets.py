"""What a browser loads besides Streamlit: our scripts, and plotly.js as the installed plotly package brings it.

`streamlit run` finds the `app` of the entry file, with the routes that are made here: they serve these files packed
once, under an address that changes with them, so that a browser keeps them, compiled. Streamlit's own way to serve a
component's file packs plotly.js anew for every visitor and lets no browser keep it; it is the way where somebody else
makes the server.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit.components.v1
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit import config, runtime

STATIC = Path(__file__).parent / "static"
PLOTLY = "plotly.min"
_FOLDER = "assets"
_A_YEAR = "public, max-age=31536000, immutable"
_served: set[str] = set()  # the folder, once a server has our routes

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Message, _Receive, _Send], Awaitable[None]]


def routes() -> list[Route]:
    """Make the routes of a server that serves our files itself."""
    _served.add(_FOLDER)
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return [Route(f"{'/' if base else ''}{base}/{_FOLDER}/{{version}}/{{name}}.js", _serve)]


def middleware() -> list[Middleware]:
    """Make what such a server says with the first page."""
    return [Middleware(_Ahead)]


def address(name: str) -> str | None:
    """Return where a browser finds a script of ours, or `PLOTLY`; None if there is no such file or no real server."""
    if not _is_served() or not _path(name).is_file():
        return None
    if _FOLDER in _served:
        return f"{_FOLDER}/{_version()}/{name}.js"
    kind = "plotly_js" if name == PLOTLY else "rnn_explorer"
    served = streamlit.components.v1.declare_component(kind, path=str(_path(name).parent))
    return f"component/{served.name}/{name}.js?{_version()}"


class _Ahead:
    """Lets the browser fetch plotly.js with the first page, while Streamlit starts; `static/ahead.js` says why."""

    def __init__(self, app: _App) -> None:
        self.app = app

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        asked = dict(scope.get("headers", []))
        if scope["type"] != "http" or scope["method"] != "GET" or b"text/html" not in asked.get(b"accept", b""):
            await self.app(scope, receive, send)
            return
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]  # nothing to unpack
        at = f"{_FOLDER}/{_version()}"
        more = f'<link rel="preload" as="script" href="{at}/{PLOTLY}.js">'
        more += f'<script type="module" src="{at}/ahead.js"></script>'
        is_page = False

        async def extended(message: _Message) -> None:
            nonlocal is_page
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                is_page = headers.get(b"content-type", b"").startswith(b"text/html")
                if is_page:
                    headers[b"content-length"] = b"%d" % (int(headers[b"content-length"]) + len(more))
                    # It is another page once our files are others, whatever Streamlit's own says of its age.
                    kept = {name: value for name, value in headers.items() if name not in (b"etag", b"last-modified")}
                    message["headers"] = list(kept.items())
            elif is_page and not message.get("more_body"):
                message["body"] = message.get("body", b"") + more.encode()
            await send(message)

        await self.app(scope, receive, extended)


async def _serve(request: Request) -> Response:
    """Answer with one of the files, if the version asked for is the one that is here."""
    name, version = request.path_params["name"], request.path_params["version"]
    if version != _version() or name not in _names():
        raise HTTPException(404)
    headers = {"Cache-Control": _A_YEAR, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(_path(name).read_bytes(), media_type="text/javascript", headers=headers)
    packed = await to_thread.run_sync(_packed, name)
    return Response(packed, media_type="text/javascript", headers=headers | {"Content-Encoding": "gzip"})


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(_path(name).read_bytes(), 6, mtime=0)


def _path(name: str) -> Path:
    """Return a file's place, which need not exist; of no names but ours."""
    if name != PLOTLY:
        return STATIC / f"{name}.js"
    found = find_spec("plotly")
    folder = Path(found.origin).parent if found and found.origin else Path("nowhere")
    return folder / "package_data" / "plotly.min.js"


@cache
def _names() -> frozenset[str]:
    return frozenset({PLOTLY, *(path.stem for path in STATIC.glob("*.js"))})


@cache
def _version() -> str:
    """Tell versions of the files apart, so that no browser keeps an old one."""
    paths = [_path(name) for name in sorted(_names())]
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths if path.is_file())).hexdigest()[:12]


def _is_served() -> bool:
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime  # AppTest's is one by isinstance

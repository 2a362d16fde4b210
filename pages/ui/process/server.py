"""The server: Streamlit's own, which besides hands out our files and tells browsers of them with the first page."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import re
import threading
import webbrowser
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlencode

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from streamlit import App, config
from streamlit.file_util import get_static_dir
from streamlit.web.server.server_util import get_url

from pages import PAGES
from pages.ui.process import assets, upkeep
from pages.ui.process.admission import Admission, Answer, Message, Receive, Send

KEPT = "public, max-age=31536000, immutable"
_READY_S = 0.3  # after its start the server takes so long to answer
_packing = threading.Lock()
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_NAME = re.compile(r"/([^\W_][\w-]*)/?")  # one part, as a page's is, and nothing of Streamlit's own
_PAGES = frozenset(spec.name for spec in PAGES)
_OF_THE_FILE = (b"etag", b"last-modified", b"content-length")


def routes() -> list[Route]:
    """Make the routes to our files; from now on `assets.address` leads there."""
    assets.is_served.set()
    return [Route(f"{assets.base()}/{assets.FOLDER}/{{version}}/{{name}}", _hand_out)]


def middleware() -> list[Middleware]:
    """Make what says with every answer what a browser may do, what extends the first page, and who waits for whom."""
    page = (Path(get_static_dir()) / "index.html").read_bytes()
    said = {
        "content-security-policy": policy(_INLINE.findall(page)),
        "referrer-policy": "same-origin",  # an address holds what a viewer has typed
        "x-content-type-options": "nosniff",
    }
    around_pages = [Middleware(_Said, headers=said), Middleware(_Astray, base=assets.base()), Middleware(_Ahead)]
    return [*around_pages, Middleware(Admission)]


def policy(inline: Iterable[bytes]) -> str:
    """Make the Content-Security-Policy: everything comes from here, and no text becomes code.

    Streamlit makes a component's stub a `blob:`, styles elements inline, multiplies long numbers in WebAssembly, and
    speaks over a WebSocket. Course pages, slides, editors and Community Cloud frame the app.

    Args:
        inline: the scripts that stand in Streamlit's own page.
    """
    hashes = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in inline)
    allowed = {
        "default-src": "'self'",
        "script-src": " ".join(["'self' blob: 'wasm-unsafe-eval'", *(f"'sha256-{digest}'" for digest in hashes)]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' blob: data:",
        "font-src": "'self' data:",
        "connect-src": "'self' ws: wss:",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "* file: vscode-webview: vscode-file:",  # the star is every site, and no page on a disk
    }
    return "; ".join(f"{what} {where}" for what, where in allowed.items())


@asynccontextmanager
async def lifespan(_app: App) -> AsyncIterator[None]:
    """Tidy up as long as the server runs, and open a browser where there is one, as for a mere script."""
    if not config.get_option("server.headless"):
        asyncio.get_running_loop().call_later(_READY_S, webbrowser.open, get_url("localhost"))
    keeper = asyncio.create_task(upkeep.keep_tidy())
    try:
        yield
    finally:
        keeper.cancel()


class _Said:
    """Adds headers to every answer, in place of those of the same name."""

    def __init__(self, app: Answer, headers: Mapping[str, str]) -> None:
        self.app = app
        self._names = {name.encode() for name in headers}
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        async def extended(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = (pair for pair in message["headers"] if pair[0].lower() not in self._names)
                message["headers"] = [*kept, *self._headers]
            await send(message)

        await self.app(scope, receive, extended if scope["type"] == "http" else send)


def _asks_for_page(scope: Message) -> bool:
    """Whether a browser asks for something to show in its window."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return b"text/html" in dict(scope["headers"]).get(b"accept", b"")


class _Astray:
    """Sends whoever asks for a page that there is not to the first one, which says so in the viewer's language.

    Streamlit would open a box of its own, in English, that names neither the address nor where to go.
    """

    def __init__(self, app: Answer, base: str) -> None:
        self.app, self.base = app, base

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        name = self._missing(scope)
        if name is None:
            await self.app(scope, receive, send)
            return
        query = "&".join(filter(None, (scope["query_string"].decode("latin-1"), urlencode({"missing": name}))))
        await RedirectResponse(f"{self.base}/?{query}")(scope, receive, send)

    def _missing(self, scope: Message) -> str | None:
        """Return the name of the page that is asked for, if there is none."""
        found = _NAME.fullmatch(scope["path"].removeprefix(self.base)) if _asks_for_page(scope) else None
        return found[1] if found and found[1] not in _PAGES else None


class _Ahead:
    """Lets a browser fetch our styles and plotly.js with the first page, while Streamlit starts; see `ahead.js`."""

    def __init__(self, app: Answer) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if not _asks_for_page(scope):
            await self.app(scope, receive, send)
            return
        scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]  # nothing to unpack
        folder = assets.folder()
        more = (
            "".join(f'<link rel="stylesheet" href="{folder}/{name}">' for name in assets.STYLES)
            + f'<link rel="preload" as="script" href="{folder}/{assets.PLOTLY}.js">'
            f'<script type="module" src="{folder}/ahead.js"></script>'
        )
        is_page = False

        async def extended(message: Message) -> None:
            nonlocal is_page
            if message["type"] == "http.response.start":
                said = dict(message["headers"])
                is_page = said.get(b"content-type", b"").startswith(b"text/html")
                if is_page:
                    # It is another page once our files are others, whatever Streamlit's own says of its age.
                    headers = [pair for pair in message["headers"] if pair[0] not in _OF_THE_FILE]
                    length = int(said[b"content-length"]) + len(more)
                    message["headers"] = [*headers, (b"content-length", b"%d" % length)]
            elif is_page and not message.get("more_body"):
                message["body"] = message.get("body", b"") + more.encode()
            await send(message)

        await self.app(scope, receive, extended)


async def _hand_out(request: Request) -> Response:
    """Answer with one of the files, if the version asked for is the one that is here."""
    name, version = request.path_params["name"], request.path_params["version"]
    if version != assets.version() or name not in assets.files():
        raise HTTPException(404)
    file = assets.files()[name]
    kind, headers = assets.KINDS[file.suffix], {"Cache-Control": KEPT, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.read_bytes(), media_type=kind, headers=headers)
    packed = await to_thread.run_sync(_packed, name)
    return Response(packed, media_type=kind, headers=headers | {"Content-Encoding": "gzip"})


def _packed(name: str) -> bytes:
    with _packing:  # a whole class opens the app at once: the first one packs, the others wait for it
        return _pack(name)


@cache
def _pack(name: str) -> bytes:
    return gzip.compress(assets.files()[name].read_bytes(), 6, mtime=0)

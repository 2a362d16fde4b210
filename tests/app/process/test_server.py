"""What our server does besides Streamlit's own; its answers to a browser are tested with a real one."""

import asyncio
import threading
import webbrowser
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import pytest
from starlette.responses import PlainTextResponse
from streamlit import config

from pages.ui.process import server


@pytest.mark.parametrize("is_headless", [True, False])
def test_a_browser_is_opened_where_there_is_one(monkeypatch, is_headless):
    opened, options = [], {"server.headless": is_headless}
    real = config.get_option
    monkeypatch.setattr(config, "get_option", lambda name: options[name] if name in options else real(name))
    monkeypatch.setattr(server, "_READY_S", 0.0)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(server.upkeep, "keep_tidy", asyncio.Event().wait)

    async def start():
        async with server.lifespan(None):
            await asyncio.sleep(0.05)

    with ThreadPoolExecutor() as pool:  # in this thread another test may have left a loop running
        pool.submit(lambda: asyncio.run(start())).result()
    assert opened == ([] if is_headless else ["http://localhost:8501"])


@pytest.mark.parametrize(("base", "path"), [("", "/assets/"), ("/course/", "/course/assets/")])
def test_files_are_below_the_base_of_the_server(monkeypatch, base, path):
    monkeypatch.setattr(config, "get_option", lambda _: base)
    monkeypatch.setattr(server.assets, "is_served", threading.Event())
    (route,) = server.routes()
    assert server.assets.is_served.is_set()
    assert route.path == path + "{version}/{name}"


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        ("/nosuchpage", "/?missing=nosuchpage"),
        ("/nosuchpage/?seed=3&text=a%26b", "/?seed=3&text=a%26b&missing=nosuchpage"),
        ("/%EC%97%86%EB%8A%94-%EC%AA%BD", "/?missing=%EC%97%86%EB%8A%94-%EC%AA%BD"),
        ("/", None),
        ("/training?seed=3", None),
        ("/training/", None),
        ("/_stcore/health", None),
        ("/~/+/", None),
        ("/robots.txt", None),
    ],
)
@pytest.mark.parametrize("base", ["", "/course"])
def test_who_asks_for_a_page_that_there_is_not_is_sent_to_the_first(base, path, leads_to):
    path, _, query = path.partition("?")
    scope = {"type": "http", "method": "GET", "path": base + unquote(path), "query_string": query.encode()}

    def answer(accepts):
        """Return the status of the answer, and where it leads to."""
        said = []

        async def send(message):
            said.append(message)

        asked = {**scope, "headers": [(b"accept", accepts)]}
        asyncio.run(server._Astray(PlainTextResponse("here"), base)(asked, None, send))
        return said[0]["status"], dict(said[0]["headers"]).get(b"location", b"").decode()

    assert answer(b"text/html,*/*") == ((307, base + leads_to) if leads_to else (200, ""))
    assert answer(b"*/*") == (200, "")  # no page is asked for

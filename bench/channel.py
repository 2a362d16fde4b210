"""A tab of the live channel without a browser: it asks as a held slider does, and draws a run that plays."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from bench.session import TIMEOUT_S, Session
from pages.ui.channel.protocol import VERSION
from pages.ui.channel.socket import PATH

DRAW_S = 0.016


class Channel:
    """One tab's connection, for the stages of a page as its session was sent them."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._n = 0

    def ask(self, spec: dict[str, Any], name: str, value: int) -> dict[str, Any]:
        """Ask for the pictures of a stage with a slider held, and wait for them."""
        self._n += 1
        self._say(n=self._n, stage=spec["name"], query=spec["query"], seat=spec["seat"], hand=[name, value])
        while (told := self._hear(TIMEOUT_S)) is None or told.get("n") != self._n or "scene" in told:
            pass
        return told

    def play(self, specs: list[dict[str, Any]], until: float) -> str:
        """Draw works until a moment of `time.monotonic`, or until one is over; return the name of a stage of that."""
        parts: dict[str, dict[str, Any]] = {}
        for spec in specs:
            part = parts.setdefault(spec["seat"], {"stages": [], "query": spec["query"], "seat": spec["seat"]})
            part["stages"].append(spec["name"])
        self._say(play=list(parts.values()))
        over = ""
        while (left := until - time.monotonic()) > 0:
            told = self._hear(left)
            if told and "scene" in told:
                time.sleep(DRAW_S)
                self._say(drawn=told["n"])
                if told["isOver"]:
                    over = next(iter(told["scene"]))
                    break
        self._say(play=[])
        return over

    def _say(self, **message: Any) -> None:
        self._connection.send(json.dumps({"v": VERSION, **message}))

    def _hear(self, timeout: float) -> dict[str, Any] | None:
        try:
            told: dict[str, Any] = json.loads(self._connection.recv(timeout=timeout))
        except TimeoutError:
            return None
        return told


@contextmanager
def channel(url: str) -> Iterator[Channel]:
    """Connect as a page of the server does."""
    with connect(f"{url.replace('http', 'ws')}/{PATH}", origin=url, max_size=None) as connection:  # type: ignore[arg-type]
        yield Channel(connection)


def stages(session: Session) -> dict[str, dict[str, Any]]:
    """Return what a session was sent of its page's stages, by the key of each."""
    return {
        key: json.loads(data["spec"])
        for key, data in session.data.items()
        if key.startswith("live_") and key in session.components
    }


def play_on(session: Session, tab: Channel, until: float) -> Iterator[str]:
    """Let what a session's page shows go on, until a moment of `time.monotonic` or until all of it is over.

    Yields:
        Whenever something is over, the key of the component that is to say so.
    """
    ended: set[str] = set()  # seats; what is no longer on the page is not told to have gone
    while specs := [spec for spec in stages(session).values() if spec["isPlaying"] and spec["seat"] not in ended]:
        name = tab.play(specs, until)
        if not name:
            return
        ended.add(next(spec["seat"] for spec in specs if spec["name"] == name))
        yield f"live_{name.replace('.', '_')}"

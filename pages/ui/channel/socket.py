"""The WebSocket of the channel: who may speak, how much, and whose turn it is. No streamlit here."""

from __future__ import annotations

import asyncio
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from pages.ui.channel.protocol import (
    AHEAD,
    BURST,
    GAP_S,
    MAX_STAGES,
    MAX_TABS,
    MESSAGES_S,
    SHARE,
    SHARE_OF_BUSY,
    SLICE_S,
    UNREAD_S,
    Drawn,
    Message,
    Part,
    Play,
    ProtocolError,
    Question,
    answer,
    message,
    scene,
)
from pages.ui.process import assets

T = TypeVar("T")
PAUSE_S = 0.005  # between two looks at a run that waits for its next update
HURRY = 4  # so much shorter are slices while a hand asks
PATH = "live"
POLICY, TOO_MANY, FAULT = 1008, 1013, 1011  # close codes of RFC 6455, section 7.4.1


def routes() -> list[WebSocketRoute]:
    """Make the channel's route."""
    return [WebSocketRoute(f"{assets.base()}/{PATH}", Tabs().serve)]


class Tabs:
    """The tabs that are connected, and the turns that they take.

    A tab waits for one turn at a time, and those who wait are served in the order of asking: nobody gets two turns
    while another waits. As many are at work as there are cores.
    """

    def __init__(self) -> None:
        self.count = 0
        self._turns: CapacityLimiter | None = None  # it belongs to the server's loop

    async def serve(self, socket: WebSocket) -> None:
        """Answer one tab for as long as it is there."""
        if not is_ours(socket) or self.count >= MAX_TABS:
            await socket.close(TOO_MANY if is_ours(socket) else POLICY)  # before accepting: a 403
            return
        await socket.accept()
        self.count += 1
        self._turns = self._turns or CapacityLimiter(max(1, os.cpu_count() or 1))
        tab = Tab(socket, self._turns)
        try:
            await tab.serve()
        finally:
            self.count -= 1


class Tab:
    """One tab: the newest question of each of its stages waits, older ones are never answered; and works go on for it.

    Args:
        socket: its connection.
        turns: what it computes in.
    """

    def __init__(self, socket: WebSocket, turns: CapacityLimiter) -> None:
        self._socket, self._turns = socket, turns
        self._asked: dict[str, Question] = {}
        self._shown: list[Showing] = []
        self._sent = 0  # scenes so far, of which each has its number
        self._news = asyncio.Event()

    async def serve(self) -> None:
        """Listen and answer, until either ends."""
        ear, mouth = asyncio.create_task(self._listen()), asyncio.create_task(self._speak())
        try:
            done, _ = await asyncio.wait({ear, mouth}, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        except WebSocketDisconnect:
            pass
        except ProtocolError as error:
            await self._close(POLICY, str(error))
        except TimeoutError:
            await self._close(POLICY, "nobody reads")
        finally:
            for task in (ear, mouth):
                task.cancel()
            await asyncio.gather(ear, mouth, return_exceptions=True)

    async def _listen(self) -> None:
        allowance = Allowance()
        while True:
            said = await self._socket.receive()
            if said["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(said.get("code", 1000))
            text = said.get("text")
            if text is None:
                raise ProtocolError("a message is text")
            if not allowance.takes():
                raise ProtocolError("too many messages")
            self._take(await to_thread.run_sync(message, text))
            self._news.set()

    def _take(self, said: Message) -> None:
        match said:
            case Question(stage=stage):
                if stage.name not in self._asked and len(self._asked) >= MAX_STAGES:
                    raise ProtocolError("too many stages at once")
                self._asked.pop(stage.name, None)  # the newest takes its turn behind the other stages
                self._asked[stage.name] = said
            case Play(parts):
                self._shown = [Showing(part) for part in parts]
            case Drawn(n):
                for showing in self._shown:
                    showing.ahead = [other for other in showing.ahead if other > n]

    async def _speak(self) -> None:
        """Answer a question, go on with each work by a slice, and so on in turn."""
        while True:
            self._news.clear()
            has_hand = bool(self._asked)
            if has_hand:
                asked = self._asked.pop(next(iter(self._asked)))
                await self._send(await to_thread.run_sync(answer, asked, limiter=self._turns))
            for showing in [one for one in self._shown if one.due <= time.monotonic()]:
                await self._go_on(showing, SLICE_S / HURRY if has_hand else SLICE_S)
            if not self._asked:
                due = min((showing.due for showing in self._shown), default=math.inf) - time.monotonic()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), max(0.0, due) if math.isfinite(due) else None)

    async def _go_on(self, showing: Showing, budget_s: float) -> None:
        """Let a work go on for a slice, and show it unless the browser is behind."""
        work = showing.part.work
        has_moved, took_s = await to_thread.run_sync(_timed, work.slice, budget_s, limiter=self._turns)
        is_over, showing.is_busy = not work.is_playing, took_s >= budget_s
        if is_over or showing.is_worth_a_picture:
            self._sent += 1
            showing.mark = work.mark
            making = to_thread.run_sync(_timed, scene, showing.part, self._sent, is_over, limiter=self._turns)
            told, showing.cost_s = await making
            showing.ahead.append(self._sent)
            showing.seen = time.monotonic()
            if is_over and showing in self._shown:
                self._shown.remove(showing)
            await self._send(told)
        showing.due = time.monotonic() + (work.gap_s if has_moved else max(work.gap_s, PAUSE_S))

    async def _send(self, told: str) -> None:
        async with asyncio.timeout(UNREAD_S):
            await self._socket.send_text(told)

    async def _close(self, code: int, reason: str) -> None:
        if self._socket.application_state is WebSocketState.CONNECTED:
            await self._socket.close(code, reason)


class Showing:
    """What a tab has been shown of a work that goes on.

    Attributes:
        part: the work, and which stages show it.
        due: when its next slice is, by `time.monotonic`.
        mark: what the work had come to in its newest picture.
        ahead: numbers of its pictures that the browser has not yet drawn.
        seen: when the newest picture was made.
        cost_s: how long it took to make.
        is_busy: whether the newest slice took all the time that it was given.
    """

    def __init__(self, part: Part) -> None:
        self.part = part
        self.due = self.seen = self.cost_s = 0.0
        self.is_busy = False
        self.mark: object = None
        self.ahead: list[int] = []

    @property
    def is_worth_a_picture(self) -> bool:
        """Whether there is something new, the browser keeps up, and pictures take no more than their share of time."""
        gap_s = self.cost_s * (1 / (SHARE_OF_BUSY if self.is_busy else SHARE) - 1)
        is_its_turn = time.monotonic() - self.seen >= max(gap_s, GAP_S * self.is_busy)
        return is_its_turn and len(self.ahead) < AHEAD and self.part.work.mark != self.mark


class Allowance:
    """How many messages a tab may still send: a bucket that fills as time goes by."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._left, self._seen = now, float(BURST), now()

    def takes(self) -> bool:
        """Take one message, if there is room for it."""
        now = self._now()
        self._left = min(float(BURST), self._left + MESSAGES_S * (now - self._seen)) - 1
        self._seen = now
        return self._left >= 0


def _timed(work: Callable[..., T], *args: object) -> tuple[T, float]:
    """Return what comes of some work, and how many seconds it took once its turn had come."""
    begin = time.monotonic()
    return work(*args), time.monotonic() - begin


def is_ours(socket: WebSocket) -> bool:
    """Whether the page that connects came from this server: a browser says so, and no page can make it lie."""
    origin = urlsplit(socket.headers.get("origin", "")).netloc
    hosts = {socket.headers.get("host"), socket.headers.get("x-forwarded-host")}
    return bool(origin) and origin in hosts

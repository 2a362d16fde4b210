"""Scripts of viewers one after the other, in the order in which they were asked for.

Python runs one of them at a time whatever is done. When a whole class sets something at once, a hundred threads that
all go on a little finish last together, and half of the time goes into changing between them: measured, one by one
makes twice as many changes a second, and the longest wait is a fifth. So a message that would start a script waits
here, in front of Streamlit, for as long as another viewer's runs; a script that takes longer than usual, since it
trains, is passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

STREAM = "/_stcore/stream"
LONG_S = 0.3  # who takes longer lets the others pass
_SMALL = 64  # bytes: what says that a script has finished is smaller, what draws is not

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Answer = Callable[[Message, Receive, Send], Awaitable[None]]


class Admission:
    """What stands between the viewers' sockets and Streamlit; an ASGI application around one.

    Args:
        app: what answers.
        long_s: how long a script keeps the others waiting at most.
    """

    def __init__(self, app: Answer, long_s: float = LONG_S) -> None:
        self._app, self._long_s = app, long_s
        self._free = asyncio.Semaphore()  # it serves in the order of asking

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] != "websocket" or not scope["path"].endswith(STREAM):
            await self._app(scope, receive, send)
            return
        turn = _Turn(self._free, self._long_s)

        async def admitted() -> Message:
            message = await receive()
            if not turn.is_held and starts(message.get("bytes")):
                await turn.take()
            return message

        async def told(message: Message) -> None:
            await send(message)
            if turn.is_held and finishes(message.get("bytes")):
                turn.give_back()

        try:
            await self._app(scope, admitted, told)
        finally:
            turn.give_back()


class _Turn:
    """The turn of one viewer: what he asks for while he has it, Streamlit joins to the script that runs."""

    def __init__(self, free: asyncio.Semaphore, long_s: float) -> None:
        self._free, self._long_s = free, long_s
        self._end: asyncio.TimerHandle | None = None

    @property
    def is_held(self) -> bool:
        return self._end is not None

    async def take(self) -> None:
        await self._free.acquire()
        self._end = asyncio.get_running_loop().call_later(self._long_s, self.give_back)

    def give_back(self) -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
            self._free.release()


def starts(said: bytes | None) -> bool:
    """Whether a browser's message lets a script run; what cannot be read is left to Streamlit."""
    try:
        return bool(said) and BackMsg.FromString(said or b"").WhichOneof("type") == "rerun_script"
    except Exception:  # of a library that is Streamlit's, not ours
        return False


def finishes(told: bytes | None) -> bool:
    """Whether a server's message says that a script has come to its end and does not begin anew."""
    if not told or len(told) > _SMALL:
        return False
    answer = ForwardMsg.FromString(told)
    is_end: bool = answer.WhichOneof("type") == "script_finished"
    return is_end and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

"""Scripts run one after the other in the order of asking, and nobody keeps the others waiting for long."""

import asyncio

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from pages.ui.process.admission import Admission, finishes, starts

STREAM = {"type": "websocket", "path": "/below/_stcore/stream"}
RERUN = BackMsg(rerun_script={}).SerializeToString()
OTHER = BackMsg(stop_script=True).SerializeToString()
DONE, EARLY, FRAGMENT = (
    ForwardMsg(script_finished=how).SerializeToString()
    for how in (
        ForwardMsg.FINISHED_SUCCESSFULLY,
        ForwardMsg.FINISHED_EARLY_FOR_RERUN,
        ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    )
)


class Viewer:
    """Says what a test wants through the admission, and knows what of it has come to Streamlit."""

    def __init__(self, admission, scope=STREAM):
        self.said, self.told, self.heard = asyncio.Queue(), asyncio.Queue(), []
        self.task = asyncio.create_task(admission(scope, self.said.get, self._send))

    async def _send(self, message):
        self.heard.append(message)

    async def app(self, receive, send):
        """Stand in for Streamlit: note what comes in, send what the test tells."""
        self.came = []

        async def listen():
            while (message := await receive())["type"] != "websocket.disconnect":
                self.came.append(message["bytes"])

        ears = asyncio.create_task(listen())
        while not ears.done():
            speech = asyncio.create_task(self.told.get())
            await asyncio.wait({ears, speech}, return_when=asyncio.FIRST_COMPLETED)
            if speech.done():
                await send({"type": "websocket.send", "bytes": speech.result()})
            else:
                speech.cancel()

    async def says(self, what):
        self.said.put_nowait({"type": "websocket.receive", "bytes": what})
        await settle()

    async def hears(self, what):
        self.told.put_nowait(what)
        await settle()

    async def leaves(self):
        self.said.put_nowait({"type": "websocket.disconnect"})
        await settle()


async def settle():
    for _ in range(10):
        await asyncio.sleep(0)


def hall(meet, count=3, long_s=60.0, scope=STREAM):
    """Let some viewers meet in front of one server."""

    async def run():
        waiting = []

        async def app(_scope, receive, send):
            await waiting.pop(0).app(receive, send)

        admission, viewers = Admission(app, long_s), []
        for _ in range(count):
            viewer = Viewer(admission, scope)
            waiting.append(viewer)
            await settle()
            viewers.append(viewer)
        await meet(*viewers)
        for viewer in viewers:
            await viewer.leaves()
        async with asyncio.timeout(5):
            await asyncio.gather(*(viewer.task for viewer in viewers))

    asyncio.run(run())


@pytest.mark.parametrize("end", [DONE, FRAGMENT])
def test_scripts_start_in_the_order_of_asking_each_when_the_one_before_has_ended(end):
    async def meet(a, b, c):
        for viewer in (b, a, c):
            await viewer.says(RERUN)
        assert (a.came, b.came, c.came) == ([], [RERUN], [])
        await b.hears(EARLY)  # it begins anew: its turn goes on
        assert (a.came, c.came) == ([], [])
        await b.hears(DONE)
        assert (a.came, c.came) == ([RERUN], [])
        await a.hears(end)
        assert c.came == [RERUN]
        assert b.heard[0]["bytes"] == EARLY

    hall(meet)


def test_who_has_the_turn_speaks_on_and_what_starts_no_script_waits_for_nothing():
    async def meet(a, b):
        await a.says(RERUN)
        await a.says(RERUN)
        await b.says(OTHER)
        assert a.came == [RERUN, RERUN]
        assert b.came == [OTHER]
        await a.hears(DONE)
        await b.says(RERUN)
        assert b.came == [OTHER, RERUN]
        await a.says(RERUN)
        assert a.came == [RERUN, RERUN]

    hall(meet, count=2)


def test_a_viewer_who_goes_away_leaves_the_turn():
    async def meet(a, b):
        await a.says(RERUN)
        await b.says(RERUN)
        await a.leaves()
        assert b.came == [RERUN]

    hall(meet, count=2)


def test_a_script_that_takes_long_is_passed_and_its_end_gives_no_second_turn_back():
    async def meet(a, b, c):
        await a.says(RERUN)
        await b.says(RERUN)
        async with asyncio.timeout(5):
            while not b.came:
                await asyncio.sleep(0.001)
        await a.hears(DONE)
        await c.says(RERUN)
        assert c.came == []

    hall(meet, long_s=0.2)


def test_other_connections_are_left_alone():
    async def meet(a, b):
        await a.says(RERUN)
        await b.says(RERUN)
        assert b.came == [RERUN]

    hall(meet, count=2, scope={"type": "websocket", "path": "/live"})


@pytest.mark.parametrize("said", [None, b"", b"\xff\xff", b"hello", OTHER])
def test_what_starts_nothing_is_known(said):
    assert not starts(said)


@pytest.mark.parametrize(
    "told", [None, b"", EARLY, ForwardMsg(session_status_changed={}).SerializeToString(), b"x" * 65]
)
def test_what_finishes_nothing_is_known(told):
    assert not finishes(told)

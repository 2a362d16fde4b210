"""The live channel: pictures of a look, whatever a browser, or somebody else, says."""

import asyncio
import gc
import json
import threading
import time
from contextlib import closing, suppress
from socket import create_server
from types import SimpleNamespace

import anyio
import pytest
import uvicorn
from anyio import CapacityLimiter
from starlette.applications import Starlette
from starlette.websockets import WebSocketState
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from pages.ui.channel import protocol, seats, socket
from pages.ui.channel.protocol import Play, ProtocolError, Question, answer, message, scene
from pages.ui.channel.socket import Allowance, Tab
from pages.ui.channel.stages import Stage, find
from pages.ui.session.link import Look, read
from pages.ui.session.views import ShapesView
from pages.ui.work.engine import Engine
from rnn_core.config import Config
from rnn_core.training.experiment import Experiment
from tests.wire import NONSENSE


def asked(**changes):
    said = {"v": 1, "n": 1, "stage": "encoding.network", "query": {}, "hand": ["hidden_size", 12]}
    return json.dumps(said | changes)


def playing(work, *stages, **query):
    """Return what a browser says that shows a work going on."""
    part = {"stages": stages or ["training.course"], "query": query, "seat": seats.seat_of(work)}
    return json.dumps({"v": 1, "play": [part]})


def drawn(told):
    return json.dumps({"v": 1, "drawn": told["n"]})


@pytest.fixture(scope="module")
def address():
    """Serve the channel alone; return where."""
    with closing(create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(Starlette(routes=socket.routes()), log_level="error"))
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def visit(address, origin="http://{address}"):
    """Connect as a page of some server does."""
    return connect(f"ws://{address}/live", origin=origin and origin.format(address=address))


@pytest.fixture
def tab(address):
    with visit(address) as tab:
        yield tab


def ending(tab):
    """Read until the server ends the connection; return the code and the reason."""
    with pytest.raises(ConnectionClosed) as ended:
        list(tab)
    return ended.value.rcvd.code, ended.value.rcvd.reason


def test_pictures_are_those_of_the_page_with_the_value_set():
    held = json.loads(answer(message(asked())))["pictures"]["states"]
    set_there = next(find("encoding.network").pictures(Look(Experiment(Config(hidden_size=12)))))
    assert held == set_there.content()
    assert json.loads(held["figure"])["data"][0]["z"]["shape"] == "12, 11"


def test_a_question_takes_up_the_whole_link():
    query = {"cell": "lstm", "seed": "3", "lang": "ko", "text": "가나다라"}
    look = message(asked(query=query, hand=["seq_len", 2])).look
    wanted = Experiment(Config(cell="lstm", seed=3, text="가나다라", seq_len=2))
    assert (look.config, look.lang) == (wanted.config, "ko")
    assert look.shown.asked.seq_len == Config().seq_len


def test_what_cannot_be_is_said_in_the_viewers_language():
    english, korean = (
        json.loads(answer(message(asked(query={"lang": lang}, hand=["hidden_size", 1e5])))) for lang in ("en", "ko")
    )
    assert english["trouble"] == "hidden\\_size=100000 cannot be used: a whole number from 1 to 128 works."
    assert "hidden\\_size=100000" in korean["trouble"]
    assert english["trouble"] != korean["trouble"]
    assert "pictures" not in english


def test_a_locked_field_stays_as_it_is():
    told = json.loads(answer(message(asked(query={"preset": "seed-lesson"}, hand=["hidden_size", 4]))))
    assert told["trouble"] == "hidden\\_size=4 cannot be used: hidden\\_size is locked here."


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "{",
        "null",
        "[" * 100_000,
        asked(v=2),
        asked(n="1"),
        asked(n=True),
        asked(stage="os.path"),
        asked(stage="../etc.passwd"),
        asked(stage="encoding.nothing"),
        asked(stage="x" * 5000),
        asked(hand=["learning_rate", 1]),
        asked(hand=["hidden_size", "12"]),
        asked(hand=["hidden_size", float("nan")]),
        asked(hand=["hidden_size", float("inf")]),
        asked(hand=["hidden_size", 1e300]),
        asked(hand=["hidden_size"]),
        asked(hand={"hidden_size": 3}),
        asked(query=[]),
        asked(query={"seed": 3}),
        asked(query={str(place): "" for place in range(201)}),
        asked(query={"text": "x" * 200_000}),
    ],
)
def test_what_no_browser_of_ours_sends_is_refused(said):
    with pytest.raises(ProtocolError):
        message(said)


PART = {"stages": ["training.course"], "query": {}, "seat": "a"}
SAID = (asked(), asked(stage="training.states"), json.dumps({"v": 1, "play": [PART]}), '{"v": 1, "drawn": 3}')


@pytest.mark.parametrize("said", SAID)
def test_no_value_of_any_kind_does_more_than_be_refused(said):
    whole = json.loads(said)
    for name in whole:
        for value in NONSENSE:
            try:
                found = message(json.dumps(whole | {name: value}))
            except ProtocolError:
                continue
            assert getattr(found, "parts", ()) == ()  # nobody guesses a seat
            if isinstance(found, Question):
                assert json.loads(answer(found)).keys() <= {"n", "stage", "pictures", "trouble"}


@pytest.mark.parametrize("name", PART)
def test_no_part_of_what_plays_is_taken_for_more_than_it_is(name):
    for value in NONSENSE:
        with suppress(ProtocolError):
            assert message(json.dumps({"v": 1, "play": [PART | {name: value}]})) == Play(())


def test_a_seat_plays_the_place_that_it_was_given_for():
    place = Engine(Config(steps=20, hidden_size=5))
    (part,) = message(playing(place)).parts
    assert (part.work, [stage.name for stage in part.stages]) == (place, ["training.course"])
    place.slice(5.0)
    told = json.loads(scene(part, 7, True))
    assert (told["n"], told["cursors"], told["isOver"], told["isDone"]) == (7, {"step": 20}, True, True)
    assert list(told["scene"]["training.course"]) == ["status", "curves"]


def test_a_stage_shows_no_work_of_another_kind():
    place = Engine(Config())
    for stages in (["memory.course"], ["training.course", "memory.course"], ["shapes.flow"]):
        with pytest.raises(ProtocolError):
            message(playing(place, *stages))


def test_a_pause_is_no_end_and_a_stop_is():
    place = Engine(Config(steps=20, hidden_size=5))
    (part,) = message(playing(place)).parts
    place.slice(-1.0)
    place.pause()
    assert json.loads(scene(part, 1, True))["isDone"] is False  # who has pressed the button is answered by the page
    place.play()
    place.stop_step = 10
    place.slice(5.0)
    assert json.loads(scene(part, 1, True))["isDone"] is True


def test_a_seat_ends_with_its_place():
    place = Engine(Config(steps=20, hidden_size=6))
    seat = seats.seat_of(place)
    assert (seats.seat_of(place), seats.find(seat)) == (seat, place)
    del place
    gc.collect()
    assert seats.find(seat) is None


def test_a_tab_plays_a_run_at_the_pace_of_its_browser(tab):
    place = Engine(Config(steps=2000, hidden_size=7))
    tab.send(playing(place, steps="2000"))
    scenes = [json.loads(tab.recv()) for _ in range(protocol.AHEAD)]
    with pytest.raises(TimeoutError):  # nothing is drawn yet, and it is not over
        tab.recv(timeout=0.2)
    while not scenes[-1]["isOver"]:
        tab.send(drawn(scenes[-1]))
        scenes.append(json.loads(tab.recv()))
    steps = [told["cursors"]["step"] for told in scenes]
    assert (steps, steps[-1], scenes[-1]["isDone"]) == (sorted(steps), 2000, True)


def test_a_run_at_twenty_updates_a_second_shows_each_of_them(tab):
    place = Engine(Config(steps=30, hidden_size=8))
    place.speed = 20.0
    tab.send(playing(place, steps="30"))
    steps = []
    while not steps or steps[-1] < 30:
        told = json.loads(tab.recv())
        tab.send(drawn(told))
        steps.append(told["cursors"]["step"])
    assert len(steps) > 20  # each of them, but for a machine that is busy with other tests


def test_a_run_stops_where_its_viewer_has_left(address):
    place = Engine(Config(steps=2000, hidden_size=9))
    place.speed = 100.0
    with visit(address) as tab:
        tab.send(playing(place))
        for _ in range(3):
            tab.send(drawn(json.loads(tab.recv())))
    before, deadline = -1, time.monotonic() + 15
    while before != place.step:
        assert time.monotonic() < deadline
        before = place.step
        time.sleep(0.1)
    assert place.is_playing


def test_a_tab_shows_two_works_going_on_and_neither_waits_for_the_other(tab):
    places = [Engine(Config(steps=200, hidden_size=size)) for size in (4, 5)]
    parts = [json.loads(playing(place, steps="200"))["play"][0] for place in places]
    parts[1]["stages"] = ["training.beside"]
    tab.send(json.dumps({"v": 1, "play": parts}))
    seen = {"training.course": 0, "training.beside": 0}
    ended = []
    while len(ended) < 2:
        told = json.loads(tab.recv())
        (name,) = told["scene"]
        seen[name] += 1
        ended += [name] * told["isOver"]
        tab.send(drawn(told))
    assert sorted(ended) == sorted(seen)
    assert min(seen.values()) >= 2


@pytest.mark.parametrize(
    ("is_busy", "cost_s", "rest_s"), [(True, 0.5, 3.5), (False, 0.5, 0.5), (True, 0.001, 1 / 16), (False, 0.001, 0.001)]
)
def test_pictures_leave_their_share_of_the_time_to_the_work(monkeypatch, is_busy, cost_s, rest_s):
    now = 0.0
    monkeypatch.setattr(socket, "time", SimpleNamespace(monotonic=lambda: now))
    place = Engine(Config())
    showing = socket.Showing(message(playing(place)).parts[0])
    assert showing.is_worth_a_picture
    showing.mark, showing.seen, showing.cost_s, showing.is_busy = -1, 10.0, cost_s, is_busy
    now = 10 + 0.9 * rest_s
    assert not showing.is_worth_a_picture
    now = 10 + 1.1 * rest_s
    assert showing.is_worth_a_picture
    showing.ahead = [1, 2]
    assert not showing.is_worth_a_picture


def test_a_link_is_read_as_the_address_is():
    address = read({"hidden_size": ["7"], "drawing": ["3d"], "row": ["x"], "seed": ["1", "2"]}, "ko")
    assert address.look.shown.asked == Config(hidden_size=7)
    assert address.look.view(ShapesView) == ShapesView(drawing="3d")
    assert {sentence.params["field"] for sentence in address.unused} == {"row", "seed"}
    assert (address.look.lang, address.has_lang) == ("ko", False)


def test_a_tab_is_answered(tab):
    tab.send(asked(n=5))
    told = json.loads(tab.recv())
    assert (told["n"], told["stage"], list(told["pictures"])) == (5, "encoding.network", ["states"])


def test_of_a_stage_only_the_newest_question_waits(tab):
    for n in range(1, 41):
        tab.send(asked(n=n, hand=["hidden_size", n]))
    numbers = [json.loads(tab.recv())["n"]]
    while numbers[-1] != 40:
        numbers.append(json.loads(tab.recv())["n"])
    assert numbers == sorted(numbers)
    assert len(numbers) < 40


@pytest.mark.parametrize("origin", [None, "http://elsewhere.example", "null"])
def test_a_page_of_another_server_is_turned_away(address, origin):
    with pytest.raises(InvalidStatus) as refused:
        visit(address, origin)
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize(("said", "reason"), [("nonsense", "a message is JSON"), (b"\x00" * 1000, "a message is text")])
def test_nonsense_ends_the_connection_with_a_reason(tab, said, reason):
    tab.send(said)
    assert ending(tab) == (socket.POLICY, reason)


def test_a_flood_ends_the_connection(tab):
    for n in range(3 * protocol.BURST):
        try:
            tab.send(asked(n=n))
        except ConnectionClosed:
            break
    assert ending(tab) == (socket.POLICY, "too many messages")


def test_a_tab_has_as_many_messages_as_a_hand_makes():
    now = 0.0
    allowance = Allowance(lambda: now)
    assert all(allowance.takes() for _ in range(protocol.BURST))
    assert not allowance.takes()
    for _ in range(1000):  # sixty a second for each of two stages
        now += 1 / 110
        assert allowance.takes() or now < 0.1


def test_more_tabs_than_there_is_room_for_are_turned_away(address, monkeypatch):
    monkeypatch.setattr(socket, "MAX_TABS", 1)
    with visit(address) as tab:
        with pytest.raises(InvalidStatus):
            visit(address)
        tab.send(asked())
        assert json.loads(tab.recv())["n"] == 1


class Deaf:
    """A connection that takes no answer: its browser sleeps, or only pretends to be one."""

    application_state = WebSocketState.CONNECTED

    def __init__(self):
        self.said, self.closed = [asked()], None

    async def receive(self):
        if self.said:
            return {"type": "websocket.receive", "text": self.said.pop()}
        return await asyncio.Event().wait()

    async def send_text(self, _text):
        await asyncio.Event().wait()

    async def close(self, code, reason):
        self.closed = code, reason


def test_a_tab_that_takes_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(socket, "UNREAD_S", 0.05)
    deaf = Deaf()
    anyio.run(lambda: Tab(deaf, CapacityLimiter(1)).serve())
    assert deaf.closed == (socket.POLICY, "nobody reads")


def test_every_stage_is_found_by_its_name():
    assert isinstance(find("encoding.data"), Stage)
    assert find("encoding") is None
    assert find("") is None

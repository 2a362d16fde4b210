"""What goes over the channel, and what may: every message checked, every limit in one place. No streamlit here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pages.ui.channel import seats
from pages.ui.channel.stages import Stage, find
from pages.ui.session.link import Look, read
from pages.ui.session.state import is_number
from rnn_core.sentence import ConfigError

if TYPE_CHECKING:
    from pages.ui.work.engine import Engine

VERSION = 1
MAX_MESSAGE = 200_000  # characters: the longest text and the longest pasted code that a session takes fit
MAX_PARAMETERS = 200
MESSAGES_S = 120.0  # that a tab may send; a mouse moves sixty times a second, and a page has a few stages
BURST = 240
MAX_STAGES = 8  # of a tab that may be asked for, or play, at once
MAX_TABS = 600
UNREAD_S = 10.0  # a browser that takes nothing for so long is let go
SLICE_S = 0.04  # of training between two pictures of a run that plays
AHEAD = 2  # pictures of it that the browser has not yet drawn


N = TypeVar("N", int, float)


class ProtocolError(ValueError):
    """A message that no browser of ours sends."""


@dataclass(frozen=True)
class Question:
    """A browser asks for the pictures of a stage with a slider held.

    Attributes:
        n: its number, which the answer bears.
        stage: whose pictures.
        look: of what.
        place: the session's place in its run, where the browser told its seat.
    """

    n: int
    stage: Stage
    look: Look
    place: Engine | None


@dataclass(frozen=True)
class Play:
    """A browser asks for the pictures of some stages while its session's run plays."""

    stages: tuple[Stage, ...]
    look: Look
    place: Engine


@dataclass(frozen=True)
class Drawn:
    """A browser has drawn the pictures of a number."""

    n: int


@dataclass(frozen=True)
class Stop:
    """A browser shows the run no more."""


Message = Question | Play | Drawn | Stop


def message(text: str) -> Message:
    """Read a message. What somebody else wrote is checked like any link.

    Raises:
        ProtocolError: if it is no message of this version, or asks for what there is not.
    """
    if len(text) > MAX_MESSAGE:
        raise ProtocolError(f"a message has at most {MAX_MESSAGE} characters")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a message is JSON") from error
    match said:
        case {"v": int(version), **rest} if version == VERSION and type(version) is int:
            pass
        case _:
            raise ProtocolError(f'a message says "v": {VERSION}')
    match rest:
        case {"n": int(n), "stage": str(name), "query": dict(query), "hand": [str(field), int() | float() as value]}:
            return Question(_number(n), _stage(name, field), _look(query).holding(field, _number(value)), _place(rest))
        case {"play": [*names], "query": dict(query), "seat": str()} if 0 < len(names) <= MAX_STAGES:
            place = _place(rest)
            return Play(tuple(map(_stage, names)), _look(query), place) if place else Stop()  # its session has ended
        case {"drawn": int(n)}:
            return Drawn(_number(n))
        case {"stop": True}:
            return Stop()
    raise ProtocolError('a message asks with "hand", plays with "play", or says "drawn" or "stop"')


def _stage(name: object, field: str | None = None) -> Stage:
    stage = find(name) if isinstance(name, str) else None
    if stage is None or (field is not None and field not in stage.fields):
        raise ProtocolError("no such stage follows this")
    return stage


def _look(query: Mapping[Any, object]) -> Look:
    words = {name: [word] for name, word in query.items() if isinstance(name, str) and isinstance(word, str)}
    if len(query) > MAX_PARAMETERS or len(words) < len(query):
        raise ProtocolError("a query holds a text for each parameter")
    return read(words, "en").look


def _place(said: Mapping[Any, object]) -> Engine | None:
    seat = said.get("seat")
    return seats.find(seat) if isinstance(seat, str) and seat else None


def _number(value: N) -> N:
    if not is_number(value):
        raise ProtocolError("a number is finite")
    return value


def answer(asked: Question) -> str:
    """Make the pictures that are asked for, or say why there are none."""
    told: dict[str, object] = {"n": asked.n, "stage": asked.stage.name}
    try:
        told["pictures"] = _contents(asked.stage, asked.look, asked.place)
    except ConfigError as error:
        told["trouble"] = asked.look.words.say(error.sentence)
    return json.dumps(told)


def scene(played: Play, n: int) -> str:
    """Make the pictures of a run as it is now."""
    place = played.place
    found = {stage.name: _contents(stage, played.look, place) for stage in played.stages}
    told = {"n": n, "scene": found, "step": place.step if place.pinned is None else place.pinned}
    return json.dumps(told | {"isOver": not place.is_playing, "isWhole": place.step >= place.goal or place.is_over})


def _contents(stage: Stage, look: Look, place: Engine | None) -> dict[str, object]:
    return {picture.key: picture.content() for picture in stage.pictures(look, place)}

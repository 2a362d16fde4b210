"""What goes over the channel, and what may: every message checked, every limit in one place. No streamlit here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from pages.ui.channel import seats
from pages.ui.channel.stages import Stage, find
from pages.ui.session.link import Look, read
from pages.ui.session.state import is_number
from rnn_core.sentence import ConfigError

if TYPE_CHECKING:
    from pages.ui.channel.seats import Work

VERSION = 1
MAX_MESSAGE = 200_000  # characters: the longest text and the longest pasted code that a session takes fit
MAX_PARAMETERS = 200
MESSAGES_S = 120.0  # that a tab may send; a mouse moves sixty times a second, and a page has a few stages
BURST = 240
MAX_STAGES = 8  # of a tab that may be asked for, or play, at once
MAX_WORKS = 4  # that a tab may show going on at once: a run, and what else its page trains
MAX_TABS = 600
UNREAD_S = 10.0  # a browser that takes nothing for so long is let go
SLICE_S = 0.04  # of work between two pictures of it
SHARE = 1 / 2  # of the time that pictures of a work may take
SHARE_OF_BUSY, GAP_S = 1 / 8, 1 / 16  # likewise of one that uses all of it, and the least between two of its pictures
AHEAD = 2  # pictures of a work that the browser has not yet drawn


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
        work: the session's own that the stage is of, such as its place in a run, where the browser told its seat.
    """

    n: int
    stage: Stage
    look: Look
    work: Work | None


@dataclass(frozen=True)
class Part:
    """Some stages of a page whose pictures show how a work of its session goes on."""

    stages: tuple[Stage, ...]
    look: Look
    work: Work


@dataclass(frozen=True)
class Play:
    """A browser asks for the pictures of works that go on, of these alone; of none if it shows none any more."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Drawn:
    """A browser has drawn the pictures of a number."""

    n: int


Message = Question | Play | Drawn


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
            asked, work = _stage(name, field), _work(rest)
            fits = asked.of is not None and isinstance(work, asked.of)
            return Question(_number(n), asked, _look(query).holding(field, _number(value)), work if fits else None)
        case {"play": [*parts]} if len(parts) <= MAX_WORKS:
            return Play(tuple(filter(None, map(_part, parts))))
        case {"drawn": int(n)}:
            return Drawn(_number(n))
    raise ProtocolError('a message asks with "hand", plays with "play", or says what is "drawn"')


def _part(said: object) -> Part | None:
    """Read what is to be played; None if its session has ended."""
    match said:
        case {"stages": [*names], "query": dict(query), "seat": str(seat)} if 0 < len(names) <= MAX_STAGES:
            stages, look, work = tuple(map(_stage, names)), _look(query), seats.find(seat)
        case _:
            raise ProtocolError("what plays has stages, a query and a seat")
    if work is None:
        return None
    if not all(stage.of is not None and isinstance(work, stage.of) for stage in stages):
        raise ProtocolError("no such stage follows this")
    return Part(stages, look, work)


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


def _work(said: Mapping[Any, object]) -> Work | None:
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
        told["pictures"] = _contents(asked.stage, asked.look, asked.work)
    except ConfigError as error:
        told["trouble"] = asked.look.words.say(error.sentence)
    return json.dumps(told)


def scene(part: Part, n: int, is_over: bool) -> str:
    """Make the pictures of a work as it is now, which will not go on if it is over."""
    work, found = part.work, {}
    for stage in part.stages:
        with suppress(ConfigError):  # there is nothing of it to show, which the page says
            found[stage.name] = _contents(stage, part.look, work)
    told = {
        "n": n,
        "scene": found,
        "cursors": dict(work.cursors),
        "isOver": is_over,
        "isDone": is_over and work.is_done,
    }
    return json.dumps(told)


def _contents(stage: Stage, look: Look, work: Work | None) -> dict[str, object]:
    return {picture.key: picture.content() for picture in stage.pictures(look, work)}

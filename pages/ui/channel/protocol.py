"""What goes over the channel, and what may: every message checked, every limit in one place. No streamlit here."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pages.ui.channel.stages import Stage, find
from pages.ui.session.link import Look, read
from pages.ui.session.state import is_number
from rnn_core.sentence import ConfigError

VERSION = 1
MAX_MESSAGE = 200_000  # characters: the longest text and the longest pasted code that a session takes fit
MAX_PARAMETERS = 200
MESSAGES_S = 120.0  # that a tab may send; a mouse moves sixty times a second, and a page has a few stages
BURST = 240
MAX_STAGES = 8  # of a tab that may be asked for at once
MAX_TABS = 600
UNREAD_S = 10.0  # a browser that takes nothing for so long is let go


class ProtocolError(ValueError):
    """A message that no browser of ours sends."""


@dataclass(frozen=True)
class Question:
    """What a browser asks for.

    Attributes:
        n: its number, which the answer bears.
        stage: whose pictures.
        look: of what.
    """

    n: int
    stage: Stage
    look: Look


def question(text: str) -> Question:
    """Read a message. What somebody else wrote is checked like any link.

    Raises:
        ProtocolError: if it is no message of this version, or asks for what a stage does not follow.
    """
    if len(text) > MAX_MESSAGE:
        raise ProtocolError(f"a message has at most {MAX_MESSAGE} characters")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a message is JSON") from error
    match said:
        case {
            "v": int(version),
            "n": int(n),
            "stage": str(name),
            "query": dict(query),
            "hand": [str(field), int() | float() as value],
        } if version == VERSION and is_number(value) and is_number(n):
            pass
        case _:
            raise ProtocolError('a message is {"v": 1, "n", "stage", "query", "hand": [name, number]}')
    stage = find(name) if len(name) < 64 else None
    if stage is None or field not in stage.fields:
        raise ProtocolError("no such stage follows this slider")
    if len(query) > MAX_PARAMETERS or not all(isinstance(word, str) for word in query.values()):
        raise ProtocolError("a query holds a text for each parameter")
    address = read({name: [word] for name, word in query.items()}, "en")
    return Question(n, stage, address.look.holding(field, value))


def answer(asked: Question) -> str:
    """Make the pictures that are asked for, or say why there are none."""
    told: dict[str, object] = {"n": asked.n, "stage": asked.stage.name}
    try:
        told["pictures"] = {picture.key: picture.content() for picture in asked.stage.pictures(asked.look)}
    except ConfigError as error:
        told["trouble"] = asked.look.words.say(error.sentence)
    return json.dumps(told)

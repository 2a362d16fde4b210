"""What views are made of: fields, each declared once with its kind, its default and its bounds. No streamlit here.

A kind reads a field's word in a link, writes it, and says what would work instead of what cannot be. Bounds that depend
on the experiment are *counts*: how many of something there are, by its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from pages.ui.words.i18n import mark
from rnn_core.config import format_value
from rnn_core.sentence import ConfigError, Sentence

V = TypeVar("V", bound="View")
Counts = Mapping[str, range]
NO_COUNTS: Counts = {}
LARGEST = 99_999_999  # whole number in a link
NO_OPTION = mark("{field}={value} cannot be used: choose {choices}.")
NOT_WHOLE = mark("{field}={value} cannot be used: a whole number works.")
NOT_WHOLE_WITHIN = mark("{field}={value} cannot be used: a whole number from {low} to {high} works.")
NOT_WITHIN = mark("{field}={value} cannot be used: a number from {low} to {high} works.")
MISWRITTEN = mark("{field}={value} cannot be used: write it like {example}.")
TOO_LONG = mark("{field} cannot be used: at most {length} characters work.")
_DECIMAL = re.compile(r"-?\d{1,2}(\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True)
class Hand:
    """A slider that is held: its name, which is a config field's or a view's, and where it is."""

    name: str
    value: int | float


@dataclass(frozen=True)
class Kind:
    """What a field can be."""

    default: Any

    def read(self, name: str, word: str) -> Any:
        """Read the word of a link.

        Raises:
            ConfigError: if the field cannot be that.
        """
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Write a value as a link carries it; the inverse of `read`."""
        return str(value)

    def fitted(self, value: Any, _counts: Counts, /) -> Any:
        """Return the value nearest to one that the field can have."""
        return value


@dataclass(frozen=True)
class OneOf(Kind):
    """One of some words, the default among them."""

    words: tuple[str, ...]

    def read(self, name: str, word: str) -> str:
        """Read the word of a link."""
        if word not in self.words:
            raise _unusable(NO_OPTION, name, word, choices=", ".join(self.words))
        return word

    def fitted(self, value: str, _counts: Counts, /) -> str:
        """Refuse what no widget offers."""
        if value not in self.words:
            raise ValueError(f"{value!r} is none of {self.words}")
        return value


@dataclass(frozen=True)
class Number(Kind):
    """A number, whole if its bounds are.

    Attributes:
        low, high: bounds that hold whatever the experiment is; what a link says beyond is brought back.
        step: between two places of its slider.
        of: what it is the number of, if that can be counted: then it is one of those that there are.
        is_place: whether it chooses out of a list; what a shorter list has not is as if nobody had chosen.
    """

    low: float
    high: float
    step: float = 1
    of: str = ""
    is_place: bool = False

    def read(self, name: str, word: str) -> float:
        """Read the word of a link."""
        is_whole = isinstance(self.low, int)
        if not (word.isascii() and word.isdigit() and len(word) < 9 if is_whole else _DECIMAL.fullmatch(word)):
            raise self._refusal(name, word, self.low, self.high)
        return self._cast(float(word))

    def write(self, value: float) -> str:
        """Write a number as a link carries it."""
        return format_value(value)

    def span(self, counts: Counts) -> tuple[float, float]:
        """Return the bounds that hold with so many of what there is."""
        there = counts.get(self.of)
        return (self.low, self.high) if there is None else (there.start, max(there.start, there.stop - 1))

    def fitted(self, value: float | None, counts: Counts, /) -> float | None:
        """Bring a number back within its bounds."""
        low, high = self.span(counts)
        if value is None or (self.is_place and not low <= value <= high):
            return None
        return self._cast(max(low, min(value, high)))

    def held(self, name: str, value: float, counts: Counts) -> float:
        """Return where its slider is held.

        Raises:
            ConfigError: if it cannot be there.
        """
        low, high = self.span(counts)
        if not low <= value <= high or (isinstance(low, int) and value != int(value)):
            raise self._refusal(name, value, low, high)
        return self._cast(value)

    def _cast(self, value: float) -> float:
        return int(value) if isinstance(self.low, int) else round(float(value), 3)

    def _refusal(self, name: str, value: object, low: float, high: float) -> ConfigError:
        if high == LARGEST:
            return _unusable(NOT_WHOLE, name, value)
        template = NOT_WHOLE_WITHIN if isinstance(low, int) else NOT_WITHIN
        return _unusable(template, name, value, low=low, high=high)


@dataclass(frozen=True)
class Text(Kind):
    """A text of the viewer's own, of at most so many characters in a link."""

    most: int

    def read(self, name: str, word: str) -> str:
        """Read the word of a link."""
        if len(word) > self.most:
            raise ConfigError(Sentence(TOO_LONG, field=name, length=self.most))
        return word


@dataclass(frozen=True)
class Written(Kind):
    """What has a notation of its own.

    Attributes:
        parse: reads it; raises a ConfigError if it cannot and there is no pattern.
        to_word: writes it.
        pattern: what the notation looks like, with an example of it.
    """

    parse: Callable[[str], Any]
    to_word: Callable[[Any], str]
    pattern: re.Pattern[str] | None = None
    example: str = ""

    def read(self, name: str, word: str) -> Any:
        """Read the word of a link."""
        if self.pattern and not self.pattern.fullmatch(word):
            raise _unusable(MISWRITTEN, name, word, example=self.example)
        return self.parse(word)

    def write(self, value: Any) -> str:
        """Write a value as a link carries it."""
        return self.to_word(value)


@dataclass(frozen=True)
class View:
    """What a page shows besides the experiment: each page's is a frozen dataclass of fields as they are made below."""

    def __post_init__(self) -> None:
        for name, kind in kinds(type(self)).items():
            object.__setattr__(self, name, kind.fitted(getattr(self, name), NO_COUNTS))

    def parameters(self) -> dict[str, str]:
        """Return what a link says of it: what is as usual is left out."""
        found = {name: (kind, getattr(self, name)) for name, kind in kinds(type(self)).items()}
        return {name: kind.write(value) for name, (kind, value) in found.items() if value != kind.default}

    def fitted(self: V, counts: Counts, hand: Hand | None = None) -> V:
        """Return the view of an experiment that has so many of what there is.

        Args:
            counts: how many there are of what its fields are numbers of.
            hand: what is under the viewer's hand, if anything is.

        Raises:
            ConfigError: if a number is held where it cannot be.
        """
        changed = {}
        for name, kind in kinds(type(self)).items():
            now = getattr(self, name)
            then = kind.fitted(now, counts)
            if hand and hand.name == name and isinstance(kind, Number) and (not kind.of or kind.of in counts):
                then = kind.held(name, hand.value, counts)
            if then != now:
                changed[name] = then
        return replace(self, **changed) if changed else self


def kinds(model: type[View]) -> dict[str, Kind]:
    """Return what the fields of a view can be, by name."""
    return {one.name: one.metadata["kind"] for one in fields(model)}


def one_of(default: str, *others: str) -> Any:
    """Declare a field that is one of some words."""
    return _declared(OneOf(default, (default, *others)))


def whole(default: int | None = None, low: int = 0, high: int = LARGEST, *, of: str = "") -> Any:
    """Declare a field that is a whole number; None is where nobody set it."""
    return _declared(Number(default, low, high, of=of))


def place(of: str) -> Any:
    """Declare a field that is the place of something in a list; None is where nobody chose."""
    return _declared(Number(None, 0, LARGEST, of=of, is_place=True))


def number(default: float, low: float, high: float, step: float) -> Any:
    """Declare a field that is a number with up to three decimals."""
    return _declared(Number(default, low, high, step))


def text(most: int, default: str | None = "") -> Any:
    """Declare a field that is a text."""
    return _declared(Text(default, most))


def written(
    default: Any, parse: Callable[[str], Any], to_word: Callable[[Any], str], pattern: str = "", example: str = ""
) -> Any:
    """Declare a field with a notation of its own."""
    return _declared(Written(default, parse, to_word, re.compile(pattern, re.ASCII) if pattern else None, example))


def _declared(kind: Kind) -> Any:
    return field(default=kind.default, metadata={"kind": kind})


def _unusable(template: str, name: str, value: object, **params: Any) -> ConfigError:
    shown = value[:40] if isinstance(value, str) else value
    return ConfigError(Sentence(template, field=name, value=shown, **params))

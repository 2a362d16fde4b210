"""What views are made of: fields, each declared once with its kind, its default and its bounds. No streamlit here.

Bounds that depend on the experiment are *counts*: by name of something, the numbers of what there is of it.
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
NOT_WHOLE = mark("{field}={value} cannot be used: a whole number of {low} or more works.")
NOT_WHOLE_WITHIN = mark("{field}={value} cannot be used: a whole number from {low} to {high} works.")
NOT_ANOTHER = mark("{field}={value} cannot be used: only {low} works.")
NOT_WITHIN = mark("{field}={value} cannot be used: a number from {low} to {high} works.")
_DECIMAL = re.compile(r"-?\d{1,2}(\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True)
class Hand:
    """A slider that is held: its name, which is a config field's or a view's, and where it is."""

    name: str
    value: int | float


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a field can be, and how a link writes it.

    Attributes:
        default: what it is if nobody set it; a link leaves it out.
        words: all that it can be, if it is one of some words.
        most: characters of a text.
        pattern, example: what its notation looks like.
        parse: reads a word; raises a ConfigError if that is of no use.
        to_word: the inverse of `parse`.
    """

    default: Any
    words: tuple[str, ...] = ()
    most: int | None = None
    pattern: str = ""
    example: str = ""
    parse: Callable[[str], Any] = str
    to_word: Callable[[Any], str] = str

    def read(self, name: str, word: str, _counts: Counts = NO_COUNTS, /) -> Any:
        """Read the word of a link.

        Raises:
            ConfigError: if the field cannot be that.
        """
        said = {"field": name, "value": word[:40]}
        if self.words and word not in self.words:
            choices = ", ".join(self.words)
            raise ConfigError(Sentence("{field}={value} cannot be used: choose {choices}.", **said, choices=choices))
        if self.most is not None and len(word) > self.most:
            raise ConfigError(
                Sentence("{field} cannot be used: at most {length} characters work.", field=name, length=self.most)
            )
        if self.pattern and not re.fullmatch(self.pattern, word, re.ASCII):
            raise ConfigError(
                Sentence("{field}={value} cannot be used: write it like {example}.", **said, example=self.example)
            )
        return self.parse(word)

    def fitted(self, value: Any, _counts: Counts, /) -> Any:
        """Return the nearest that the field can be."""
        if self.words and value not in self.words:
            raise ValueError(f"{value!r} is none of {self.words}")
        return value


@dataclass(frozen=True, kw_only=True)
class Number(Kind):
    """A number, whole if its bounds are.

    Attributes:
        low, high: bounds whatever the experiment is.
        step: between two places of its slider.
        of: what it is the number of, if that can be counted: it is one of those that there are.
        is_place: whether it chooses out of a list: what a shorter one has not is as if nobody had chosen.
    """

    low: float
    high: float
    step: float = 1
    of: str = ""
    is_place: bool = False
    to_word: Callable[[Any], str] = format_value

    def read(self, name: str, word: str, counts: Counts = NO_COUNTS, /) -> float:
        """Read the word of a link, of which a number has to be one of those that there are."""
        low, high = self.span(counts)
        is_number = word.isascii() and word.isdigit() if isinstance(self.low, int) else _DECIMAL.fullmatch(word)
        if not (is_number and len(word) < 20 and low <= float(word) <= high):
            raise self._refusal(name, word[:40], low, high)
        return self._cast(float(word))

    def span(self, counts: Counts) -> tuple[float, float]:
        """Return the bounds where there is so much."""
        there = counts.get(self.of)
        if there is None:
            return self.low, self.high
        low = max(self.low, there.start)
        return low, max(low, min(self.high, there.stop - 1))

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
        template = NOT_WHOLE if high == LARGEST else NOT_WHOLE_WITHIN if isinstance(low, int) else NOT_WITHIN
        template = NOT_ANOTHER if low == high else template
        return ConfigError(Sentence(template, field=name, value=value, low=low, high=high))


@dataclass(frozen=True)
class View:
    """What a page shows besides the experiment: a frozen dataclass whose fields are declared as below."""

    def __post_init__(self) -> None:
        for name, kind in kinds(type(self)).items():
            object.__setattr__(self, name, kind.fitted(getattr(self, name), NO_COUNTS))

    def parameters(self) -> dict[str, str]:
        """Return what a link says of it."""
        found = {name: (kind, getattr(self, name)) for name, kind in kinds(type(self)).items()}
        return {name: kind.to_word(value) for name, (kind, value) in found.items() if value != kind.default}

    def fitted(self: V, counts: Counts, hand: Hand | None = None) -> V:
        """Return the view where there is so much, with what is under the viewer's hand.

        Raises:
            ConfigError: if a number is held where it cannot be.
        """
        changed = {}
        for name, kind in kinds(type(self)).items():
            then = kind.fitted(getattr(self, name), counts)
            if hand and hand.name == name and isinstance(kind, Number) and (not kind.of or kind.of in counts):
                then = kind.held(name, hand.value, counts)
            if then != getattr(self, name):
                changed[name] = then
        return replace(self, **changed) if changed else self


def kinds(model: type[View]) -> dict[str, Kind]:
    """Return what the fields of a view can be, by name."""
    return {one.name: one.metadata["kind"] for one in fields(model)}


def one_of(default: str, *others: str) -> Any:
    """Declare a field that is one of some words."""
    return _declared(Kind(default=default, words=(default, *others)))


def whole(default: int | None = None, low: int = 0, high: int = LARGEST, *, of: str = "") -> Any:
    """Declare a field that is a whole number; None is where nobody set it."""
    return _declared(Number(default=default, low=low, high=high, of=of))


def place(of: str) -> Any:
    """Declare a field that is the place of something in a list; None is where nobody chose."""
    return _declared(Number(default=None, low=0, high=LARGEST, of=of, is_place=True))


def number(default: float, low: float, high: float, step: float) -> Any:
    """Declare a field that is a number with up to three decimals."""
    return _declared(Number(default=default, low=low, high=high, step=step))


def text(most: int, default: str | None = "") -> Any:
    """Declare a field that is a text."""
    return _declared(Kind(default=default, most=most))


def written(
    default: Any,
    parse: Callable[[str], Any] = str,
    to_word: Callable[[Any], str] = str,
    pattern: str = "",
    example: str = "",
) -> Any:
    """Declare a field with a notation of its own."""
    return _declared(Kind(default=default, parse=parse, to_word=to_word, pattern=pattern, example=example))


def _declared(kind: Kind) -> Any:
    return field(default=kind.default, metadata={"kind": kind})

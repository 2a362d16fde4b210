"""What a link says, and what a picture is a function of. No streamlit here.

A link holds the experiment and what the pages show besides. `read` takes up whatever somebody may have written there;
a `Look` is a link that can be used, with what is under the viewer's hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from pages.locale.catalogue import LANGUAGES
from pages.ui.session.views import TEXTS, VIEW_FIELDS, Form, Kind
from pages.ui.words.i18n import Words
from rnn_core.config import DEFAULT_PRESET, PRESETS, Config
from rnn_core.data.tasks import locked_fields, resolve
from rnn_core.sentence import ConfigError, Sentence

Views = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Hand:
    """A slider that is held: its name, which is a config field's or a page's own, and where it is."""

    name: str
    value: int | float


@dataclass(frozen=True)
class Look:
    """What a picture is a function of.

    Attributes:
        values: the experiment as it is set.
        views: what the pages show besides, by page: words as they stand in the link.
        lang: the viewer's language.
        hand: what is under the viewer's hand, if anything is.
    """

    values: Config
    views: Views = field(default_factory=lambda: MappingProxyType({}))
    lang: str = "en"
    hand: Hand | None = None

    @cached_property
    def base(self) -> Config:
        """The experiment as it is set, locked fields at the values that they must have."""
        return resolve(self.values)

    @cached_property
    def config(self) -> Config:
        """The experiment as it would be if the hand let go now.

        Raises:
            ConfigError: if the experiment cannot have the value, or the field is locked.
        """
        if self.hand is None or self.hand.name not in Config.model_fields:
            return self.base
        name, value = self.hand.name, self.hand.value
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        Config(**{name: number})  # what is wrong with the value alone is said first
        if name in locked_fields(self.base):
            raise ConfigError(
                Sentence("{field}={value} cannot be used: {field} is locked here.", field=name, value=value)
            )
        return resolve(Config(**{**dict(self.values), name: number}))

    @property
    def words(self) -> Words:
        """The viewer's language, for `_ = look.words`."""
        return Words(self.lang)

    def view(self, page: str) -> Mapping[str, str]:
        """Return what a page shows besides the experiment."""
        return self.views.get(page, {})

    def held(self, name: str) -> int | float | None:
        """Return where a slider is held; None if it is not."""
        return self.hand.value if self.hand and self.hand.name == name else None

    def number(self, page: str, name: str, default: int, most: int) -> int:
        """Return a whole number of a page's view, from 0 to `most`: the one under the hand, or the link's."""
        held = self.held(name)
        return max(0, min(int(self.view(page).get(name, default) if held is None else held), most))

    def amount(self, page: str, field: str, default: float, low: float, high: float, *, slider: str = "") -> float:
        """Return where a slider of a page's view stands, of the kind that its bounds are; under the hand if it is held.

        Args:
            page: whose view.
            field: its name there.
            default: where it stands if the link says nothing.
            low: its lower bound; what a link says beyond is brought back.
            high: its upper bound.
            slider: the slider's own name, if it has one.

        Raises:
            ConfigError: if it is held where it cannot stand.
        """
        held = self.held(slider or field)
        if held is None:
            return amount(self.view(page), field, default, low, high)
        if not low <= held <= high or type(low)(held) != held:
            whole = "{field}={value} cannot be used: a whole number from {low} to {high} works."
            number = "{field}={value} cannot be used: a number from {low} to {high} works."
            template = whole if isinstance(low, int) else number
            raise ConfigError(Sentence(template, field=field, value=held, low=low, high=high))
        return type(low)(held)

    def holding(self, name: str, value: int | float) -> Look:
        """Return the same with a slider held."""
        return replace(self, hand=Hand(name, value))


@dataclass(frozen=True)
class Address:
    """What an address said.

    Attributes:
        look: what can be used of it.
        preset: the preset that its values start from.
        has_lang: whether it says a language.
        unused: a sentence for each parameter that cannot be used.
    """

    look: Look
    preset: str
    has_lang: bool
    unused: tuple[Sentence, ...]


def amount(view: Mapping[str, str], field: str, default: float, low: float, high: float) -> float:
    """Return a number of a page's view, within its bounds and of the kind that they are."""
    word = view.get(field)
    value = default if word is None else type(low)(word)
    return max(low, min(value, high))


def read(parameters: Mapping[str, Sequence[str]], lang: str) -> Address:
    """Read the parameters of a link. Never raises.

    Args:
        parameters: the words of each, as often as they are given.
        lang: the language where the link says none.
    """
    raw = {name: list(words) for name, words in parameters.items()}
    given, unused = set(raw), list[Sentence]()
    said = _take(raw, "lang", tuple(LANGUAGES), unused)
    views: dict[str, dict[str, str]] = {}
    for page, kinds in VIEW_FIELDS.items():
        found = {name: _take(raw, name, kind, unused) for name, kind in kinds.items()}
        views[page] = {name: word for name, word in found.items() if word is not None}
    for name in [name for name in TEXTS if raw.pop(f"{name}_length", None) and name not in given]:
        unused.append(
            Sentence("The text of this link was too long to travel with it. Paste it again into {field}.", field=name)
        )
    config, more = Config.from_query(raw)
    preset = raw.get("preset", [DEFAULT_PRESET])
    return Address(
        look=Look(config, views, said or lang),
        preset=preset[0] if preset[0] in PRESETS and len(preset) == 1 else DEFAULT_PRESET,
        has_lang=said is not None,
        unused=(*unused, *more),
    )


def _take(raw: dict[str, list[str]], name: str, choices: Kind, unused: list[Sentence]) -> str | None:
    """Take a parameter that is no config field out of the address: see `views` for what it may be."""
    words = raw.pop(name, [])
    if not words:
        return None
    if len(words) > 1:
        unused.append(Sentence("{field} is given {count} times; give it once.", field=name, count=len(words)))
    elif isinstance(choices, Form):
        if choices.pattern.fullmatch(words[0]):
            return words[0]
        unused.append(
            Sentence(
                "{field}={value} cannot be used: write it like {example}.",
                field=name,
                value=words[0][:40],
                example=choices.example,
            )
        )
    elif isinstance(choices, int):
        if len(words[0]) <= choices:
            return words[0]
        unused.append(Sentence("{field} cannot be used: at most {length} characters work.", field=name, length=choices))
    elif callable(choices):
        try:
            choices(words[0])
        except ConfigError as error:
            unused.append(error.sentence)
        else:
            return words[0]
    elif words[0] in choices or (not choices and words[0].isascii() and words[0].isdigit() and len(words[0]) < 9):
        return words[0]
    elif choices:
        options = ", ".join(choices)
        unused.append(
            Sentence(
                "{field}={value} cannot be used: choose {choices}.", field=name, value=words[0][:40], choices=options
            )
        )
    else:
        unused.append(
            Sentence("{field}={value} cannot be used: a whole number works.", field=name, value=words[0][:40])
        )
    return None

"""What a link says, and what a picture is a function of. No streamlit here.

A link holds the experiment and what the pages show besides. `read` takes up whatever somebody may have written there;
a `Look` is a link that can be used, with what is under the viewer's hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pages.locale.catalogue import LANGUAGES
from pages.ui.session.fields import NO_COUNTS, Counts, Hand, Kind, V, kinds
from pages.ui.session.texts import Missing, Views, join
from pages.ui.session.views import MODELS, counts
from pages.ui.words.i18n import Words
from rnn_core.config import DEFAULT_PRESET, PRESETS, Config
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.experiment import Experiment

NO_TEXTS: Mapping[str, str] = {}
LANG = Kind(default=None, words=tuple(LANGUAGES))


@dataclass(frozen=True)
class Look:
    """What a picture is a function of.

    Attributes:
        shown: the experiment as it is set.
        views: what the pages show besides, by model; of a view that is missing all is as usual.
        lang: the viewer's language.
        hand: what is under the viewer's hand, if anything is.
    """

    shown: Experiment
    views: Views = field(default_factory=lambda: MappingProxyType({}))
    lang: str = "en"
    hand: Hand | None = None

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment as it would be if the hand let go now.

        Raises:
            ConfigError: if it cannot have the value, or the field is locked.
        """
        if self.hand is None or self.hand.name not in Config.model_fields:
            return self.shown
        name, value = self.hand.name, self.hand.value
        number = int(value) if isinstance(value, float) and value.is_integer() else value
        held = self.shown.asked.replace(**{name: number})  # what is wrong with the value alone is said first
        if name in self.shown.locks:
            raise ConfigError(
                Sentence("{field}={value} cannot be used: {field} is locked here.", field=name, value=value)
            )
        return Experiment(held)

    @property
    def base(self) -> Config:
        """The experiment as it is set, locked fields at the values that they must have."""
        return self.shown.config

    @property
    def config(self) -> Config:
        """The experiment as it would be if the hand let go now, likewise.

        Raises:
            ConfigError: as `experiment`.
        """
        return self.experiment.config

    @property
    def words(self) -> Words:
        """The viewer's language, for `_ = look.words`."""
        return Words(self.lang)

    def view(self, model: type[V], counts: Counts = NO_COUNTS) -> V:
        """Return what a page shows besides the experiment, with what is under the hand.

        Args:
            model: which view.
            counts: how many there are of what its fields are numbers of, as far as that is asked for.

        Raises:
            ConfigError: if a slider of it is held where it cannot be.
        """
        return view_of(self.views, model).fitted(counts, self.hand)

    def held(self, name: str) -> int | float | None:
        """Return where a slider is held; None if it is not."""
        return self.hand.value if self.hand and self.hand.name == name else None

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
        missing: the texts that it needs and does not carry.
    """

    look: Look
    preset: str
    has_lang: bool
    unused: tuple[Sentence, ...]
    missing: tuple[Missing, ...] = ()


def view_of(views: Views, model: type[V]) -> V:
    """Return a view out of several; as it is at first if it is none of them."""
    found = views.get(model)
    return found if isinstance(found, model) else model()


def read(parameters: Mapping[str, Sequence[str]], lang: str, texts: Mapping[str, str] = NO_TEXTS) -> Address:
    """Read the parameters of a link. Never raises.

    Args:
        parameters: the words of each, as often as they are given.
        lang: the language where the link says none.
        texts: those that are too long for a link and known all the same, by their digest.
    """
    raw = {name: list(words) for name, words in parameters.items()}
    unused = list[Sentence]()
    unused += [
        Sentence("There is no page /{address}: choose a lesson.", address=name) for name in raw.pop("missing", [])
    ]
    missing = join(raw, texts, unused)
    said = _take(raw, "lang", LANG, unused)
    of_views = {name: raw.pop(name) for model in MODELS for name in kinds(model) if name in raw}
    config, more = Config.from_query(raw)
    experiment = Experiment(at_will(config))
    there = _counts(experiment)
    views = {
        model: model(**{name: _take(of_views, name, kind, unused, there) for name, kind in kinds(model).items()})
        for model in MODELS
    }
    preset = raw.get("preset", [DEFAULT_PRESET])
    return Address(
        look=Look(experiment, views, said or lang),
        preset=preset[0] if preset[0] in PRESETS and len(preset) == 1 else DEFAULT_PRESET,
        has_lang=said is not None,
        unused=(*unused, *more),
        missing=missing,
    )


def at_will(config: Config) -> Config:
    """Leave encoding open where it is one-hot: at the screen that is no demand, it lasts while input_size has room."""
    is_demand = config.encoding == "onehot" and "encoding" in config.model_fields_set
    return config.without("encoding") if is_demand else config


def _counts(experiment: Experiment) -> Counts:
    try:
        return counts(experiment)
    except ConfigError:  # nothing can be cut out of such a text
        return NO_COUNTS


def _take(raw: dict[str, list[str]], name: str, kind: Kind, unused: list[Sentence], there: Counts = NO_COUNTS) -> Any:
    """Take a parameter that is no config field out of the address; as usual if it cannot be used."""
    words = raw.pop(name, [])
    if len(words) > 1:
        unused.append(Sentence("{field} is given {count} times; give it once.", field=name, count=len(words)))
    elif words:
        try:
            return kind.read(name, words[0], there)
        except ConfigError as error:
            unused.append(error.sentence)
    return kind.default

"""One frozen, validated description of an experiment: bounds, defaults, presets, URL round trip.

Everything needed to repeat a run is here and nowhere else. A field's bounds are written once, on the field;
the sliders, the command line, the link and the property tests read them from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Literal, get_args

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from rnn_core.characters import different_characters
from rnn_core.presets import DEFAULT_PRESET as DEFAULT_PRESET
from rnn_core.presets import PRESETS as PRESETS
from rnn_core.sentence import ConfigError, Sentence

MAX_TEXT = 51_200  # characters; a novel chapter, and still encoded in a blink
MAX_CHANGES = 50
FOLLOWING = ("input_size", "encoding")  # fields that follow from the text, and the second from the first, if not given


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ModelConfig(_Frozen):
    """The network: sizes in units, names as in torch.nn.RNN."""

    cell: Literal["rnn", "lstm", "gru"] = "rnn"
    nonlinearity: Literal["tanh", "relu"] = "tanh"
    input_size: int = Field(9, ge=1, le=128)  # V, whatever that is, where it is not given
    hidden_size: int = Field(9, ge=1, le=128)
    num_layers: int = Field(1, ge=1, le=4)
    bidirectional: bool = False
    batch_first: bool = True
    batched: bool = True
    head: Literal["linear", "none"] = "linear"

    @property
    def num_directions(self) -> int:
        """D in PyTorch's documentation: 2 if bidirectional, otherwise 1."""
        return 2 if self.bidirectional else 1


class DataConfig(_Frozen):
    """The text and how it is cut into (input, target) batches."""

    text: str = Field("hello! world", min_length=1, max_length=MAX_TEXT)
    task: Literal["next", "same"] = "next"
    encoding: Literal["onehot", "embedding"] = "onehot"
    seq_len: int = Field(11, ge=1, le=128)
    batch_size: int = Field(1, ge=1, le=64)
    repeat: bool = False  # whether the text goes round until there are batch_size windows of seq_len characters
    # "batch_major" builds the tensor (N, L, ...) even for a network with batch_first=False: the lesson's mistake.
    layout: Literal["auto", "batch_major"] = "auto"
    val_share: float = Field(0.0, ge=0.0, le=0.5, json_schema_extra={"step": 0.05})


@dataclass(frozen=True, order=True)
class Change:
    """What `field` was until `step` updates had been made; afterwards the config's own value holds.

    A run whose learning rate was lowered at step 60 is still a pure function of its config.
    """

    step: int
    field: str
    value: float

    CHANGEABLE: ClassVar[tuple[str, ...]] = ("learning_rate", "grad_clip")

    def __str__(self) -> str:
        return f"{self.field}:{self.value!r}:{self.step}"


class TrainConfig(_Frozen):
    """The optimiser and its steps. Losses are in nats per character, grad_norm and grad_clip are L2 norms."""

    optimizer: Literal["adam", "adamw", "sgd", "rmsprop"] = "adam"
    learning_rate: float = Field(0.1, ge=1e-4, le=1.0, json_schema_extra={"scale": "log"})
    steps: int = Field(100, ge=1, le=2000)
    grad_clip: float = Field(0.0, ge=0.0, le=10.0, json_schema_extra={"step": 0.1})
    seed: int = Field(0, ge=0, le=2**31 - 1)
    earlier: tuple[Change, ...] = Field((), max_length=MAX_CHANGES)

    @field_validator("earlier", mode="before")
    @classmethod
    def _parse_earlier(cls, value: object) -> object:
        parts = value.split(",") if isinstance(value, str) else map(str, value if isinstance(value, Iterable) else ())
        return tuple(sorted(_parse_change(part) for part in parts if part))


class Config(DataConfig, ModelConfig, TrainConfig):
    """One experiment. Equal configs give equal numbers.

    Where `input_size` is not given it is V, the number of different characters. More leaves room for characters that do
    not occur; with fewer, an `encoding` that is not given is "embedding".

    Raises:
        ConfigError: one readable sentence that names the field, the value and what would work.
    """

    def __init__(self, /, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise _first_error(error) from None
        self._follow_text()

    def _follow_text(self) -> None:
        """Give the fields that were left open what follows from the text."""
        known, given = len(different_characters(self.text)), self.model_fields_set
        if "input_size" not in given:
            self.__dict__["input_size"] = known
        elif self.input_size < known and self.encoding == "onehot":
            if "encoding" in given:
                raise ConfigError(_too_narrow(self.input_size, known))
            self.__dict__["encoding"] = "embedding"

    @property
    def has_swapped_axes(self) -> bool:
        """Whether a batch-major tensor goes to a network that reads time first: it takes windows for time steps."""
        return self.batched and not self.batch_first and self.layout == "batch_major"

    @property
    def is_time_first(self) -> bool:
        """Whether windows (N, L) are handed over as (L, N)."""
        return self.batched and not self.batch_first and self.layout == "auto"

    def replace(self, /, **values: Any) -> Config:
        """Return a validated copy with some fields changed; what was left at its default is still open."""
        return Config(**{**{name: getattr(self, name) for name in self.model_fields_set}, **values})

    def without(self, *names: str) -> Config:
        """Return a copy in which some fields are open again, as if nobody had given them."""
        kept = {name: getattr(self, name) for name in self.model_fields_set if name not in names}
        opened = Config.model_construct(**kept)  # all of them are valid
        opened._follow_text()
        return opened

    @property
    def settings(self) -> dict[str, Any]:
        """The fields that say something: `Config(**settings)` equals this one, and leaves open what this one does."""
        return {name: value for name, value in self if self._says(name, _usual(DEFAULT_PRESET))}

    def _says(self, name: str, base: Config) -> bool:
        """Whether whoever starts from a base has to be told of a field: of a chosen input_size in any case."""
        if name == "input_size":
            return name in self.model_fields_set
        return getattr(self, name) != getattr(base, name) and (name not in FOLLOWING or name in self.model_fields_set)

    @classmethod
    def preset(cls, name: str, **values: Any) -> Config:
        """Return a preset by name, with some fields changed.

        Raises:
            ConfigError: if there is no such preset, or a value is out of bounds.
        """
        if name not in PRESETS:
            raise ConfigError(_no_option("preset", name, tuple(PRESETS)))
        return cls(**{**PRESETS[name], **values}) if values else _usual(name)

    def value_at(self, name: str, step: int) -> float:
        """Return what a changeable field is for the update that follows record `step`."""
        for change in self.earlier:
            if change.field == name and step < change.step:
                return change.value
        return float(getattr(self, name))

    def changed(self, name: str, value: float, *, step: int) -> Config:
        """Return the config of a run that goes on from `step` with another value of a changeable field.

        Raises:
            ConfigError: if the value is out of bounds.
            ValueError: if a run cannot go on with another value of this field.
        """
        if name not in Change.CHANGEABLE:
            raise ValueError(f"{name} cannot change during a run, only {', '.join(Change.CHANGEABLE)}")
        before = self.value_at(name, step)
        past = [c for c in self.earlier if c.field != name or c.step <= step]
        if step > 0 and before != value and not any(c.field == name and c.step == step for c in past):
            past.append(Change(step, name, before))
        checked = Config(**{name: value})
        return self.model_copy(update={name: getattr(checked, name), "earlier": tuple(sorted(past))})

    def to_query(self, base: Config | None = None) -> dict[str, str]:
        """Return the URL parameters that say what differs from a base (the defaults if not given), in field order."""
        base = base or _usual(DEFAULT_PRESET)
        return {name: format_value(value) for name, value in self if self._says(name, base)}

    @classmethod
    def from_query(cls, query: Mapping[str, str | Sequence[str]]) -> tuple[Config, list[Sentence]]:
        """Read a config from URL parameters. Never raises.

        Args:
            query: raw parameters; `preset` names the values to start from. Keys may repeat (a list of values).

        Returns:
            The config, with the preset's or the default value wherever a parameter could not be used, and one
            sentence for each parameter that could not.
        """
        unused: list[Sentence] = []
        given: dict[str, str] = {}
        for name, raw in query.items():
            values = [raw] if isinstance(raw, str) else list(raw)
            if len(values) == 1:
                given[name] = values[0]
            else:
                unused.append(Sentence("{field} is given {count} times; give it once.", field=name, count=len(values)))
        base = PRESETS.get(given.get("preset", DEFAULT_PRESET))
        if base is None:
            unused.append(_no_option("preset", given["preset"], tuple(PRESETS)))
        given.pop("preset", None)
        accepted: dict[str, Any] = dict(base or {})
        with suppress(ConfigError):  # as a rule there is nothing to say of them one by one
            return cls(**{**accepted, **{name: parse_value(name, raw) for name, raw in given.items()}}), unused
        for name, raw in given.items():
            try:
                value = parse_value(name, raw)
                cls(**{name: value})
            except ConfigError as error:
                unused.append(error.sentence)
            else:
                accepted[name] = value
        try:
            return cls(**accepted), unused
        except ConfigError as error:  # two that do not go together
            del accepted["input_size"]
            return cls(**accepted), [*unused, error.sentence]


@cache
def _usual(preset: str) -> Config:
    return Config(**PRESETS[preset])


def field_info(name: str) -> FieldInfo:
    """Return the description of a config field (default, bounds, options)."""
    return Config.model_fields[name]


def options(name: str) -> tuple[str, ...]:
    """Return the words that a field may be, in order; empty for numbers, texts and truth values."""
    return tuple(get_args(field_info(name).annotation)) if field_info(name).annotation not in _PLAIN else ()


def bounds(name: str) -> tuple[Any, Any]:
    """Return the smallest and largest value of a number field, or lengths of a text field."""
    low: Any = None
    high: Any = None
    for rule in field_info(name).metadata:
        if isinstance(rule, (Ge, MinLen)):
            low = rule.ge if isinstance(rule, Ge) else rule.min_length
        if isinstance(rule, (Le, MaxLen)):
            high = rule.le if isinstance(rule, Le) else rule.max_length
    return low, high


def parse_value(name: str, raw: str) -> Any:
    """Read one field from a word of a URL or of a command line.

    Raises:
        ConfigError: if there is no such field, or the word is not of its kind.
    """
    if name not in Config.model_fields:
        raise ConfigError(Sentence("{field} is not a setting of this app.", field=name))
    kind = field_info(name).annotation
    try:
        if kind is bool:
            return {"true": True, "false": False}[raw.strip().lower()]
        if kind is int:
            return _parse_int(raw)
        if kind is float:
            return _parse_float(raw)
    except (KeyError, ValueError, OverflowError):
        raise ConfigError(_unusable(name, raw)) from None
    return raw


def format_value(value: object) -> str:
    """Write one field's value as a URL and a command line carry it; the inverse of `parse_value`."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.12g}" if float(f"{value:.12g}") == value else repr(value)
        case tuple():
            return ",".join(str(change) for change in value)
    return str(value)


def _parse_int(raw: str) -> int:
    if len(raw) > 40 or "_" in raw:
        raise ValueError(raw)
    number = float(raw)
    if number != int(number):
        raise ValueError(raw)
    return int(raw) if raw.strip().lstrip("+-").isdigit() else int(number)


def _parse_float(raw: str) -> float:
    number = float(raw)
    if "_" in raw or number != number or abs(number) == float("inf"):
        raise ValueError(raw)
    return number


def _parse_change(part: str) -> Change:
    try:
        name, value, step = part.split(":")
        if name not in Change.CHANGEABLE:
            raise ValueError(name)
        change = Change(_parse_int(step), name, _parse_float(value))
        low, high = bounds(name)
        if not (low <= change.value <= high and 0 < change.step <= bounds("steps")[1]):
            raise ValueError(part)
    except (ValueError, OverflowError):
        raise PydanticCustomError("earlier", "earlier") from None
    return change


_PLAIN: tuple[Any, ...] = (int, float, bool, str, tuple[Change, ...])


def _first_error(error: ValidationError) -> ConfigError:
    found = error.errors(include_url=False)[0]
    name = str(found["loc"][0])
    if found["type"] == "extra_forbidden":
        return ConfigError(Sentence("{field} is not a setting of this app.", field=name))
    return ConfigError(_unusable(name, found["input"]))


def _too_narrow(input_size: int, known: int) -> Sentence:
    return Sentence(
        "{field}={value} cannot be used with encoding=onehot: this text has {size} different characters, so {size} or "
        "more work; with encoding=embedding any number does.",
        field="input_size",
        value=input_size,
        size=known,
    )


def _no_option(name: str, value: object, choices: tuple[str, ...]) -> Sentence:
    return Sentence(
        "{field}={value} cannot be used: choose {choices}.", field=name, value=_shown(value), choices=", ".join(choices)
    )


def _unusable(name: str, value: object) -> Sentence:
    """Say which field has which value and what would work instead."""
    kind = field_info(name).annotation
    low, high = bounds(name)
    if options(name):
        return _no_option(name, value, options(name))
    if kind is bool:
        return _no_option(name, value, ("true", "false"))
    if kind is str:
        size = len(value) if isinstance(value, str) else 0
        return Sentence(
            "{field} has {size} characters: {low} to {high} work.", field=name, size=size, low=low, high=high
        )
    if name == "earlier":
        return Sentence(
            "{field}={value} cannot be used: write learning_rate:0.1:60 or grad_clip:1:60, at most {high}, "
            "separated by commas.",
            field=name,
            value=_shown(value),
            high=MAX_CHANGES,
        )
    shown = _shown(value)
    if kind is int:
        return Sentence(
            "{field}={value} cannot be used: a whole number from {low} to {high} works.",
            field=name,
            value=shown,
            low=low,
            high=high,
        )
    return Sentence(
        "{field}={value} cannot be used: a number from {low} to {high} works.",
        field=name,
        value=shown,
        low=low,
        high=high,
    )


def _shown(value: object) -> str:
    """Shorten a value from outside and make its invisible characters visible."""
    text = value if isinstance(value, str) else format_value(value) if isinstance(value, (int, float)) else repr(value)
    text = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text[:41])
    return text if len(text) <= 40 else text[:40] + "…"


def number_fields() -> Iterator[str]:
    """Yield the names of the fields that are numbers with bounds."""
    for name, info in Config.model_fields.items():
        if info.annotation in (int, float):
            yield name

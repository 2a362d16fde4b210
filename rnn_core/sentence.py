"""A sentence with gaps, which a screen can translate, and the error that carries one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def ngettext(one: str, many: str, count: float) -> str:
    """Return the English template for so many; a catalogue translates both by one entry."""
    return one if count == 1 else many


@dataclass(frozen=True)
class Setting:
    """A field with a value, in a gap of a sentence: as a command line and a link have it, or as a screen names it."""

    field: str
    value: Any

    def __str__(self) -> str:
        return f"{self.field}={self.value}"


class Sentence:
    """A message with named gaps: English by itself, translatable by its template.

    Args:
        template: the English text with `{name}` gaps.
        params: what goes into the gaps.
    """

    def __init__(self, template: str, **params: Any) -> None:
        self.template = template
        self.params = params

    def __str__(self) -> str:
        return self.template.format(**self.params)

    def __repr__(self) -> str:
        return f"Sentence({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sentence) and (self.template, self.params) == (other.template, other.params)

    def __hash__(self) -> int:
        return hash(str(self))


class ConfigError(ValueError):
    """A value that cannot be used; `sentence` says which and what would work.

    Attributes:
        sentence: why not.
        remedy: values of fields with which it would work, if such are known.
    """

    def __init__(self, sentence: Sentence, remedy: Mapping[str, Any] | None = None) -> None:
        super().__init__(str(sentence))
        self.sentence, self.remedy = sentence, dict(remedy or {})

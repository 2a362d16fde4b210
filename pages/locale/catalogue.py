"""Reads the gettext catalogues. English is the language of the messages themselves; every other one has a .po file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LANGUAGES: Mapping[str, str] = {"en": "English", "ko": "한국어"}
LOCALE_DIR = Path(__file__).parent


@cache
def messages(lang: str) -> Mapping[str, str]:
    """Return message -> translation, read once a process; empty for English.

    Singular and plural of `ngettext` are two messages with one translation: Korean has no plural forms. A language that
    has some would need the number here.
    """
    if lang == "en":
        return {}
    from babel.messages.pofile import read_po  # only sessions in another language need it

    with catalogue_path(lang).open("rb") as file:
        return dict(translations(read_po(file, locale=lang)))


def translations(catalogue: Catalog) -> Iterator[tuple[str, str]]:
    """Yield each message of a catalogue with its translation."""
    for message in catalogue:
        is_plural = isinstance(message.id, tuple)
        string = message.string[0] if is_plural and message.string else message.string
        for one in message.id if is_plural else (message.id,):
            if one:
                yield str(one), str(string or "")


def catalogue_path(lang: str) -> Path:
    """Return where a language's catalogue is."""
    return LOCALE_DIR / f"{lang}.po"

"""Reads the gettext catalogues. English is the language of the messages themselves; every other one has a .po file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES: Mapping[str, str] = {"en": "English", "ko": "한국어"}
LOCALE_DIR = Path(__file__).parent


@cache
def messages(lang: str) -> Mapping[str, str]:
    """Return message -> translation, read once a process; empty for English."""
    if lang == "en":
        return {}
    from babel.messages.pofile import read_po  # only sessions in another language need it

    with catalogue_path(lang).open("rb") as file:
        catalogue = read_po(file, locale=lang)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string}


def catalogue_path(lang: str) -> Path:
    """Return where a language's catalogue is."""
    return LOCALE_DIR / f"{lang}.po"

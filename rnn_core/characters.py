"""What a reader calls a character, and how many different ones a text has.

Hangul syllables, accented letters and emoji families stay whole (extended grapheme clusters,
https://www.unicode.org/reports/tr29/), after normalisation to NFC.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex


def split_characters(text: str) -> list[str]:
    """Split a text into user-perceived characters, composed (NFC)."""
    characters: list[str] = regex.findall(r"\X", unicodedata.normalize("NFC", text))
    return characters


@lru_cache(maxsize=32)
def different_characters(text: str) -> tuple[str, ...]:
    """Collect the different characters of a text, sorted by code point, so that every machine gives the same index."""
    return tuple(sorted(set(split_characters(text))))

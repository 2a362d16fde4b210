"""Characters to indices and back."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from rnn_core.characters import different_characters, split_characters
from rnn_core.sentence import ConfigError, Sentence

MAX_SHOWN = 16  # code points of a character; it may have any number of marks, and every cell of a picture names it


@dataclass(frozen=True)
class Vocabulary:
    """The characters of a text, sorted by code point; a character's place is its index."""

    characters: tuple[str, ...]
    index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "index", {c: i for i, c in enumerate(self.characters)})

    def __len__(self) -> int:
        return len(self.characters)

    def encode(self, text: str) -> Int[np.ndarray, " T"]:
        """Return the index of every character.

        Raises:
            ConfigError: naming the characters that are not in the vocabulary.
        """
        characters = split_characters(text)
        unknown = sorted({c for c in characters if c not in self.index})
        if unknown:
            raise ConfigError(
                Sentence(
                    "{field}: {characters} not in the vocabulary; it knows {known}.",
                    field="text",
                    characters=_listed(unknown),
                    known=_listed(self.characters),
                )
            )
        return np.array([self.index[c] for c in characters], dtype=np.int64)

    def decode(self, indices: Iterable[int]) -> tuple[str, ...]:
        """Return the character of every index."""
        return tuple([self.characters[i] for i in indices])


@lru_cache(maxsize=32)
def build_vocabulary(text: str) -> Vocabulary:
    """Collect the different characters of a text, sorted, so that every machine gives the same index."""
    return Vocabulary(different_characters(text))


def one_hot(
    indices: Int[np.ndarray, "*shape"], vocab_size: int, input_size: int | None = None
) -> Float[np.ndarray, "*shape H_in"]:
    """Turn each index into a row of zeros with a single one: row `index` of the identity matrix.

    Args:
        indices: of characters, below V.
        vocab_size: V.
        input_size: features of a row; those from V on are 0. V if not given.
    """
    rows: np.ndarray = np.eye(vocab_size, input_size, dtype=np.float32)[indices]
    return rows


def visible(character: str) -> str:
    """Return a form that can be seen: a space as ␣, a line end as ⏎, other invisible ones by code point."""
    if character in _SYMBOLS:
        return _SYMBOLS[character]
    if len(character) > MAX_SHOWN:
        return visible(character[:MAX_SHOWN]) + "…"
    if unicodedata.category(character[0])[0] in "CZ":
        return "".join(f"U+{ord(c):04X}" for c in character[:1])
    return f"◌{character}" if unicodedata.combining(character[0]) else character


def vocabulary_rows(text: str) -> list[dict[str, int | str]]:
    """Return a row a character of a text's vocabulary: its index, the character, its name, how often it occurs."""
    counts = Counter(split_characters(text))
    return [
        {"index": index, "character": character, "unicode": character_name(character), "count": counts[character]}
        for index, character in enumerate(sorted(counts))
    ]


def character_name(character: str) -> str:
    """Return the Unicode names of a character's code points, such as `U+0068 LATIN SMALL LETTER H`."""
    names = [f"U+{ord(c):04X} {unicodedata.name(c, '').strip()}".strip() for c in character[:MAX_SHOWN]]
    return " + ".join(names if len(character) <= MAX_SHOWN else [*names, "…"])


_SYMBOLS = {" ": "␣", "\n": "⏎", "\r\n": "⏎", "\r": "␍", "\t": "⇥", "\x00": "␀", "\u00a0": "⍽"}


def _listed(characters: Iterable[str], most: int = 12) -> str:
    shown = [visible(c) for c in characters]
    return " ".join(shown[:most]) + (" …" if len(shown) > most else "")

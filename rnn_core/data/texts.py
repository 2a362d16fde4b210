"""Text files (.txt)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from rnn_core.data.encodings import check_bytes, decode

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class TextFile:
    """What was read from a text file.

    Attributes:
        name: of the file.
        text: its characters, every line ends as on Unix.
        encoding: in which it was written, as people call it.
        sha256: of its bytes, as 64 hexadecimal digits.
    """

    name: str
    text: str
    encoding: str
    sha256: str


def read_text(file: str, content: bytes) -> TextFile:
    """Read a text file.

    Raises:
        ConfigError: one sentence: if it is too large, empty, no text, or in none of the encodings that are known.
    """
    check_bytes(file, content, MAX_BYTES)
    text, encoding = decode(file, content)
    return TextFile(file, text.replace("\r\n", "\n").replace("\r", "\n"), encoding, hashlib.sha256(content).hexdigest())

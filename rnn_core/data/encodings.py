"""From the bytes of a file to its characters, and in which encoding they were written.

UTF-8, with or without its mark, UTF-16, and CP949, in which Excel writes on a Korean Windows. What is no text at all is
recognised by how it begins.
"""

from __future__ import annotations

import codecs
import re

from rnn_core.sentence import ConfigError, Sentence

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
KINDS = (  # how files begin that are sometimes called .csv or .txt: none of them is opened
    (b"PK\x03\x04", "zip (.xlsx, .docx, .npz, .pt)"),
    (b"\xd0\xcf\x11\xe0", "Excel or Word (.xls, .doc)"),
    (b"\x1f\x8b", "gzip (.gz)"),
    (b"BZh", "bzip2 (.bz2)"),
    (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"ID3", "MP3"),
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"RIFF", "RIFF (.wav)"),
    (b"PAR1", "Parquet"),
    (b"\x89HDF", "HDF5"),
    (b"\x93NUMPY", "NumPy (.npy)"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "program"),
    (b"MZ", "program (.exe)"),
    *((bytes((0x80, version)), "pickle (.pkl)") for version in range(2, 6)),
)
CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f\x7f\ue000-\uf8ff\ufffe\uffff]")  # no text has them


def kind_of(content: bytes) -> str | None:
    """Return what a file is that begins like this; None if it may be a text."""
    return next((kind for magic, kind in KINDS if content.startswith(magic)), None)


def decode(file: str, content: bytes) -> tuple[str, str]:
    """Return the characters of a text file, and what its encoding is called.

    Args:
        file: its name, for the sentence.
        content: all of it.

    Raises:
        ConfigError: if it is empty, is something else, or is written in none of these encodings.
    """
    kind = kind_of(content)
    if kind:
        raise ConfigError(
            Sentence(
                "Whatever its name says, what is in {file} is {kind}: save what is in it as text, .csv or .txt.",
                file=file,
                kind=kind,
            )
        )
    for mark, codec, called in MARKS:
        if content.startswith(mark):
            return _checked(file, _decoded(file, content, codec, called)), called
    for codec, called in _candidates(content):
        try:
            return _checked(file, content.decode(codec)), called
        except UnicodeDecodeError:
            continue
    raise _undecodable(file)


def check_bytes(file: str, content: bytes, most: int) -> None:
    """Refuse a file that is too large, before anything of it is read.

    Raises:
        ConfigError: naming the file, its size and the limit.
    """
    if len(content) > most:
        raise ConfigError(
            Sentence(
                "{file} has {size} MB: {most} MB at most can be read.",
                file=file,
                size=f"{len(content) / 1e6:.2f}",
                most=f"{most / 1e6:g}",
            )
        )


def _candidates(content: bytes) -> list[tuple[str, str]]:
    """Return the encodings worth a try, the likeliest first."""
    sample = content[:2000]
    if len(content) % 2 == 0:
        for first, codec in (
            (1, "utf-16-le"),
            (0, "utf-16-be"),
        ):  # Latin characters and digits leave every other byte 0
            if sample[first::2].count(0) > 0.3 * len(sample) / 2 > sample[1 - first :: 2].count(0):
                return [(codec, "UTF-16")]
    return [("utf-8", "UTF-8"), ("cp949", "CP949")]


def _decoded(file: str, content: bytes, codec: str, called: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise ConfigError(
            Sentence(
                "{file} begins as {encoding} and is damaged at byte {place}: save it anew as UTF-8.",
                file=file,
                encoding=called,
                place=error.start + 1,
            )
        ) from None


def _checked(file: str, text: str) -> str:
    found = CONTROL.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigError(
            Sentence(
                "{file}, line {line}: there is a character that no text has ({character}). Save it as plain text, "
                "UTF-8.",
                file=file,
                line=line,
                character=f"U+{ord(found[0]):04X}",
            )
        )
    if not text.strip():
        raise ConfigError(Sentence("{file} is empty: there is nothing to read in it.", file=file))
    return text


def _undecodable(file: str) -> ConfigError:
    return ConfigError(
        Sentence(
            "{file} is written in an encoding that is not UTF-8, UTF-16 or CP949: save it anew as UTF-8.", file=file
        )
    )

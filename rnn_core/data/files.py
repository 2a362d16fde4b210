"""A file of numbers by its bytes: a table or a sound."""

from __future__ import annotations

from collections.abc import Sequence

from rnn_core.data.layout import Layout
from rnn_core.data.refusals import no_option
from rnn_core.data.sound import read_sound
from rnn_core.data.tables import read_table
from rnn_core.records.series import Series


def read_series(file: str, content: bytes, columns: Sequence[str] = ()) -> Series:
    """Read a series from a file, a WAV by its first bytes or its name, else a table.

    Args:
        file: its name.
        content: all of its bytes.
        columns: which columns, or channels of a sound; the first column of numbers, or all channels if not given.

    Raises:
        ConfigError: one sentence: what is wrong with the file, where, and what would work.
    """
    if content.startswith(b"RIFF") or file.lower().endswith(".wav"):
        return select(read_sound(file, content), columns)
    return read_table(file, content, Layout(columns=tuple(columns))).series


def select(series: Series, channels: Sequence[str]) -> Series:
    """Return some channels of a series, all of them if none is named.

    Raises:
        ConfigError: if there is none of a name.
    """
    for name in channels:
        if name not in series.channels:
            raise no_option("column", name, series.channels)
    return series.only(tuple(channels)) if channels else series

"""Tables of numbers (.csv) as series, through pandas, which is loaded by the first of them.

What a table leaves open is found out, and said; all of it can be given instead. Nothing in a table is ever evaluated.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnn_core.data.dates import PERIODS, frequency_of, parse_dates, stored
from rnn_core.data.encodings import check_bytes, decode
from rnn_core.data.layout import DECIMALS, SEPARATORS, Layout, Table, open_table
from rnn_core.data.refusals import no_option
from rnn_core.records.series import Series
from rnn_core.sentence import ConfigError, Sentence

if TYPE_CHECKING:
    from pandas import DataFrame

MAX_BYTES = 5_000_000
MAX_CHANNELS = 16
CHUNK = 10_000  # rows that pandas has before it at a time: words take twenty times the room of numbers


@dataclass(frozen=True)
class FileSeries:
    """What was read from a file.

    Attributes:
        series: the numbers.
        layout: how the file was read: with this it is read so again.
        choices: the columns of numbers.
        notes: what was found out or assumed, a sentence each.
    """

    series: Series
    layout: Layout
    choices: tuple[str, ...]
    notes: tuple[Sentence, ...]


def read_table(file: str, content: bytes, layout: Layout | None = None) -> FileSeries:
    """Read a series from a table.

    Args:
        file: its name, for sentences.
        content: all of its bytes.
        layout: how it is written, as far as somebody says it.

    Raises:
        ConfigError: one sentence: which row or option, what is there, what would work.
    """
    wanted = layout or Layout()
    check_bytes(file, content, MAX_BYTES)
    text, encoding = decode(file, content)
    table = open_table(file, text, wanted)
    date = _date_column(table, wanted.date)
    choices = tuple(name for name in _number_columns(table) if name != date)
    columns = _columns(table, wanted.columns, choices)
    values, words, rows = _read(table, columns, date)
    found = Layout(_key(SEPARATORS, table.separator), _key(DECIMALS, table.decimal), date or "none", columns)
    notes = [_how(encoding, found)]
    times, frequency = np.arange(len(values), dtype=float), "step"
    if date:
        times = _dates(table, date, words, rows)
        if times[0] > times[-1]:
            values, times, rows = values[::-1], times[::-1], rows[::-1]
            notes.append(Sentence("The newest row came first: the rows are read from the last to the first."))
        _check_order(table, times, rows)
        frequency = frequency_of(times) if len(times) > 1 else ""
        times = stored(times, frequency)
        notes += [] if frequency else [_uneven(times, rows)]
    period, sha256 = PERIODS.get(frequency, 1), hashlib.sha256(content).hexdigest()
    series = Series(file, values, columns, times, frequency, period, source=file, sha256=sha256)
    return FileSeries(series, found, choices, tuple(notes))


def _number_columns(table: Table) -> tuple[str, ...]:
    """Return the columns in which at least half of what is written is numbers."""
    found = []
    for place, name in enumerate(table.names):
        words = table.sample.iloc[:, place]
        numbers = int(table.numbers(words).notna().sum())
        if numbers and 2 * numbers >= int((words != "").sum()):
            found.append(name)
    return tuple(found)


def _date_column(table: Table, wanted: str) -> str:
    """Return the column of the dates, or "" if there is none."""
    if wanted == "none":
        return ""
    if wanted:
        if wanted not in table.names:
            raise no_option("date", wanted, (*table.names, "none"))
        return wanted
    if len(table.names) == 1 or len(table.sample) < 2:
        return ""
    columns = ((name, table.sample.iloc[:, place].tolist()) for place, name in enumerate(table.names))
    return next((name for name, words in columns if parse_dates(words) is not None), "")


def _columns(table: Table, wanted: tuple[str, ...], choices: tuple[str, ...]) -> tuple[str, ...]:
    if not choices:
        raise ConfigError(Sentence("{file} has no column of numbers.", file=table.file))
    for name in wanted:
        if name not in table.names:
            raise no_option("column", name, choices)
    if len(wanted) > MAX_CHANNELS or len(set(wanted)) < len(wanted):
        raise ConfigError(
            Sentence(
                "column: choose one to {most} columns, each once, from {choices}.",
                most=MAX_CHANNELS,
                choices=", ".join(choices[:10]),
            )
        )
    return wanted or (next((name for name in choices if not _counts(table, name)), choices[0]),)


def _counts(table: Table, name: str) -> bool:
    """Whether a column only counts the rows, or tells the time, by equal steps."""
    steps = np.diff(table.numbers(table.sample.iloc[:, table.names.index(name)]))
    return bool(len(steps) > 1 and steps[0] > 0 and np.allclose(steps, steps[0], rtol=1e-6))


def _read(table: Table, columns: tuple[str, ...], date: str) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Return the columns as numbers (T, C), the words of the dates, and the number of each row in the file."""
    places = [table.names.index(name) for name in columns]
    dates = [table.names.index(date)] if date else []
    values, words, rows = list[np.ndarray](), list[str](), list[np.ndarray]()
    for chunk in table.rows(sorted({*places, *dates}), CHUNK):
        numbers = chunk[places].apply(table.numbers).to_numpy(dtype=float).reshape(len(chunk), len(places))
        missing = np.argwhere(np.isnan(numbers))
        if len(missing):
            raise _no_number(table, chunk, missing, columns)
        values.append(numbers)
        words += chunk[dates[0]].tolist() if dates else []
        rows.append(chunk.index.to_numpy())
    return np.concatenate(values), words, np.concatenate(rows)


def _no_number(table: Table, rows: DataFrame, missing: np.ndarray, columns: tuple[str, ...]) -> ConfigError:
    """Name the first row in which a number is missing, and how many more there are among those that were read."""
    row, column = (int(place) for place in missing[0])
    name = columns[column]
    values = {"file": table.file, "row": int(rows.index[row]), "column": name, "count": len(missing)}
    word = str(rows.iloc[row][table.names.index(name)])
    if not word:
        return ConfigError(
            Sentence(
                "{file}, row {row}: column {column} is empty there ({count} such cells so far). Fill the gap, or leave "
                "the row out.",
                **values,
            )
        )
    return ConfigError(
        Sentence(
            "{file}, row {row}: “{word}” in column {column} is not a number ({count} such cells so far). Write a "
            "number, leave the row out, or say which sign is decimal.",
            **values,
            word="".join(c if c.isprintable() else "?" for c in word[:30]),
        )
    )


def _dates(table: Table, date: str, words: list[str], rows: np.ndarray) -> np.ndarray:
    times = parse_dates(words)
    missing = 0 if times is None else int(np.argmax(np.isnat(times)))
    if times is None or np.isnat(times[missing]):
        raise ConfigError(
            Sentence(
                "{file}, row {row}: “{word}” in column {column} is not a date as the others are. 2024-01-31 works; "
                "so does date=none.",
                file=table.file,
                row=int(rows[missing]),
                word=words[missing][:30],
                column=date,
            )
        )
    return times


def _check_order(table: Table, times: np.ndarray, rows: np.ndarray) -> None:
    wrong = np.flatnonzero(times[1:] <= times[:-1])
    if len(wrong):
        raise ConfigError(
            Sentence(
                "{file}, row {row}: {date} comes after {before}. Sort the rows by date, each date once; or use "
                "date=none.",
                file=table.file,
                row=int(rows[wrong[0] + 1]),
                date=str(times[wrong[0] + 1]).replace("T00:00:00", ""),
                before=str(times[wrong[0]]).replace("T00:00:00", ""),
            )
        )


def _uneven(times: np.ndarray, rows: np.ndarray) -> Sentence:
    steps = np.diff(times.astype(np.int64))
    wide = int(np.argmax(steps))
    return Sentence(
        "The dates are not evenly spaced (after {date} in row {row} comes {next}): every row counts as one time step.",
        date=str(times[wide]),
        row=int(rows[wide]),
        next=str(times[wide + 1]),
    )


def _how(encoding: str, found: Layout) -> Sentence:
    return Sentence(
        "Read as {encoding}; separator: {separator}, decimal sign: {decimal}, dates: {date}.",
        encoding=encoding,
        separator=found.separator,
        decimal=found.decimal,
        date=found.date,
    )


def _key(options: dict[str, str], sign: str) -> str:
    return next(key for key, value in options.items() if value == sign)

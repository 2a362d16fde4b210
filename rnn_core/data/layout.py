"""How a table (.csv) is written: separator, decimal comma, header. What is not said is found out by its first rows."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnn_core.data.dates import parse_dates
from rnn_core.data.refusals import no_option
from rnn_core.sentence import ConfigError, Sentence

if TYPE_CHECKING:
    from pandas import DataFrame
    from pandas import Series as Column

MAX_ROWS = 100_000
MAX_COLUMNS = 200
MAX_LINE = 20_000  # characters
SAMPLE = 200  # rows by which a table is judged
SEPARATORS = {"tab": "\t", "semicolon": ";", "bar": "|", "comma": ","}
DECIMALS = {"point": ".", "comma": ","}

_ABOVE = re.compile(r"(?:(?:#|sep=)[^\n]*(?:\n|\Z))+")  # lines about the table; the second is Excel's
_QUOTED = re.compile(r'"[^"\n]*"')
_GROUPED = {  # digits in groups of thousands, by the decimal sign
    ".": re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?$"),
    ",": re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]*)?$"),
}
_COMMA, _POINT = re.compile(r"[+-]?[0-9]*,[0-9]+$"), re.compile(r"[+-]?[0-9]*\.[0-9]+$")
_RAGGED = re.compile(r"Expected (\d+) fields in line (\d+), saw (\d+)")


@dataclass(frozen=True)
class Layout:
    """How a table is to be read; what is "" is found out.

    Attributes:
        separator: a key of SEPARATORS.
        decimal: a key of DECIMALS.
        date: the column of the dates, or "none" if there is not to be any.
        columns: those to be read; the first one of numbers by default.
    """

    separator: str = ""
    decimal: str = ""
    date: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Table:
    """A text of which is known how to read it.

    Attributes:
        file: its name.
        text: without the lines before the table.
        above: how many lines these were.
        separator, decimal: signs.
        has_header: whether the first row names the columns.
        names: of the columns.
        sample: its first rows, as words.
    """

    file: str
    text: str
    above: int
    separator: str
    decimal: str
    has_header: bool
    names: tuple[str, ...]
    sample: DataFrame

    def rows(self, columns: Sequence[int] | None, chunk: int) -> Iterator[DataFrame]:
        """Yield the rows below the header as words without spaces around, some at a time, columns by their places.

        The index of a row is its number in the file, counted from 1.
        """
        for rows in read_rows(self.file, self.text, self.separator, columns, chunk, self.above):
            if rows.index[0] == 0 and self.has_header:
                rows = rows.drop(index=0)
            rows.index += 1 + self.above
            yield rows

    def numbers(self, words: Column) -> Column:
        """Return words as numbers, NaN for what is none; digits in groups of thousands are understood."""
        return to_numbers(words, self.decimal)


def open_table(file: str, text: str, wanted: Layout) -> Table:
    """Find out how a text is written.

    Raises:
        ConfigError: if it is too large, is no table, or an option is none that there is.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip(" \n\t,;|")  # Excel leaves empty rows
    before = _ABOVE.match(text)
    end = before.end() if before else 0
    text, above = text[end:], text.count("\n", 0, end)
    _check_shape(file, text)
    separator = (
        SEPARATORS[wanted.separator] if _is_option("separator", wanted.separator, SEPARATORS) else _separator(text)
    )
    sample = next(read_rows(file, text, separator, None, SAMPLE, above))
    cells = sample.to_numpy().ravel().tolist()
    decimal = (
        DECIMALS[wanted.decimal] if _is_option("decimal", wanted.decimal, DECIMALS) else _decimal(cells, separator)
    )
    top = sample.iloc[0]
    has_header = (
        len(sample) > 1 and not to_numbers(top, decimal).notna().any() and parse_dates(top.tolist()[:1]) is None
    )
    names = [str(name) if has_header and name else f"column {place}" for place, name in enumerate(top, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(
            Sentence("{file}: two columns are called {column}. Give each a name of its own.", file=file, column=twice)
        )
    return Table(file, text, above, separator, decimal, has_header, tuple(names), sample.iloc[int(has_header) :])


def to_numbers(words: Column, decimal: str) -> Column:
    """Return words as numbers, NaN for what is none."""
    import pandas as pd

    if decimal == ",":
        numbers = pd.to_numeric(words.map(_with_point), errors="coerce").astype(float)
    else:
        numbers = pd.to_numeric(words, errors="coerce").astype(float)
        odd = words[~np.isfinite(numbers)]  # few, if any: what pandas knows by itself it reads ten times as fast
        numbers[odd.index] = pd.to_numeric(odd.map(_without_groups), errors="coerce").astype(float)
    return numbers.where(np.isfinite(numbers))


def _with_point(word: str) -> str:
    """Return a number with a decimal comma as one with a point; what has a point and no groups is none."""
    if _GROUPED[","].match(word):
        word = word.replace(".", "")
    return "" if "." in word else word.replace(",", ".").replace("\u2212", "-")


def _without_groups(word: str) -> str:
    return (word.replace(",", "") if _GROUPED["."].match(word) else word).replace("\u2212", "-")


def read_rows(
    file: str, text: str, separator: str, columns: Sequence[int] | None, chunk: int, above: int
) -> Iterator[DataFrame]:
    """Yield the rows of a text as words without spaces around, some at a time.

    Raises:
        ConfigError: if rows differ in length, a quote is never closed, or there are too many columns.
    """
    import pandas as pd

    options = {"header": None, "dtype": object, "na_filter": False, "skip_blank_lines": False, "usecols": columns}
    try:
        with pd.read_csv(io.StringIO(text), sep=separator, chunksize=chunk, **options) as chunks:
            for rows in chunks:
                if rows.shape[1] > MAX_COLUMNS:
                    raise _too_many(file, rows.shape[1], "columns", MAX_COLUMNS)
                yield rows.fillna("").apply(lambda column: column.str.strip())
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _not_a_table(file, str(error), above) from None


def _check_shape(file: str, text: str) -> None:
    rows, longest = text.count("\n") + 1, max(map(len, text.split("\n")))
    if rows > MAX_ROWS:
        raise _too_many(file, rows, "rows", MAX_ROWS)
    if longest > MAX_LINE:
        raise _too_many(file, longest, "characters in a row", MAX_LINE)


def _is_option(field: str, value: str, options: dict[str, str]) -> bool:
    if value and value not in options:
        raise no_option(field, value, tuple(options))
    return bool(value)


def _separator(text: str) -> str:
    """Return the sign that stands equally often in each of the first rows, else the one that stands in most."""
    lines = [_QUOTED.sub("", line) for line in text[: 20 * MAX_LINE].split("\n")[:20] if line.strip()]
    for sign in SEPARATORS.values():
        counts = {line.count(sign) for line in lines}
        if len(counts) == 1 and 0 not in counts:
            return sign
    return max(reversed(SEPARATORS.values()), key=lambda sign: sum(sign in line for line in lines))


def _decimal(cells: Sequence[str], separator: str) -> str:
    commas = [cell for cell in cells if _COMMA.match(cell)]
    is_grouped = separator == "," and all(_GROUPED["."].match(cell) for cell in commas)
    return "," if commas and not is_grouped and not any(_POINT.match(cell) for cell in cells) else "."


def _too_many(file: str, size: int, what: str, most: int) -> ConfigError:
    sentences = {
        "rows": Sentence("{file} has {size} rows: {most} at most can be read.", file=file, size=size, most=most),
        "columns": Sentence("{file} has {size} columns: {most} at most can be read.", file=file, size=size, most=most),
        "characters in a row": Sentence(
            "{file} has a row of {size} characters: {most} at most can be read.", file=file, size=size, most=most
        ),
    }
    return ConfigError(sentences[what])


def _not_a_table(file: str, message: str, above: int) -> ConfigError:
    ragged = _RAGGED.search(message)
    if ragged:
        return ConfigError(
            Sentence(
                "{file}, row {row}: there are {seen} columns where the rows before have {expected}. Is the separator "
                "right, and is a text with a separator in it put in quotes?",
                file=file,
                row=int(ragged[2]) + above,
                seen=int(ragged[3]),
                expected=int(ragged[1]),
            )
        )
    return ConfigError(
        Sentence("{file} is not a table: a quote that is opened is never closed, or there are no rows.", file=file)
    )

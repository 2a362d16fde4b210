"""Rows as a pandas table, and as a file. pandas is loaded by the first of them, not before: it takes a while, and room.

Rows are dicts of plain values, a column a key; what a row has not, or is None, is empty in a file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

Row = Mapping[str, Any]


def to_frame(rows: Iterable[Row]) -> DataFrame:
    """Return rows as a table, in their order; without any it has no columns."""
    from pandas import DataFrame

    return DataFrame([dict(row) for row in rows])


def to_csv(rows: Iterable[Row]) -> bytes:
    """Return rows as comma-separated values, UTF-8, the first line naming the columns."""
    text: str = to_frame(rows).to_csv(index=False, lineterminator="\n")
    return text.encode()


def to_parquet(rows: Iterable[Row]) -> bytes:
    """Return rows as a Parquet file, numbers to the last bit.

    https://arrow.apache.org/docs/python/parquet.html
    """
    from pyarrow import Table, parquet

    file = io.BytesIO()
    parquet.write_table(Table.from_pandas(to_frame(rows), preserve_index=False), file)
    return file.getvalue()

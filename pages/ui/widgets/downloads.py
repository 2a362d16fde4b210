"""Buttons that hand out a table as a file, which is made when one of them is pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from pages.ui.words.i18n import _
from rnn_core.records.frames import Row, to_csv, to_parquet

KINDS = (("CSV", "csv", "text/csv", to_csv), ("Parquet", "parquet", "application/vnd.apache.parquet", to_parquet))


def show(name: str, rows: Callable[[], Iterable[Row]], *, is_empty: bool = False) -> None:
    """Draw the buttons.

    Args:
        name: of the file, and of the buttons: `NAME_csv`, `NAME_parquet`.
        rows: makes the table.
        is_empty: whether there is nothing yet to hand out.
    """
    with st.container(horizontal=True):
        for label, ending, mime, write in KINDS:
            st.download_button(
                label,
                lambda write=write: write(rows()),  # type: ignore[misc]
                f"{name}.{ending}",
                mime,
                key=f"{name}_{ending}",
                help=_("Download the table as {kind}", kind=label),
                icon=":material/download:",
                disabled=is_empty,
                on_click="ignore",
            )

"""Lines of a calculation that follow a film and the shared cursor in the browser, without the server."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state

_NARRATION = host.component("narration", '<div class="narration"></div>')


@dataclass(frozen=True)
class Row:
    """One line: what it is, the numbers that it is made of, the result; a strong one stands out."""

    name: str
    numbers: str
    value: str
    is_strong: bool = False


@dataclass(frozen=True)
class Passage:
    """What is said about one value of the quantity."""

    head: str
    rows: tuple[Row, ...]


def show(key: str, passages: Sequence[Passage], *, at: int, quantity: str, label: str) -> None:
    """Draw the lines for a value of a quantity; while a film of it runs, or the pointer is on it, those of that value.

    Everything is shown as plain text. Where no component can run the lines of `at` are written as code.

    Args:
        key: the narration's name on its page.
        passages: what is said at each value, from 0 on.
        at: the value that is chosen.
        quantity: such as t; the charts that share it say so in `layout.meta`.
        label: what a screen reader calls it.
    """
    module = assets.address("narration")
    if module is None:
        _write_plainly(passages[at])
        return
    pages = [{"head": p.head, "lines": [(r.name, r.numbers, r.value, r.is_strong) for r in p.rows]} for p in passages]
    data = {"module": module, "pages": json.dumps(pages), "at": at, "quantity": quantity, "label": label}
    time = state.changed_at(key, tuple(data.values()))
    result = _NARRATION(key=key, data={**data, "time": time}, default={"failed": False}, on_failed_change=host.ignore)
    if result.failed is True:
        _write_plainly(passages[at])


def _write_plainly(passage: Passage) -> None:
    lines = [" = ".join(part for part in (row.name, row.numbers, row.value) if part) for row in passage.rows]
    st.code("\n".join([passage.head, *lines]), language=None, wrap_lines=True)

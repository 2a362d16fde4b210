"""Lines of a calculation that follow a film and the shared cursor in the browser, without the server."""

from __future__ import annotations

import json
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


@dataclass(frozen=True)
class Narration:
    """The lines for a value of a quantity; while a film of it runs, or the pointer is on it, those of that value.

    Everything is shown as plain text. Where no component can run the lines of `at` are written as code. A picture as a
    stage makes one.

    Attributes:
        key: the narration's name on its page.
        passages: what is said at each value, from 0 on.
        at: the value that is chosen.
        quantity: such as t; the charts that share it say so in `layout.meta`.
        label: what a screen reader calls it.
    """

    key: str
    passages: tuple[Passage, ...]
    at: int
    quantity: str
    label: str

    def show(self) -> None:
        """Draw it on the page."""
        module = assets.address("narration")
        if module is None:
            _write_plainly(self.passages[self.at])
            return
        content = self.content()
        data = {"module": module, "name": self.key, "quantity": self.quantity, "label": self.label, **content}
        data["time"] = str(state.changed_at(self.key, tuple(data.values())))
        result = _NARRATION(key=self.key, data=data, default={"failed": False}, on_failed_change=host.ignore)
        if result.failed is True:
            _write_plainly(self.passages[self.at])

    def content(self) -> dict[str, str]:
        """Return what a browser that shows one of this key needs to show this one in its place."""
        pages = [
            {"head": p.head, "lines": [(r.name, r.numbers, r.value, r.is_strong) for r in p.rows]}
            for p in self.passages
        ]
        return {"pages": json.dumps(pages), "at": str(self.at)}


def _write_plainly(passage: Passage) -> None:
    lines = [" = ".join(part for part in (row.name, row.numbers, row.value) if part) for row in passage.rows]
    st.code("\n".join([passage.head, *lines]), language=None, wrap_lines=True)

"""Words that light up what they mean in a chart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state

_LEGEND = host.component("legend", '<div class="legend" role="group"></div>', is_isolated=False)
_HEIGHT = 58  # of two lines of words


@dataclass(frozen=True)
class Word:
    """A word, its value now, what it means in the picture, and its colour there."""

    name: str
    value: str
    meaning: str
    color: str


@dataclass(frozen=True)
class Legend:
    """Words for the first traces of a chart, one each in their order; a picture as a stage makes one.

    Pointing at a word, or going to it with the Tab key, lights up its trace, unseen otherwise (`legend.css`).

    Attributes:
        key: its name on the page.
        words: what it says.
        chart: the key of the chart.
        label: what a screen reader calls it.
    """

    key: str
    words: Sequence[Word]
    chart: str
    label: str

    def show(self) -> None:
        """Draw it on the page."""
        module = assets.address("legend")
        if module is None:
            self._write_plainly()
            return
        data = {"module": module, "name": self.key, "chart": self.chart, "label": self.label, **self.content()}
        data["time"] = str(state.changed_at(self.key, tuple(data.values())))
        result = _LEGEND(
            key=self.key, data=data, default={"failed": False}, on_failed_change=host.ignore, height=_HEIGHT
        )
        if result.failed is True:
            self._write_plainly()

    def content(self) -> dict[str, str]:
        """Return what a browser that shows one of this key needs to show this one in its place."""
        return {"words": json.dumps([(w.name, w.value, w.meaning, w.color) for w in self.words])}

    def _write_plainly(self) -> None:
        st.markdown("  \n".join(f"**{w.name} = {w.value}**: {w.meaning}" for w in self.words).replace("_", "\\_"))

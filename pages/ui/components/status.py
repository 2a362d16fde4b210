"""How far something is: a bar and a line of words, which the live channel keeps up to date."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state

_STATUS = host.component(
    "status",
    '<div class="run-status"><span></span><div role="progressbar"><i></i></div></div>',
    is_isolated=False,
)


@dataclass(frozen=True)
class Status:
    """A share that is done, 0 to 1, and what is said of it; a picture as a stage makes one.

    Attributes:
        key: its name on the page.
        share: how much is done.
        words: what is written of it.
        told: what is told to those who listen when it becomes another; not told: what is written, once all is done.
    """

    key: str
    share: float
    words: str
    told: str = ""

    def show(self) -> None:
        """Draw it on the page."""
        module = assets.address("status")
        if module is None:
            st.progress(self.share, self.words)
            return
        data = {"module": module, "name": self.key, **self.content()}
        data["time"] = str(state.changed_at(self.key, tuple(self.content().values())))
        result = _STATUS(key=self.key, data=data, default={"failed": False}, on_failed_change=host.ignore, height=29)
        if result.failed is True:
            st.progress(self.share, self.words)

    def content(self) -> dict[str, str]:
        """Return what a browser that shows one of this key needs to show this one in its place."""
        told = self.told or (self.words if self.share >= 1 else "")
        return {"share": f"{self.share:.4f}", "words": self.words, "told": told}

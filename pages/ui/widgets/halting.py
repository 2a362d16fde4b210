"""The button of work that takes a while: to stop it, or to go on with it."""

from __future__ import annotations

from typing import Protocol

import streamlit as st

from pages.ui.words.i18n import _


class Halting(Protocol):
    """Work that can be stopped by its viewer."""

    is_stopped: bool

    @property
    def is_playing(self) -> bool:
        """Whether it goes on."""

    def stop(self) -> None:
        """Go on no further."""

    def go_on(self) -> None:
        """Go on from where it was stopped."""


def stop_or_go_on(work: Halting, page: str) -> bool:
    """Offer to stop what goes on, or to go on with what was stopped; return whether there was either."""
    if work.is_playing:
        st.button(_("Stop"), on_click=work.stop, icon=":material/stop:", key=f"stop_{page}")
    elif work.is_stopped:
        st.button(_("Go on"), on_click=work.go_on, icon=":material/play_arrow:", key=f"resume_{page}")
    return work.is_playing or work.is_stopped

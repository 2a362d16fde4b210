"""The way back to the preset that the session began with, for all settings at once, and back from there."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.session import state
from pages.ui.session.texts import Views
from pages.ui.words.i18n import _
from rnn_core.config import Config
from rnn_core.training.experiment import Experiment


@dataclass(frozen=True)
class Before:
    """What was on the screen before the viewer went back to the preset."""

    shown: Experiment
    views: Views


def back() -> None:
    """Draw the one button: back to the preset if anything differs from it, and then, until it does again, undo."""
    now = state.session()
    differs = bool(now.shown.asked.to_query(Config.preset(now.preset)))
    before = None if differs else state.kept(Before)
    if before:
        st.button(
            _("Undo: my settings again"), on_click=_undo, args=(before,), icon=":material/undo:", key="undo_preset"
        )
        return
    icon = ":material/settings_backup_restore:"
    st.button(_("Back to the preset"), on_click=_go_back, icon=icon, key="to_preset", disabled=not differs)


def _go_back() -> None:
    now = state.session()
    state.keep(Before(now.shown, now.views))
    state.open_preset(now.preset)


def _undo(before: Before) -> None:
    now = state.session()
    state.put(**dict(before.shown.asked))
    now.shown, now.views, now.is_new_run = before.shown, before.views, True  # what was left open is open again

"""Keys by which a run plays, pauses and steps, and the words that say so."""

from __future__ import annotations

import json

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.words.i18n import _

_KEYS = host.component("keys", '<p class="keys" aria-hidden="true"></p>', is_isolated=False)


def show() -> None:
    """Say which keys there are, below the buttons that do the same; nothing where a browser cannot have the script."""
    module = assets.address("keys")
    if module is None:
        return
    words = [_("play or pause"), _("step on the screen"), _("one update")]
    with st.container(key="run_keys"):
        _KEYS(
            key="keys",
            data={"module": module, "words": json.dumps(words)},
            default={"failed": False},
            on_failed_change=host.ignore,
        )

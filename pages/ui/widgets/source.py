"""The code behind the screen, and the link that shows it again."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.words.i18n import _

_COPY = host.component("copy_link", '<button type="button" hidden></button>')


def copy_link(page: str) -> None:
    """Draw the button that copies the address of exactly this view."""
    link = state.link(page)
    words = {"label": "🔗 " + _("Copy link"), "done": "✓ " + _("Copied"), "link": link}
    data = {
        "module": assets.address("copy_link"),
        **words,
        "time": state.changed_at("copy_link", tuple(words.values())),
    }
    result = _COPY(key="copy_link", data=data, default={"failed": False}, on_failed_change=host.ignore, height=40)
    if result.failed is True:
        st.code(link, language=None)  # it has a button of its own
    if state.long_texts(page):
        st.caption(
            _(
                "The text is too long for a link. This browser keeps it, and finds it again when the page is reloaded "
                "or the link is opened here. Elsewhere the link asks for it to be pasted."
            )
        )


def show_code(script: Callable[[], str], functions: list[Callable[..., Any] | type], *, caption: str) -> None:
    """Draw an expander with a script that repeats the view, and the source of the functions that made it."""
    expander = st.expander(_("Show the code"), icon=":material/code:", on_change="rerun", key="code")
    if not expander.open:  # a closed one need not be sent, and at every change of a slider
        return
    with expander:
        st.caption(caption)
        st.code(script(), language="python", height=420)
        st.caption(_("The functions of this app that just ran:"))
        for function in functions:
            st.code(inspect.getsource(function), language="python", height=320)

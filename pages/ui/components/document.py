"""What a page is as a document: its language, its landmarks, and keys that lead on."""

from __future__ import annotations

import json

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.words.i18n import _, language

_DOCUMENT = host.component("document", '<button type="button" hidden></button>', is_isolated=False)


def show(page: str, *, is_quiet: bool) -> None:
    """Tell the browser; where it cannot have the script, links and keys are those that it brings itself.

    Args:
        page: the title of the page on the screen, in the viewer's language.
        is_quiet: whether nothing in the side panel acts on it: on a phone the panel closes then.
    """
    module = assets.address("document")
    if module is None:
        return
    names = {
        "stExpandSidebarButton": _("Open the side panel"),
        "stSidebarCollapseButton": _("Close the side panel"),
        "stMainMenuButton": _("Main menu"),
    }
    data = {"module": module, "lang": language(), "lessons": _("Lessons"), "page": page}
    data |= {"names": json.dumps(names), "quiet": page if is_quiet else ""}
    with st.container(key="document", width="content"):
        _DOCUMENT(key="document_script", data=data, default={"failed": False}, on_failed_change=host.ignore)

"""What is too large for a link, kept by the viewer's own browser under its content's SHA-256. The server keeps nothing.

A link names such a text by its hash (`session.texts`). Here the browser is given what it should keep, and is asked for
what a link lacks. What it says is checked by that hash, so it can say what it likes.
"""

from __future__ import annotations

import json

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state

_KEEPER = host.component("keeper", "<span></span>")


def keep(page: str) -> None:
    """Let the browser keep what the link to a page only names, and ask it for what the link lacks."""
    if not is_there():
        return
    texts, waiting = state.long_texts(page), state.session().waiting
    if texts:
        _mount("keeper", texts, [])
    if waiting and not waiting.is_answered:
        _mount(state.KEPT, {}, [one.digest for one in waiting.missing])


def is_there() -> bool:
    """Whether this session's browser can keep anything, as far as is known."""
    return assets.address("keeper") is not None and "keeper" not in state.session().plain


def _mount(key: str, kept: dict[str, str], wanted: list[str]) -> None:
    data = {"module": assets.address("keeper"), "kept": json.dumps(kept), "wanted": json.dumps(wanted)}
    host.mount(_KEEPER, key, {**data, "heard": state.heard(key)}, plain="keeper")

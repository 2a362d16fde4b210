"""The views that a viewer has saved: links with a name, which the browser keeps and nobody else ever sees."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.words.i18n import _

_SAVED = host.component("saved", '<details class="saved"></details>', is_isolated=False)
_HEIGHT = 40


def show(page: str, titles: Mapping[str, str]) -> None:
    """Draw the list, closed, and what saves the view on the screen; nothing where no component can run.

    Args:
        page: the page on the screen.
        titles: of all pages by name, in the viewer's language; a saved link leads to one of these or is no link.
    """
    module = assets.address("saved")
    if module is None:
        return
    words = {
        "saved": _("Saved views"),
        "name": _("Name of this view"),
        "nameless": _("Give this view a name first."),
        "save": _("Save this view"),
        "forget": _("Forget"),
        "none": _("Nothing saved yet. What you save stays in this browser."),
        "full": _("There is no room for more: forget one first."),
    }
    data = {
        "module": module,
        "page": page,
        "query": urlencode(state.query(page)),
        "titles": json.dumps(dict(titles)),
        "words": json.dumps(words),
    }
    data["time"] = str(state.changed_at("saved", tuple(data.values())))
    _SAVED(key="saved", data=data, default={"failed": False}, on_failed_change=host.ignore, height=_HEIGHT)

"""Components of our own: their scripts are files that this app serves itself, and each is mounted in place.

Streamlit sends a component's inline script again with every message. So the inline part is a stub that imports the
file, which a browser fetches once.
"""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st
from streamlit.components.v2.bidi_component import main

from pages.ui.session import state

Height = int | Literal["content"]
_STUB = """
export default (args) => {
  const at = new URL(args.data.module, document.baseURI);
  return Promise.all([import(at.href), import(new URL('post.js' + at.search, at).href)])
    .then(([module, post]) => module.default(post.registered(args)))
    .catch((error) => { console.warn(error); args.setStateValue('failed', true); });
};
"""


def _as_it_is(*_: object) -> None:
    """Let a component's state be read as it is, with nothing that presents it.

    Streamlit would write a class for it, each time that any widget looks through the session: a hundred classes in a
    run of a page, a sixth of its time, and each of them in a circle that holds the session.
    """


main.make_bidi_component_presenter = _as_it_is  # type: ignore[assignment, attr-defined]


def component(name: str, html: str, *, is_isolated: bool = True) -> Any:
    """Register a component whose script is `static/NAME.js`.

    Its data need "module", from `script`, and if what it says must arrive "heard", from `state.heard`.
    """
    return st.components.v2.component(name, html=html, js=_STUB, isolate_styles=is_isolated)


def mount(component: Any, key: str, data: dict[str, Any], *, plain: str, height: Height = "content") -> None:
    """Mount a component that says a `value`; if a browser cannot have its script, the session notes that as `plain`.

    Its data get a "time": by that the script tells an older message that comes later. A height, in pixels, is what its
    place has before it is there; it may be higher then (`page.css`).
    """
    result = component(
        key=key,
        data={**data, "time": state.changed_at(key, tuple(data.values()))},
        default={"value": None, "failed": False},
        height=height,
        on_value_change=ignore,
        on_failed_change=ignore,
    )
    state.mounted(key, result.value)
    if result.failed is True:
        state.session().plain.add(plain)
        st.rerun()


def ignore() -> None:
    """Callback for what a component says: it takes only what has one, and the page reads the message by itself."""

"""Components of our own: their scripts are files that this app serves itself, and each is mounted in place.

Streamlit sends a component's inline script again with every message. So the inline part is a stub that imports the
file, which a browser fetches once.
"""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.components.v1
from streamlit import runtime

from pages.ui import state

STATIC = Path(__file__).parent / "static"
_STUB = """
export default (args) => {
  const at = new URL(args.data.module, document.baseURI);
  return Promise.all([import(at.href), import(new URL('post.js' + at.search, at).href)])
    .then(([module, post]) => module.default(post.registered(args)))
    .catch((error) => { console.warn(error); args.setStateValue('failed', true); });
};
"""


def component(name: str, html: str, *, is_isolated: bool = True) -> Any:
    """Register a component whose script is `static/NAME.js`.

    Its data need "module", from `script`, and if what it says must arrive "heard", from `state.heard`.
    """
    return st.components.v2.component(name, html=html, js=_STUB, isolate_styles=is_isolated)


def script(name: str) -> str | None:
    """Return the address of a script of ours; None where there is no real server, as in AppTest."""
    if not _is_served():
        return None
    served = streamlit.components.v1.declare_component("rnn_explorer", path=str(STATIC))
    return f"component/{served.name}/{name}.js?{_version()}"


def plotly() -> str | None:
    """Return the address of plotly.js as the installed plotly package brings it; None if it cannot be served."""
    found = find_spec("plotly") if _is_served() else None
    folder = Path(found.origin).parent / "package_data" if found and found.origin else Path()
    if not (folder / "plotly.min.js").is_file():
        return None
    served = streamlit.components.v1.declare_component("plotly_js", path=str(folder))
    return f"component/{served.name}/plotly.min.js"


def mount(component: Any, key: str, data: dict[str, Any], *, plain: str) -> None:
    """Mount a component that says a `value`; if a browser cannot have its script, the session notes that as `plain`."""
    result = component(
        key=key,
        data=data,
        default={"value": None, "failed": False},
        on_value_change=ignore,
        on_failed_change=ignore,
    )
    state.mounted(key, result.value)
    if result.failed is True:
        st.session_state[plain] = True
        st.rerun()


def ignore() -> None:
    """Callback for what a component says: it takes only what has one, and the page reads the message by itself."""


def _is_served() -> bool:
    return runtime.exists() and type(runtime.get_instance()) is runtime.Runtime  # AppTest's is one by isinstance


@cache
def _version() -> str:
    """Tell versions of the scripts apart, so that no browser keeps an old one."""
    scripts = sorted(STATIC.glob("*.js"))
    return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()[:12]

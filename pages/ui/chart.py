"""Figure to screen: every chart of the app goes through `show`.

`st.plotly_chart` tears a chart down at every change: it flickers and forgets zoom and camera. A component of our own
keeps the node and lets `Plotly.react` change it. plotly.js is the one inside the installed plotly package, served by
this app itself as a component's file; nothing is fetched from elsewhere.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st
import streamlit.components.v1
from streamlit import runtime

from pages.ui import state

if TYPE_CHECKING:
    import plotly.graph_objects as go

CONFIG = {"displayModeBar": False, "scrollZoom": False, "displaylogo": False}
_IN_PLACE = st.components.v2.component(
    "chart",
    html='<div class="chart" role="img"></div>',
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw a figure across the width of its place, changing the one that is there.

    Args:
        figure: what to draw.
        key: the chart's name on its page; also finds it in a test.
        alt: what a screen reader says: the figure's message in words, with its numbers.
    """
    source = _library_address()
    if source is None or st.session_state.get("_plain_charts"):
        st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)
        return
    drawn = figure.to_json()
    data = {  # strings and numbers only: for a dict among them Streamlit would load pandas and pyarrow, 70 MB
        "figure": drawn,
        "config": json.dumps(CONFIG),
        "name": key,
        "alt": alt,
        "height": figure.layout.height,
        "plotly": source,
        "time": state.changed_at(key, (drawn, alt)),
    }
    result = _IN_PLACE(key=key, data=data, default={"failed": False}, on_failed_change=_use_plain_charts)
    if result.failed is True:
        _use_plain_charts()


def _use_plain_charts() -> None:
    """Go back to Streamlit's own charts in this session: the browser could not load the library."""
    st.session_state["_plain_charts"] = True


def _library_address() -> str | None:
    """Return where this server has plotly.js; None where there is no real server, as in AppTest."""
    if not runtime.exists() or not isinstance(runtime.get_instance(), runtime.Runtime):
        return None
    found = find_spec("plotly")
    folder = Path(found.origin).parent / "package_data" if found and found.origin else Path()
    if not (folder / "plotly.min.js").is_file():
        return None
    component = streamlit.components.v1.declare_component("plotly_js", path=str(folder))
    return f"component/{component.name}/plotly.min.js"

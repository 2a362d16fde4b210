"""Figure to screen: every chart of the app goes through `show`.

`st.plotly_chart` tears a chart down at every change: it flickers and forgets zoom and camera. A component of our own
keeps the node and lets `Plotly.react` change it. plotly.js is the one inside the installed plotly package, served by
this app itself as a component's file; nothing is fetched from elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.words.i18n import _
from rnn_core.figures.composed import parts_of, to_json

if TYPE_CHECKING:
    import plotly.graph_objects as go

Kind = Literal["click", "hover", "select", "film"]

CONFIG = {"displayModeBar": False, "scrollZoom": False, "displaylogo": False}
_USUAL_HEIGHT = 450  # Plotly's, in pixels, and those of `chart.css`:
_LINE_HEIGHT, _LEAST_LINES, _BELOW_WORDS, _FILM_HEIGHT = 25.6, 2, 8, 48
_IN_PLACE = host.component(
    "chart",
    '<p class="note"></p><div class="menu"></div><div class="chart" role="img"></div><div class="film"></div>',
    is_isolated=False,
)


@dataclass(frozen=True)
class Point:
    """A point of a chart that the viewer clicked, pointed at or selected, or where its film came to rest.

    Attributes:
        kind: what was done.
        trace: which trace of the figure.
        x, y: where, in the axes' own values; of a film the number in the frame's name, and the frame's place.
    """

    kind: Kind
    trace: int
    x: int | float | str
    y: int | float | str


@dataclass(frozen=True)
class Picture:
    """A chart as a stage makes it, for a page and for the live channel alike; see `show` for what it holds."""

    key: str
    figure: go.Figure
    alt: str
    note: str = ""
    events: str = ""

    def show(self) -> None:
        """Draw it on the page."""
        show(self.figure, key=self.key, alt=self.alt, note=self.note, events=self.events)

    def content(self) -> dict[str, str]:
        """Return what a browser that has drawn one of this key needs to draw this one in its place."""
        return {"figure": to_json(parts_of(self.figure)), "alt": self.alt, "note": self.note}


def show(figure: go.Figure, *, key: str, alt: str, note: str = "", events: str = "") -> None:
    """Draw a figure across the width of its place, changing the one that is there.

    Its frames, if it has any, play and scrub in the browser; `layout.meta` may name a cursor that it shares with other
    charts and what the film's controls say (see `static/chart.js`).

    Args:
        figure: what to draw.
        key: the chart's name on its page; also finds it in a test.
        alt: what a screen reader says: the figure's message in words, with its numbers.
        note: a line of words above it that changes with it, or some, with `code`, **bold** and line breaks as in
            Markdown; an element of its own would take a browser longer than the picture does.
        events: what the viewer does in it that `pointed` is to tell: words out of click, hover, select, film.
    """
    library, module = assets.address(assets.PLOTLY), assets.address("chart")
    if library is None or module is None or "chart" in state.session().plain:
        if "failing chart" in state.session().plain:
            state.session().plain.remove("failing chart")
            st.rerun()  # all of them, not only those of the fragment that said so
        if note:
            st.markdown(note)
        st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)
        return
    parts = parts_of(figure)
    drawn = to_json(parts)
    data = {  # strings and numbers only: for a dict among them Streamlit would load pandas and pyarrow, 70 MB
        "module": module,
        "figure": drawn,
        "config": json.dumps(CONFIG),
        "name": key,
        "alt": alt,
        "note": note,
        "height": parts["layout"].get("height"),
        "plotly": library,
        "words": json.dumps(
            {"menu": _("Enlarge or save"), "enlarge": _("Enlarge"), "save": _("Save as"), "close": _("Close")}
        ),
        "events": events,
        "heard": state.heard(key),
        "time": state.changed_at(key, (drawn, alt, note)),
    }
    result = _IN_PLACE(
        key=key,
        data=data,
        default={"failed": False, "event": None},
        on_failed_change=_use_plain_charts,
        on_event_change=host.ignore,
        height=_height(parts, note),
    )
    state.mounted(key, result.event)


def _height(parts: Mapping[str, Any], note: str) -> int:
    """Return the height in pixels of its place: of the figure, the words above it, and the controls of a film."""
    lines, layout = max(_LEAST_LINES, note.count("\n") + 1) if note else 0, parts["layout"]
    has_controls = len(parts.get("frames", ())) > 1 and not (layout.get("meta") or {}).get("film", {}).get("follows")
    words = round(_LINE_HEIGHT * lines + _BELOW_WORDS) if note else 0
    return int(layout.get("height") or _USUAL_HEIGHT) + words + (_FILM_HEIGHT if has_controls else 0)


@contextmanager
def pointed(key: str) -> Iterator[Point | None]:
    """Hand out what the viewer has just done in a chart, once; None if nothing, or nothing that makes sense.

    What it brings about belongs into the `with` block: see `state.hear`.
    """
    with state.hear(key, "event") as said:
        yield _point(said or {})


def _point(said: Mapping[str, Any]) -> Point | None:
    kind, trace = said.get("kind"), said.get("trace")
    x, y = said.get("x"), said.get("y")
    if kind not in ("click", "hover", "select", "film") or type(trace) is not int:
        return None
    if not all(state.is_number(v) or (isinstance(v, str) and len(v) <= 100) for v in (x, y)):
        return None
    return Point(kind, trace, x, y)  # type: ignore[arg-type]


def _use_plain_charts() -> None:
    """Go back to Streamlit's own charts in this session: the browser could not load the library."""
    state.session().plain |= {"chart", "failing chart"}

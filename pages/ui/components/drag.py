"""What is shown while a slider is dragged: a stage redraws itself alone, with the value under the viewer's hand.

Nothing is decided by a drag: the config and the address change when the slider is let go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from rnn_core.config import Config
from rnn_core.data.tasks import locked_fields, resolve
from rnn_core.sentence import ConfigError

_CALLBACKS = {"on_drag_change": host.ignore, "on_failed_change": host.ignore}
_WIRE = host.component("wire", "<span></span>")


@dataclass(frozen=True)
class Drag:
    """A field that is being dragged, and where it is."""

    field: str
    value: int | float


def stage(key: str, fields: Collection[str], draw: Callable[[], None], *, charts: Collection[str] = ()) -> None:
    """Draw a part of the page that follows the drags of some fields by itself.

    Args:
        key: the stage's name on its page.
        fields: whose drags it shows: config fields, or others that `draw` knows.
        draw: draws it, for what `present` says.
        charts: keys of those in it that the page hears: what is done in them concerns more than this stage.
    """
    wire = f"wire_{key}"

    @st.fragment
    def body() -> None:
        _hear(wire, fields)
        if any(state.has_news(chart, "event") for chart in charts):
            st.rerun()
        draw()
        module = assets.address("wire")
        if module is None:
            return
        # After the picture: once the browser has this it sends the next value, and a new run of the fragment throws
        # away what the last one has not delivered yet.
        data = {"module": module, "fields": " ".join(fields), "heard": state.heard(wire), "settled": state.newest()}
        result = _WIRE(key=wire, data=data, default={"drag": None, "failed": False}, **_CALLBACKS)
        state.mounted(wire, result.drag)

    body()


def current() -> Drag | None:
    """Return what is being dragged, if anything."""
    drag: Drag | None = st.session_state.get("_drag")
    return drag


def config() -> Config:
    """Return the experiment as it would be if the slider were let go now."""
    drag = current()
    if drag is None or drag.field not in Config.model_fields:
        return state.config()
    return resolve(Config(**{**st.session_state["_values"], drag.field: drag.value}))


def forget() -> None:
    """End what was being dragged: a run of the whole script shows what is set."""
    st.session_state["_drag"] = None
    for wire in [key for key in st.session_state.get("_heard", {}) if key.startswith("wire_")]:
        state.pass_over(wire, "drag")


def _hear(wire: str, fields: Collection[str]) -> None:
    """Take up a new message of a wire; whatever is not the value of one of its fields is passed over."""
    with state.hear(wire, "drag") as message:
        field, value = (message.get("field"), message.get("value")) if message else (None, None)
        if not isinstance(field, str) or field not in fields or not state.is_number(value):
            return
        if field in Config.model_fields:
            try:
                Config(**{field: value})
            except ConfigError:
                return
            if field in locked_fields(state.config()):
                return
        st.session_state["_drag"] = Drag(field, value)

"""The app's slider: it tells the page while it is dragged, and the server when it is let go.

Streamlit's own slider speaks only when it is let go. Where a component cannot run (AppTest, a browser that could not
load its script) Streamlit's own takes its place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.words.i18n import _

Number = int | float

_SLIDER = host.component("slider", '<div class="slider"></div>')
_HEIGHT = 56  # of its two lines; what is noted below them comes on top


@dataclass(frozen=True)
class Scale:
    """Where the handles of a slider can be.

    Attributes:
        low, high: the ends.
        step: between two places.
        stops: the places themselves, ascending, where they are not evenly spaced; numbers between them can be typed.
        marks: places worth a mark, such as the presets' values.
        reset: where a double-click goes, if anywhere: one number a handle.
    """

    low: Number
    high: Number
    step: Number = 1
    stops: tuple[Number, ...] = ()
    marks: tuple[Number, ...] = ()
    reset: tuple[Number, ...] = ()


def show(
    key: str,
    label: str,
    value: Number,
    scale: Scale,
    *,
    help_text: str = "",
    locked: str = "",
    note: str = "",
    is_quiet: bool = False,
) -> None:
    """Draw a slider with one handle. `with moved(key) as value` tells what it was set to.

    Args:
        key: the field's name; also finds it in a test.
        label: what is written above it.
        value: where it stands.
        scale: where it can stand.
        help_text: what it is about.
        locked: why it cannot be moved, if it cannot.
        note: what is to be said of its value just now.
        is_quiet: whether it only shows its value.
    """
    _draw(key, label, (value,), scale, help_text=help_text, locked=locked, note=note, is_quiet=is_quiet)


def show_span(
    key: str, label: str, value: tuple[Number, Number], scale: Scale, *, help_text: str = "", locked: str = ""
) -> None:
    """Draw a slider with two handles, the ends of a span. `with state.hear_span(key) as ends` tells where they are."""
    _draw(key, label, value, scale, help_text=help_text, locked=locked)


@contextmanager
def moved(key: str) -> Iterator[Number | None]:
    """Hand out what the viewer has newly set a slider to, once; None if nothing. See `state.hear`."""
    if is_plain():
        drawn, now = state.session().drawn_sliders.get(key), st.session_state.get(key)
        yield now if state.is_number(now) and drawn is not None and now != drawn else None
        return
    with state.hear(key) as message:
        value = message.get("value") if message else None
        yield value if state.is_number(value) else None


def is_plain() -> bool:
    """Whether Streamlit's own sliders are used in this session."""
    return assets.address("slider") is None or "slider" in state.session().plain


def _draw(
    key: str,
    label: str,
    value: Sequence[Number],
    scale: Scale,
    *,
    help_text: str,
    locked: str,
    note: str = "",
    is_quiet: bool = False,
) -> None:
    if is_plain():
        is_locked = is_quiet or bool(locked)
        own = f"{key} = {value[0]}" if is_locked and len(value) == 1 else key  # what it may still report is not heard
        _draw_plain(own, label, tuple(value), scale, help_text=locked or help_text, is_locked=is_locked)
        if note:
            st.caption(note)
        return
    spec = {
        "name": key,
        "label": label,
        "help": help_text,
        "locked": locked,
        "note": note,
        "quiet": is_quiet,
        "min": scale.low,
        "max": scale.high,
        "step": scale.step,
        "whole": isinstance(scale.low, int),
        "stops": sorted({*scale.stops, *value}) if scale.stops else None,
        "marks": scale.marks,
        "reset": scale.reset or None,
        "value": value,
        "ends": [_("from"), _("to")],
        "hint": _hint(scale),
        "bad": _bad(scale),
    }
    data = {
        "module": assets.address("slider"),
        "spec": json.dumps(spec),
        "value": json.dumps(value),
        "heard": state.heard(key),
    }
    host.mount(_SLIDER, key, data, plain="slider", height=_HEIGHT)


def _hint(scale: Scale) -> str:
    return _("Double-click: back to {value}.", value=" – ".join(f"{v:g}" for v in scale.reset)) if scale.reset else ""


def _bad(scale: Scale) -> str:
    """Say what can be typed; the browser puts in what was typed."""
    ends = {"value": "{value}", "low": scale.low, "high": scale.high}
    if isinstance(scale.low, int):
        return _("{value} cannot be used: a whole number from {low} to {high} works.", **ends)
    return _("{value} cannot be used: a number from {low} to {high} works.", **ends)


def _draw_plain(key: str, label: str, value: tuple[Any, ...], scale: Scale, *, help_text: str, is_locked: bool) -> None:
    # The value is given as the default too. A browser that gets two runs at once keeps only the second's widget, which
    # no longer says that code has set it, and would show, and report, Streamlit's own default instead.
    shared: dict[str, Any] = {"key": key, "help": help_text or None, "disabled": is_locked}
    now = value if len(value) == 2 else value[0]
    if st.session_state.get(key) != now:
        st.session_state[key] = now
    state.session().drawn_sliders[key] = now
    if scale.stops:
        st.select_slider(label, sorted({*scale.stops, *value}), now, format_func=lambda v: f"{v:g}", **shared)
    else:
        st.slider(label, scale.low, scale.high, now, step=scale.step, **shared)

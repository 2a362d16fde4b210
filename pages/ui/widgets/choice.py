"""Widgets of what a page shows besides the config: the session's view is the truth, they follow it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

from pages.ui.components import slider
from pages.ui.session import state
from pages.ui.session.fields import NO_COUNTS, Counts, Number, View, kinds
from pages.ui.widgets import said
from pages.ui.words.i18n import told
from rnn_core.sentence import ConfigError

T = TypeVar("T")
FEW = 4  # options that stand side by side; of more only the chosen one is shown


def choose(
    model: type[View],
    field: str,
    label: str,
    options: Mapping[T, str],
    counts: Counts = NO_COUNTS,
    *,
    help_text: str = "",
    is_list: bool | None = None,
    is_bare: bool = False,
    begins: bool = False,
) -> T:
    """Draw a choice and return what is chosen.

    Args:
        model: whose field it is.
        field: its name, and the widget's key.
        label: what is written above it.
        options: what it can be, with what is shown for it; the first where the view says nothing of them.
        counts: how many there are of what it is the number of, if it is one.
        help_text: what it is about.
        is_list: whether as a list that opens rather than side by side; if it is not said, where they are many.
        is_bare: with a label for screen readers alone, beside what it belongs to.
        begins: whether with another choice the rest of the view is as at first: it belongs to what was chosen before.
    """
    known = list(options)
    now = getattr(state.view(model, counts), field)
    now, note = now if now in options else known[0], _beyond(model, field, label, counts)
    if st.session_state.get(field) != now:
        st.session_state[field] = now
    shared: dict[str, Any] = {"key": field, "help": help_text or None, "format_func": lambda one: options[one]}
    shared["label_visibility"] = "collapsed" if is_bare else "visible"
    shared |= {"on_change": _take_over, "args": (model, field, known, begins)}
    if is_list or (is_list is None and len(known) > FEW):
        st.selectbox(label, known, known.index(now), **shared)
    else:
        st.segmented_control(label, known, default=now, required=True, **shared)
    if note:
        st.caption(note)
    return now


def number(
    model: type[View],
    field: str,
    label: str,
    counts: Counts = NO_COUNTS,
    *,
    usual: Any = None,
    marks: tuple[float, ...] = (),
    help_text: str = "",
) -> Any:
    """Draw a slider over the numbers that a field can be and return where it stands; nothing to choose, nothing drawn.

    What a link asks for beyond them is said where the slider stands.

    Args:
        model: whose field it is.
        field: its name, and the slider's key.
        label: what is written above it.
        counts: how many there are of what it is the number of.
        usual: where it stands if nobody set it, where the field does not say that itself.
        marks: places worth a mark.
        help_text: what it is about.
    """
    kind = kinds(model)[field]
    assert isinstance(kind, Number)
    low, high = kind.span(counts)
    if high <= low:
        if note := _beyond(model, field, label, counts):
            st.caption(note)
        return low
    usual = kind.fitted(kind.default if usual is None else usual, counts)
    with slider.moved(field) as asked:
        if asked is not None:
            asked = kind.fitted(asked, counts)
            state.note(model, **{field: kind.default if asked == usual else asked})
    chosen = getattr(state.view(model, counts), field)
    now = usual if chosen is None else chosen
    scale = slider.Scale(low, high, kind.step, marks=marks, reset=(usual,))
    slider.show(field, label, now, scale, help_text=help_text, note=_beyond(model, field, label, counts))
    return now


def _beyond(model: type[View], field: str, label: str, counts: Counts) -> str:
    """Say that there is not so much of it as was asked for, if so."""
    kind, asked = kinds(model)[field], getattr(state.view(model), field)
    if not isinstance(kind, Number) or kind.is_place or asked is None:
        return ""
    try:
        kind.held(label, asked, counts)
    except ConfigError as error:
        return told(error.sentence)
    return ""


def _take_over(model: type[View], field: str, options: list[Any], begins: bool) -> None:
    chosen = said.one_of(field, options)
    if chosen is None:
        return
    if begins:
        state.show_view(model())
    is_usual = kinds(model)[field].default is None and chosen == options[0]
    state.note(model, **{field: None if is_usual else chosen})

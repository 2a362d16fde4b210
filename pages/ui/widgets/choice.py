"""Widgets of what a page shows besides the config: the view of the link is the truth, they follow it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import streamlit as st

from pages.ui.components import slider
from pages.ui.session import state
from pages.ui.widgets import said
from rnn_core.config import format_value

FEW = 4  # options that stand side by side; of more only the chosen one is shown


def choose(
    page: str, field: str, label: str, options: Mapping[str, str], *, help_text: str = "", is_list: bool = False
) -> str:
    """Draw a choice of some words and return the chosen one.

    Args:
        page: whose view it belongs to.
        field: its name in the view, and the widget's key.
        label: what is written above it.
        options: words with what is shown for them; the first is the default, which the link leaves out.
        help_text: what it is about.
        is_list: as a list that opens, however few they are.
    """
    words = list(options)
    now = state.view(page).get(field, words[0])
    now = now if now in options else words[0]
    if st.session_state.get(field) != now:
        st.session_state[field] = now
    shared: dict[str, Any] = {"key": field, "help": help_text or None, "format_func": lambda word: options[word]}
    shared |= {"on_change": _take_over, "args": (page, field, words)}
    if len(words) <= FEW and not is_list:
        st.segmented_control(label, words, default=now, required=True, **shared)
    else:
        st.selectbox(label, words, words.index(now), **shared)
    return now


def number(page: str, field: str, label: str, *, default: int, most: int, least: int = 0, help_text: str = "") -> int:
    """Draw a slider over whole numbers and return where it stands; nothing to choose, nothing drawn.

    Args:
        page: whose view it belongs to.
        field: its name in the view, and the slider's key.
        label: what is written above it.
        default: where it stands if the link says nothing.
        most: the largest number.
        least: the smallest.
        help_text: what it is about.
    """
    if most <= least:
        return least
    scale = slider.Scale(least, most, reset=(min(default, most),))
    return int(_slide(page, field, label, default, scale, help_text))


def amount(page: str, field: str, label: str, *, scale: slider.Scale, help_text: str = "") -> float:
    """Draw a slider over any scale and return where it stands; `scale.reset` is what the link leaves out."""
    return _slide(page, field, label, scale.reset[0], scale, help_text)


def _slide(page: str, field: str, label: str, default: float, scale: slider.Scale, help_text: str) -> float:
    with _asked(field) as asked:
        if state.is_number(asked):
            asked = int(asked) if isinstance(scale.low, int) else asked
            asked = max(scale.low, min(asked, scale.high))
            state.note(page, field, None if asked == default else format_value(asked))
    now = state.amount_of(page, field, default, scale.low, scale.high)
    if slider.is_plain():
        if st.session_state.get(field) != now:
            st.session_state[field] = now
        st.session_state[f"_{field}_drawn"] = now
    slider.show(field, label, now, scale, help_text=help_text)
    return now


@contextmanager
def _asked(field: str) -> Iterator[object]:
    """Hand out what the viewer has just set a slider to, if anything."""
    if not slider.is_plain():
        with state.hear(field) as message:
            yield message.get("value") if message else None
        return
    drawn, now = st.session_state.get(f"_{field}_drawn"), st.session_state.get(field)
    yield now if drawn is not None and now != drawn else None


def _take_over(page: str, field: str, words: Sequence[str]) -> None:
    word = said.one_of(field, words)
    if word is not None:
        state.note(page, field, None if word == words[0] else word)

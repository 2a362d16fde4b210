"""What Streamlit's own widgets were set to.

Streamlit hands on whatever kind of value a message brings, for any widget, and stumbles over it when it draws the
widget again. So everything is checked here, as is all that comes from a browser, and what the widget could not have
said is forgotten. Each function returns None for that, and if nothing was said.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import streamlit as st

from pages.ui.session import state

T = TypeVar("T")
N = TypeVar("N", int, float)


def one_of(key: str, options: Iterable[T]) -> T | None:
    """Return the option that was chosen."""
    known = list(options)
    found: T | None = _checked(key, lambda value: _is_one_of(value, known))
    return found


def some_of(key: str, options: Iterable[T]) -> list[T] | None:
    """Return the options that were chosen, in the viewer's order, none of them twice."""
    known = list(options)
    found: list[T] | None = _checked(key, lambda value: type(value) is list and _are_some_of(value, known))
    return found


def number(key: str, low: N, high: N) -> N | None:
    """Return the number that was set, of the kind of its bounds and within them."""
    found: N | None = _checked(key, lambda value: type(value) is type(low) and low <= value <= high)
    return found


def text(key: str, most: float = math.inf) -> str | None:
    """Return the text that was typed, of at most so many characters."""
    found: str | None = _checked(key, lambda value: type(value) is str and len(value) <= most)
    return found


def switch(key: str) -> bool | None:
    """Return where a switch was set to."""
    found: bool | None = _checked(key, lambda value: type(value) is bool)
    return found


def kept(key: str, said: T | None, now: T) -> T:
    """Return what was said; if that is nothing, the widget shows what there is `now`."""
    if said is not None:
        return said
    st.session_state[key] = now
    return now


def _checked(key: str, is_usable: Callable[[Any], bool]) -> Any:
    value = st.session_state.get(key)
    if value is not None and not is_usable(value):
        del st.session_state[key]
    return state.chosen(key)


def _is_one_of(value: object, options: list[T]) -> bool:
    return any(type(option) is type(value) and option == value for option in options)


def _are_some_of(values: list[Any], options: list[T]) -> bool:
    return all(_is_one_of(value, options) for value in values) and len(set(values)) == len(values)

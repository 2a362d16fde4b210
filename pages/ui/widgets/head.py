"""The head of a page: what it is called, and in one line that unfolds what it is about."""

from __future__ import annotations

import re

import streamlit as st

_SENTENCE = re.compile(r"(?<=[.?!…])\s+")


def show(title: str, words: str) -> None:
    """Draw a page's title and its introduction, of which the first sentence is in sight; an embed has the title alone.

    Args:
        title: what the page is called.
        words: the introduction, Markdown of our own.
    """
    with st.container(key="page_head", horizontal=True):
        st.title(title, anchor=False)
        if not st.context.is_embedded:
            st.markdown(folded(words), unsafe_allow_html=True)


def folded(words: str) -> str:
    """Write words as a fold with their first sentence on it: all stay in the page, for readers and for search."""
    first, *rest = _SENTENCE.split(words.strip(), maxsplit=1)
    return f"<details><summary>\n\n{first}\n\n</summary>\n\n{''.join(rest)}\n\n</details>"

"""The registry of pages, and the guard that keeps each of them inside the app's shell.

Streamlit runs a file of a folder called `pages` on its own when a deep link is the first request a server gets: every
page begins with `guard()`, which hands it to the entry. No page has a `url_path`, or it would say "Page not found".
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.navigation.page import StreamlitPage

# Before numpy and torch are loaded. Matrices this small gain nothing from a second thread, and threads that wait for
# each other on a busy machine made principal components take eighty times as long. What torch is told later a thread
# knows only once it has asked: its first product was of two threads, which add in another order.
os.environ |= {name: os.environ.get(name, "1") for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}


@dataclass(frozen=True)
class PageSpec:
    """One page: its file's stem, its title in English (translated when shown) and its icon."""

    name: str
    title: str
    icon: str


def mark(message: str) -> str:
    """Mark a title for translation."""
    return message


PAGES = (
    PageSpec("home", mark("Home"), ":material/home:"),
    PageSpec("encoding", mark("Encoding"), ":material/grid_on:"),
    PageSpec("shapes", mark("Shapes"), ":material/view_in_ar:"),
    PageSpec("training", mark("Training"), ":material/monitoring:"),
    PageSpec("cell", mark("Inside the cell"), ":material/memory:"),
    PageSpec("trajectories", mark("Trajectories"), ":material/timeline:"),
    PageSpec("dynamics", mark("Dynamics"), ":material/explore:"),
    PageSpec("gradients", mark("Gradients"), ":material/trending_down:"),
    PageSpec("connectivity", mark("Connectivity"), ":material/hub:"),
    PageSpec("memory", mark("Memory"), ":material/history:"),
    PageSpec("modes", mark("Input and output"), ":material/swap_horiz:"),
    PageSpec("sweep", mark("Sweep"), ":material/grid_view:"),
    PageSpec("compare", mark("Compare"), ":material/compare_arrows:"),
    PageSpec("pitfalls", mark("Pitfalls"), ":material/warning:"),
    PageSpec("paste", mark("Paste your code"), ":material/content_paste:"),
    PageSpec("glossary", mark("Glossary"), ":material/dictionary:"),
    PageSpec("about", mark("About"), ":material/info:"),
)

_run = threading.local()


def build_pages() -> list[StreamlitPage]:
    """Build Streamlit's pages, the first one as the default. An icon here would be fetched from a font server."""
    return [st.Page(f"pages/{spec.name}.py", title=spec.title, default=spec is PAGES[0]) for spec in PAGES]


@contextmanager
def shell() -> Iterator[None]:
    """Mark this script run as one that began in the entry script."""
    _run.is_inside = True
    try:
        yield
    finally:
        _run.is_inside = False


def guard() -> None:
    """Start over through the entry script if Streamlit ran this page on its own. First statement of every page."""
    if not getattr(_run, "is_inside", False):
        st.navigation(build_pages(), position="hidden")
        st.rerun()

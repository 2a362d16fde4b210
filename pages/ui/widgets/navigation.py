"""The way through the lessons: all of them in their groups on top of every page, the ones before and after at its end.

Both are Streamlit's own links, whose addresses say all that the page would show. `components/document.py` makes a
landmark of the first, and lets keys follow the second.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages import PAGES
from pages.ui.session import state
from pages.ui.words.i18n import _, mark

GROUPS = (
    (mark("Start"), ("home",)),
    (mark("Text and tensors"), ("encoding", "shapes")),
    (mark("One network"), ("training", "cell", "trajectories", "dynamics")),
    (mark("What it remembers"), ("gradients", "connectivity", "memory", "modes")),
    (mark("Many networks"), ("sweep", "compare")),
    (mark("Your own code"), ("pitfalls", "paste")),
    (mark("Look it up"), ("glossary", "about")),
)
ORDER = tuple(name for _title, names in GROUPS for name in names)
LESSONS = GROUPS[1:-1]
SPECS = {spec.name: spec for spec in PAGES}
BEFORE, AFTER = "Alt + PgUp", "Alt + PgDn"  # nothing else uses them: neither browsers, nor Streamlit, nor our charts

Targets = Mapping[str, StreamlitPage]


def strip(page: str, targets: Targets) -> None:
    """Draw the groups of lessons, a link each, the present one in bold."""
    queries = state.queries(targets)
    with st.container(key="navigation", horizontal=True, gap=None):
        for number, (title, names) in enumerate(GROUPS):
            with st.container(key=f"navigation_{number}", gap=None, width="content"):
                st.caption(_(title))
                for name in names:
                    words = _(SPECS[name].title)
                    st.page_link(
                        targets[name], label=f"**{words}**" if name == page else words, query_params=queries[name]
                    )


def way_on(page: str, targets: Targets) -> None:
    """Draw the links to the page before this one and to the one after it, each with its keys."""
    before = {name: other for other, name in pairwise(ORDER)}.get(page)
    after = dict(pairwise(ORDER)).get(page)
    queries = state.queries(name for name in (before, after) if name)
    with st.container(key="way_on", horizontal=True, horizontal_alignment="distribute"):
        for key, name, label in (("before", before, "← {title}"), ("after", after, "{title} →")):
            with st.container(key=f"page_{key}", width="content", gap=None):
                if name:
                    st.page_link(
                        targets[name],
                        label=label.format(title=f"**{_(SPECS[name].title)}**"),
                        help=BEFORE if key == "before" else AFTER,
                        query_params=queries[name],
                    )
                    st.caption(BEFORE if key == "before" else AFTER)

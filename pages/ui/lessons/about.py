"""What the About page says of the app itself: its version, and how to cite it."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import streamlit as st

from pages.ui.words.i18n import _, language, lesson

ROOT = Path(__file__).parents[3]


@cache
def version() -> str:
    """Return the version of the app, as its package says it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project["version"])


def show() -> None:
    """Write what the app is, keeps and asks for; then how to cite it."""
    with st.container(key="about"):
        st.markdown(lesson("about", language()))
        st.header(_("How to cite it"))
        st.markdown(
            _(
                "Version **{version}**. The file `CITATION.cff` of the repository says it for reference managers.",
                version=version(),
            )
        )
        st.code(
            f"@software{{rnn_explorer,\n  title   = {{RNN Explorer}},\n  author  = {{{{The RNN Explorer authors}}}},\n"
            f"  year    = {{2026}},\n  version = {{{version()}}},\n  license = {{MIT}}\n}}",
            language="bibtex",
        )

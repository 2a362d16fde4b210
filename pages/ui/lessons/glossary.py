"""What the glossary is made of: a line a word."""

from __future__ import annotations

import streamlit as st

from pages.ui.widgets.navigation import SPECS
from pages.ui.words.glossary import TERMS, Term
from pages.ui.words.i18n import _


def show() -> None:
    """Draw the words as a table."""
    header = (_("Written"), _("Called"), _("What it is"), _("Seen at work"))
    with st.container(key="glossary"):
        st.markdown("\n".join([_row(*header), "|:---|:---|:---|:---|", *map(_line, TERMS)]))


def _line(term: Term) -> str:
    symbols = ", ".join(f"`{symbol}`" for symbol in term.symbol.split(", ") if symbol) or "–"
    pages = ", ".join(_(SPECS[name].title) for name in term.pages)
    return _row(symbols, f"**{_(term.name)}**", _(term.meaning), pages)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"

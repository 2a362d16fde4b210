"""Compare: kept runs over each other, what differs between them, and which of two is better on the same seeds."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Compare: run against run"), lesson("compare", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import compare
    from pages.ui.widgets import source

kept = compare.runs()
compare.overlay(kept)
compare.table(kept)
compare.shelf_controls()
compare.duel(kept)
source.copy_link("compare")
compare.code(kept)

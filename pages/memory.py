"""Memory: which cell still knows what it read many time steps ago, and where each breaks."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Memory: who still knows?"), lesson("memory", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import memory
    from pages.ui.widgets import source

comparison = memory.controls()
if comparison:
    memory.show(comparison)
    source.copy_link("memory")
    memory.code(comparison)

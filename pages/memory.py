"""Memory: which cell still knows what it read many time steps ago, and where each breaks."""

import streamlit as st

from pages import guard

guard()

from pages.ui.i18n import _, language, lesson

st.title(_("Memory: who still knows?"))
st.markdown(lesson("memory", language()))

with st.spinner(_("Waking PyTorch up …")):  # once a server: the text is on the screen by now
    from pages.ui import memory, source

comparison = memory.controls()
if comparison:
    memory.live(comparison)
    source.copy_link("memory")
    memory.code(comparison)

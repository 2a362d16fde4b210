"""Memory: which cell still knows what it read many time steps ago, and where each breaks."""

import streamlit as st

from pages import guard

guard()

from pages.ui.words.i18n import _, language, lesson

st.title(_("Memory: who still knows?"))
opening, *rest = lesson("memory", language()).split("\n\n")
st.markdown(opening)

with st.spinner(_("Waking PyTorch up …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import memory
    from pages.ui.widgets import source

comparison = memory.controls()
if comparison:
    memory.show(comparison)
    st.markdown("\n\n".join(rest))  # what to look at and to try: below the curves, so that they are seen at once
    source.copy_link("memory")
    memory.code(comparison)

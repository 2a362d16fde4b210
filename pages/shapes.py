"""Shapes: every tensor of a call, from the input to the loss, to scale and with its numbers."""

import streamlit as st

from pages import guard

guard()

from pages.ui.i18n import _, language, lesson

st.title(_("Shapes: what goes in, what comes out"))
st.markdown(lesson("shapes", language()))

with st.spinner(_("Waking PyTorch up …")):  # once a server: the text is on the screen by now
    from pages.ui import quiz, shapes, source

shapes.switches()
shapes.flow()
shapes.same_numbers()
shapes.readings()
shapes.table()
quiz.show()
source.copy_link("shapes")
shapes.code()

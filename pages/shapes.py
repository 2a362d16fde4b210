"""Shapes: every tensor of a call, from the input to the loss, to scale and with its numbers."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Shapes: what goes in, what comes out"), lesson("shapes", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import quiz, shapes, twice
    from pages.ui.widgets import source

shapes.switches()
seen = shapes.data_flow()
twice.same_numbers(seen)
twice.readings()
shapes.table(seen)
quiz.show()
source.copy_link("shapes")
shapes.code()

"""Input and output: many to many, many to one, one to many, and an encoder with a decoder, on one small task."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Input and output: four wirings"), lesson("modes", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import modes
    from pages.ui.widgets import source

word = modes.ask()
modes.wirings(word)
modes.places()
modes.training()
source.copy_link("modes")
modes.code(word)

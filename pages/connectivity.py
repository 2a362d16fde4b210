"""Connectivity: which characters a prediction was made from, for three cells trained alike, at every step."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Connectivity: what a prediction is made from"), lesson("connectivity", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import connectivity
    from pages.ui.run import player
    from pages.ui.widgets import source

engine = player.caught_up("connectivity")
if engine:
    runs = connectivity.trio(engine)
    connectivity.controls(engine)
    player.settle(engine, "connectivity")
    connectivity.show_texts(runs)
    connectivity.show_whole(runs)
    source.copy_link("connectivity")
    connectivity.code(engine)

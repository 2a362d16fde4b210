"""Dynamics: where a network goes if it reads the same thing for ever, and where it stays."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Dynamics: where a network comes to rest"), lesson("dynamics", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import dynamics
    from pages.ui.run import player
    from pages.ui.widgets import source

engine = player.caught_up("dynamics")
if engine:
    system = dynamics.controls(engine)
    if system:
        dynamics.show(engine, system)
    player.settle(engine, "dynamics")  # after every control
    source.copy_link("dynamics")
    dynamics.code(engine)

"""Trajectories: the states through the text, the units one by one, and their way through state space."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Trajectories: where the hidden state goes"), lesson("trajectories", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import trajectories
    from pages.ui.run import player
    from pages.ui.widgets import source

engine = player.caught_up("trajectories")
if engine:
    trajectories.controls(engine)
    trajectories.units(engine)
    trajectories.space(engine)
    player.settle(engine, "trajectories")  # after every control
    source.copy_link("trajectories")
    trajectories.code(engine)

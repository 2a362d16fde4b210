"""Home: what this is, the network of the session, the presets, the lessons."""

import streamlit as st

from pages import guard

guard()

from pages.ui.lessons import home
from pages.ui.words.i18n import _

home.introduction()

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.run import player
    from pages.ui.widgets import source

engine = player.caught_up("home")
if engine:
    player.settle(engine, "home")
    home.first_picture(engine)
home.preset_cards()
home.lesson_list()
source.copy_link("home")
if engine:
    player.code(engine)

"""Gradients: how far a loss reaches back, in three cells, at the start and after training."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Gradients: why plain RNNs forget"), lesson("gradients", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import gradients
    from pages.ui.run import player
    from pages.ui.widgets import source

engine = player.caught_up("gradients")
if engine:
    gradients.show(engine)
    player.settle(engine, "gradients")
    source.copy_link("gradients")
    gradients.code(engine)

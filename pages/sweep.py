"""Sweep: many networks side by side, to see what a hyperparameter does."""

import streamlit as st

from pages import guard

guard()

from pages.ui.lessons import sweep_controls
from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Sweep: many networks at once"), lesson("sweep", language()))
sweep_controls.lessons()
sweep_controls.controls()

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import sweep
    from pages.ui.widgets import source

sweeper = sweep.current_sweeper()
if sweeper:
    sweep.show(sweeper)
    source.copy_link("sweep")
    sweep.code()

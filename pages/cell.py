"""Inside the cell: one time step of one unit, every number of it, before and after training."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Inside the cell: one time step"), lesson("cell", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import cell
    from pages.ui.run import player
    from pages.ui.widgets import source

engine = player.caught_up("cell")
if engine:
    cell.controls(engine)
    player.settle(engine, "cell")
    cell.equation(engine)
    cell.pictures(engine)
    cell.conventions(engine)
    source.copy_link("cell")
    cell.code(engine)

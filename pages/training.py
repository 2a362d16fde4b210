"""Training: a real network learns the text, one update at a time."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Training: watch it learn"), lesson("training", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    from pages.ui.lessons import explosion, mistakes, training
    from pages.ui.run import player, rounding
    from pages.ui.widgets import source

engine = player.current_engine()
if engine:
    above = st.container()
    training.show(engine)  # the pictures first: they are what a moved slider waits for
    with above:
        player.buttons(engine)
        explosion.explain(engine)
        rounding.explain(engine)
    mistakes.show(engine)
    source.copy_link("training")
    player.code(engine)

"""Pitfalls: what learners believe about shapes and data, each put to the test by a small live experiment."""

import streamlit as st

from pages import guard

guard()

from pages.ui.widgets import head
from pages.ui.words.i18n import _, language, lesson

head.show(_("Pitfalls: what do you expect?"), lesson("pitfalls", language()))

with st.spinner(_("Loading PyTorch …")):  # once a server: the text is on the screen by now
    import pages.ui.process.threads  # noqa: F401
    from pages.ui.lessons import pitfalls
    from pages.ui.widgets import source

name = pitfalls.choose()
question, answer = st.columns([2, 3])
with question:
    is_answered = pitfalls.belief(name)
if is_answered:
    with answer:
        pitfalls.result(name)
    pitfalls.attempts(name)
source.copy_link("pitfalls")
pitfalls.code(name)

"""Paste your code: the shape of everything after every line, and where torch would stop."""

import streamlit as st

from pages import guard

guard()

from pages.ui.lessons import paste
from pages.ui.widgets import head, source
from pages.ui.words.i18n import _, language, lesson

head.show(_("Paste your code: shapes line by line"), lesson("paste", language()))
paste.mend()
written, read = st.columns([2, 3])
with written:
    paste.choose_example()
    code = paste.text_box()
    paste.drop()
reading = paste.read(code)
with read:
    paste.verdict(code, reading)
    paste.listing(code, reading)
source.copy_link("paste")
paste.code(code)

"""Glossary: the words of the app, one for each thing."""

import streamlit as st

from pages import guard

guard()

from pages.ui.lessons import glossary
from pages.ui.words.i18n import _, language, lesson

st.title(_("Glossary: one word for one thing"))
st.markdown(lesson("glossary", language()))
glossary.show()

"""About: the version, the licence, how to cite the app, and what it keeps of a viewer."""

import streamlit as st

from pages import guard

guard()

from pages.ui.lessons import about
from pages.ui.words.i18n import _

st.title(_("About RNN Explorer"))
about.show()

"""Encoding: from a text to the tensor that goes into the network, step by step."""

import streamlit as st

from pages import guard

guard()

from pages.ui import encoding, source, state
from pages.ui.controls import control
from pages.ui.i18n import _, language, lesson

st.title(_("Encoding: from text to tensor"))
st.markdown(lesson("encoding", language()))
control("text")
config = state.config()
view = encoding.prepare(config)
if view:
    *places, last = [st.container() for _step in range(6)]
    with last:  # the picture that every slider changes comes first
        encoding.network(view)
    steps = (encoding.characters, encoding.vocabulary, encoding.indices, encoding.one_hot, encoding.tensor)
    for place, step in zip(places, steps, strict=True):
        with place:
            step(view)
    source.copy_link("encoding")
    encoding.code(view)

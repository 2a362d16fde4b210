"""A page of charts and sliders with nothing else around them, for tests of how they behave."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui.components import chart, slider
from pages.ui.process import assets
from pages.ui.session import state

for style in assets.unlinked_styles():
    st.html(style)

with state.hear("size") as message:
    if message and state.is_number(message["value"]):
        st.session_state["chosen"] = int(message["value"])
size = st.session_state.setdefault("chosen", 5)
slider.show("size", "Size", size, slider.Scale(1, 60, marks=(5,), reset=(5,)), help_text="How many points.")
slider.show("fixed", "Fixed", 3, slider.Scale(1, 9), locked="It follows from the size.")

with state.hear_span("span") as ends:
    if ends:
        st.session_state["ends"] = ends
span = st.session_state.setdefault("ends", (2, 7))
slider.show_span("span", "Span", span, slider.Scale(0, 10, reset=(2, 7)))
st.markdown(f"size {size}, span {span[0]} to {span[1]}")

t = np.arange(size)
trace = {"type": "scatter3d", "mode": "lines+markers", "x": np.cos(t), "y": np.sin(t), "z": t / 60}
axes = {name: {"range": [-1.2, 1.2]} for name in ("xaxis", "yaxis")} | {"zaxis": {"range": [0, 1]}}
layout = {"height": 300, "scene": axes}
chart.show(go.Figure({"data": [trace], "layout": layout}), key="spiral", alt=f"{size} points")

line = {"type": "scatter", "x": list(range(11)), "y": [n * n for n in range(11)]}
layout = {"height": 200, "margin": {"t": 10, "b": 20}, "hovermode": "x", "meta": {"cursor": {"x": "t"}}}
for key in ("left", "right"):
    chart.show(go.Figure({"data": [line], "layout": layout}), key=key, alt=key, events="click")
with chart.pointed("left") as clicked:
    st.markdown(f"clicked {clicked.x if clicked else None}")

FILM = {"label": "steps", "play": "Play", "back": "Back", "next": "On", "quantity": "step", "duration": 30, "first": 0}
film = go.Figure(
    {
        "data": [line],
        "layout": {"height": 200, "meta": {"film": FILM}},
        "frames": [{"name": f"step {n}", "data": [{"y": [n] * 11}], "traces": [0]} for n in range(6)],
    }
)
chart.show(film, key="film", alt="a film")

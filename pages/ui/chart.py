"""Figure to screen: every chart of the app goes through `show`, so that another host has one place to go to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go

CONFIG = {"displayModeBar": False, "scrollZoom": False}


def show(figure: go.Figure, *, key: str, alt: str) -> None:
    """Draw a figure across the width of its place.

    Args:
        figure: what to draw.
        key: the chart's name on its page; also finds it in a test.
        alt: what a screen reader says: the figure's message in words, with its numbers.
    """
    st.plotly_chart(figure, key=key, config=CONFIG, alt=alt)

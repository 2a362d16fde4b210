"""The bare app that ours is measured against: one slider, one chart that depends on it."""

import numpy as np
import streamlit as st

size = st.slider("Size", 1, 128, 9, key="hidden_size")
grid = np.tanh(np.random.default_rng(size).normal(size=(size, 11)))
st.plotly_chart({"data": [{"type": "heatmap", "z": grid}], "layout": {}}, key="states")

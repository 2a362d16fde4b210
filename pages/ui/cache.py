"""What is computed once for all viewers: plain data keyed by the config, in bounded caches."""

from __future__ import annotations

import streamlit as st

from rnn_core.analysis.divergence import Divergence
from rnn_core.config import Config
from rnn_core.reading import Reading, read_code
from rnn_core.records import Course, ForwardTrace, StepRecord


@st.cache_data(max_entries=64, show_spinner=False)
def forward(_config: Config, key: str) -> ForwardTrace:
    """Run a config's first batch through its untrained network. `key` is the config as text."""
    import pages.ui.threads  # noqa: F401
    from rnn_core.training import first_look

    return first_look(_config)


@st.cache_data(max_entries=16, show_spinner=False)
def trained(_config: Config, key: str) -> tuple[Course, StepRecord, ForwardTrace]:
    """Train a small config to its end: the curve, the last record and what the trained network does."""
    import pages.ui.threads  # noqa: F401
    from rnn_core.history import Run

    run = Run(_config)
    while run.advance():
        pass
    return run.course, run.last, run.trace(run.at(run.step))


@st.cache_data(max_entries=16, show_spinner=False)
def divergence(_config: Config, key: str, _records: list[StepRecord]) -> Divergence:
    """Explain an exploded run."""
    from rnn_core.analysis.divergence import explain_divergence

    return explain_divergence(_config, _records)


@st.cache_data(max_entries=32, show_spinner=False)
def reading(code: str) -> Reading:
    """Read pasted code."""
    return read_code(code)


def key_of(config: Config) -> str:
    """Return a text that is the same for equal configs only."""
    return config.model_dump_json()

"""What is computed once for all viewers: plain data keyed by the config, in bounded caches."""

from __future__ import annotations

import streamlit as st

from rnn_core.analysis.divergence import Divergence
from rnn_core.config import Config
from rnn_core.records import Course, ForwardTrace, StepRecord


@st.cache_data(max_entries=64, show_spinner=False)
def forward(_config: Config, key: str) -> ForwardTrace:
    """Run a config's first batch through its untrained network. `key` is the config as text."""
    import torch

    from rnn_core.model import build_model
    from rnn_core.tasks import build_dataset
    from rnn_core.training import trace_forward

    dataset = build_dataset(_config)
    model, _ = build_model(_config, dataset.vocab_size)
    return trace_forward(_config, model, torch.from_numpy(dataset.input[: _config.batch_size].copy()))


@st.cache_data(max_entries=16, show_spinner=False)
def trained(_config: Config, key: str) -> tuple[Course, StepRecord, ForwardTrace]:
    """Train a small config to its end: the curve, the last record and what the trained network does."""
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


def key_of(config: Config) -> str:
    """Return a text that is the same for equal configs only."""
    return config.model_dump_json()

"""What is computed once for all viewers: plain data keyed by the config, in bounded caches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from pages.ui.process import upkeep
from rnn_core.config import Config
from rnn_core.reading import Reading, read_code
from rnn_core.records.dynamics import Descent, Stillness
from rnn_core.records.tensors import ForwardTrace
from rnn_core.training.experiment import Experiment

if TYPE_CHECKING:
    from rnn_core.analysis.dynamics import StateMap
    from rnn_core.analysis.flipflop import FlipFlop
    from rnn_core.analysis.gradients import CellPaths
    from rnn_core.analysis.reach import Stretching
    from rnn_core.analysis.trajectories import PCA, Film
    from rnn_core.cells.equations import Weights
    from rnn_core.training.history import History


@st.cache_data(max_entries=64, show_spinner=False)
def forward(_experiment: Experiment, key: str) -> ForwardTrace:
    """Run an experiment's first batch through its untrained network. `key` is its config as text."""
    import pages.ui.process.threads  # noqa: F401
    from rnn_core.training.trainer import first_look

    return first_look(_experiment)


@st.cache_data(max_entries=32, show_spinner=False)
def reading(code: str) -> Reading:
    """Read pasted code."""
    return read_code(code)


@st.cache_data(max_entries=12, show_spinner=False)
def film(_run: History, key: str, _others: Sequence[np.ndarray], _basis: PCA | None, **place: int) -> Film:
    """Follow texts through training. `key` says which run, how far it has come, which other texts and which basis."""
    from rnn_core.analysis.trajectories import film as follow

    is_reverse = bool(place.pop("is_reverse"))
    return follow(_run, others=_others, basis=_basis, is_reverse=is_reverse, **place)


@st.cache_data(max_entries=3, show_spinner=False)
def flip_flop(bits: int, hidden_size: int) -> FlipFlop:
    """Train a memory of a few signs, about a second."""
    from rnn_core.analysis.flipflop import train_flip_flop

    return train_flip_flop(bits, hidden_size=hidden_size)


@st.cache_data(max_entries=32, show_spinner=False)
def stillness(_state_map: StateMap, key: str, _visited: np.ndarray, count: int) -> Stillness:
    """Search for fixed and slow points from some starts. `key` says which network under which input."""
    from rnn_core.analysis.dynamics import sample_starts, search

    return search(_state_map, sample_starts(_state_map, _visited, count=count))


@st.cache_data(max_entries=32, show_spinner=False)
def descent(text: str, radius: float, grad_clip: float, seed: int) -> Descent:
    """Train a network whose gradients explode, some tenths of a second."""
    import pages.ui.process.threads  # noqa: F401
    from rnn_core.analysis.clipping import descend

    return descend(text, radius=radius, grad_clip=grad_clip, seed=seed)


@st.cache_data(max_entries=48, show_spinner=False)
def stretching(_config: Config, key: str, _weights: Weights, _window: np.ndarray, layer: int) -> Stretching:
    """Measure what one step of a network does to lengths. `key` says which weights and which text."""
    import pages.ui.process.threads  # noqa: F401
    from rnn_core.analysis.reach import stretching as measure

    return measure(_config, _weights, _window, layer=layer)


@st.cache_data(max_entries=32, show_spinner=False)
def influence(
    _config: Config, key: str, _weights: Weights, _window: np.ndarray, layer: int, is_reverse: bool
) -> np.ndarray:
    """Compute how much each state depends on each earlier one. `key` says which weights and which text."""
    from rnn_core.analysis.gradients import state_influence

    return state_influence(_config, _weights, _window, layer=layer, is_reverse=is_reverse)


@st.cache_data(max_entries=16, show_spinner=False)
def paths(_config: Config, key: str, _weights: Weights, _window: np.ndarray) -> CellPaths:
    """Tell the ways apart by which cell states of an LSTM reach later ones. `key` says which weights and text."""
    from rnn_core.analysis.gradients import cell_paths

    return cell_paths(_config, _weights, _window)


def key_of(config: Config) -> str:
    """Return a text that is the same for equal configs only."""
    return config.model_dump_json()


upkeep.shared.append(st.cache_data.clear)

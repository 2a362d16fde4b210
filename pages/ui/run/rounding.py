"""What is said of a run whose result hangs on rounding, trained with others or alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from pages.ui.session import state
from pages.ui.words.i18n import _
from pages.ui.work.engine import Engine
from rnn_core.config import Config


@dataclass(frozen=True)
class Hanging:
    """A run that hangs on rounding, and how it ended in the sweep that it was opened from."""

    config: Config
    loss: float


def foretell() -> None:
    """Say beside a run of a sweep that it will take another course by itself."""
    st.caption(
        _("≈ This run depends on rounding: a copy whose initial weights were 0.00001% away took another course.")
        + " "
        + _("**Open in Training** will show a different curve.")
        + " "
        + _why()
    )


def note_opened(config: Config, loss: float) -> None:
    """Remember that a run which hangs on rounding is opened in Training, and how it ended in the sweep."""
    state.keep(Hanging(config, loss))


def explain(engine: Engine) -> None:
    """Say on the training page why the run that was opened from a sweep has another curve there."""
    opened = state.kept(Hanging)
    if opened is None or dict(opened.config) != dict(engine.config):
        return
    how = (
        _("≈ In the sweep this run ended with a loss of {loss:.4g}.", loss=opened.loss)
        if math.isfinite(opened.loss)
        else _("≈ In the sweep this run diverged.")
    )
    st.info(
        how + " " + _("The result depends on rounding, so this curve is a different one.") + " " + _why(),
        icon=":material/call_split:",
    )


def _why() -> str:
    return _(
        "Both begin with the very same weights. But networks that are trained together add their numbers up in another "
        "order, the last digits differ, and training makes the difference grow. Neither curve is wrong; what can be "
        "relied on is how the results spread over seeds."
    )

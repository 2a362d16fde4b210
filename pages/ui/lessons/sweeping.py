"""Sweeps of a session: what trains them, how far they are, and the button that stops them."""

from __future__ import annotations

import os

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.components.status import Status
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.widgets.halting import stop_or_go_on
from pages.ui.words.i18n import say
from pages.ui.work.sweeper import MAX_AT_ONCE, Sweeper
from rnn_core.sentence import ConfigError, ngettext
from rnn_core.sweep.cluster import SCHEDULER_VARIABLE
from rnn_core.sweep.plan import Duel, Plan


def sweeper_of(key: str, plan: Plan | Duel) -> Sweeper | None:
    """Return what trains a plan in this session, in the place of what trained another; None, said why, if nothing can.

    Args:
        key: where the session keeps it.
        plan: what is to be trained.
    """
    sweeper: Sweeper | None = st.session_state.get(key)
    if sweeper is not None and sweeper.plan.key == plan.key:
        return sweeper
    if sweeper is not None:
        sweeper.stop()
    try:
        sweeper = Sweeper(plan, scheduler())
    except ConfigError as error:
        st.session_state.pop(key, None)
        if state.session().refusal is None:  # else it is said above
            st.error(say(error.sentence), icon=":material/block:")
        return None
    sweeper.slice()  # the first picture is worth the fraction of a second
    st.session_state[key] = sweeper
    return sweeper


def scheduler() -> str | None:
    """Return the address of the Dask cluster that this server may use: from its environment, or from its secrets."""
    address = os.environ.get(SCHEDULER_VARIABLE)
    if not address and st.secrets.load_if_toml_exists():
        address = st.secrets.get(SCHEDULER_VARIABLE)
    return address if isinstance(address, str) and address else None


def progress(look: Look, sweeper: Sweeper) -> Status:
    """Say how far a sweep is, and who comes before it."""
    _, results = look.words, sweeper.results
    done, total = len(results.runs), len(results.sweep.configs)
    words = _(
        ngettext("{done} of {total} network trained", "{done} of {total} networks trained", total),
        done=done,
        total=total,
    )
    if not sweeper.is_playing:
        words += " · " + (_("stopped") if sweeper.is_stopped else _("done"))
        if sweeper.busy_s and not sweeper.is_stopped:
            words += " · " + _("{seconds:.1f} s of computing", seconds=sweeper.busy_s)
    elif sweeper.waiting:
        words = _(
            "{count} ahead of you: this server trains {most} sweeps at a time",
            count=sweeper.waiting,
            most=MAX_AT_ONCE,
        )
    elif sweeper.seconds_left:
        words += " · " + _("about {left:.0f} s left", left=max(1.0, sweeper.seconds_left))
    return Status("sweep_status", min(sweeper.share, 1.0), words)


def buttons(sweeper: Sweeper) -> DeltaGenerator:
    """Let the viewer stop a sweep; return where it says how far it is."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.container()
        stop_or_go_on(sweeper, "sweep")
    for trouble in sweeper.troubles:
        st.caption(say(trouble))
    return place

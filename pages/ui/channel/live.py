"""A stage on the page: drawn like anything else, and joined to the channel, which draws it while something moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.channel.seats import seat_of
from pages.ui.channel.socket import PATH
from pages.ui.channel.stages import Stage
from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.words.i18n import say
from rnn_core.sentence import ConfigError

if TYPE_CHECKING:
    from pages.ui.channel.seats import Work

TICK_S = 0.5  # between two pictures of what goes on, without a channel
_STAGE = host.component("live", "<span></span>")


@dataclass
class Playing:
    """What a run of the script shows going on without a channel, each work once."""

    works: dict[int, Work] = field(default_factory=dict)


def show(
    stage: Stage,
    work: Work | None = None,
    *,
    plays: bool = False,
    places: Mapping[str, DeltaGenerator] | None = None,
    **more: Any,
) -> None:
    """Draw a stage for what is on the screen.

    Args:
        stage: what to draw.
        work: the session's own that the stage is of, such as its place in a run.
        plays: whether it follows the work while that goes on.
        places: where pictures go that do not come here, by key.
        more: what only a page can give it.
    """
    keys: dict[str, float] = {}
    try:
        for picture in stage.pictures(state.look(), work, **more):
            with (places or {}).get(picture.key) or nullcontext():
                picture.show()
            keys[picture.key] = state.last_changed(picture.key)
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
    is_playing = bool(work and plays and work.is_playing)
    if not is_open():
        if work and is_playing:
            (state.kept(Playing) or state.keep(Playing())).works[id(work)] = work
        return
    spec = {
        "name": stage.name,
        "fields": stage.fields,
        "query": state.whole_query(state.page()),
        "keys": keys,
        "seat": seat_of(work) if work else "",
        "isPlaying": is_playing,
    }
    result = _STAGE(
        key=f"live_{stage.name.replace('.', '_')}",
        data={"module": assets.address("live"), "spec": json.dumps(spec), "channel": PATH, "settled": state.newest()},
        default={"failed": False, "over": 0},
        on_failed_change=host.ignore,
        on_over_change=host.ignore,  # a work is done: the page is drawn with it
    )
    if result.failed is True:
        state.session().plain.add("channel")
        st.rerun()


def go_on() -> None:
    """Without a channel: let what the page shows go on by a slice, and draw the page anew twice a second."""
    shown = state.kept(Playing) or Playing()
    state.keep(Playing())
    playing = [work for work in shown.works.values() if work.is_playing]
    if not playing:
        return
    for work in playing:
        work.slice()
    if not all(work.is_playing for work in playing):
        st.rerun()
    ticks = count()

    @st.fragment(run_every=TICK_S)
    def clock() -> None:
        if next(ticks):  # not in the run of the script that starts it
            st.rerun()

    clock()


def is_open() -> bool:
    """Whether this session's tab can have the channel, as far as is known.

    Where it cannot (AppTest, another launcher, a proxy that lets no WebSocket through) `go_on` does its work, and
    pictures follow sliders that are let go.
    """
    is_served = assets.is_served.is_set() and assets.address("live") is not None
    return is_served and "channel" not in state.session().plain

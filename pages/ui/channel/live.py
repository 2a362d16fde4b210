"""A stage on the page: drawn like anything else, and joined to the channel, which draws it while a slider is held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
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
    from pages.ui.work.engine import Engine

_STAGE = host.component("live", "<span></span>")


def show(
    stage: Stage,
    engine: Engine | None = None,
    *,
    plays: bool = False,
    places: Mapping[str, DeltaGenerator] | None = None,
    **more: Any,
) -> None:
    """Draw a stage for what is on the screen.

    Args:
        stage: what to draw.
        engine: the session's place in its run, if the stage is of one.
        plays: whether it follows the run while that plays.
        places: where pictures go that do not come here, by key.
        more: what only a page can give it.
    """
    keys = []
    try:
        for picture in stage.pictures(state.look(), engine, **more):
            keys.append(picture.key)
            with (places or {}).get(picture.key) or nullcontext():
                picture.show()
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
    if not is_open():
        return
    spec = {
        "name": stage.name,
        "fields": stage.fields,
        "query": state.whole_query(state.page()),
        "keys": keys,
        "seat": seat_of(engine) if engine else "",
        "isPlaying": bool(engine and plays and engine.is_playing),
    }
    result = _STAGE(
        key=f"live_{stage.name.replace('.', '_')}",
        data={"module": assets.address("live"), "spec": json.dumps(spec), "channel": PATH, "settled": state.newest()},
        default={"failed": False, "over": 0},
        on_failed_change=host.ignore,
        on_over_change=host.ignore,  # a run is whole: the page is drawn with it
    )
    if result.failed is True:
        state.session().plain.add("channel")
        st.rerun()


def is_open() -> bool:
    """Whether this session's tab can have the channel, as far as is known.

    Where it cannot (AppTest, another launcher, a proxy that lets no WebSocket through) runs play in the script's own
    slices, and pictures follow sliders that are let go.
    """
    is_served = assets.is_served.is_set() and assets.address("live") is not None
    return is_served and "channel" not in state.session().plain

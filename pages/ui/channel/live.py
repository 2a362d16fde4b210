"""A stage on the page: drawn like anything else, and joined to the channel, which draws it while a slider is held."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui.channel.socket import PATH
from pages.ui.channel.stages import Stage
from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.words.i18n import say
from rnn_core.sentence import ConfigError

_STAGE = host.component("live", "<span></span>")


def show(stage: Stage, *, places: Mapping[str, DeltaGenerator] | None = None, **more: Any) -> None:
    """Draw a stage for what is on the screen.

    Args:
        stage: what to draw.
        places: where pictures go that do not come here, by key.
        more: what only a page can give it.
    """
    keys = []
    try:
        for picture in stage.pictures(state.look(), **more):
            keys.append(picture.key)
            with (places or {}).get(picture.key) or nullcontext():
                picture.show()
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
    module = assets.address("live")
    if module is None or not assets.is_served.is_set():
        return
    spec = {
        "name": stage.name,
        "fields": stage.fields,
        "query": state.whole_query(state.page()),
        "keys": keys,
        "settled": state.newest(),
    }
    _STAGE(
        key=f"live_{stage.name.replace('.', '_')}",
        data={"module": module, "spec": json.dumps(spec), "channel": PATH},
        default={"failed": False},
        on_failed_change=host.ignore,
    )

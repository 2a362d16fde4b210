"""A text, once for each network, tinted by how much each character matters to a chosen one; chosen in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui.components import host
from pages.ui.process import assets
from pages.ui.session import state
from pages.ui.words.i18n import Words, plain

_TINTED = host.component("tinted", '<div class="tinted"></div>')
_CHOOSER_HEIGHT, _PANEL_HEIGHT = 44, 310  # in pixels, of a text that is not long
_STRONGEST = 3  # characters that are named


@dataclass(frozen=True)
class Tint:
    """One network's view of the text.

    Attributes:
        name: of the network.
        about: a few words on it.
        strength: how much character s matters to character t, in entry (t, s).
        top: what it expects after each character, with its probability; the most likely first.
    """

    name: str
    about: str
    strength: np.ndarray
    top: Sequence[Sequence[tuple[str, float]]]


@dataclass(frozen=True)
class Tinted:
    """The text for each network; `moved` tells which character the viewer chose. A picture as a stage makes one.

    Attributes:
        key: its name on the page.
        characters: what was read, as it is shown.
        target: what should have been expected after each of them.
        tints: one a network.
        at: the chosen character.
        words: the viewer's language.
    """

    key: str
    characters: Sequence[str]
    target: Sequence[str]
    tints: Sequence[Tint]
    at: int
    words: Words

    def show(self) -> None:
        """Draw it on the page; where no component can run, write what there is to say of the chosen character."""
        module = assets.address("tinted")
        if module is None or "tinted" in state.session().plain:
            self._write_plainly()
            return
        data = {"module": module, "name": self.key, **self.content(), "at": self.at, "heard": state.heard(self.key)}
        # They stand in one row, but on a phone, whose page has the rest of the place: see `page.css`.
        host.mount(_TINTED, self.key, data, plain="tinted", height=_CHOOSER_HEIGHT + _PANEL_HEIGHT)

    def content(self) -> dict[str, str]:
        """Return what a browser that shows one of this key needs to show this one; what is chosen there stays."""
        _ = self.words
        words = {
            "choose": _("Chosen character"),
            "strongest": _("Moved most by"),
            "expected": _("Expected after «{character}»", character="{character}"),
        }
        cells = [_sent(tint) for tint in self.tints]
        return {
            "spec": json.dumps({"characters": self.characters, "target": self.target, "words": words, "cells": cells})
        }

    def _write_plainly(self) -> None:
        _, characters, at = self.words, self.characters, self.at
        for tint in self.tints:
            named = " · ".join(
                f"«{plain(characters[s])}» t={s}: {tint.strength[at, s]:.3g}" for s in strongest(tint.strength, at)
            )
            expected = " · ".join(f"«{plain(character)}» {share:.1%}" for character, share in tint.top[at])
            st.markdown(
                f"**{tint.name}** {plain(tint.about)}\n\n"
                + f"- {_('Moved most by')} {named or '–'}\n"
                + f"- {_('Expected after «{character}»', character=plain(characters[at]))}: {expected}"
            )


@contextmanager
def moved(key: str) -> Iterator[int | None]:
    """Hand out which character was newly chosen, once; None if none was. See `state.hear` for the `with` block."""
    with state.hear(key) as message:
        value = message.get("value") if message else None
        yield max(0, int(value)) if state.is_number(value) else None


def strongest(strength: np.ndarray, t: int) -> list[int]:
    """Return which characters matter most to one of them, the strongest first."""
    row = np.nan_to_num(strength[t])
    order = np.argsort(-row, kind="stable")[:_STRONGEST].tolist()
    return [s for s in order if row[s] > 0]


def _sent(tint: Tint) -> Mapping[str, object]:
    """Return what is sent of a network: three digits are more than a tint shows; JSON knows no NaN."""
    rows = np.nan_to_num(tint.strength, posinf=0.0).tolist()
    top = [[(character, round(np.nan_to_num(share), 4)) for character, share in row] for row in tint.top]
    strength = [[float(f"{value:.3g}") for value in row] for row in rows]
    return {"name": tint.name, "about": tint.about, "strength": strength, "top": top}

"""Units that mark a character or a span of the text: on there, off elsewhere, from a threshold of the viewer's."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui.run import reading
from pages.ui.run.reading import Place
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import TrajectoriesView
from pages.ui.widgets import choice
from pages.ui.words.i18n import Words, _
from pages.ui.work.engine import Engine
from rnn_core.analysis.trajectories import FIRING, UnitMatch, match_places
from rnn_core.data.vocab import visible

BEST = 5  # units that are listed


def find(engine: Engine) -> None:
    """Let the viewer choose a character or a span, and list the units that are on there and off elsewhere."""
    place = reading.place_of(state.look(), engine)
    known = place.run.dataset.characters
    present = list(dict.fromkeys(place.indices.tolist()))
    st.markdown("**" + _("Which unit fires on …") + "**")
    spans = {f"{start}-{stop}": _word(place, start, stop) for start, stop in _words_of(place)}
    options = {str(i): f"«{visible(known[i])}»" for i in present} | spans
    asked = state.view(TrajectoriesView).find
    if asked is not None and asked not in options and _mask(place, asked) is not None:
        options |= {asked: _word(place, *_ends(asked))}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        word = choice.choose(TrajectoriesView, "find", _("Character or span"), options, is_list=True)
        most = len(place.indices) - 1
        start, stop = _ends(word) if "-" in word else (0, 0)
        first = st.number_input(_("from t"), 0, most, min(start, most), key="span_first")
        last = st.number_input(_("to t"), 0, most, min(stop, most), key="span_last")
        st.button(_("Use this span"), on_click=_use_span, args=(int(first), int(last)), key="use_span")
    wanted = _mask(place, word)
    label, help_text = _("A unit is on from |h| ≥"), _("The dashed lines in the picture above.")
    choice.number(TrajectoriesView, "threshold", label, marks=(FIRING,), help_text=help_text)
    if wanted is None:
        return
    matches = _matches(state.look(), place, wanted)
    _list_matches(matches)
    if matches:
        units = {"units": tuple(dict.fromkeys(m.unit for m in matches))}
        label = _("Draw these as lines")
        st.button(label, on_click=state.note, args=(TrajectoriesView,), kwargs=units, key="draw_matches")
    st.caption(
        _(
            "This list is of the run at step {step}. While you drag a slider, the scores above the units' lines are "
            "those of the network that is drawn.",
            step=place.moment.record.step,
        )
        + " "
        + _(
            "A unit that marks by being low is on where h is −threshold or less. The score is the Jaccard index: the "
            "time steps where unit and choice are both on, among those where either is; 1 is a perfect mark."
        )
    )


def best(look: Look, place: Place, _: Words) -> str:
    """Say in a line which units mark best what is chosen, at first the first character; nothing if it is not there."""
    wanted = _mask(place, look.view(TrajectoriesView).find or str(place.indices[0]))
    if wanted is None:
        return ""
    matches = _matches(look, place, wanted)
    found = [_("unit {number}", number=m.unit) + f" {'+' if m.sign > 0 else '−'} **{m.score:.3f}**" for m in matches]
    return _("score") + ": " + " · ".join(found) if found else _("No unit is on anywhere.")


def _matches(look: Look, place: Place, wanted: np.ndarray) -> list[UnitMatch]:
    """Return the units that mark the wanted time steps best."""
    return match_places(place.states(place.moment), wanted, threshold=look.view(TrajectoriesView).threshold)[:BEST]


def _list_matches(matches: list[UnitMatch]) -> None:
    if not matches:
        st.markdown(_("No unit is on anywhere."))
        return
    header = [_("unit"), _("sign"), _("score"), _("on throughout"), _("off just outside")]
    rows = [
        f"| {m.unit} | {'+' if m.sign > 0 else '−'} | {m.score:.3f} | {_tick(m.covers)} | {_tick(m.is_bounded)} |"
        for m in matches
    ]
    st.markdown("| " + " | ".join(header) + " |\n|---:|:---:|---:|:---:|:---:|\n" + "\n".join(rows))


def _tick(holds: bool) -> str:
    return "✓" if holds else "–"


def _words_of(place: Place) -> list[tuple[int, int]]:
    """Return first and last time step of each run of characters between spaces, if there is more than one."""
    known = place.run.dataset.characters
    found: list[tuple[int, int]] = []
    start = None
    for t, index in enumerate([*place.indices.tolist(), None]):
        is_space = index is None or known[index].isspace()
        if not is_space and start is None:
            start = t
        if is_space and start is not None:
            found.append((start, t - 1))
            start = None
    return [ends for ends in found if ends[1] > ends[0]][:12]


def _word(place: Place, start: int, stop: int) -> str:
    return f"“{''.join(place.characters[start : stop + 1])[:24]}” ({start}–{stop})"


def _ends(word: str) -> tuple[int, int]:
    start, _dash, stop = word.partition("-")
    return int(start), int(stop or start)


def _mask(place: Place, word: str) -> np.ndarray | None:
    """Return the time steps that are meant: those of a character, by its index, or of a span."""
    length = len(place.indices)
    if not word:
        return None
    start, stop = _ends(word)
    places = np.arange(length)
    if "-" in word:
        return (places >= start) & (places <= stop) if start <= stop < length else None
    wanted: np.ndarray = place.indices == start
    return wanted if wanted.any() else None


def _use_span(first: int, last: int) -> None:
    state.note(TrajectoriesView, find=f"{min(first, last)}-{max(first, last)}")

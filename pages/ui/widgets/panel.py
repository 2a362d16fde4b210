"""The side panel: the five sliders of every lesson first, then what else acts on the page, folded away."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages import PAGES
from pages.ui.components import slider
from pages.ui.session import state
from pages.ui.session.acting import ACTING, FIVE, WHERE, acting, swept
from pages.ui.widgets import controls, preset
from pages.ui.widgets.controls import FIELDS, control
from pages.ui.words.i18n import _, mark, say
from rnn_core.config import FOLLOWING, Config
from rnn_core.sentence import Sentence, Setting, ngettext
from rnn_core.training.experiment import Experiment

GROUPS = (
    (mark("Data"), ("task", "repeat", "val_share", "layout")),
    (
        mark("Network"),
        ("cell", "nonlinearity", "num_layers", "bidirectional", "encoding", "head", "batch_first", "batched", "seed"),
    ),
    (mark("Training"), ("optimizer", "steps", "grad_clip")),
)
MOST_NAMED = 3  # settings in the title of what is folded away
LONGER_TEXT = (
    "A small machine reads one letter at a time, and after each it writes a few numbers on a slate. It never sees the "
    "whole page. When the next letter comes it looks at the slate, looks at the letter, and writes new numbers over "
    "the old ones. What it knows of the beginning is only what is still on the slate at the end. On some days the "
    "letters make a word that it has met before, and then it seems to know what will come; on other days a word is "
    "new, and it guesses from the sound of the letters so far. Ask it for the next letter and it does not name one: "
    "it says how likely each of them is. Show it the right one, and it changes a little how it reads and how it "
    "writes, so that the same mistake will be smaller the next time round."
)


@dataclass(frozen=True)
class WayOut:
    """A button below a slider: its label, its key, and what it does."""

    label: str
    key: str
    do: Callable[..., None]
    with_: dict[str, Any]


def sidebar(page: str) -> None:
    """Draw the side panel: only what acts on the page, the five sliders always where it shows the session's network."""
    with st.sidebar:
        hint = st.empty()  # keeps its place on every page, as below
        if page not in ACTING:
            hint.caption(_("This page does not use your own network; what you can set here is on the page itself."))
        acts = acting(page, state.look())
        with st.container(key="five", gap="xxsmall"):
            for field in FIVE if page in ACTING else ():
                _one_of_five(field, page, acts)
        if "text" in acts and page != "encoding":  # that page has the text box in its middle
            control("text")
        else:
            st.empty()  # keeps its place: nothing below is torn down when the page changes
        _folded([field for _title, fields in GROUPS for field in fields if field in acts])
        preset.back()
        controls.language_switch()


def _one_of_five(field: str, page: str, acts: frozenset[str]) -> None:
    look = state.look()
    if field not in acts:
        control(field, is_quiet=True)
        _link(field in swept(page, look))
        return
    experiment = state.session().shown
    note, ways_out = _NOTES[field](experiment) if field in _NOTES else ("", [])
    control(field, note=note)
    if ways_out:
        with st.container(horizontal=True, gap="small", key=f"ways_out_{field}"):
            for way in ways_out:
                st.button(way.label, key=way.key, on_click=way.do, kwargs=way.with_, type="tertiary")


def _link(is_swept: bool) -> None:
    """Say on which page a slider acts that does not act here, and lead there."""
    title = _(next(spec.title for spec in PAGES if spec.name == WHERE))
    label = (
        _("Swept on this page; a single value takes effect on {page}", page=title)
        if is_swept
        else _("Takes effect on {page}", page=title)
    )
    st.page_link(f"pages/{WHERE}.py", label=label, query_params=state.query(WHERE))


def _about_input_size(experiment: Experiment) -> tuple[str, list[WayOut]]:
    """Say what the features are, and lead back to one for each character."""
    config, known = experiment.asked, len(experiment.vocabulary)
    if config.encoding == "embedding":
        words = (
            _("Below V = {size}: each character is a learnt vector.", size=known)
            if config.input_size < known
            else _("Each character is a learnt vector.")
        )
        way = WayOut(_("One-hot, V = {size}", size=known), "one_hot_again", _open_input_size, {})
        return words, [way]
    spare = config.input_size - known
    if not spare:
        return _("One-hot: V = {size}.", size=known), []
    words = _(
        ngettext(
            "One-hot: V = {size} and {spare} column of zeros.",
            "One-hot: V = {size} and {spare} columns of zeros.",
            spare,
        ),
        size=known,
        spare=spare,
    )
    return words, [WayOut(_("One-hot, V = {size}", size=known), "one_hot_again", _open_input_size, {})]


def _open_input_size() -> None:
    state.leave_open("input_size", "encoding")


def _about_hidden_size(experiment: Experiment) -> tuple[str, list[WayOut]]:
    if "hidden_size" not in experiment.locks:
        return "", []
    return "", [WayOut(_("Add a Linear head"), "add_head", state.put, {"head": "linear"})]


def _about_seq_len(experiment: Experiment) -> tuple[str, list[WayOut]]:
    short = experiment.short.get("seq_len")
    if short:
        return say(short.reason), [] if "batch_size" in experiment.short else _longer(experiment)
    if not experiment.asked.repeat:
        return "", []
    way = WayOut(_("Stop repeating"), "read_once", state.put, {"repeat": False})
    return _("The text is repeated to fill the batch."), [way]


def _about_batch_size(experiment: Experiment) -> tuple[str, list[WayOut]]:
    if "batch_size" in experiment.locks:
        return "", [WayOut(_("Add a batch axis"), "add_batch_axis", state.put, {"batched": True})]
    short = experiment.short.get("batch_size")
    return (say(short.reason), _longer(experiment)) if short else ("", [])


def _longer(experiment: Experiment) -> list[WayOut]:
    """Offer what makes a text fill the batch that is asked for."""
    ways = [WayOut(_("Repeat the text"), "repeat_text", state.put, {"repeat": True})]
    if len(experiment.asked.text) < len(LONGER_TEXT):
        ways.append(WayOut(_("A longer text"), "longer_text", state.put, {"text": LONGER_TEXT}))
    return ways


_NOTES: dict[str, Callable[[Experiment], tuple[str, list[WayOut]]]] = {
    "input_size": _about_input_size,
    "hidden_size": _about_hidden_size,
    "seq_len": _about_seq_len,
    "batch_size": _about_batch_size,
}


def _folded(fields: Sequence[str]) -> None:
    """Draw the other settings, closed; the title names those that are not as in the preset."""
    if not fields:
        st.empty()
        return
    more = st.expander(_title(fields), key="more", on_change="rerun")
    if not (more.open or slider.is_plain()):  # closed, it would still be drawn at each picture
        return
    with more:
        for title, group in GROUPS:
            there = [field for field in group if field in fields]
            if there:
                st.caption(_(title))
            for field in there:
                control(field)


def _title(fields: Sequence[str]) -> str:
    now, preset = state.session().shown.asked, Config.preset(state.session().preset)
    chosen = [field for field in fields if field not in FOLLOWING or field in now.model_fields_set]
    other = [_(FIELDS[field][0]) for field in chosen if getattr(now, field) != getattr(preset, field)]
    more = f" +{len(other) - MOST_NAMED}" if len(other) > MOST_NAMED else ""
    return _("More settings") + (": " + ", ".join(other[:MOST_NAMED]) + more if other else "")


def show_refusal() -> None:
    """Say why what is set cannot be seen and what is seen meanwhile, and offer values that work."""
    now = state.session()
    if now.refusal is None:
        return
    differing = {name: value for name, value in now.seen.asked if value != getattr(now.shown.asked, name)}
    meanwhile = (
        _("Meanwhile the page shows what was there before.")
        if "text" in differing
        else _("Meanwhile the page shows {settings}.", settings=_settings(differing))
    )
    why = say(_in_words(now.refusal.sentence))
    st.error(f"{why} {meanwhile if differing else ''}".rstrip(), icon=":material/block:")
    if now.refusal.remedy:
        label = _("Use {settings}", settings=_settings(now.refusal.remedy))
        st.button(label, on_click=state.put, kwargs=now.refusal.remedy, key="remedy", icon=":material/healing:")


def _in_words(sentence: Sentence) -> Sentence:
    """Return a sentence of the core with its settings named as the controls name them."""
    named = {
        name: _settings({value.field: value.value}) if isinstance(value, Setting) else value
        for name, value in sentence.params.items()
    }
    return Sentence(sentence.template, **named)


def _settings(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{_(FIELDS[name][0])} = {controls.shown(value)}" for name, value in values.items())

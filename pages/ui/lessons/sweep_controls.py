"""What a sweep consists of: lessons to start from, axes with their ranges, seeds, what is coloured."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import streamlit as st

from pages.ui.components import slider
from pages.ui.session import state
from pages.ui.session.views import SweepView, first_axes
from pages.ui.widgets import choice, said
from pages.ui.widgets.controls import FIELDS, LEARNING_RATES, WORDS
from pages.ui.words.i18n import _, mark, say
from rnn_core.config import Config, bounds, field_info, format_value, options
from rnn_core.figures.theme import Translate
from rnn_core.sweep.plan import (
    MAX_AXES,
    MAX_SEEDS,
    MAX_VALUES,
    Axis,
    Choice,
    Plan,
    Span,
    default_axis,
    fields_for_axes,
    parse_axes,
)

# title, what to look at, axes, seeds, what else is set
LESSONS: dict[str, tuple[str, str, str, int, dict[str, Any]]] = {
    "cliff": (
        mark("The learning-rate cliff"),
        mark(
            "A larger learning rate helps until it is suddenly too large. With Adam and RMSprop, one at "
            "which most networks learn the text and one at which most diverge are at most three places "
            "apart on the axis, and there the seed decides. SGD still learns where both have fallen. "
            "Where does each optimizer fall?"
        ),
        "learning_rate:0.001:1:16,optimizer:sgd:adam:rmsprop",
        3,
        {"nonlinearity": "relu", "hidden_size": 32},
    ),
    "small": (
        mark("Too small to learn"),
        mark(
            "One unit gets about half of this text right, two get most of it, and from there each "
            "further unit makes the network surer. Does the kind of cell matter?"
        ),
        "hidden_size:1:8:8,cell:rnn:lstm:gru",
        5,
        {"learning_rate": 0.05},
    ),
    "luck": (
        mark("How lucky is one seed?"),
        mark(
            "Nothing differs along a row but the seed that draws the initial weights. Still, the worst "
            "loss of a row is at least a third above the best. If you compare two networks by one run "
            "each, this is what you measure."
        ),
        "seed:0:31:32,hidden_size:2:8:4",
        1,
        {"learning_rate": 0.05},
    ),
}


def names(_: Translate) -> dict[str, str]:
    """Return what the fields are called in the viewer's language."""
    return {field: _(FIELDS[field][0]) for field in fields_for_axes()}


def plan() -> Plan:
    """Return what the link and the sidebar say is to be trained."""
    return Plan.of(state.look().shown, _axes(), state.view(SweepView).seeds)


def lessons() -> None:
    """Draw a button for each sweep that has something to teach, and say what of the one that is open."""
    with st.container(horizontal=True, key="sweep_lessons"):
        for key, (title, *_rest) in LESSONS.items():
            st.button(_(title), on_click=_open_lesson, args=(key,), icon=":material/school:", key=f"lesson_{key}")
    now = plan()
    for key, (title, words, *_rest) in LESSONS.items():
        if now == _plan_of(key):
            st.info(f"**{_(title)}.** {_(words)}", icon=":material/school:")


@cache
def _plan_of(lesson: str) -> Plan:
    _title, _words, axes, seeds, values = LESSONS[lesson]
    return Plan.of(Config(**values), parse_axes(axes), seeds)


def controls() -> None:
    """Draw the axes, their ranges, the seeds and what is coloured."""
    _hear()
    axes, labels = _axes(), names(_)
    fields = [axis.field for axis in axes]
    with st.container(border=True, key="sweep_settings"):
        which, seeds, colour = st.columns([5, 2, 3])
        with which:
            _pick_axes(fields, labels)
        with seeds:
            _number("seeds", _("Seeds of each"), plan().seeds, MAX_SEEDS, is_locked="seed" in fields)
        with colour:
            words = {"loss": _("final loss"), "accuracy": _("accuracy")}
            choice.choose(SweepView, "shown", _("Colour"), words)
        for start in range(0, len(axes), 2):
            for axis, column in zip(axes[start : start + 2], st.columns(2), strict=False):
                with column:
                    _range(axis, labels[axis.field])
        for field in fields:
            lock = state.look().shown.locks.get(field)
            if lock and not {"encoding", "head", "batched"} & set(fields):
                st.caption(f"{labels[field]}: {say(lock.reason)}")


def _axes() -> tuple[Axis, ...]:
    return state.view(SweepView).axes or first_axes(state.look().shown)


def _set(axes: Sequence[Axis], seeds: int) -> None:
    """Set what is swept; what is as usual is not in a link, and another sweep has nothing picked."""
    now = tuple(axes)
    state.note(SweepView, axes=() if now == first_axes(state.look().shown) else now, seeds=seeds, picked=None)


def _set_axes(axes: Sequence[Axis]) -> None:
    _set(axes, state.view(SweepView).seeds)


def _set_axis(axis: Axis) -> None:
    _set_axes([axis if other.field == axis.field else other for other in _axes()])


def _open_lesson(key: str) -> None:
    _title, _words, axes, seeds, values = LESSONS[key]
    state.open_preset("hello-next")
    state.put(**values)
    _set(parse_axes(axes), seeds)


def _hear() -> None:
    """Take up what sliders with two handles were set to."""
    for axis in _axes():
        if not isinstance(axis, Span):
            continue
        key = f"axis_{axis.field}"
        if slider.is_plain():
            _set_ends(axis, _heard_plainly(key))
        else:
            with state.hear_span(key) as ends:
                _set_ends(axis, ends)


def _set_ends(axis: Span, ends: tuple[Any, Any] | None) -> None:
    if ends is None:
        return
    is_whole = field_info(axis.field).annotation is int
    low, high = (int(end) if is_whole else float(end) for end in ends)
    least, most = bounds(axis.field)
    if least <= low < high <= most:
        _set_axis(Span(axis.field, low, high, axis.count))


def _heard_plainly(key: str) -> tuple[Any, Any] | None:
    now, drawn = st.session_state.get(key), st.session_state.get(f"_drawn_{key}")
    return now if drawn is not None and now is not None and now != drawn else None


def _pick_axes(fields: list[str], labels: dict[str, str]) -> None:
    state.show("sweep_axes", fields)
    st.multiselect(
        _("Axes: the first across, the second upwards"),
        fields_for_axes(),
        fields,
        format_func=labels.__getitem__,
        max_selections=MAX_AXES,
        key="sweep_axes",
        on_change=_take_axes,
        help=_("An axis replaces the value in the sidebar. With more than two, parallel axes show all of them."),
    )


def _take_axes() -> None:
    known, fields = {axis.field: axis for axis in _axes()}, said.some_of("sweep_axes", fields_for_axes())
    if fields and len(fields) <= MAX_AXES:  # one there has to be
        _set_axes([known.get(field) or default_axis(field) for field in fields])


def _range(axis: Axis, label: str) -> None:
    """Draw what values an axis has."""
    if isinstance(axis, Choice):
        choices = {
            word: _(WORDS[word]) if word in WORDS else format_value(word)
            for word in options(axis.field) or (False, True)
        }
        state.show(f"axis_{axis.field}", list(axis.values))
        st.pills(
            label,
            choices,
            selection_mode="multi",
            default=list(axis.values),
            format_func=choices.__getitem__,
            key=f"axis_{axis.field}",
            on_change=_take_choice,
            args=(axis.field,),
        )
        return
    low, high = bounds(axis.field)
    high = min(high, 1000) if axis.field == "seed" else high
    extra = field_info(axis.field).json_schema_extra
    step = extra.get("step", 1) if isinstance(extra, dict) else 1
    scale = slider.Scale(
        low,
        max(high, axis.high),
        step if isinstance(step, int | float) else 1,
        stops=LEARNING_RATES if axis.field == "learning_rate" else (),
    )
    span = (axis.low, axis.high)
    if slider.is_plain():
        state.show(f"axis_{axis.field}", span)
        st.session_state[f"_drawn_axis_{axis.field}"] = span
    ends, count = st.columns([3, 2], vertical_alignment="bottom")
    with ends:
        slider.show_span(f"axis_{axis.field}", label, span, scale)
    with count:
        _number(f"count_{axis.field}", _("Values"), axis.count, MAX_VALUES, low=2)


def _take_choice(field: str) -> None:
    order = options(field) or (False, True)
    chosen = said.some_of(f"axis_{field}", order)
    if chosen:
        _set_axis(Choice(field, tuple(word for word in order if word in chosen)))


def _number(key: str, label: str, value: int, high: int, *, low: int = 1, is_locked: bool = False) -> None:
    state.show(f"sweep_{key}", value)
    st.number_input(
        label, low, high, value, key=f"sweep_{key}", on_change=_take_number, args=(key, low, high), disabled=is_locked
    )


def _take_number(key: str, low: int, high: int) -> None:
    value = said.number(f"sweep_{key}", low, high)
    if value is None:
        return
    if key == "seeds":
        _set(_axes(), value)
        return
    field = key.removeprefix("count_")
    for axis in _axes():
        if axis.field == field and isinstance(axis, Span):
            _set_axis(Span(field, axis.low, axis.high, value))

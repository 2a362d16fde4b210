"""Weights changed by hand: which entry, its slider, what was done and is undone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from pages.ui.components import chart, slider
from pages.ui.run import reading
from pages.ui.run.reading import Place
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import CellView, Entry, counts
from pages.ui.widgets import said
from pages.ui.words.i18n import _, plain
from pages.ui.work.engine import Engine
from rnn_core.cells.edits import LARGEST, MAX_EDITS, Edit, apply_edits, fits
from rnn_core.cells.equations import GATE_NAMES
from rnn_core.data.vocab import visible
from rnn_core.figures.cell import weight_map

LARGEST_TABLE = 8192  # entries of a matrix that is shown whole; of a larger one a gate's rows are


# ---- what a look says of them


def edits_of(look: Look, place: Place) -> tuple[Edit, ...]:
    """Return the edits made, that of the entry under the hand included."""
    held, made = look.held("entry"), look.view(CellView).edits
    return made if held is None else _with(made, entry_of(look, place), held)


def weights_of(look: Look, place: Place) -> dict[str, np.ndarray]:
    """Return the weights at the step on the screen with the edits made."""
    return apply_edits(place.moment.weights, edits_of(look, place))


def entry_of(look: Look, place: Place) -> Entry:
    """Return the entry of the layer's weights that can be changed: chosen, or edited last, or one of the unit's."""
    names, weights, view = _names(place), place.moment.weights, look.view(CellView, counts(place.run))
    wanted = [view.entry] if view.entry else []
    wanted += [(edit.name, edit.index) for edit in reversed(view.edits) if edit.index]
    usable = ((name, at) for name, at in wanted if name in names and fits(weights, Edit(name, at, 0.0)))
    return next(usable, (names[1], (view.unit, 0)))


def _names(place: Place) -> list[str]:
    suffix = f"l{place.layer}" + ("_reverse" if place.is_reverse else "")
    return [f"{kind}_{suffix}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


def _with(edits: tuple[Edit, ...], entry: Entry, value: float) -> tuple[Edit, ...]:
    """Return the edits with an entry at another value; moving the same slider again is the same edit."""
    name, index = entry
    kept = edits[:-1] if edits and (edits[-1].name, edits[-1].index) == entry else edits
    return (*kept, Edit(name, index, round(max(-LARGEST, min(float(value), LARGEST)), 6)))[-MAX_EDITS:]


# ---- what the viewer does


def hear(engine: Engine) -> None:
    """Take over where the slider was let go, and where the table was clicked."""
    with slider.moved("entry") as asked:
        if asked is not None:
            look = state.look()
            _set_edits(_with(look.view(CellView).edits, entry_of(look, reading.place(engine)), asked))
    with chart.pointed("weights") as point:
        if point and state.is_number(point.x) and state.is_number(point.y):
            place = reading.place(engine)
            name, index = entry_of(state.look(), place)
            shape = place.moment.weights[f"rnn.{name}"].shape
            _choose(name, (_first_row(shape, index, place) + int(point.y), int(point.x)), shape)


def _set_edits(edits: tuple[Edit, ...]) -> None:
    state.note(CellView, edits=edits)


def _choose(name: str, index: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Note which entry is chosen: the nearest that there is."""
    places = [max(0, min(i, n - 1)) for i, n in zip((*index, 0), shape, strict=False)]
    state.note(CellView, entry=(name, tuple(places)))


def _name_chosen(index: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]) -> None:
    name = said.one_of("entry_weight", shapes)
    if name is not None:
        _choose(name, index, shapes[name])


def _number_chosen(key: str, entry: Entry, axis: int, shape: tuple[int, ...]) -> None:
    now = said.one_of(key, range(shape[axis]))
    if now is not None:
        name, index = entry
        _choose(name, (*index[:axis], now, *index[axis + 1 :]), shape)


# ---- the editor


def show(engine: Engine) -> None:
    """Draw the editor, folded unless something is in it."""
    view = state.view(CellView)
    st.session_state.setdefault("editor", bool(view.edits or view.entry))  # as it was left
    label = _("Change a weight and see what follows")
    editor = st.expander(label, icon=":material/edit:", on_change="rerun", key="editor")
    if editor.open:  # a closed one need not be sent, and its table is not small
        with editor:
            _editor(engine)


def _editor(engine: Engine) -> None:
    """Draw the choice of an entry, its slider, and the buttons."""
    look = state.look()
    place, edits = reading.place(engine), look.view(CellView).edits
    weights, (name, index) = apply_edits(place.moment.weights, edits), entry_of(look, place)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choices(place, name, index)
    _table(place, weights[f"rnn.{name}"], name, index)
    _slide(name, index, float(weights[f"rnn.{name}"][index]))
    with st.container(horizontal=True):
        matrix = _names(place)[1]
        full = len(edits) >= MAX_EDITS
        st.button(
            _("Double W_hh"),
            on_click=_set_edits,
            args=((*edits, Edit(matrix, (), 2.0)),),
            key="double",
            disabled=full,
            icon=":material/keyboard_double_arrow_up:",
        )
        halved = (*edits, Edit(matrix, (), 0.5))
        st.button(_("Halve W_hh"), on_click=_set_edits, args=(halved,), key="halve", disabled=full)
        icon = ":material/undo:"
        st.button(_("Undo"), on_click=_set_edits, args=(edits[:-1],), key="undo", disabled=not edits, icon=icon)
        st.button(_("Undo all"), on_click=_set_edits, args=((),), key="undo_all", disabled=not edits)
    is_alone = place.run.config.num_layers == 1 and not place.run.config.bidirectional
    lost = [edit.formula(is_alone=is_alone) for edit in edits if not fits(place.moment.weights, edit)]
    if edits:
        words = ", ".join(edit.formula(is_alone=is_alone) for edit in edits)
        st.markdown(_("Edits, in their order: {edits}", edits=plain(words)))
    if lost:
        st.warning(_("These do not fit this network and are left out: {edits}", edits=plain(", ".join(lost))))


def _choices(place: Place, name: str, index: tuple[int, ...]) -> None:
    """Draw the choice of one number of the layer's weights."""
    shapes = {other: place.moment.weights[f"rnn.{other}"].shape for other in _names(place)}
    state.show("entry_weight", name)
    names = list(shapes)
    st.selectbox(
        _("Weight"), names, names.index(name), key="entry_weight", on_change=_name_chosen, args=(index, shapes)
    )
    labels = [(_("Row"), f"entry_row_{name}", _row_names(place, shapes[name][0]))]
    if len(index) == 2:
        labels.append((_("Column"), f"entry_column_{name}", _column_names(place, name, shapes[name][1])))
    for axis, (label, key, options) in enumerate(labels):
        state.show(key, index[axis])
        st.selectbox(
            label,
            range(len(options)),
            index[axis],
            format_func=options.__getitem__,
            key=key,
            on_change=_number_chosen,
            args=(key, (name, index), axis, shapes[name]),
        )


def _table(place: Place, array: np.ndarray, name: str, index: tuple[int, ...]) -> None:
    """Draw the weights that the entry is one of, to choose another by a click."""
    size, matrix = place.run.config.hidden_size, array.reshape(len(array), -1)
    first = _first_row(array.shape, index, place)
    shown = matrix if matrix.size <= LARGEST_TABLE else matrix[first : first + size]
    rows = _row_names(place, len(array))[first : first + len(shown)]
    columns = _column_names(place, name, matrix.shape[1]) if array.ndim == 2 else [name]
    figure = weight_map(shown, rows, columns, (index[0] - first, index[1] if array.ndim == 2 else 0), translate=_)
    alt = _("The weights {name}; {entry} is {value:.4f}.", name=name, entry=list(index), value=float(array[index]))
    chart.show(figure, key="weights", alt=alt, events="click")
    st.caption(_("The weights as they are used now. A click chooses an entry."))


def _first_row(shape: tuple[int, ...], index: tuple[int, ...], place: Place) -> int:
    """Return the first row of the table: of a large matrix only a gate's rows are shown."""
    size = place.run.config.hidden_size
    return 0 if np.prod(shape) <= LARGEST_TABLE else index[0] // size * size


def _row_names(place: Place, count: int) -> list[str]:
    config = place.run.config
    size = config.hidden_size
    if config.cell == "rnn":
        return [_("unit {number}", number=i) for i in range(count)]
    gates = GATE_NAMES[config.cell]
    return [f"{gates[i // size]} · " + _("unit {number}", number=i % size) for i in range(count)]


def _column_names(place: Place, name: str, count: int) -> list[str]:
    config, known = place.run.config, place.run.dataset.characters
    if name.startswith("weight_ih") and place.layer == 0 and config.encoding == "onehot":
        return [f"{i} «{visible(known[i])}»" if i < len(known) else str(i) for i in range(count)]
    return [str(i) for i in range(count)]


def _slide(name: str, index: tuple[int, ...], value: float) -> None:
    """Draw the slider of the chosen entry."""
    label = f"{name}[{', '.join(map(str, index))}]"
    low, high = min(-3.0, value), max(3.0, value)
    slider.show("entry", label, value, slider.Scale(low, high, 0.05))

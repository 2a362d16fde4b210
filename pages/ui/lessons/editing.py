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
from pages.ui.widgets import said
from pages.ui.words.i18n import _, plain, say
from pages.ui.work.engine import Engine
from rnn_core.cells.edits import LARGEST, MAX_EDITS, Edit, apply_edits, fits, parse_edits, write_edits
from rnn_core.cells.equations import GATE_NAMES
from rnn_core.data.vocab import visible
from rnn_core.figures.cell import weight_map
from rnn_core.sentence import ConfigError

Entry = tuple[str, tuple[int, ...]]  # a parameter as nn.RNN calls it, and which number of it

LARGEST_TABLE = 8192  # entries of a matrix that is shown whole; of a larger one a gate's rows are


# ---- what a look says of them


def edits_of(look: Look, place: Place) -> tuple[Edit, ...]:
    """Return the edits made, that of the entry under the hand included."""
    held = look.held("entry")
    return _made(look) if held is None else _with(_made(look), entry_of(look, place), held)


def weights_of(look: Look, place: Place) -> dict[str, np.ndarray]:
    """Return the weights at the step on the screen with the edits made."""
    return apply_edits(place.moment.weights, edits_of(look, place))


def entry_of(look: Look, place: Place) -> Entry:
    """Return the entry of the layer's weights that can be changed: chosen, or edited last, or one of the unit's."""
    names, weights, word = _names(place), place.moment.weights, look.view("cell").get("entry")
    wanted = [_parse(word)] if word else []
    wanted += [(edit.name, edit.index) for edit in reversed(_made(look)) if edit.index]
    usable = ((name, at) for name, at in wanted if name in names and fits(weights, Edit(name, at, 0.0)))
    return next(usable, (names[1], (look.number("cell", "unit", 0, place.run.config.hidden_size - 1), 0)))


def _names(place: Place) -> list[str]:
    suffix = f"l{place.layer}" + ("_reverse" if place.is_reverse else "")
    return [f"{kind}_{suffix}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


def _made(look: Look) -> tuple[Edit, ...]:
    word = look.view("cell").get("edits")
    try:
        return parse_edits(word) if word else ()
    except ConfigError:  # the form of the link is looser than what can be done: see `check`
        return ()


def _with(edits: tuple[Edit, ...], entry: Entry, value: float) -> tuple[Edit, ...]:
    """Return the edits with an entry at another value; moving the same slider again is the same edit."""
    name, index = entry
    kept = edits[:-1] if edits and (edits[-1].name, edits[-1].index) == entry else edits
    return (*kept, Edit(name, index, round(max(-LARGEST, min(float(value), LARGEST)), 6)))[-MAX_EDITS:]


def _parse(word: str) -> Entry:
    name, *index = word.split(":")
    return name, tuple(map(int, index))


# ---- what the viewer does


def check() -> None:
    """Name edits of a link that cannot be made, and forget them."""
    word = state.view("cell").get("edits")
    try:
        if word:
            parse_edits(word)
    except ConfigError as error:
        st.warning(say(error.sentence))
        state.note("cell", "edits", None)


def hear(engine: Engine) -> None:
    """Take over where the slider was let go, and where the table was clicked."""
    if not slider.is_plain():
        with state.hear("entry") as message:
            _set_entry(engine, message.get("value") if message else None)
    elif drawn := st.session_state.get("_entry_drawn"):
        now = st.session_state.get(drawn[0], drawn[1])
        _set_entry(engine, None if now == drawn[1] else now)
    with chart.pointed("weights") as point:
        if point and state.is_number(point.x) and state.is_number(point.y):
            place = reading.place(engine)
            name, index = entry_of(state.look(), place)
            shape = place.moment.weights[f"rnn.{name}"].shape
            _choose(name, (_first_row(shape, index, place) + int(point.y), int(point.x)), shape)


def _set_entry(engine: Engine, asked: object) -> None:
    if state.is_number(asked):
        look = state.look()
        state.note("cell", "edits", write_edits(_with(_made(look), entry_of(look, reading.place(engine)), asked)))


def _choose(name: str, index: tuple[int, ...], shape: tuple[int, ...]) -> None:
    """Note which entry is chosen: the nearest that there is."""
    places = [max(0, min(i, n - 1)) for i, n in zip((*index, 0), shape, strict=False)]
    state.note("cell", "entry", ":".join([name, *map(str, places)]))


def _name_chosen(index: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]) -> None:
    name = said.one_of("entry_weight", shapes)
    if name is not None:
        _choose(name, index, shapes[name])


def _number_chosen(key: str, entry: Entry, axis: int, shape: tuple[int, ...]) -> None:
    now = said.one_of(key, range(shape[axis]))
    if now is not None:
        name, index = entry
        _choose(name, (*index[:axis], now, *index[axis + 1 :]), shape)


def _add(edit: Edit) -> None:
    state.note("cell", "edits", write_edits((*_made(state.look()), edit)[-MAX_EDITS:]))


def _undo() -> None:
    state.note("cell", "edits", write_edits(_made(state.look())[:-1]) or None)


def _undo_all() -> None:
    state.note("cell", "edits", None)


# ---- the editor


def show(engine: Engine) -> None:
    """Draw the editor, folded unless something is in it."""
    view = state.view("cell")
    st.session_state.setdefault("editor", bool(view.keys() & {"edits", "entry"}))  # as it was left
    label = _("Change a weight and see what follows")
    editor = st.expander(label, icon=":material/edit:", on_change="rerun", key="editor")
    if editor.open:  # a closed one need not be sent, and its table is not small
        with editor:
            _editor(engine)


def _editor(engine: Engine) -> None:
    """Draw the choice of an entry, its slider, and the buttons."""
    look = state.look()
    place, edits = reading.place(engine), _made(look)
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
            on_click=_add,
            args=(Edit(matrix, (), 2.0),),
            key="double",
            disabled=full,
            icon=":material/keyboard_double_arrow_up:",
        )
        st.button(_("Halve W_hh"), on_click=_add, args=(Edit(matrix, (), 0.5),), key="halve", disabled=full)
        st.button(_("Undo"), on_click=_undo, key="undo", disabled=not edits, icon=":material/undo:")
        st.button(_("Undo all"), on_click=_undo_all, key="undo_all", disabled=not edits)
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
        return [f"{i} «{visible(known[i])}»" for i in range(count)]
    return [str(i) for i in range(count)]


def _slide(name: str, index: tuple[int, ...], value: float) -> None:
    """Draw the slider of the chosen entry."""
    label = f"{name}[{', '.join(map(str, index))}]"
    low, high = min(-3.0, value), max(3.0, value)
    if slider.is_plain():
        st.session_state["_entry_drawn"] = (f"entry_{label}", value)
        if st.session_state.get(f"entry_{label}") != value:
            st.session_state[f"entry_{label}"] = value
        st.slider(label, low, high, value, step=0.05, key=f"entry_{label}")
        return
    slider.show("entry", label, value, slider.Scale(low, high, 0.05))

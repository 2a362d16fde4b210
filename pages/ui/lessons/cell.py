"""What the cell page is made of: the unrolled network, one unit of it with all its numbers, weights to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from pages.ui.components import chart, drag, narration, slider
from pages.ui.run import reading
from pages.ui.run.reading import Place
from pages.ui.session import state
from pages.ui.widgets import choice, source
from pages.ui.words.i18n import _, mark, plain, say
from pages.ui.work.engine import Engine
from rnn_core.cells.edits import LARGEST, MAX_EDITS, Edit, apply_edits, fits, parse_edits, write_edits
from rnn_core.cells.equations import CONVENTIONS, GATE_NAMES, Weights, gru_step, lstm_step, rnn_step
from rnn_core.cells.sequence import arrange, compare_conventions, encode
from rnn_core.cells.window import Line, Reading, read_window
from rnn_core.data.vocab import visible
from rnn_core.figures.cell import gate_film, sum_film, weight_map
from rnn_core.figures.unrolled import unrolled
from rnn_core.sentence import ConfigError
from rnn_core.training.history import Moment

LARGEST_TABLE = 8192  # entries of a matrix that is shown whole; of a larger one a gate's rows are
SIDE_BY_SIDE = 32  # characters of a window that can be read in half the page's width
GATE_WORDS = {
    "i": mark("input gate i"),
    "f": mark("forget gate f"),
    "o": mark("output gate o"),
    "r": mark("reset gate r"),
    "z": mark("update gate z"),
}
CONVENTION_WORDS = {
    "torch": mark("torch"),
    "reset_before": mark("textbook: reset first"),
    "z_swapped": mark("textbook: z swapped"),
    "reset_before_z_swapped": mark("textbook: both"),
}
EQUATIONS = {
    "rnn": r"h_t = \{bend}\left(x_t W_{{ih}}^T + b_{{ih}} + h_{{t-1}} W_{{hh}}^T + b_{{hh}}\right)",
    "lstm": r"""\begin{{aligned}}
i_t, f_t, o_t &= \sigma\left(x_t W_{{i*}}^T + b_{{i*}} + h_{{t-1}} W_{{h*}}^T + b_{{h*}}\right) \\
g_t &= \tanh\left(x_t W_{{ig}}^T + b_{{ig}} + h_{{t-1}} W_{{hg}}^T + b_{{hg}}\right) \\
c_t &= f_t \odot c_{{t-1}} + i_t \odot g_t \\
h_t &= o_t \odot \tanh(c_t)
\end{{aligned}}""",
    "gru": r"""\begin{{aligned}}
r_t, z_t &= \sigma\left(x_t W_{{i*}}^T + b_{{i*}} + h_{{t-1}} W_{{h*}}^T + b_{{h*}}\right) \\
n_t &= \tanh\left(x_t W_{{in}}^T + b_{{in}} + {reset}\right) \\
h_t &= {new} \odot n_t + {old} \odot h_{{t-1}}
\end{{aligned}}""",
}


def controls(engine: Engine) -> None:
    """Draw what chooses the step, the place in the network, and what is done to its weights."""
    _hear_charts(engine)
    _hear_slider()
    with st.container(horizontal=True):
        reading.choose(engine)
        size = engine.config.hidden_size
        help_text = _("A click into the picture below chooses time step and unit.")
        choice.number("cell", "unit", _("Unit"), default=0, most=size - 1, help_text=help_text)
        if engine.config.cell == "gru":
            words = {name: _(label) for name, label in CONVENTION_WORDS.items()}
            choice.choose("cell", "convention", _("GRU as written in"), words, is_list=True)
    st.session_state.setdefault("editor", bool(_edits()))  # as it was left; at first open if there is something in it
    label = _("Change a weight and see what follows")
    editor = st.expander(label, icon=":material/edit:", on_change="rerun", key="editor")
    if editor.open:  # a closed one need not be sent, and its table is not small
        with editor:
            _editor(engine)


def equation(engine: Engine) -> None:
    """Write the cell's equation."""
    config, convention = engine.config, CONVENTIONS[_convention(engine)]
    new, old = (r"(1 - z_t)", "z_t") if convention.z_keeps else ("z_t", r"(1 - z_t)")
    product = r"(r_t \odot h_{t-1}) W_{hn}^T + b_{hn}"
    reset = product if convention.resets_before else r"r_t \odot (h_{t-1} W_{hn}^T + b_{hn})"
    bend = "tanh" if config.nonlinearity == "tanh" else "operatorname{relu}"
    st.latex(EQUATIONS[config.cell].format(bend=bend, reset=reset, new=new, old=old))


def pictures(engine: Engine) -> None:
    """Draw the network before training and now, side by side, and below each the inside of the chosen unit."""
    length = engine.dataset.input.shape[1]
    after, before = reversed(st.columns(2)) if length <= SIDE_BY_SIDE else (st.container(), st.container())
    with after:
        fields = ("step", "unit", "entry")
        drag.stage("after", fields, lambda: _draw(engine, "after"), charts=("unrolled_after",))
    with before:
        drag.stage("before", ("unit",), lambda: _draw(engine, "before"), charts=("unrolled_before",))
    st.caption(
        _(
            "Each column is a time step, each row a unit. Products with 0 are left out; Σ(k) is the sum of the k "
            "smallest products. Everything above is computed in numpy from the weights and compared with what torch "
            "gives for the same weights, each time the page is drawn."
        )
    )


def conventions(engine: Engine) -> None:
    """Say by how much the ways to write a GRU differ on these weights and this window."""
    place, weights = reading.place(engine), _weights(engine)
    config = engine.config
    if config.cell != "gru":
        st.caption(_("RNN and LSTM are written in one way only. A GRU is not: choose it to compare."))
        return
    input = encode(config, weights, arrange(config, place.indices[None]))
    found = compare_conventions(config, weights, input)
    st.markdown("**" + _("The same weights, other formulas") + "**")
    lines = [
        f"- {_(CONVENTION_WORDS[name])}: "
        + _("the output differs from torch's by up to **{change:.3g}**", change=change)
        for name, change in found.items()
        if name != "torch"
    ]
    st.markdown("\n".join(lines))


def code(engine: Engine) -> None:
    """Show the script that repeats the run, and the step that was just computed."""
    from rnn_core.training.export import to_script

    steps: dict[str, Callable[..., Any]] = {"rnn": rnn_step, "lstm": lstm_step, "gru": gru_step}
    source.show_code(
        lambda: to_script(engine.config),
        [steps[engine.config.cell], read_window, Reading.lines],
        caption=_("Plain PyTorch: prints the losses and predictions of this run, step by step."),
    )


def _hear_charts(engine: Engine) -> None:
    """Take over where the viewer clicked, or where a film came to rest."""
    size = engine.config.hidden_size
    for key in ("unrolled_before", "unrolled_after"):
        with chart.pointed(key) as point:
            if point is None or not state.is_number(point.x) or not state.is_number(point.y) or point.x < 0:
                continue
            if point.kind == "film":
                state.note("cell", "t", str(int(point.x)))
            elif point.trace == 0 and 0 <= point.y < size:
                state.note("cell", "t", str(int(point.x)))
                state.note("cell", "unit", str(int(point.y)))
                st.session_state.pop("_unit_drawn", None)
    with chart.pointed("weights") as point:
        entry = st.session_state.get("_entry")
        if entry and point and state.is_number(point.x) and state.is_number(point.y):
            name, _index, first = entry
            st.session_state[f"entry_row_{name}"] = first + int(point.y)
            if name.startswith("weight"):
                st.session_state[f"entry_column_{name}"] = int(point.x)


def _convention(engine: Engine) -> str:
    return state.view("cell").get("convention", "torch") if engine.config.cell == "gru" else "torch"


# ---- pictures


def _draw(engine: Engine, side: str) -> None:
    """Draw one side: the unrolled network, the unit's sum or gates, the equations with the numbers put in."""
    place = reading.place(engine)
    edited = _edits()
    edits = edited if side == "after" else ()
    moment = place.moment if side == "after" else place.run.at(0)
    weights = _weights(engine) if side == "after" else moment.weights
    unit, t = _unit(engine), state.number_of("cell", "t", min(4, len(place.indices) - 1), len(place.indices) - 1)
    found = _read(place, weights, _convention(engine))
    rows = [(_("edited") if edits else _("predicted"), _names(place, found))]
    if edits:
        rows.append((_("before the edit"), _names(place, _read(place, moment.weights, _convention(engine)))))
    elif edited:
        rows.append(("", [""] * len(place.target)))  # so that what belongs together stays side by side
    right = sum(given == wanted for given, wanted in zip(rows[0][1], place.target, strict=True))
    count = _("{right} of {count} predictions right", right=right, count=len(place.target))
    st.markdown(f"{_title(moment.record.step, side, is_edited=bool(edits))} · {count}")
    figure = unrolled(
        found.states,
        place.characters,
        units=[unit],
        t=t,
        target=place.target,
        rows=rows,
        span=1.0,
        translate=_,
    )
    alt = _(
        "Hidden states at step {step}, layer {layer}. Target {target}, predicted {predicted}.",
        step=moment.record.step,
        layer=place.layer,
        target="".join(place.target[:64]),
        predicted="".join(rows[0][1][:64]),
    )
    chart.show(figure, key=f"unrolled_{side}", alt=alt, events="click film")
    _show_inside(place, found, unit, t, side)
    torchs = place.states(Moment(moment.record, dict(weights)))
    _narrate(place, found, torchs, unit, t, side)


def _title(step: int, side: str, *, is_edited: bool) -> str:
    if side == "before":
        return "**" + _("Before training (step 0)") + "**"
    words = _("After {step} updates", step=step)
    return f"**{words}**" + (" · " + _("weights edited") if is_edited else "")


def _show_inside(place: Place, found: Reading, unit: int, t: int, side: str) -> None:
    """Draw the sum of a plain unit, or the gates of the others."""
    config, values = found.config, {name: v[:, unit] for name, v in found.values.items() if name != "x_t"}
    if config.cell == "rnn":
        below, before = found.products("h", unit)
        terms = {"x_t W_ih^T": below.sum(axis=1), "b_ih": values["b_ih"]}
        terms |= {f"h_prev[{j}]·W_hh": before[:, j] for j in range(before.shape[1])}
        terms["b_hh"] = values["b_hh"]
        figure = sum_film(
            terms, values["a_t"], values["h_t"], place.characters, t=t, bend=config.nonlinearity, translate=_
        )
        alt = _("The sum of unit {unit} at time step {t}: {total:.4f}.", unit=unit, t=t, total=values["a_t"][t])
    else:
        gates = {_(GATE_WORDS[gate]): values[f"{gate}_t"] for gate in GATE_NAMES[config.cell] if gate not in "gn"}
        figure = gate_film(gates, _flow(config.cell, values), place.characters, t=t, translate=_)
        alt = _("Gates of unit {unit} at time step {t}: {gates}.", unit=unit, t=t, gates=_gate_list(gates, t))
    chart.show(figure, key=f"inside_{side}", alt=alt)


def _flow(cell: str, values: dict[str, np.ndarray]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return what happens to a unit's state as bars from where to where."""
    if cell == "lstm":
        before, kept, now = values["c_prev"], values["f_t * c_prev"], values["c_t"]
    else:
        kept = next(array for name, array in values.items() if name.endswith("* h_prev") and "z_t" in name)
        before, now = values["h_prev"], values["h_t"]
    zero = np.zeros_like(now)
    name = "c" if cell == "lstm" else "h"
    bars = {
        _("before: {name}", name=name): (zero, before),
        _("forgotten"): (before, kept),
        _("written"): (kept, now),
        _("now: {name}", name=name): (zero, now),
    }
    return bars | ({_("shown: h"): (zero, values["h_t"])} if cell == "lstm" else {})


def _gate_list(gates: dict[str, np.ndarray], t: int) -> str:
    return ", ".join(f"{name} {values[t]:.3f}" for name, values in gates.items())


def _narrate(place: Place, found: Reading, torchs: np.ndarray, unit: int, t: int, side: str) -> None:
    """Write the equations of the unit with the numbers put in, and what torch says."""
    passages = []
    for at, lines in enumerate(found.lines(unit)):
        ours, theirs = lines[-1].value, float(torchs[at, unit])
        rows = [_row(line) for line in lines]
        difference = _("difference {size:.1e}", size=abs(ours - theirs))
        rows.append(narration.Row(_("torch says"), difference, f"{theirs:.7f}", is_strong=True))
        head = _("t = {t} «{character}», unit {unit}", t=at, character=place.characters[at], unit=unit)
        passages.append(narration.Passage(head, tuple(rows)))
    narration.show(f"numbers_{side}", passages, at=t, quantity="t", label=_("The equations with the numbers put in"))
    largest = float(np.abs(found.states - torchs).max())
    st.markdown(
        _(
            "All {count} states of this layer and window: the largest difference from torch is **{largest:.1e}**.",
            count=found.states.size,
            largest=largest,
        )
    )


def _row(line: Line) -> narration.Row:
    is_result = line.name in ("h_t", "c_t")
    value = f"{line.value:.7f}" if line.name == "h_t" else f"{line.value:.4f}"
    return narration.Row(line.name, line.numbers, value.replace("-", "−"), is_strong=is_result)


def _read(place: Place, weights: Weights, convention: str) -> Reading:
    config, layer, is_reverse = place.run.config, place.layer, place.is_reverse
    return read_window(config, weights, place.indices, layer=layer, is_reverse=is_reverse, convention=convention)


def _names(place: Place, found: Reading) -> list[str]:
    known = place.run.dataset.characters
    return [visible(known[i]) if i < len(known) else str(i) for i in found.predicted]


def _unit(engine: Engine) -> int:
    most, dragged = engine.config.hidden_size - 1, drag.current()
    if dragged and dragged.field == "unit":
        return max(0, min(int(dragged.value), most))
    return state.number_of("cell", "unit", 0, most)


# ---- weights changed by hand


def _edits() -> tuple[Edit, ...]:
    word = state.view("cell").get("edits")
    try:
        return parse_edits(word) if word else ()
    except ConfigError as error:  # the form of the link is looser than what can be done
        st.warning(say(error.sentence))
        state.note("cell", "edits", None)
        return ()


def _weights(engine: Engine) -> dict[str, np.ndarray]:
    """Return the weights at the step on the screen with the edits made, one that is being dragged included."""
    edits, dragged = _edits(), drag.current()
    if dragged and dragged.field == "entry" and "_entry" in st.session_state:
        edits = _with(edits, dragged.value)
    return apply_edits(reading.place(engine).moment.weights, edits)


def _with(edits: tuple[Edit, ...], value: float) -> tuple[Edit, ...]:
    """Return the edits with the chosen entry at another value; moving the same slider again is the same edit."""
    name, index, _first = st.session_state["_entry"]
    kept = edits[:-1] if edits and (edits[-1].name, edits[-1].index) == (name, index) else edits
    return (*kept, Edit(name, index, round(float(value), 6)))[-MAX_EDITS:]


def _editor(engine: Engine) -> None:
    """Draw the choice of an entry, its slider, and the buttons."""
    place, edits = reading.place(engine), _edits()
    suffix = f"l{place.layer}" + ("_reverse" if place.is_reverse else "")
    weights = apply_edits(place.moment.weights, edits)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name, index = _entry(place, suffix, weights)
    st.session_state["_entry"] = (name, index, _table(place, weights[f"rnn.{name}"], name, index))
    _slide(name, index, float(weights[f"rnn.{name}"][index]))
    with st.container(horizontal=True):
        matrix = f"weight_hh_{suffix}"
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


def _entry(place: Place, suffix: str, weights: Weights) -> tuple[str, tuple[int, ...]]:
    """Draw the choice of one number of the layer's weights; it begins with the one that was edited last."""
    last = next((edit for edit in reversed(_edits()) if edit.index and edit.name.endswith(suffix)), None)
    names = [f"{kind}_{suffix}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    at = names.index(last.name) if last and last.name in names else 1
    name = st.selectbox(_("Weight"), names, at, key="entry_weight")
    array, unit = weights[f"rnn.{name}"], state.number_of("cell", "unit", 0, place.run.config.hidden_size - 1)
    start = last.index if last and last.name == name and fits(weights, last) else (unit, 0)[: array.ndim]
    row = _pick(_("Row"), f"entry_row_{name}", _row_names(place, len(array)), start[0])
    if array.ndim == 1:
        return name, (row,)
    return name, (row, _pick(_("Column"), f"entry_column_{name}", _column_names(place, name, array.shape[1]), start[1]))


def _pick(label: str, key: str, names: list[str], default: int) -> int:
    """Draw a list of names and return the place of the chosen one."""
    now = st.session_state.get(key, default)
    now = st.session_state[key] = now if now in range(len(names)) else default
    chosen: int = st.selectbox(label, range(len(names)), now, format_func=names.__getitem__, key=key)
    return chosen


def _table(place: Place, array: np.ndarray, name: str, index: tuple[int, ...]) -> int:
    """Draw the weights that the entry is one of, to choose another by a click; return the first row that is shown."""
    size, matrix = place.run.config.hidden_size, array.reshape(len(array), -1)
    first = 0 if matrix.size <= LARGEST_TABLE else index[0] // size * size
    shown = matrix if matrix.size <= LARGEST_TABLE else matrix[first : first + size]
    rows = _row_names(place, len(array))[first : first + len(shown)]
    columns = _column_names(place, name, matrix.shape[1]) if array.ndim == 2 else [name]
    figure = weight_map(shown, rows, columns, (index[0] - first, index[1] if array.ndim == 2 else 0), translate=_)
    alt = _("The weights {name}; {entry} is {value:.4f}.", name=name, entry=list(index), value=float(array[index]))
    chart.show(figure, key="weights", alt=alt, events="click")
    st.caption(_("The weights as they are used now. A click chooses an entry."))
    return first


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


def _hear_slider() -> None:
    """Take over where the slider was let go; it belongs to the entry that it was drawn for."""
    if not slider.is_plain():
        with state.hear("entry") as message:
            _set_entry(message.get("value") if message else None)
    elif drawn := st.session_state.get("_entry_drawn"):
        now = st.session_state.get(drawn[0], drawn[1])
        _set_entry(None if now == drawn[1] else now)


def _set_entry(asked: object) -> None:
    if state.is_number(asked) and "_entry" in st.session_state:
        value = max(-LARGEST, min(float(asked), LARGEST))
        state.note("cell", "edits", write_edits(_with(_edits(), value)))


def _add(edit: Edit) -> None:
    state.note("cell", "edits", write_edits((*_edits(), edit)[-MAX_EDITS:]))


def _undo() -> None:
    state.note("cell", "edits", write_edits(_edits()[:-1]) or None)


def _undo_all() -> None:
    state.note("cell", "edits", None)

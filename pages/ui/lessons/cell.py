"""What the cell page is made of: the unrolled network, one unit of it with all its numbers, weights to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import Picture as AnyPicture
from pages.ui.channel.stages import stage
from pages.ui.components import chart
from pages.ui.components.chart import Picture
from pages.ui.components.narration import Narration, Passage, Row
from pages.ui.lessons import editing
from pages.ui.run import player, reading
from pages.ui.run.pictures import FOLLOWED
from pages.ui.run.reading import Place
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import CellView, counts
from pages.ui.widgets import choice
from pages.ui.words.i18n import Words, _, mark
from pages.ui.work.engine import Engine
from rnn_core.cells.edits import Edit, apply_edits
from rnn_core.cells.equations import CONVENTIONS, GATE_NAMES, Weights, gru_step, lstm_step, rnn_step
from rnn_core.cells.sequence import arrange, compare_conventions, encode
from rnn_core.cells.window import Line, Reading, read_window
from rnn_core.data.vocab import visible
from rnn_core.figures.cell import gate_film, sum_film
from rnn_core.figures.unrolled import unrolled
from rnn_core.sentence import ngettext
from rnn_core.training.history import History, Moment

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
    editing.hear(engine)  # first: it is about the entry that was there
    _hear_charts(engine)
    with st.container(horizontal=True):
        reading.choose(engine)
        help_text = _("Click in the picture below to choose a time step and a unit.")
        choice.number(CellView, "unit", _("Unit"), counts(engine), help_text=help_text)
        if engine.config.cell == "gru":
            words = {name: _(label) for name, label in CONVENTION_WORDS.items()}
            choice.choose(CellView, "convention", _("GRU as written in"), words, is_list=True)
    editing.show(engine)


def equation(engine: Engine) -> None:
    """Write the cell's equation."""
    config, convention = engine.config, CONVENTIONS[_convention(state.look(), engine)]
    new, old = (r"(1 - z_t)", "z_t") if convention.z_keeps else ("z_t", r"(1 - z_t)")
    product = r"(r_t \odot h_{t-1}) W_{hn}^T + b_{hn}"
    reset = product if convention.resets_before else r"r_t \odot (h_{t-1} W_{hn}^T + b_{hn})"
    bend = "tanh" if config.nonlinearity == "tanh" else "operatorname{relu}"
    st.latex(EQUATIONS[config.cell].format(bend=bend, reset=reset, new=new, old=old))


def pictures(engine: Engine) -> None:
    """Draw the network before training and now, side by side, and below each the inside of the chosen unit."""
    length = engine.dataset.input.shape[1]
    after, before = reversed(st.columns(2)) if length <= SIDE_BY_SIDE else (st.container(), st.container())
    for side, place in ((after_training, after), (before_training, before)):
        with place:
            live.show(side, engine, plays=True)
    st.caption(
        _(
            "Each column is a time step, each row a unit. Products with 0 are left out; Σ(k) is the sum of the k "
            "smallest products. Everything above is computed in numpy from the weights and compared with what torch "
            "gives for the same weights, each time the page is drawn."
        )
    )


def conventions(engine: Engine) -> None:
    """Say by how much the ways to write a GRU differ on these weights and this window."""
    look, config = state.look(), engine.config
    place = reading.place_of(look, engine)
    weights = editing.weights_of(look, place)
    if config.cell != "gru":
        st.caption(_("Only a GRU is written in several ways here: choose it to compare."))
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
    steps: dict[str, Callable[..., Any]] = {"rnn": rnn_step, "lstm": lstm_step, "gru": gru_step}
    player.code(engine, [steps[engine.config.cell], read_window, Reading.lines])


def _hear_charts(engine: Engine) -> None:
    """Take over where the viewer clicked, or where a film came to rest."""
    size = engine.config.hidden_size
    for key in ("unrolled_before", "unrolled_after"):
        with chart.pointed(key) as point:
            if point is None or not state.is_number(point.x) or not state.is_number(point.y) or point.x < 0:
                continue
            if point.kind == "film":
                state.note(CellView, t=int(point.x))
            elif point.trace == 0 and 0 <= point.y < size:
                state.note(CellView, t=int(point.x), unit=int(point.y))


def _convention(look: Look, run: History) -> str:
    return look.view(CellView).convention if run.config.cell == "gru" else "torch"


# ---- pictures


@stage("cell.after", ("window", "unit", "entry", *FOLLOWED), of=Engine)
def after_training(look: Look, engine: Engine) -> Iterator[AnyPicture]:
    """The network at the step on the screen, with the edits made."""
    place = reading.place_of(look, engine)
    yield from _side(look, place, editing.edits_of(look, place), "after")


@stage("cell.before", ("window", "unit", *FOLLOWED), of=Engine)  # a step has a window
def before_training(look: Look, engine: Engine) -> Iterator[AnyPicture]:
    """The network with its first weights."""
    yield from _side(look, reading.place_of(look, engine).before, (), "before")


def _side(look: Look, place: Place, edits: Sequence[Edit], side: str) -> Iterator[AnyPicture]:
    """Picture one side: the unrolled network, the unit's sum or gates, the equations with the numbers put in."""
    _, moment = look.words, place.moment
    convention, length = _convention(look, place.run), len(place.indices)
    weights = apply_edits(moment.weights, edits)
    view = look.view(CellView, counts(place.run))
    unit, t = view.unit, view.t
    found = _read(place, weights, convention)
    rows = [(_("edited") if edits else _("predicted"), _names(place, found))]
    if edits:
        rows.append((_("before the edit"), _names(place, _read(place, moment.weights, convention))))
    elif editing.edits_of(look, place):
        rows.append(("", [""] * length))  # so that what belongs together stays side by side
    right = sum(given == wanted for given, wanted in zip(rows[0][1], place.target, strict=True))
    count = _(
        ngettext("{right} of {count} prediction right", "{right} of {count} predictions right", length),
        right=right,
        count=length,
    )
    figure = unrolled(
        found.states, place.characters, units=[unit], t=t, target=place.target, rows=rows, span=1.0, translate=_
    )
    alt = _(
        "Hidden states at step {step}, layer {layer}. Target {target}, predicted {predicted}.",
        step=moment.record.step,
        layer=place.layer,
        target="".join(place.target[:64]),
        predicted="".join(rows[0][1][:64]),
    )
    title = _title(place, side, _, is_edited=bool(edits))
    yield Picture(f"unrolled_{side}", figure, alt, f"{title} · {count}", events="click film")
    torchs = place.states(Moment(moment.record, weights))
    yield _inside(found, place.characters, unit, t, f"inside_{side}", _verdict(found, torchs, _), _)
    label = _("The equations with the numbers put in")
    label += "" if place.note else " · " + title.replace("**", "")
    yield Narration(f"numbers_{side}", _passages(place, found, torchs, unit, _), t, "t", label)


def _title(place: Place, side: str, _: Words, *, is_edited: bool) -> str:
    if side == "before":
        return "**" + _("Before training (step 0)") + "**"
    if place.note:
        return place.note
    step = place.moment.record.step
    words = _(ngettext("After {step} update", "After {step} updates", step), step=step)
    return f"**{words}**" + (" · " + _("weights edited") if is_edited else "")


def _inside(found: Reading, characters: list[str], unit: int, t: int, key: str, note: str, _: Words) -> Picture:
    """Picture the sum of a plain unit, or the gates of the others."""
    config, values = found.config, {name: v[:, unit] for name, v in found.values.items() if name != "x_t"}
    if config.cell == "rnn":
        below, before = found.products("h", unit)
        terms = {"x_t W_ih^T": below.sum(axis=1), "b_ih": values["b_ih"]}
        terms |= {f"h_prev[{j}]·W_hh": before[:, j] for j in range(before.shape[1])}
        terms["b_hh"] = values["b_hh"]
        figure = sum_film(terms, values["a_t"], values["h_t"], characters, t=t, bend=config.nonlinearity, translate=_)
        alt = _("The sum of unit {unit} at time step {t}: {total:.4f}.", unit=unit, t=t, total=values["a_t"][t])
    else:
        gates = {_(GATE_WORDS[gate]): values[f"{gate}_t"] for gate in GATE_NAMES[config.cell] if gate not in "gn"}
        figure = gate_film(gates, _flow(config.cell, values, _), characters, t=t, translate=_)
        alt = _("Gates of unit {unit} at time step {t}: {gates}.", unit=unit, t=t, gates=_gate_list(gates, t))
    return Picture(key, figure, alt, note)


def _flow(cell: str, values: dict[str, np.ndarray], _: Words) -> dict[str, tuple[np.ndarray, np.ndarray]]:
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
    return bars | ({_("let out: h"): (zero, values["h_t"])} if cell == "lstm" else {})


def _gate_list(gates: dict[str, np.ndarray], t: int) -> str:
    return ", ".join(f"{name} {values[t]:.3f}" for name, values in gates.items())


def _passages(place: Place, found: Reading, torchs: np.ndarray, unit: int, _: Words) -> tuple[Passage, ...]:
    """Write the equations of the unit with the numbers put in, and what torch says."""
    passages = []
    for at, lines in enumerate(found.lines(unit)):
        ours, theirs = lines[-1].value, float(torchs[at, unit])
        rows = [_row(line) for line in lines]
        difference = _("difference {size:.1e}", size=abs(ours - theirs))
        rows.append(Row(_("torch says"), difference, f"{theirs:.7f}", is_strong=True))
        head = _("t = {t} «{character}», unit {unit}", t=at, character=place.characters[at], unit=unit)
        passages.append(Passage(head, tuple(rows)))
    return tuple(passages)


def _verdict(found: Reading, torchs: np.ndarray, _: Words) -> str:
    largest = float(np.abs(found.states - torchs).max())
    return _(
        "All {count} states of this layer and window: the largest difference from torch is **{largest:.1e}**.",
        count=found.states.size,
        largest=largest,
    )


def _row(line: Line) -> Row:
    is_result = line.name in ("h_t", "c_t")
    value = f"{line.value:.7f}" if line.name == "h_t" else f"{line.value:.4f}"
    return Row(line.name, line.numbers, value.replace("-", "−"), is_strong=is_result)


def _read(place: Place, weights: Weights, convention: str) -> Reading:
    config, layer, is_reverse = place.run.config, place.layer, place.is_reverse
    return read_window(config, weights, place.indices, layer=layer, is_reverse=is_reverse, convention=convention)


def _names(place: Place, found: Reading) -> list[str]:
    known = place.run.dataset.characters
    return [visible(known[i]) if i < len(known) else str(i) for i in found.predicted]

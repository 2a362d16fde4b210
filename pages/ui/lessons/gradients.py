"""What the gradients page is made of: the viewer's run, three cells at their beginning, an explosion and its cure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components.chart import Picture
from pages.ui.run import player, reading
from pages.ui.run.pictures import FOLLOWED
from pages.ui.session import cache, state
from pages.ui.session.link import Look
from pages.ui.session.views import GradientsView
from pages.ui.widgets import choice
from pages.ui.words.i18n import Words, _, mark, plain
from pages.ui.work.engine import Engine
from rnn_core.analysis.clipping import descend
from rnn_core.analysis.gradients import cell_paths, loss_gradients, state_influence
from rnn_core.analysis.reach import CELLS, Beginning, Begun, begin, endless, gradient_reach, share_left, stretching
from rnn_core.config import bounds
from rnn_core.data.vocab import visible
from rnn_core.figures.gradient import clipping_curves, influence_map
from rnn_core.figures.gradient import gradient_reach as draw_reach
from rnn_core.sentence import ngettext

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from pages.ui.run.reading import Place
    from rnn_core.analysis.reach import Stretching

BEGUN = ("radius", "bias", "length", "hidden_size")  # whose drags the three cells follow
SIDE_BY_SIDE = 64  # characters of a map that can be read in half the page's width
LITTLE, MUCH = 1e-3, 1e3  # below and above which shares a gradient is said to vanish and to explode
TOPICS = {
    "yours": mark("Your network"),
    "cells": mark("Three cells"),
    "states": mark("State by state"),
    "explosion": mark("Explosion"),
}
SCHEMES = {
    "default": mark("as PyTorch draws"),
    "set": mark("as the two sliders say"),
    "orthogonal": mark("orthogonal W_hh"),
    "identity": mark("identity, relu (Le et al. 2015)"),
    "forget_bias": mark("forget bias 1 (Jozefowicz et al. 2015)"),
}


def show(engine: Engine) -> None:
    """Draw the topics to choose from, and the one that is chosen: nothing of the others is computed."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        topic = choice.choose(GradientsView, "topic", _("Topic"), {name: _(label) for name, label in TOPICS.items()})
    if topic == "yours":
        with row:
            reading.choose(engine)
        training(engine)
    elif topic == "explosion":
        explosion()
    else:
        sliders, picture, below = st.container(), st.container(), st.container()
        controls(row, sliders, below)
        with picture:
            (three_cells if topic == "cells" else matrix)()


def controls(top: DeltaGenerator, middle: DeltaGenerator, bottom: DeltaGenerator) -> None:
    """Draw how the three networks begin; moving one of the two sliders of a beginning chooses them."""
    before = _set_values(state.look())
    with middle:
        radius, bias, length = st.columns(3)
        with radius:
            help_text = _("Largest |eigenvalue| of W_hh; in a gated cell, of each gate's block of W_hh.")
            choice.number(GradientsView, "radius", _("Spectral radius"), marks=(0.5, 1.0, 1.5), help_text=help_text)
        with bias:
            help_text = _(
                "For the LSTM only: added to its forget gate before the sigmoid. Up to a spectral radius of 1, 3 "
                "instead of 0 leaves more than a thousand times as much of the gradient after 50 time steps of "
                "“hello! world”."
            )
            choice.number(GradientsView, "bias", _("Forget-gate bias"), marks=(0.0, 1.0, 3.0), help_text=help_text)
        with length:
            choice.number(GradientsView, "length", _("Characters read"))
    if _set_values(state.look()) != before:
        state.note(GradientsView, begin="set")
    with top:
        words = {name: _(label) for name, label in SCHEMES.items()}
        scheme = choice.choose(GradientsView, "begin", _("The networks begin"), words)
    with bottom.container(horizontal=True):
        if scheme != "identity":
            bends = {"tanh": "tanh", "relu": "relu"}
            choice.choose(GradientsView, "bend", _("Nonlinearity of the plain RNN"), bends)
        reads = {"text": _("the text, again and again"), "nothing": _("nothing: states stay at 0")}
        choice.choose(GradientsView, "reads", _("They read"), reads)


def three_cells() -> None:
    """Draw how far the gradient reaches in rnn, lstm and gru; it follows the sliders under the hand."""
    live.show(reach)
    st.caption(
        _(
            "One layer each, the same seed, hidden size and text. The curve is the length of d loss / d h_t, by "
            "autograd in double precision, for the loss at the last character. “lstm: c” is the same for the cell "
            "state, with h_t following from c_t. When they read nothing, W_ih and all biases except the forget "
            "gate's are set to 0: the states stay at 0, tanh has slope 1, and each time step multiplies by the same "
            "matrix. A gradient of exactly 0, such as that of a relu that is off, cannot be drawn on a logarithmic "
            "axis."
        )
    )


def matrix() -> None:
    """Draw how every state depends on every earlier one in one of the three, and numbers of all of them.

    The numbers wait until a slider is let go.
    """
    picture, numbers = st.columns([3, 2])
    with picture:
        words: dict[str, str] = {cell: f"{cell}: h" for cell in CELLS}
        words |= {"gates": _("lstm: c, by the forget gates alone"), "detour": _("lstm: c, through h and the gates")}
        choice.choose(GradientsView, "whose", _("Which states"), words)
        live.show(state_by_state)
    with numbers:
        _numbers(state.look())


def explosion() -> None:
    """Draw a training whose gradients explode, with and without clipping."""
    first, second = st.columns(2)
    with first:
        label = _("Initial spectral radius")
        choice.number(GradientsView, "start_radius", label, marks=(1.0,))
    with second:
        choice.number(GradientsView, "clip", _("Longest gradient let through"), marks=(1.0,))
    live.show(clipping)
    st.caption(_("Clipping shortens a gradient and keeps its direction. It does nothing for one that has vanished."))
    st.markdown(
        _(
            "A plain RNN with relu, 16 units, learns the text by gradient descent (SGD, learning rate 0.5, 100 "
            "updates, 30 time steps). Nothing bounds a relu, so its gradients can explode: on “hello! world”, from a "
            "spectral radius of 1.2, they do for most seeds, and when they are cut to length 1 nearly every seed "
            "learns the text. Both networks above are really trained, from the same initial weights; for one of them "
            "the gradient is cut to the chosen length before each update."
        )
    )


def training(engine: Engine) -> None:
    """Draw the viewer's own run before training and at a step of it."""
    if engine.config.has_swapped_axes:
        st.warning(
            _(
                "In this run the axes are swapped: to the network, no character of a window follows another, "
                "and no gradient goes from one to another. That is why it cannot learn from the characters "
                "before."
            ),
            icon=":material/swap_horiz:",
        )
    live.show(trained_reach, engine, plays=True)
    place = reading.place_of(state.look(), engine)
    columns = st.columns(2) if len(place.indices) <= SIDE_BY_SIDE else (st.container(), st.container())
    live.show(trained_maps, engine, plays=True, places=dict(zip(("map_before", "map_after"), columns, strict=True)))
    st.caption(
        _(
            "Entry (t, s) is the Frobenius norm of d h_t / d h_s, on a logarithmic scale: how much the "
            "state after character t would change with the state after character s. It is computed as a "
            "product of the Jacobians of single time steps, in double precision."
        )
    )
    _list_training(place)


def code(engine: Engine) -> None:
    """Show the functions that made the pictures."""
    player.code(engine, [loss_gradients, state_influence, cell_paths, begin, stretching, descend])


# ---- three cells at their beginning


def _set_values(look: Look) -> tuple[float, float]:
    view = look.view(GradientsView)
    return view.radius, view.bias


def _beginning(look: Look) -> Beginning:
    view, config = look.view(GradientsView), look.config
    is_set = look.hand is not None and look.hand.name in ("radius", "bias")  # moving one of them chooses them
    return Beginning(
        scheme="set" if is_set else view.begin,
        nonlinearity=view.bend,
        radius=view.radius,
        forget_bias=view.bias,
        hidden_size=min(config.hidden_size, bounds("hidden_size")[1]),
        seed=config.seed,
        is_silent=view.reads == "nothing",
    )


def _begun(look: Look, cell: Any) -> Begun:
    return begin(cell, _beginning(look), look.config.text)


def _text(look: Look) -> tuple[list[str], np.ndarray, int]:
    """Return what the three networks read: how it is shown, indices, and the index of what comes after."""
    characters, window, target = endless(look.config.text, look.view(GradientsView).length)
    return [visible(characters[i]) for i in window], window, target


@stage("gradients.reach", BEGUN)
def reach(look: Look) -> Iterator[Picture]:
    """The gradient of the loss by distance, in rnn, lstm and gru."""
    _, (_names, window, target) = look.words, _text(look)
    curves = {}
    for cell in CELLS:
        for path, norms in gradient_reach(_begun(look, cell), window, target).items():
            curves[cell if path == "h" else f"{cell}: {path}"] = norms
    left = {name: share_left(norms) for name, norms in curves.items()}
    shares = " · ".join(f"{name} **{_power(share)}** ({_verdict(share, _)})" for name, share in left.items())
    note = _(
        ngettext(
            "**{steps}** time step back, this much of the gradient is left: {shares}",
            "**{steps}** time steps back, this much of the gradient is left: {shares}",
            len(window) - 1,
        ),
        steps=len(window) - 1,
        shares=shares,
    )
    alt = _("Norm of the gradient by distance for rnn, lstm and gru.") + " " + note.replace("**", "")
    yield Picture("reach", draw_reach(curves, translate=_), alt, note)


def _verdict(share: float, _: Words) -> str:
    if not math.isfinite(share):
        return _("nothing to measure")
    if share < LITTLE:
        return _("vanishes")
    return _("explodes") if share > MUCH else _("holds")


def _power(number: float) -> str:
    """Write a number in powers of ten as a reader would say it: 3.1e-12."""
    if not math.isfinite(number):
        return "–"
    return f"{number:.1e}" if number and not 0.01 <= abs(number) < 1000 else f"{number:.3g}"


@stage("gradients.state_by_state", BEGUN)
def state_by_state(look: Look) -> Iterator[Picture]:
    """How every state depends on every earlier one in one of the three."""
    _ = look.words
    names, window, _target = _text(look)
    whose = look.view(GradientsView).whose
    cell, name = (whose, "|∂h_t / ∂h_s|") if whose in CELLS else ("lstm", "|∂c_t / ∂c_s|")
    begun = _begun(look, cell)
    key = f"{_beginning(look)} {cache.key_of(begun.config)} {len(window)}"
    if whose in CELLS:
        found = cache.influence(begun.config, key, begun.weights, window, 0, False)
    else:
        paths = cache.paths(begun.config, key, begun.weights, window)
        found = paths.direct if whose == "gates" else paths.hidden
    alt = _("{name} of {cell} for {length} characters, t down and s across.", name=name, cell=cell, length=len(window))
    yield Picture("matrix", influence_map(found, names, name=name, translate=_), alt)


def _numbers(look: Look) -> None:
    """List what one step of each of the three does to lengths."""
    _names, window, _target = _text(look)
    columns = []
    for cell in CELLS:
        begun = _begun(look, cell)
        key = f"{_beginning(look)} {cache.key_of(begun.config)} {len(window)}"
        columns.append(_column(cell, cache.stretching(begun.config, key, begun.weights, window, 0)))
    _table(columns)
    st.caption(
        _(
            "If every time step multiplied by the same matrix, its largest |λ| would decide in the long run: below 1 "
            "everything is lost. The time steps of a text differ, by the slopes of their tanh and by their gates. "
            "Where the largest singular value σ of a time step is above 1, some direction grows in it. Growth is the "
            "mean of ln of the stretching per time step along the text, in its fastest direction, like a Lyapunov "
            "exponent: well below 0 small differences die out; near 0 so short a text does not tell."
        )
    )


def _column(name: str, found: Stretching) -> tuple[str, ...]:
    values = (found.radius, found.singular_value, found.step_singular_value, found.growth)
    return (name, *(_number(value) for value in values))


def _table(columns: list[tuple[str, ...]]) -> None:
    names = (_("measure"), "W_hh: max |λ|", "W_hh: max σ", _("one time step: max σ"), _("growth per time step"))
    header, *rows = zip(names, *columns, strict=True)
    lines = [header, ("---", *["---:"] * len(columns)), *rows]
    st.markdown("\n".join("| " + " | ".join(_cell(word) for word in line) + " |" for line in lines))


def _cell(word: str) -> str:
    return word if set(word) <= set("-:") else plain(word)


def _number(value: float) -> str:
    if value == -math.inf:
        return "−∞"
    return f"{value:.3f}".replace("-", "−") if math.isfinite(value) else "–"


# ---- explosion


@stage("gradients.clipping", ("start_radius", "clip"))
def clipping(look: Look) -> Iterator[Picture]:
    """A training whose gradients explode, with and without clipping."""
    config, view, _ = look.config, look.view(GradientsView), look.words
    radius, grad_clip = view.start_radius, view.clip
    without = cache.descent(config.text, radius, 0.0, config.seed)
    with_clip = cache.descent(config.text, radius, grad_clip, config.seed)
    if not np.isfinite(without.loss[-1]):
        finite = np.flatnonzero(np.isfinite(without.loss))
        note = _(
            "Without clipping it explodes: its loss is {loss} at step {last} and is no longer a number "
            "at step **{step}**.",
            loss=_power(float(without.loss[finite[-1]])),
            last=int(finite[-1]),
            step=len(without.loss) - 1,
        )
    elif without.has_exploded:
        note = _(
            "Without clipping it explodes at step **{step}**, with a loss of {loss}.",
            step=len(without.loss) - 1,
            loss=_power(float(without.loss[-1])),
        )
    else:
        note = _("Without clipping it ends with a loss of **{loss}**.", loss=_power(float(without.loss[-1])))
    note += " "
    if with_clip.has_exploded:
        note += _(
            "Clipped to length {clip}, it explodes too, at step **{step}**.",
            clip=grad_clip,
            step=len(with_clip.loss) - 1,
        )
    else:
        cut = int((with_clip.grad_norm > grad_clip).sum())
        note += _(
            "Clipped to length {clip}, it ends with a loss of **{loss}**; {cut} of {count} gradients were cut, the "
            "longest from {longest}.",
            clip=f"{grad_clip:g}",
            loss=_power(float(with_clip.loss[-1])),
            cut=cut,
            count=len(with_clip.grad_norm),
            longest=_power(float(with_clip.grad_norm.max())),
        )
    yield Picture("clipping", clipping_curves(without, with_clip, translate=_), note.replace("**", ""), note)


# ---- the viewer's run


@stage("gradients.trained_reach", FOLLOWED, of=Engine)
def trained_reach(look: Look, engine: Engine) -> Iterator[Picture]:
    """The gradient of the loss at the last character read, before training and at the step on the screen."""
    place, _ = reading.place_of(look, engine), look.words
    step = place.moment.record.step
    curves = {_("before training"): _reach_of(place.before), _("step {step}", step=step): _reach_of(place)}
    before, after = (_power(share_left(norms)) for norms in curves.values())
    note = _(
        ngettext(
            "{steps} time step back, this much of the gradient is left: before training "
            "**{before}**, at step {step} **{after}**.",
            "{steps} time steps back, this much of the gradient is left: before training "
            "**{before}**, at step {step} **{after}**.",
            len(place.indices) - 1,
        ),
        steps=len(place.indices) - 1,
        before=before,
        step=step,
        after=after,
    )
    told = "\n".join(filter(None, (place.note, note)))
    yield Picture("trained_reach", draw_reach(curves, translate=_), note.replace("**", ""), told)


def _list_training(place: Place) -> None:
    """List what one step of the run does to lengths, before training and at the step on the screen."""
    if place.is_reverse:
        return  # the numbers are those of the direction that reads forward
    columns = []
    names = (_("before training"), _("step {step}", step=place.moment.record.step))
    for name, at in zip(names, (place.before, place), strict=True):
        found = cache.stretching(at.run.config, at.name, at.moment.weights, at.indices, at.layer)
        columns.append(_column(name, found))
    _table(columns)


def _reach_of(place: Place) -> np.ndarray:
    """Return |d loss / d h| by distance from the last character that the direction reads."""
    config, dataset = place.run.config, place.run.dataset
    t = 0 if place.is_reverse else len(place.indices) - 1
    target = int(dataset.target[place.window][t])
    norms = loss_gradients(config, place.moment.weights, place.indices, target, t=t).h
    line: np.ndarray = norms[place.layer * config.num_directions + place.is_reverse]
    return line if place.is_reverse else line[::-1]


@stage("gradients.trained_maps", FOLLOWED, of=Engine)
def trained_maps(look: Look, engine: Engine) -> Iterator[Picture]:
    """Every state by every earlier one, before training and at the step on the screen."""
    place, _ = reading.place_of(look, engine), look.words
    for key, at in (("map_before", place.before), ("map_after", place)):
        step = at.moment.record.step
        found = cache.influence(at.run.config, at.name, at.moment.weights, at.indices, at.layer, at.is_reverse)
        alt = _("|∂h_t / ∂h_s| of your network at step {step}, t down and s across.", step=step)
        note = at.note or _("Step **{step}**", step=step)
        yield Picture(key, influence_map(found, at.characters, translate=_), alt, note)

"""What the trajectories page is made of: states over the text, units that mark something, the way through space."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components import chart
from pages.ui.components.chart import Picture
from pages.ui.lessons import marking, retraining
from pages.ui.run import player, reading
from pages.ui.run.pictures import FOLLOWED, curves
from pages.ui.run.reading import Place
from pages.ui.session import cache, state
from pages.ui.session.fields import Counts
from pages.ui.session.link import Look
from pages.ui.session.views import MOST_OTHERS, MOST_TYPED, MOST_UNITS, TrajectoriesView
from pages.ui.widgets import choice, said
from pages.ui.words.i18n import Words, _, plain, say
from pages.ui.work.engine import Engine
from rnn_core.analysis.trajectories import Film, film, fit_pca, match_places, order_units, unit_basis
from rnn_core.cells.window import read_window
from rnn_core.data.vocab import Vocabulary, visible
from rnn_core.figures.spectrum import eigenvalue_film
from rnn_core.figures.trajectory import trajectory_film
from rnn_core.figures.unrolled import unit_traces, unrolled
from rnn_core.sentence import ConfigError
from rnn_core.training.history import History

SIDE_BY_SIDE = 32  # characters of a map that can be read in half the page's width


@dataclass(frozen=True)
class _Text:
    """A text that is followed beside the window."""

    indices: np.ndarray
    characters: list[str]


def controls(engine: Engine) -> None:
    """Draw the step and the place in the network."""
    _hear_charts(engine)
    with st.container(horizontal=True):
        reading.choose(engine)


def units(engine: Engine) -> None:
    """Draw all units over the text, chosen ones as lines, and find those that mark something."""
    st.header(_("1 · Units over time"))
    pictures = st.container(key="units_over_time")
    with st.container(horizontal=True):  # below the picture: it is what one comes for
        orders = {"numbered": _("as numbered"), "similar": _("alike side by side")}
        choice.choose(TrajectoriesView, "order", _("Order of the units"), orders)
        lives = {"off": _("preview"), "on": _("live retrain")}
        help_text = _(
            "What the heat map shows while you drag a slider at the side: the untrained network at once, "
            "or the network after {updates} updates, retrained at every move.",
            updates=retraining.UPDATES,
        )
        choice.choose(TrajectoriesView, "live", _("While a slider moves"), lives, help_text=help_text)
    with st.container(border=True):
        marking.find(engine)
    place = reading.place_of(state.look(), engine)
    with pictures:
        is_beside = place.run.config.cell == "lstm" and len(place.indices) <= SIDE_BY_SIDE
        left, right = st.columns(2) if is_beside else (st.container(), st.container())
        shown = retrained if state.view(TrajectoriesView).live == "on" else previewed
        live.show(shown, engine, plays=True, places={"map": left, "map_c": right})


def space(engine: Engine) -> None:
    """Draw the way through state space over training, the loss beside it, and the eigenvalues of W_hh."""
    st.header(_("2 · The path through state space"))
    spaces = {"pca2": _("2 components"), "pca3": _("3 components"), "units": _("chosen units")}
    choice.choose(TrajectoriesView, "space", _("State space"), spaces)
    _choose_others(reading.place(engine))
    path, course = st.columns(2)
    if engine.config.hidden_size < 2:
        path.info(_("A state of one number has no plane: choose a hidden size of 2 or more."))
    course.markdown("**" + _("The loss, with the step of the film") + "**")
    st.header(_("3 · The eigenvalues of W_hh"))
    words, picture = st.columns(2)
    words.markdown(
        _(
            "Without input and far from the bends of tanh, one time step multiplies a small difference "
            "by W_hh. Where an eigenvalue lies inside the circle the difference shrinks along it, "
            "outside it grows; an angle makes it turn. The picture runs with the film above."
        )
    )
    live.show(way, engine, plays=True, places={"path": path, "curves": course, "eigenvalues": picture})


def _newest(steps: Sequence[int], step: int) -> int:
    """Return the place of the newest of some steps that is not after a step; the first if there is none."""
    return max((i for i, one in enumerate(steps) if one <= step), default=0)


def code(engine: Engine) -> None:
    """Show the script that repeats the run, and the functions that made the pictures."""
    player.code(engine, [film, fit_pca, order_units, match_places])


def _hear_charts(engine: Engine) -> None:
    """Take over the unit that was clicked, and the step at which the film came to rest."""
    with chart.pointed("map") as clicked:
        if clicked and clicked.kind == "click" and clicked.trace == 0 and state.is_number(clicked.y):
            place = reading.place_of(state.look(), engine)
            order = _order(state.look(), place.states(place.moment))
            if 0 <= clicked.y < len(order):
                _toggle(engine, order[int(clicked.y)])
    with chart.pointed("path") as rested:
        if rested and rested.kind == "film" and state.is_number(rested.x):
            newest = engine.step
            engine.pinned = None if rested.x >= newest else max(0, int(rested.x))


# ---- units over time


def _chosen(look: Look, place: Place, states: np.ndarray) -> list[int]:
    """Return the units drawn as lines: the viewer's, or the three that move most."""
    known = [unit for unit in look.view(TrajectoriesView).units if unit < place.run.config.hidden_size]
    if known:
        return list(dict.fromkeys(known))
    spread = np.nan_to_num(states.astype(np.float64).std(axis=0))
    return sorted(np.argsort(-spread, kind="stable")[:3].tolist())


def _toggle(engine: Engine, unit: int) -> None:
    place = reading.place_of(state.look(), engine)
    chosen = _chosen(state.look(), place, place.states(place.moment))
    chosen = [other for other in chosen if other != unit] if unit in chosen else [*chosen, unit][-MOST_UNITS:]
    state.note(TrajectoriesView, units=tuple(chosen))


def _order(look: Look, states: np.ndarray) -> list[int]:
    """Return the units in the order of the heat map's rows."""
    is_ordered = look.view(TrajectoriesView).order == "similar"
    return order_units(states).tolist() if is_ordered else list(range(states.shape[1]))


def _seen(look: Look, engine: Engine) -> tuple[Place, str]:
    """Return what the heat map shows, and the words above it: the run, or the network with the value under the hand."""
    hand, _ = look.hand, look.words
    if hand and hand.name in retraining.RETRAINED and look.view(TrajectoriesView).live == "on":
        place = retraining.retrained(look, hand, reading.place_in_run(look, engine))
    else:
        place = reading.place_of(look, engine)
    if place.note:
        return place, place.note
    words = _("Step **{step}**, layer {layer}.", step=place.moment.record.step, layer=place.layer)
    return place, f"{words} " + _("Click a row to add its unit to the lines or to remove it.")


def _units(look: Look, engine: Engine) -> Iterator[Picture]:
    """All units over the text as a heat map, of an LSTM its cell states too, and chosen ones as lines."""
    (place, words), _ = _seen(look, engine), look.words
    states, cells = place.states(place.moment), _cell_states(place)
    order, chosen = _order(look, states), _chosen(look, place, states)
    figure = unrolled(states, place.characters, order=order, units=chosen, span=1.0, translate=_)
    alt = _(
        "Hidden states. Units, one per row: {units}; characters, one per column: {length}.",
        units=len(order),
        length=len(states),
    )
    yield Picture("map", figure, alt, words, events="click")
    if cells is not None:
        figure = unrolled(cells, place.characters, name="c", order=order, units=chosen, translate=_)
        alt = _(
            "Cell states. Units, one per row: {units}; characters, one per column: {length}.",
            units=len(order),
            length=len(states),
        )
        yield Picture("map_c", figure, alt, _("The cell states `c_t` beside them: what the gates keep."))
    threshold = look.view(TrajectoriesView).threshold
    figure = unit_traces(states, chosen, place.characters, cell_states=cells, threshold=threshold, translate=_)
    alt = _("Lines of the units {units} over the text.", units=", ".join(map(str, chosen)))
    yield Picture("lines", figure, alt, marking.best(look, place, _))


# While a slider moves the network is shown untrained, or trained for a moment: then more of them make a difference.
previewed = stage("trajectories.units", ("threshold", *FOLLOWED), of=Engine)(_units)
retrained = stage("trajectories.retrained", ("step", "threshold", *retraining.RETRAINED), of=Engine)(_units)


def _cell_states(place: Place) -> np.ndarray | None:
    """Return c_t of an LSTM; torch tells only the last one, so it is computed in numpy."""
    if place.run.config.cell != "lstm":
        return None
    weights = place.moment.weights
    found = read_window(place.run.config, weights, place.indices, layer=place.layer, is_reverse=place.is_reverse)
    return found.values["c_t"]


# ---- state space


@stage("trajectories.way", of=Engine)
def way(look: Look, engine: Engine) -> Iterator[Picture]:
    """The way through state space over training so far, as a film; its curves, and the eigenvalues of W_hh."""
    place, others = reading.place_of(look, engine), _others(look, engine)
    found, titles = _film(look, place, others)
    if found.path.shape[2] > 1:
        yield _path(look, place, found, titles, others)
    yield curves(look, engine)
    yield _eigenvalues(look, place, found)


def _choose_others(place: Place) -> None:
    """Let the viewer choose what else is followed: the windows after this one, and texts of their own."""
    run, view = place.run, state.view(TrajectoriesView)
    has_others = bool(view.together or view.also)
    with st.expander(_("Several texts at once"), icon=":material/alt_route:", expanded=has_others):
        further = choice.number(TrajectoriesView, "together", _("Windows after this one"), _further(run))
        _draw_typed()
        known, bad = _typed(state.look(), run.dataset.characters)
        for error in bad:
            st.warning(say(error.sentence))
        if further + len(known) > MOST_OTHERS:
            st.warning(_("At most {most} other texts are drawn; the last ones are left out.", most=MOST_OTHERS))


def _further(run: History) -> Counts:
    return {"further window": range(len(run.dataset.input))}


def _others(look: Look, engine: Engine) -> list[_Text]:
    """Return what is followed beside the window."""
    place, dataset = reading.place_of(look, engine), engine.dataset
    windows, further = len(dataset.input), look.view(TrajectoriesView, _further(engine)).together
    rows = [dataset.input[(place.window + 1 + i) % windows] for i in range(further)]
    rows += _typed(look, dataset.characters)[0]
    return [_Text(row, [visible(dataset.characters[i]) for i in row]) for row in rows if len(row)][:MOST_OTHERS]


def _typed(look: Look, characters: tuple[str, ...]) -> tuple[list[np.ndarray], list[ConfigError]]:
    """Return the viewer's own texts as indices, and what is wrong with those that the network cannot read."""
    known, bad = [], []
    for line in look.view(TrajectoriesView).also.splitlines():
        try:
            known.append(Vocabulary(characters).encode(line))
        except ConfigError as error:
            bad.append(error)
    return known, bad


def _draw_typed() -> None:
    """Draw the box for texts of the viewer's own."""
    now = state.view(TrajectoriesView).also
    state.show("also", now)
    help_text = _("One text per line, in characters that the network knows. It was not trained on these texts.")
    label = _("Texts of your own")
    st.text_area(label, now, height=90, max_chars=MOST_TYPED, key="also", help=help_text, on_change=_take_over_typed)


def _take_over_typed() -> None:
    typed = said.text("also", MOST_TYPED)
    if typed is not None:
        state.note(TrajectoriesView, also=typed)


def _film(look: Look, place: Place, others: list[_Text]) -> tuple[Film, list[str]]:
    """Return the film over training, in components or in two or three chosen units, and the titles of the axes."""
    run, size, _ = place.run, place.run.config.hidden_size, look.words
    space = look.view(TrajectoriesView).space
    basis, titles = None, []
    if space == "units":
        chosen = _chosen(look, place, place.states(place.moment))[:3]
        chosen += [unit for unit in range(size) if unit not in chosen][: max(0, 2 - len(chosen))]
        if len(chosen) > 1:
            basis = unit_basis(chosen, size)
            titles = [_("unit {number}", number=unit) for unit in chosen]
    count = 3 if space == "pca3" else 2
    texts = [text.indices for text in others]
    key = f"{cache.key_of(run.config)} {run.step} {len(run.moments)} {titles} {[text.tolist() for text in texts]}"
    where = {"window": place.window, "layer": place.layer, "is_reverse": place.is_reverse, "count": count}
    return cache.film(run, key, texts, basis, **where), titles


def _path(look: Look, place: Place, found: Film, titles: list[str], others: list[_Text]) -> Picture:
    """Picture the paths through state space, and say what of them is seen."""
    _, shares = look.words, [] if titles else [float(share) for share in found.pca.variance_share]
    at = _newest(found.steps, place.moment.record.step)
    texts = [place.characters, *(text.characters for text in others)]
    figure = trajectory_film(
        [found.path, *found.others],
        found.steps,
        texts,
        kept=found.kept,
        names=["".join(text[:24]) for text in texts],
        first=at,
        shares=shares,
        titles=titles,
        translate=_,
    )
    alt = _(
        "The path of the hidden state through the text at step {step}; frames of the film: {count}.",
        step=found.steps[at],
        count=len(found.steps),
    )
    return Picture("path", figure, alt, _seen_of(found, shares, _), events="film")


def _seen_of(found: Film, shares: list[float], _: Words) -> str:
    """Say which part of the states, and which of the steps, the paths show."""
    words = (
        _("These components hold **{share:.0%}** of the variance of all frames together.", share=sum(shares))
        if shares
        else _("The axes are units: nothing is projected.")
    )
    words += " " + _("One basis for all frames and texts, so that only the paths move.")
    if found.kept <= found.steps[-1]:
        words += " " + _(
            "{kept} of {made} steps are kept; keeping all weights would take too much memory.",
            made=found.steps[-1] + 1,
            kept=found.kept,
        )
    if len(found.steps) < found.kept:
        words += " " + _(
            "{shown} of {kept} kept steps are drawn, spread evenly; the newest is always among them.",
            shown=len(found.steps),
            kept=found.kept,
        )
    return words


def _eigenvalues(look: Look, place: Place, found: Film) -> Picture:
    """Picture the eigenvalues of W_hh, and say how far the largest have come."""
    _, lines = look.words, []
    at = _newest(found.spectral_steps, place.moment.record.step)
    radii = {name: np.abs(values).max(axis=1) for name, values in found.eigenvalues.items()}
    for name, radius in radii.items():
        words = _(
            "{block}: the largest |λ| went from {first:.3f} at step {begin} to {last:.3f} at step {end}.",
            block=plain("W_hh" if len(radii) == 1 else f"W_h{name}"),
            first=float(radius[0]),
            begin=found.spectral_steps[0],
            last=float(radius[-1]),
            end=found.spectral_steps[-1],
        )
        lines.append(words)
    if len(found.spectral_steps) < len(found.steps):
        sample = _(
            "Eigenvalues are shown for {found} of the {shown} steps above, evenly spaced: with so many units they "
            "take a long time to compute.",
            shown=len(found.steps),
            found=len(found.spectral_steps),
        )
        lines.append(sample)
    alt = _(
        "Eigenvalues of W_hh in the complex plane with the unit circle; the largest are {radius}.",
        radius=", ".join(f"{name}: {radius[at]:.3f}" for name, radius in radii.items()),
    )
    figure = eigenvalue_film(found.eigenvalues, found.spectral_steps, first=at, translate=_)
    return Picture("eigenvalues", figure, alt, "  \n".join(lines))

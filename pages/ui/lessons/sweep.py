"""A sweep on the screen: its map, its curves, all its axes, and the combination that the viewer picked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import streamlit as st

from pages import PAGES, build_pages
from pages.ui.channel import live
from pages.ui.channel.stages import Picture as AnyPicture
from pages.ui.channel.stages import stage
from pages.ui.components import chart
from pages.ui.components.chart import Picture
from pages.ui.lessons import sweeping
from pages.ui.lessons.sweep_controls import names, plan
from pages.ui.run import rounding, shelf
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import SweepView
from pages.ui.widgets import downloads, said, source
from pages.ui.words.i18n import Words, _
from pages.ui.work.sweeper import Sweeper
from rnn_core.figures.overlay import Curve, overlaid_losses
from rnn_core.figures.sweep import sweep_axes, sweep_curves, sweep_map
from rnn_core.records.sweeps import SweepTable
from rnn_core.sentence import ngettext
from rnn_core.sweep.plan import Plan
from rnn_core.training.experiment import Experiment
from rnn_core.training.shelf import KeptRun

BEST = -1  # stands for whichever combination is best


def current_sweeper() -> Sweeper | None:
    """Return what trains the sweep of the link; None, said why, if it cannot be trained."""
    return sweeping.sweeper_of("_sweeper", plan())


def show(sweeper: Sweeper) -> None:
    """Draw the sweep; while it runs, its pictures follow."""
    _open_in_training()
    with sweeper.still:
        table = sweeper.results.table()
    _hear_click(table)
    status, above = sweeping.buttons(sweeper), st.container()
    has_several = table.loss.shape[1] > 1
    _explain_squares(has_several=has_several)
    all_axes = st.container()
    if len(table.fields) > 2:
        all_axes.caption(_("Of the combinations that share a square, the best one is shown. Below are all of them."))
    left, right = st.columns(2)
    title = _("The loss curves behind it, medians over the seeds") if has_several else _("The loss curves behind it")
    left.markdown(f"**{title}**")
    with right:
        _choose(table)
        one = st.container()
        _go_on_with(sweeper)
    places = {"sweep_status": status, "sweep_map": above, "sweep_axes_chart": all_axes}
    live.show(course, sweeper, plays=True, places={**places, "sweep_curves": left, "sweep_one": one})
    _downloads(sweeper)
    state.write_address("sweep")


def _explain_squares(*, has_several: bool) -> None:
    """Say what the marks of the map mean, where a square is of several seeds or of one."""
    if has_several:
        words = _(
            "Each square is the median over the seeds; the better, the bluer. ★ best, ✕ on orange: "
            "diverged, small ✕: some seeds diverged, ○ still being trained, ≈ some results depend on "
            "rounding. Point at a square for its spread, click it for its curves."
        )
    else:
        words = _(
            "Each square is one network; the better, the bluer. ★ best, ✕ on orange: diverged, ○ still being trained, "
            "≈ the result depends on rounding. Click a square for its curve."
        )
    st.caption(words)


@stage("sweep.course", of=Sweeper)
def course(look: Look, sweeper: Sweeper) -> list[AnyPicture]:
    """How far a sweep is, its map, all its axes if there are many, its curves, and those of the chosen combination."""
    _ = look.words
    with sweeper.still:
        table, labels = sweeper.results.table(), names(_)
        view = _view(look, table)
        is_over = len(sweeper.results.runs) == len(sweeper.results.sweep.configs)
        alt = _summary(table, view.shown, labels, _, is_over=is_over)
        figure = sweep_map(table, view.shown, labels, picked=view.picked, translate=_)
        pictures: list[AnyPicture] = [
            sweeping.progress(look, sweeper),
            Picture("sweep_map", figure, alt, alt, events="click"),
        ]
        if len(table.fields) > 2:
            pictures.append(Picture("sweep_axes_chart", sweep_axes(table, view.shown, labels, translate=_), alt))
        pictures.append(_curves(sweeper, table, view.shown, labels, _))
        pictures.append(_one(sweeper, table, _picked(view, table), labels, _))
    return pictures


def _hear_click(table: SweepTable) -> None:
    """Take up which square was clicked."""
    with chart.pointed("sweep_map") as point:
        up = table.values[1] if len(table.values) > 1 else ("",)
        across, height = (str(point.x), str(point.y)) if point else (None, None)
        if across in table.values[0] and height in up:
            _pick(int(table.squares(state.view(SweepView).shown)[up.index(height), table.values[0].index(across)]))


def _pick(place: int) -> None:
    state.note(SweepView, picked=None if place == BEST else place)


def _view(look: Look, table: SweepTable) -> SweepView:
    return look.view(SweepView, {"combination": range(len(table.loss))})


def _picked(view: SweepView, table: SweepTable) -> int:
    """Return the combination to look at: the one that was picked, or else the best."""
    return view.picked if view.picked is not None else table.best(view.shown) or 0


def _summary(table: SweepTable, shown: str, labels: dict[str, str], _: Words, *, is_over: bool) -> str:
    """Say which combination is best, by how much it varies, and how many diverged."""
    total, best = len(table.loss), table.best(shown)
    exploded = int((table.has_exploded & table.has_finished).any(axis=1).sum())
    if best is None:
        words = _("No combination has been trained to its end without diverging yet.")
    else:
        said = (_("Best") if is_over else _("Best so far")) + f": **{_values(table, best, labels)}**. "
        words = said + _final(table.loss[best], table.median("loss")[best], table.median("accuracy")[best], _)
    rounded = int(table.hangs_on_rounding.any(axis=1).sum())
    if rounded:
        words += " " + _(
            "Combinations in which a result depends on rounding (≈): {count} of {total}.", count=rounded, total=total
        )
    if exploded:
        words += " " + _(
            "Combinations in which at least one seed diverged: {count} of {total}.", count=exploded, total=total
        )
    return words


def _final(losses: np.ndarray, loss: float, accuracy: float, _: Words) -> str:
    """Say what a combination came to: one network, or the median of several (S,) and how far they spread."""
    if len(losses) == 1:
        return _("Final loss **{loss:.4g}**, accuracy **{accuracy:.0%}**.", loss=loss, accuracy=accuracy)
    return _(
        "Final loss **{loss:.4g}** and accuracy **{accuracy:.0%}** in the median (seeds: {seeds}; losses from "
        "{low:.4g} to {high}).",
        loss=loss,
        accuracy=accuracy,
        seeds=len(losses),
        low=losses.min(),
        high=_loss_words(float(losses.max()), _),
    )


def _values(table: SweepTable, place: int, labels: dict[str, str]) -> str:
    return ", ".join(f"{labels[field]} = {word}" for field, word in zip(table.fields, table.words(place), strict=True))


def _loss_words(loss: float, _: Words) -> str:
    return f"{loss:.4g}" if math.isfinite(loss) else _("diverged")


def _curve(sweeper: Sweeper, table: SweepTable, place: int, run: int, name: str, *, is_quiet: bool = False) -> Curve:
    steps, losses = sweeper.results.curve(place, run)
    return Curve(name, steps, losses, bool(table.has_exploded[place, run]), is_quiet)


def _curves(sweeper: Sweeper, table: SweepTable, shown: str, labels: dict[str, str], _: Words) -> Picture:
    middle = table.middle("loss")
    curves = {
        place: _curve(sweeper, table, place, max(0, int(middle[place])), _values(table, place, labels))
        for place in table.squares(shown).ravel().tolist()
    }
    last = max(config.steps for config in sweeper.results.sweep.configs)
    figure = sweep_curves(table, curves, shown, labels, last_step=last, translate=_)
    return Picture(
        "sweep_curves",
        figure,
        _(
            ngettext("Loss curve of {count} combination.", "Loss curves of {count} combinations.", len(curves)),
            count=len(curves),
        ),
    )


def _one(sweeper: Sweeper, table: SweepTable, picked: int, labels: dict[str, str], _: Words) -> Picture:
    """Picture the curves of one combination, and say what it is."""
    middle = _middle(table, picked)
    seeds = [sweeper.results.config(picked, run).seed for run in range(table.loss.shape[1])]
    order = [run for run in range(len(seeds)) if run != middle] + [middle]  # the median one on top
    curves = [
        _curve(sweeper, table, picked, run, _("seed {seed}", seed=seeds[run]), is_quiet=run != middle) for run in order
    ]
    lines = ", ".join(
        f"{seed}: {_loss_words(float(loss), _)}{' ≈' * bool(is_rounded)}"
        for seed, loss, is_rounded in zip(seeds, table.loss[picked], table.hangs_on_rounding[picked], strict=True)
        if loss == loss
    )
    values = _values(table, picked, labels)
    said = (
        _("Final loss by seed: {losses}. The coloured curve is the median run.", losses=lines or "–")
        if len(seeds) > 1
        else _("Final loss by seed: {losses}.", losses=lines or "–")
    )
    note = f"**{values}**. {said}"
    return Picture("sweep_one", overlaid_losses(curves, is_log=True, height=300, translate=_), note, note)


def _middle(table: SweepTable, place: int) -> int:
    """Return the median run of a combination."""
    return max(0, int(table.middle("loss")[place]))


def _choose(table: SweepTable) -> None:
    """Let the viewer choose a combination."""
    choice, labels = _view(state.look(), table).picked, names(_)
    options = {BEST: _("★ the best one")} | {place: _values(table, place, labels) for place in range(len(table.loss))}
    state.show("sweep_picked", BEST if choice is None else choice)
    st.selectbox(
        _("Combination"),
        options,
        0 if choice is None else choice + 1,
        format_func=options.__getitem__,
        key="sweep_picked",
        on_change=_take_picked,
        args=(options,),
    )


def _go_on_with(sweeper: Sweeper) -> None:
    """Let the viewer go on with the combination that is looked at."""
    _place, _run, hanging_loss = _looked_at(sweeper)
    with st.container(horizontal=True):
        icon = ":material/monitoring:"
        st.button(_("Open in Training"), on_click=_ask_to_open, args=(sweeper,), icon=icon, key="open_in_training")
        shelf.keep_button(lambda: _kept(sweeper))
    if hanging_loss is not None:
        rounding.foretell()


def _looked_at(sweeper: Sweeper) -> tuple[int, int, float | None]:
    """Return the combination that is looked at now, its median run, and the loss of that if it hangs on rounding."""
    with sweeper.still:
        table = sweeper.results.table()
    place = _picked(_view(state.look(), table), table)
    run = _middle(table, place)
    return place, run, float(table.loss[place, run]) if table.hangs_on_rounding[place, run] else None


def _take_picked(options: Iterable[int]) -> None:
    place = said.one_of("sweep_picked", options)
    if place is not None:
        _pick(place)


def _kept(sweeper: Sweeper) -> KeptRun | None:
    """Return the run that is looked at as the shelf keeps it, if it is finished."""
    place, run, _loss = _looked_at(sweeper)
    cell = sweeper.results.run(place, run)
    if cell is None:
        return None
    config = sweeper.results.config(place, run)
    return KeptRun(shelf.name_of(config), config, tuple(cell.losses.tolist()), cell.accuracy, cell.has_exploded)


def _ask_to_open(sweeper: Sweeper) -> None:
    place, run, hanging_loss = _looked_at(sweeper)
    config = st.session_state["_open"] = sweeper.results.config(place, run)
    if hanging_loss is not None:
        rounding.note_opened(config, hanging_loss)


def _open_in_training() -> None:
    """Go to the Training page with the run that the viewer asked for, if any, to be trained there step by step."""
    config = st.session_state.pop("_open", None)
    if config is None:
        return
    target = next(t for spec, t in zip(PAGES, build_pages(), strict=True) if spec.name == "training")
    state.show_config(config.replace(earlier=()))
    state.renew_run()
    st.switch_page(target, query_params=state.query("training"))


def _downloads(sweeper: Sweeper) -> None:
    def rows() -> list[dict[str, Any]]:
        with sweeper.still:
            return list(sweeper.results.rows())

    downloads.show("sweep", rows, is_empty=not (sweeper.results.runs or sweeper.is_playing))


def code() -> None:
    """Show how to train the same sweep without the app, and the functions that did it."""
    from rnn_core.sweep.grid import run_here
    from rnn_core.sweep.population import Population

    source.show_code(
        lambda: script(plan()),
        [run_here, Population._measure, Population._update],
        caption=_("The same sweep with the core alone; the numbers are those of the map."),
    )


def script(asked: Plan) -> str:
    """Write a script that trains a plan with the core alone."""
    fields = ", ".join(f"{name}={value!r}" for name, value in Experiment(asked.base).settings.items())
    return "\n".join(
        (
            "import torch",
            "",
            "from rnn_core import Config",
            "from rnn_core.records.sweeps import SweepCell",
            "from rnn_core.sweep.grid import grid, run_here",
            "",
            "torch.set_num_threads(1)  # as the app does",
            f"config = Config({fields})",
            "axes = {",
            *(f"    {field!r}: {list(values)!r}," for field, values in asked.values.items()),
            "}",
            "for event in run_here(grid(config, axes)):",
            "    if isinstance(event, SweepCell):",
            "        print(event.values, event.loss, event.accuracy)",
            "",
        )
    )

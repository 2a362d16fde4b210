"""A sweep on the screen: its map, its curves, all its axes, and the combination that the viewer picked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import streamlit as st

from pages import PAGES, build_pages
from pages.ui.components import chart
from pages.ui.lessons.sweep_controls import names, plan, shown
from pages.ui.run import rounding, shelf
from pages.ui.session import state
from pages.ui.session.views import SweepView
from pages.ui.widgets import said, source
from pages.ui.words.i18n import _
from pages.ui.work import clock
from pages.ui.work.sweeper import Sweeper
from rnn_core.config import Config
from rnn_core.figures.overlay import Curve, overlaid_losses
from rnn_core.figures.sweep import sweep_axes, sweep_curves, sweep_map
from rnn_core.records.sweeps import SweepTable
from rnn_core.sweep.plan import Plan
from rnn_core.training.experiment import Experiment
from rnn_core.training.shelf import KeptRun

BEST = -1  # stands for whichever combination is best


def current_sweeper() -> Sweeper | None:
    """Return what trains the sweep of the link; None, said why, if it cannot be trained."""
    return clock.sweeper_of("_sweeper", plan())


def live(sweeper: Sweeper) -> None:
    """Draw the sweep, and while it runs, train it."""
    clock.keep_up(sweeper, lambda: _draw(sweeper))


def _draw(sweeper: Sweeper) -> None:
    _open_in_training()
    table = sweeper.results.table()
    _hear_click(table)
    clock.status(sweeper)
    labels = names()
    picked = _picked(table)
    alt = _summary(table, labels)
    figure = sweep_map(table, shown(), labels, picked=_choice(table), translate=_)
    chart.show(figure, key="sweep_map", alt=alt, events="click", note=alt)
    st.caption(
        _(
            "Each square is the median over the seeds; the better, the bluer. ★ best, ✕ on orange: diverged, small ✕: "
            "some seeds diverged, ○ still being trained, ≈ some results hang on rounding. Point at a square for its "
            "spread, click it for its curves."
        )
    )
    if len(table.fields) > 2:
        st.caption(_("Of the combinations that share a square, the best one is shown. Below are all of them."))
        chart.show(sweep_axes(table, shown(), labels, translate=_), key="sweep_axes_chart", alt=alt)
    curves, one = st.columns(2)
    with curves:
        st.markdown("**" + _("The loss curves behind it, medians over the seeds") + "**")
        _show_curves(sweeper, table, labels)
    with one:
        _show_picked(sweeper, table, labels, picked)
    _downloads(sweeper)
    state.write_address("sweep")


def _hear_click(table: SweepTable) -> None:
    """Take up which square was clicked."""
    with chart.pointed("sweep_map") as point:
        up = table.values[1] if len(table.values) > 1 else ("",)
        across, height = (str(point.x), str(point.y)) if point else (None, None)
        if across in table.values[0] and height in up:
            _pick(int(table.squares(shown())[up.index(height), table.values[0].index(across)]))


def _pick(place: int) -> None:
    state.note(SweepView, picked=None if place == BEST else place)


def _choice(table: SweepTable) -> int | None:
    """Return the combination that the viewer picked, if any."""
    return state.view(SweepView, {"combination": range(len(table.loss))}).picked


def _picked(table: SweepTable) -> int:
    """Return the combination to look at: the one that was picked, or else the best."""
    choice = _choice(table)
    return choice if choice is not None else table.best(shown()) or 0


def _summary(table: SweepTable, labels: dict[str, str]) -> str:
    """Say which combination is best, by how much it varies, and how many diverged."""
    total, best = len(table.loss), table.best(shown())
    exploded = int((table.has_exploded & table.has_finished).any(axis=1).sum())
    if best is None:
        words = _("No combination has been trained to its end without diverging yet.")
    else:
        losses = table.loss[best]
        words = _(
            "Best: **{values}**, with a final loss of **{loss:.4g}** ({low:.4g} to {high} over {seeds} seeds) and an "
            "accuracy of **{accuracy:.0%}** in the median.",
            values=_values(table, best, labels),
            loss=table.median("loss")[best],
            low=losses.min(),
            high=_loss_words(float(losses.max())),
            seeds=len(losses),
            accuracy=table.median("accuracy")[best],
        )
    rounded = int(table.hangs_on_rounding.any(axis=1).sum())
    if rounded:
        words += " " + _(
            "In {count} of {total} combinations a result hangs on rounding (≈).", count=rounded, total=total
        )
    if exploded:
        words += " " + _("In {count} of {total} combinations at least one seed diverged.", count=exploded, total=total)
    return words


def _values(table: SweepTable, place: int, labels: dict[str, str]) -> str:
    return ", ".join(f"{labels[field]} = {word}" for field, word in zip(table.fields, table.words(place), strict=True))


def _loss_words(loss: float) -> str:
    return f"{loss:.4g}" if math.isfinite(loss) else _("diverged")


def _curve(sweeper: Sweeper, table: SweepTable, place: int, run: int, name: str, *, is_quiet: bool = False) -> Curve:
    steps, losses = sweeper.results.curve(place, run)
    return Curve(name, steps, losses, bool(table.has_exploded[place, run]), is_quiet)


def _show_curves(sweeper: Sweeper, table: SweepTable, labels: dict[str, str]) -> None:
    middle = table.middle("loss")
    curves = {
        place: _curve(sweeper, table, place, max(0, int(middle[place])), _values(table, place, labels))
        for place in table.squares(shown()).ravel().tolist()
    }
    last = max(config.steps for config in sweeper.results.sweep.configs)
    figure = sweep_curves(table, curves, shown(), labels, last_step=last, translate=_)
    alt = _("Loss curves of {count} combinations.", count=len(curves))
    chart.show(figure, key="sweep_curves", alt=alt)


def _show_picked(sweeper: Sweeper, table: SweepTable, labels: dict[str, str], picked: int) -> None:
    """Draw the curves of one combination, say what it is, and let the viewer go on with it."""
    choice = _choice(table)
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
    middle = max(0, int(table.middle("loss")[picked]))
    seeds = [sweeper.results.config(picked, run).seed for run in range(table.loss.shape[1])]
    order = [run for run in range(len(seeds)) if run != middle] + [middle]  # the median one on top
    curves = [
        _curve(sweeper, table, picked, run, _("seed {seed}", seed=seeds[run]), is_quiet=run != middle) for run in order
    ]
    lines = ", ".join(
        f"{seed}: {_loss_words(float(loss))}{' ≈' * bool(is_rounded)}"
        for seed, loss, is_rounded in zip(seeds, table.loss[picked], table.hangs_on_rounding[picked], strict=True)
        if loss == loss
    )
    values = _values(table, picked, labels)
    note = f"**{values}**. " + _(
        "Final loss by seed: {losses}. The coloured curve is the median run.", losses=lines or "–"
    )
    figure = overlaid_losses(curves, is_log=True, height=300, translate=_)
    chart.show(figure, key="sweep_one", alt=note, note=note)
    hangs = bool(table.hangs_on_rounding[picked, middle])
    with st.container(horizontal=True):
        config = sweeper.results.config(picked, middle)
        icon = ":material/monitoring:"
        asked = (config, float(table.loss[picked, middle]) if hangs else None)
        st.button(_("Open in Training"), on_click=_ask_to_open, args=asked, icon=icon, key="open_in_training")
        shelf.keep_button(lambda: _kept(sweeper, picked, middle))
    if hangs:
        rounding.foretell()


def _take_picked(options: Iterable[int]) -> None:
    place = said.one_of("sweep_picked", options)
    if place is not None:
        _pick(place)


def _kept(sweeper: Sweeper, place: int, run: int) -> KeptRun | None:
    """Return a finished run as the shelf keeps it."""
    cell = sweeper.results.run(place, run)
    if cell is None:
        return None
    config = sweeper.results.config(place, run)
    return KeptRun(shelf.name_of(config), config, tuple(cell.losses.tolist()), cell.accuracy, cell.has_exploded)


def _ask_to_open(config: Config, hanging_loss: float | None) -> None:
    st.session_state["_open"] = config
    if hanging_loss is not None:
        rounding.note_opened(config, hanging_loss)


def _open_in_training() -> None:
    """Go to the Training page with the run that the viewer asked for, if any, to be trained there step by step."""
    config = st.session_state.pop("_open", None)
    if config is None:
        return
    target = next(t for spec, t in zip(PAGES, build_pages(), strict=True) if spec.name == "training")
    state.put(**{**dict(config), "earlier": ()})
    state.renew_run()
    st.switch_page(target, query_params=state.query("training"))


def _downloads(sweeper: Sweeper) -> None:
    results = sweeper.results
    with st.container(horizontal=True):
        is_empty = not results.runs
        shared: dict[str, Any] = {"icon": ":material/download:", "disabled": is_empty, "on_click": "ignore"}
        st.download_button("CSV", results.to_csv, "sweep.csv", "text/csv", key="csv", **shared)
        st.download_button(
            "Parquet", results.to_parquet, "sweep.parquet", "application/vnd.apache.parquet", key="parquet", **shared
        )


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

"""Kept runs side by side: their curves, what differs between them, and two of them on the same seeds."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import Picture as AnyPicture
from pages.ui.channel.stages import stage
from pages.ui.components import chart
from pages.ui.components.chart import Picture
from pages.ui.lessons import sweeping
from pages.ui.run import shelf
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import CompareView
from pages.ui.widgets import downloads, said, source
from pages.ui.widgets.controls import FIELDS
from pages.ui.words.i18n import Words, _, language, plain, say
from pages.ui.work.engine import Engine
from pages.ui.work.sweeper import Sweeper
from rnn_core.config import Config, format_value
from rnn_core.figures.duel import seed_pairs
from rnn_core.figures.overlay import Curve, overlaid_losses
from rnn_core.records.sweeps import SweepTable
from rnn_core.sentence import ngettext
from rnn_core.sweep.plan import Duel
from rnn_core.training.shelf import KeptRun, differences, rows

SEEDS = 8  # of a duel
EXAMPLES = (Config(cell="rnn"), Config(cell="lstm"))
LONGEST = 24  # characters of a value in the table


def runs() -> list[KeptRun]:
    """Return the runs on the shelf, or two examples if it is empty."""
    return shelf.runs() or [_example(config) for config in EXAMPLES]


def _example(config: Config) -> KeptRun:
    """Train a small run for this page, once for all viewers."""
    engine = Engine(config)
    while engine.is_playing:
        engine.slice()
    return shelf.of_engine(engine)


def overlay(kept: list[KeptRun]) -> None:
    """Draw the loss curves over each other."""
    if not shelf.runs():
        st.info(
            _(
                "Your shelf is empty. These are two real runs that this server has trained: an RNN and an "
                "LSTM with the same seed. Keep runs of your own with **Keep this run** on the Training and "
                "Sweep pages."
            ),
            icon=":material/bookmark_add:",
        )
    is_log = state.view(CompareView).losses == "log"
    state.show("compare_log", is_log)
    st.toggle(_("Logarithmic loss"), is_log, key="compare_log", on_change=_take_scale)
    curves = [Curve(run.name, range(len(run.losses)), run.losses, run.has_exploded) for run in kept]
    figure = overlaid_losses(curves, is_log=is_log, translate=_)
    alt = "; ".join(
        _(
            ngettext(
                "{name}: final loss {loss} after {steps} step",
                "{name}: final loss {loss} after {steps} steps",
                len(run.losses) - 1,
            ),
            name=run.name,
            loss=_loss(run),
            steps=len(run.losses) - 1,
        )
        for run in kept
    )
    chart.show(figure, key="compare", alt=alt)


def table(kept: list[KeptRun]) -> None:
    """Draw what differs between the runs, and what came out."""
    st.header(_("What differs, and what came out"))
    found = differences([run.config for run in kept])
    head = [_("run"), *(_(FIELDS[name][0]) if name in FIELDS else name for name in found)]
    head += [_("final loss"), _("accuracy"), _("steps made"), _("parameters"), _("time")]
    cells = [
        [
            f"**{plain(run.name)}**",
            *(_short(values[place]) for values in found.values()),
            _loss(run),
            f"{run.accuracy:.0%}",
            str(len(run.losses) - 1),
            f"{run.parameters:,}",
            "–" if run.seconds is None else _("{seconds:.2f} s", seconds=run.seconds),
        ]
        for place, run in enumerate(kept)
    ]
    lines = [head, ["---"] * len(head), *cells]
    st.markdown("\n".join("| " + " | ".join(line) + " |" for line in lines))
    if not found and len(kept) > 1:
        st.caption(_("These runs have the same settings."))
    if any(run.seconds is None for run in kept):
        st.caption(_("– : trained together with others, or for this page; its own time was not measured."))
    downloads.show("compare", lambda: rows(kept))


def shelf_controls() -> None:
    """Let the viewer rename, remove, download and upload runs."""
    kept = shelf.runs()
    with st.expander(
        _(ngettext("Your shelf: {count} run", "Your shelf: {count} runs", len(kept)), count=len(kept)),
        icon=":material/bookmarks:",
        expanded=bool(kept),
    ):
        st.caption(_("Runs are kept until this page is reloaded: save them as a file, and add them again from it."))
        for place, run in enumerate(kept):
            with st.container(horizontal=True, vertical_alignment="bottom"):
                key = f"name_{place}"
                if st.session_state.get(key) != run.name:
                    st.session_state[key] = run.name
                label = _("Name of run {number}", number=place + 1)
                st.text_input(label, run.name, key=key, max_chars=40, on_change=shelf.rename, args=(run.name, key))
                st.button(
                    _("Remove"),
                    key=f"remove_{place}",
                    on_click=shelf.remove,
                    args=(run.name,),
                    icon=":material/delete:",
                )
        st.download_button(
            _("Download as JSON lines"),
            shelf.to_file(),
            "runs.jsonl",
            "application/jsonl",
            key="download_runs",
            icon=":material/download:",
            disabled=not kept,
            on_click="ignore",
        )
        st.file_uploader(_("Add runs from a file"), ["jsonl"], key="upload_runs", on_change=_take_file)
        _report()


def duel(kept: list[KeptRun]) -> None:
    """Let two runs compete on the same seeds: what differs then is not luck."""
    st.header(_("A or B? The same seeds for both"))
    st.markdown(
        _(
            "One run each says little: the seed alone may decide. Here both settings are trained on the same {seeds} "
            "seeds, beginning with A's own.",
            seeds=SEEDS,
        )
    )
    if len(kept) < 2:
        st.caption(_("Keep a second run to compare it with."))
        return
    names = [run.name for run in kept]
    left, right = st.columns(2)
    first = left.selectbox("A", names, 0, key="duel_a")
    second = right.selectbox("B", names, len(names) - 1 if first == names[0] else 0, key="duel_b")
    a, b = (next((run for run in kept if run.name == name), kept[0]) for name in (first, second))
    asked = Duel((_seedless(a.config), _seedless(b.config, a.config)), SEEDS)
    st.button(_("Train both"), on_click=_start, args=(asked,), key="start_duel", icon=":material/play_arrow:")
    if st.session_state.get("_duel") != asked.key:
        return
    sweeper = sweeping.sweeper_of("_dueller", asked)
    if sweeper:
        sweeper.called = (f"A: {a.name}", f"B: {b.name}")
        live.show(both, sweeper, plays=True, places={"sweep_status": sweeping.buttons(sweeper)})


def _seedless(config: Config, other: Config | None = None) -> Config:
    """Return a config without changes made on the way, with another's seed."""
    return config.model_copy(update={"earlier": (), "seed": (other or config).seed})


def _start(asked: Duel) -> None:
    st.session_state["_duel"] = asked.key


@stage("compare.both", of=Sweeper)
def both(look: Look, sweeper: Sweeper) -> list[AnyPicture]:
    """How far a duel is, and the final losses of both, seed by seed."""
    _ = look.words
    with sweeper.still:
        found = sweeper.results.table()
        seeds = [sweeper.results.config(0, run).seed for run in range(found.loss.shape[1])]
        words = _score(found, _)
        figure = seed_pairs(found, seeds, sweeper.called, translate=_)
        return [sweeping.progress(look, sweeper), Picture("duel", figure, words, words)]


def _score(found: SweepTable, _: Words) -> str:
    """Say who has won how often."""
    ended = found.has_finished.all(axis=0)
    wins = int((found.loss[0] < found.loss[1])[ended].sum())
    losses = int((found.loss[1] < found.loss[0])[ended].sum())
    words = _("After all steps, A has the lower loss on **{wins}** and B on **{losses}** of {count} seeds.",
              wins=wins, losses=losses, count=int(ended.sum()))  # fmt: skip
    if ended.all():
        medians = [_number(float(np.median(row)), _) for row in found.loss]
        words += " " + _("Median final loss: {a} for A, {b} for B.", a=medians[0], b=medians[1])
    rounded = int(found.hangs_on_rounding.any(axis=0).sum())
    if rounded:
        words += " " + _(
            "On {count} of {total} seeds a result depends on rounding: trained alone, it would come out differently.",
            count=rounded,
            total=found.loss.shape[1],
        )
    return words


def _take_scale() -> None:
    is_log = said.switch("compare_log")
    if is_log is not None:
        state.note(CompareView, losses="log" if is_log else "linear")


def _take_file() -> None:
    file = st.session_state.get("upload_runs")
    st.session_state["_upload"] = shelf.from_file(file.getvalue()) if file is not None else None


def _report() -> None:
    """Say what of the last file could not be used, line by line."""
    report = st.session_state.get("_upload")
    if report is None:
        return
    count, bad = report
    st.success(_(ngettext("{count} run added.", "{count} runs added.", count), count=count), icon=":material/check:")
    if bad:
        lines = []
        for number, why in bad[:12]:
            lines.append("- " + _("Line {number}: {why}", number=number, why=say(why)))
        more = ["- …"] if len(bad) > 12 else []
        st.warning("\n".join((_("Not added:"), *lines, *more)), icon=":material/report:")


def _short(value: object) -> str:
    words = format_value(value)
    return plain(words if len(words) <= LONGEST else words[:LONGEST] + "…") or "–"


def _loss(run: KeptRun) -> str:
    return (
        _("diverged at step {step}", step=len(run.losses) - 1)
        if run.has_exploded
        else _number(run.losses[-1], Words(language()))
    )


def _number(loss: float, _: Words) -> str:
    return f"{loss:.4g}" if math.isfinite(loss) else _("diverged")


def code(kept: list[KeptRun]) -> None:
    """Show the script that repeats the first run, and what reads a file of runs."""
    from rnn_core.training.export import to_script
    from rnn_core.training.shelf import _read_line, to_line

    source.show_code(
        lambda: to_script(kept[0].config),
        [differences, to_line, _read_line],
        caption=_("Plain PyTorch: repeats the first of these runs."),
    )

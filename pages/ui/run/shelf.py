"""The session's shelf of kept runs, to be compared on a page of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.session import state
from pages.ui.widgets import said
from pages.ui.words.i18n import _
from rnn_core.config import Config
from rnn_core.sentence import Sentence
from rnn_core.training.shelf import MAX_BYTES, MAX_KEPT, MAX_NAME, KeptRun, clean_name, describe, read_lines, to_line

if TYPE_CHECKING:
    from pages.ui.work.engine import Engine

NUMBERED = re.compile(r" \(\d+\)$")


@dataclass
class Shelf:
    """The kept runs, oldest first, and what the button that keeps one has come to since the page was drawn."""

    runs: list[KeptRun] = field(default_factory=list)
    told: str = ""


def _shelf() -> Shelf:
    return state.kept(Shelf) or state.keep(Shelf())


def runs() -> list[KeptRun]:
    """Return what is on the shelf, oldest first."""
    return _shelf().runs


def keep(run: KeptRun) -> bool:
    """Put a run on the shelf under a name of its own; whether there was room."""
    kept = runs()
    size = sum(len(to_line(other).encode()) + 1 for other in (*kept, run))
    if len(kept) >= MAX_KEPT or size > MAX_BYTES:
        return False
    taken = {other.name for other in kept}
    name, number = run.name, 2
    while name in taken:
        stem = NUMBERED.sub("", run.name)
        name = f"{stem[: MAX_NAME - 5]} ({number})"
        number += 1
    kept.append(replace(run, name=name))
    return True


def remove(name: str) -> None:
    """Take a run off the shelf."""
    _shelf().runs = [run for run in runs() if run.name != name]


def rename(name: str, key: str) -> None:
    """Give a run the name that was typed, as far as a name can be that, if no other run has it."""
    wanted = clean_name(said.text(key, MAX_NAME) or "")
    if wanted and wanted not in {run.name for run in runs()}:
        _shelf().runs = [replace(run, name=wanted) if run.name == name else run for run in runs()]


def to_file() -> str:
    """Return the shelf as one file, a line a run."""
    return "".join(to_line(run) + "\n" for run in runs())


def from_file(content: bytes) -> tuple[int, list[tuple[int, Sentence]]]:
    """Put the runs of a file on the shelf; return how many, and of every other line its number and what is wrong."""
    count = 0
    bad: list[tuple[int, Sentence]] = []
    for number, found in read_lines(content):
        if not isinstance(found, KeptRun):
            bad.append((number, found))
        elif keep(found):
            count += 1
        else:
            bad.append((number, Sentence("The shelf is full.")))
    return count, bad


def name_of(config: Config) -> str:
    """Return a name for a run of this config."""
    return clean_name(describe(config))


def keep_button(make: Callable[[], KeptRun | None]) -> None:
    """Draw the button that puts a run on the shelf.

    Args:
        make: returns the run as it is now, if there is one to keep.
    """

    def take() -> None:
        run = make()
        _shelf().told = "none" if run is None else "kept" if keep(run) else "full"

    help_text = _("Kept until this page is reloaded; the Compare page can save it as a file.")
    st.button(_("Keep this run"), on_click=take, icon=":material/bookmark_add:", key="keep_run", help=help_text)
    shelf = _shelf()
    told, shelf.told = shelf.told, ""
    match told:
        case "none":
            st.toast(_("This run has not been trained to its end yet."), icon=":material/hourglass_empty:")
        case "kept":
            st.toast(_("Kept on the Compare page: {name}", name=runs()[-1].name), icon=":material/bookmark:")
        case "full":
            st.toast(_("The shelf is full: remove a run on the Compare page first."), icon=":material/block:")


def of_engine(engine: Engine) -> KeptRun:
    """Return the session's training run as the shelf keeps it."""
    steps = engine.config.steps if engine.is_over else max(1, engine.step)
    config = engine.config.model_copy(update={"steps": steps})
    losses, accuracy = tuple(engine.course.loss), engine.last.accuracy
    return KeptRun(name_of(config), config, losses, accuracy, engine.has_exploded, engine.busy_s)

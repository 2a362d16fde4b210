"""The session's run beside the same experiment with the other cells, all played together. No streamlit here."""

from __future__ import annotations

from collections.abc import Mapping

from pages.ui.work.engine import SLICE_S, Engine
from rnn_core.analysis.reach import CELLS
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.experiment import Experiment


class Trio:
    """A run of each cell with everything else as in the session's own, which is one of them.

    Attributes:
        own: the session's own.
        runs: by cell; one whose run would be too much for this server is left out.
        left_out: why, by cell.
    """

    gap_s = 0.0

    def __init__(self, own: Engine, kept: Trio | None = None) -> None:
        self.own = own
        self.runs: dict[str, Engine] = {}
        self.left_out: dict[str, Sentence] = {}
        for cell in CELLS:
            if cell == own.asked.cell:
                self.runs[cell] = own
                continue
            try:
                self.runs[cell] = _run_of(own, cell, kept)
            except ConfigError as error:
                self.left_out[cell] = error.sentence

    @property
    def others(self) -> dict[str, Engine]:
        """The runs beside the session's own."""
        return {cell: run for cell, run in self.runs.items() if run is not self.own}

    @property
    def is_playing(self) -> bool:
        """Whether one of the runs goes on."""
        return any(run.is_playing for run in self.runs.values())

    @property
    def is_done(self) -> bool:
        """Whether all of them have ended of themselves."""
        return all(run.is_done for run in self.others.values())

    @property
    def mark(self) -> object:
        """What it has come to."""
        return tuple(run.mark for run in self.runs.values())

    @property
    def cursors(self) -> Mapping[str, float]:
        """Where sliders stand that show the session's own run."""
        return self.own.cursors

    def slice(self, budget_s: float = SLICE_S) -> int:
        """Let each run that plays go on for its share of the time; return by how many steps altogether."""
        playing = [run for run in self.runs.values() if run.is_playing]
        return sum(run.slice(budget_s / len(playing)) for run in playing)


def _run_of(own: Engine, cell: str, kept: Trio | None) -> Engine:
    """Return a run of another cell: the one that was there, brought to the session's experiment, or a new one."""
    config = Experiment(own.asked.model_copy(update={"cell": cell}))
    known = kept.others.get(cell) if kept else None
    if known is None:
        return Engine(config)
    known.adopt(config)
    return known

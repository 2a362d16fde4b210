"""The table: rows of one measure each, as Markdown, on the screen and in the README."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
HEADER = "| what | ours | bare | ratio | target |\n|:---|---:|---:|---:|:---|"


@dataclass(frozen=True)
class Target:
    """The most, or the least, that a row's ratio or our own number may be."""

    limit: float
    of: Literal["ratio", "ours"] = "ratio"
    kind: Literal["most", "least"] = "most"


@dataclass(frozen=True)
class Row:
    """One measure of ours beside the bare one.

    Attributes:
        what: what was measured.
        ours, bare: medians in `unit`; None where nothing could be measured.
        unit: ms, µs, MB, kB, /s, % or nothing.
        target: what it should be, if anything was promised.
        note: why there is nothing to show.
    """

    what: str
    ours: float | None
    bare: float | None
    unit: str
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours over bare."""
        return self.ours / self.bare if self.ours is not None and self.bare else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target was reached; None if there is none, or nothing was measured."""
        if self.target is None:
            return None
        value = self.ratio if self.target.of == "ratio" else self.ours
        if value is None:
            return None
        return value <= self.target.limit if self.target.kind == "most" else value >= self.target.limit

    def to_markdown(self) -> str:
        """Write the row as a line of the table."""
        ratio = self.note or (f"{self.ratio:.2f}" if self.ratio is not None else "–")
        cells = (self.what, _number(self.ours, self.unit), _number(self.bare, self.unit), ratio, self._wanted())
        return f"| {' | '.join(cells)} |"

    def _wanted(self) -> str:
        if self.target is None:
            return ""
        limit = f"{self.target.limit:.2f}" if self.target.of == "ratio" else _number(self.target.limit, self.unit)
        verdict = {True: " ✓", False: " – **missed**", None: ""}[self.is_met]
        return f"{'≤' if self.target.kind == 'most' else '≥'} {limit}{verdict}"


def to_markdown(rows: Iterable[Row]) -> str:
    """Write rows as one Markdown table."""
    return "\n".join([HEADER, *(row.to_markdown() for row in rows)])


def put_into(readme: Path, table: str) -> bool:
    """Put the table between the two markers of a file; False if they are not there."""
    text = readme.read_text("utf-8") if readme.exists() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return False
    readme.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", "utf-8")
    return True


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} {unit}" if unit == "/s" else f"{value:.0f} {unit}".rstrip()

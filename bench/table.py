"""The table: rows of one measure each, as Markdown, on the screen and in `docs/measures.md`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

HEADER = "| what | ours | bare | ratio | target |\n|:---|---:|---:|---:|:---|"


@dataclass(frozen=True)
class Target:
    """The most, or the least, that a row's ratio or our own number may be; or how many times as fast we should be."""

    limit: float
    of: Literal["ratio", "ours", "speed-up"] = "ratio"
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
        is_speed_up: whether to show bare over ours.
    """

    what: str
    ours: float | None
    bare: float | None
    unit: str
    target: Target | None = None
    note: str = ""
    is_speed_up: bool = False

    @property
    def ratio(self) -> float | None:
        """Ours over bare."""
        return self.ours / self.bare if self.ours is not None and self.bare else None

    @property
    def is_met(self) -> bool | None:
        """Whether the target was reached; None if there is none, or nothing was measured."""
        if self.target is None:
            return None
        value = self.ours if self.target.of == "ours" else self.ratio
        if value is None:
            return None
        if self.target.of == "speed-up":
            return 1 / value >= self.target.limit
        return value <= self.target.limit if self.target.kind == "most" else value >= self.target.limit

    def to_markdown(self) -> str:
        """Write the row as a line of the table."""
        ratio = self.note or self._compared()
        cells = (self.what, _number(self.ours, self.unit), _number(self.bare, self.unit), ratio, self._wanted())
        return f"| {' | '.join(cells)} |"

    def _compared(self) -> str:
        if self.ratio is None:
            return "–"
        return f"{1 / self.ratio:.1f} × as fast" if self.is_speed_up else f"{self.ratio:.2f}"

    def _wanted(self) -> str:
        if self.target is None:
            return ""
        verdict = {True: " ✓", False: " – **missed**", None: ""}[self.is_met]
        if self.target.of == "speed-up":
            return f"≥ {self.target.limit:g} ×{verdict}"
        limit = f"{self.target.limit:.2f}" if self.target.of == "ratio" else _number(self.target.limit, self.unit)
        return f"{'≤' if self.target.kind == 'most' else '≥'} {limit}{verdict}"


def to_markdown(rows: Iterable[Row]) -> str:
    """Write rows as one Markdown table."""
    return "\n".join([HEADER, *(row.to_markdown() for row in rows)])


def put_into(document: Path, name: str, table: str) -> bool:
    """Put the table between the two markers of this name in a file; False if they are not there."""
    text = document.read_text("utf-8") if document.exists() else ""
    before, begin, rest = text.partition(f"<!-- {name} -->")
    _, end, after = rest.partition(f"<!-- /{name} -->")
    if not begin or not end:
        return False
    document.write_text(f"{before}{begin}\n{table}\n{end}{after}", "utf-8")
    return True


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:.1f} {unit}" if unit == "/s" else f"{value:.0f} {unit}".rstrip()

"""What a reader of code says about it: for every line the shapes it makes, whether it would run, and what to change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rnn_core.sentence import Sentence

Verdict = Literal["ok", "unknown", "doubtful", "raises"]
VERDICTS: tuple[Verdict, ...] = ("ok", "unknown", "doubtful", "raises")  # from good to bad


@dataclass(frozen=True)
class NamedShape:
    """What a name holds after a line.

    Attributes:
        text: `(5, 3, 20)` for a tensor, `LSTM(10, 20, num_layers=2)` for a module, `unknown` where it cannot be told.
        shape, dtype: of a tensor; None otherwise.
        axes: one word for each axis of a tensor, empty where it cannot be told.
    """

    name: str
    text: str
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    axes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One thing to say about a line.

    Attributes:
        verdict: `raises`: Python stops here; `doubtful`: it runs, and probably does something else than was meant;
            `unknown`: not understood, so nothing is claimed.
        number: the line, counted from 1.
        sentence: what is wrong, or what was not understood.
        kind: a short name of a doubt, such as `batch-first`; empty for others.
        error: the class of the exception, and
        message: its text, as torch 2.13 and Python 3.11 give it.
        operator: the code that raises.
        operands: each operand of it as (code, shape).
        fix: what to do.
        corrected: the line as it would work, where one line is enough, and
        corrected_number: which line it replaces.
    """

    verdict: Verdict
    number: int
    sentence: Sentence
    kind: str = ""
    error: str | None = None
    message: str | None = None
    operator: str = ""
    operands: tuple[tuple[str, str], ...] = ()
    fix: Sentence | None = None
    corrected: str | None = None
    corrected_number: int | None = None


@dataclass(frozen=True)
class Line:
    """One statement.

    Attributes:
        number, end: its first and its last line, counted from 1.
        source: as it was pasted.
        names: what it defines or changes, as it is when the statement has run for the last time.
        verdict: the worst of its findings.
        printed: what it would print, as far as that follows from shapes and whole numbers.
        is_reached: whether Python would get here: no statement before it raises.
    """

    number: int
    end: int
    source: str
    names: tuple[NamedShape, ...] = ()
    verdict: Verdict = "ok"
    findings: tuple[Finding, ...] = ()
    printed: tuple[str, ...] = ()
    is_reached: bool = True


@dataclass(frozen=True)
class Reading:
    """All that can be said about a paste.

    Attributes:
        lines: one for each statement that is read, by line number.
        problem: why nothing could be read, if so.
        stops_at: the line where Python would stop with an exception; None if it runs to the end, as far as it is
            understood.
        names: what every name holds in the end.
        given: what it uses as if it were imported, and does not import, though it imports other things.
    """

    lines: tuple[Line, ...] = ()
    problem: Sentence | None = None
    stops_at: int | None = None
    names: tuple[NamedShape, ...] = ()
    given: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst verdict of a line that is reached; `unknown` if there is nothing to read."""
        reached = [line.verdict for line in self.lines if line.is_reached]
        return max(reached, key=VERDICTS.index, default="unknown")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything there is to say, by line."""
        return tuple(finding for line in self.lines for finding in line.findings)

    def names_after(self, number: int) -> dict[str, NamedShape]:
        """Return what every name holds after a line of the outermost level has run."""
        return {shape.name: shape for line in self.lines if line.number <= number for shape in line.names}

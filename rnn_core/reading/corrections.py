"""Corrected lines, each tried before it is offered; and what two readings of one paste agree on."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from rnn_core.reading.fixes import Edit, Fix
from rnn_core.reading.results import Finding, Line, NamedShape, Reading
from rnn_core.sentence import Sentence

if TYPE_CHECKING:
    from rnn_core.reading.reader import Reader


def finished(reader: Reader, finding: Finding) -> Finding:
    """Return a finding with the first of its fixes whose corrected line works, or with the first advice."""
    fixes: tuple[Fix, ...] = finding.fix or ()  # type: ignore[assignment]
    for fix in fixes:
        if fix.edit is None:
            continue
        corrected, number = corrected_line(reader.paste.lines, fix.edit)
        if (
            corrected is not None
            and number is not None
            and (not reader.tries or _works(reader, finding, corrected, number))
        ):
            return replace(finding, fix=fix.sentence, corrected=corrected, corrected_number=number)
    said = [fix.sentence for fix in fixes if fix.edit is None] or [fix.sentence for fix in fixes]
    return replace(finding, fix=said[0] if said else None)


def corrected_line(lines: tuple[str, ...], edit: Edit) -> tuple[str | None, int | None]:
    """Apply a change to its line; a node of several lines is left to the viewer."""
    node = edit.node
    number, end = getattr(node, "lineno", None), getattr(node, "end_col_offset", None)
    if number is None or node.end_lineno != number or end is None:
        return None, None
    line = lines[number - 1].encode()
    before, code, after = line[: node.col_offset], line[node.col_offset : end].decode(), line[end:]
    if edit.template.startswith("+"):  # one more argument of a call
        comma = "" if code.rstrip(")").rstrip().endswith(("(", ",")) else ", "
        changed = f"{code[:-1].rstrip()}{comma}{edit.template[1:]})"
    else:
        is_atom = isinstance(
            node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.List, ast.Tuple, ast.stmt)
        )
        is_whole = edit.template == "{}" or "{}" not in edit.template
        changed = edit.template.replace("{}", code if is_atom or is_whole else f"({code})")
    return f"{before.decode()}{changed}{after.decode()}", number


def _works(reader: Reader, finding: Finding, corrected: str, number: int) -> bool:
    """Read the paste with the line put in: it has to get further, and the doubt has to be gone."""
    from rnn_core.reading.paste import Refused, parse_paste
    from rnn_core.reading.reader import read_paste

    lines = list(reader.paste.lines)
    lines[number - 1] = corrected
    try:
        tried = read_paste(parse_paste("\n".join(lines), is_whole=reader.paste.is_whole), tries=False)
    except Refused:
        return False
    if finding.verdict == "raises":
        stops = [f.number for f in tried.findings if f.verdict == "unknown" and f.number == finding.number]
        order = [line.number for line in tried.lines if line.is_reached]
        further = tried.stops_at is None or (tried.stops_at > finding.number and finding.number in order)
        return further and not stops
    if finding.kind == "not-called":  # a proposed call: whatever becomes of it, it is followed now
        return tried.problem is None
    same = any(f.kind == finding.kind and f.number == finding.number for f in tried.findings)
    return not same and (tried.stops_at is None or (reader.stops_at is not None and tried.stops_at >= reader.stops_at))


def agreed(first: Reading, second: Reading) -> Reading:
    """Return what two readings that drew different numbers agree on."""
    others = {line.number: line for line in second.lines}
    lines = tuple(_agreed_line(line, others.get(line.number)) for line in first.lines)
    stops = first.stops_at if first.stops_at == second.stops_at else None
    if first.stops_at != second.stops_at:
        last = min(n for n in (first.stops_at, second.stops_at) if n is not None)
        lines = tuple(_open(line, last) for line in lines)
    ends = {name.name: name for name in second.names}
    names = tuple(_agreed_name(name, ends.get(name.name)) for name in first.names)
    return Reading(lines, stops_at=stops, names=names, given=first.given)


def _agreed_line(line: Line, other: Line | None) -> Line:
    if other is None:
        return line
    names = {name.name: name for name in other.names}
    said = {(f.verdict, f.kind, f.error, f.message, f.number) for f in other.findings}
    findings = tuple(f for f in line.findings if (f.verdict, f.kind, f.error, f.message, f.number) in said)
    return replace(
        line,
        names=tuple(_agreed_name(name, names.get(name.name)) for name in line.names),
        findings=findings,
        printed=line.printed if line.printed == other.printed else (),
    )


def _open(line: Line, number: int) -> Line:
    """Say of a line on which only one of two readings stops that it depends on what nobody knows."""
    if line.number == number:
        sentence = Sentence("Whether this works depends on numbers that are not known before it runs.")
        return replace(line, verdict="unknown", findings=(*line.findings, Finding("unknown", number, sentence)))
    verdict = "ok" if line.verdict == "raises" else line.verdict
    return replace(line, is_reached=True, verdict=verdict)


def _agreed_name(name: NamedShape, other: NamedShape | None) -> NamedShape:
    if other is None or (name.text == other.text and name.shape == other.shape):
        return name
    if name.shape is None or other.shape is None or len(name.shape) != len(other.shape):
        is_number = name.text.isdigit() and other.text.isdigit()
        return NamedShape(
            name.name, "a number" if is_number else "unknown" if name.shape else _pattern(name.text, other.text)
        )
    sizes = ["?" if a != b else str(a) for a, b in zip(name.shape, other.shape, strict=True)]
    text = f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
    return NamedShape(name.name, text, dtype=name.dtype if name.dtype == other.dtype else None)


def _pattern(text: str, other: str) -> str:
    """Return a text with a question mark in place of each number that differs."""
    words, others = text.split(" "), other.split(" ")
    if len(words) != len(others):
        return "unknown"
    return " ".join(a if a == b else "?" for a, b in zip(words, others, strict=True))

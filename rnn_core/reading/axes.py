"""What the words for axes mean; it needs no torch, so that a page may ask it."""

from __future__ import annotations

import re

_BATCH = re.compile(r"(n|b|bs|bsz|n?_?batch(es)?|(mini_?)?batch(_?size)?|(num|n)_(samples|sequences)|samples)", re.I)
_TIME = re.compile(
    r"(l|t|seq|seq_?len(gth)?|sequence(_?length)?|time(_?steps?)?|(num|n)_steps|steps|length|max_?len(gth)?|window(_size)?)",
    re.I,
)


def meaning(word: str) -> str:
    """Return N or L where a word plainly names the batch or the steps, otherwise nothing."""
    return "N" if _BATCH.fullmatch(word) else "L" if _TIME.fullmatch(word) else ""

"""Dates as people write them in tables: which format it is, and how far apart they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from jaxtyping import Int

# Tried in this order; where several fit (is 02/03 in February?), the first in which the dates go forward, or back.
FORMATS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y. %m. %d.", "%Y. %m. %d", "%Y년 %m월 %d일", "%Y%m%d"),
    *("%Y-%m", "%Y/%m", "%Y.%m", "%Y년 %m월"),
    *("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%m/%d/%Y", "%m-%d-%Y", "%d %b %Y", "%b %d, %Y", "%b %Y", "%Y-%b"),
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S"),
    *("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"),
    *("%Y", "%Y년"),
)
NUMBERS = ("%Y", "%Y.%m", "%Y%m%d")  # what looks so is dates only if all of it does, and goes one way
NAMED = {604_800: "week", 86_400: "day", 3_600: "hour", 60: "minute", 1: "second"}
PERIODS = {"quarter": 4, "month": 12, "week": 52, "day": 7, "hour": 24, "minute": 60, "second": 60}
MONTHS = {12: "year", 3: "quarter", 1: "month"}
STORED = {"year": "Y", "quarter": "M", "month": "M", "week": "D", "day": "D"}  # numpy's names; seconds for the others

Times = Int[np.ndarray, " T"]


def parse_dates(words: Sequence[str]) -> np.ndarray | None:
    """Return dates as datetime64[s], with NaT for a word that is none; None if hardly any is one.

    Args:
        words: as they stand in the table. The first of them says which formats there are to be tried.
    """
    import pandas as pd

    column, likely = pd.Series(list(words), dtype="str"), None
    for pattern in FORMATS:
        if not _is_date(words[0], pattern):
            continue
        parsed: np.ndarray = pd.to_datetime(column, format=pattern, errors="coerce").to_numpy().astype("datetime64[s]")
        known = parsed[~np.isnat(parsed)]
        if _turns_never(known) and len(known) == len(parsed) and (pattern not in NUMBERS or _are_of_our_time(parsed)):
            return parsed
        if likely is None and pattern not in NUMBERS and 2 * len(known) >= len(parsed):
            likely = parsed
    return likely


def _is_date(word: str, pattern: str) -> bool:
    """Whether a single word is a date of this format: a hundred times as fast as pandas, which is for columns."""
    try:
        datetime.strptime(word, pattern)
    except ValueError:
        return False
    return True


def _are_of_our_time(times: np.ndarray) -> bool:
    return bool((times >= np.datetime64("1500")).all() and (times < np.datetime64("2200")).all())


def _turns_never(times: np.ndarray) -> bool:
    steps = np.diff(times.astype(np.int64))
    return bool((steps > 0).all() or (steps < 0).all())


def frequency_of(times: np.ndarray) -> str:
    """Return how far apart dates are, as a Series says it: "" if they are not evenly spaced.

    Args:
        times: (T,) datetime64[s], ascending.
    """
    months = set(np.diff(times.astype("datetime64[M]").astype(np.int64)).tolist())
    if len(months) == 1 and (word := MONTHS.get(months.pop())):
        return word
    seconds = set(np.diff(times.astype(np.int64)).tolist())
    if len(seconds) > 1:
        return ""
    apart = seconds.pop()
    return NAMED.get(apart, f"{apart} s")


def stored(times: np.ndarray, frequency: str) -> np.ndarray:
    """Return dates in the unit that their frequency needs, so that a month is "1949-01" and no day of it."""
    is_whole = not frequency and bool((times == times.astype("datetime64[D]")).all())
    dates: np.ndarray = times.astype(f"datetime64[{'D' if is_whole else STORED.get(frequency, 's')}]")
    return dates

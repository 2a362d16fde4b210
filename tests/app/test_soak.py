"""What a soak says: nothing while memory stays within its bounds, and a sentence for each bound that it misses."""

from __future__ import annotations

import pytest

from bench.soak import Soak, missed, to_markdown


def measured(*sizes: float, troubles: tuple[str, ...] = ()) -> Soak:
    soak = Soak(memory=list(enumerate(sizes)), troubles=list(troubles))
    soak.times["go to a page"] += [0.1, 0.2, 0.3]
    return soak


def test_a_soak_within_its_bounds_says_nothing() -> None:
    assert missed(measured(400, 650, 440), [400, 460, 441]) == []


@pytest.mark.parametrize(
    ("soak", "levels", "words"),
    [
        (measured(400, 651, 440), [400, 440, 440], "651 MB"),
        (measured(400, 600, 461), [400, 461], "61 more than after one viewer"),
        (measured(400, 600, 440), [400, 410, 440], "5% apart"),
        (measured(400, 600, 440, troubles=("no such layer",)), [400, 410, 410], "no such layer"),
    ],
)
def test_a_soak_says_which_bound_it_misses(soak: Soak, levels: list[float], words: str) -> None:
    (said,) = missed(soak, levels)
    assert words in said


def test_the_table_has_levels_and_latencies() -> None:
    table = to_markdown(measured(400, 610, 440), [401, 441, 442])
    assert "| the most | 610 |" in table
    assert "| after soak 2 | 442 |" in table
    assert "| go to a page | 3 | 200 | 290 |" in table

"""Who wins, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rnn_core.sentence import Sentence

EVEN = 0.02  # errors that differ by a smaller share are called even


def verdict(networks: Sequence[float], others: Mapping[str, float], unit: str, *, is_walk: bool = False) -> Sentence:
    """Say who has the smallest mean absolute error, and by how much.

    Args:
        networks: errors of networks that differ in their seeds alone.
        others: errors of baselines by name, and maybe of `oracle`, whom nobody can beat but by chance.
        unit: of the errors.
        is_walk: whether the series is known to be a random walk.
    """
    median = float(np.median(networks))
    if is_walk:
        return Sentence(
            "Nothing beats the last value of a random walk: it is off by {last}, networks by {network}. Whoever is "
            "nearer here is so by chance.",
            last=_amount(others["last"], unit),
            network=_amount(median, unit),
        )
    name, best = min(((name, mae) for name, mae in others.items() if name != "oracle"), key=lambda other: other[1])
    values = {
        "name": name,
        "best": _amount(best, unit),
        "network": _amount(median, unit),
        "seeds": len(networks),
        "nearer": sum(mae < best for mae in networks),
        "times": f"{max(median, best) / min(median, best):.2f}" if min(median, best) > 0 else "∞",
    }
    if len(networks) == 1:
        return _of_one(median, best, values)
    return _of_several(median, best, values)


def _of_one(network: float, best: float, values: Mapping[str, object]) -> Sentence:
    if abs(network - best) <= EVEN * best:
        return Sentence(
            "The network and {name} are even: they are off by {network} and {best}. Another seed may differ.", **values
        )
    if network < best:
        return Sentence(
            "The network wins: it is off by {network}, {name} by {best}, {times} times as much. Another seed may "
            "differ.",
            **values,
        )
    return Sentence(
        "The network does not win: it is off by {network}, {times} times as much as {name} with {best}. Another seed "
        "may differ.",
        **values,
    )


def _of_several(median: float, best: float, values: Mapping[str, object]) -> Sentence:
    if abs(median - best) <= EVEN * best:
        return Sentence(
            "The network and {name} are even: in the median it is off by {network}, {name} by {best}. Of {seeds} "
            "seeds, {nearer} came nearer.",
            **values,
        )
    if median < best:
        return Sentence(
            "The network wins: in the median it is off by {network}, {name} by {best}, {times} times as much. Of "
            "{seeds} seeds, {nearer} came nearer.",
            **values,
        )
    return Sentence(
        "The network does not win: in the median it is off by {network}, {times} times as much as {name} with {best}. "
        "Of {seeds} seeds, {nearer} came nearer.",
        **values,
    )


def _amount(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".rstrip() if value < 1000 else f"{value:.0f} {unit}".rstrip()

"""Sentences about options that cannot be used, and what would work."""

from __future__ import annotations

from collections.abc import Sequence

from rnn_core.sentence import ConfigError, Sentence

LISTED = 10  # names of what there is


def no_option(field: str, value: str, choices: Sequence[str]) -> ConfigError:
    """Say that an option is none of those that there are."""
    return ConfigError(
        Sentence(
            "{field}={value} cannot be used: choose {choices}.",
            field=field,
            value=value[:40],
            choices=", ".join(choices[:LISTED]) + (", …" if len(choices) > LISTED else ""),
        )
    )


def out_of_range(field: str, value: object, low: float, high: float) -> ConfigError:
    """Say between which bounds a whole number, or a number, would work; bounds tell which of them it is."""
    shown = {"field": field, "value": f"{value:g}" if isinstance(value, float) else str(value)[:40]}
    if isinstance(low, int):
        whole = Sentence(
            "{field}={value} cannot be used: a whole number from {low} to {high} works.", **shown, low=low, high=high
        )
        return ConfigError(whole)
    return ConfigError(
        Sentence(
            "{field}={value} cannot be used: a number from {low} to {high} works.",
            **shown,
            low=f"{low:.4g}",
            high=f"{high:.6g}",
        )
    )

"""Forecasts on a terminal: python -m rnn_core forecast --series NAME|FILE."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_core.config import Config, format_value
from rnn_core.data.refusals import out_of_range
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.terminal import finite

if TYPE_CHECKING:
    from rnn_core.records.series import Series

Line = dict[str, Any]

OF_TEXTS = ("text", "task", "encoding", "repeat", "batched", "batch_first", "layout", "earlier")
# Where nothing is said.
FORECASTING = {"hidden_size": 32, "seq_len": 24, "batch_size": 64, "learning_rate": 0.005, "steps": 300}


def forecast(config: Config, given: Mapping[str, Any]) -> Generator[tuple[Line, str], None, None]:
    """Yield the config, then every forecast of the last values of a series, free-running, with its errors.

    Args:
        config: what was given of it.
        given: the flags by name, as they were written.

    Raises:
        ConfigError: before the first line, naming the flag, its value and what would work.
    """
    from rnn_core.forecasting.comparison import Comparison, Plan, plan_bounds

    series = _read_series(given["series"], given["column"])
    bounds = plan_bounds(series)
    plan = Plan(
        series,
        _that_fits(config, given, series),
        horizon=_whole("horizon", given["horizon"], bounds),
        transform=given["transform"],
        period=None if given["period"] is None else _whole("period", given["period"], bounds),
        seeds=tuple(range(config.seed, config.seed + _whole("seeds", given["seeds"], bounds))),
    )
    comparison = Comparison(plan)
    about = {"series": series.name, "column": series.channels[0], "horizon": plan.horizon, "period": plan.season}
    about["transform"] = plan.transform
    trained = plan.experiments[0].config
    fields = {name: value for name, value in trained if name not in OF_TEXTS}
    words = "  ".join(f"{name}={format_value(value)!r}" for name, value in (about | fields).items())
    yield {"config": about | fields}, words
    for _ in comparison:
        pass
    outcome = comparison.outcome()
    for said, score in zip(outcome.forecasts, outcome.scores, strict=True):
        line: Line = {"forecast": said.name, "mae": finite(score.mae), "mase": finite(score.mase)}
        line |= {"rmse": finite(score.rmse), "values": [finite(value) for value in said.values[0].tolist()]}
        line |= {} if said.seed is None else {"seed": said.seed}
        name = said.name if said.seed is None else f"{said.name} {said.seed}"
        text = f"{name:16s} mae {score.mae:10.4g}  mase {score.mase:8.4g}  rmse {score.rmse:10.4g}"
        if said is outcome.forecasts[-1]:
            line["verdict"] = str(outcome.verdict)
            text += f"\n{outcome.verdict}"
        yield line, text


def add_flags(command: ArgumentParser) -> None:
    """Add the flags of a series."""
    from rnn_core.data.transforms import TRANSFORMS

    command.add_argument("--series", required=True, metavar="NAME|FILE.csv|FILE.wav")
    command.add_argument("--column", metavar="NAME", help="of a table or a sound; the first one of numbers by default")
    command.add_argument("--horizon", default="12", help="how many values at the end are forecast")
    command.add_argument("--period", help="time steps of a season; the series' own by default")
    command.add_argument("--transform", default="none", metavar="|".join(TRANSFORMS))
    command.add_argument("--seeds", default="1", help="how many networks, from --seed on")


def _read_series(name: str, column: str | None) -> Series:
    from rnn_core.data.builtin import BUILT_IN, built_in
    from rnn_core.data.files import read_series, select

    columns = [column] if column else []
    if name in BUILT_IN:
        return select(built_in(name), columns)
    path = Path(name)
    if not path.suffix:
        return built_in(name)  # which says what there is
    return read_series(path.name, read_bytes("series", name), columns)


def read_bytes(field: str, name: str) -> bytes:
    """Read a file that a flag names.

    Raises:
        ConfigError: if it cannot be read, naming the flag and why not.
    """
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise ConfigError(
            Sentence("{field}={value} cannot be read: {error}.", field=field, value=name, error=error.strerror)
        ) from None


def _that_fits(config: Config, given: Mapping[str, Any], series: Series) -> Config:
    """Return a config with what suits a series where nothing was said; windows are a third of it at most."""
    if given["preset"]:
        return config
    usual = FORECASTING | {"seq_len": max(1, min(FORECASTING["seq_len"], len(series) // 3))}
    return config.replace(**{name: value for name, value in usual.items() if given[name] is None})


def _whole(field: str, raw: str, bounds: Mapping[str, tuple[int, int]]) -> int:
    """Read a whole number."""
    word = raw.strip()
    if word.isascii() and word.removeprefix("-").isdigit() and len(word) < 10:
        return int(word)
    raise out_of_range(field, raw, *bounds[field])

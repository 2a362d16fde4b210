"""Runs that are kept to be compared: their config and their course, as plain numbers, one JSON object a line."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from rnn_core.config import Config, format_value
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.experiment import Experiment

if TYPE_CHECKING:
    from typing_extensions import TypeIs

MAX_KEPT = 12
MAX_BYTES = 1_000_000  # of the file: what a browser may hand over in one go
MAX_NAME = 40
MAX_SECONDS = 1_000_000
LARGEST = sys.float_info.max  # a whole number in a file may be larger
NAME = re.compile(r"[\w .,=·()+\-]+")  # nothing that a picture could take for markup


@dataclass(frozen=True)
class KeptRun:
    """A run as it was: nothing is trained again to show it.

    Attributes:
        name: by which it is told from others; letters, digits and a few signs.
        config: what repeats it.
        losses: in nats per character at every step from 0; infinite or NaN only where it exploded.
        accuracy: of the last record, 0 to 1.
        has_exploded: whether the loss or its gradient exploded.
        seconds: of computing that it took; None where it was trained together with others.
    """

    name: str
    config: Config
    losses: tuple[float, ...]
    accuracy: float
    has_exploded: bool = False
    seconds: float | None = None

    @property
    def parameters(self) -> int:
        """How many numbers the network learns."""
        return Experiment(self.config).cost.parameters


def describe(config: Config) -> str:
    """Return a name for a run of this config."""
    rate = format_value(config.learning_rate)
    return f"{config.cell} H={config.hidden_size} {config.optimizer} {rate} seed={config.seed}"


def clean_name(name: str) -> str:
    """Return a name with only what a name may hold, not too long; perhaps nothing is left."""
    return " ".join("".join(NAME.findall(name)).split())[:MAX_NAME].strip()


def differences(configs: Sequence[Config]) -> dict[str, tuple[Any, ...]]:
    """Return the fields in which configs differ, with the value of each."""
    values = {name: tuple(getattr(config, name) for config in configs) for name in Config.model_fields}
    return {name: row for name, row in values.items() if len(set(row)) > 1}


def rows(runs: Sequence[KeptRun]) -> list[dict[str, Any]]:
    """Return a row a run: its name, the settings in which they differ, and what came out."""
    found = differences([run.config for run in runs])
    return [
        {
            "run": run.name,
            **{name: format_value(row[at]) if name == "earlier" else row[at] for name, row in found.items()},
            "final_loss": run.losses[-1],
            "accuracy": run.accuracy,
            "steps": len(run.losses) - 1,
            "has_exploded": run.has_exploded,
            "parameters": run.parameters,
            "seconds": run.seconds,
        }
        for at, run in enumerate(runs)
    ]


def to_line(run: KeptRun) -> str:
    """Write a run as one line of JSON; losses with nine digits, which single precision needs and no more."""
    settings = Experiment(run.config).settings
    plain = {name: format_value(value) if name == "earlier" else value for name, value in settings.items()}
    losses = [float(f"{loss:.9g}") if math.isfinite(loss) else None for loss in run.losses]
    line = {"name": run.name, "config": plain, "losses": losses, "accuracy": run.accuracy}
    return json.dumps({**line, "has_exploded": run.has_exploded, "seconds": run.seconds}, ensure_ascii=False)


def read_lines(content: bytes) -> Iterator[tuple[int, KeptRun | Sentence]]:
    """Read what `to_line` wrote, yielding for each line that is not empty its number and the run, or what is wrong.

    Args:
        content: a file from anywhere; UTF-8. A bad line does not keep the others from being read.
    """
    if len(content) > MAX_BYTES:
        yield 1, Sentence("The file is larger than {most} kB.", most=MAX_BYTES // 1000)
        return
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            yield number, _read_line(line)
        except ConfigError as error:
            yield number, error.sentence


def _read_line(line: bytes) -> KeptRun:
    found = _parse(line)
    config = _config(found.get("config"))
    name, losses, has_exploded = found.get("name"), found.get("losses"), found.get("has_exploded")
    if not isinstance(name, str) or not name or clean_name(name) != name:
        raise ConfigError(
            Sentence(
                "{field} cannot be used: up to {most} letters, digits, spaces and .,=·()+- work.",
                field="name",
                most=MAX_NAME,
            )
        )
    if not isinstance(losses, list) or not 1 <= len(losses) <= config.steps + 1 or not all(map(_is_loss, losses)):
        raise ConfigError(
            Sentence(
                "{field} cannot be used: a list of numbers from 0, or null, works: one for each step, at most {most}.",
                field="losses",
                most=config.steps + 1,
            )
        )
    if not isinstance(has_exploded, bool):
        raise ConfigError(
            Sentence(
                "{field}={value} cannot be used: choose {choices}.",
                field="has_exploded",
                value=str(has_exploded)[:40],
                choices="true, false",
            )
        )
    return KeptRun(
        name=name,
        config=config,
        losses=tuple(math.nan if loss is None else float(loss) for loss in losses),
        accuracy=_number(found, "accuracy", 1),
        has_exploded=has_exploded,
        seconds=None if found.get("seconds") is None else _number(found, "seconds", MAX_SECONDS),
    )


def _parse(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ConfigError(Sentence("This is not a line of JSON.")) from None
    if not isinstance(found, dict):
        raise ConfigError(Sentence("This is not a JSON object."))
    unknown = sorted(set(found) - {"name", "config", "losses", "accuracy", "has_exploded", "seconds"})
    if unknown:
        raise ConfigError(Sentence("{field} is not a part of a kept run.", field=unknown[0][:40]))
    return found


def _config(values: object) -> Config:
    """Read a config that can be trained, so that it can be trained again."""
    if not isinstance(values, dict):
        raise ConfigError(Sentence("{field} is not an object of settings.", field="config"))
    return Experiment.trainable(Config(**values)).config


def _number(found: Mapping[str, Any], field: str, high: int) -> float:
    value = found.get(field)
    if not _is_loss(value) or value is None or value > high:
        raise ConfigError(
            Sentence(
                "{field}={value} cannot be used: a number from {low} to {high} works.",
                field=field,
                value=str(value)[:40],
                low=0,
                high=high,
            )
        )
    return float(value)


def _is_loss(value: object) -> TypeIs[int | float | None]:
    """Whether a value is a number from 0, or null where there was none."""
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST)


def _no_constant(word: str) -> NoReturn:
    raise ValueError(word)  # NaN and Infinity are not JSON

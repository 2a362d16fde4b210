"""Numbers over time: what is known of them, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from rnn_core.records.arrays import frozen
from rnn_core.sentence import ConfigError, Sentence


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Numbers over time, one row a time step and one column a channel.

    Attributes:
        name: of a built-in series, or of a file.
        values: in `unit`; all of them finite.
        channels: what the columns are called, each name once.
        times: datetime64 in the unit of the frequency (`str(times[0])` is "1949-01"), or numbers, which are seconds of
            a sound, else rows; ascending.
        frequency: how far apart the rows are: year, quarter, month, week, day, hour, minute, second; sample for sound,
            step where nothing is known, "" where they are not evenly spaced.
        period: time steps after which it may be expected to repeat itself; 1 if none is known.
        unit: of the values, "" for plain numbers.
        source, licence: of the numbers.
        sha256: of the file they were read from, as 64 hexadecimal digits; "" if they were not.

    Raises:
        ConfigError: if there is nothing to forecast, or a part does not fit the others.
    """

    name: str
    values: Float[np.ndarray, "T C"]
    channels: tuple[str, ...]
    times: np.ndarray
    frequency: str = "step"
    period: int = 1
    unit: str = ""
    source: str = ""
    licence: str = ""
    sha256: str = ""

    def __post_init__(self) -> None:
        for name in ("values", "times"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        size = len(self.values)
        if size < 2:
            raise ConfigError(
                Sentence("{name} has {size} values: a series needs at least 2.", name=self.name, size=size)
            )
        infinite = np.argwhere(~np.isfinite(self.values))
        if len(infinite):
            row, column = (int(place) for place in infinite[0])
            raise ConfigError(
                Sentence(
                    "{name}, {channel}, value {row}: it is not a finite number.",
                    name=self.name,
                    channel=self.channels[column],
                    row=row + 1,
                )
            )
        if self.values.shape[1] != len(set(self.channels)) or len(self.channels) != len(set(self.channels)):
            raise ValueError(f"{self.values.shape[1]} columns are called {self.channels}")
        if self.times.shape != (size,) or not (self.times[1:] > self.times[:-1]).all():
            raise ValueError("times are not one for each row, ascending")

    def __len__(self) -> int:
        return len(self.values)

    def only(self, channels: tuple[str, ...]) -> Series:
        """Return the series with some of its channels, in this order."""
        places = [self.channels.index(name) for name in channels]
        return replace(self, values=self.values[:, places], channels=channels)

    def when(self, t: int) -> str:
        """Return the time of step t as a word: "1949-01", "0.25"."""
        time = self.times[t]
        return str(time) if isinstance(time, np.datetime64) else f"{float(time):g}"

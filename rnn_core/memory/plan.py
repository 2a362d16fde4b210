"""What is compared: cells on one task at several lags, each with several seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rnn_core.memory.tasks import MEMORY_TASKS, MemoryTask
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.shapes.specs import GATES

CELLS = ("rnn", "lstm", "gru")
Start = Literal["default", "chrono"]
Sizes = Literal["units", "parameters"]

BOUNDS = {"lags": (1, 100), "hidden_size": (1, 64), "seeds": (1, 8), "steps": (20, 1000), "first_seed": (0, 2**31 - 9)}
MAX_LAGS = 8
MAX_UNITS = 160  # where the number of parameters decides: enough for a plain RNN beside the largest LSTM
MAX_SHARED_S = 90.0  # of computing for one viewer
UPDATE_S, GATE_S, PRODUCT_S = (
    1e-3,
    14e-9,
    1 / 8e9,
)  # an update takes so much, and for each gate and product, on one core


@dataclass(frozen=True)
class MemoryConfig:
    """One network on one task.

    Attributes:
        task: a name in MEMORY_TASKS.
        width: its alphabet or channels.
        lag: time steps over which something has to be kept.
        cell: rnn, lstm or gru, one layer.
        hidden_size: units.
        start: `chrono` lets gates begin by keeping what they hold for up to `lag` steps, `default` is PyTorch's draw.
        batch_size: fresh sequences for each update.
        learning_rate: of Adam.
        grad_clip: L2 norm of the gradient that is let through.
        steps: updates at most; networks that have all solved the task stop before.
    """

    task: str = "echo"
    width: int = 4
    lag: int = 30
    cell: str = "rnn"
    hidden_size: int = 16
    start: Start = "chrono"
    batch_size: int = 32
    learning_rate: float = 0.005
    grad_clip: float = 1.0
    steps: int = 600

    @property
    def rules(self) -> MemoryTask:
        """The task itself."""
        return MEMORY_TASKS[self.task]

    @property
    def features(self) -> int:
        """Features of a time step."""
        return self.rules.input_size(self.width)

    @property
    def answers(self) -> int:
        """Scores or numbers of an answer."""
        return self.rules.output_size(self.width)

    @property
    def parameters(self) -> int:
        """Weights and biases of the recurrent layer and of the head."""
        return count_parameters(self.cell, self.features, self.hidden_size, self.answers)


@dataclass(frozen=True)
class Comparison:
    """The three cells on one task, at several lags, with several seeds each.

    Attributes:
        task, width, hidden_size, start, steps: see MemoryConfig.
        lags: ascending.
        sizes: `units` gives every cell hidden_size units, `parameters` as many units as come nearest to the number of
            parameters of an LSTM with hidden_size units.
        seeds: how many networks of each kind.
        first_seed: of the first of them; the others follow.

    Raises:
        ConfigError: if a value is out of bounds, or all of it would take too long on a shared server.
    """

    task: str = "echo"
    width: int = 4
    lags: tuple[int, ...] = (2, 5, 10, 20, 30)
    hidden_size: int = 16
    sizes: Sizes = "units"
    seeds: int = 5
    first_seed: int = 0
    start: Start = "chrono"
    steps: int = 600

    def __post_init__(self) -> None:
        for name, (low, high) in (*BOUNDS.items(), ("width", MEMORY_TASKS[self.task].widths)):
            value = getattr(self, name)
            for number in value if isinstance(value, tuple) else (value,):
                if not low <= number <= high:
                    raise ConfigError(_out_of_bounds(name, number, low, high))
        if not 1 <= len(self.lags) <= MAX_LAGS or sorted(set(self.lags)) != list(self.lags):
            raise ConfigError(Sentence("lags: give one to {most} different numbers, ascending.", most=MAX_LAGS))
        if self.seconds > MAX_SHARED_S:
            raise ConfigError(
                Sentence(
                    "This comparison is too large for a shared server: about {seconds} s of computing, where {most} s "
                    "are allowed. Take fewer or shorter lags, fewer seeds or updates, or a smaller network.",
                    seconds=round(self.seconds),
                    most=round(MAX_SHARED_S),
                )
            )

    def config(self, cell: str, lag: int) -> MemoryConfig:
        """Return what a cell is trained on at a lag."""
        config = MemoryConfig(self.task, self.width, lag, cell, self.hidden_size, self.start, steps=self.steps)
        if self.sizes == "units":
            return config
        wanted = count_parameters("lstm", config.features, self.hidden_size, config.answers)
        units = nearest_units(cell, config.features, config.answers, wanted)
        return MemoryConfig(**{**asdict(config), "hidden_size": units})

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """The seeds themselves."""
        return tuple(range(self.first_seed, self.first_seed + self.seeds))

    @property
    def configs(self) -> list[MemoryConfig]:
        """Everything that is trained, in order."""
        return [self.config(cell, lag) for lag in self.lags for cell in CELLS]

    @property
    def chances(self) -> tuple[float, ...]:
        """The chance level at each lag."""
        return tuple(MEMORY_TASKS[self.task].chance(self.width, lag) for lag in self.lags)

    @property
    def seconds(self) -> float:
        """About how long one core takes at most."""
        return sum(config.steps * self._update_s(config) for config in self.configs)

    def _update_s(self, config: MemoryConfig) -> float:
        gates = GATES[config.cell] * config.hidden_size
        places = self.seeds * config.batch_size * (config.lag + 8)
        return UPDATE_S + places * gates * (GATE_S + 3 * (config.hidden_size + config.features) * PRODUCT_S)

    @property
    def values(self) -> dict[str, Any]:
        """The fields by their names, as they are stored."""
        return asdict(self)


def count_parameters(cell: str, features: int, hidden_size: int, answers: int) -> int:
    """Count the weights and biases of a recurrent layer, and of a Linear head on it."""
    return GATES[cell] * hidden_size * (features + hidden_size + 2) + answers * (hidden_size + 1)


def nearest_units(cell: str, features: int, answers: int, parameters: int) -> int:
    """Return the hidden size whose number of parameters comes nearest; the smaller of two that are as near."""
    sizes: Sequence[int] = range(1, MAX_UNITS + 1)
    return min(sizes, key=lambda units: abs(count_parameters(cell, features, units, answers) - parameters))


def _out_of_bounds(name: str, value: object, low: int, high: int) -> Sentence:
    return Sentence(
        "{field}={value} cannot be used: a whole number from {low} to {high} works.",
        field=name,
        value=value,
        low=low,
        high=high,
    )

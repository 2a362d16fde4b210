"""What a config costs, and the most that a shared machine is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rnn_core.config import Config
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.shapes.specs import GATES

MAX_FLOATS = 8_000_000  # weights with gradient and optimiser state, and one batch of activations: 32 MB
MAX_MULTIPLY_ADDS = 60_000_000  # forward and backward of one update: some 30 ms on one core
MAX_CELLS = 4096  # of a sweep
MAX_SHARED_RUNS = 512  # of a sweep on a server that others use too
MAX_SHARED_S = 60.0  # of computing for one sweep there
STEP_S = 0.0015  # what a step of networks trained together takes at least, on one core
MULTIPLY_ADDS_PER_S = 8e9
MAX_TOGETHER = 128  # trained as one: twice as many are hardly faster, and some must be left for a second core


@dataclass(frozen=True)
class Cost:
    """Floats held while training, and multiply-adds of one update."""

    parameters: int
    floats: int
    multiply_adds: int


def estimate_cost(config: Config, vocab_size: int) -> Cost:
    """Count the weights, the floats held and the multiply-adds of one update."""
    directions, hidden = config.num_directions, config.hidden_size
    width = directions * hidden
    parameters = vocab_size * config.input_size if config.encoding == "embedding" else 0
    products = 0
    for layer in range(config.num_layers):
        below = config.input_size if layer == 0 else width
        weights = directions * GATES[config.cell] * hidden * (below + hidden)
        products += weights
        parameters += weights + directions * GATES[config.cell] * hidden * 2
    if config.head == "linear":
        products += width * vocab_size
        parameters += (width + 1) * vocab_size
    batch = config.batch_size if config.batched else 1
    positions = batch * (config.seq_len if config.repeat else min(config.seq_len, len(config.text)))
    per_position = config.input_size + config.num_layers * directions * GATES[config.cell] * hidden * 3 + 3 * vocab_size
    return Cost(
        parameters=parameters,
        floats=4 * parameters + positions * per_position,
        multiply_adds=3 * products * positions,  # forward once, backward twice as much
    )


def check_budget(config: Config, vocab_size: int, asked: Config | None = None) -> None:
    """Refuse a config that would freeze a shared server.

    Args:
        config: what would be computed.
        vocab_size: V.
        asked: what somebody asked for, who is told of their own values; the config if not given.

    Raises:
        ConfigError: saying what it costs, what is allowed, and what to lower to which value.
    """
    if _fits(config, vocab_size):
        return
    smaller = suggest_smaller(config, vocab_size)
    if not smaller:
        raise ConfigError(
            Sentence(
                "text has {size} different characters: too many for head=none, where each takes a hidden unit. "
                "Use head=linear.",
                field="text",
                size=vocab_size,
            ),
            {"head": "linear"},
        )
    field = next(iter(smaller))
    cost = estimate_cost(config, vocab_size)
    raise ConfigError(
        Sentence(
            "{field}={value} makes this too large: one update would take {millions} million multiply-adds and hold "
            "{floats} million numbers; {most_millions} and {most_floats} million are allowed here. "
            "With {smaller} it works.",
            field=field,
            value=getattr(asked or config, field),
            smaller=", ".join(f"{name}={value}" for name, value in smaller.items()),
            millions=round(cost.multiply_adds / 1e6),
            floats=round(cost.floats / 1e6, 1),
            most_millions=MAX_MULTIPLY_ADDS // 1_000_000,
            most_floats=MAX_FLOATS // 1_000_000,
        ),
        smaller,
    )


def cut_by_budget(costs: Sequence[Cost]) -> list[list[int]]:
    """Cut a list of cells into runs of neighbours, each of which costs in sum no more than one config may.

    So a sweep of any size holds no more numbers at a time, and takes no longer for a step, than the largest single
    config; and how it is cut depends on the cells alone, not on who trains them.
    """
    parts: list[list[int]] = []
    together = Cost(0, 0, 0)
    for place, cost in enumerate(costs):
        together = add_costs((together, cost))
        if not parts or len(parts[-1]) == MAX_TOGETHER or not _is_allowed(together):
            parts.append([])
            together = cost
        parts[-1].append(place)
    return parts


def check_cells(count: int) -> None:
    """Refuse a sweep of too many cells.

    Raises:
        ConfigError: saying how many there are and how many work.
    """
    if count > MAX_CELLS:
        raise ConfigError(
            Sentence("grid has {count} cells: at most {most} work at once.", field="grid", count=count, most=MAX_CELLS)
        )


def estimate_seconds(steps: int, cost: Cost) -> float:
    """Estimate how long one core takes to train networks together that cost so much in sum."""
    return steps * (STEP_S + cost.multiply_adds / MULTIPLY_ADDS_PER_S)


def check_shared(count: int, seconds: float) -> None:
    """Refuse a sweep that would keep a shared server from its other viewers.

    Raises:
        ConfigError: saying what it would take and what is allowed.
    """
    if count > MAX_SHARED_RUNS or seconds > MAX_SHARED_S:
        raise ConfigError(
            Sentence(
                "This sweep is too large for a shared server: {count} networks and about {seconds} s of computing, "
                "where {most} networks and {most_seconds} s are allowed. Take fewer values, seeds or steps, or a "
                "smaller network.",
                count=count,
                seconds=round(seconds),
                most=MAX_SHARED_RUNS,
                most_seconds=round(MAX_SHARED_S),
            )
        )


def suggest_smaller(config: Config, vocab_size: int) -> dict[str, int]:
    """Name what to lower to which value, by halving: one field if that is enough, else several; none if nothing is."""
    free = ["batch_size", "seq_len"]
    free += ["hidden_size"] if config.head == "linear" else []  # without a head it follows from the text
    free += ["input_size"] if config.encoding == "embedding" else []  # and so does this with one-hot
    for fields in (*([field] for field in free), free):
        smaller = _halve(config, fields, vocab_size)
        if _fits(config.model_copy(update=smaller), vocab_size):
            return smaller
    return {}


def _halve(config: Config, fields: list[str], vocab_size: int) -> dict[str, int]:
    """Halve the fields, one after the other, until the config fits or all are 1."""
    smaller: dict[str, int] = {}
    for field in fields:
        value: int = getattr(config, field)
        while value > 1 and not _fits(config.model_copy(update=smaller), vocab_size):
            value //= 2
            smaller[field] = value
    return smaller


def _fits(config: Config, vocab_size: int) -> bool:
    return _is_allowed(estimate_cost(config, vocab_size))


def _is_allowed(cost: Cost) -> bool:
    return cost.floats <= MAX_FLOATS and cost.multiply_adds <= MAX_MULTIPLY_ADDS


def add_costs(costs: Iterable[Cost]) -> Cost:
    """Add costs up."""
    numbers = [(cost.parameters, cost.floats, cost.multiply_adds) for cost in costs]
    return Cost(*map(sum, zip(*numbers, strict=True)))

"""Why a run exploded, and what would have held: found by trying, not by a rule of thumb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnn_core.config import Config
from rnn_core.records import StepRecord
from rnn_core.training import Trainer

CLIPS = (10.0, 5.0, 2.0, 1.0, 0.5, 0.1)
BEYOND = 30  # a remedy has to hold for this many updates beyond the explosion
MAX_TRIED_UPDATES = 2000


@dataclass(frozen=True)
class Divergence:
    """Where a run left the ground and which single change would have kept it there.

    Attributes:
        step: the record whose loss or gradient exploded.
        loss: its loss in nats per character.
        grad_norm: the largest L2 gradient norm that was still a number, up to that record.
        grad_norm_step: where it was.
        grad_clip: the largest clip tried that would have held; None if none did.
        learning_rate: the largest of a third, a tenth, ... of the learning rate that would have held; None if none did.
    """

    step: int
    loss: float
    grad_norm: float
    grad_norm_step: int
    grad_clip: float | None
    learning_rate: float | None


def explain_divergence(config: Config, records: Sequence[StepRecord]) -> Divergence:
    """Say where the run `records` exploded and try which clip and which learning rate hold."""
    last = records[-1]
    finite = [r for r in records if r.is_finite] or [last]
    steepest = max(finite, key=lambda record: record.grad_norm)
    horizon = min(last.step + BEYOND, config.steps)
    clips = [clip for clip in CLIPS if config.grad_clip == 0 or clip < config.grad_clip]
    rates = [round(config.learning_rate * share, 6) for share in (0.3, 0.1, 0.03, 0.01)]
    fresh = config.model_copy(update={"earlier": ()})
    return Divergence(
        step=last.step,
        loss=last.loss,
        grad_norm=steepest.grad_norm,
        grad_norm_step=steepest.step,
        grad_clip=_first_holding(fresh, "grad_clip", clips, horizon),
        learning_rate=_first_holding(fresh, "learning_rate", [rate for rate in rates if rate >= 1e-4], horizon),
    )


def _first_holding(config: Config, field: str, values: Sequence[float], horizon: int) -> float | None:
    spent = 0
    for value in values:
        trainer = Trainer(config.model_copy(update={field: value, "steps": horizon}))
        for _ in trainer:
            spent += 1
            if spent > MAX_TRIED_UPDATES:
                return None
        if not trainer.has_exploded:
            return value
    return None

"""Why a run exploded, and what would have held: found by trying, not by a rule of thumb.

    for remedy in try_remedy(config, "grad_clip", exploded_at=69):
        pass
    print(remedy.value, "would have held to step", remedy.step)

Stopping is ceasing to ask: a remedy speaks of what has been tried until then, and of nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rnn_core.config import Config, bounds
from rnn_core.records.runs import Course
from rnn_core.training.trainer import Trainer

CLIPS = (10.0, 5.0, 2.0, 1.0, 0.5, 0.1)
SHARES = (0.3, 0.1, 0.03, 0.01)  # of the learning rate


@dataclass(frozen=True)
class Divergence:
    """Where a run left the ground.

    Attributes:
        step: the record whose loss or gradient exploded.
        loss: its loss in nats per character.
        grad_norm: the largest L2 gradient norm of the whole run that was still a number.
        grad_norm_step: where it was.
    """

    step: int
    loss: float
    grad_norm: float
    grad_norm_step: int


@dataclass(frozen=True)
class Remedy:
    """What has come out of making the same run again with smaller values of one field.

    Attributes:
        field: grad_clip or learning_rate.
        since: the value acts from this step on, where the run itself last changed the field; before, and in all else,
            the run is as it was.
        failed: the values with which it explodes as well, in the order in which they were tried.
        value: the largest one tried with which it does not; None if none has been found.
        step: how far the run was made with that value: to its own last step, if there was time.
    """

    field: str
    since: int
    failed: tuple[float, ...] = ()
    value: float | None = None
    step: int = 0

    def applied_to(self, config: Config) -> Config:
        """Return the config of the run that was tried.

        Raises:
            ValueError: if nothing has been found to hold.
        """
        if self.value is None:
            raise ValueError(f"no {self.field} has been found to hold")
        return _with(config, self.field, self.value)


def find_divergence(course: Course) -> Divergence:
    """Say where a run exploded, and how steep it had been; `course` has the numbers of every step."""
    norms = [norm if math.isfinite(norm) else -1.0 for norm in course.grad_norm]
    steepest = max(range(len(norms)), key=norms.__getitem__)
    return Divergence(course.steps[-1], course.loss[-1], course.grad_norm[steepest], course.steps[steepest])


def try_remedy(config: Config, field: str, *, exploded_at: int) -> Iterator[Remedy]:
    """Make a run again with smaller and smaller values of a field, until one holds to the run's last step.

    Every update is a turn of the iterator. A value counts as one that holds only beyond the step of the explosion.

    Args:
        config: of the run that exploded, changes made on the way included.
        field: grad_clip or learning_rate.
        exploded_at: the record at which it did.
    """
    remedy = Remedy(field, max((change.step for change in config.earlier if change.field == field), default=0))
    yield remedy
    if remedy.since >= exploded_at:
        return  # the run had not come to the value that could be made smaller
    for value in _smaller(config, field):
        trainer = Trainer(_with(config, field, value))
        for record in trainer:
            is_beyond = record.step > exploded_at and not trainer.has_exploded
            yield replace(remedy, value=value, step=record.step) if is_beyond else remedy
        if not trainer.has_exploded:
            yield replace(remedy, value=value, step=trainer.step)
            return
        remedy = replace(remedy, failed=(*remedy.failed, value))
        yield remedy


def _smaller(config: Config, field: str) -> list[float]:
    if field == "grad_clip":
        return [clip for clip in CLIPS if config.grad_clip == 0 or clip < config.grad_clip]
    rates = [round(config.learning_rate * share, 6) for share in SHARES]
    return [rate for rate in rates if rate >= bounds("learning_rate")[0]]


def _with(config: Config, field: str, value: float) -> Config:
    return config.model_copy(update={field: value})

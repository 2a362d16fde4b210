import math

import pytest

from rnn_core import Config, train
from rnn_core.analysis.divergence import BEYOND, CLIPS, explain_divergence
from rnn_core.training import EXPLOSION

TEXT = "hello! world, hello again and again " * 2
SLOW = Config(text=TEXT, optimizer="sgd", learning_rate=1.0, nonlinearity="relu", hidden_size=32, seq_len=40)
SUDDEN = Config(text=TEXT, optimizer="rmsprop", learning_rate=1.0, nonlinearity="relu", num_layers=3, seq_len=40)


def holds(config, beyond):
    """Whether a run is still on the ground at a step, by the record that it gives there."""
    records = list(train(config.replace(steps=beyond)))
    return records[-1].step == beyond and records[-1].loss <= EXPLOSION * max(1.0, records[0].loss)


@pytest.mark.parametrize("config", [SLOW, SUDDEN], ids=["overflowing loss", "no number at once"])
def test_an_explosion_is_explained_by_what_would_have_held(config):
    records = list(train(config))
    last = records[-1]
    assert 0 < last.step < config.steps  # the stream has stopped by itself
    assert not math.isfinite(last.loss) or last.loss > EXPLOSION * max(1.0, records[0].loss)

    why = explain_divergence(config, records)
    assert why.step == last.step
    assert repr(why.loss) == repr(last.loss)
    finite = [r for r in records if r.is_finite]
    assert why.grad_norm == max(r.grad_norm for r in finite)
    assert records[why.grad_norm_step].grad_norm == why.grad_norm

    horizon = min(last.step + BEYOND, config.steps)
    assert not holds(config, horizon)
    assert why.grad_clip is not None or why.learning_rate is not None
    if why.grad_clip is not None:
        assert holds(config.replace(grad_clip=why.grad_clip), horizon)
        assert not any(holds(config.replace(grad_clip=clip), horizon) for clip in CLIPS if clip > why.grad_clip)
    if why.learning_rate is not None:
        assert why.learning_rate < config.learning_rate
        assert holds(config.replace(learning_rate=why.learning_rate), horizon)


def test_the_slow_explosion_is_held_by_either_remedy():
    why = explain_divergence(SLOW, list(train(SLOW)))
    assert why.grad_clip in CLIPS
    assert why.learning_rate in (0.3, 0.1, 0.03, 0.01)


def test_a_remedy_that_explodes_at_the_very_end_does_not_hold():
    """A clip far above the gradients changes nothing, so it explodes where the run did: at the last step of all."""
    explosion = list(train(SUDDEN))[-1].step
    config = SUDDEN.replace(steps=explosion)
    why = explain_divergence(config, list(train(config)))
    assert why.step == explosion
    for field in ("grad_clip", "learning_rate"):
        value = getattr(why, field)
        assert value is None or holds(config.replace(**{field: value}), explosion)


def test_smaller_clips_only_are_tried_where_one_was_on():
    config = SUDDEN.replace(grad_clip=0.5)
    records = list(train(config))
    why = explain_divergence(config, records)
    assert why.grad_clip is None or why.grad_clip < 0.5


def test_learning_rates_are_not_proposed_below_their_bound():
    config = SLOW.replace(learning_rate=3e-4)
    why = explain_divergence(config, list(train(config))[:1])
    assert why.learning_rate is None or why.learning_rate >= 1e-4

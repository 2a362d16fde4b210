"""What is kept for all viewers."""

from pages.ui.process import upkeep
from pages.ui.session import cache
from rnn_core.config import Config
from rnn_core.training import trainer


def test_what_was_computed_for_all_is_kept_until_all_have_gone(monkeypatch):
    calls, first_look = [], trainer.first_look
    monkeypatch.setattr(trainer, "first_look", lambda config: calls.append(config) or first_look(config))
    config = Config(hidden_size=17)
    for _ in range(3):
        trace = cache.forward(config, cache.key_of(config))
    assert calls == [config]
    upkeep.forget_shared()
    again = cache.forward(config, cache.key_of(config))
    assert calls == [config] * 2
    assert (again.states_of(0) == trace.states_of(0)).all()

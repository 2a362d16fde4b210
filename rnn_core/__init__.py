"""Recurrent networks to look into: encoding, training and tracing, with torch and numpy and no screen."""

from typing import TYPE_CHECKING, Any

from rnn_core.config import PRESETS, Config
from rnn_core.records import ConfigError, StepRecord
from rnn_core.tasks import build_dataset
from rnn_core.vocab import Vocabulary, build_vocabulary, one_hot

if TYPE_CHECKING:
    from rnn_core.training import Trainer, train

__all__ = [
    "PRESETS",
    "Config",
    "ConfigError",
    "StepRecord",
    "Trainer",
    "Vocabulary",
    "build_dataset",
    "build_vocabulary",
    "one_hot",
    "train",
]


def __getattr__(name: str) -> Any:
    """Import torch only when training is asked for: it takes most of a second."""
    if name in ("Trainer", "train"):
        from rnn_core import training

        return getattr(training, name)
    raise AttributeError(f"module 'rnn_core' has no attribute {name!r}")

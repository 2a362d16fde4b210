"""Recurrent networks to look into: encoding, training and tracing, with torch and numpy and no screen."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnn_core.config import PRESETS, Config
    from rnn_core.data.tasks import build_dataset
    from rnn_core.data.vocab import Vocabulary, build_vocabulary, one_hot
    from rnn_core.records.runs import StepRecord
    from rnn_core.sentence import ConfigError
    from rnn_core.training.trainer import Trainer, train

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

_HOMES = {
    "config": ("PRESETS", "Config"),
    "records.runs": ("StepRecord",),
    "sentence": ("ConfigError",),
    "data.tasks": ("build_dataset",),
    "training.trainer": ("Trainer", "train"),
    "data.vocab": ("Vocabulary", "build_vocabulary", "one_hot"),
}


def __getattr__(name: str) -> Any:
    """Import a part when it is asked for: torch takes most of a second, and a command has to be at work before that."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"rnn_core.{home}"), name)
    raise AttributeError(f"module 'rnn_core' has no attribute {name!r}")

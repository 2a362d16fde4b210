"""Recurrent networks to look into: encoding, training and tracing, with torch and numpy and no screen."""

from typing import TYPE_CHECKING, Any

from rnn_core.config import PRESETS as PRESETS
from rnn_core.config import Config as Config
from rnn_core.records import ConfigError as ConfigError
from rnn_core.records import StepRecord as StepRecord
from rnn_core.tasks import build_dataset as build_dataset
from rnn_core.vocab import Vocabulary as Vocabulary
from rnn_core.vocab import build_vocabulary as build_vocabulary
from rnn_core.vocab import one_hot as one_hot

if TYPE_CHECKING:
    from rnn_core.training import Trainer as Trainer
    from rnn_core.training import train as train


def __getattr__(name: str) -> Any:
    """Import torch only when training is asked for: it takes most of a second."""
    if name in ("Trainer", "train"):
        from rnn_core import training

        return getattr(training, name)
    raise AttributeError(f"module 'rnn_core' has no attribute {name!r}")

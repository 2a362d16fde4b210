"""Recurrent networks to look into: encoding, training and tracing, with torch and numpy and no screen."""

from rnn_core.config import PRESETS as PRESETS
from rnn_core.config import Config as Config
from rnn_core.records import ConfigError as ConfigError
from rnn_core.records import StepRecord as StepRecord
from rnn_core.tasks import build_dataset as build_dataset
from rnn_core.training import Trainer as Trainer
from rnn_core.training import train as train
from rnn_core.vocab import Vocabulary as Vocabulary
from rnn_core.vocab import build_vocabulary as build_vocabulary
from rnn_core.vocab import one_hot as one_hot

"""The experiments to start from, by name: what each of them sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DEFAULT_PRESET = "hello-next"

# Every release keeps these: links and lessons name them.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "hello-next": {},
    "seed-lesson": {
        "task": "same",
        "head": "none",
        "batch_first": False,
        "layout": "batch_major",
        "seq_len": 12,
    },
    "onehot-batch": {
        "text": "helloeollllleel",
        "task": "same",
        "hidden_size": 2,
        "batch_first": False,
        "layout": "batch_major",
        "seq_len": 5,
        "batch_size": 3,
    },
}

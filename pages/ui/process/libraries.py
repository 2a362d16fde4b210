"""The libraries: loaded before they are needed, and set apart when Python looks for garbage.

They are some four hundred thousand objects that stay for good. Now and then Python looks through all that it has for
objects that only hold each other, and every viewer waited up to a quarter of a second for that.
"""

from __future__ import annotations

import gc
import pkgutil
from importlib import import_module

import pages.ui


def load() -> None:
    """Import what the pages need, so that the first viewer waits less for it, and set it apart."""
    for module in pkgutil.walk_packages(pages.ui.__path__, "pages.ui."):
        import_module(module.name)
    _train()
    set_apart()


def set_apart() -> None:
    """Let Python look through what there is now for the last time.

    What viewers leave in circles later is not found if it hangs on something of now: this is for moments without them.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _train() -> None:
    """Make a first update: with it torch loads as much again."""
    import pages.ui.process.threads  # noqa: F401
    from rnn_core.config import Config
    from rnn_core.training.history import Run

    Run(Config()).advance()

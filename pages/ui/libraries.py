"""The libraries, set apart when Python looks for garbage.

They are some four hundred thousand objects that stay for good. Now and then Python looks through all that it has for
objects that only hold each other, and every viewer waited up to a quarter of a second for that.
"""

import gc
import sys

WAVE = 100  # modules that come together: torch, its optimizers
_known = 0


def set_apart() -> None:
    """Let Python never look through what there is again, if libraries have come since the last time."""
    global _known
    if len(sys.modules) >= _known + WAVE:
        _known = len(sys.modules)
        gc.freeze()

"""The session's place in its run. Torch does not come with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pages.ui.session import state

if TYPE_CHECKING:
    from pages.ui.work.engine import Engine


@dataclass
class Current:
    """Where the session is in its run; nowhere before its first page that shows one."""

    engine: Engine | None = None


def engine() -> Engine:
    """Return the session's engine, which is there once a page has shown its run."""
    found = state.part(Current).engine
    assert found is not None
    return found

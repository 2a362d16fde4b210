"""torch without its compiler, for processes that compile nothing. No torch here.

torch's optimisers load the compiler, with sympy and all that belongs to it, only to tell it to keep off: 90 MB and more
than a second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])
COMPILER = "torch._dynamo"


class _Absent(ModuleType):
    """Answers what is asked of the compiler where nothing is compiled; whoever asks for more gets the real one."""

    @staticmethod
    def disable(function: F, *_: object, **__: object) -> F:
        return function

    @staticmethod
    def graph_break(*_: object) -> None:
        return

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__path__":  # what Python asks of every module
            raise AttributeError(name)
        if sys.modules.get(COMPILER) is self:
            del sys.modules[COMPILER]
        return getattr(import_module(COMPILER), name)


def leave_compiler_out() -> None:
    """Do without the compiler in this process, unless it is there already or until it is wanted."""
    sys.modules.setdefault(COMPILER, _Absent(COMPILER))

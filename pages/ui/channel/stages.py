"""Stages: the parts of pages whose pictures follow a slider while it is held. No streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from pages.ui.components.chart import Picture
from pages.ui.session.link import Look


@dataclass(frozen=True)
class Stage:
    """A part of a page that follows some sliders.

    Attributes:
        name: LESSON.PART, where LESSON is the module of `pages.ui.lessons` that registers it.
        fields: the sliders it follows: config fields, or others that it knows.
        draw: makes its pictures of a look, always of the same keys. What more it takes only a page has to give, and
            stands for what is not known of a hand's look: it has defaults.
    """

    name: str
    fields: tuple[str, ...]
    draw: Callable[..., Iterable[Picture]]

    def pictures(self, look: Look, **more: Any) -> Iterator[Picture]:
        """Make the pictures of a look.

        Raises:
            ConfigError: if there is nothing to show for it.
        """
        yield from self.draw(look, **more)


_stages: dict[str, Stage] = {}


def stage(name: str, fields: Iterable[str]) -> Callable[[Callable[..., Iterable[Picture]]], Stage]:
    """Make a function of a look a stage: `@stage("encoding.network", ["hidden_size"])`."""

    def register(draw: Callable[..., Iterable[Picture]]) -> Stage:
        made = _stages[name] = Stage(name, tuple(fields), draw)
        return made

    return register


def find(name: str) -> Stage | None:
    """Return the stage of a name, which may be anything; its lesson is imported if it was not yet."""
    if name not in _stages:
        lesson = name.partition(".")[0]
        module = f"pages.ui.lessons.{lesson}"
        if lesson.isidentifier() and lesson.isascii() and find_spec(module):
            import_module(module)
    return _stages.get(name)

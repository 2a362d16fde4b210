"""Stages: the parts of pages whose pictures follow a held slider, or work that goes on. No streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from pages.ui.session.link import Look
from pages.ui.session.views import TrainingView

if TYPE_CHECKING:
    from pages.ui.work.engine import Engine


class Picture(Protocol):
    """What a stage is made of: a chart, or another component that takes another content in place."""

    @property
    def key(self) -> str:
        """Its name on the page."""

    def show(self) -> None:
        """Draw it on the page."""

    def content(self) -> Mapping[str, str]:
        """Return what a browser that shows one of this key needs to show this one in its place."""


@dataclass(frozen=True)
class Stage:
    """A part of a page that follows some sliders.

    Attributes:
        name: LESSON.PART, where LESSON is the module of `pages.ui.lessons` that registers it.
        fields: the sliders it follows: config fields, or others that it knows.
        draw: makes its pictures of a look, always of the same keys. What more it takes only a page has to give, and
            stands for what is not known of a hand's look: it has defaults.
        of: what it is of besides, given to `draw` after the look: a place in the look's run, or other work.
        newest: finds that for a look where none is given.
    """

    name: str
    fields: tuple[str, ...]
    draw: Callable[..., Iterable[Picture]]
    of: type | None = None
    newest: Callable[[Look], object] | None = None

    def pictures(self, look: Look, work: object = None, **more: Any) -> Iterator[Picture]:
        """Make the pictures of a look.

        Args:
            look: what is looked at.
            work: what it is of besides, such as the place in the look's run; the newest that anybody has come to if
                none is given.
            more: what only a page can give.

        Raises:
            ConfigError: if there is nothing to show for it.
        """
        if self.of is None:
            yield from self.draw(look, **more)
            return
        if work is None and self.newest:
            work = self.newest(look)
        yield from self.draw(look, work, **more)


def newest_place(look: Look) -> Engine:
    """Return a place in the run of a look, as far as its link says or as anybody has come; trained if nobody has.

    Raises:
        ConfigError: if the config cannot be trained or costs too much.
    """
    from pages.ui.work.engine import Engine  # torch comes with it

    engine, trained = Engine(look.base), look.view(TrainingView).trained
    if trained:
        engine.goal = min(trained, engine.goal)
    engine.slice()
    return engine


_stages: dict[str, Stage] = {}


def stage(
    name: str,
    fields: Iterable[str] = (),
    *,
    of: type | None = None,
    newest: Callable[[Look], object] | None = newest_place,
) -> Callable[[Callable[..., Iterable[Picture]]], Stage]:
    """Make a function of a look, and perhaps of work, a stage: `@stage("training.states", ["step"], of=Engine)`."""

    def register(draw: Callable[..., Iterable[Picture]]) -> Stage:
        made = _stages[name] = Stage(name, tuple(fields), draw, of, newest)
        return made

    return register


def find(name: str) -> Stage | None:
    """Return the stage of a name, which may be anything; its lesson is imported if it was not yet."""
    if len(name) > 64:
        return None
    if name not in _stages:
        lesson = name.partition(".")[0]
        module = f"pages.ui.lessons.{lesson}"
        if lesson.isidentifier() and lesson.isascii() and find_spec(module):
            import_module(module)
    return _stages.get(name)

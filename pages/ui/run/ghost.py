"""The run that was on the screen before: it stays behind the new one. The link says what was other in it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.session.views import CurvesView
from pages.ui.widgets.controls import FIELDS, WORDS
from pages.ui.words.i18n import Words
from pages.ui.work.engine import Engine
from pages.ui.work.store import store
from rnn_core.config import Config, format_value, parse_value
from rnn_core.figures.curves import Ghost
from rnn_core.sentence import ConfigError
from rnn_core.training.experiment import Experiment

MOST_NAMED = 2  # settings in the legend


@dataclass(frozen=True)
class Before:
    """A place in that run, by which the session keeps the store from forgetting it."""

    engine: Engine


def leave(last: Config, step: int) -> None:
    """Note which run has just been left, and how far it had come; one that had not begun leaves what was before it."""
    now = state.look()
    left: Config | None = last if step else config_of(Look(Experiment(last), now.views))
    changes = [(name, format_value(value)) for name, value in left or () if value != getattr(now.base, name)]
    is_other_text = left is not None and left.text != now.base.text
    state.note(CurvesView, before=() if is_other_text else tuple(changes))


def follow(engine: Engine) -> None:
    """Keep the run that the link says was before, and train what is not known of it while the viewer's own is still."""
    config, kept = config_of(state.look()), state.kept(Before)
    if config is None:
        return
    with suppress(ConfigError):  # too large to be trained: it is not shown
        if kept is None or kept.engine.config != config:
            kept = state.keep(Before(Engine(config)))
        if not engine.is_playing:
            kept.engine.catch_up()


def config_of(look: Look) -> Config | None:
    """Return the config of the run before a look's; None if there was none."""
    before = look.view(CurvesView).before
    return _with(look.base, before) if before else None


@lru_cache(maxsize=64)
def _with(base: Config, changes: tuple[tuple[str, str], ...]) -> Config | None:
    try:
        config = base.replace(**{name: parse_value(name, said) for name, said in changes})
    except ConfigError:  # together with what is asked for now, it is no config
        return None
    return None if config == base else config


def ghost_of(look: Look) -> Ghost | None:
    """Return what the store knows of that run, with a name in the viewer's language."""
    config = config_of(look)
    shared = store.known(config) if config else None
    if not shared or not shared.step:
        return None
    return Ghost(shared.run.course.until(shared.step), _label(look.view(CurvesView).before, look.words))


def _label(before: tuple[tuple[str, str], ...], _: Words) -> str:
    named = [f"{_(FIELDS[name][0])} = {_(WORDS.get(said, said))}" for name, said in before if name in FIELDS]
    what = ", ".join(named[:MOST_NAMED]) + (" …" if len(named) > MOST_NAMED or not named else "")
    return _("before: {what}", what=what)

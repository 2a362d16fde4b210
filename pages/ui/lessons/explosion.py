"""What the page says of a run that exploded: where, and which change to the very same run would have held."""

from __future__ import annotations

from collections.abc import Iterator

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components.status import Status
from pages.ui.session import state
from pages.ui.session.link import Look
from pages.ui.widgets.controls import FIELDS
from pages.ui.words.i18n import _
from pages.ui.work.adviser import Adviser, adviser_of
from pages.ui.work.engine import Engine
from rnn_core.analysis.divergence import Remedy, find_divergence
from rnn_core.config import Config, format_value


def explain(engine: Engine) -> None:
    """Say where the loss exploded and what would have held; what takes long to try is told as it comes out."""
    if not engine.has_exploded:
        return
    adviser = _adviser(engine.config, engine.step)
    adviser.slice()  # of a short run, all of it is tried before anything is drawn
    _say(engine, adviser)
    if adviser.is_playing:
        live.show(trying, adviser, plays=True)
    else:
        _remedy_buttons(engine, adviser)


@stage("explosion.trying", of=Adviser)
def trying(look: Look, adviser: Adviser) -> Iterator[Status]:
    """How far trying is."""
    _ = look.words
    yield Status("trying", adviser.share, _("Looking for a setting that stays stable …"))


def _adviser(config: Config, exploded_at: int) -> Adviser:
    """Return who tries it, the session's own as long as it looks at this run."""
    kept = state.kept(Adviser)
    return kept if kept and kept.config == config else state.keep(adviser_of(config, exploded_at))


def _say(engine: Engine, adviser: Adviser) -> None:
    found, config = find_divergence(engine.course), engine.config
    lines = [
        _("**The loss exploded at step {step}** (loss {loss:.4g}).", step=found.step, loss=found.loss),
        _(
            "The largest gradient norm still measured was {norm:.4g}, at step {step}.",
            norm=found.grad_norm,
            step=found.grad_norm_step,
        ),
    ]
    tried = [words for remedy in adviser.remedies.values() for words in _tried(remedy, config.steps)]
    if tried:
        intro = (
            _("Tried just now on this very run, with its changes on the way:")
            if config.earlier
            else _("Tried just now on this very run:")
        )
        lines += [intro, *tried]
    st.error(" ".join(lines), icon=":material/warning:")


def _tried(remedy: Remedy, last_step: int) -> list[str]:
    """Say what has been tried of one field, and nothing of what has not."""
    words, name = [], _(FIELDS[remedy.field][0])
    if remedy.value is not None:
        what = {"field": name, "value": format_value(remedy.value), "step": remedy.step}
        if remedy.step == last_step:
            held = _("{field} = {value} would have held to the last step, {step}", **what)
        else:
            held = _("{field} = {value} would have held up to step {step}; it was tried no further", **what)
        words.append(held)
        if remedy.since:
            words[-1] += " " + _("(set at step {step}, where this run last changed it)", step=remedy.since)
        words[-1] += "."
    if remedy.failed:
        values = ", ".join(map(format_value, remedy.failed))
        words.append(_("{field} = {values} would have exploded too.", field=name, values=values))
    return words


def _remedy_buttons(engine: Engine, adviser: Adviser) -> None:
    """Offer the run that was tried: moving the slider instead would begin a run without the changes on the way."""
    with st.container(horizontal=True):
        for remedy in adviser.remedies.values():
            if remedy.value is not None:
                name = _(FIELDS[remedy.field][0])
                st.button(
                    _("Run it with {field} = {value}", field=name, value=format_value(remedy.value)),
                    on_click=_run_with,
                    args=(engine, remedy.applied_to(engine.config)),
                    icon=":material/healing:",
                    key=f"remedy_{remedy.field}",
                )


def _run_with(engine: Engine, config: Config) -> None:
    engine.restart(config, is_playing=True)
    state.put(**{name: getattr(config, name) for name in ("grad_clip", "learning_rate", "earlier")})

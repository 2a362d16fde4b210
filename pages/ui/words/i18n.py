"""Messages in the viewer's language. The language belongs to the session, never to the process."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.locale.catalogue import LANGUAGES, LOCALE_DIR, messages
from rnn_core.sentence import Sentence

JOINERS = "\u200d\u200c"  # invisible, but they hold an emoji family or a Persian word together
MAX_SHOWN = 120  # characters of a value from outside
_script = threading.local()  # the thread of a session that runs its script


@dataclass(frozen=True)
class Words:
    """Messages in a language: `_ = Words("ko"); _("Home")`."""

    lang: str

    def __call__(self, message: str, /, **params: Any) -> str:
        """Translate a message and fill its gaps."""
        text = messages(self.lang).get(message, message)
        return text.format(**params) if params else text

    def say(self, sentence: Sentence) -> str:
        """Translate a sentence of the core; what comes from outside is escaped for Markdown."""
        return self(sentence.template, **{name: plain(value) for name, value in sentence.params.items()})

    def told(self, sentence: Sentence) -> str:
        """Translate a sentence of the core for a place that shows plain text, where nothing is escaped."""
        return self(sentence.template, **{name: shown(value) for name, value in sentence.params.items()})


def language() -> str:
    """Return the session's language: chosen by the viewer or the link, otherwise the browser's."""
    if found := getattr(_script, "lang", None):
        return str(found)
    chosen = st.session_state.get("lang")
    return chosen if isinstance(chosen, str) and chosen in LANGUAGES else browser_language()


def settle_language() -> None:
    """Find the language once for this run of the script, which asks for it at every word."""
    _script.lang = None
    _script.lang = language()


def browser_language() -> str:
    """Return the browser's language if the app speaks it, otherwise English."""
    code = (st.context.locale or "en").split("-")[0].lower()
    return code if code in LANGUAGES else "en"


def _(message: str, /, **params: Any) -> str:
    """Translate a message into the session's language and fill its gaps."""
    return Words(language())(message, **params)


def mark(message: str) -> str:
    """Mark a message for translation without translating it yet."""
    return message


def say(sentence: Sentence) -> str:
    """Say a sentence of the core in the session's language, escaped for Markdown."""
    return Words(language()).say(sentence)


def told(sentence: Sentence) -> str:
    """Say a sentence of the core in the session's language for a place that shows plain text."""
    return Words(language()).told(sentence)


def plain(value: object) -> str:
    """Write a value so that Markdown shows it as it stands: no links, no markup, no formulas, not too long."""
    is_number = isinstance(value, (int, float))
    return shown(value) if is_number else re.sub(r"([\\`*_{}\[\]()#+\-.!|<>~$:@&])", r"\\\1", shown(value))


def shown(value: object) -> str:
    """Write a value on one line, not too long."""
    if isinstance(value, float):
        return f"{value:g}"
    text = "".join(c if c.isprintable() or c in JOINERS else " " for c in str(value))
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


@cache
def lesson(name: str, lang: str) -> str:
    """Return the lesson text of a page in a language: Markdown written by us, the same for everybody."""
    return Path(LOCALE_DIR, "lessons", f"{name}.{lang}.md").read_text(encoding="utf-8")

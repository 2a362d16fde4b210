"""Texts that are too long for a link. It names them by their content: the viewer's browser keeps them, the server none.

No streamlit here. Whoever has the text, a browser or a viewer with something to paste, can go on where the link points.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from pages.ui.session.fields import View, kinds
from pages.ui.session.views import TEXTS
from rnn_core.config import Config
from rnn_core.sentence import Sentence

MAX_LINK_TEXT = 6000  # bytes of text, percent-encoded, that a link may carry: servers refuse addresses beyond 8 kB
Views = Mapping[type[View], View]
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True)
class Missing:
    """A text that a link needs and does not carry.

    Attributes:
        name: of the parameter.
        digest: the text's SHA-256.
        length: its characters, as the link says; empty if it does not.
    """

    name: str
    digest: str
    length: str = ""

    def parameters(self) -> dict[str, str]:
        """Return what a link says of it."""
        return {f"{self.name}_length": self.length, f"{self.name}_hash": self.digest}


@dataclass(frozen=True)
class Waiting:
    """A link that waits for texts which it needs and does not carry.

    Attributes:
        link: the words of each of its parameters.
        missing: what it waits for.
        is_answered: whether the browser has said which of them it keeps.
    """

    link: Mapping[str, list[str]]
    missing: tuple[Missing, ...]
    is_answered: bool = False

    def needs(self, texts: Iterable[str]) -> bool:
        """Whether one of some texts is waited for."""
        return not {one.digest for one in self.missing}.isdisjoint(map(digest, texts))

    def parameters(self, names: Container[str]) -> dict[str, str]:
        """Return what a link says of those that are still missing, as far as it names them."""
        found: dict[str, str] = {}
        for one in self.missing:
            found |= one.parameters() if one.name in names else {}
        return found


def digest(text: str) -> str:
    """Return the SHA-256 of a text, by which links and browsers know it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def texts_of(config: Config, views: Views) -> list[str]:
    """Return the texts of what is on the screen, of whatever length."""
    found = [config.text]
    for view in views.values():
        found += [getattr(view, name) or "" for name, kind in kinds(type(view)).items() if kind.most]
    return found


def split(parameters: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parameters as a link can carry them, and the texts that do not fit into it, by their digest."""
    carried, texts, room = dict(parameters), dict[str, str](), MAX_LINK_TEXT
    for name in TEXTS:
        text = parameters.get(name, "")
        size = len(quote(text))
        if size <= room:
            room -= size
            continue
        del carried[name]
        texts[digest(text)] = text
        carried |= Missing(name, digest(text), str(len(text))).parameters()
    return carried, texts


def join(raw: dict[str, list[str]], texts: Mapping[str, str], unused: list[Sentence]) -> tuple[Missing, ...]:
    """Put the texts that a link names into its parameters, as far as they are known; return those that are not.

    Args:
        raw: the words of each parameter; what is said of texts that are too long is taken out.
        texts: those that are known, by their digest.
        unused: gets a sentence for what cannot be used.
    """
    missing = []
    for name in TEXTS:
        lengths, digests = raw.pop(f"{name}_length", []), raw.pop(f"{name}_hash", [])
        if name in raw or not (lengths or digests):
            continue
        if not digests:  # as links were once
            unused.append(
                Sentence(
                    "The text of this link was too long to travel with it. Paste it again into {field}.", field=name
                )
            )
        elif len(digests) > 1 or not _DIGEST.fullmatch(digests[0]):
            unused.append(
                Sentence(
                    "{field}={value} cannot be used: write it like {example}.",
                    field=f"{name}_hash",
                    value=digests[0][:40],
                    example=digest(""),
                )
            )
        elif digests[0] in texts:
            raw[name] = [texts[digests[0]]]
        else:
            known = lengths[0] if len(lengths) == 1 and lengths[0].isascii() and lengths[0].isdigit() else ""
            missing.append(Missing(name, digests[0], known[:8]))
    return tuple(missing)

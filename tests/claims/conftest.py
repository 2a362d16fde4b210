"""Every test of a claim quotes it, and what it quotes is what the app still says."""

from pathlib import Path

import pytest
import torch
from babel.messages.pofile import read_po

from pages.locale.catalogue import LOCALE_DIR, catalogue_path, translations

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def said():
    """All English texts: the lessons, and the messages, which the catalogue holds as the code has them."""
    lessons = [path.read_text("utf-8") for path in sorted((LOCALE_DIR / "lessons").glob("*.en.md"))]
    with catalogue_path("ko").open("rb") as file:
        return [*lessons, *(message for message, _ in translations(read_po(file, locale="ko")))]


@pytest.fixture(autouse=True)
def _quotes_what_is_said(request, said):
    claims = list(request.node.iter_markers("claim"))
    assert claims, f"{Path(request.node.path).name}: which sentence is this about?"
    for claim in claims:
        for quoted in claim.args:
            assert any(quoted in text for text in said), f"nobody says any more: {quoted}"

"""The introduction of a page: its first sentence is on the fold, and nothing of it is lost."""

import re

import pytest

from pages import PAGES
from pages.locale.catalogue import LANGUAGES
from pages.ui.widgets.head import folded
from pages.ui.words.i18n import lesson


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_whole_introduction_is_in_the_page_and_one_sentence_of_it_on_the_fold(lang):
    for page in PAGES:
        words = lesson(page.name, lang)
        summary, rest = re.fullmatch(
            r"<details><summary>\n\n(.*)\n\n</summary>\n\n(.*)\n\n</details>", folded(words), re.DOTALL
        ).groups()
        assert f"{summary} {rest}".split() == words.split()
        assert "\n" not in summary


def test_a_single_sentence_has_nothing_to_unfold():
    assert folded("Look.") == "<details><summary>\n\nLook.\n\n</summary>\n\n\n\n</details>"

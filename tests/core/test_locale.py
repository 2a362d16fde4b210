import ast
import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from pages.locale.catalogue import LANGUAGES, LOCALE_DIR, catalogue_path, messages
from pages.locale.update import KEYWORDS, ROOT, extract

LESSON_DIR = LOCALE_DIR / "lessons"
LESSONS = sorted({path.name.split(".")[0] for path in LESSON_DIR.glob("*.md")})
HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def catalogue():
    with catalogue_path("ko").open("rb") as file:
        return read_po(file, locale="ko")


@pytest.fixture(scope="module")
def wanted():
    return {str(message.id) for message in extract() if message.id}


def gaps(text):
    """The gaps of a message with their conversions and format specs, in any order: languages differ in theirs."""
    found = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
    assert all(name for name, _, _ in found), "a gap has no name"
    return set(found)


def test_the_code_has_messages(wanted):
    assert len(wanted) > 100


def test_every_message_of_the_code_is_translated(catalogue, wanted):
    done = {str(message.id) for message in catalogue if message.id and str(message.string).strip()}
    assert not wanted - done


def test_no_translation_is_a_guess(catalogue):
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_the_catalogue_holds_nothing_that_the_code_does_not_say(catalogue, wanted):
    assert not {str(message.id) for message in catalogue if message.id} - wanted
    assert not catalogue.obsolete


def test_translations_have_the_same_gaps(catalogue):
    for message in catalogue:
        if message.id:
            assert gaps(message.string) == gaps(message.id), message.id


def test_translations_have_the_same_bold_and_code(catalogue):
    for message in catalogue:
        if message.id:
            for markup in ("**", "`"):
                assert message.string.count(markup) % 2 == 0, message.id
                assert (markup in message.string) == (markup in message.id), message.id


def test_bold_ends_before_a_particle(catalogue):
    """Markdown shows `**50%**는` with its asterisks: after punctuation bold ends only before a space or a sign."""
    for message in catalogue:
        if message.id:
            inside = re.split(r"\*\*", message.string)
            for bold, after in zip(inside[1::2], inside[2::2], strict=True):
                is_sign = re.search(r"(%}|[^\w\s}])$", bold)
                assert not (is_sign and re.match(r"\w", after)), message.id


def test_translations_strike_nothing_out(catalogue):
    """A range written 1~9 would open a strikethrough."""
    assert [message.id for message in catalogue if message.id and "~" in message.string] == []


def test_no_particle_depends_on_what_fills_a_gap(catalogue):
    """은/는, 이/가, 을/를, 과/와 and (으)로 follow the last sound of a word, which a gap does not know."""
    particle = re.compile(r"\}(\*\*)?(은|는|이|가|을|를|과|와|로|으로)(?![가-힣])")
    assert [message.id for message in catalogue if message.id and particle.search(message.string)] == []


def test_messages_returns_the_catalogue(catalogue, wanted):
    korean = messages("ko")
    assert set(korean) == wanted
    assert all(korean[str(message.id)] == message.string for message in catalogue if message.id)
    assert messages("en") == {}


def test_there_are_lessons():
    assert set(LESSONS) >= {"home", "encoding", "training"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_is_there_in_every_language(name, lang):
    text = (LESSON_DIR / f"{name}.{lang}.md").read_text(encoding="utf-8")
    assert text.strip()
    assert bool(HANGUL.search(text)) == (lang == "ko")


def test_every_literal_message_is_extracted(wanted):
    """A message inside an f-string is one token to Python 3.11's tokenizer, and would be missed."""
    for path in [ROOT / "streamlit_app.py", *(ROOT / "rnn_core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            if getattr(node.func, "id", getattr(node.func, "attr", None)) in KEYWORDS:
                assert node.args[0].value in wanted, (path.name, node.lineno)

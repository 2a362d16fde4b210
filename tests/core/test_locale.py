import ast
import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from pages.locale.catalogue import LANGUAGES, LOCALE_DIR, catalogue_path, messages, translations
from pages.locale.update import KEYWORDS, ROOT, extract
from rnn_core.sentence import ngettext

LESSON_DIR = LOCALE_DIR / "lessons"
LESSONS = sorted({path.name.split(".")[0] for path in LESSON_DIR.glob("*.md")})
HANGUL = re.compile("[가-힣]")


@pytest.fixture(scope="module")
def catalogue():
    with catalogue_path("ko").open("rb") as file:
        return read_po(file, locale="ko")


@pytest.fixture(scope="module")
def pairs(catalogue):
    """Each message with its translation, singular and plural apart."""
    return list(translations(catalogue))


@pytest.fixture(scope="module")
def wanted():
    return {message for message, _ in translations(extract())}


def gaps(text):
    """The gaps of a message with their conversions and format specs, in any order: languages differ in theirs."""
    found = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
    assert all(name for name, _, _ in found), "a gap has no name"
    return set(found)


def test_the_code_has_messages(wanted):
    assert len(wanted) > 100


def test_every_message_of_the_code_is_translated(pairs, wanted):
    assert not wanted - {message for message, string in pairs if string.strip()}


def test_no_translation_is_a_guess(catalogue):
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []


def test_the_catalogue_holds_nothing_that_the_code_does_not_say(catalogue, wanted):
    assert not {message for message, _ in translations(catalogue)} - wanted
    assert not catalogue.obsolete


def test_translations_have_the_same_gaps(pairs):
    for message, string in pairs:
        assert gaps(string) == gaps(message), message


def test_translations_have_the_same_bold_and_code(pairs):
    for message, string in pairs:
        for markup in ("**", "`"):
            assert string.count(markup) % 2 == 0, message
            assert (markup in string) == (markup in message), message


def test_bold_ends_before_a_particle(pairs):
    """Markdown shows `**50%**는` with its asterisks: after punctuation bold ends only before a space or a sign."""
    for message, string in pairs:
        inside = re.split(r"\*\*", string)
        for bold, after in zip(inside[1::2], inside[2::2], strict=True):
            is_sign = re.search(r"(%}|[^\w\s}])$", bold)
            assert not (is_sign and re.match(r"\w", after)), message


def test_translations_strike_nothing_out(pairs):
    """A range written 1~9 would open a strikethrough."""
    assert [message for message, string in pairs if "~" in string] == []


def test_no_particle_depends_on_what_fills_a_gap(pairs):
    """은/는, 이/가, 을/를, 과/와, (으)로 and 였/이었 follow the last sound of a word, which a gap does not know."""
    particle = re.compile(r"\}(\*\*|`)?((은|는|이|가|을|를|과|와|로|으로)(?![가-힣])|[였예])")
    assert [message for message, string in pairs if particle.search(string)] == []


def test_no_article_stands_before_a_gap(pairs):
    """Whether it is a or an depends on what fills it."""
    assert [message for message, _ in pairs if re.search(r"\b[Aa]n? [`*]*\{", message)] == []


def test_messages_returns_the_catalogue(pairs, wanted):
    assert set(messages("ko")) == wanted
    assert messages("ko") == dict(pairs)
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


WORDS = ROOT / "docs" / "words.md"
TIME_STEP = re.compile(r"[Tt]ime steps?")
UPDATE = re.compile(r"\b[Ss]teps?\b")


def texts(lang, pairs):
    """Everything that the app says in a language: its messages and its lessons."""
    said = [string if lang == "ko" else message for message, string in pairs]
    return said + [path.read_text("utf-8") for path in sorted(LESSON_DIR.glob(f"*.{lang}.md"))]


def banned():
    """Return (language, word) for what the table of words says not to say."""
    found = []
    for row in re.findall(r"^\| (.*) \|$", WORDS.read_text("utf-8"), re.MULTILINE)[1:]:
        *_, english, korean = (cell.strip() for cell in row.split("|"))
        for lang, cell in (("en", english), ("ko", korean)):
            found += [(lang, word.strip()) for word in cell.split(",") if word.strip()]
    return found


@pytest.mark.parametrize(("lang", "word"), banned())
def test_one_thing_has_one_word(pairs, lang, word):
    assert [text for text in texts(lang, pairs) if word in text] == []


def test_there_are_words_that_are_not_said():
    assert len(banned()) >= 18


def test_a_time_step_and_an_update_have_words_of_their_own(pairs):
    """In Korean 시점 is a time step and 스텝 an update."""
    wrong = []
    for message, string in pairs:
        has_time, has_update = TIME_STEP.search(message), UPDATE.search(TIME_STEP.sub("", message))
        if (has_time and not has_update and "스텝" in string) or (has_update and not has_time and "시점" in string):
            wrong.append((message, string))
    assert wrong == []


def test_plural_and_singular_differ_in_nothing_but_number(catalogue):
    plural = [message.id for message in catalogue if isinstance(message.id, tuple)]
    assert len(plural) >= 20
    for one, many in plural:
        assert one != many
        assert gaps(one) == gaps(many)


def test_one_is_singular_and_any_other_number_is_not():
    assert [ngettext("one", "many", count) for count in (0, 1, 2, 1.5)] == ["many", "one", "many", "many"]

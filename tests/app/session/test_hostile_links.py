"""Whatever is in an address, the page works, and a notice names each parameter that was not used."""

import random
import re

import pytest

from pages.ui.session import link
from pages.ui.session.fields import Kind, Number, kinds
from pages.ui.session.views import MODELS
from pages.ui.words.i18n import told
from rnn_core.config import MAX_TEXT, Config, bounds, field_info, options
from tests.app.conftest import PAGE_NAMES, check_works, click, config_of, find, notices, open_app, unescaped

SHARES_RUNS = True
RUNS_PER_PAGE = 4
PACKED = 12  # parameters in one address: as many notices as a page lists
MARKUP = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "**bold** `code` $x$ :red[a]",
    "| a | b |",
    "' OR 1=1 --",
    "../../etc/passwd",
    "{field} {0} %s %(a)s",
)
NOISE = ("\x00", "a\x00b", "\n\n# a", "\r\n", "\u202e", "\ufeff", "👩‍👩‍👧", "e\u0301" * 30, "z" * 20_000, "\ufffd")
NO_NUMBER = (
    "",
    " ",
    "abc",
    "NaN",
    "nan",
    "inf",
    "-Infinity",
    "1e999",
    "0x10",
    "1_000",
    "--1",
    "1,5",
    "[]",
    "null",
    "0b1",
)
UNKNOWN = (
    "Seed",
    "hidden size",
    "utm_source",
    "__proto__",
    "__class__",
    "_values",
    "_engine",
    "model_config",
    "a[]",
    "a.b",
    "🤖",
    "\x00",
    "z" * 3000,
    "dismiss_notices",
    "play",
    *MARKUP,
)
FIELDS = {name: kind for model in MODELS for name, kind in kinds(model).items()}
NAMES = (*Config.model_fields, "preset", "lang", *FIELDS, "unknown")


MISWRITTEN = (  # where the core reads a notation of its own
    *("learning_rate", "text:a:b", "hidden_size:2:32:999", "hidden_size:x:3:4", "_:1:2:3", ":::"),
    *("weight_hh_l0:2:3", "weight_hh_l4:x2", "weight_hh_l0:x1001", "bias_ih_l0:1:2:3", "weight_hh_l0:x2," * 17),
)


def unusable_values(name):
    """Return values that a parameter certainly cannot take."""
    everything = (*MARKUP, *NOISE)
    match FIELDS.get(name):
        case Number(low=low):
            more = ("-1", "1.5") if isinstance(low, int) else ("100", "-100", "1.0000000000000")
            return (*everything, *NO_NUMBER[1:], *more, "9" * 60, "1e3")
        case Kind(words=(*_, last)):
            return (*everything, *NO_NUMBER, last.upper(), last + " ", "__class__")
        case Kind(most=int(most)):
            return ("x" * (most + 1), "x = 1\n" * most)
        case Kind(pattern=str(pattern), example=example) if pattern:
            tried = (*everything, *NO_NUMBER[1:], f"{example},", f"x{example}", "1," * 400)
            return tuple(value for value in tried if not re.fullmatch(pattern, value, re.ASCII))  # "nan" is a word
        case Kind():
            return (*everything, *NO_NUMBER[1:], "0", "-1", "1.5", "9" * 60, *MISWRITTEN)
    if name == "lang":
        return (*everything, *NO_NUMBER, "xx", "EN", "ko-KR")
    if name == "preset":
        return (*everything, *NO_NUMBER, "Seed-lesson", "seed_lesson", "_")
    if name == "text":
        return ("", "x" * (MAX_TEXT + 1))
    if name == "earlier":
        return (*everything, "learning_rate", "hidden_size:3:4", "learning_rate:nan:5", "grad_clip:1:0", "a:b:c", "::")
    if name == "unknown":
        return (*everything, *NO_NUMBER)
    if options(name):
        return (*everything, *NO_NUMBER, options(name)[0].upper(), options(name)[0] + " ")
    if field_info(name).annotation is bool:
        return (*everything, *NO_NUMBER, "1", "0", "yes", "on", "truefalse")
    low, high = bounds(name)
    return (*everything, *NO_NUMBER, str(high + 1), str(low - 1), "9" * 60, "-" + "9" * 60)


def draw(rng):
    """Draw an address of hostile parameters: name -> one value, or several for a parameter that is repeated."""
    address = {}
    for name in rng.sample(NAMES, PACKED):
        values = [rng.choice(unusable_values(name))]
        if rng.random() < 0.2:  # repeated, even with something usable in it
            values.append(rng.choice([*unusable_values(name), "3", "rnn", "true"]))
        if name == "unknown":
            name = rng.choice(UNKNOWN)
        address[name] = values if len(values) > 1 else values[0]
    return address


def is_named(name, lines):
    """Whether a notice begins with a parameter; what cannot be printed and what is long is not written out."""
    shown = "".join(c if c.isprintable() else " " for c in name)[:100].strip()
    return any(shown in line[: len(shown) + 40] for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_every_unusable_value_is_named_and_changes_nothing(name):
    nothing = link.read({}, "en")
    for number, value in enumerate(unusable_values(name)):
        called = UNKNOWN[number % len(UNKNOWN)] if name == "unknown" else name
        repeated = ([value, "3"], ["3", value]) if number < 2 else ()  # which is told before any value is read
        for words in ([value], *repeated):
            address = link.read({called: words}, "en")
            assert (address.look, address.preset) == (nothing.look, nothing.preset), words
            assert len(address.unused) == 1, words
            assert is_named(called, [told(address.unused[0])])


@pytest.mark.parametrize("run", range(RUNS_PER_PAGE))
@pytest.mark.parametrize("page", PAGE_NAMES)
def test_a_hostile_link_shows_the_page_and_names_what_was_not_used(page, run):
    address = draw(random.Random(f"{page} {run}"))
    at = open_app(page, **address)
    check_works(at, page)
    lines = notices(at)
    assert len(lines) == len(address)
    assert [name for name in address if not is_named(name, lines)] == []
    assert len(at.warning[0].value) < 5000
    assert config_of(at) == Config()
    assert set(at.query_params) <= {"trained"}  # where a run that has not ended is


def test_there_are_more_than_five_hundred_hostile_parameters():
    drawn = [draw(random.Random(f"{page} {run}")) for page in PAGE_NAMES for run in range(RUNS_PER_PAGE)]
    assert sum(map(len, drawn)) > 500
    assert {name for address in drawn for name in address} >= set(NAMES) - {"unknown"}
    assert any(isinstance(value, list) for address in drawn for value in address.values())


def test_what_is_usable_beside_it_is_used():
    at = open_app("encoding", seed="11", hidden_size="abc", cell="lstm", num_layers="9", steps="7")
    check_works(at, "encoding")
    assert (config_of(at).seed, config_of(at).cell, config_of(at).steps) == (11, "lstm", 7)
    assert [line.split("=")[0] for line in notices(at)] == ["hidden_size", "num_layers"]
    assert at.query_params == {"seed": "11", "cell": "lstm", "steps": "7"}


def test_a_long_list_of_notices_is_cut():
    at = open_app("home", **{f"unknown_{i}": "1" for i in range(40)})
    check_works(at, "home")
    assert len(notices(at)) == 13
    assert notices(at)[-1] == "…"


@pytest.mark.parametrize("page", ["home", "training", "paste"])  # every page shows notices, in one shell
def test_a_notice_stays_until_it_was_read(page):
    at = open_app(page, hidden_size="999")
    assert len(notices(at)) == 1
    assert len(notices(at.run())) == 1
    assert notices(click(at, "dismiss_notices")) == []
    assert notices(at.run()) == []


def test_notices_speak_the_viewers_language():
    at = open_app("home", hidden_size="999", lang="ko")
    assert len(notices(at)) == 1
    assert "999" in notices(at)[0]
    assert "cannot be used" not in notices(at)[0]


@pytest.mark.parametrize("page", ["encoding", "shapes", "training"])
def test_a_link_that_asks_for_too_much_says_what_works_instead(page):
    sizes = {"hidden_size": "128", "num_layers": "4", "cell": "lstm", "batch_size": "64", "seq_len": "128"}
    at = open_app(page, **sizes, text="ab" * 6000)
    assert not at.exception
    assert len(at.error) == 1
    sentence = unescaped(at.error[0].value)
    assert "too large" in sentence
    remedy = re.findall(r"(\w+)=(\d+)", sentence[sentence.index("With") :])
    assert remedy
    for name, value in remedy:
        find(at, name).set_value(int(value))
    at.run()
    assert not at.error
    check_works(at, page)

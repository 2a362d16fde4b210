"""The examples do what their names promise, and a corrected line lands where it belongs."""

import pytest

from rnn_core.reading import read_code, replace_line
from rnn_core.reading.examples import DEFAULT_EXAMPLE, EXAMPLES
from tests.core.pastes import run

VERDICTS = {
    "batch-first": ("raises", {"batch-first"}),
    "right": ("ok", set()),
    "state": ("raises", set()),
    "two-directions": ("raises", {"backward-last", "one-direction"}),
    "view": ("raises", {"view-transpose"}),
    "padding": ("doubtful", {"dropout", "padded-last"}),
    "not-understood": ("raises", set()),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_what_it_is_for(name):
    reading = read_code(EXAMPLES[name])
    verdict, kinds = VERDICTS[name]
    assert reading.problem is None
    assert (reading.verdict, {f.kind for f in reading.findings if f.kind}) == (verdict, kinds)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name != "not-understood"])
def test_torch_agrees_with_what_is_said_of_an_example(name):
    error, reading = run(EXAMPLES[name])[2], read_code(EXAMPLES[name])
    raised = [(f.number, f.error, f.message) for f in reading.findings if f.verdict == "raises"]
    assert raised == ([] if error is None else [error])


def test_what_comes_first_shows_a_doubt_and_an_error_that_can_be_corrected():
    code = EXAMPLES[DEFAULT_EXAMPLE]
    while True:
        found = [f for f in read_code(code).findings if f.corrected]
        if not found:
            break
        code = replace_line(code, found[0].corrected_number, found[0].corrected)
    assert read_code(code).verdict == "ok"
    assert run(code)[2] is None


@pytest.mark.parametrize(
    ("text", "number", "expected"),
    [
        ("a = 1\nb = 2\nc = 3", 2, "a = 1\nB\nc = 3"),
        ("a = 1\r\nb = 2\r\n", 2, "a = 1\r\nB\r\n"),
        ("a = 1\rb = 2", 2, "a = 1\rB"),
        (">>> a = 1\n>>> b = 2\n2", 2, ">>> a = 1\n>>> B\n2"),
        ("    a = 1\n    b = 2", 2, "    a = 1\n    B"),
        ("b = 2", 1, "B"),
    ],
)
def test_one_line_is_replaced_and_nothing_else(text, number, expected):
    assert replace_line(text, number, "B") == expected

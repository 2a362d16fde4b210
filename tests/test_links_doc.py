"""The table of link parameters names every field of every view, with what it can be."""

import re
from pathlib import Path

from pages import PAGES
from pages.ui.session.acting import ACTING, EVERY, FIVE
from pages.ui.session.fields import LARGEST, Number, kinds
from pages.ui.session.views import VIEWS
from rnn_core.config import Config, bounds, field_info, format_value, options

TABLE = Path(__file__).parent.parent / "docs" / "links.md"
ROW = re.compile(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \|$", re.MULTILINE)


def said_of(kind):
    """Say what a field of a view can be."""
    match kind:
        case Number(of=of) if of:
            return f"a whole number, as far as there are {of}s"
        case Number(low=low, high=high):
            what = "whole number" if isinstance(low, int) else "number"
            return f"a {what}" + (f" from {low:g} to {high:g}" if high < LARGEST else "")
    if kind.words:
        return ", ".join(f"`{word}`" for word in kind.words)
    return f"at most {kind.most} characters" if kind.most else f"written like `{kind.example}`"


def said_of_config(name):
    """Say what a field of the experiment can be."""
    low, high = bounds(name)
    if options(name):
        return ", ".join(f"`{word}`" for word in options(name))
    match field_info(name).annotation:
        case t if t is bool:
            return "`true`, `false`"
        case t if t is str:
            return f"{low} to {high} characters"
        case t if t in (int, float):
            return f"a {'whole ' * (t is int)}number from {format_value(low)} to {format_value(high)}"
    return "written like `learning_rate:0.1:60`"


def usual(value, to_word):
    return "" if value is None or value in ((), "") else f"`{to_word(value)}`"


def rows():
    """Return what the table has to say of each parameter: what it can be, and what it is if it is left out."""
    found = {name: (said_of_config(name), usual(value, format_value)) for name, value in Config()}
    for model in dict.fromkeys(model for shown in VIEWS.values() for model in shown):
        found |= {name: (said_of(kind), usual(kind.default, kind.to_word)) for name, kind in kinds(model).items()}
    return found


def test_the_table_names_every_parameter_once_and_says_what_it_can_be():
    found = ROW.findall(TABLE.read_text("utf-8"))
    assert {name: tuple(said) for name, _, *said in found} == rows()
    assert len(found) == len(rows()), "no two views have a field of the same name"
    assert all(meaning for _, meaning, *_ in found)


def test_the_table_of_what_acts_where_is_that_of_the_side_panel():
    titles, wanted = {spec.name: spec.title for spec in PAGES}, []
    for page, acts in ACTING.items():
        elsewhere, left_out = (sorted(fields - acts) for fields in (set(FIVE), EVERY - set(FIVE)))
        wanted.append((titles[page], *(", ".join(f"`{field}`" for field in said) for said in (elsewhere, left_out))))
    assert re.findall(r"^\| ([A-Z][\w ]+) \| (.*) \| (.*) \|$", TABLE.read_text("utf-8"), re.MULTILINE) == wanted

"""What is on the screen, as one place in the session and as a link.

The session's values are the truth; widgets and the address follow them. The address is read when a session begins
and when the viewer goes Back or Forward, and written whenever it differs from what is shown. Streamlit's own
`bind="query-params"` does less: it turns what it cannot use into defaults without a word, knows only its own widgets,
and cannot carry a learning rate that is not one of a slider's options.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.session.link import Look, amount, read
from pages.ui.session.views import SHOWN_TOO, TEXTS, VIEW_FIELDS
from pages.ui.words.i18n import language
from rnn_core.config import DEFAULT_PRESET, Config, number_fields
from rnn_core.data.tasks import locked_fields, resolve
from rnn_core.sentence import ConfigError, Sentence

if TYPE_CHECKING:
    from typing_extensions import TypeIs

MAX_LINK_TEXT = 6000  # bytes of text, percent-encoded, that a link may carry: servers refuse addresses beyond 8 kB
ECHO_S = 2.0  # how long a message from a browser may be under way


def begin(page: str) -> bool:
    """Bring the session up to date at the start of a run of a page: from the address, or from the widgets.

    Returns:
        Whether this is the session's first run.
    """
    is_first = "_values" not in st.session_state
    st.session_state["_page"] = page
    if "_values" not in st.session_state or _is_history_navigation():
        st.session_state["_drawn"], st.session_state["_drawn_on"] = {}, {}
        _read_address()
    else:
        _read_widgets()
    return is_first


def config() -> Config:
    """Return the experiment on the screen, locked fields at the values that they must have."""
    return resolve(Config(**st.session_state["_values"]))


def page() -> str:
    """Return the name of the page on the screen."""
    name: str = st.session_state["_page"]
    return name


def look() -> Look:
    """Return what is on the screen, as it is now."""
    views = {page: dict(view) for page, view in st.session_state["_views"].items()}
    return Look(Config(**st.session_state["_values"]), views, language())


def value(field: str) -> Any:
    """Return a field's value as the viewer set it."""
    return st.session_state["_values"][field]


def preset() -> str:
    """Return the name of the preset that the experiment started from."""
    name: str = st.session_state["_preset"]
    return name


def put(**values: Any) -> None:
    """Set fields from code; the widgets follow when they are drawn."""
    for field, value in values.items():
        _note_replaced(field, st.session_state["_values"][field], value)
        st.session_state["_values"][field] = value


def place(field: str) -> None:
    """Make the widget of a field, which is about to be drawn, show the field's value."""
    page, drawn_on = st.session_state["_page"], st.session_state["_drawn_on"]
    is_new = drawn_on.get(field) != page  # to Streamlit a page's widget is not the sidebar's, although it has its name
    if is_new or field not in st.session_state or st.session_state[field] != value(field):
        st.session_state[field] = value(field)
    st.session_state["_drawn"][field] = value(field)
    drawn_on[field] = page


def show(key: str, value: object) -> None:
    """Make a widget that is no field of the config, and is about to be drawn, show a value."""
    before = st.session_state.get(key)
    if before != value:
        if before is not None:
            _note_replaced(key, before, value)
        st.session_state[key] = value


def chosen(key: str) -> Any:
    """Return what the viewer has set such a widget to; None if that is only what a browser still reports."""
    value = st.session_state.get(key)
    return None if _is_echo(key, value) else value


def _is_echo(key: str, value: object) -> bool:
    """Whether a browser still reports what code has just replaced: its message was under way at the time."""
    now = time.monotonic()
    return any(value == old and now - since < ECHO_S for old, since in st.session_state["_replaced"].get(key, ()))


def _note_replaced(key: str, before: object, value: object) -> None:
    if before != value:
        past: deque[tuple[object, float]] = st.session_state["_replaced"].setdefault(key, deque(maxlen=16))
        past.extend((old, time.monotonic()) for old in (before, value))  # `value` is old as soon as the next one comes


def open_preset(name: str) -> None:
    """Put a preset on the screen, with nothing left of what was there."""
    st.session_state["_preset"] = name
    put(**dict(Config.preset(name)))
    st.session_state["_views"] = {}
    st.session_state["_new_views"] = set(VIEW_FIELDS)


def view(page: str) -> dict[str, str]:
    """Return what a page shows besides the config: words as they stand in the link."""
    views: dict[str, dict[str, str]] = st.session_state["_views"]
    return views.setdefault(page, {})


def note(page: str, field: str, word: str | None) -> None:
    """Note what a page shows, in the word of its link; None leaves it out."""
    shown = view(page)  # once: a run that is stopped leaves what was there, or what comes
    if word is None:
        shown.pop(field, None)
    else:
        shown[field] = word


def number_of(page: str, field: str, default: int, most: int) -> int:
    """Return a whole number of a page's view, not above what there is."""
    return max(0, min(int(view(page).get(field, default)), most))


def amount_of(page: str, field: str, default: float, low: float, high: float) -> float:
    """Return a number of a page's view, within its bounds and of the kind that they are."""
    return amount(view(page), field, default, low, high)


def is_new_view(page: str) -> bool:
    """Tell, once, whether the page's view was just read from the address."""
    new: set[str] = st.session_state["_new_views"]
    if page not in new:
        return False
    new.discard(page)
    return True


def renew_view(page: str) -> None:
    """Let a page begin anew, with nothing left of what it showed."""
    st.session_state["_views"].pop(page, None)
    st.session_state["_new_views"].add(page)


def notices() -> list[Sentence]:
    """Return what could not be used of the last address that was read."""
    found: list[Sentence] = st.session_state["_notices"]
    return found


def dismiss_notices() -> None:
    """Forget the notices."""
    st.session_state["_notices"] = []


def query(page: str, *, is_complete: bool = False) -> dict[str, str]:
    """Return the parameters of the link to a page as the session would show it.

    Args:
        page: a page's name.
        is_complete: with the language even where the browser chose it, as in a link that is given away.
    """
    return queries([page], is_complete=is_complete)[page]


def queries(
    pages: Iterable[str], *, is_complete: bool = False, has_long_texts: bool = False
) -> dict[str, dict[str, str]]:
    """Return the parameters of the links to some pages, by page; what they share is found once."""
    preset = st.session_state["_preset"]
    base = Config.preset(preset)
    values, locked = st.session_state["_values"], _locked()
    shared = {} if preset == DEFAULT_PRESET else {"preset": preset}
    shared |= {name: word for name, word in Config(**values).to_query(base).items() if name not in locked}
    has_lang = is_complete or st.session_state["_lang_chosen"]
    lang = {"lang": st.session_state.get("lang")} if has_lang else {}
    found = {}
    for page in pages:
        params = dict(shared)
        for shown in (page, *SHOWN_TOO.get(page, ())):
            params |= view(shown)
        if not has_long_texts:
            _leave_out_long_texts(params)
        found[page] = params | lang
    return found


def whole_query(page: str) -> dict[str, str]:
    """Return all that a page shows, as the parameters of a link that may be of any length."""
    return queries([page], is_complete=True, has_long_texts=True)[page] | {"lang": language()}


def _leave_out_long_texts(params: dict[str, str]) -> None:
    """Keep the texts that fit into a link together; of one that does not, only its length."""
    room = MAX_LINK_TEXT
    for name in TEXTS:
        size = len(quote(params.get(name, "")))
        if size > room:
            params[f"{name}_length"] = str(len(params.pop(name)))
        else:
            room -= size


def link(page: str) -> str:
    """Return the whole address that shows this page as it is, on any machine."""
    origin = (st.context.url or "").split("?")[0].rstrip("/")
    return f"{origin}?{urlencode(query(page, is_complete=True))}"


def changed_at(name: str, content: object) -> float:
    """Return when what a component is given last changed: a browser may hand it two versions in the wrong order."""
    known: dict[str, tuple[int, float]] = st.session_state.setdefault("_changed_at", {})
    fingerprint = hash(content)
    if name not in known or known[name][0] != fingerprint:
        known[name] = (fingerprint, time.time())
    return known[name][1]


def write_address(page: str) -> None:
    """Make the address say what is on the screen."""
    wanted = query(page)
    if {name: st.query_params.get_all(name) for name in st.query_params} != {k: [v] for k, v in wanted.items()}:
        st.query_params.from_dict(wanted)


def choose_language() -> None:
    """Note that the viewer chose a language, so that it goes into the link."""
    st.session_state["_lang_chosen"] = True


@contextmanager
def hear(key: str, name: str = "value") -> Iterator[dict[str, Any] | None]:
    """Hand out the newest message of a component, once: {name: ..., "n": its number}; None if there is no new one.

    What it brings about belongs into the `with` block: Streamlit may stop a run wherever it looks into the session, and
    a message is heard only when its block has come to its end. In a run that is stopped before, it was not, and the
    next run hears it again. So do last what must not be done twice, and never `st.rerun` in there.

    Anybody can send anything: what is no numbered message is never heard, and the value still has to be checked.
    """
    known = _heard()
    message = _message(st.session_state.get(key), name)
    if message is None or message["n"] == known.get(key, 0):
        yield None
        return
    try:
        yield message
    except Exception:  # a fault of ours, which would be there again in every run; what stops a run is no Exception
        known[key] = message["n"]
        raise
    known[key] = message["n"]


def has_news(key: str, name: str = "value") -> bool:
    """Whether a component has said something that was not heard yet."""
    message = _message(st.session_state.get(key), name)
    return message is not None and message["n"] != heard(key)


@contextmanager
def hear_span(key: str) -> Iterator[tuple[int | float, int | float] | None]:
    """Hand out what a slider with two handles was newly set to, lower end first; None if nothing that makes sense."""
    with hear(key) as message:
        match message:
            case {"value": [int() | float() as one, int() | float() as other]} if is_number(one) and is_number(other):
                yield min(one, other), max(one, other)
            case _:
                yield None


def heard(key: str) -> int:
    """Return the number of the last message of a component that was heard; 0 before the first."""
    return _heard().get(key, 0)


def newest() -> int:
    """Return the number of the newest value that any slider has been let go at; 0 before the first."""
    found = [_message(st.session_state.get(key), "value") for key in list(_heard())]
    return max((message["n"] for message in found if message), default=0)


def mounted(key: str, message: object) -> None:
    """Note what a component says when it is drawn: from its first time, that is of an earlier session of the tab."""
    known = _heard()
    if key not in known:
        found = _message({"value": message}, "value")
        known[key] = found["n"] if found else 0


def is_number(value: object) -> TypeIs[int | float]:
    """Whether a value from a browser is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e15 < value < 1e15  # not of NaN


def _heard() -> dict[str, int]:
    numbers: dict[str, int] = st.session_state.setdefault("_heard", {})
    return numbers


def _message(said: object, name: str) -> dict[str, Any] | None:
    found = said.get(name) if isinstance(said, Mapping) else None
    is_message = isinstance(found, dict) and len(found) <= 12 and type(found.get("n")) is int
    return found if is_message else None


def _locked() -> set[str]:
    return set(locked_fields(Config(**st.session_state["_values"])))


def _is_history_navigation() -> bool:
    # Not in Streamlit's documented interface (1.67); without it Back and Forward change the page but no values.
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def _read_address() -> None:
    found = read({name: st.query_params.get_all(name) for name in st.query_params}, language())
    st.session_state["_lang_chosen"] = found.has_lang
    if found.has_lang:
        st.session_state["lang"] = found.look.lang
    st.session_state["_preset"] = found.preset
    st.session_state["_values"] = dict(found.look.values)
    st.session_state["_views"] = {page: dict(view) for page, view in found.look.views.items()}
    st.session_state["_new_views"] = set(found.look.views)
    st.session_state["_replaced"] = {}
    st.session_state["_notices"] = list(found.unused)


def _read_sliders() -> None:
    """Take over the values of sliders that were let go since the last run."""
    values = st.session_state["_values"]
    for field in number_fields():
        with hear(field) as message, suppress(ConfigError):  # the slider checks what it sends: this was somebody else
            if message and is_number(message.get("value")) and field not in _locked():
                values[field] = getattr(Config(**{field: message["value"]}), field)


def _read_widgets() -> None:
    """Take over what the viewer changed since the widgets were drawn."""
    _read_sliders()
    values, drawn = st.session_state["_values"], st.session_state["_drawn"]
    for field, shown in drawn.items():
        now = st.session_state.get(field, shown)
        if now == shown or now is None or _is_echo(field, now):
            continue
        try:
            values[field] = getattr(Config(**{field: now}), field)
            drawn[field] = now  # this run may be stopped before it draws the widget again
        except ConfigError as error:
            st.session_state["_notices"] = [error.sentence]
            del st.session_state[field]  # if it is of another kind, Streamlit stumbles over what it remembers of it
            st.session_state[field] = values[field]

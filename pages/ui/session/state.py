"""What is on the screen, as one object in the session and as a link.

The session is the truth; widgets and the address follow it. The address is read when a session begins and when the
viewer goes Back or Forward, and written whenever it differs from what is shown. Streamlit's own
`bind="query-params"` does less: it turns what it cannot use into defaults without a word, knows only its own widgets,
and cannot carry a learning rate that is not one of a slider's options.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.session.fields import NO_COUNTS, Counts, V, View, kinds
from pages.ui.session.link import Look, at_will, read, view_of
from pages.ui.session.sight import nearest, refusal
from pages.ui.session.texts import Views, Waiting, digest, split, texts_of
from pages.ui.session.views import VIEWS, TrainingView
from pages.ui.words.i18n import language, settle_language
from rnn_core.config import DEFAULT_PRESET, Config, number_fields
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.training.experiment import Experiment

if TYPE_CHECKING:
    from typing_extensions import TypeIs

P = TypeVar("P")
KEPT = "keeper_answers"  # what a browser says of the texts that it keeps
EMPTY_TEXT = Sentence("The text box is empty, but a network needs something to read: the previous text stays.")
ECHO_S = 2.0  # how long a message from a browser may be under way


@dataclass
class Session:
    """All that the app remembers of a viewer. What else is in Streamlit's session are the values of its widgets.

    Attributes:
        shown: the experiment as the viewer set it.
        seen: the one whose pictures are on the screen: the same, or while that is refused the last that was not.
        refusal: why what is set cannot be seen on the page, if it cannot.
        preset: the name of the preset that it started from.
        views: what the pages show besides, by model.
        page: the name of the page on the screen; empty before the first.
        has_language: whether the viewer or the link chose the language.
        is_new_run: whether the run has still to follow what the link says of it.
        notices: what could not be used of the last address that was read.
        waiting: that address, if it needs texts that are not here.
        told: what could not be used of what the viewer has just said.
        plain: names of components that the viewer's browser could not load.
        drawn, drawn_on: what the widget of a field was last drawn with, and on which page.
        drawn_sliders: what a slider of Streamlit's own was last drawn with.
        replaced: what code has replaced in a widget lately, and when.
        heard: the number of the last message of each component that was heard.
        changed_at: when what a component is given last changed.
        link: all that a page shows, and what it was found for.
        parts: what other rooms keep, by class.
    """

    shown: Experiment = field(default_factory=lambda: Experiment(Config()))
    seen: Experiment = field(default_factory=lambda: Experiment(Config()))
    refusal: ConfigError | None = None
    preset: str = DEFAULT_PRESET
    views: Views = field(default_factory=dict)
    page: str = ""
    has_language: bool = False
    is_new_run: bool = False
    notices: list[Sentence] = field(default_factory=list)
    waiting: Waiting | None = None
    told: list[Sentence] = field(default_factory=list)
    plain: set[str] = field(default_factory=set)
    drawn: dict[str, Any] = field(default_factory=dict)
    drawn_on: dict[str, str] = field(default_factory=dict)
    drawn_sliders: dict[str, Any] = field(default_factory=dict)
    replaced: dict[str, deque[tuple[object, float]]] = field(default_factory=dict)
    heard: dict[str, int] = field(default_factory=dict)
    changed_at: dict[str, tuple[int, float]] = field(default_factory=dict)
    parts: dict[type, Any] = field(default_factory=dict)
    link: tuple[Any, dict[str, str]] = (None, {})


def session() -> Session:
    """Return the session of the viewer."""
    found: Session | None = st.session_state.get("_session")
    if found is None:
        found = st.session_state["_session"] = Session()
    return found


def kept(kind: type[P]) -> P | None:
    """Return what another room keeps in the session: one object of a class; None if it keeps none."""
    return session().parts.get(kind)


def keep(thing: P) -> P:
    """Keep an object in the session, in the place of another of its class."""
    session().parts[type(thing)] = thing
    return thing


def begin(page: str) -> bool:
    """Bring the session up to date at the start of a run of a page: from the address, or from the widgets.

    Returns:
        Whether this is the session's first run.
    """
    now = session()
    is_first = not now.page
    now.page, now.told = page, []
    if is_first or _is_history_navigation():
        _read_address(now, {name: st.query_params.get_all(name) for name in st.query_params})
    else:
        _read_widgets(now)
        _take_up(now)
    settle_language()
    _see(now)
    return is_first


def config() -> Config:
    """Return the experiment on the screen, locked fields at the values that they must have."""
    return session().seen.config


def page() -> str:
    """Return the name of the page on the screen."""
    return session().page


def look() -> Look:
    """Return what is on the screen, as it is now."""
    now = session()
    return Look(now.seen, now.views, language())


def value(field: str) -> Any:
    """Return a field's value as the viewer set it."""
    return getattr(session().shown.asked, field)


def put(**values: Any) -> None:
    """Set fields from code; the widgets follow when they are drawn."""
    now = session().shown.asked
    new = {name: value for name, value in values.items() if value != getattr(now, name)}
    for name, value in new.items():
        _note_replaced(name, getattr(now, name), value)
    if new:
        _set(**new)


def _set(**values: Any) -> None:
    """Set fields; what follows from them is found anew.

    Raises:
        ConfigError: if a value is out of bounds.
    """
    now = session()
    asked = now.shown.asked
    if values.get("encoding") == "onehot":  # with room for all characters, and open again to what they will be
        del values["encoding"]
        asked = asked.without("encoding", *["input_size"][: asked.input_size < len(now.shown.vocabulary)])
    now.shown = Experiment(at_will(asked.replace(**values)))
    _see(now)


def leave_open(*names: str) -> None:
    """Give fields the values again that follow from the text."""
    show_config(session().shown.asked.without(*names))


def show_config(config: Config) -> None:
    """Make a config the one on the screen; what it leaves open stays open, and the widgets follow."""
    now = session()
    for name, new in config:
        _note_replaced(name, value(name), new)
    now.shown = Experiment(at_will(config))
    _see(now)


def _see(now: Session) -> None:
    """Find what can be on the screen: what is set, or else what was there, or else the nearest that can."""
    now.refusal = refusal(now.page, now.shown, now.views)
    if now.refusal is None:
        now.seen = now.shown
    elif refusal(now.page, now.seen, now.views):
        now.seen = nearest(now.page, now.shown, now.views) or Experiment(Config.preset(now.preset))


def place(field: str) -> None:
    """Make the widget of a field, which is about to be drawn, show the field's value."""
    now, shown = session(), value(field)
    is_new = now.drawn_on.get(field) != now.page  # to Streamlit a page's widget is not the sidebar's of the same name
    if is_new or field not in st.session_state or st.session_state[field] != shown or _is_just_replaced(field):
        st.session_state[field] = shown
    now.drawn[field], now.drawn_on[field] = shown, now.page


def show(key: str, value: object) -> None:
    """Make a widget that is no field of the config, and is about to be drawn, show a value."""
    before = st.session_state.get(key)
    if before != value:
        if before is not None:
            _note_replaced(key, before, value)
        st.session_state[key] = value
    elif _is_just_replaced(key):
        st.session_state[key] = value


def chosen(key: str) -> Any:
    """Return what the viewer has set such a widget to; None if that is only what a browser still reports."""
    value = st.session_state.get(key)
    return None if _is_echo(key, value) else value


def _is_echo(key: str, value: object) -> bool:
    """Whether a browser still reports what code has just replaced: its message was under way at the time."""
    now = time.monotonic()
    return any(value == old and now - since < ECHO_S for old, since in session().replaced.get(key, ()))


def _is_just_replaced(key: str) -> bool:
    """Whether code has just put another value there: a browser that gets two runs at once has to be told by both."""
    now = time.monotonic()
    return any(now - since < ECHO_S for _, since in session().replaced.get(key, ()))


def _note_replaced(key: str, before: object, value: object) -> None:
    if before != value:
        past = session().replaced.setdefault(key, deque(maxlen=16))
        past.extend((old, time.monotonic()) for old in (before, value))  # `value` is old as soon as the next one comes


def open_preset(name: str) -> None:
    """Put a preset on the screen, with nothing left of what was there."""
    now = session()
    now.preset = name
    show_config(Config.preset(name))
    now.views, now.is_new_run, now.waiting = {}, True, None


def view(model: type[V], counts: Counts = NO_COUNTS) -> V:
    """Return what a page shows besides the config, where there are so many of what its fields are numbers of."""
    return view_of(session().views, model).fitted(counts)


def show_view(view: View) -> None:
    """Make a view the one on the screen."""
    now = session()
    now.views = {**now.views, type(view): view}  # at once: a run that is stopped leaves what was there, or what comes


def note(model: type[View], **changes: Any) -> None:
    """Note what a page shows: some fields of its view."""
    show_view(replace(view(model), **changes))


def renew_run() -> None:
    """Let the run begin anew, with nothing left of what was seen of it."""
    show_view(TrainingView())
    session().is_new_run = True


def dismiss_notices() -> None:
    """Forget what could not be used of the address, and what it waits for."""
    session().notices, session().waiting = [], None


def query(page: str, *, is_complete: bool = False) -> dict[str, str]:
    """Return the parameters of the link to a page as the session would show it.

    Args:
        page: a page's name.
        is_complete: with the language even where the browser chose it, as in a link that is given away.
    """
    return queries([page], is_complete=is_complete)[page]


def queries(pages: Iterable[str], *, is_complete: bool = False) -> dict[str, dict[str, str]]:
    """Return the parameters of the links to some pages, by page; what they share is found once."""
    found, waiting = {}, session().waiting
    for page, params in _whole_queries(pages, session().shown, is_complete=is_complete).items():
        found[page] = split(params)[0]
        if waiting:
            names = {"text", *(name for model in VIEWS[page] for name in kinds(model))}
            found[page] |= waiting.parameters(names - set(params))
    return found


def _whole_queries(pages: Iterable[str], shown: Experiment, *, is_complete: bool) -> dict[str, dict[str, str]]:
    now = session()
    base, locks = Config.preset(now.preset), shown.locks
    shared = {} if now.preset == DEFAULT_PRESET else {"preset": now.preset}
    shared |= {name: word for name, word in shown.asked.to_query(base).items() if name not in locks}
    lang: dict[str, Any] = {"lang": st.session_state.get("lang")} if is_complete or now.has_language else {}
    found: dict[str, dict[str, str]] = {}
    for page in pages:
        params = dict(shared)
        for model in VIEWS[page]:
            params |= view_of(now.views, model).parameters()
        found[page] = params | lang
    return found


def whole_query(page: str) -> dict[str, str]:
    """Return all that a page shows, as the parameters of a link that may be of any length; found once a run."""
    now = session()
    content = (page, now.seen, now.seen.asked.model_fields_set, now.views, now.preset, language())
    if now.link[0] != content:
        now.link = content, _whole_queries([page], now.seen, is_complete=True)[page] | {"lang": language()}
    return now.link[1]


def long_texts(page: str) -> dict[str, str]:
    """Return the texts that the link to a page only names, by their digest: of what is asked for, refused or not."""
    return split(_whole_queries([page], session().shown, is_complete=False)[page])[1]


def link(page: str) -> str:
    """Return the whole address that shows this page as it is, on any machine."""
    origin = (st.context.url or "").split("?")[0].rstrip("/")
    return f"{origin}?{urlencode(query(page, is_complete=True))}"


def changed_at(name: str, content: object) -> float:
    """Return when what a component is given last changed: a browser may hand it two versions in the wrong order."""
    known = session().changed_at
    fingerprint = hash(content)
    if name not in known or known[name][0] != fingerprint:
        known[name] = (fingerprint, time.time())
    return known[name][1]


def last_changed(name: str) -> float:
    """Return what `changed_at` last said of a component; 0 of one that has been given nothing."""
    return session().changed_at.get(name, (0, 0.0))[1]


def write_address(page: str) -> None:
    """Make the address say what is on the screen."""
    wanted = query(page)
    if {name: st.query_params.get_all(name) for name in st.query_params} != {k: [v] for k, v in wanted.items()}:
        st.query_params.from_dict(wanted)


def choose_language() -> None:
    """Note that the viewer chose a language, so that it goes into the link."""
    session().has_language = True


@contextmanager
def hear(key: str, name: str = "value") -> Iterator[dict[str, Any] | None]:
    """Hand out the newest message of a component, once: {name: ..., "n": its number}; None if there is no new one.

    What it brings about belongs into the `with` block: Streamlit may stop a run wherever it looks into the session, and
    a message is heard only when its block has come to its end. In a run that is stopped before, it was not, and the
    next run hears it again. So do last what must not be done twice, and never `st.rerun` in there.

    Anybody can send anything: what is no numbered message is never heard, and the value still has to be checked.
    """
    known = session().heard
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
    return session().heard.get(key, 0)


def newest() -> int:
    """Return the number of the newest value that any slider has been let go at; 0 before the first."""
    found = [_message(st.session_state.get(key), "value") for key in list(session().heard)]
    return max((message["n"] for message in found if message), default=0)


def mounted(key: str, message: object) -> None:
    """Note what a component says when it is drawn: from its first time, that is of an earlier session of the tab."""
    known = session().heard
    if key not in known:
        found = _message({"value": message}, "value")
        known[key] = found["n"] if found else 0


def is_number(value: object) -> TypeIs[int | float]:
    """Whether a value from a browser is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e15 < value < 1e15  # not of NaN


def _message(said: object, name: str) -> dict[str, Any] | None:
    found = said.get(name) if isinstance(said, Mapping) else None
    is_message = isinstance(found, dict) and len(found) <= 12 and type(found.get("n")) is int
    return found if is_message else None


def _is_history_navigation() -> bool:
    # Not in Streamlit's documented interface (1.67); without it Back and Forward change the page but no values.
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def _read_address(now: Session, parameters: Mapping[str, list[str]], texts: Iterable[str] = ()) -> None:
    """Make a link what is on the screen. Texts that it only names are known if they were there, or come with it."""
    known = {digest(text): text for text in (*texts, *texts_of(now.shown.asked, now.views))}
    found = read(parameters, language(), known)
    if found.has_lang:
        st.session_state["lang"] = found.look.lang
    now.has_language, now.preset, now.notices = found.has_lang, found.preset, list(found.unused)
    now.shown = now.seen = found.look.shown
    now.views, now.is_new_run = found.look.views, True
    now.replaced, now.drawn, now.drawn_on = {}, {}, {}
    now.waiting = Waiting(parameters, found.missing) if found.missing else None


def _take_up(now: Session) -> None:
    """Go back to a link as soon as a text is there that it lacked: the browser kept it, or the viewer pasted it."""
    if now.waiting is None:
        return
    with hear(KEPT) as message:
        said = message.get("texts") if message else None
        texts = [text for text in said if isinstance(text, str)] if isinstance(said, list) else []
        if message:
            now.waiting = replace(now.waiting, is_answered=True)
        if now.waiting.needs((*texts, *texts_of(now.shown.asked, now.views))):
            before = dict(now.drawn)
            _read_address(now, now.waiting.link, texts)
            for name, old in before.items():  # the browser may still report it
                _note_replaced(name, old, value(name))


def _read_sliders(now: Session) -> None:
    """Take over the values of sliders that were let go since the last run."""
    for name in number_fields():
        with hear(name) as message, suppress(ConfigError):  # the slider checks what it sends: this was somebody else
            if message and is_number(message.get("value")) and name not in now.shown.locks:
                _set(**{name: message["value"]})


def _read_widgets(now: Session) -> None:
    """Take over what the viewer changed since the widgets were drawn."""
    _read_sliders(now)
    for name, shown in now.drawn.items():
        said = st.session_state.get(name, shown)
        if said == shown or said is None or _is_echo(name, said):
            continue
        try:
            _set(**{name: said})
            now.drawn[name] = said  # this run may be stopped before it draws the widget again
        except ConfigError as error:
            now.told = [EMPTY_TEXT if name == "text" and not said else error.sentence]
            del st.session_state[name]  # if it is of another kind, Streamlit stumbles over what it remembers of it
            st.session_state[name] = value(name)

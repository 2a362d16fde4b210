"""The shared hyperparameters: one widget a config field, bounds and options read from the field.

Every slider of the app is made here, so that another kind of slider has one place to go to.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.locale.catalogue import LANGUAGES
from pages.ui.components import keeper, slider
from pages.ui.session import state
from pages.ui.session.texts import Missing
from pages.ui.widgets import said
from pages.ui.words.i18n import _, browser_language, mark, say
from rnn_core.config import MAX_TEXT, PRESETS, Config, bounds, field_info, format_value, number_fields, options
from rnn_core.sentence import Sentence
from rnn_core.training.experiment import Lock

# label, help
FIELDS: dict[str, tuple[str, str]] = {
    "text": (mark("Text"), mark("What the network reads. Its different characters are the vocabulary.")),
    "task": (mark("Task"), mark("What the network is asked for at each character.")),
    "encoding": (mark("Encoding"), mark("How a character becomes a vector: a row of the identity matrix, or learnt.")),
    "seq_len": (
        mark("Sequence length L"),
        mark("Characters in one sequence: how far the network is unrolled in time."),
    ),
    "batch_size": (mark("Batch size N"), mark("Sequences that go in side by side. They do not affect each other.")),
    "repeat": (
        mark("Repeat the text"),
        mark("The text is repeated until there are N sequences of L characters."),
    ),
    "layout": (
        mark("Axis order of the data"),
        mark("“batch-major” hands over (N, L, …) even if the network expects L first."),
    ),
    "val_share": (
        mark("Held-out share"),
        mark("Share of the text, at its end, that is never trained on: in whole windows, at least one."),
    ),
    "cell": (mark("Cell"), mark("torch.nn.RNN, torch.nn.LSTM or torch.nn.GRU.")),
    "nonlinearity": (mark("Nonlinearity"), mark("Activation function of a plain RNN cell.")),
    "input_size": (
        mark("Input size H_in"),
        mark("Features per character: one-hot rows from V upwards, learnt vectors below."),
    ),
    "hidden_size": (mark("Hidden size H_out"), mark("Units of the hidden state, not the number of time steps.")),
    "num_layers": (mark("Layers"), mark("Recurrent layers on top of each other.")),
    "bidirectional": (mark("Bidirectional"), mark("A second network reads each sequence from its end.")),
    "batch_first": (
        mark("batch_first"),
        mark("Whether torch reads the first axis as the batch (N, L, …) or as time (L, N, …)."),
    ),
    "batched": (mark("Batch axis"), mark("Without it one sequence (L, H_in) goes in, with no N axis at all.")),
    "head": (mark("Head"), mark("A Linear layer turns the hidden state into one score per character.")),
    "optimizer": (mark("Optimizer"), mark("How the gradient changes the weights.")),
    "learning_rate": (mark("Learning rate"), mark("How far one update moves the weights.")),
    "steps": (mark("Steps"), mark("Updates of the weights in the whole run.")),
    "grad_clip": (
        mark("Gradient clip"),
        mark("Gradients with a larger L2 norm are scaled down to this; 0 switches it off."),
    ),
    "seed": (mark("Seed"), mark("Draws the initial weights and the order of the data.")),
}
WORDS = {
    "next": mark("next character"),
    "same": mark("same character"),
    "onehot": mark("one-hot"),
    "embedding": mark("embedding"),
    "linear": mark("Linear"),
    "none": mark("none"),
    "auto": mark("automatic"),
    "batch_major": mark("batch-major"),
}
LEARNING_RATES = (*(round(d * 10.0**power, 6) for power in range(-4, 0) for d in (1, 1.5, 2, 3, 5, 7)), 1.0)
LONG_TEXTS = {"text": mark("Text"), "code": mark("Your code"), "also": mark("Texts of your own")}
SLIDERS = tuple(field for field in number_fields() if field != "seed")


def control(field: str, *, note: str = "", is_quiet: bool = False) -> None:
    """Draw the widget of one config field: a slider, a choice, a switch or a text box.

    Args:
        field: its name.
        note: what is to be said of it just now.
        is_quiet: whether it has nothing to act on here: its value is shown, and can be set elsewhere.
    """
    label, help_text = (_(words) for words in FIELDS[field])
    lock = state.session().shown.locks.get(field) or _pointless(field)
    if field in SLIDERS:
        locked = say(lock.reason) if lock else ""
        value = lock.value if lock else state.value(field)
        if slider.is_plain() and not (lock or is_quiet):
            state.place(field)
        scale = _scale(field, value)
        slider.show(field, label, value, scale, help_text=help_text, locked=locked, note=note, is_quiet=is_quiet)
        return
    if lock:
        st.text_input(label, "–", disabled=True, help=say(lock.reason), key=f"{field} = –")
        return
    state.place(field)
    _draw(field, label, help_text)


def shown(value: object) -> str:
    """Return a field's value as its control shows it."""
    return _(WORDS[value]) if isinstance(value, str) and value in WORDS else format_value(value)


def _draw(field: str, label: str, help_text: str) -> None:
    # The value is given as the default too. A browser that gets two runs at once keeps only the second's widget, which
    # no longer says that code has set it, and would show, and report, Streamlit's own default instead.
    kind, current = field_info(field).annotation, state.value(field)
    low, high = bounds(field)
    shared: dict[str, Any] = {"key": field, "help": help_text}
    if field == "text":
        st.text_area(label, current, height=80, max_chars=MAX_TEXT, **shared)
    elif field == "seed":
        st.number_input(label, low, high, current, step=1, **shared)
    elif options(field):
        words = {word: shown(word) for word in options(field)}
        shared["format_func"] = words.__getitem__
        if len(words) <= 3:
            st.segmented_control(label, list(words), default=current, required=True, **shared)
        else:
            st.selectbox(label, list(words), list(words).index(current), **shared)
    elif kind is bool:
        st.toggle(label, current, **shared)


def _scale(field: str, shown: float) -> slider.Scale:
    """Return where a field's slider can be, with a mark at each preset's value and its own preset's to go back to."""
    low, high = bounds(field)
    extra = field_info(field).json_schema_extra
    step = extra.get("step", 1) if isinstance(extra, dict) else 1
    presets = {name: getattr(Config.preset(name), field) for name in PRESETS}
    if field == "input_size":  # V, where nobody has set it
        presets = dict.fromkeys(presets, len(state.session().shown.vocabulary))
    return slider.Scale(
        min(low, shown),  # a locked value may be beyond the field's own bounds
        max(high, shown, *presets.values()),
        step if isinstance(step, int | float) else 1,
        stops=LEARNING_RATES if field == "learning_rate" else (),
        marks=tuple(sorted({value for value in presets.values() if low <= value <= high})),
        reset=(presets[state.session().preset],),
    )


def _pointless(field: str) -> Lock | None:
    """Return why a field has nothing to say in this config."""
    config = state.config()
    if field == "nonlinearity" and config.cell != "rnn":
        return Lock(0, Sentence("Only a plain RNN has a choice: LSTM and GRU use sigmoid and tanh."))
    if field == "layout" and not config.batched:
        return Lock(0, Sentence("Without a batch axis there is only one order."))
    if field == "layout" and config.batch_first:
        return Lock(0, Sentence("With batch_first, batch-major data is what the network expects."))
    return None


def language_switch() -> None:
    """Draw the choice of the language."""
    if said.one_of("lang", LANGUAGES) is None:
        st.session_state["lang"] = browser_language()
    st.segmented_control(
        "Language · 언어",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        default=st.session_state["lang"],
        required=True,
        key="lang",
        on_change=state.choose_language,
    )


def show_notices() -> None:
    """Say what could not be used of the address, or of what was said just now, and what the address needs."""
    for sentence in state.session().told:
        st.warning(say(sentence), icon=":material/edit_off:")
    found, waiting = state.session().notices, state.session().waiting
    is_missing = waiting is not None and (waiting.is_answered or not keeper.is_there())
    if waiting and is_missing:
        st.info("\n\n".join(map(_missing, waiting.missing)), icon=":material/content_paste_search:")
    if found:
        lines = "\n".join(f"- {say(sentence)}" for sentence in found[:12])
        more = "\n- …" if len(found) > 12 else ""
        st.warning(_("Not used from the link:") + "\n" + lines + more, icon=":material/link_off:")
    if found or is_missing:
        st.button(_("Got it"), on_click=state.dismiss_notices, key="dismiss_notices")


def _missing(text: Missing) -> str:
    """Say which text a link needs, and what to do about it."""
    return _(
        "This link needs a text that is too long to travel in it: {length} characters, SHA-256 {digest}… "
        "Paste it into **{field}**, and the link opens as it was saved; the browser that made the link still has it.",
        length=text.length or "?",
        digest=text.digest[:12],
        field=_(LONG_TEXTS.get(text.name, text.name)),
    )

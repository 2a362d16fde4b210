"""What the home page is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages import PAGES, build_pages
from pages.ui.channel import live
from pages.ui.session import state
from pages.ui.widgets import head, navigation
from pages.ui.words.i18n import _, language, lesson, mark

if TYPE_CHECKING:
    from pages.ui.work.engine import Engine

IN_A_ROW = 4  # lessons

# preset -> title, what it shows, page to open
CARDS = {
    "hello-next": (
        mark("Next character, done right"),
        mark(
            "A plain RNN learns to write “hello! world” in fewer than twenty updates: batch first, next character, "
            "Linear head."
        ),
        "training",
    ),
    "seed-lesson": (
        mark("The lesson, as written"),
        mark("The classic first example, with three mistakes that raise no error. Each is measured in front of you."),
        "training",
    ),
    "onehot-batch": (
        mark("Three words, one-hot"),
        mark("A (3, 5, 4) batch for nn.RNN(4, 2): which axis is the batch, and what if torch reads it otherwise?"),
        "encoding",
    ),
}
LESSONS = {
    "encoding": mark(
        "How a text becomes numbers: characters, vocabulary, indices, one-hot rows, a tensor with named axes."
    ),
    "shapes": mark("Every tensor of a call to scale: what goes in, what comes out, which numbers are the same."),
    "training": mark("How a network learns it: loss, gradient, prediction at every step, and what stops it."),
    "cell": mark(
        "One time step with its real numbers: every product, every gate; change a weight and see what follows."
    ),
    "trajectories": mark("Where the hidden state goes: its path through a text, and through the whole training."),
    "dynamics": mark("The network as a flow: where a state comes to rest, and what it remembers by that."),
    "gradients": mark("How far the loss's gradient gets: why plain RNNs forget, and what a gate does about it."),
    "connectivity": mark("Which characters moved a prediction: your own text, coloured by the real derivative."),
    "memory": mark("Tasks that need memory: RNN, LSTM and GRU side by side, and the lag at which each breaks."),
    "modes": mark("One word in, one word out: four ways to wire a network, and what each of them can do."),
    "pitfalls": mark("What sounds right and is not: say what you expect, then see what torch does."),
    "paste": mark("Your own PyTorch code, read line by line: every shape, every error, every doubt."),
    "sweep": mark("What a hyperparameter does: many networks side by side, and how much the seed decides."),
    "compare": mark("Run against run: curves, differences, and which is better on the same seeds."),
}


def introduction() -> None:
    """Say in three sentences what this is."""
    head.show("RNN Explorer", lesson("home", language()))


def first_picture(engine: Engine) -> None:
    """Draw the session's network unrolled over its text; it follows every control."""
    st.header(_("A network that learns this text"))
    from pages.ui.lessons import unrolled  # torch comes with it

    live.show(unrolled.network, engine, plays=True)
    # Which step it is of, and its loss, is said in the picture alone: there it keeps up with a run that plays.
    st.caption(
        _(
            "A real nn.{cell}, trained by this server. Read it from the bottom up: a character goes in as a vector, "
            "the hidden state takes it up together with what it held before, and the network predicts a character. "
            "Move a slider, and the picture follows.",
            cell=engine.config.cell.upper(),
        )
    )


def preset_cards() -> None:
    """Draw a card for each preset, which opens the right page with it."""
    st.header(_("Start with an example"))
    targets = dict(zip((spec.name for spec in PAGES), build_pages(), strict=True))
    for column, (name, (title, text, page)) in zip(st.columns(len(CARDS)), CARDS.items(), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{_(title)}**")
            st.markdown(_(text))
            if st.button(_("Open"), key=f"preset_{name}", icon=":material/arrow_forward:"):
                state.open_preset(name)
                st.switch_page(targets[page], query_params=state.query(page))


def lesson_list() -> None:
    """List the lessons in their order and groups, each a link to its page."""
    st.header(_("Lessons"))
    places = {spec.name: (spec, target) for spec, target in zip(PAGES, build_pages(), strict=True)}
    queries = state.queries(places)
    with st.container(key="lessons"):
        for title, names in navigation.LESSONS:
            st.markdown(f"### {_(title)}")
            for column, name in zip(st.columns(IN_A_ROW), names, strict=False):
                spec, target = places[name]
                with column.container(border=True, height="stretch", gap="xsmall"):
                    words = f"**{navigation.ORDER.index(name)} · {_(spec.title)}**"
                    st.page_link(target, label=words, icon=spec.icon, query_params=queries[name])
                    st.markdown(_(LESSONS[name]))

"""What the home page is made of."""

from __future__ import annotations

import streamlit as st

from pages import PAGES, build_pages
from pages.ui import cache, chart, source, state
from pages.ui.i18n import _, language, lesson, mark
from rnn_core.config import Config
from rnn_core.figures.matrices import states_and_predictions
from rnn_core.tasks import build_dataset, resolve
from rnn_core.vocab import visible

# preset -> title, what it shows, page to open
CARDS = {
    "hello-next": (
        mark("Next character, done right"),
        mark("A plain RNN learns to write “hello! world”: batch first, next character, Linear head."),
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
    "gradients": mark("How far the loss's gradient gets: why plain networks forget, and what a gate does about it."),
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
    st.title("RNN Explorer")
    st.markdown(lesson("home", language()))


def first_picture() -> None:
    """Draw a network that was trained for this picture: what it holds in mind, and what it predicts."""
    config = resolve(Config())
    course, last, trace = cache.trained(config, cache.key_of(config))
    dataset = build_dataset(config)
    figure = states_and_predictions(
        trace.states_of(0),
        [visible(dataset.characters[i]) for i in dataset.input[0]],
        [visible(c) for c in last.target],
        [(_("predicted"), [visible(c) for c in last.predicted])],
        translate=_,
    )
    st.subheader(_("A network that has just learnt “hello! world”"))
    alt = _(
        "Hidden states of a trained RNN. Target {target}, predicted {predicted}.",
        target="".join(last.target),
        predicted=last.prediction,
    )
    chart.show(figure, key="home", alt=alt)
    st.caption(
        _(
            "nn.RNN with {hidden} units after {steps} updates, trained by this server: the loss fell from {first:.3f} "
            "to {last:.4f} nats per character. Each column is a time step, each row a hidden unit; below, what should "
            "come next and what the network says.",
            hidden=config.hidden_size,
            steps=last.step,
            first=course.loss[0],
            last=last.loss,
        )
    )


def preset_cards() -> None:
    """Draw a card for each preset, which opens the right page with it."""
    st.subheader(_("Start with an example"))
    targets = dict(zip((spec.name for spec in PAGES), build_pages(), strict=True))
    for column, (name, (title, text, page)) in zip(st.columns(len(CARDS)), CARDS.items(), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{_(title)}**")
            st.markdown(_(text))
            if st.button(_("Open"), key=f"preset_{name}", icon=":material/arrow_forward:"):
                state.open_preset(name)
                st.switch_page(targets[page], query_params=state.query(page))


def lesson_list() -> None:
    """List the lessons, each a link to its page."""
    st.subheader(_("Lessons"))
    for spec, target in zip(PAGES, build_pages(), strict=True):
        if spec.name in LESSONS:
            st.page_link(target, label=f"**{_(spec.title)}**", icon=spec.icon, query_params=state.query(spec.name))
            st.markdown(_(LESSONS[spec.name]))


def code() -> None:
    """Show how to get the picture's network without the app."""
    from rnn_core.export import to_script
    from rnn_core.training import Trainer

    source.show_code(
        lambda: to_script(resolve(Config())),
        [Trainer._measure, Trainer._update],
        caption=_("Plain PyTorch: the same seed gives the network of the picture, number by number."),
    )

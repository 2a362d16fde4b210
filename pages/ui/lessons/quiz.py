"""Predict, then reveal: an endless quiz on the shapes of the network at hand."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.ui.session import state
from pages.ui.session.views import ShapesView
from pages.ui.words.i18n import _, mark, plain
from rnn_core.analysis.quiz import Question, ask
from rnn_core.config import Config
from rnn_core.sentence import Sentence

# What one has to believe to choose a wrong answer.
BELIEFS = {
    "output-is-h_n": mark("output and h_n are the same thing"),
    "directions": mark("both directions share weights and states"),
    "features": mark("what comes out is as wide as what goes in"),
    "batch-first-moves-h_n": mark("batch_first moves every tensor"),
    "layers": mark("h_n is of the top layer alone"),
    "directions-in-features": mark("h_n joins the directions as output does"),
    "steps-and-batch": mark("the batch is always the first axis"),
    "hidden-is-steps": mark("hidden_size is the number of time steps"),
    "layers-in-features": mark("layers are joined side by side"),
    "transposed": mark("a weight is stored as (in, out)"),
    "gates": mark("every cell has one block of rows"),
    "layers-read-input": mark("every layer reads the input"),
    "parameters-by-steps": mark("every time step has weights of its own"),
    "one-bias": mark("there is one bias, as in textbooks"),
    "no-bias": mark("biases do not count"),
    "wrong-end": mark("both directions end at the same place"),
    "wrong-half": mark("any half of the last axis will do"),
}


@dataclass
class Score:
    """How a viewer does.

    Attributes:
        about: what the questions begin with.
        answer: the choice made for the question on the screen, if one is made.
        streak: right answers in a row.
        best: the longest row.
    """

    about: Config
    answer: int | None = None
    streak: int = 0
    best: int = 0


def show() -> None:
    """Ask a question about the controls, or their neighbours; the answer to a wrong one is the belief behind it."""
    config = state.config()
    score = state.kept(Score) or state.keep(Score(config))
    if score.about != config:  # another network: its first question
        score.about, score.answer = config, None
        state.note(ShapesView, question=0)
        state.write_address("shapes")
    number = state.view(ShapesView).question
    question = ask(config, seed=config.seed, number=number)
    st.header(_("Predict, then look"))
    with st.container(border=True):
        st.markdown(
            _(
                "Question {number} · streak **{streak}** · best {best}",
                number=number + 1,
                streak=score.streak,
                best=score.best,
            )
        )
        st.code(question.code, language="python")
        st.markdown(f"### {_words(question.sentence)}")
        _choices(question, score, number)
        if score.answer is not None:
            _reveal(question, score.answer)
        st.caption(_("Press 1–4 to answer, N for the next question."))


def _choices(question: Question, score: Score, number: int) -> None:
    is_answered = score.answer is not None
    with st.container(horizontal=True):
        for place, choice in enumerate(question.choices):
            is_right = is_answered and place == question.right
            st.button(
                f"`{choice.text}`",
                key=f"answer_{place}",
                shortcut=str(place + 1),
                type="primary" if is_right else "secondary",
                icon=":material/check:" if is_right else ":material/close:" if place == score.answer else None,
                disabled=is_answered,
                on_click=_answer,
                args=(score, place, question.right),
            )
        st.button(_("Next question"), key="next_question", shortcut="N", on_click=_go_on, args=(score, number))


def _reveal(question: Question, answer: int) -> None:
    right, chosen = question.choices[question.right], question.choices[answer]
    if answer == question.right:
        st.success(_("Right. {why}", why=_words(right.sentence)), icon=":material/check_circle:")
        return
    st.error(
        _(
            "You would expect `{answer}` if you thought that **{belief}**. {why}",
            answer=chosen.text,
            belief=_(BELIEFS[chosen.misconception]),
            why=_words(chosen.sentence),
        ),
        icon=":material/lightbulb:",
    )
    st.markdown(_("Right is `{answer}`: {why}", answer=right.text, why=_words(right.sentence)))


def _words(sentence: Sentence) -> str:
    """Translate a sentence; what fills a gap is escaped unless the gap is code."""
    params = {k: v if f"`{{{k}}}`" in sentence.template else plain(v) for k, v in sentence.params.items()}
    return _(sentence.template, **params)


def _answer(score: Score, place: int, right: int) -> None:
    score.answer = place
    score.streak = score.streak + 1 if place == right else 0
    score.best = max(score.best, score.streak)


def _go_on(score: Score, number: int) -> None:
    if score.answer is None:
        score.streak = 0  # a question that is passed over ends the row
    score.answer = None
    state.note(ShapesView, question=number + 1)

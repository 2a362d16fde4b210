"""The lesson's three silent mistakes, each with a number computed on the network at hand."""

from __future__ import annotations

import math
from dataclasses import dataclass

import streamlit as st

from pages.ui.session import state
from pages.ui.words.i18n import _
from pages.ui.work.engine import Engine
from rnn_core.analysis.baselines import conditional_entropy, is_bounded, tanh_floor


@dataclass
class Shuffle:
    """The order that the viewer drew last."""

    seed: int = 0

    def draw(self) -> None:
        """Draw another one."""
        self.seed += 1


def show(engine: Engine) -> None:
    """Explain every mistake that the present config makes; nothing if it makes none."""
    config = engine.config
    found = [
        part
        for applies, part in (
            (config.has_swapped_axes, _swapped_axes),
            (config.task == "same", _copying),
            (config.head == "none" and is_bounded(config), _floor),
        )
        if applies
    ]
    if not found:
        return
    st.header(_("What goes wrong here, without any error"))
    for part in found:
        with st.container(border=True):
            part(engine)


def _swapped_axes(engine: Engine) -> None:
    from rnn_core.analysis.mistakes import shuffle_characters

    st.markdown("**" + _("Swapped axes: no character knows the one before it") + "**")
    length = engine.dataset.input.shape[1]
    batch = min(engine.config.batch_size, len(engine.dataset.input))
    st.markdown(
        _(
            "The tensor is ({batch}, {length}, {size}), but without batch_first torch reads the first axis as time: "
            "to torch, N is {length} and L is {batch}, not the other way round.",
            batch=batch,
            length=length,
            size=engine.config.input_size,
        )
    )
    shuffle = state.kept(Shuffle) or state.keep(Shuffle())
    st.button(_("Shuffle the characters again"), on_click=shuffle.draw, icon=":material/shuffle:", key="shuffle")
    result = shuffle_characters(engine.config, engine.at(engine.step).weights, shuffle_seed=shuffle.seed)
    st.markdown(
        _(
            "Shuffled to the order {order}, the outputs are the old ones in that order: the largest difference is "
            "**{change:.2g}**. With the axes right (batch_first=True) and the same weights the difference is "
            "**{fixed:.3f}**: there each character depends on those before it.",
            order=" ".join(map(str, result.order[:24])) + (" …" if length > 24 else ""),
            change=result.change,
            fixed=result.fixed_change,
        )
        if length > 1
        else _("With one character per sequence there is nothing to shuffle.")
    )


def _copying(engine: Engine) -> None:
    from rnn_core.analysis.mistakes import count_copies

    data = engine.dataset
    same, places = count_copies(data)
    st.markdown("**" + _("The target is the input: nothing is predicted") + "**")
    st.markdown(
        _(
            "Places where the target is the very character that goes in: **{same} of {places}**. A table with one "
            "row per character, without any memory, would reach a loss of {entropy:.4f}. Choose the task “next "
            "character” to predict.",
            same=same,
            places=places,
            entropy=conditional_entropy(zip(data.input.ravel().tolist(), data.target.ravel().tolist(), strict=True)),
        )
    )


def _floor(engine: Engine) -> None:
    size = engine.dataset.vocab_size
    floor = tanh_floor(size)
    st.markdown("**" + _("No head: the loss cannot fall below a floor") + "**")
    st.markdown(
        _(
            "The hidden state lies between −1 and 1 and is used as the score of each character. Even in the best "
            "case, 1 for the right one and −1 for every other, the loss is ln(1 + {others}·e⁻²) = **{floor:.4f}** "
            "and the right character gets a probability of only {share:.1%}. At step {step} this run is at "
            "**{loss:.4f}**, {above:.4f} above the floor. A Linear head has no such floor: choose it and compare.",
            others=size - 1,
            floor=floor,
            share=math.exp(-floor),
            step=engine.step,
            loss=engine.last.loss,
            above=engine.last.loss - floor,
        )
    )

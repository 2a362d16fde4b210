"""What the encoding page is made of: each step with its result and the code that gives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import streamlit as st

from pages.ui.channel import live
from pages.ui.channel.stages import stage
from pages.ui.components.chart import Picture
from pages.ui.session import cache
from pages.ui.session.link import Look
from pages.ui.widgets import downloads, source
from pages.ui.words.i18n import Words, _, plain, say
from rnn_core.config import Config
from rnn_core.data.vocab import build_vocabulary, character_name, split_characters, visible, vocabulary_rows
from rnn_core.data.vocab import one_hot as one_hot_rows
from rnn_core.figures.matrices import one_hot_matrix, states_and_predictions
from rnn_core.figures.tensor import tensor_slabs
from rnn_core.figures.theme import AXIS_COLORS
from rnn_core.records.runs import Dataset
from rnn_core.records.tensors import ForwardTrace
from rnn_core.sentence import ConfigError, ngettext
from rnn_core.training.experiment import Experiment
from rnn_core.training.export import to_encoding_steps

MAX_LISTED = 200  # characters and indices written out
MAX_TABLE = 40  # rows of the vocabulary table
DATA_FIELDS = ("seq_len", "batch_size", "input_size", "val_share")  # the tensor changes with them
NETWORK_FIELDS = (*DATA_FIELDS, "hidden_size", "num_layers")  # the states do


@dataclass(frozen=True)
class View:
    """Everything that the steps of the page show."""

    config: Config
    characters: list[str]
    dataset: Dataset
    trace: ForwardTrace
    steps: dict[str, str]


def see(experiment: Experiment) -> View:
    """Encode the text and run it through the untrained network.

    Raises:
        ConfigError: if that cannot be done.
    """
    experiment.check_size()
    config, dataset = experiment.config, experiment.dataset
    trace = cache.forward(experiment, cache.key_of(config))
    return View(config, split_characters(config.text), dataset, trace, to_encoding_steps(experiment))


def prepare(experiment: Experiment) -> View | None:
    """See an experiment; None with a message if that cannot be done."""
    try:
        return see(experiment)
    except ConfigError as error:
        st.error(say(error.sentence), icon=":material/block:")
        return None


def text(view: View) -> None:
    """Show what depends on the text alone."""
    for step in (characters, vocabulary, indices):
        step(view)


def pictures(view: View) -> None:
    """Show what goes into the network and what it makes of it; the pictures follow the sliders that change them."""
    st.header(_("4 · One-hot rows"))
    rows = st.container()
    st.caption(_("Point at a cell: it says which character, index and row it is."))
    st.code(view.steps["one_hot"], language="python")
    if view.config.encoding == "embedding":
        _explain_embedding(view)
    st.header(_("5 · The tensor that goes in"))
    slabs = st.container()
    st.code(view.steps["tensor"], language="python")
    st.header(_("6 · Through the network"))
    states = st.container()
    st.caption(_("Each column is a character, each row a hidden unit. Training gives these numbers a meaning."))
    st.code(view.steps["network"], language="python")
    with states:  # what every slider changes comes first
        live.show(network)
    live.show(data, places={"one_hot": rows, "tensor": slabs})
    with slabs:
        _warn_of_swapped_axes(view)


def characters(view: View) -> None:
    """Show the text as a row of characters."""
    st.header(_("1 · Characters"))
    st.markdown(
        _(
            ngettext(
                "The text has **{count}** character. A space is shown as ␣.",
                "The text has **{count}** characters. A space is shown as ␣.",
                len(view.characters),
            ),
            count=len(view.characters),
        )
        + " "
        + _("What a reader calls one character counts as one: a Hangul syllable, an accented letter, an emoji family.")
    )
    st.code(_shortened(view.characters, " "), language=None, wrap_lines=True)
    st.code(view.steps["characters"], language="python")


def vocabulary(view: View) -> None:
    """Show the vocabulary as a table."""
    known = view.dataset.characters
    st.header(_("2 · Vocabulary"))
    st.markdown(
        _(
            ngettext(
                "**V = {size}** character: every computer gives it the same index.",
                "**V = {size}** different characters, sorted, so that every computer gives them the same index.",
                len(known),
            ),
            size=len(known),
        )
    )
    rows = [f"| {i} | {plain(visible(c))} | {plain(character_name(c))} |" for i, c in enumerate(known[:MAX_TABLE])]
    half = (len(rows) + 1) // 2
    header = "| " + _("index") + " | " + _("character") + " | Unicode |\n|---:|:---:|:---|\n"
    for column, part in zip(st.columns(2), (rows[:half], rows[half:]), strict=True):
        if part:
            column.markdown(header + "\n".join(part))
    if len(known) > MAX_TABLE:
        st.caption(_("… and {count} more.", count=len(known) - MAX_TABLE))
    downloads.show("vocabulary", lambda: vocabulary_rows(view.config.text))
    st.code(view.steps["vocabulary"], language="python")


def indices(view: View) -> None:
    """Show the text as a list of indices."""
    st.header(_("3 · Indices"))
    st.markdown(_("Each character is replaced by its place in the vocabulary."))
    st.code(
        f"[{_shortened([str(i) for i in build_vocabulary(view.config.text).encode(view.config.text)], ', ')}]",
        language="python",
        wrap_lines=True,
    )
    st.code(view.steps["indices"], language="python")


@stage("encoding.data", DATA_FIELDS)
def data(look: Look) -> Iterator[Picture]:
    """The first window's one-hot rows, and the tensor that goes in."""
    view, _ = see(look.experiment), look.words
    window, known = view.dataset.input[0], [visible(c) for c in view.dataset.characters]
    names = [known[i] for i in window]
    yield Picture(
        "one_hot",
        one_hot_matrix(one_hot_rows(window, view.dataset.vocab_size), names, known, translate=_),
        _("One-hot matrix, {rows} rows, {columns} columns, one 1 in each row.", rows=len(window), columns=len(known)),
        _(
            "Index i becomes row i of the identity matrix: a single 1, in column i. No character is nearer to one than "
            "to another."
        ),
    )
    yield _tensor(view, _)


def _explain_embedding(view: View) -> None:
    st.info(
        _(
            "With encoding=embedding this row picks row i of a learnt ({size}, {features}) matrix instead.",
            size=view.dataset.vocab_size,
            features=view.config.input_size,
        )
    )


def _tensor(view: View, _: Words) -> Picture:
    """Picture the tensor that goes into the network, its axes named as torch reads them."""
    trace, axes = view.trace, (*view.trace.axes, "H_in")
    sizes = " × ".join(f"{name} = {size}" for name, size in zip(axes, trace.input.shape, strict=True))
    note = _(
        "`input.shape` is **{shape}**; torch reads it as {axes}.",
        shape=plain(tuple(trace.input.shape)),
        axes=_colored(axes),
    )
    figure = tensor_slabs(
        trace.input if trace.input.ndim == 3 else trace.input[None],
        axes if trace.input.ndim == 3 else ("", *axes),
        labels=_row_labels(view),
        is_one_hot=view.config.encoding == "onehot",
        translate=_,
    )
    return Picture("tensor", figure, _("Input tensor drawn to scale: {sizes}.", sizes=sizes), note)


def _warn_of_swapped_axes(view: View) -> None:
    config, trace = view.config, view.trace
    if config.has_swapped_axes:
        st.warning(
            _(
                "The data is laid out (N, L, …), but without batch_first torch reads the first axis as time: it sees "
                "**{length}** time steps of **{batch}** sequences. No error is raised.",
                length=trace.input.shape[0],
                batch=trace.input.shape[1],
            ),
            icon=":material/swap_horiz:",
        )


@stage("encoding.network", NETWORK_FIELDS)
def network(look: Look) -> Iterator[Picture]:
    """What the untrained network makes of the first window."""
    view, _ = see(look.experiment), look.words
    trace, config, names = view.trace, view.config, view.dataset.characters
    shapes = {"output": trace.output, "h_n": trace.h_n, "c_n": trace.c_n}
    words = " · ".join(f"`{name}` {plain(tuple(array.shape))}" for name, array in shapes.items() if array is not None)
    note = _(
        "The untrained nn.{cell} (seed {seed}) returns {shapes}.",
        cell=config.cell.upper(),
        seed=config.seed,
        shapes=words,
    )
    window, wanted = view.dataset.input[0], view.dataset.target[0]
    figure = states_and_predictions(
        trace.states_of(0), [visible(names[i]) for i in window], [visible(names[i]) for i in wanted], [], translate=_
    )
    yield Picture("states", figure, _("Hidden states of the untrained network for each character."), note)


def code(view: View) -> None:
    """Show all steps as one script."""
    from rnn_core.data import tasks, vocab

    source.show_code(
        lambda: "\n".join(view.steps.values()),
        [vocab.split_characters, vocab.build_vocabulary, vocab.one_hot, tasks.build_dataset],
        caption=_("All steps in one script: it prints the same shapes and the same numbers."),
    )


def _shortened(words: list[str], separator: str) -> str:
    shown = separator.join(visible(word) for word in words[:MAX_LISTED])
    return shown + (f"{separator}… (+{len(words) - MAX_LISTED})" if len(words) > MAX_LISTED else "")


def _colored(axes: tuple[str, ...]) -> str:
    """Write axis names in their colours; Markdown's own colours are the nearest it has."""
    names = {"N": "orange", "L": "blue", "H_in": "green", "H_out": "red"}
    return (
        "("
        + ", ".join(f":{names[axis]}[**{axis.replace('_', chr(92) + '_')}**]" for axis in axes if axis in AXIS_COLORS)
        + ")"
    )


def _row_labels(view: View) -> list[list[str]]:
    """Name the character behind row [a][b] of the input tensor."""
    windows = view.dataset.input[: view.config.batch_size]
    if len(view.trace.axes) == 1:
        windows = windows[:1]
    elif view.trace.text_axis == 0:
        windows = windows.T
    return [[visible(view.dataset.characters[i]) for i in row] for row in windows]

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
from pages.ui.session.views import EncodingView
from pages.ui.widgets import choice, downloads, source
from pages.ui.words.i18n import Words, _, mark, plain, say
from rnn_core.characters import different_characters, split_characters
from rnn_core.config import Config
from rnn_core.data.vocab import build_vocabulary, character_name, visible, vocabulary_rows
from rnn_core.data.vocab import one_hot as one_hot_rows
from rnn_core.figures.matrices import one_hot_matrix
from rnn_core.figures.tensor import tensor_slabs
from rnn_core.figures.theme import AXIS_COLORS
from rnn_core.figures.unrolled import unrolled
from rnn_core.records.runs import Dataset
from rnn_core.records.tensors import ForwardTrace
from rnn_core.sentence import ConfigError, ngettext
from rnn_core.training.experiment import Experiment
from rnn_core.training.export import to_encoding_steps

MAX_LISTED = 200  # characters and indices written out
MAX_TABLE = 40  # rows of the vocabulary table
DATA_FIELDS = ("seq_len", "batch_size", "input_size", "val_share")  # the tensor changes with them
TITLES = {
    "characters": mark("1 · Characters"),
    "vocabulary": mark("2 · Vocabulary"),
    "indices": mark("3 · Indices"),
    "one_hot": mark("4 · One-hot rows"),
    "tensor": mark("5 · The tensor that goes in"),
    "network": mark("6 · Through the network"),
}
LEARNT = mark("4 · Learnt vectors")  # instead of one-hot rows
SIDE_BY_SIDE = 32  # characters of a window that can be read in half the page's width
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


def steps(view: View) -> str:
    """Draw the strip of steps, each with the shape of what it makes, and return the one that is chosen."""
    trace, window = view.trace, view.dataset.input[0]
    vectors = _("learnt vectors") if view.config.encoding == "embedding" else _("one-hot")
    words = {
        "characters": _("characters") + f" {len(view.characters)}",
        "vocabulary": f"V = {view.dataset.vocab_size}",
        "indices": _("indices") + f" ({len(view.characters)},)",
        "one_hot": f"{vectors} ({len(window)}, {view.config.input_size})",
        "tensor": f"input {tuple(trace.input.shape)}",
        "network": f"output {tuple(trace.output.shape)}",
    }
    with st.container(key="shape_strip"):
        return choice.choose(
            EncodingView, "made", _("Six stages, each with its shape: choose one"), words, is_list=False
        )


def pictures(view: View) -> None:
    """Draw what goes into the network and what it makes of it, side by side; both follow the sliders."""
    left, right = st.columns(2) if len(view.dataset.input[0]) <= SIDE_BY_SIDE else (st.container(), st.container())
    with right:  # what every slider changes comes first
        live.show(network)
        st.caption(_("Each column is a character, each row a hidden unit. Training gives these numbers a meaning."))
    with left:
        live.show(data)
        _warn_of_swapped_axes(view)


def step(view: View, name: str) -> None:
    """Show a step's result and the code that gives it."""
    is_learnt = name == "one_hot" and view.config.encoding == "embedding"
    st.header(_(LEARNT if is_learnt else TITLES[name]))
    if name in SHOWN:
        SHOWN[name](view)
    elif name == "tensor":
        st.markdown(_("Windows of L characters, N of them side by side, every character as its row."))
    else:
        st.markdown(
            _("An untrained network reads the tensor: a hidden state for every character, and the last one once more.")
        )
    st.code(view.steps[name], language="python")


def characters(view: View) -> None:
    """Show the text as a row of characters."""
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


def vocabulary(view: View) -> None:
    """Show the vocabulary as a table."""
    known = view.dataset.characters
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
    lines = [f"| {i} | {plain(visible(c))} | {plain(character_name(c))} |" for i, c in enumerate(known[:MAX_TABLE])]
    half = (len(lines) + 1) // 2
    header = "| " + _("index") + " | " + _("character") + " | Unicode |\n|---:|:---:|:---|\n"
    for column, part in zip(st.columns(2), (lines[:half], lines[half:]), strict=True):
        if part:
            column.markdown(header + "\n".join(part))
    if len(known) > MAX_TABLE:
        st.caption(_("… and {count} more.", count=len(known) - MAX_TABLE))
    downloads.show("vocabulary", lambda: vocabulary_rows(view.config.text))


def indices(view: View) -> None:
    """Show the text as a list of indices."""
    st.markdown(_("Each character is replaced by its place in the vocabulary."))
    st.code(
        f"[{_shortened([str(i) for i in build_vocabulary(view.config.text).encode(view.config.text)], ', ')}]",
        language="python",
        wrap_lines=True,
    )


def one_hot(view: View) -> None:
    """Show the first window's one-hot rows, or what they pick where vectors are learnt."""
    if view.config.encoding == "embedding":
        _explain_embedding(view)
    live.show(rows)
    st.caption(_("Point at a cell: it says which character, index and row it is."))


@stage("encoding.data", DATA_FIELDS)
def data(look: Look) -> Iterator[Picture]:
    """The tensor that goes in."""
    yield _tensor(see(look.experiment), look.words)


@stage("encoding.rows", DATA_FIELDS)
def rows(look: Look) -> Iterator[Picture]:
    """The first window's one-hot rows."""
    view, _ = see(look.experiment), look.words
    window, known = view.dataset.input[0], [visible(c) for c in view.dataset.characters]
    names, size = [known[i] for i in window], view.dataset.vocab_size
    width = view.config.input_size if view.config.encoding == "onehot" else size
    columns = [*known, *["–"] * (width - size)]  # to spare: no character has its 1 there
    yield Picture(
        "one_hot",
        one_hot_matrix(one_hot_rows(window, size, width), names, columns, translate=_),
        _("One-hot matrix of shape ({rows}, {columns}), with one 1 in each row.", rows=len(window), columns=width),
        _(
            "Index i becomes row i of the identity matrix: a single 1, in column i. Any two characters are equally "
            "far apart."
        ),
    )


def _explain_embedding(view: View) -> None:
    st.info(
        _(
            "Each character is a learnt vector: row i of a ({size}, {features}) matrix that is trained with the "
            "network. The same, written as a product: the one-hot row below times that matrix.",
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
                "The data is laid out (N, L, …), but without batch_first torch reads the first axis as time: to "
                "torch, L is **{length}** and N is **{batch}**. No error is raised.",
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
    window, wanted = ([visible(names[i]) for i in rows[0]] for rows in (view.dataset.input, view.dataset.target))
    figure = unrolled(trace.states_of(0), window, target=wanted, span=1.0, translate=_)
    yield Picture("states", figure, _("Hidden states of the untrained network for each character."), note)


SHOWN = {"characters": characters, "vocabulary": vocabulary, "indices": indices, "one_hot": one_hot}


def code(view: View) -> None:
    """Show all steps as one script."""
    from rnn_core.data import tasks, vocab

    source.show_code(
        lambda: "\n".join(view.steps.values()),
        [split_characters, different_characters, vocab.build_vocabulary, vocab.one_hot, tasks.build_dataset],
        caption=_("All stages in one script: it prints the same shapes and the same numbers."),
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

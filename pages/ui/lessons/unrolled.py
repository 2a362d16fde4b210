"""The network of the session unrolled over its text, and what the five sizes are in that picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pages.ui.channel.stages import Picture, stage
from pages.ui.components import chart
from pages.ui.components.legend import Legend, Word
from pages.ui.run import pictures
from pages.ui.session.link import Look
from pages.ui.words.i18n import Words
from pages.ui.work.engine import Engine
from rnn_core.config import Config, format_value
from rnn_core.data.vocab import visible
from rnn_core.figures.network import COLORS, MOST_STEPS, MOST_UNITS, unrolled_network
from rnn_core.records.runs import Dataset
from rnn_core.records.tensors import ForwardTrace


@dataclass(frozen=True)
class Seen:
    """What the picture shows of a network, and whether it is a preview.

    Attributes:
        config: of the network.
        dataset: its data.
        trace: what it made of a batch, whose first window is drawn.
        window: the number of that window.
        note: which step it is of.
    """

    config: Config
    dataset: Dataset
    trace: ForwardTrace
    window: int
    note: str


@stage("unrolled.network", pictures.RUN_FOLLOWED, of=Engine)
def network(look: Look, engine: Engine) -> Iterator[Picture]:
    """What goes in, what the network holds in mind, what it says; before that, the words for its sizes."""
    seen, _ = _see(look, engine), look.words
    names = [visible(character) for character in seen.dataset.characters]
    read = [names[i] for i in seen.dataset.input[seen.window]]
    target = [names[i] for i in seen.dataset.target[seen.window]]
    said = [names[i] for i in seen.trace.predicted_of(0)]
    figure = unrolled_network(
        seen.trace.inputs_of(0),
        seen.trace.states_of(0),
        read,
        said,
        target,
        sequences=_sequences(seen.trace),
        directions=1 + seen.config.bidirectional,
        translate=_,
    )
    alt = _(
        "The network unrolled in time (L = {length}). It reads {read} and predicts {said}; the target is {target}.",
        length=len(read),
        read="".join(read[:64]),
        said="".join(said[:64]),
        target="".join(target[:64]),
    )
    yield Legend("network_words", _words(look, seen), chart="network", label=_("What the sizes are in this picture"))
    yield chart.Picture("network", figure, alt, "\n".join([seen.note, *_left_out(seen, _)]))


def _see(look: Look, engine: Engine) -> Seen:
    """Return the network at the step on the screen, or as it would be with what is under the hand.

    Raises:
        ConfigError: if there is no such network.
    """
    hand, moment = look.hand, engine.at(pictures.shown_step(look, engine))
    if hand is None or hand.name not in pictures.NETWORK_FIELDS:
        note = pictures.moment_words(look, moment)
        return Seen(engine.config, engine.dataset, engine.trace(moment), moment.record.windows[0], note)
    trace, note = pictures.preview(look, hand, moment)
    return Seen(look.config, look.experiment.dataset, trace, 0, note)


def _sequences(trace: ForwardTrace) -> int:
    """Return how many sequences went in side by side, as the data have them."""
    return 1 if len(trace.axes) == 1 else trace.input.shape[1 - trace.text_axis]


def _words(look: Look, seen: Seen) -> list[Word]:
    """Say what each size is, in the order of the figure's first traces."""
    _, config, trace, wanted = look.words, seen.config, seen.trace, look.experiment.wanted
    values = {
        "H_in": (str(trace.input.shape[-1]), _("numbers that describe a character: the height of x")),
        "H_out": (str(config.hidden_size), _("numbers that the network remembers: the height of h")),
        "L": (
            _of_asked(len(trace.states_of(0)), wanted.seq_len, _),
            _("time steps: as many columns, with the same weights in each"),
        ),
        "N": (
            _of_asked(_sequences(trace), wanted.batch_size, _),
            _("sequences that go in side by side: this one, and those behind it"),
        ),
        "lr": (
            format_value(wanted.learning_rate),
            _("learning rate: how far one update moves the weights, which are the arrows"),
        ),
    }
    return [Word(name, *values[name], COLORS[name]) for name in COLORS]


def _of_asked(size: int, asked: int, _: Words) -> str:
    """Write a size of the batch, with what the slider reads where the text is too short for that."""
    return str(size) if size >= asked else _("{size} (of {asked} asked for)", size=size, asked=asked)


def _left_out(seen: Seen, _: Words) -> Iterator[str]:
    """Say what the picture leaves out."""
    length, units = seen.trace.states_of(0).shape
    if length > MOST_STEPS:
        yield _("The first {shown} of {count} time steps are drawn.", shown=MOST_STEPS, count=length)
    if max(units, seen.trace.input.shape[-1]) > MOST_UNITS:
        yield _(
            "Of a vector with more than {shown} numbers, {shown} are drawn, evenly spaced; if no more than that are "
            "ever other than 0, as in one-hot vectors, all of those are among them.",
            shown=MOST_UNITS,
        )
    if seen.config.num_layers > 1:
        yield _("Of {count} layers the top one is drawn.", count=seen.config.num_layers)

"""An endless, reproducible quiz on the shapes of a call; every wrong answer is what a known misconception gives."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rnn_core.config import Config
from rnn_core.sentence import Sentence
from rnn_core.shapes.slices import equal_slices, index_text, time_axis
from rnn_core.shapes.specs import GATES, axis_sizes, call_cost, sequence_axes, tensor_specs
from rnn_core.training.export import to_module

CHOICES = 4
_SIZES = (2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 20)


@dataclass(frozen=True)
class Choice:
    """One answer to choose.

    Attributes:
        text: the answer as code: `(2, 3, 20)`, `640`, `output[:, -1, :20]`.
        misconception: a short name of what it would take to think so; empty for the right answer.
        sentence: why it is right, or what is wrong with it.
    """

    text: str
    misconception: str
    sentence: Sentence


@dataclass(frozen=True)
class Question:
    """One question about one call.

    Attributes:
        kind: which question it is, such as `h_n.shape`.
        config: what it is about; its text plays no part.
        code: the call as a learner writes it.
        sentence: the question.
        choices: four different answers, in the order in which they are shown.
        right: which of them is right.
    """

    kind: str
    config: Config
    code: str
    sentence: Sentence
    choices: tuple[Choice, ...]
    right: int


@dataclass(frozen=True)
class _Asked:
    """A question before its answers are drawn: wrong answers that are the right one by accident are not left out."""

    kind: str
    sentence: Sentence
    answer: Choice
    wrong: Sequence[Choice]


def ask(config: Config, *, seed: int, number: int) -> Question:
    """Return question `number` (from 0) of the stream of a seed.

    The first question is about the config itself, the next ones about neighbours of it: other sizes, other flags.

    Args:
        config: where the quiz starts; input_size, seq_len and batch_size count as given.
        seed: which stream.
        number: which question of it.
    """
    draw = random.Random(f"{seed}:{number}")  # a string seeds it through SHA-512, the same on every machine
    while True:
        about = config if number == 0 else _neighbour(config, draw)
        asked = draw.choice(_kinds(about))(about, draw)
        wrong = _different(asked)
        if len(wrong) >= CHOICES - 1:
            break
        if number == 0:
            number, draw = 1, random.Random(f"{seed}:0:neighbour")  # its sizes leave too few different answers
    choices = [asked.answer, *draw.sample(wrong, CHOICES - 1)]
    draw.shuffle(choices)
    return Question(asked.kind, about, _code(about), asked.sentence, tuple(choices), choices.index(asked.answer))


def _kinds(config: Config) -> list[Callable[[Config, random.Random], _Asked]]:
    """Return what can be asked: with one step only, the first one is the last one too."""
    kinds: list[Callable[[Config, random.Random], _Asked]] = [_output, _h_n, _h_0, _weight, _parameters]
    if axis_sizes(config)["L"] > 1:
        kinds += [_forward_slice, _reversed_slice] if config.bidirectional else [_forward_slice]
    return kinds


def _different(asked: _Asked) -> list[Choice]:
    """Return the wrong answers that differ from the right one and from each other."""
    found: dict[str, Choice] = {}
    for choice in asked.wrong:
        if choice.text != asked.answer.text:
            found.setdefault(choice.text, choice)
    return list(found.values())


def _neighbour(config: Config, draw: random.Random) -> Config:
    """Draw other sizes, all different so that every axis shows, and change a flag or two."""
    N, L, H_in, H_out = draw.sample(_SIZES, 4)
    flags = {
        "cell": draw.choice(tuple(GATES)),
        "num_layers": draw.randint(1, 3),
        "bidirectional": draw.random() < 0.5,
        "batch_first": draw.random() < 0.5,
    }
    changed = dict(draw.sample(sorted(flags.items()), draw.randint(1, len(flags))))
    sizes = {"batch_size": N, "seq_len": L, "input_size": H_in, "hidden_size": H_out}
    return config.model_copy(update={**sizes, **changed})


def _code(config: Config) -> str:
    state = "(h_n, c_n)" if config.cell == "lstm" else "h_n"
    shape = ", ".join(str(size) for size in _shape(config, "input"))
    return f"rnn = {to_module(config, config.input_size)}\ninput = torch.randn({shape})\noutput, {state} = rnn(input)"


def _shape(config: Config, name: str) -> tuple[int, ...]:
    return next(spec.shape for spec in tensor_specs(config) if spec.name == name)


def _meant(config: Config, name: str, **fields: object) -> str:
    """Return the shape that someone expects who takes the config for another one."""
    return str(_shape(config.model_copy(update=fields), name))


def _swapped(shape: tuple[int, ...]) -> str:
    return str((shape[1], shape[0], *shape[2:]))


def _output(config: Config, _: random.Random) -> _Asked:
    shape, H = _shape(config, "output"), config.hidden_size
    right = Choice(
        str(shape),
        "",
        Sentence(
            "output holds the top layer at every time step, as {axes}.",
            axes=", ".join(sequence_axes(config, "D*H_out")),
        ),
    )
    return _Asked(
        "output.shape",
        Sentence("What is `output.shape`?"),
        right,
        [*_wrong_shapes(config, shape, H), *_for_output(config)],
    )


def _for_output(config: Config) -> Iterator[Choice]:
    yield Choice(str(_shape(config, "h_n")), "output-is-h_n", _OUTPUT_IS_ALL_STEPS)
    yield Choice(_meant(config, "output", bidirectional=not config.bidirectional), "directions", _DIRECTIONS)
    yield Choice(str((*_shape(config, "output")[:-1], config.input_size)), "features", _FEATURES)


def _h_n(config: Config, _: random.Random) -> _Asked:
    shape, H = _shape(config, "h_n"), config.hidden_size
    right = Choice(
        str(shape),
        "",
        Sentence(
            "h_n is (D*num_layers, N, H_out) whatever batch_first is: every layer and direction, last time step only."
        ),
    )
    wrong = [
        Choice(_swapped(shape), "batch-first-moves-h_n", _STATE_STAYS),
        Choice(str(_shape(config, "output")), "output-is-h_n", _STATE_IS_LAST),
        Choice(_meant(config, "h_n", bidirectional=not config.bidirectional), "directions", _STATE_DIRECTIONS),
        Choice(str((config.num_directions, *shape[1:])), "layers", _STATE_LAYERS),
        Choice(str((*shape[:-1], config.num_directions * H)), "directions-in-features", _STATE_DIRECTIONS),
    ]
    return _Asked("h_n.shape", Sentence("What is `h_n.shape`?"), right, [*wrong, *_wrong_shapes(config, shape, H)])


def _h_0(config: Config, draw: random.Random) -> _Asked:
    asked = _h_n(config, draw)
    right = Choice(asked.answer.text, "", Sentence("h_0 has the axes of h_n: (D*num_layers, N, H_out)."))
    return _Asked("h_0.shape", Sentence("Which shape does h_0 have to have?"), right, asked.wrong)


def _wrong_shapes(config: Config, shape: tuple[int, ...], H: int) -> Iterator[Choice]:
    """Yield what comes of confusing the axes of an input, for a tensor whose last axis is made of hidden units."""
    L, N = config.seq_len, config.batch_size
    if config.batched and len(shape) == 3:
        yield Choice(_swapped(shape), "steps-and-batch", _ORDER)
        yield Choice(
            str(tuple({L: N, N: L}.get(size, size) for size in shape[:2]) + shape[2:]), "steps-and-batch", _ORDER
        )
    yield Choice(str((*shape[:-1], L)), "hidden-is-steps", _HIDDEN)
    yield Choice(str((*shape[:-1], H * config.num_layers)), "layers-in-features", _LAYERS)


def _weight(config: Config, draw: random.Random) -> _Asked:
    specs = [spec for spec in tensor_specs(config) if spec.name.startswith("weight")]
    spec = draw.choice(specs)
    rows, columns = spec.shape
    H, D, gates = config.hidden_size, config.num_directions, GATES[config.cell]
    right = Choice(
        str(spec.shape),
        "",
        Sentence("{axes}: rows for every gate, columns for what comes in.", axes=f"({', '.join(spec.axes)})"),
    )
    wrong = [
        Choice(str((columns, rows)), "transposed", Sentence("PyTorch stores a weight as (out, in).")),
        Choice(
            str((H, columns)),
            "gates",
            Sentence("There are {count} gates, their rows one below the other.", count=gates),
        ),
        Choice(
            str((rows, config.input_size)),
            "layers-read-input",
            Sentence("Only layer 0 reads the input; others read the layer below."),
        ),
        Choice(
            str((rows, H)),
            "directions",
            Sentence("A layer reads both directions of the one below; only its own state has H_out."),
        ),
        Choice(str((rows, D * H)), "directions", Sentence("weight_hh sees its own direction alone: H_out columns.")),
        Choice(str((rows, config.seq_len)), "hidden-is-steps", _WEIGHTS_HAVE_NO_STEPS),
        Choice(
            str((rows * D, columns)),
            "directions",
            Sentence("Each direction has weights of its own, with _reverse in their name."),
        ),
        Choice(str((gates * config.seq_len, columns)), "hidden-is-steps", _WEIGHTS_HAVE_NO_STEPS),
    ]
    return _Asked(f"{spec.name}.shape", Sentence("What is `rnn.{name}.shape`?", name=spec.name), right, wrong)


def _parameters(config: Config, _: random.Random) -> _Asked:
    bare = config.model_copy(update={"head": "none"})

    def count(**fields: object) -> int:
        return call_cost(bare.model_copy(update=fields)).parameters

    right = count()
    biases = right - call_cost(bare, bias=False).parameters
    one_layer = count(num_layers=1)
    answer = Choice(
        str(right),
        "",
        Sentence("Every weight is there once, whatever the number of time steps, and PyTorch has two biases."),
    )
    wrong = [
        Choice(str(right * config.seq_len), "parameters-by-steps", _WEIGHTS_HAVE_NO_STEPS),
        Choice(
            str(right - biases // 2), "one-bias", Sentence("Textbooks have one bias; PyTorch has bias_ih and bias_hh.")
        ),
        Choice(str(right - biases), "no-bias", Sentence("The biases count too.")),
        Choice(
            str(count(bidirectional=not config.bidirectional)),
            "directions",
            Sentence("Each direction has weights of its own."),
        ),
        Choice(
            str(count(cell="rnn" if config.cell != "rnn" else "lstm")),
            "gates",
            Sentence("An LSTM has 4 gates, a GRU 3, a plain RNN 1."),
        ),
        Choice(
            str(one_layer * config.num_layers),
            "layers-read-input",
            Sentence("Layers above the first read D*H_out features, not H_in."),
        ),
    ]
    return _Asked("parameters", Sentence("How many parameters does `rnn` have?"), answer, wrong)


def _forward_slice(config: Config, _: random.Random) -> _Asked:
    return _slice(config, 0)


def _reversed_slice(config: Config, _: random.Random) -> _Asked:
    return _slice(config, 1)


def _slice(config: Config, direction: int) -> _Asked:
    """Ask which part of output a row of h_n is."""
    pair, H, time = equal_slices(config)[direction], config.hidden_size, time_axis(config)
    axes = len(pair.output_index)
    step, half = pair.output_index[time], pair.output_index[-1]
    ends = (-1, 0) if step == -1 else (0, -1)
    halves = [slice(None), slice(None, H), slice(H, None)] if config.bidirectional else [half]

    def part(**places: int | slice) -> str:
        index: list[int | slice] = [slice(None)] * axes
        for axis, place in places.items():
            index[{"batch": 1 - time, "time": time, "last": axes - 1}[axis]] = place
        return index_text("output", tuple(index))

    wrong = [
        *(Choice(part(time=ends[1], last=other), "wrong-end", _ENDS) for other in halves),
        *(Choice(part(time=step, last=other), "wrong-half", _HALVES) for other in halves),
        *(Choice(part(batch=end, last=half), "steps-and-batch", _ORDER) for end in ends if axes > 2),
        *(Choice(part(last=end), "hidden-is-steps", _HIDDEN) for end in ends),
    ]
    right = Choice(index_text("output", pair.output_index), "", pair.meaning)
    sentence = Sentence("Which part of `output` equals `{row}`?", row=pair.h_n_text)
    return _Asked(pair.h_n_text, sentence, right, wrong)


_ORDER = Sentence("With batch_first=True input and output are (N, L, ...), otherwise (L, N, ...); h_n never changes.")
_HIDDEN = Sentence("hidden_size is the width of the state, not the number of time steps.")
_LAYERS = Sentence("Layers are not joined: output shows the top one alone, h_n has a row for each.")
_FEATURES = Sentence("The features go in; hidden units come out.")
_DIRECTIONS = Sentence("A bidirectional module joins both directions in the last axis: D*H_out.")
_OUTPUT_IS_ALL_STEPS = Sentence("That is h_n: every layer, last time step only.")
_STATE_STAYS = Sentence("batch_first moves the axes of input and output, never those of the states.")
_STATE_IS_LAST = Sentence("That is output: the top layer at every time step.")
_STATE_DIRECTIONS = Sentence("In h_n each direction has a row of its own: D*num_layers rows of H_out.")
_STATE_LAYERS = Sentence("h_n has a row for every layer, not for the top one alone.")
_WEIGHTS_HAVE_NO_STEPS = Sentence("The same weights are used at every time step: their shapes know no L.")
_ENDS = Sentence("The forward direction ends at the last time step, the backward one at t = 0.")
_HALVES = Sentence("The first H_out entries of the last axis are the forward direction, the others the backward one.")

"""What the pages show besides the experiment: one model a page, from which everything that knows its fields is made.

Link, session, widgets, the live channel, the table of link parameters and the tests of hostile links read the fields
here: kind, default and bounds stand nowhere else. A field's name is its parameter in a link, so no two are the same;
`docs/links.md` says what each of them means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pages.ui.session.fields import Counts, View, kinds, number, one_of, place, text, whole, written
from pages.ui.words.misconceptions import FIRST, MISCONCEPTIONS
from rnn_core.analysis.reach import BEGINNINGS
from rnn_core.analysis.trajectories import FIRING
from rnn_core.cells.edits import EXAMPLE, parse_edits, write_edits
from rnn_core.cells.equations import CONVENTIONS
from rnn_core.config import Config, parse_value
from rnn_core.memory.plan import BOUNDS, CELLS, MAX_LAGS, Comparison
from rnn_core.memory.tasks import MEMORY_TASKS
from rnn_core.reading.examples import DEFAULT_EXAMPLE, EXAMPLES
from rnn_core.reading.paste import MAX_CHARACTERS
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.sweep.plan import format_axes, parse_axes, parse_seeds

if TYPE_CHECKING:
    from rnn_core.analysis.reach import Scheme
    from rnn_core.cells.edits import Edit
    from rnn_core.memory.plan import Sizes, Start
    from rnn_core.sweep.plan import Axis
    from rnn_core.training.experiment import Experiment
    from rnn_core.training.history import History

Settings = tuple[tuple[str, str], ...]  # fields of a config, and what each is, as a link writes it
Entry = tuple[str, tuple[int, ...]]  # a parameter as nn.RNN calls it, and which number of it
MOST_UNITS = 6  # lines in one picture
MOST_OTHERS = 3  # paths beside the window's own: of more of them nobody can follow one
MOST_TYPED = 300  # characters of the viewer's own texts
MAX_STARTS = 8
USUAL = Comparison()
AXES = "learning_rate:0.001:1:16,hidden_size:2:32:4"
AXES_LOCKED = "learning_rate:0.001:1:16,optimizer:adam:adamw:sgd:rmsprop"  # where hidden_size follows from the text
_PLACE = r"-?\d{1,3}\.\d{3}:-?\d{1,3}\.\d{3}"


def counts(run: History | Experiment) -> Counts:
    """Return how many there are in a run, or will be in that of an experiment, of what fields are numbers of."""
    config, windows = run.config, run.dataset.input
    return {
        "step": range(config.steps + 1),
        "window": range(len(windows)),
        "character": range(windows.shape[1]),
        "layer": range(config.num_layers),
        "unit": range(config.hidden_size),
    }


def first_axes(experiment: Experiment) -> tuple[Axis, ...]:
    """Return what is swept where the link does not say it."""
    return parse_axes(AXES_LOCKED if "hidden_size" in experiment.locks else AXES)


def _numbers(word: str) -> tuple[int, ...]:
    return tuple(map(int, word.split(",")))


def _join(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))


def _lags(word: str) -> tuple[int, ...]:
    return tuple(sorted(set(_numbers(word))))


def _parse_entry(word: str) -> Entry:
    name, *index = word.split(":")
    return name, tuple(map(int, index))


def _write_entry(entry: Entry) -> str:
    return ":".join([entry[0], *map(str, entry[1])])


_SETTINGS = "hidden_size:8;cell:gru"


def _parse_settings(word: str) -> Settings:
    parts = [part.partition(":") for part in word.split(";")]
    found = tuple((name, said) for name, _, said in parts)
    if "text" in dict(found):
        raise ConfigError(
            Sentence("{field} cannot be used: losses on different texts cannot be compared.", field="before")
        )
    try:
        Config(**{name: parse_value(name, said) for name, said in found})  # refuses what no config can be
    except ConfigError as error:
        example = "{field}={value} cannot be used: write it like {example}."
        raise ConfigError(Sentence(example, field="before", value=word[:40], example=_SETTINGS)) from error
    return found


def _write_settings(settings: Settings) -> str:
    return ";".join(f"{name}:{said}" for name, said in settings)


def _parse_starts(word: str) -> tuple[tuple[float, float], ...]:
    pairs = (pair.split(":") for pair in word.split(","))
    return tuple((float(x), float(y)) for x, y in pairs)


def _write_starts(starts: tuple[tuple[float, float], ...]) -> str:
    return ",".join(f"{x:.3f}:{y:.3f}" for x, y in starts)


@dataclass(frozen=True)
class TrainingView(View):
    """The run of the Training page."""

    trained: int | None = whole(of="step")
    step: int | None = whole(of="step")


@dataclass(frozen=True)
class CurvesView(View):
    """How the course of the run is drawn, and what it is compared with."""

    scale: Literal["auto", "linear", "log"] = one_of("auto", "linear", "log")
    before: Settings = written((), _parse_settings, _write_settings, example=_SETTINGS)


@dataclass(frozen=True)
class EncodingView(View):
    """The stages of the Encoding page."""

    made: Literal["characters", "vocabulary", "indices", "one_hot", "tensor", "network"] = one_of(
        "characters", "vocabulary", "indices", "one_hot", "tensor", "network"
    )


@dataclass(frozen=True)
class ShapesView(View):
    """The call of the Shapes page."""

    drawing: Literal["2d", "3d"] = one_of("2d", "3d")
    source: Literal["text", "random"] = one_of("text", "random")
    parts: Literal["fitting", "all", "layers", "results"] = one_of("fitting", "all", "layers", "results")
    row: int | None = place("row")
    readings: Literal["one", "both"] = one_of("one", "both")
    question: int = whole(0)


@dataclass(frozen=True)
class ReadingView(View):
    """Where in the run a page looks."""

    window: int | None = whole(of="window")
    layer: int | None = whole(of="layer")
    direction: Literal["forward", "reverse"] = one_of("forward", "reverse")


@dataclass(frozen=True)
class CellView(View):
    """The inside of the cell."""

    t: int = whole(4, of="character")
    unit: int = whole(0, of="unit")
    convention: str = one_of("torch", *(name for name in CONVENTIONS if name != "torch"))
    edits: tuple[Edit, ...] = written((), parse_edits, write_edits, example=EXAMPLE)
    entry: Entry | None = written(
        None,
        _parse_entry,
        _write_entry,
        r"(weight|bias)_(ih|hh)_l[0-3](_reverse)?(:\d{1,3}){1,2}",
        "weight_hh_l0:2:3",
    )


@dataclass(frozen=True)
class TrajectoriesView(View):
    """The states over the text, and their way over training."""

    order: Literal["numbered", "similar"] = one_of("numbered", "similar")
    space: Literal["pca2", "pca3", "units"] = one_of("pca2", "pca3", "units")
    units: tuple[int, ...] = written((), _numbers, _join, rf"\d{{1,3}}(,\d{{1,3}}){{0,{MOST_UNITS - 1}}}", "0,3,5")
    find: str | None = written(None, pattern=r"\d{1,3}(-\d{1,3})?", example="4-6")
    threshold: float = number(FIRING, 0.05, 0.95, 0.05)
    live: Literal["off", "on"] = one_of("off", "on")
    together: int = whole(0, 0, MOST_OTHERS, of="further window")
    also: str = text(MOST_TYPED)


@dataclass(frozen=True)
class DynamicsView(View):
    """A network under one constant input."""

    system: Literal["two", "one", "three", "mine"] = one_of("two", "one", "three", "mine")
    symbol: int = whole(0, of="input")
    plane: tuple[int, ...] = written((), _numbers, _join, r"\d{1,4},\d{1,4}", "0,1")
    starts: tuple[tuple[float, float], ...] = written(
        (), _parse_starts, _write_starts, rf"{_PLACE}(,{_PLACE}){{0,{MAX_STARTS - 1}}}", "0.500:-0.250"
    )
    point: int = whole(0, of="point")
    search: Literal["off", "on"] = one_of("off", "on")


@dataclass(frozen=True)
class PitfallsView(View):
    """A belief and what torch does."""

    pitfall: str = one_of(FIRST, *(name for name in MISCONCEPTIONS if name != FIRST))
    answer: int | None = place("answer")
    number: int | None = whole(of="value")


@dataclass(frozen=True)
class PasteView(View):
    """Code that is read."""

    example: str = one_of(DEFAULT_EXAMPLE, *(name for name in EXAMPLES if name != DEFAULT_EXAMPLE))
    code: str | None = text(MAX_CHARACTERS, None)


@dataclass(frozen=True)
class GradientsView(View):
    """The viewer's own network, three networks at their beginning, and an explosion."""

    topic: Literal["yours", "cells", "states", "explosion"] = one_of("yours", "cells", "states", "explosion")
    begin: Scheme = one_of(*BEGINNINGS)
    radius: float = number(1.0, 0.1, 2.0, 0.05)
    bias: float = number(1.0, -2.0, 6.0, 0.25)
    length: int = whole(51, 2, 128)
    bend: Literal["tanh", "relu"] = one_of("tanh", "relu")
    reads: Literal["text", "nothing"] = one_of("text", "nothing")
    whose: str = one_of(*CELLS, "gates", "detour")
    start_radius: float = number(1.2, 0.5, 2.0, 0.05)
    clip: float = number(1.0, 0.1, 10.0, 0.1)


@dataclass(frozen=True)
class ConnectivityView(View):
    """Which characters moved a prediction."""

    at: int | None = whole(of="character")
    explained: Literal["predicted", "right"] = one_of("predicted", "right")


@dataclass(frozen=True)
class SweepView(View):
    """Many networks side by side."""

    axes: tuple[Axis, ...] = written((), parse_axes, format_axes, example="learning_rate:0.001:1:16,cell:rnn:gru")
    seeds: int = written(3, parse_seeds, example="5")
    shown: Literal["loss", "accuracy"] = one_of("loss", "accuracy")
    picked: int | None = place("combination")


@dataclass(frozen=True)
class CompareView(View):
    """Runs over each other."""

    losses: Literal["log", "linear"] = one_of("log", "linear")


@dataclass(frozen=True)
class MemoryView(View):
    """Three cells on a task that needs memory."""

    memory_task: str = one_of("echo", *(name for name in MEMORY_TASKS if name != "echo"))
    alphabet: int | None = whole(of="letter")
    lags: tuple[int, ...] = written(USUAL.lags, _lags, _join, rf"\d{{1,3}}(,\d{{1,3}}){{0,{MAX_LAGS - 1}}}", "2,10,30")
    memory_units: int = whole(USUAL.hidden_size, *BOUNDS["hidden_size"])
    equal: Sizes = one_of("units", "parameters")
    gates: Start = one_of("chrono", "default")
    networks: int = whole(USUAL.seeds, *BOUNDS["seeds"])
    updates: int = whole(USUAL.steps, *BOUNDS["steps"])
    learnt: int | None = whole()


@dataclass(frozen=True)
class ModesView(View):
    """A word that is turned round."""

    word: str = written("world", pattern=r"[a-z]{1,10}", example="hello")


# What a link to a page says: the page's own view, and what of others it shows too.
VIEWS: Mapping[str, tuple[type[View], ...]] = {
    "home": (TrainingView,),
    "encoding": (EncodingView,),
    "shapes": (ShapesView,),
    "training": (TrainingView, CurvesView),
    "cell": (CellView, TrainingView, ReadingView),
    "trajectories": (TrajectoriesView, TrainingView, ReadingView),
    "dynamics": (DynamicsView, TrainingView),
    "gradients": (GradientsView, TrainingView, ReadingView),
    "connectivity": (ConnectivityView, TrainingView, ReadingView),
    "memory": (MemoryView,),
    "modes": (ModesView,),
    "pitfalls": (PitfallsView,),
    "paste": (PasteView,),
    "sweep": (SweepView,),
    "compare": (CompareView,),
    "glossary": (),
    "about": (),
}
MODELS = tuple(dict.fromkeys(model for shown in VIEWS.values() for model in shown))
RUN_PAGES = tuple(page for page, shown in VIEWS.items() if TrainingView in shown)  # they show the session's run
TEXTS = ("text", *(name for model in MODELS for name, kind in kinds(model).items() if kind.most))

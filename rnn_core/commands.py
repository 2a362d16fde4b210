"""What a terminal can ask for: train | shapes | sweep | generate | forecast | read."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from rnn_core.config import PRESETS, Config, format_value, options, parse_value
from rnn_core.records.runs import StepRecord
from rnn_core.records.sweeps import SweepCell
from rnn_core.sentence import ConfigError, Sentence
from rnn_core.terminal import Ended, Parser, finite, print_line, tell

if TYPE_CHECKING:
    from rnn_core.reading import Line as ReadLine
    from rnn_core.sweep.executors import Workers
    from rnn_core.sweep.grid import Event, Sweep
    from rnn_core.training.experiment import Experiment

Line = dict[str, Any]
Lines = Generator[tuple[Line, str], None, None]

EXECUTORS = ("local", "processes")
MOST_SHORT = 4  # sizes that are named in one line


def main(prog: str, arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status.

    Args:
        prog: what the command line begins with.
        arguments: the words after it; those of this process by default.
    """
    parser = build_parser(prog)
    given = vars(parser.parse_args(arguments))
    command: Callable[[Config, dict[str, Any]], Lines] = given.pop("run")
    if "file" in given:
        return _read(parser, given["file"], is_json=given["json"])
    try:
        # Nothing is printed before the first line is there: a bad value leaves stdout empty.
        with closing(command(_read_config(given), given)) as lines:
            for line, text in lines:
                print_line(json.dumps(line) if given["json"] else text)
    except ConfigError as error:
        parser.error(str(error))
    return 0


def build_parser(prog: str) -> Parser:
    """Build the command line from the fields of Config: one flag a field, of the same name."""
    from rnn_core.forecasting.lines import OF_TEXTS, add_flags

    parser = Parser(prog=prog, description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(required=True, metavar="train | shapes | sweep | generate | forecast | read")
    for name, run, what in (
        ("train", train_lines, "train a network, one line per record"),
        ("shapes", shapes_lines, "list every tensor of a call"),
        ("sweep", sweep_lines, "train one network for each combination of values"),
        ("generate", generate_lines, "train a network and let it write"),
        ("forecast", forecast_lines, "train networks on a series and let them forecast its end, beside baselines"),
    ):
        command = commands.add_parser(name, help=what, description=what, allow_abbrev=False)
        command.set_defaults(run=run)
        command.add_argument("--preset", metavar="|".join(PRESETS))
        command.add_argument("--json", action="store_true", help="one JSON object per line")
        for field in Config.model_fields:
            if name != "forecast" or field not in OF_TEXTS:
                command.add_argument(f"--{field}", metavar="|".join(options(field)) or "VALUE")
        if name == "forecast":
            add_flags(command)
        else:
            command.add_argument("--text-file", metavar="FILE.txt", help="read the text from a file")
        if name == "sweep":
            command.add_argument("--grid", action="append", required=True, metavar="FIELD=V1,V2,...")
            command.add_argument("--executor", metavar="|".join(EXECUTORS), help="where to train: here by default")
            command.add_argument("--scheduler", metavar="tcp://HOST:PORT", help="train on this Dask cluster")
        if name == "generate":
            command.add_argument("--prompt", required=True)
            command.add_argument("--length", default="100")
            command.add_argument("--temperature", default="1")
    what = "follow a program of PyTorch line by line without running it; exit status 1 if Python would stop"
    command = commands.add_parser("read", help=what, description=what, allow_abbrev=False)
    command.set_defaults(run=None)
    command.add_argument("file", metavar="FILE.py|FILE.ipynb|-")
    command.add_argument("--json", action="store_true", help="one JSON object per line")
    return parser


def _read(parser: Parser, file: str, *, is_json: bool) -> int:
    """Print what every line of a program makes; ends with status 1 if Python would stop in it."""
    from rnn_core.reading import read_code
    from rnn_core.reading.paste import decoded

    try:
        text = decoded(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except (OSError, ValueError) as error:
        parser.error(f"FILE={file} cannot be read: {getattr(error, 'strerror', None) or error}")
    _use_one_thread()
    reading = read_code(text, is_whole=True)
    if reading.problem is not None:
        parser.error(f"FILE={file} cannot be followed: {reading.problem}")
    for line in reading.lines:
        print_line(json.dumps(_read_line(line)) if is_json else _read_words(line))
    if reading.stops_at is not None:
        raise SystemExit(1)
    return 0


def _read_line(line: ReadLine) -> Line:
    worst = next((f for f in line.findings if f.verdict == line.verdict), None)
    return {
        "line": line.number,
        "verdict": line.verdict,
        "names": {name.name: name.text for name in line.names},
        "error": worst.error if worst else None,
        "message": worst.message if worst else None,
        "sentence": str(worst.sentence) if worst else None,
    }


def _read_words(line: ReadLine) -> str:
    """Write a line as `line: shapes`, and below it what is to be said of it."""
    shapes = "  ".join(f"{name.name} {name.text}" for name in line.names)
    written = [f"{line.number:4d}  {line.source.split(chr(10))[0]:60s}  {shapes}".rstrip()]
    for found in line.findings:
        error = f"{found.error}: {found.message} " if found.error else ""
        written.append(f"      {found.verdict}, line {found.number}: {error}{found.sentence}")
        if found.fix:
            written.append(f"      {found.fix}" + (f"  ->  {found.corrected.strip()}" if found.corrected else ""))
    return "\n".join(written)


def train_lines(config: Config, _: dict[str, Any]) -> Lines:
    """Yield the config, then every record."""
    from rnn_core.training.experiment import Experiment
    from rnn_core.training.trainer import Trainer  # torch takes most of a second: `shapes` and --help do without it

    _use_one_thread()
    trainer = Trainer(config)
    _tell_short([Experiment(config)])
    yield {"config": _plain(trainer.config)}, f"{_words(trainer.config)}"
    for record in trainer:
        yield (
            _record(record),
            (
                f"{record.step:5d}  loss {record.loss:8.5f}  grad_norm {record.grad_norm:9.5f}  "
                f"accuracy {record.accuracy:5.3f}  {record.prediction!r}"
            ),
        )
    if trainer.has_exploded:
        tell(f"stopped at step {record.step}: the loss exploded ({record.loss})")


def shapes_lines(config: Config, _: dict[str, Any]) -> Lines:
    """Yield every tensor of one call."""
    from rnn_core.shapes.specs import tensor_specs

    for spec in tensor_specs(config):
        line = {"name": spec.name, "axes": list(spec.axes), "shape": list(spec.shape), "meaning": str(spec.meaning)}
        yield line, f"{spec.name:24s} {'(' + ', '.join(spec.axes) + ')':28s} {spec.shape!s:18s} {spec.meaning}"


def sweep_lines(config: Config, given: dict[str, Any]) -> Lines:
    """Yield one line for each finished cell, in the order of the grid whoever trained it."""
    from rnn_core.sweep.grid import grid

    _use_one_thread()
    sweep = grid(config, _read_axes(given["grid"]))
    workers = _read_workers(given["executor"], given["scheduler"])
    _tell_short(sweep.experiments)
    done: dict[int, SweepCell] = {}
    following = 0
    with closing(_events(workers, sweep)) as events, _saying_how_far(sweep) as note:
        for event in events:
            note(event)
            if isinstance(event, SweepCell):
                done[event.index] = event
            while following in done:
                cell = done.pop(following)
                line = {**cell.values, "final_loss": finite(cell.loss), "accuracy": cell.accuracy, "step": cell.step}
                line["hangs_on_rounding"] = cell.hangs_on_rounding
                words = "  ".join(f"{name}={format_value(value)}" for name, value in cell.values.items())
                rounding = "  hangs on rounding" if cell.hangs_on_rounding else ""
                yield line, f"{words}  final_loss {cell.loss:.5f}  accuracy {cell.accuracy:.3f}" + rounding
                following += 1


@contextmanager
def _saying_how_far(sweep: Sweep) -> Iterator[Callable[[Event], None]]:
    """Hand out what notes the events of a sweep; one that is ended by hand says how far it has come."""
    finished, step = 0, 0

    def note(event: Event) -> None:
        nonlocal finished, step
        if isinstance(event, SweepCell):
            finished += 1
        else:
            step = event.step or step

    try:
        yield note
    except Ended as ended:
        total = len(sweep.experiments)
        far = f"{finished} of {total} networks trained to the end, the others for about {step} steps"
        raise Ended(ended.status, f"{ended.line}: {far}") from None


def _events(workers: Workers | None, sweep: Sweep) -> Generator[Event, None, None]:
    """Train by the workers, and here what they leave undone."""
    from rnn_core.sweep.executors import WorkersLostError, run_on, trained_here
    from rnn_core.sweep.grid import run_here

    done: set[int] = set()
    if workers is not None:
        try:
            for event in run_on(workers, sweep):
                if isinstance(event, SweepCell):
                    done.add(event.index)
                yield event
        except WorkersLostError as lost:
            sweep = sweep.without(done)
            tell(f"{lost.sentence} {trained_here(sweep)}")
        else:
            return
    yield from run_here(sweep)


def generate_lines(config: Config, given: dict[str, Any]) -> Lines:
    """Yield the config, then what the trained network writes."""
    from rnn_core.training.experiment import Experiment
    from rnn_core.training.generation import generate
    from rnn_core.training.trainer import Trainer

    _use_one_thread()
    trainer = Trainer(config)
    length, temperature = _number("length", given["length"]), _number("temperature", given["temperature"])
    characters = generate(trainer, given["prompt"], length=length, temperature=temperature)
    _tell_short([Experiment(config)])
    for _ in trainer:
        pass
    written = "".join(characters)
    yield {"config": _plain(trainer.config)}, _words(trainer.config)
    yield (
        {"prompt": given["prompt"], "text": written, "length": length, "temperature": temperature},
        given["prompt"] + written,
    )


def _tell_short(experiments: Sequence[Experiment]) -> None:
    """Say on stderr, in one line, which sizes the text is too short for, what comes of them, and the way out."""
    short = (found for experiment in experiments for found in experiment.short.items())
    said = list(dict.fromkeys(f"{name}: {lock.reason}" for name, lock in short))
    more = [f"(and {len(said) - MOST_SHORT} more)"] if len(said) > MOST_SHORT else []
    if said:
        tell(" ".join([*said[:MOST_SHORT], *more, "A longer text, or --repeat true, fills the batch."]))


def forecast_lines(config: Config, given: dict[str, Any]) -> Lines:
    """Yield the config, then every forecast of the end of a series with its errors, and tell who wins."""
    from rnn_core.forecasting.lines import forecast

    _use_one_thread()
    yield from forecast(config, given)


def _use_one_thread() -> None:
    """Keep torch to one thread: networks this small gain nothing from more, and lose a lot on a busy machine."""
    import torch

    torch.set_num_threads(1)


def _read_config(given: dict[str, Any]) -> Config:
    values = {name: parse_value(name, given[name]) for name in Config.model_fields if given.get(name) is not None}
    if given.get("text_file"):
        values["text"] = _read_text_file(given["text_file"], values)
    return Config.preset(given["preset"], **values) if given["preset"] else Config(**values)


def _read_text_file(name: str, values: dict[str, Any]) -> str:
    from rnn_core.data.texts import read_text
    from rnn_core.forecasting.lines import read_bytes

    if "text" in values:
        raise ConfigError(Sentence("text-file={value} cannot be used with --text: give one of them.", value=name))
    return read_text(Path(name).name, read_bytes("text-file", name)).text


def _read_axes(given: Sequence[str]) -> dict[str, list[Any]]:
    """Read the axes of a grid; a field that is named twice has the values of both."""
    axes: dict[str, list[Any]] = {}
    for axis in given:
        name, sign, words = axis.partition("=")
        if not sign or not words:
            raise ConfigError(Sentence("grid={value} cannot be used: write FIELD=V1,V2,...", field="grid", value=axis))
        values = axes.setdefault(name, [])
        for word in words.split(","):
            value = parse_value(name, word)
            if value not in values:
                values.append(value)
    return axes


def _read_workers(executor: str | None, scheduler: str | None) -> Workers | None:
    """Find who trains: None for this process. The scheduler that the environment names gives way to both flags."""
    from rnn_core.sweep.cluster import SCHEDULER_VARIABLE, cluster
    from rnn_core.sweep.executors import processes

    if executor in EXECUTORS and scheduler:
        raise ConfigError(
            Sentence(
                "executor={value} cannot be used with scheduler={scheduler}: give one of them.",
                field="executor",
                value=executor,
                scheduler=scheduler,
            )
        )
    if executor not in (None, *EXECUTORS):
        raise ConfigError(
            Sentence(
                "executor={value} cannot be used: choose {choices}, or name a scheduler.",
                field="executor",
                value=executor,
                choices=", ".join(EXECUTORS),
            )
        )
    address = scheduler or (None if executor else os.environ.get(SCHEDULER_VARIABLE))
    if address:
        return cluster(address)
    return processes() if executor == "processes" else None


def _number(name: Literal["length", "temperature"], raw: str) -> Any:
    from rnn_core.training.generation import out_of_bounds

    try:
        return int(raw) if name == "length" else float(raw)
    except ValueError:
        raise out_of_bounds(name, raw) from None


def _plain(config: Config) -> Line:
    return {name: [str(c) for c in value] if name == "earlier" else value for name, value in config}


def _words(config: Config) -> str:
    return "  ".join(f"{name}={format_value(value)!r}" for name, value in config if name != "earlier")


def _record(record: StepRecord) -> Line:
    line: Line = {
        "step": record.step,
        "loss": finite(record.loss),
        "grad_norm": finite(record.grad_norm),
        "accuracy": record.accuracy,
        "prediction": record.prediction,
    }
    return line if record.val_loss is None else {**line, "val_loss": finite(record.val_loss)}

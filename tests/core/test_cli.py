import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from rnn_core import Config, commands, train
from rnn_core.__main__ import main
from rnn_core.config import bounds
from rnn_core.records.sweeps import SweepCell, SweepProgress
from rnn_core.shapes.specs import tensor_specs
from rnn_core.sweep import executors, grid
from rnn_core.terminal import Ended

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "rnn_core"]


def ask(capsys, *words):
    """Run a command and return its lines as objects."""
    assert main([*words, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return [json.loads(line) for line in printed.out.splitlines()]


def refusal(capsys, *words):
    """Run a command that is refused and return what it says."""
    with pytest.raises(SystemExit) as left:
        main([*words])
    printed = capsys.readouterr()
    assert left.value.code == 2
    assert printed.out == ""
    assert printed.err.endswith("\n")
    assert len(printed.err.splitlines()) == 1
    return printed.err


def test_train_prints_the_config_and_then_every_record(capsys):
    first, *lines = ask(capsys, "train", "--preset", "seed-lesson", "--steps", "20", "--seed", "3")
    config = Config.preset("seed-lesson", steps=20, seed=3)
    assert list(first) == ["config"]
    assert set(first["config"]) == set(Config.model_fields)
    assert Config(**{**first["config"], "earlier": ",".join(first["config"]["earlier"])}) == config
    assert lines == [
        {name: getattr(record, name) for name in ("step", "loss", "grad_norm", "accuracy", "prediction")}
        for record in train(config)
    ]


def test_train_prints_held_out_losses_where_they_were_measured(capsys):
    words = ("--text", "abcdefghij abcdefghij", "--seq_len", "4", "--val_share", "0.3", "--steps", "12")
    _, *lines = ask(capsys, "train", *words)
    assert [line["step"] for line in lines if "val_loss" in line] == [0, 10]


def test_earlier_values_come_back_as_they_are_written(capsys):
    first, *_ = ask(capsys, "train", "--steps", "3", "--earlier", "grad_clip:1:2,learning_rate:0.3:1")
    assert first["config"]["earlier"] == ["learning_rate:0.3:1", "grad_clip:1.0:2"]


def test_a_run_that_explodes_says_where(capsys):
    words = "train --optimizer rmsprop --nonlinearity relu --learning_rate 1 --num_layers 3 --hidden_size 32 --json"
    assert main(words.split()) == 0
    printed = capsys.readouterr()
    last = json.loads(printed.out.splitlines()[-1], parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
    assert last["loss"] is None or last["loss"] > 100
    assert printed.err.startswith(f"stopped at step {last['step']}: the loss exploded")


def test_an_explosion_at_the_last_step_is_told_too(capsys):
    words = "train --optimizer rmsprop --nonlinearity relu --learning_rate 1 --num_layers 3 --hidden_size 32 --json"
    main(words.split())
    last = json.loads(capsys.readouterr().out.splitlines()[-1])["step"]
    main([*words.split(), "--steps", str(last)])
    assert capsys.readouterr().err.startswith(f"stopped at step {last}")


def test_the_lessons_batch_as_written_and_as_meant(capsys):
    as_written = {line["name"]: line for line in ask(capsys, "shapes", "--preset", "onehot-batch")}
    assert as_written["output"]["shape"] == [3, 5, 2]
    assert as_written["h_n"]["shape"] == [1, 5, 2]
    as_meant = {
        line["name"]: line for line in ask(capsys, "shapes", "--preset", "onehot-batch", "--batch_first", "true")
    }
    assert as_meant["output"]["shape"] == [3, 5, 2]
    assert as_meant["h_n"]["shape"] == [1, 3, 2]


def test_the_lessons_training_has_no_time(capsys):
    lines = {line["name"]: line for line in ask(capsys, "shapes", "--preset", "seed-lesson")}
    assert (lines["input"]["axes"], lines["input"]["shape"]) == (["L", "N", "H_in"], [1, 12, 9])


def test_shapes_takes_the_sizes_as_given(capsys):
    words = "--cell lstm --input_size 5 --hidden_size 7 --num_layers 2 --bidirectional true --seq_len 3 --batch_size 4"
    lines = ask(capsys, "shapes", *words.split())
    config = Config(cell="lstm", input_size=5, hidden_size=7, num_layers=2, bidirectional=True, seq_len=3, batch_size=4)
    assert [(line["name"], tuple(line["shape"])) for line in lines] == [(s.name, s.shape) for s in tensor_specs(config)]
    assert all(list(line) == ["name", "axes", "shape", "meaning"] for line in lines)
    names = [line["name"] for line in lines]
    assert names[:3] == ["input", "h_0", "c_0"]
    assert {"weight_ih_l0", "weight_hh_l1_reverse", "output", "h_n", "c_n"} <= set(names)
    assert next(line["shape"] for line in lines if line["name"] == "c_n") == [4, 4, 7]


def test_sweep_prints_one_line_a_cell(capsys):
    words = ("--steps", "15", "--grid", "learning_rate=0.1,0.01", "--grid", "cell=rnn,gru")
    lines = ask(capsys, "sweep", *words)
    assert [(line["learning_rate"], line["cell"]) for line in lines] == [
        (0.1, "rnn"),
        (0.1, "gru"),
        (0.01, "rnn"),
        (0.01, "gru"),
    ]
    for line in lines:
        last = list(train(Config(steps=15, learning_rate=line["learning_rate"], cell=line["cell"])))[-1]
        assert list(line) == ["learning_rate", "cell", "final_loss", "accuracy", "step", "hangs_on_rounding"]
        assert line["final_loss"] == pytest.approx(last.loss, rel=1e-5)
        assert (line["accuracy"], line["step"]) == (last.accuracy, last.step)


def test_sweep_marks_what_hangs_on_rounding(capsys):
    words = ("sweep", "--optimizer", "rmsprop", "--seed", "1", "--grid", "learning_rate=0.001,0.1")
    assert [line["hangs_on_rounding"] for line in ask(capsys, *words)] == [False, True]
    assert main(words) == 0
    calm, chaotic = capsys.readouterr().out.splitlines()
    assert chaotic.endswith("  hangs on rounding")
    assert "rounding" not in calm


def test_sweep_goes_with_a_text_of_its_own(capsys):
    lines = ask(capsys, "sweep", "--text", "abcabc", "--seq_len", "5", "--steps", "2", "--grid", "seed=0,1")
    assert [line["seed"] for line in lines] == [0, 1]


def test_a_field_that_is_named_twice_has_the_values_of_both(capsys):
    words = ("--steps", "1", "--grid", "seed=3,1", "--grid", "cell=gru", "--grid", "seed=1,0")
    assert [line["seed"] for line in ask(capsys, "sweep", *words)] == [3, 1, 0]


def test_a_cell_that_explodes_is_a_line_as_any_other(capsys):
    words = "--optimizer rmsprop --nonlinearity relu --num_layers 3 --hidden_size 32 --steps 40"
    calm, exploded = ask(capsys, "sweep", *words.split(), "--grid", "learning_rate=0.0001,1")
    assert calm["step"] == 40
    assert exploded["step"] < 40
    assert exploded["final_loss"] is None or exploded["final_loss"] > 100


def test_processes_print_what_one_process_prints(capsys, monkeypatch):
    words = ("--steps", "10", "--grid", "hidden_size=4,8", "--grid", "seed=0,1")
    here = ask(capsys, "sweep", *words)
    opened = []
    monkeypatch.setattr(executors, "processes", lambda: lambda: opened.append(ThreadPoolExecutor(2)) or opened[-1])
    assert ask(capsys, "sweep", *words, "--executor", "processes") == here
    assert len(opened) == 1  # real ones are tried where they are killed
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", "tcp://127.0.0.1:1")
    assert ask(capsys, "sweep", *words, "--executor", "local") == here


def test_generate_prints_what_the_network_writes(capsys):
    words = ("--preset", "hello-next", "--prompt", "he", "--length", "10", "--temperature", "0")
    first, written = ask(capsys, "generate", *words)
    assert first["config"]["text"] == "hello! world"
    assert written == {"prompt": "he", "text": "llo! world", "length": 10, "temperature": 0}


def test_without_json_people_can_read_it(capsys):
    assert main(["train", "--steps", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert "learning_rate='0.1'" in lines[0]
    assert [line.split()[:2] for line in lines[1:]] == [["0", "loss"], ["1", "loss"], ["2", "loss"]]
    assert main(["shapes", "--preset", "onehot-batch"]) == 0
    assert "(L, N, H_in)" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["train", "shapes"])
@pytest.mark.parametrize("field", ["hidden_size", "learning_rate", "seed", "val_share"])
def test_a_number_out_of_bounds_is_refused_with_its_bounds(capsys, command, field):
    low, high = bounds(field)
    message = refusal(capsys, command, f"--{field}", "-1", "--json")
    assert f"{field}=-1 cannot be used" in message
    assert f"from {low} to {high}" in message


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["train", "--cell", "transformer"], ["cell=transformer", "rnn, lstm, gru"]),
        (["train", "--batch_first", "yes"], ["batch_first=yes", "true, false"]),
        (["train", "--hidden_size", "eight"], ["hidden_size=eight", "from 1 to 128"]),
        (["train", "--learning_rate", "nan"], ["learning_rate=nan", "from 0.0001 to 1.0"]),
        (["train", "--learning_rate", "-1e-3"], ["learning_rate"]),
        (["train", "--preset", "nonsense"], ["preset=nonsense", "hello-next, seed-lesson, onehot-batch"]),
        (["train", "--text", "a"], ["text has only one character"]),
        (["train", "--text", ""], ["text has 0 characters"]),
        (["train", "--input_size", "4", "--encoding", "onehot"], ["input_size=4", "9 or more work"]),
        (["train", "--bidirectional", "true"], ["bidirectional=true", "task=next"]),
        (["train", "--earlier", "seed:1:3"], ["earlier=seed:1:3"]),
        (["train", "--momentum", "0.9"], ["--momentum"]),
        (["train", "--cell", "a\nb\x1b[31m"], [r"cell=a\x0ab\x1b[31m"]),
        (["train", "--mom\nentum", "0.9"], [r"--mom\nentum"]),
        (["train", "--hidden", "4"], ["--hidden"]),
        ([], ["train | shapes | sweep | generate"]),
        (["learn"], ["learn"]),
        (["sweep"], ["--grid"]),
        (["sweep", "--grid", "seed"], ["grid=seed", "FIELD=V1,V2"]),
        (["sweep", "--grid", "seed=1,two"], ["seed=two", "from 0 to"]),
        (["sweep", "--grid", "hidden_size=4,400"], ["hidden_size=400", "from 1 to 128"]),
        (["sweep", "--grid", "momentum=1"], ["momentum is not a setting"]),
        (["sweep", "--grid", "mom\nentum=1"], [r"mom\nentum is not a setting"]),
        (["sweep", "--grid", "seed=0", "--executor", "thread\ns"], [r"executor=thread\ns", "local, processes"]),
        (
            ["sweep", "--grid", "seed=0", "--executor", "local", "--scheduler", "tcp://a:1"],
            ["executor=local", "tcp://a:1"],
        ),
        (["sweep", "--grid", "seed=" + ",".join(map(str, range(4097)))], ["4097 cells", "4096"]),
        (["generate"], ["--prompt"]),
        (["generate", "--prompt", "z"], ["z not in the vocabulary"]),
        (["generate", "--prompt", "h", "--length", "a\nb"], [r"length=a\nb", "1 to 2000"]),
        (["generate", "--prompt", "h", "--temperature", "hot"], ["temperature=hot", "0 to 10"]),
        (["generate", "--prompt", "h", "--length", "0"], ["length=0", "1 to 2000"]),
        (["generate", "--prompt", "h", "--temperature", "11"], ["temperature=11", "0 to 10"]),
        (["generate", "--prompt", "h", "--task", "same"], ["task=same"]),
    ],
    ids=lambda value: " ".join(value).encode("unicode_escape").decode() if isinstance(value, list) else None,
)
def test_what_cannot_be_used_takes_one_line(capsys, words, parts):
    message = refusal(capsys, *words)
    assert message.startswith("python -m rnn_core")
    for part in parts:
        assert part in message


@pytest.mark.parametrize("command", ["train", "shapes", "sweep", "generate"])
def test_help_names_every_field(capsys, command):
    with pytest.raises(SystemExit) as left:
        main([command, "--help"])
    assert left.value.code == 0
    printed = capsys.readouterr().out
    for field in Config.model_fields:
        assert f"--{field} " in printed


def run(*words, **how):
    return subprocess.run([*COMMAND, *words], cwd=ROOT, capture_output=True, encoding="utf-8", check=False, **how)


def test_from_a_shell_a_run_is_lines_of_json():
    done = run("train", "--text", "순환 신경망", "--seq_len", "5", "--steps", "3", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    first, *lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["config"]["text"] == "순환 신경망"
    assert [line["prediction"] for line in lines] == [
        r.prediction for r in train(Config(text="순환 신경망", seq_len=5, steps=3))
    ]


def test_from_a_shell_a_bad_value_leaves_stdout_empty():
    done = run("train", "--hidden_size", "0", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "python -m rnn_core: hidden_size=0 cannot be used: a whole number from 1 to 128 works.\n"


def test_shapes_and_refusals_do_without_torch():
    """A table of shapes is there at once: torch takes most of a second."""
    code = (
        "import sys; from rnn_core.__main__ import main; main(['shapes', '--json'])\n"
        "try: main(['train', '--cell', 'x'])\n"
        "except SystemExit: print(sorted({'torch', 'plotly', 'streamlit'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_reader_that_leaves_early_is_no_error():
    """As in `python -m rnn_core train --json | head -n 2`, which shows two lines and no traceback."""
    words = [*COMMAND, "train", "--steps", "2000", "--json"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        lines = [json.loads(process.stdout.readline()) for _ in range(2)]
        process.stdout.close()
        assert process.stderr.read() == b""
    assert list(lines[0]) == ["config"]
    assert lines[1]["step"] == 0
    assert process.returncode == 0


STOPS = """import torch
from torch import nn
rnn = nn.LSTM(4, 2, batch_first=True)
out, (h, c) = rnn(torch.randn(3, 5, 4))
nn.Linear(3, 1)(out)
print(out.shape)
"""


def read(capsys, tmp_path, text, *more):
    """Let the command read a program; return its status and its lines."""
    file = tmp_path / "program.py"
    file.write_text(text)
    try:
        status = main(["read", str(file), *more])
    except SystemExit as left:
        status = left.code
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err


def test_read_ends_with_status_1_where_the_program_would_stop(capsys, tmp_path):
    status, lines, trouble = read(capsys, tmp_path, STOPS, "--json")
    told = [json.loads(line) for line in lines]
    assert (status, trouble) == (1, "")
    assert {"line", "verdict", "names", "error", "message", "sentence"} <= told[0].keys()
    stop = next(line for line in told if line["error"])
    assert (stop["line"], stop["error"]) == (5, "RuntimeError")
    assert stop["message"] == "mat1 and mat2 shapes cannot be multiplied (15x2 and 3x1)"
    shapes = next(line["names"] for line in told if line["line"] == 4)
    assert "3, 5, 2" in shapes["out"]


def test_read_ends_well_where_the_program_runs(capsys, tmp_path):
    status, lines, trouble = read(capsys, tmp_path, STOPS.replace("nn.Linear(3, 1)", "nn.Linear(2, 1)"))
    assert (status, trouble) == (0, "")
    assert any("(3, 5, 2)" in line for line in lines)


def test_read_takes_a_file_for_all_there_is(capsys, tmp_path):
    status, lines, _ = read(capsys, tmp_path, "import numpy as np\nx = torch.zeros(3)\n")
    assert status == 1
    assert any("NameError: name 'torch' is not defined" in line for line in lines)


def test_read_takes_a_file_that_is_not_all_utf_8(capsys, tmp_path):
    (tmp_path / "old.py").write_bytes("import torch\nx = torch.zeros(3)  # größer\n".encode("latin-1"))
    assert main(["read", str(tmp_path / "old.py"), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "(3,)" in told[-1]["names"]["x"]


def test_a_sweep_that_is_ended_by_hand_says_how_far_it_has_come(monkeypatch):
    def ended_on_the_way(sweep):
        events = grid.run_here(sweep)
        while not isinstance(event := next(events), SweepCell):
            yield SweepProgress(0, 2, 7, event.cells, event.loss, event.accuracy)
        yield event
        raise Ended(130, "interrupted")

    monkeypatch.setattr(commands, "_events", lambda _workers, sweep: ended_on_the_way(sweep))
    lines = commands.sweep_lines(Config(steps=2), {"grid": ["seed=0,1"], "executor": None, "scheduler": None})
    with pytest.raises(Ended, match="interrupted: 1 of 2 networks trained to the end") as ended:
        list(lines)
    assert ended.value.status == 130


def test_read_says_which_file_it_cannot_read(capsys, tmp_path):
    message = refusal(capsys, "read", str(tmp_path / "nowhere.py"))
    assert "FILE=" in message
    assert "nowhere.py" in message


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("train", "--seq_len", "100"), "seq_len: 11 of 100: the text has 12 characters."),
        (
            ("generate", "--prompt", "h", "--length", "1", "--seq_len", "100", "--batch_size", "20"),
            "seq_len: 11 of 100: the text has 12 characters. batch_size: 1 of 20: the text gives 1 × 11 characters.",
        ),
        (
            ("sweep", "--grid", "seq_len=11,12,20,21,22,23"),
            "seq_len: 11 of 12: the text has 12 characters. seq_len: 11 of 20: the text has 12 characters. "
            "seq_len: 11 of 21: the text has 12 characters. seq_len: 11 of 22: the text has 12 characters. "
            "(and 1 more)",
        ),
    ],
)
def test_a_batch_that_the_text_cannot_fill_is_told_in_one_line_with_the_way_out(capsys, words, told):
    assert main([*words, "--steps", "1"]) == 0
    printed = capsys.readouterr()
    assert printed.err == f"{told} A longer text, or --repeat true, fills the batch.\n"
    assert main([*words, "--steps", "1", "--repeat", "true"]) == 0
    assert capsys.readouterr().err == ""


def test_the_sizes_of_shapes_are_those_that_are_asked_for(capsys):
    (line,) = [line for line in ask(capsys, "shapes", "--seq_len", "100") if line["name"] == "input"]
    assert line["shape"] == [1, 100, 9]

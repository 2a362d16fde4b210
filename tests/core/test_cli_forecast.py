"""Forecasts and text files from a terminal."""

import json

import pytest

from rnn_core import Config, train
from rnn_core.__main__ import main
from rnn_core.data.builtin import built_in
from rnn_core.forecasting.comparison import Plan
from tests.core.test_cli import ask, refusal

QUICK = ("--steps", "2", "--hidden_size", "3")


def test_forecast_prints_the_config_and_then_everybodys_forecast(capsys):
    first, *lines = ask(capsys, "forecast", "--series", "airline", "--transform", "log", "--seeds", "2", *QUICK)
    assert first["config"]["series"] == "airline"
    assert (first["config"]["hidden_size"], first["config"]["steps"], first["config"]["period"]) == (3, 2, 12)
    assert not {"text", "task", "encoding"} & set(first["config"])
    names = [line["forecast"] for line in lines]
    assert names == ["mean", "last", "drift", "seasonal", "seasonal-growth", "ar", "network", "network"]
    assert [line["seed"] for line in lines[-2:]] == [0, 1]
    plan = Plan(built_in("airline"), Config())
    for line, forecast in zip(lines, plan.baselines(), strict=False):
        assert line["values"] == forecast.values[0].tolist()
        assert (line["mae"], line["mase"]) == (plan.judge(forecast).mae, plan.judge(forecast).mase)
    assert "does not win" in lines[-1]["verdict"]


def test_the_same_in_words(capsys):
    assert main(["forecast", "--series", "walk", "--horizon", "3", *QUICK]) == 0
    *_, network, verdict = capsys.readouterr().out.splitlines()
    assert network.startswith("network 0")
    assert verdict.startswith("Nothing beats the last value of a random walk")


def test_a_file_is_forecast_like_a_series_that_everybody_has(capsys, tmp_path):
    path = tmp_path / "passengers.csv"
    series = built_in("airline")
    rows = "".join(f"{series.when(t)},{value:g},{t}\n" for t, value in enumerate(series.values[:, 0]))
    path.write_text(f"month,passengers,other\n{rows}", "utf-8")
    first, *lines = ask(capsys, "forecast", "--series", str(path), "--column", "passengers", *QUICK)
    _, *expected = ask(capsys, "forecast", "--series", "airline", *QUICK)
    assert first["config"]["series"] == "passengers.csv"
    assert [line["values"] for line in lines] == [line["values"] for line in expected]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ([], ["--series"]),
        (["--series", "stocks"], ["series=stocks", "airline, sunspots"]),
        (["--series", "none.csv"], ["series=none.csv cannot be read"]),
        (["--series", "airline", "--column", "x"], ["column=x", "choose airline"]),
        (["--series", "airline", "--horizon", "73"], ["horizon=73", "from 1 to 72"]),
        (["--series", "airline", "--horizon", "²"], ["horizon=²", "from 1 to 72"]),
        (["--series", "airline", "--period", "0"], ["period=0", "from 1 to 72"]),
        (["--series", "airline", "--seeds", "99"], ["seeds=99", "from 1 to 32"]),
        (["--series", "airline", "--transform", "root"], ["transform=root", "log-difference"]),
        (["--series", "temperature", "--transform", "log"], ["transform=log", "0 at 2012-01-18"]),
        (["--series", "airline", "--hidden_size", "0"], ["hidden_size=0"]),
        (["--series", "airline", "--text", "a"], ["--text"]),
    ],
)
def test_what_cannot_be_forecast_takes_one_line(capsys, words, parts):
    said = refusal(capsys, "forecast", *words)
    for part in parts:
        assert part in said


def test_a_text_may_be_in_a_file(capsys, tmp_path):
    path = tmp_path / "글.txt"
    path.write_bytes("순환 신경망".encode("cp949"))
    first, *lines = ask(capsys, "train", "--text-file", str(path), "--steps", "2", "--seq_len", "5")
    assert first["config"]["text"] == "순환 신경망"
    assert [line["loss"] for line in lines] == [r.loss for r in train(Config(text="순환 신경망", seq_len=5, steps=2))]
    said = refusal(capsys, "train", "--text-file", str(path), "--text", "a")
    assert "cannot be used with --text" in said
    assert "cannot be read" in refusal(capsys, "shapes", "--text-file", str(tmp_path / "none.txt"))
    path.write_bytes(b"PK\x03\x04")
    assert "is zip" in refusal(capsys, "train", "--text-file", str(path))


def test_json_has_null_for_what_is_no_number(capsys, tmp_path):
    path = tmp_path / "flat.csv"
    path.write_text("v\n" + "7\n" * 40, "utf-8")
    assert main(["forecast", "--series", str(path), "--json", *QUICK]) == 0
    _, *lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[1]["mae"] == 0
    assert lines[1]["mase"] is None

"""Tables that are handed out say what was measured, to the last bit, and pandas reads them back."""

import io

import pandas as pd
import pytest

from rnn_core.config import Change, Config
from rnn_core.data.vocab import build_vocabulary, vocabulary_rows
from rnn_core.records.frames import to_csv, to_frame, to_parquet
from rnn_core.training.shelf import KeptRun, rows

THIRD = 1 / 3
RUNS = [
    KeptRun("a", Config(cell="gru", learning_rate=0.1), (2.0, THIRD), 0.5, seconds=0.25),
    KeptRun("b", Config(earlier=(Change(1, "learning_rate", 0.3),)), (2.0, 3.0, float("inf")), 0.0, has_exploded=True),
]


def read_csv(content):
    found = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False).replace({"seconds": {"": None}})
    return found.assign(
        final_loss=found["final_loss"].map(float),
        has_exploded=found["has_exploded"] == "True",
        steps=found["steps"].map(int),
        parameters=found["parameters"].map(int),
    )


@pytest.mark.parametrize(
    ("write", "read"), [(to_csv, read_csv), (to_parquet, lambda c: pd.read_parquet(io.BytesIO(c)))]
)
def test_kept_runs_come_back_as_they_were(write, read):
    found = read(write(rows(RUNS)))
    assert list(found.columns) == [
        *("run", "earlier", "cell", "final_loss", "accuracy", "steps", "has_exploded", "parameters", "seconds")
    ]
    assert found["run"].tolist() == ["a", "b"]
    assert found["cell"].tolist() == ["gru", "rnn"]
    assert found["earlier"].tolist() == ["", "learning_rate:0.3:1"]
    assert found["final_loss"].tolist() == [THIRD, float("inf")]
    assert found["has_exploded"].tolist() == [False, True]
    assert found["steps"].tolist() == [1, 2]
    assert found["parameters"].tolist() == [run.parameters for run in RUNS]
    assert found["seconds"].isna().tolist() == [False, True]


def test_a_vocabulary_is_a_row_a_character_with_how_often_it_occurs():
    text = 'hello!, "한글"\n👩‍👩‍👧'
    frame = to_frame(vocabulary_rows(text))
    assert frame["character"].tolist() == list(build_vocabulary(text).characters)
    assert frame["index"].tolist() == list(range(len(frame)))
    counts = dict(zip(frame["character"], frame["count"], strict=True))
    assert (counts["l"], counts["h"], counts["👩‍👩‍👧"]) == (2, 1, 1)
    read = pd.read_csv(io.BytesIO(to_csv(vocabulary_rows(text))), keep_default_na=False)
    assert read["character"].tolist() == frame["character"].tolist()
    assert read["count"].sum() == len('hello!, "한글"\n') + 1


def test_no_rows_make_a_table_without_columns():
    assert to_csv([]) == b"\n"
    assert to_frame([]).shape == (0, 0)

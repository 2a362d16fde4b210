"""What comes out of a plan: the numbers of `train`, in the right place, and honest medians."""

import csv
import io
import math

import numpy as np
import pytest
from pyarrow import parquet

from rnn_core import Config, train
from rnn_core.records.frames import to_csv, to_parquet
from rnn_core.records.sweeps import SweepProgress, SweepTable
from rnn_core.sweep import grid as module
from rnn_core.sweep.grid import run_here
from rnn_core.sweep.plan import Plan, parse_axes
from rnn_core.sweep.results import Results
from tests.core.sweep.test_population import EXPLOSIVE

PLAN = Plan.of(Config(steps=12, seed=2), parse_axes("learning_rate:0.01:0.1:2,hidden_size:3:6:2"), 3)


def results_of(plan):
    results = Results(plan, plan.sweep())
    for event in run_here(results.sweep):
        results.take(event)
    return results


@pytest.fixture(scope="module")
def results():
    return results_of(PLAN)


def table_of(loss, accuracy=None, *, values=None, finished=True):
    """Return a table of some losses, a row a combination; infinite ones exploded."""
    loss = np.array(loss, dtype=float)
    accuracy = np.where(np.isnan(loss), np.nan, 0.5) if accuracy is None else np.array(accuracy, dtype=float)
    values = values or (tuple(map(str, range(len(loss)))),)
    done = ~np.isnan(loss) & np.array(finished)
    return SweepTable(tuple("xyzw"[: len(values)]), values, loss, accuracy, done, np.isinf(loss), np.zeros_like(done))


def test_every_run_is_where_its_values_say(results):
    table = results.table()
    assert table.fields == ("learning_rate", "hidden_size")
    assert table.values == (("0.01", "0.1"), ("3", "6"))
    assert results.is_complete
    assert table.has_finished.all()
    for place in range(4):
        rate, size = (float(table.words(place)[0]), int(table.words(place)[1]))
        for run, seed in enumerate((2, 3, 4)):
            records = list(train(Config(steps=12, learning_rate=rate, hidden_size=size, seed=seed)))
            assert table.loss[place, run] == pytest.approx(records[-1].loss, rel=1e-4)
            assert table.accuracy[place, run] == records[-1].accuracy
            steps, losses = results.curve(place, run)
            assert steps.tolist() == list(range(13))
            assert losses == pytest.approx([record.loss for record in records], rel=1e-4)
            config = results.config(place, run)
            assert (config.learning_rate, config.hidden_size, config.seed) == (rate, size, seed)
            assert results.run(place, run).prediction == records[-1].prediction


def test_what_is_on_its_way_is_there_too(monkeypatch):
    monkeypatch.setattr(module, "SLICE_S", 0.0)
    results = Results(PLAN, PLAN.sweep())
    assert np.isnan(results.table().loss).all()
    assert results.updates == 0
    assert (results.table().middle("loss") == -1).all()
    for event in run_here(results.sweep):
        results.take(event)
        if isinstance(event, SweepProgress) and event.step == 5:
            break
    table, begun = results.table(), [place for place in range(4) if not np.isnan(results.table().loss[place]).any()]
    assert not table.has_finished.any()
    assert begun == [0, 2]  # of one hidden size: trained together
    for place in begun:
        steps, losses = results.curve(place, 0)
        assert steps.tolist() == list(range(6))
        expected = [record.loss for record in train(results.config(place, 0))][:6]
        assert losses == pytest.approx(expected, rel=1e-4)
    assert results.updates == 6 * 5
    assert results.run(0, 0) is None


def test_all_updates_are_counted_at_the_end_and_once(results, monkeypatch):
    assert results.updates == 12 * 12
    monkeypatch.setattr(module, "SLICE_S", 0.0)  # progress is told after the last step too
    assert results_of(PLAN).updates == 12 * 12


def test_an_explosion_is_infinite_and_last():
    plan = Plan.of(Config(**{**EXPLOSIVE, "steps": 40}), parse_axes("learning_rate:0.0001:1:2"), 2)
    table = results_of(plan).table()
    assert table.has_exploded.tolist() == [[False, False], [True, True]]
    assert np.isinf(table.loss[1]).all()
    assert math.isinf(table.median("loss")[1])
    assert table.best("loss") == 0


def test_the_median_is_a_run_that_was_made():
    table = table_of([[3, 1, 2], [4, np.inf, 5], [np.inf, np.inf, 1], [7, np.nan, np.nan], [np.nan] * 3])
    assert table.middle("loss").tolist() == [2, 2, 0, 0, -1]
    assert table.median("loss").tolist()[:4] == [2, 5, math.inf, 7]
    assert math.isnan(table.median("loss")[4])


def test_of_an_even_number_the_better_middle_is_taken():
    table = table_of([[4, 1, 3, 2]], [[0.1, 0.9, 0.2, 0.3]])
    assert table.median("loss")[0] == 2
    assert table.median("accuracy")[0] == 0.3
    assert table_of([[1, np.inf]]).median("loss")[0] == 1


@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_of_an_odd_number_it_is_the_median(size):
    loss = np.random.default_rng(size).random((6, size))
    assert table_of(loss).median("loss").tolist() == np.median(loss, axis=1).tolist()


def test_the_best_is_finished_and_did_not_explode():
    table = table_of([[0.1], [0.2], [0.3]], finished=[[False], [True], [True]])
    assert table.best("loss") == 1
    assert table_of([[np.inf], [np.inf]]).best("loss") is None
    assert table_of([[np.nan], [np.nan]]).best("accuracy") is None


def test_among_equal_accuracies_the_lower_loss_is_best():
    table = table_of([[0.3], [0.1], [0.2]], [[1.0], [0.9], [1.0]])
    assert (table.best("accuracy"), table.best("loss")) == (2, 1)


def test_a_square_is_the_best_of_those_that_share_it():
    values = (("a", "b"), ("c", "d", "e"), ("f", "g"))
    loss = np.array([5, 4, 1, 2, np.inf, np.nan, 9, 8, 7, 7.5, np.inf, 3])[:, None]
    squares = table_of(loss, values=values).squares("loss")
    assert squares.tolist() == [[1, 7], [2, 8], [4, 11]]
    assert table_of(loss, values=values).words(11) == ("b", "e", "g")


def test_one_axis_makes_one_row():
    assert table_of([[1], [2], [3]]).squares("loss").tolist() == [[0, 1, 2]]


def test_the_file_says_what_the_table_says(results):
    rows = list(csv.DictReader(io.StringIO(to_csv(results.rows()).decode())))
    table = results.table()
    assert len(rows) == 12
    assert [float(row["final_loss"]) for row in rows] == table.loss.ravel().tolist()
    assert [float(row["accuracy"]) for row in rows] == table.accuracy.ravel().tolist()
    assert [(row["learning_rate"], row["hidden_size"], row["seed"]) for row in rows] == [
        (rate, size, seed) for rate in ("0.01", "0.1") for size in ("3", "6") for seed in ("2", "3", "4")
    ]
    assert {(row["step"], row["has_exploded"], row["val_loss"]) for row in rows} == {("12", "False", "")}
    assert {row["hangs_on_rounding"] for row in rows} == {"False"}


def test_what_hangs_on_rounding_is_marked_in_table_and_files():
    results = results_of(Plan(Config(optimizer="rmsprop"), parse_axes("learning_rate:0.001:1:2"), 2))
    marks = [[False, False], [True, True]]
    assert results.table().hangs_on_rounding.tolist() == marks
    rows = list(csv.DictReader(io.StringIO(to_csv(results.rows()).decode())))
    assert [row["hangs_on_rounding"] for row in rows] == ["False", "False", "True", "True"]
    read = parquet.read_table(io.BytesIO(to_parquet(results.rows()))).column("hangs_on_rounding").to_pylist()
    assert read == [mark for row in marks for mark in row]


def test_parquet_holds_the_same_rows(results):
    read = parquet.read_table(io.BytesIO(to_parquet(results.rows()))).to_pylist()
    assert read == list(results.rows())


def test_a_sweep_that_has_not_begun_is_an_empty_file():
    assert to_csv(Results(PLAN, PLAN.sweep()).rows()) == b"\n"

"""Tables are read as whoever wrote them meant them, and what does not fit is named by its row."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from rnn_core import ConfigError
from rnn_core.data.layout import Layout
from rnn_core.data.tables import read_table
from rnn_core.data.texts import read_text

DAYS = "날짜;기온\n2024-01-01;1,5\n2024-01-02;-2,25\n2024-01-03;1.204,5\n"


def read(text, **layout):
    return read_table("f.csv", text.encode() if isinstance(text, str) else text, Layout(**layout))


def refusal(text, **layout):
    with pytest.raises(ConfigError) as error:
        read(text, **layout)
    return str(error.value)


@pytest.mark.parametrize(
    ("codec", "called"),
    [
        ("utf-8", "UTF-8;"),
        ("utf-8-sig", "UTF-8 with a byte order mark;"),
        ("utf-16", "UTF-16;"),
        ("utf-16-be", "UTF-16;"),
        ("cp949", "CP949;"),
    ],
)
def test_encodings_are_recognised_and_said(codec, called):
    text = DAYS if codec != "utf-16-be" else DAYS.replace("날짜", "day").replace("기온", "temp")
    found = read(text.encode(codec))
    assert found.series.values[:, 0].tolist() == [1.5, -2.25, 1204.5]
    assert called in str(found.notes[0])
    assert found.series.channels == (("temp",) if codec == "utf-16-be" else ("기온",))
    assert found.series.sha256 == hashlib.sha256(text.encode(codec)).hexdigest()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1\n2\n3\n", [1, 2, 3]),
        ("v\r\n1\r\n2\r\n", [1, 2]),
        ("a\tb\n1\t5\n2\t6", [1, 2]),
        ("a|b\n1.5|5\n2|6", [1.5, 2]),
        ('v;w\n"1,5";x\n2,5;y\n', [1.5, 2.5]),
        ('v,w\n"1,234.5",3\n2.5,4\n', [1234.5, 2.5]),
        ("v,w\n\u22123,3\n+2.5e1,4\n", [-3, 25]),
        ("# from somewhere\n# else\nv\n7\n8\n,,,\n\n", [7, 8]),
        ("sep=;\nv;w\n1,5;3\n2,5;4\n", [1.5, 2.5]),
        ("index,v\n1,10\n2,7\n3,5\n", [10, 7, 5]),
        ("time,v\n0.0,4\n0.1,4\n0.2,6\n", [4, 4, 6]),
        ("id,v\n1001,10\n1002,20\n1004,25\n", [1001, 1002, 1004]),
        ("day,v\nx,1\ny,2\nz,3\n", [1, 2, 3]),
        ('name,v\n"a, ""b""\nc",1\nd,2\n', [1, 2]),
    ],
)
def test_numbers_are_read_as_they_were_meant(text, values):
    assert read(text).series.values[:, 0].tolist() == values


def test_what_is_found_out_can_be_said_instead():
    found = read("a,b\n1,2\n3,4\n")
    assert found.layout == Layout("comma", "point", "none", ("a",))
    assert found.choices == ("a", "b")
    again = read("a,b\n1,2\n3,4\n", separator="comma", decimal="point", date="none", columns=("b", "a"))
    assert again.series.values.tolist() == [[2, 1], [4, 3]]
    assert read("1,5\n2,5\n", separator="semicolon", decimal="comma").series.values[:, 0].tolist() == [1.5, 2.5]
    assert refusal("a\n1\n2", separator=":") == "separator=: cannot be used: choose tab, semicolon, bar, comma."
    assert refusal("a,b\n1,2\n3,4", columns=("c",)) == "column=c cannot be used: choose a, b."
    assert refusal("a,b\n1,2\n3,4", date="c") == "date=c cannot be used: choose a, b, none."


@pytest.mark.parametrize(
    ("dates", "first", "frequency", "period"),
    [
        (["1949", "1950", "1951"], "1949", "year", 1),
        (["2024-01", "2024-02", "2024-03"], "2024-01", "month", 12),
        (["2024.01", "2024.02", "2024.03"], "2024-01", "month", 12),
        (["2023-12-31", "2024-03-31", "2024-06-30"], "2023-12", "quarter", 4),
        (["2024-01-01", "2024-01-08", "2024-01-15"], "2024-01-01", "week", 52),
        (["20240101", "20240102", "20240103"], "2024-01-01", "day", 7),
        (["2024년 1월 5일", "2024년 1월 6일", "2024년 1월 7일"], "2024-01-05", "day", 7),
        (["30/01/2024", "31/01/2024", "01/02/2024"], "2024-01-30", "day", 7),
        (["01/30/2024", "01/31/2024", "02/01/2024"], "2024-01-30", "day", 7),
        (["2024-01-01 22:00", "2024-01-01 23:00", "2024-01-02 00:00"], "2024-01-01T22:00:00", "hour", 24),
        (["2024-01-01 22:00", "2024-01-01 22:15", "2024-01-01 22:30"], "2024-01-01T22:00:00", "900 s", 1),
        (["2024-01-05", "2024-01-08", "2024-01-09"], "2024-01-05", "", 1),
    ],
)
def test_dates_and_their_frequency_are_found(dates, first, frequency, period):
    found = read("t;v\n" + "".join(f"{date};{n}\n" for n, date in enumerate(dates)))
    series = found.series
    assert (series.when(0), series.frequency, series.period) == (first, frequency, period)
    assert found.layout.date == "t"
    assert (len(found.notes) == 2) == (frequency == "")


def test_the_newest_first_is_turned_and_said():
    found = read("t,v\n2024-01-03,3\n2024-01-02,2\n2024-01-01,1\n")
    assert found.series.values[:, 0].tolist() == [1, 2, 3]
    assert "newest row came first" in str(found.notes[1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,2\n,3\n4,5\n", "f.csv, row 3: column a is empty there (1 such cells so far)."),
        ("a\n1\n\n3\n", "f.csv, row 3: column a is empty there"),
        (
            "# x\na,b\n1,2\nn/a,3\n-,5\n4,6\n5,7\n",
            "f.csv, row 4: “n/a” in column a is not a number (2 such cells so far).",
        ),
        ("a\n1\nnan\n", "row 3: “nan” in column a"),
        ("a\n1\n-inf\n", "row 3: “-inf” in column a"),
        ("a\n1\n1e999\n", "row 3: “1e999” in column a"),
        ("a\n1\n=1+1\n", "row 3: “=1+1” in column a"),
        ("a\n1\n1_000\n", "row 3: “1_000” in column a"),
        ("a,b\n1,2\n3,4,5\n", "f.csv, row 3: there are 3 columns where the rows before have 2."),
        ('a\n"1\n2\n', "f.csv is not a table: a quote that is opened is never closed"),
        ("t,v\n2024-01-01,1\n2024-02-30,2\n2024-03-03,3\n", "f.csv, row 3: “2024-02-30” in column t is not a date"),
        ("t,v\n2024-01-01,1\n2024-01-03,2\n2024-01-02,3\n", "f.csv, row 4: 2024-01-02 comes after 2024-01-03."),
        ("t,v\n2024-01-01,1\n2024-01-01,2\n2024-01-02,3\n", "f.csv, row 3: 2024-01-01 comes after 2024-01-01."),
        ("a,a\n1,2\n3,4\n", "f.csv: two columns are called a."),
        ("hello\nworld\n", "f.csv has no column of numbers."),
        ("a\n1\n", "f.csv has 1 values: a series needs at least 2."),
    ],
)
def test_what_does_not_fit_is_named_by_its_row(text, said):
    assert said in refusal(text)


def test_what_is_too_wide_is_refused_before_pandas_sees_it():
    assert "f.csv has a row of 2000001 characters: 20000 at most" in refusal("1," * 1_000_000 + "1")
    assert "f.csv has 201 columns: 200 at most" in refusal("1," * 200 + "1\n" + "2," * 200 + "2")
    assert "f.csv has 100001 rows: 100000 at most" in refusal("1\n" * 100_001)


def test_a_row_far_below_is_named_too():
    assert "row 25003: “x” in column v" in refusal("v\n" + "1\n" * 25_001 + "x\n" + "1\n" * 9)


def test_numbers_are_those_that_pandas_reads():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(500, 3)), columns=["x", "y", "z"])
    found = read(frame.to_csv(index=False), columns=("z", "x"))
    assert found.series.values.tolist() == frame[["z", "x"]].to_numpy().tolist()


def test_texts_are_read_with_their_encoding():
    assert read_text("a.txt", "안녕\r\n여러분".encode("cp949")).text == "안녕\n여러분"
    assert read_text("a.txt", "안녕".encode("cp949")).encoding == "CP949"
    assert read_text("a.txt", "hello".encode("utf-16")).encoding == "UTF-16"
    with pytest.raises(ConfigError, match=r"a\.txt has 1\.00 MB: 1 MB at most"):
        read_text("a.txt", b"x" * 1_000_001)

"""Files that nobody should be able to do harm with, made from a few kinds by a seed: name, reader, content.

Every one of them has to be refused in a sentence. What is large is large only where it has to be.
"""

import gzip
import io
import pickle
import random
import struct
import wave
import zipfile

from rnn_core.data.sound import read_sound
from rnn_core.data.tables import read_table
from rnn_core.data.texts import read_text

MB = 1_000_000


class _Runs:
    def __reduce__(self):
        return (exec, ("raise SystemExit('a file was executed')",))


def _zip():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("a.csv", "1\n" * 1000)
    return content.getvalue()


def _wav(frames=b"\x01\x00" * 400):
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(frames)
    return content.getvalue()


def _renamed():
    """What is no text and no sound, whatever it is called."""
    things = {
        "zip": _zip(),
        "gzip": gzip.compress(b"1\n" * 100),
        **{f"pickle {n}": pickle.dumps(_Runs(), protocol=n) for n in range(6)},
        "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "pdf": b"%PDF-1.7\n1 0 obj\n<< >>",
        "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500),
        "parquet": b"PAR1" + bytes(100),
        "npy": b"\x93NUMPY\x01\x00" + bytes(120),
        "sqlite": b"SQLite format 3\x00" + bytes(100),
        "elf": b"\x7fELF\x02" + bytes(60),
        "nothing": b"",
        "spaces": b" \n\t\r\n" * 20,
        "zeros": bytes(1000),
        "mark alone": b"\xef\xbb\xbf",
        "escapes": b"\x1b[2J\x1b]0;title\x07 1\n2\n",
    }
    for name, content in things.items():
        for reader, ending in ((read_table, "csv"), (read_text, "txt"), (read_sound, "wav")):
            if not (reader is read_text and name in ("pickle 0", "pickle 1")):  # protocol 0 is a text like any other
                yield f"{name}.{ending}", reader, content


def _noise(rng):
    """Random bytes, alone and behind what begins well."""
    for size in (1, 7, 64, 500, 4000):
        for begin in (b"", b"a,b\n1,2\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"RIFF"):
            content = begin + bytes([0, 255, *rng.randbytes(size)])
            for reader in (read_table, read_text, read_sound):
                yield f"noise {size} {begin!r}", reader, content


def _mixed():
    """Several encodings in one file."""
    for first, second in (("utf-8", "cp949"), ("cp949", "utf-8"), ("utf-8", "utf-16"), ("utf-16", "cp949")):
        content = "이름,값\n가,1\n".encode(first) + "나라말씀,2\n듕귁에,3\n달아.,5\n".encode(second) + b"\xff\n"
        yield f"{first} and {second}", read_table, content
        yield f"{first} and {second}", read_text, content


def _words(rng):
    """Tables with something among the numbers."""
    words = (
        *(
            "nan",
            "NaN",
            "inf",
            "-Infinity",
            "1e999",
            "-1e400",
            "NULL",
            "n/a",
            "#DIV/0!",
            "#REF!",
            "-",
            "--1",
            "1e",
            "0x1F",
        ),
        *("1_000", "1.2.3", "12:30", "\uff11\uff12", "٣", "½", "1 000", "$5", "5%", "true", "None"),
        *("=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+A1", "-2+3", '=HYPERLINK("x")', "__import__('os')", "{{7*7}}"),
        *("<script>alert(1)</script>", "'; DROP TABLE t; --", "../../etc/passwd", "%s%n", "\ud55c\uae00", "\u202e1"),
    )
    for word in words:
        rows = [str(rng.random()) for _ in range(20)]
        rows.insert(rng.randrange(1, 20), '"' + word.replace('"', '""') + '"')
        yield f"word {word}", read_table, ("v\n" + "\n".join(rows)).encode()
        yield f"gap by {word}", read_table, ("t,v\n" + "\n".join(f"x,{row}" for row in [*rows, ""])).encode()


def _tables(rng):
    """Tables that are none, or far too large."""
    yield "a million columns.csv", read_table, b"1," * MB + b"1\n"
    yield "a row of 4.9 MB.csv", read_table, b"1" * 4_900_000
    yield "a row of 50 MB.csv", read_table, b"7" * 50 * MB
    yield "a text of 50 MB.txt", read_text, b"7" * 50 * MB
    yield "a sound of 50 MB.wav", read_sound, b"RIFF" + bytes(50 * MB)
    yield "a million rows.csv", read_table, b"1\n" * MB
    yield "three hundred columns.csv", read_table, b"1," * 299 + b"1\n" + b"2," * 299 + b"2\n"
    yield "a cell of 4 MB.csv", read_table, b'a\n"' + b"x\n" * 2 * MB + b'"\n1\n'
    yield "quotes.csv", read_table, b'"' * 9_999
    yield "nested quotes.csv", read_table, b'a,b\n"1 "2" 3,4\n5,"6\n7,8\n'
    yield "marks.csv", read_table, b"#\n" * 2_490_000
    for place in range(20):
        rows = [b"1,2"] * 21
        rows[place + 1] = b",".join([b"3"] * rng.choice([3, 4, 50, 9_000]))
        yield f"ragged {place}.csv", read_table, b"\n".join(rows)
        rows[place + 1] = b'1,"2'
        yield f"open quote {place}.csv", read_table, b"\n".join(rows)
    for names in (
        b"a,a\n1,2\n3,4",
        b"x\nonly\nwords",
        b"a,b\n1,2",
        b"1",
        b"a",
        b",,,\n,,,",
        b"t,v\n2024-01-01,1\n2024-01-01,2\n",
    ):
        yield f"{names!r}.csv", read_table, names


def _sounds(rng):
    """Sound that is cut off, and headers that lie."""
    whole = _wav()
    for end in [*range(0, 44, 2), *(rng.randrange(44, len(whole)) for _ in range(20))]:
        yield f"cut at {end}.wav", read_sound, whole[:end]
    lies = {  # where in the header: how it is packed, what it says
        16: ("<I", (0, 1, 14, 2**31, 2**32 - 1)),
        20: ("<H", (0, 2, 3, 6, 7, 0x55, 0xFFFE, 0xFFFF)),
        22: ("<H", (0, 3, 64, 2**16 - 1)),
        24: ("<I", (0, 10**6, 2**31, 2**32 - 1)),
        34: ("<H", (0, 40, 64, 2**16 - 1)),
        40: ("<I", (0, 1, 10**6, 2**31, 2**32 - 1)),
    }
    for place, (form, values) in lies.items():
        for value in values:
            packed = struct.pack(form, value)
            yield f"{place} says {value}.wav", read_sound, whole[:place] + packed + whole[place + len(packed) :]
    for place in (0, 8, 12, 36):
        yield f"no name at {place}.wav", read_sound, whole[:place] + b"XXXX" + whole[place + 4 :]
    yield "chunks without end.wav", read_sound, whole[:12] + b"LIST\x00\x00\x00\x00" * 100_000
    yield "one sample.wav", read_sound, _wav(b"\x01\x00")


def hostile_files():
    """Return all of them, the same every time."""
    rng = random.Random(19)
    parts = (_renamed(), _noise(rng), _mixed(), _words(rng), _tables(rng), _sounds(rng))
    return [file for part in parts for file in part]

"""Whatever is handed over as a file, a sentence comes back: nothing runs, and nothing takes much room."""

import re
import subprocess
import sys
from pathlib import Path

from rnn_core import ConfigError
from tests.core.data.hostile_files import hostile_files

ROOT = Path(__file__).parents[3]
FILES = hostile_files()


def test_there_are_three_hundred():
    assert len(FILES) > 300


def test_each_of_them_gets_one_sentence():
    wrong = []
    for name, reader, content in FILES:
        try:
            found = reader(name, content)
        except ConfigError as error:
            said = str(error)
            if (
                len(said) > 400
                or not said.endswith((".", "?"))
                or re.search(r"[\x00-\x1f]|Traceback|Error|object at", said)
            ):
                wrong.append((name, said))
        else:
            wrong.append((name, str(found)[:80]))
    assert wrong == []


HEAVY = """
import io, re, wave
from pathlib import Path
from rnn_core.data.layout import Layout
from rnn_core.data.sound import read_sound
from rnn_core.data.tables import read_table

def room():
    status = Path("/proc/self/status")  # elsewhere nothing says it of this process alone
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", status.read_text())[1]) if status.exists() else 0

table = b"\\n".join([b"1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7"] * 100_000)
sound = io.BytesIO()
with wave.open(sound, "wb") as file:
    file.setparams((2, 1, 44_100, 0, "NONE", ""))
    file.writeframes(bytes(9_900_000))
read_table("a.csv", b"1\\n2\\n")
before = room()
layout = Layout(columns=tuple(f"column {n}" for n in range(1, 17)))
assert read_table("a.csv", table, layout).series.values.sum() == 73e5
assert len(read_sound("a.wav", sound.getvalue(), "envelope")) == 20_000
print(room() - before)
"""


def test_what_is_as_large_as_allowed_takes_less_than_a_hundred_megabytes():
    done = subprocess.run([sys.executable, "-c", HEAVY], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert int(done.stdout) < 100e6

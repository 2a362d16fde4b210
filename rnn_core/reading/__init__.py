"""A reader of pasted PyTorch code: shapes after every line, and where it would raise. It never runs the code."""

from rnn_core.reading.paste import replace_line
from rnn_core.reading.reader import read_code
from rnn_core.reading.results import Finding, Line, NamedShape, Reading, Verdict

__all__ = ["Finding", "Line", "NamedShape", "Reading", "Verdict", "read_code", "replace_line"]

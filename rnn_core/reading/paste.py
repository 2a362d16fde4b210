"""From pasted text to a syntax tree, within bounds that are checked before anything is parsed."""

from __future__ import annotations

import ast
import json
import re
import threading
import tokenize
from dataclasses import dataclass, field

from rnn_core.sentence import Sentence

MAX_CHARACTERS = 20_000
MAX_LINES = 500
MAX_STATEMENTS = 400
MAX_DEPTH = 60  # levels of the syntax tree
_PARSING = threading.Lock()  # ast.parse of Python 3.11 keeps its depth in one place for all threads
_PROMPT = re.compile(r"^\s*(>>>|\.\.\.:?|In \[\d+\]:)( |$)")
_FENCE = re.compile(r"^\s*(```|~~~)")
_TRACEBACK = re.compile(r"^(Traceback \(most recent call last\)|-{20,}\s*$)")
_LAST = re.compile(r"^[\w.]*(Error|Exception|Interrupt|Warning|StopIteration)\b.*")
_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"', "\u201e": '"', "\u2018": "'", "\u2019": "'"})
_SPACES = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u3000": " ", "\u200b": None, "\ufeff": None})
_MAGIC = re.compile(r"^\s*[%!]")
_AXES = re.compile(r"[(\[]\s*([A-Za-z_][\w*]*(?:\s*,\s*[A-Za-z_][\w*]*)*)\s*,?\s*[)\]]")


@dataclass(frozen=True)
class Paste:
    """Pasted code that can be read.

    Attributes:
        lines: as they are parsed: prompts, printed results and shell commands are blank.
        comments: the words of the axes that a comment names, `# (batch, seq, feature)`, by line number.
        magics: the lines that are not Python: %timeit, !pip.
        is_whole: whether it is a file of its own, not a part of one.
    """

    tree: ast.Module
    lines: tuple[str, ...]
    comments: dict[int, tuple[str, ...]] = field(default_factory=dict)
    magics: tuple[int, ...] = ()
    is_whole: bool = False

    @property
    def imports(self) -> list[ast.Import | ast.ImportFrom]:
        """The statements of the outermost level that import something."""
        return [node for node in self.tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]

    @property
    def is_complete(self) -> bool:
        """Whether it is a whole program, or looks like one: it imports torch itself."""
        names = [alias.name for node in self.imports for alias in node.names]
        places = [node.module or "" for node in self.imports if isinstance(node, ast.ImportFrom)]
        return self.is_whole or any(name.split(".")[0] == "torch" for name in (*names, *places))

    @property
    def imports_torch(self) -> bool:
        """Whether there is `import torch`, so that other names for its parts are missed if they are not there."""
        return any(isinstance(node, ast.Import) and any(a.name == "torch" for a in node.names) for node in self.imports)


class Refused(Exception):  # noqa: N818 - a verdict about the paste
    """The paste cannot be read; `sentence` says why."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8, with a replacement character for what is none, as in an old Latin-1 comment."""
    return content.decode("utf-8", errors="replace")


def notebook_code(text: str) -> str | None:
    """Return the code of a notebook, cell after cell; None if a text is not a notebook (.ipynb).

    Raises:
        Refused: if it is one, and damaged.
    """
    if not text.lstrip().startswith("{") or '"cells"' not in text:
        return None
    try:
        cells = json.loads(text)["cells"]
        sources = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    except json.JSONDecodeError:
        if '"cell_type"' not in text:
            return None
        raise Refused(Sentence("This notebook is damaged or cut off: its JSON does not end well.")) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    parts = ["".join(source) if isinstance(source, list) else str(source) for source in sources]
    return "\n\n".join(part.rstrip() for part in parts if part.strip())


def parse_paste(text: str, *, is_whole: bool = False) -> Paste:
    """Parse pasted code, a whole file or a part of one.

    Raises:
        Refused: if it is too long, too deeply nested, or not Python.
    """
    if len(text) > MAX_CHARACTERS or text.count("\n") >= MAX_LINES:
        raise Refused(
            Sentence(
                "This is too long: {characters} characters and {lines} lines at most.",
                characters=MAX_CHARACTERS,
                lines=MAX_LINES,
            )
        )
    lines, magics = _strip(text)
    try:
        tree = _parsed(lines)
    except Refused:
        plain = text.translate(_SPACES).translate(_QUOTES)
        if plain == text:
            raise
        lines, magics = _strip(plain)
        tree = _parsed(lines)
    _check_size(tree)
    return Paste(tree, tuple(lines), _axes_in_comments("\n".join(lines)), magics, is_whole)


def _parsed(lines: list[str]) -> ast.Module:
    try:
        with _PARSING:
            return ast.parse("\n".join(lines))
    except SyntaxError as error:
        raise Refused(
            Sentence("Line {number} is not Python: {message}.", number=error.lineno or 1, message=error.msg[:80])
        ) from None
    except (RecursionError, MemoryError):
        raise _too_deep() from None
    except ValueError:  # NUL, lone surrogates
        raise Refused(Sentence("There are characters in this that no Python code can have.")) from None


def replace_line(text: str, number: int, corrected: str) -> str:
    """Return a paste with one of its lines corrected.

    Args:
        text: as it was pasted.
        number: the line, counted from 1.
        corrected: as a Finding gives it: without the prompt, and without the indent of the whole paste.
    """
    parts = re.split(r"(\r\n|\r|\n)", text)  # every other one is an end of a line
    stripped = _strip(text)[0][number - 1]
    line = parts[2 * number - 2]
    before = line[: len(line) - len(stripped)] if line.endswith(stripped) else ""
    parts[2 * number - 2] = before + corrected
    return "".join(parts)


def _strip(text: str) -> tuple[list[str], tuple[int, ...]]:
    """Blank what is not code, leaving every line where it is: prompts, what was printed below them, shell commands."""
    lines = _without_tracebacks(_inside_fences(re.split(r"\r\n|\r|\n", text)))
    if any(_PROMPT.match(line) for line in lines):
        lines = [_PROMPT.sub("", line, count=1) if _PROMPT.match(line) else "" for line in lines]
    magics = [number for number, line in enumerate(lines, 1) if _MAGIC.match(line)]
    for number in magics:
        lines[number - 1] = ""
    filled = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    indent = len(filled[0]) - len(filled[0].lstrip()) if filled else 0
    if indent and all(line[:indent].isspace() for line in filled):
        lines = [line[indent:] if line[:indent].isspace() else line for line in lines]
    return lines, tuple(magics)


def _inside_fences(lines: list[str]) -> list[str]:
    """Blank what stands around code in fences, and the fences."""
    if not any(_FENCE.match(line) for line in lines):
        return lines
    kept, is_inside = [], False
    for line in lines:
        is_fence = bool(_FENCE.match(line))
        is_inside = is_inside is not is_fence
        kept.append(line if is_inside and not is_fence else "")
    return kept


def _without_tracebacks(lines: list[str]) -> list[str]:
    """Blank a traceback: from its first line to the one that names the exception, or to the end."""
    kept = list(lines)
    start: int | None = None
    for place, line in enumerate(lines):
        if start is None and _TRACEBACK.match(line):
            is_rule = line.startswith("-")
            start = (
                place if not is_rule or any("Traceback (most" in other for other in lines[place : place + 3]) else None
            )
        elif start is not None and _LAST.match(line) and "Traceback (most" not in line:
            kept[start : place + 1] = [""] * (place + 1 - start)
            start = None
    if start is not None:
        kept[start:] = [""] * (len(lines) - start)
    return kept


def _check_size(tree: ast.Module) -> None:
    statements, nodes = 0, list[ast.AST]([tree])
    for _ in range(MAX_DEPTH):
        statements += sum(isinstance(node, ast.stmt) for node in nodes)
        nodes = [child for node in nodes for child in ast.iter_child_nodes(node)]
        if statements > MAX_STATEMENTS:
            raise Refused(Sentence("This is too long: {statements} statements at most.", statements=MAX_STATEMENTS))
        if not nodes:
            return
    raise _too_deep()


def _too_deep() -> Refused:
    return Refused(Sentence("This is nested too deeply: {depth} levels at most.", depth=MAX_DEPTH))


def _axes_in_comments(code: str) -> dict[int, tuple[str, ...]]:
    """Find comments that name axes, such as `# (N, L, H_in)`."""
    found: dict[int, tuple[str, ...]] = {}
    rows = iter(code.splitlines(keepends=True))
    try:
        for token in tokenize.generate_tokens(lambda: next(rows, "")):
            match = _AXES.search(token.string) if token.type == tokenize.COMMENT else None
            if match:
                found[token.start[0]] = tuple(word.strip() for word in match[1].split(","))
    except (tokenize.TokenError, SyntaxError):
        pass  # the words of axes are an extra: what was found before is kept
    return found
